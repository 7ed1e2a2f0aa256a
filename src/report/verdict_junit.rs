use std::fmt::Write;

use crate::report::verdict::Verdict;

/// What came of tests, in the XML that JUnit made common.
pub fn verdict_junit(verdicts: &[Verdict]) -> String {
    let failures = verdicts.iter().filter(|verdict| !verdict.failures.is_empty()).count();
    let errors = verdicts.iter().filter(|verdict| !verdict.problems.is_empty()).count();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let tests = verdicts.len();
    let _ = writeln!(text, "<testsuites tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    let _ =
        writeln!(text, "  <testsuite name=\"sunup\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    for verdict in verdicts {
        add_case(&mut text, verdict);
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn add_case(text: &mut String, verdict: &Verdict) {
    let (name, script) = (escaped(&verdict.name), escaped(&verdict.script));
    let _ = write!(
        text,
        "    <testcase name=\"{name}\" classname=\"{script}\" file=\"{script}\" line=\"{}\"",
        verdict.line
    );
    if verdict.has_passed() {
        text.push_str("/>\n");
        return;
    }
    text.push_str(">\n");
    for problem in &verdict.problems {
        let _ = writeln!(text, "      <error message=\"there is no plan: {}\"/>", escaped(problem));
    }
    for failure in &verdict.failures {
        let message = escaped(&failure.expected);
        let parts = escaped(&failure.parts.join("\n"));
        let line = failure.line;
        let _ = writeln!(text, "      <failure message=\"{message}\" type=\"expect\">line {line}\n{parts}</failure>");
    }
    if !verdict.story.is_empty() {
        let _ = writeln!(text, "      <system-out>{}</system-out>", escaped(&verdict.story.join("\n")));
    }
    text.push_str("    </testcase>\n");
}

/// As text between tags, or in quotes. Signs that no XML may hold become question marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        let verdict = Verdict {
            name: "\"/><failure>&\u{1}".to_owned(),
            script: "a.sunup".to_owned(),
            line: 3,
            failures: Vec::new(),
            problems: Vec::new(),
            story: Vec::new(),
            events: 1,
        };
        let text = verdict_junit(&[verdict]);
        assert!(text.contains("<testcase name=\"&quot;/&gt;&lt;failure&gt;&amp;?\" classname=\"a.sunup\""), "{text}");
        assert!(!text.contains("<failure>"), "{text}");
    }
}
