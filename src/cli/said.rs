use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::StateArguments;
use crate::cli::output::Output;
use crate::cli::{problems, state};
use crate::diagnostic::harmless;
use crate::run::{Holder, Place, Wish, act};

/// Which part of the rollout is meant; without one, all of it.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct PlaceArguments {
    /// A stage of it
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
    /// A region of it
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// A site of it
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// A host of it
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
}

impl PlaceArguments {
    pub fn place(&self) -> Place {
        let named = [
            self.stage.clone().map(Place::Stage),
            self.region.clone().map(Place::Region),
            self.site.clone().map(Place::Site),
            self.host.clone().map(Place::Host),
        ];
        named.into_iter().flatten().next().unwrap_or(Place::Rollout)
    }

    pub fn is_whole(&self) -> bool {
        self.place() == Place::Rollout
    }
}

/// Writes down what the person at this terminal wants, and says who will take it in.
pub fn say(run: Option<&str>, wish: &Wish, arguments: &StateArguments, output: &Output) -> Exit {
    let accepted = state::existing(arguments).and_then(|folder| act(&folder, run, &state::person(), wish));
    match accepted {
        Ok(accepted) => {
            let run = harmless(&accepted.run);
            match accepted.holder {
                Holder::Process(_) => output.result(&format!("Written down for run {run}; it is taken in now.\n")),
                Holder::Nobody => {
                    output.result(&format!(
                        "Written down for run {run}. No process carries it on: `sunup resume {run}` does.\n"
                    ));
                }
            }
            Exit::Fine
        }
        Err(fault) => problems::run_fault(&fault, output),
    }
}
