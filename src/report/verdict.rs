use crate::diagnostic::harmless;
use crate::model::Test;
use crate::plan::Plan;
use crate::report::claims::term;
use crate::report::places::some_hosts;
use crate::report::walk_text::{end_sentence, state_since, story_text};
use crate::simulate::{Judged, JudgedPart, Trial};
use crate::source::Sources;
use crate::time::show_utc;

/// What came of one test, in words that are harmless wherever they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub name: String,
    /// The script, as it was named.
    pub script: String,
    /// Where the test begins.
    pub line: usize,
    /// The expectations that are not met.
    pub failures: Vec<Failure>,
    /// What stands against a plan; then nothing was played.
    pub problems: Vec<String>,
    /// What led there, a line each; empty where all is well.
    pub story: Vec<String>,
    /// How many things happened in it.
    pub events: u32,
}

/// An expectation that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub line: usize,
    /// As it is written in the script.
    pub expected: String,
    /// What each part of it was.
    pub parts: Vec<String>,
}

/// How many hosts in one state are named.
const MOST_HOSTS: usize = 6;

impl Verdict {
    pub fn of(test: &Test, trial: &Trial, plan: &Plan, script: &str, sources: &Sources) -> Verdict {
        let failures: Vec<Failure> = test
            .expectations
            .iter()
            .zip(&trial.judged)
            .filter(|(_, judged)| !judged.is_met)
            .map(|(expectation, judged)| Failure {
                line: sources.place(expectation.span).line,
                expected: one_line(sources.text(expectation.span)),
                parts: judged.parts.iter().map(|part| part_words(part, judged, plan)).collect(),
            })
            .collect();
        let mut story = Vec::new();
        if !failures.is_empty() {
            story.extend(story_text(&trial.played.story.scenes, plan).lines().map(str::to_owned));
            story.push(format!("    In the end {}.", end_sentence(trial.played.end, plan)));
        }
        Verdict { failures, story, events: trial.played.story.events, ..Verdict::empty(test, script, sources) }
    }

    /// Of a test of whose rollout there is no plan.
    pub fn unplanned(test: &Test, problems: Vec<String>, script: &str, sources: &Sources) -> Verdict {
        Verdict { problems, ..Verdict::empty(test, script, sources) }
    }

    fn empty(test: &Test, script: &str, sources: &Sources) -> Verdict {
        Verdict {
            name: harmless(&test.name).into_owned(),
            script: harmless(script).into_owned(),
            line: sources.place(test.name_span).line,
            failures: Vec::new(),
            problems: Vec::new(),
            story: Vec::new(),
            events: 0,
        }
    }

    pub fn has_passed(&self) -> bool {
        self.failures.is_empty() && self.problems.is_empty()
    }
}

/// `site "sydney" rolled back: no; ex-syd-01: done since 2007-05-08 …`
fn part_words(part: &JudgedPart, judged: &Judged, plan: &Plan) -> String {
    let is_so = if part.is_so { "yes" } else { "no" };
    let mut words = format!("{}: {is_so} at {}", term(plan, &part.term), show_utc(judged.at));
    for alike in &part.hosts {
        let hosts = some_hosts(plan, &alike.hosts, MOST_HOSTS);
        words.push_str(&format!("; {hosts}: {}", state_since(alike.state, alike.since, plan)));
    }
    for (group, at) in &part.broken {
        let Some(budget) = plan.budgets.get(*group) else { continue };
        let over = if budget.group.is_empty() { String::new() } else { format!(" in {}", harmless(&budget.group)) };
        words.push_str(&format!("; {}{over} was broken first at {}", harmless(&budget.rule), show_utc(*at)));
    }
    if let Some(at) = part.exceeded_at {
        words.push_str(&format!("; first at {}", show_utc(at)));
    }
    words
}

fn one_line(text: &str) -> String {
    harmless(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}
