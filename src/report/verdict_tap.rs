use std::fmt::Write;

use crate::report::verdict::Verdict;

/// What came of tests, in version 13 of the Test Anything Protocol.
pub fn verdict_tap(verdicts: &[Verdict]) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", verdicts.len());
    for (idx, verdict) in verdicts.iter().enumerate() {
        let word = if verdict.has_passed() { "ok" } else { "not ok" };
        // After a `#` would follow a directive, such as one to skip the test.
        let name = verdict.name.replace('#', "\\#");
        let _ = writeln!(text, "{word} {} - {name}", idx + 1);
        for problem in &verdict.problems {
            let _ = writeln!(text, "# {}:{}: there is no plan: {problem}", verdict.script, verdict.line);
        }
        for failure in &verdict.failures {
            let _ = writeln!(text, "# {}:{}: {}", verdict.script, failure.line, failure.expected);
            for part in &failure.parts {
                let _ = writeln!(text, "#   {part}");
            }
        }
        for line in &verdict.story {
            let _ = writeln!(text, "#   {}", line.trim());
        }
    }
    text
}
