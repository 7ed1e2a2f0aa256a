use crate::diagnostic::{Severity, harmless};
use crate::repl::program::{Program, cause};
use crate::repl::prompt::{Prompt, Said};
use crate::repl::show::counted;

pub(super) fn load(prompt: &mut Prompt<'_>, file: &str) -> Said {
    if file.is_empty() {
        return Said::fault("the path of a file belongs here", "a script, or an inventory");
    }
    let path = prompt.path(file);
    prompt.open(&path)
}

pub(super) fn script(prompt: &mut Prompt<'_>, _: &str) -> Said {
    let lines = prompt.program.text.lines().map(|line| format!("{}\n", harmless(line)));
    Said::answer(lines.collect::<String>())
}

pub(super) fn save(prompt: &mut Prompt<'_>, file: &str) -> Said {
    if file.is_empty() {
        return Said::fault("the path of a file belongs here", "write `:save rollout.sunup`");
    }
    let path = prompt.path(file);
    let shown = harmless(&path.display().to_string()).into_owned();
    match (prompt.settings.write)(&path, &prompt.program.text) {
        Ok(()) => Said::answer(format!("The script is in {shown}.\n")),
        Err(error) => Said::fault(format!("cannot write `{shown}`: {}", cause(&error)), ""),
    }
}

pub(super) fn reset(prompt: &mut Prompt<'_>, _: &str) -> Said {
    if prompt.program.has_file() {
        let path = prompt.program.path.clone();
        return prompt.open(&path);
    }
    prompt.put(Program::empty())
}

pub(super) fn check(prompt: &mut Prompt<'_>, _: &str) -> Said {
    let session = prompt.session();
    let problems = session.check_plans(prompt.start_at);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    let answer = match (errors, warnings) {
        (0, 0) => "No problems.\n".to_owned(),
        (0, warnings) => format!("{}; nothing stands against a run.\n", counted(warnings, "warning")),
        (errors, 0) => format!("{}.\n", counted(errors, "error")),
        (errors, warnings) => format!("{}, {}.\n", counted(errors, "error"), counted(warnings, "warning")),
    };
    Said { answer, problems: prompt.drawn(&problems, &session.sources), has_failed: errors > 0, leaves: false }
}
