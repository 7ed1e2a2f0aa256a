use crate::builtin::Value;
use crate::inventory::{FieldId, FieldType, HostSet, Operand, Selector};
use crate::model::Part;

/// What an expression comes to: a value, or something that each host has its own of.
#[derive(Debug, Clone)]
pub(super) enum Term {
    /// Its problem is reported, or it depends on a fleet that could not be read. Fits everywhere, without another word.
    Unknown,
    Value(Value),
    /// The word `host` by itself.
    Host,
    /// The word `groups`: the groups that the host is in.
    Groups,
    Field(FieldId),
    /// Arithmetic over fields that are numbers.
    Number(Operand),
    Condition(Selector),
    /// `region.name` and the like, in a command.
    Subject(&'static str),
    /// A text with values in it that each host has its own of.
    Template(Vec<Part>),
}

/// What may be said where an expression stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope<'a> {
    pub(super) host: HostAccess,
    /// What a command knows beside the host: `region.name`, …
    pub(super) subjects: &'static [&'static str],
    /// Parameters of a function, variables of `any` and `all`. The last of a name counts.
    pub(super) bindings: Vec<(&'a str, Term)>,
    /// In the body of a function names mean what they mean there: a parameter or a `let` before a field of this inventory.
    pub(super) in_function: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum HostAccess {
    /// No host is under test.
    #[default]
    None,
    /// `host.version`
    Named,
    /// `version`, and `host.version` too.
    Bare,
}

impl<'a> Scope<'a> {
    /// Of a selector.
    pub(super) fn of_host() -> Self {
        Scope { host: HostAccess::Bare, ..Scope::default() }
    }

    pub(super) fn binding(&self, name: &str) -> Option<&Term> {
        self.bindings.iter().rev().find(|(bound, _)| *bound == name).map(|(_, term)| term)
    }

    pub(super) fn with(&self, name: &'a str, term: Term) -> Self {
        let mut scope = self.clone();
        scope.bindings.push((name, term));
        scope
    }

    /// The same names, with the hosts of the fleet under test one after the other.
    pub(super) fn over_hosts(&self) -> Self {
        Scope { host: HostAccess::Bare, ..self.clone() }
    }
}

impl Term {
    pub(super) fn bool(truth: bool) -> Term {
        Term::Value(Value::Bool(truth))
    }

    /// What it is, for messages. `type_of` tells a field's type.
    pub(super) fn describe(&self, type_of: impl Fn(FieldId) -> FieldType) -> String {
        match self {
            Term::Unknown => "unknown".to_owned(),
            Term::Value(value) => value.kind().to_string(),
            Term::Host => "a host".to_owned(),
            Term::Groups => "a list of groups".to_owned(),
            Term::Field(field) => describe_type(type_of(*field)).to_owned(),
            Term::Number(_) => "a number".to_owned(),
            Term::Condition(_) => "a condition".to_owned(),
            Term::Subject(_) | Term::Template(_) => "a text of each host".to_owned(),
        }
    }

    pub(super) fn hosts(set: HostSet) -> Term {
        Term::Value(Value::Hosts(set))
    }
}

pub(super) fn describe_type(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Text => "a text",
        FieldType::Integer | FieldType::Number => "a number",
        FieldType::Bool => "a truth value",
        FieldType::Version => "a version",
        FieldType::List => "a list of texts",
    }
}
