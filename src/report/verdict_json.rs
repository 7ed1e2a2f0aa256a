use serde::Serialize;

use crate::report::verdict::{Failure, Verdict};

/// The version of the shape below; `docs/test-json.md` documents it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct TestsFile<'a> {
    version: u32,
    passed: usize,
    failed: usize,
    tests: Vec<TestEntry<'a>>,
}

#[derive(Serialize)]
struct TestEntry<'a> {
    name: &'a str,
    script: &'a str,
    line: usize,
    passed: bool,
    events: u32,
    problems: &'a [String],
    failures: Vec<FailureEntry<'a>>,
    story: Vec<&'a str>,
}

#[derive(Serialize)]
struct FailureEntry<'a> {
    line: usize,
    expected: &'a str,
    parts: &'a [String],
}

/// What came of tests, for programs.
pub fn verdict_json(verdicts: &[Verdict]) -> String {
    let tests = verdicts.iter().map(|verdict| TestEntry {
        name: &verdict.name,
        script: &verdict.script,
        line: verdict.line,
        passed: verdict.has_passed(),
        events: verdict.events,
        problems: &verdict.problems,
        failures: verdict.failures.iter().map(entry).collect(),
        story: verdict.story.iter().map(|line| line.trim()).collect(),
    });
    let failed = verdicts.iter().filter(|verdict| !verdict.has_passed()).count();
    let file = TestsFile { version: VERSION, passed: verdicts.len() - failed, failed, tests: tests.collect() };
    // INVARIANT: texts, numbers and truth values only.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

fn entry(failure: &Failure) -> FailureEntry<'_> {
    FailureEntry { line: failure.line, expected: &failure.expected, parts: &failure.parts }
}
