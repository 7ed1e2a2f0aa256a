use crate::diagnostic::harmless;
use crate::engine::HostState;
use crate::model::{State, Term, Test};
use crate::plan::{HostIdx, Plan};
use crate::report::explore_text::{is_told, scene_words};
use crate::report::places::{host_name, step_name};
use crate::report::{claims, places};
use crate::simulate::{Judged, Part, Trial, World, hosts_of_term};
use crate::source::{Sources, Span};
use crate::time::{Moment, Zone, show_utc};

/// A test that was tried, in words: what every format shows. Harmless as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    pub name: String,
    pub file: String,
    pub line: usize,
    /// How often it was tried; more than once where something is drawn by lot.
    pub tries: usize,
    pub failures: Vec<Failed>,
    /// What happened in the try that failed, a line each; empty where it passed.
    pub story: Vec<String>,
    /// Why it could not be tried at all, a line each.
    pub not_tried: Vec<String>,
    /// Of a test that draws by lot: the smallest that fails, as a test of its own.
    pub smallest: Option<String>,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub line: usize,
    /// As it is written.
    pub text: String,
    /// What each part of it came to, a line each.
    pub parts: Vec<String>,
}

impl Tested {
    pub fn is_passed(&self) -> bool {
        self.failures.is_empty() && self.not_tried.is_empty()
    }

    /// A test that cannot be tried: its rollout has no plan.
    pub fn without_plan(test: &Test, sources: &Sources, why: Vec<String>) -> Tested {
        Tested { not_tried: why, ..Tested::new(test, sources, 0) }
    }

    /// A test that passed whatever was drawn.
    pub fn passed(test: &Test, sources: &Sources) -> Tested {
        Tested::new(test, sources, 1)
    }

    fn new(test: &Test, sources: &Sources, tries: usize) -> Tested {
        let (file, line) = place(sources, test.name_span);
        Tested {
            name: harmless(&test.name).into_owned(),
            file,
            line,
            tries,
            failures: Vec::new(),
            story: Vec::new(),
            not_tried: Vec::new(),
            smallest: None,
        }
    }
}

/// What came of a test, of which the last try is given.
pub fn tested(test: &Test, trial: &Trial, tries: usize, sources: &Sources) -> Tested {
    let world = &trial.played.world;
    let plan = world.plan();
    let failed = test.expectations.iter().zip(&trial.judged).filter(|(_, judged)| !judged.is_met);
    let failures: Vec<Failed> = failed
        .map(|(expectation, judged)| Failed {
            line: place(sources, expectation.span).1,
            text: one_line(&harmless(sources.text(expectation.span))),
            parts: parts(judged, world),
        })
        .collect();
    let story = if failures.is_empty() { Vec::new() } else { story(trial, plan) };
    Tested { failures, story, ..Tested::new(test, sources, tries) }
}

fn story(trial: &Trial, plan: &Plan) -> Vec<String> {
    let scenes = trial.played.story.scenes.iter().filter(|scene| is_told(scene));
    scenes.filter_map(|scene| Some(format!("{}  {}", show_utc(scene.at), scene_words(scene, plan)?))).collect()
}

/// How many hosts are told one by one.
const MOST_HOSTS: usize = 6;

fn parts(judged: &Judged, world: &World) -> Vec<String> {
    let plan = world.plan();
    let mut lines = Vec::new();
    if let Some(by) = judged.by {
        lines.push(format!("not so at {}; at the end of the story:", show_utc(by)));
    }
    for part in &judged.parts {
        lines.push(format!("{}: {}", claims::term(plan, &part.term), value(part, world)));
        let mut hosts = hosts_of_term(plan, &part.term);
        // Those in trouble first: they say why.
        hosts.sort_by_key(|host| !is_in_trouble(world.engine().host(*host)));
        if !part.is_so && is_about_holds(&part.term) {
            let holds = world.engine().holds();
            let held = holds
                .iter()
                .map(|hold| format!("  held is {}: {}", places::place(plan, hold.what), harmless(&hold.why)));
            lines.extend(held.take(MOST_HOSTS));
        }
        for host in hosts.iter().take(MOST_HOSTS) {
            lines.push(format!("  {}", standing(world, *host)));
        }
        if hosts.len() > MOST_HOSTS {
            lines.push(format!("  and {} more: {}", hosts.len() - MOST_HOSTS, counts(world, &hosts[MOST_HOSTS..])));
        }
    }
    lines
}

