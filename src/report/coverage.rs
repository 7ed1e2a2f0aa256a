use std::collections::BTreeSet;

use crate::diagnostic::harmless;
use crate::model::{GateId, Undo};
use crate::plan::{HostIdx, Plan};
use crate::report::tests::{one_line, place};
use crate::simulate::Seen;
use crate::source::{Sources, Span};

/// What no test of a rollout went through. Harmless as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    pub rollout: String,
    /// What of the script was met, and how much there is.
    pub met: usize,
    pub all: usize,
    pub missed: Vec<Missed>,
    /// Regions, sites and packages of which no test begins a host.
    pub regions: Vec<String>,
    pub sites: Vec<String>,
    pub packages: Vec<String>,
}

/// Something in the script that no test has met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    pub file: String,
    pub line: usize,
    pub what: String,
}

/// What the stories of a rollout's tests have not met.
pub fn coverage<'s>(plan: &Plan, stories: impl IntoIterator<Item = &'s Seen>, sources: &Sources) -> Coverage {
    let mut seen = Seen::default();
    let mut hosts: BTreeSet<HostIdx> = BTreeSet::new();
    for story in stories {
        seen.rules.extend(&story.rules);
        seen.gates_passed.extend(&story.gates_passed);
        seen.gates_failed.extend(&story.gates_failed);
        seen.undone.extend(&story.undone);
        seen.approvals.extend(&story.approvals);
        hosts.extend(&story.hosts);
    }
    let mut found = Coverage { rollout: harmless(&plan.rollout).into_owned(), ..Coverage::default() };
    let mut note = |is_met: bool, span: Span, what: String| {
        found.all += 1;
        found.met += usize::from(is_met);
        if !is_met {
            let (file, line) = place(sources, span);
            found.missed.push(Missed { file, line, what });
        }
    };
    for (idx, rule) in (0..).zip(&plan.rules) {
        let text = one_line(&harmless(sources.text(rule.span)));
        note(seen.rules.contains(&idx), rule.span, format!("never fires: {text}"));
    }
    for (idx, gate) in (0..).map(GateId).zip(&plan.gates) {
        let name = harmless(&gate.name);
        note(seen.gates_passed.contains(&idx), gate.span, format!("gate {name} never passes"));
        note(seen.gates_failed.contains(&idx), gate.span, format!("gate {name} never fails"));
    }
    for (idx, step) in (0..).zip(&plan.steps).filter(|(_, step)| matches!(step.undo, Undo::Action(_))) {
        note(seen.undone.contains(&idx), step.span, format!("step {} is never undone", harmless(&step.name)));
    }
    for (idx, stage) in (0..).zip(&plan.stages) {
        if let Some(approval) = &stage.approval {
            let what = format!("nobody is ever asked to approve stage {}", harmless(&stage.name));
            note(seen.approvals.contains(&idx), approval.span, what);
        }
    }
    let begun = |is_it: &dyn Fn(usize) -> bool| hosts.iter().any(|host| is_it(host.0 as usize));
    let of_plan = |is_it: &dyn Fn(usize) -> bool| (0..plan.hosts.len()).any(is_it);
    let missed = |is_it: &dyn Fn(usize) -> bool| of_plan(is_it) && !begun(is_it);
    let region_of = |host: usize| plan.sites[plan.hosts[host].site.0 as usize].region.0 as usize;
    let named = |names: Vec<&str>| names.into_iter().map(|name| harmless(name).into_owned()).collect();
    let regions = plan.regions.iter().enumerate().filter(|(idx, _)| missed(&|host| region_of(host) == *idx));
    found.regions = named(regions.map(|(_, region)| region.name.as_str()).collect());
    let sites =
        plan.sites.iter().enumerate().filter(|(idx, _)| missed(&|host| plan.hosts[host].site.0 as usize == *idx));
    found.sites = named(sites.map(|(_, site)| site.name.as_str()).collect());
    let packages = plan.packages.iter().enumerate();
    let packages = packages.filter(|(idx, _)| missed(&|host| plan.hosts[host].package.0 as usize == *idx));
    found.packages = named(packages.map(|(_, package)| package.name.as_str()).collect());
    found
}
