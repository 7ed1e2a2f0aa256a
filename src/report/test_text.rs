use crate::report::coverage::Coverage;
use crate::report::places::count;
use crate::report::tests::Tested;

/// What came of tests, for people.
pub fn tests_text(tests: &[Tested], coverage: &[Coverage]) -> String {
    let mut out = String::new();
    for test in tests {
        let tries = if test.tries > 1 { format!("  ({} tries)", test.tries) } else { String::new() };
        if test.is_passed() {
            out.push_str(&format!("ok    {}{tries}\n", test.name));
            continue;
        }
        out.push_str(&format!("FAIL  {}  {}:{}{tries}\n", test.name, test.file, test.line));
        for line in failure_lines(test) {
            out.push_str(&format!("      {line}\n"));
        }
    }
    let failed = tests.iter().filter(|test| !test.is_passed()).count();
    let passed = tests.len() - failed;
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&match failed {
        0 => format!("{} passed.\n", count(passed, "test")),
        _ => format!("{} of {} failed.\n", failed, count(tests.len(), "test")),
    });
    coverage.iter().for_each(|one| show_coverage(one, &mut out));
    out
}

/// Why a test failed, a line each: what was expected, what each part came to, and the story that led there.
pub(super) fn failure_lines(test: &Tested) -> Vec<String> {
    let mut lines: Vec<String> = test.not_tried.clone();
    for failed in &test.failures {
        lines.push(format!("{}:{}  {}", test.file, failed.line, failed.text));
        lines.extend(failed.parts.iter().map(|part| format!("  {part}")));
    }
    if !test.story.is_empty() {
        lines.push("What happened (UTC):".to_owned());
        lines.extend(test.story.iter().map(|line| format!("  {line}")));
    }
    if let Some(smallest) = &test.smallest {
        lines.push("The smallest that fails, as a test:".to_owned());
        lines.extend(smallest.lines().map(|line| format!("  {line}")));
    }
    lines
}

fn show_coverage(coverage: &Coverage, out: &mut String) {
    let Coverage { rollout, met, all, missed, regions, sites, packages } = coverage;
    out.push_str(&format!("\nCoverage of {rollout}: {met} of {all} rules, gates, undos and approvals\n"));
    for one in missed {
        out.push_str(&format!("  {}:{}  {}\n", one.file, one.line, one.what));
    }
    for (word, names) in [("regions", regions), ("sites", sites), ("packages", packages)] {
        if !names.is_empty() {
            out.push_str(&format!("  {word} that no test reaches: {}\n", names.join(", ")));
        }
    }
}
