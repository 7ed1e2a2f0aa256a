use std::fmt::Write;

use crate::report::verdict::Verdict;

/// What came of tests, for people: a line each, and for one that fails its expectations, what was so instead, and the story.
pub fn verdict_text(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        let word = if verdict.has_passed() { "ok    " } else { "FAILED" };
        let _ = writeln!(text, "{word}  {} ({}:{})", verdict.name, verdict.script, verdict.line);
        for problem in &verdict.problems {
            let _ = writeln!(text, "  there is no plan: {problem}");
        }
        for failure in &verdict.failures {
            let _ = writeln!(text, "  {}:{}: {}", verdict.script, failure.line, failure.expected);
            for part in &failure.parts {
                let _ = writeln!(text, "    {}", part.replace("; ", "\n      "));
            }
        }
        if !verdict.story.is_empty() {
            let _ = writeln!(text, "  What led there:");
            verdict.story.iter().for_each(|line| {
                let _ = writeln!(text, "{line}");
            });
        }
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.has_passed()).count();
    let passed = verdicts.len() - failed;
    let tests = if verdicts.len() == 1 { "test" } else { "tests" };
    let _ = writeln!(text, "{} {tests}: {passed} passed, {failed} failed.", verdicts.len());
    text
}
