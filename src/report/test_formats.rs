use serde::Serialize;

use crate::report::coverage::Coverage;
use crate::report::test_text::failure_lines;
use crate::report::tests::Tested;

/// The version of the shapes below; `docs/test-json.md` documents them.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    passed: usize,
    failed: usize,
    tests: Vec<TestJson<'a>>,
    coverage: Vec<CoverageJson<'a>>,
}

#[derive(Serialize)]
struct TestJson<'a> {
    name: &'a str,
    file: &'a str,
    line: usize,
    passed: bool,
    tries: usize,
    failures: Vec<FailedJson<'a>>,
    not_tried: &'a [String],
    story: &'a [String],
    smallest: Option<&'a str>,
}

#[derive(Serialize)]
struct FailedJson<'a> {
    line: usize,
    expectation: &'a str,
    parts: &'a [String],
}

#[derive(Serialize)]
struct CoverageJson<'a> {
    rollout: &'a str,
    met: usize,
    all: usize,
    missed: Vec<MissedJson<'a>>,
    regions: &'a [String],
    sites: &'a [String],
    packages: &'a [String],
}

#[derive(Serialize)]
struct MissedJson<'a> {
    file: &'a str,
    line: usize,
    what: &'a str,
}

/// What came of tests, for programs.
pub fn tests_json(tests: &[Tested], coverage: &[Coverage]) -> String {
    let failed = tests.iter().filter(|test| !test.is_passed()).count();
    let file = File {
        version: VERSION,
        passed: tests.len() - failed,
        failed,
        tests: tests.iter().map(test_json).collect(),
        coverage: coverage.iter().map(coverage_json).collect(),
    };
    // INVARIANT: texts, numbers and lists only; there is nothing in them that JSON cannot say.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

fn test_json(test: &Tested) -> TestJson<'_> {
    let failures = test.failures.iter().map(|failed| FailedJson {
        line: failed.line,
        expectation: &failed.text,
        parts: &failed.parts,
    });
    TestJson {
        name: &test.name,
        file: &test.file,
        line: test.line,
        passed: test.is_passed(),
        tries: test.tries,
        failures: failures.collect(),
        not_tried: &test.not_tried,
        story: &test.story,
        smallest: test.smallest.as_deref(),
    }
}

fn coverage_json(coverage: &Coverage) -> CoverageJson<'_> {
    let Coverage { rollout, met, all, missed, regions, sites, packages } = coverage;
    let missed = missed.iter().map(|one| MissedJson { file: &one.file, line: one.line, what: &one.what });
    CoverageJson { rollout, met: *met, all: *all, missed: missed.collect(), regions, sites, packages }
}

/// As the Test Anything Protocol, version 14, has it; why a test failed stands in comments below it.
pub fn tests_tap(tests: &[Tested]) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", tests.len());
    for (number, test) in (1..).zip(tests) {
        let word = if test.is_passed() { "ok" } else { "not ok" };
        // A number sign would begin a directive.
        let name = test.name.replace('\\', "\\\\").replace('#', "\\#");
        out.push_str(&format!("{word} {number} - {name}\n"));
        if !test.is_passed() {
            failure_lines(test).iter().for_each(|line| out.push_str(&format!("# {line}\n")));
        }
    }
    out
}

/// As JUnit reports have it: a suite for each script.
pub fn tests_junit(tests: &[Tested]) -> String {
    let failures = |tests: &[&Tested]| tests.iter().filter(|test| !test.is_passed()).count();
    let all: Vec<&Tested> = tests.iter().collect();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n",
        all.len(),
        failures(&all)
    );
    let mut suites: indexmap::IndexMap<&str, Vec<&Tested>> = indexmap::IndexMap::new();
    for test in tests {
        suites.entry(&test.file).or_default().push(test);
    }
    for (file, tests) in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
            escaped(file),
            tests.len(),
            failures(tests)
        ));
        for test in tests {
            let head = format!(
                "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
                escaped(file),
                escaped(&test.name),
                escaped(file),
                test.line
            );
            if test.is_passed() {
                out.push_str(&format!("{head}/>\n"));
                continue;
            }
            let first = test.failures.first().map(|failed| failed.text.clone());
            let message = first.or(test.not_tried.first().cloned()).unwrap_or_default();
            let text = failure_lines(test).join("\n");
            out.push_str(&format!(
                "{head}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                escaped(&message),
                escaped(&text)
            ));
        }
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

/// Of a text that holds no control characters but line ends.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}
