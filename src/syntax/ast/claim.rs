use crate::source::Span;
use crate::syntax::ast::{At, Budget, Expression, Name, Scope};

/// `always service mail kept`, `never world started unless australia passed`
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    pub kind: PropertyKind,
    pub claim: Claim,
    /// While it holds, the claim is excused.
    pub unless: Option<Claim>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    Always,
    Never,
}

/// `a and b or c`: one of these groups, of which every term holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub any_of: Vec<Vec<Term>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub kind: TermKind,
    /// `region asia not started`
    pub is_denied: bool,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TermKind {
    /// `service mail kept`
    ServiceKept(Name),
    /// `global told`
    Told(Name),
    /// `world started`, `region asia held`, `hosts role == "hub" done`
    State { of: ClaimSubject, state: At<ClaimState> },
    /// `gate mailflow failed`, `gate mailflow passed`
    Gate { gate: Name, passed: bool },
    /// `more than 2 down in site`, `more than 5% failed in service mail`
    MoreThan { limit: At<Budget>, what: At<Counted>, place: ClaimPlace },
}

#[derive(Debug, Clone, PartialEq)]
pub enum ClaimSubject {
    Rollout,
    Stage(Name),
    Region(Name),
    Site(At<String>),
    Host(At<String>),
    Hosts(Expression),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    Started,
    Passed,
    Held,
    Done,
    Failed,
    Down,
    RolledBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Down,
    Failed,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ClaimPlace {
    /// In any one of them.
    Scope(At<Scope>),
    Service(Name),
}
