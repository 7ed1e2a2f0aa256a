use std::collections::HashMap;

use crate::plan::{Plan, PlanDiff, diff};
use crate::report::plan_parts::{Part, parts};

/// All that is otherwise in a second plan, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDifference {
    pub(super) hosts_before: usize,
    pub(super) hosts_after: usize,
    pub(super) plan: PlanDiff,
    pub(super) parts: Vec<PartChange>,
    /// Files that the plans were made from and that are another, with their kinds: `script`, `inventory`.
    pub(super) inputs: Vec<(String, String)>,
}

/// A part of the plan that is new, gone or said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartChange {
    pub kind: &'static str,
    pub name: String,
    pub how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// With what is said of it.
    New(Vec<(&'static str, String)>),
    Gone,
    Changed(Vec<AspectChange>),
}

/// None where it is not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AspectChange {
    pub aspect: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What is otherwise in `after`: in its hosts, their times and windows, and in everything that it says.
pub fn difference(before: &Plan, after: &Plan) -> PlanDifference {
    PlanDifference {
        hosts_before: before.hosts.len(),
        hosts_after: after.hosts.len(),
        plan: diff(before, after),
        parts: part_changes(parts(before), parts(after)),
        inputs: inputs(before, after),
    }
}

impl PlanDifference {
    /// Nothing that the plans do or say is otherwise. Their files may be: a comment is no part of a plan.
    pub fn is_none(&self) -> bool {
        self.plan.hosts.is_empty() && self.plan.windows.is_empty() && self.parts.is_empty()
    }
}

/// In the order of the second plan, those that are gone after them. A part that comes twice (two `keep` of one rule) is told
/// apart by its turn.
fn part_changes(before: Vec<Part>, after: Vec<Part>) -> Vec<PartChange> {
    let mut known: HashMap<(&'static str, String), Vec<Part>> = HashMap::new();
    let mut order = Vec::new();
    for part in before.into_iter().rev() {
        order.push((part.kind, part.name.clone()));
        known.entry((part.kind, part.name.clone())).or_default().push(part);
    }
    let mut changes = Vec::new();
    for part in after {
        let Part { kind, name, aspects } = part;
        let same = known.get_mut(&(kind, name.clone())).and_then(Vec::pop);
        let how = match same {
            None => How::New(aspects),
            Some(same) if same.aspects == aspects => continue,
            Some(same) => How::Changed(aspect_changes(&same.aspects, &aspects)),
        };
        changes.push(PartChange { kind, name, how });
    }
    for key in order.into_iter().rev() {
        if known.get_mut(&key).and_then(Vec::pop).is_some() {
            changes.push(PartChange { kind: key.0, name: key.1, how: How::Gone });
        }
    }
    changes
}

fn aspect_changes(before: &[(&'static str, String)], after: &[(&'static str, String)]) -> Vec<AspectChange> {
    let find = |aspects: &[(&'static str, String)], wanted: &str| {
        aspects.iter().find(|(aspect, _)| *aspect == wanted).map(|(_, text)| text.clone())
    };
    let only_before = before.iter().filter(|(aspect, _)| find(after, aspect).is_none());
    let aspects = after.iter().chain(only_before).map(|(aspect, _)| *aspect);
    let changes =
        aspects.map(|aspect| AspectChange { aspect, before: find(before, aspect), after: find(after, aspect) });
    changes.filter(|change| change.before != change.after).collect()
}

fn inputs(before: &Plan, after: &Plan) -> Vec<(String, String)> {
    let (then, now) = (&before.fingerprint.inputs, &after.fingerprint.inputs);
    let changed = now.iter().filter(|input| !then.contains(input));
    let gone =
        then.iter().filter(|input| now.iter().all(|other| (&other.kind, &other.name) != (&input.kind, &input.name)));
    changed.chain(gone).map(|input| (input.kind.clone(), input.name.clone())).collect()
}
