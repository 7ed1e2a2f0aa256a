use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::diagnostic::{Code, harmless, nearest};

/// Explain what a code such as E0205 means, with an example and its cure
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The code that a problem was printed with; without one, all are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub fn run(arguments: &ExplainArguments, output: &Output) -> Exit {
    let Some(word) = &arguments.code else {
        output.result(&Code::ALL.iter().map(|code| format!("{code}: {}\n", code.title())).collect::<String>());
        return Exit::Fine;
    };
    if let Some(code) = Code::find(word) {
        output.result(code.page());
        return Exit::Fine;
    }
    let near = nearest(&word.to_uppercase(), Code::ALL.iter().map(|code| code.as_str()));
    let help = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    output.fault(&format!(
        "error: there is no code `{}`\n  help: {help}`sunup explain` lists them all\n",
        harmless(word)
    ));
    Exit::Usage
}