fn is_in_trouble(state: HostState) -> bool {
    !matches!(state, HostState::Waiting | HostState::Ready | HostState::Done | HostState::Ahead { .. })
}

fn is_about_holds(term: &Term) -> bool {
    matches!(term, Term::State { state: State::Held, .. } | Term::Hosts { state: State::Held, .. })
}

fn value(part: &Part, world: &World) -> String {
    let is_so = if part.is_so { "yes" } else { "no" };
    let inner = if let Term::Not(inner) = &part.term { inner } else { &part.term };
    let first = match inner {
        Term::ServiceKept(service) => {
            let plan = world.plan();
            let name = plan.services.get(service.0 as usize).map(|service| &service.name);
            let broken = world.broken().iter();
            let of_it = broken.filter(|(group, _)| plan.budgets.get(**group).map(|budget| &budget.service) == name);
            of_it.map(|(group, at)| (plan.budgets.get(*group), *at)).min_by_key(|(_, at)| *at).map(|(budget, at)| {
                let group = budget.map_or("", |budget| &budget.group);
                let rule = budget.map_or("", |budget| &budget.rule);
                format!(", {} {} broken {}", harmless(group), harmless(rule), show_utc(at))
            })
        }
        _ => part.first_at.map(|at: Moment| format!(", first {}", show_utc(at))),
    };
    format!("{is_so}{}", first.unwrap_or_default())
}

/// `exc-syd-01: rolled back since Wed 2007-05-09 22:37 +10:00`
fn standing(world: &World, host: HostIdx) -> String {
    let plan = world.plan();
    let zone = plan.sites.get(plan.host(host).site.0 as usize).map(|site| site.schedule.zone.clone());
    let since = match world.engine().host(host) {
        HostState::Waiting => String::new(),
        _ => format!(" since {}", zone.unwrap_or_else(Zone::utc).show(world.since(host))),
    };
    format!("{}: {}{since}", host_name(plan, host), state(plan, world.engine().host(host)))
}

fn state(plan: &Plan, state: HostState) -> String {
    match state {
        HostState::Waiting => "not begun".to_owned(),
        HostState::Ahead { .. } => "being made ready".to_owned(),
        HostState::Ready => "ready".to_owned(),
        HostState::Changing { step } => format!("in step {}", step_name(plan, step)),
        HostState::Done => "done".to_owned(),
        HostState::Failed { step } => format!("failed in step {}", step_name(plan, step)),
        HostState::Unknown { step } => format!("nobody knows how step {} ended", step_name(plan, step)),
        HostState::Undoing { step } => format!("step {} being undone", step_name(plan, step)),
        HostState::RolledBack => "rolled back".to_owned(),
        HostState::HalfRolledBack { step } => format!("rolled back only as far as step {}", step_name(plan, step)),
    }
}

/// `3 done, 2 not begun`
fn counts(world: &World, hosts: &[HostIdx]) -> String {
    let mut counts: indexmap::IndexMap<String, usize> = indexmap::IndexMap::new();
    for host in hosts {
        *counts.entry(state(world.plan(), world.engine().host(*host))).or_default() += 1;
    }
    counts.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn place(sources: &Sources, span: Span) -> (String, usize) {
    let source = sources.iter().find(|(id, _)| *id == span.file).map(|(_, source)| source);
    source.map_or_else(Default::default, |source| {
        (harmless(source.name()).into_owned(), source.place(span.start as usize).line)
    })
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
