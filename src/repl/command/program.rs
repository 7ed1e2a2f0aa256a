use crate::diagnostic::{Severity, harmless};
use crate::repl::program::{Program, cause};
use crate::repl::prompt::{Prompt, Said};
use crate::repl::show::counted;
use crate::repl::told_as_test::told_as_test;

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
    if let Some(test) = file.strip_prefix("test ") {
        return save_test(prompt, test.trim());
    }
    write(prompt, file, &prompt.program.text, "The script")
}

fn write(prompt: &Prompt<'_>, file: &str, text: &str, what: &str) -> Said {
    let path = prompt.path(file);
    let shown = harmless(&path.display().to_string()).into_owned();
    match (prompt.settings.write)(&path, text) {
        Ok(()) => Said::answer(format!("{what} is in {shown}.\n")),
        Err(error) => Said::fault(format!("cannot write `{shown}`: {}", cause(&error)), ""),
    }
}

/// The walk as a test: shown and taken into the script here, or added to a file.
fn save_test(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let named = text.strip_prefix('"').and_then(|text| text.split_once('"'));
    let Some((name, file)) = named.filter(|(name, _)| !name.trim().is_empty()) else {
        return Said::fault("the name of the test belongs here, in quotes", "write `:save test \"a failing Sydney\"`");
    };
    let Some(walking) = &prompt.walking else {
        return Said::fault("no rollout is being walked through", "`:start` begins with one");
    };
    let test = told_as_test(walking, name, prompt.start_at);
    let file = file.trim();
    if !file.is_empty() {
        let (world, path) = (prompt.settings.world, prompt.path(file));
        let before = match world.read(&path) {
            Ok(bytes) => String::from_utf8(bytes).ok(),
            // Only where nothing is there is nothing lost.
            Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then(String::new),
        };
        let Some(before) = before else {
            return Said::fault(format!("cannot read `{}`, to add to it", harmless(file)), "name another file");
        };
        let before = if before.is_empty() { before } else { format!("{}\n\n", before.trim_end()) };
        return write(prompt, file, &format!("{before}{test}"), "The test");
    }
    let mut said = prompt.add(&test);
    said.answer = test.lines().map(|line| format!("{}\n", harmless(line))).collect();
    said
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
