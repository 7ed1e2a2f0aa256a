use crate::session::Session;
use crate::source::Span;
use crate::syntax::ast::{Item, ItemKind, Name, RolloutMember};

/// What a name of a script can be the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    Value,
    Function,
    Calendar,
    Region,
    Service,
    Team,
    Bulletin,
    Workaround,
    Gate,
    Runbook,
    Rollout,
    Stages,
    Policy,
}

impl Named {
    /// A `let` and a `fn` share one space of names.
    pub fn is_value(self) -> bool {
        matches!(self, Named::Value | Named::Function)
    }

    pub fn word(self) -> &'static str {
        match self {
            Named::Value => "value",
            Named::Function => "function",
            Named::Calendar => "calendar",
            Named::Region => "region",
            Named::Service => "service",
            Named::Team => "team",
            Named::Bulletin => "bulletin",
            Named::Workaround => "workaround",
            Named::Gate => "gate",
            Named::Runbook => "runbook",
            Named::Rollout => "rollout",
            Named::Stages => "stage list",
            Named::Policy => "policy",
        }
    }
}

/// What an item defines, and where its name stands.
pub fn defined(item: &Item) -> Option<(Named, &Name)> {
    Some(match &item.kind {
        ItemKind::Let(value) => (Named::Value, &value.name),
        ItemKind::Function(value) => (Named::Function, &value.name),
        ItemKind::Calendar(value) => (Named::Calendar, &value.name),
        ItemKind::Region(value) => (Named::Region, &value.name),
        ItemKind::Service(value) => (Named::Service, &value.name),
        ItemKind::Team(value) => (Named::Team, &value.name),
        ItemKind::Bulletin(value) => (Named::Bulletin, &value.name),
        ItemKind::Workaround(value) => (Named::Workaround, &value.name),
        ItemKind::Gate(value) => (Named::Gate, &value.name),
        ItemKind::Runbook(value) => (Named::Runbook, &value.name),
        ItemKind::Rollout(value) => (Named::Rollout, &value.name),
        ItemKind::Stages(value) => (Named::Stages, &value.name),
        ItemKind::Policy(value) => (Named::Policy, &value.name),
        _ => return None,
    })
}

/// Every item of a session's program, the script's first.
pub(super) fn items(session: &Session) -> impl Iterator<Item = &Item> {
    session.files.iter().flat_map(|program| &program.parse.file.items)
}

/// The names of one sort, each with the documentation of its item.
pub(super) fn names_of(session: &Session, sort: Named) -> impl Iterator<Item = (&str, Option<&str>)> {
    items(session).filter_map(move |item| match defined(item) {
        Some((found, name)) if found == sort => Some((name.text.as_str(), item.documentation.as_deref())),
        _ => None,
    })
}

/// The stages that the script's rollouts name themselves, each with its rollout.
pub(super) fn stages(session: &Session) -> impl Iterator<Item = (&str, &str)> {
    items(session).flat_map(|item| {
        match &item.kind {
            ItemKind::Rollout(rollout) => rollout.members.iter(),
            _ => [].iter(),
        }
        .filter_map(move |member| match (&item.kind, member) {
            (ItemKind::Rollout(rollout), RolloutMember::Stage(stage)) => {
                Some((stage.name.text.as_str(), rollout.name.text.as_str()))
            }
            _ => None,
        })
    })
}

/// The steps of the script's runbooks, each with its runbook.
pub(super) fn steps(session: &Session) -> impl Iterator<Item = (&str, &str)> {
    items(session).flat_map(|item| {
        match &item.kind {
            ItemKind::Runbook(runbook) => runbook.steps.as_slice(),
            _ => &[],
        }
        .iter()
        .filter_map(move |step| match &item.kind {
            ItemKind::Runbook(runbook) => Some((step.name.text.as_str(), runbook.name.text.as_str())),
            _ => None,
        })
    })
}

/// The item of that name, where one has it.
pub(super) fn find<'s>(session: &'s Session, name: &str) -> Option<(Named, &'s Item, Span)> {
    items(session).find_map(|item| match defined(item) {
        Some((sort, defined)) if defined.text == name => Some((sort, item, defined.span)),
        _ => None,
    })
}
