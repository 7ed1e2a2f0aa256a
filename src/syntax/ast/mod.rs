//! The tree of a script, as it was written: every node with its span, holes where the text could not be understood.
//!
//! [`File`] holds [`Item`]s; an item's block holds members, each a sentence that begins with a keyword. A member that could
//! not be read is left out (its problem is reported), so what follows never sees half a member.

mod bulletin;
mod claim;
mod command;
mod expression;
mod fleet;
mod gate;
mod policy;
mod refine;
mod rollout;
mod runbook;
mod test;

pub use bulletin::{
    Bulletin, BulletinMember, PackageMember, Packages, Severity, StatedSeverity, Workaround, WorkaroundMember,
};
pub use claim::{Claim, ClaimPlace, ClaimState, ClaimSubject, Counted, Property, PropertyKind, Term, TermKind};
pub use command::{Command, CommandWord};
pub use expression::{BinaryOperator, Expression, ExpressionKind, Literal, Quantifier, Text, TextPart, UnaryOperator};
pub use fleet::{
    Act, ActScope, Budget, Calendar, CalendarMember, Connect, ConnectMember, DayRule, Inventory, Keep, Region,
    RegionMember, RegionsBy, Service, ServiceMember, Team, TeamMember, WindowMember,
};
pub use gate::{Gate, GateMember, Per, Probe};
pub use policy::{Policy, PolicyRule, WeekMoment};
pub use refine::{Refine, RefineMember};
pub use rollout::{
    Action, Approval, AtOnce, Batch, Condition, Deadline, DeadlineBase, DeadlineKind, Finish, OrderDirection, OrderKey,
    Otherwise, Pick, RegionOrder, Rollout, RolloutMember, Rule, Scope, Stage, StageKind, StageMember, Stages,
};
pub use runbook::{Run, Runbook, Step, StepMember, Undo, Wait};
pub use test::{
    ActPlace, ApprovalAnswer, By, Expect, Given, Happening, Place, Reply, Spoken, StepOutcome, Test, TestMember, When,
};

use crate::source::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct File {
    pub items: Vec<Item>,
}

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// Something that stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub value: T,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub kind: ItemKind,
    pub span: Span,
    /// The `##` lines before it, without the marks.
    pub documentation: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    Use(Use),
    Inventory(Inventory),
    Connect(Connect),
    RegionsBy(RegionsBy),
    Region(Region),
    Service(Service),
    Calendar(Calendar),
    Team(Team),
    Bulletin(Bulletin),
    Gate(Gate),
    Runbook(Runbook),
    Rollout(Rollout),
    Stages(Stages),
    Refine(Refine),
    Policy(Policy),
    Workaround(Workaround),
    Test(Test),
    Let(Let),
    Function(Function),
    /// A piece that is no item; its problem is reported.
    Bad,
}

/// `use std.gates` or `use "shared/teams.sunup"`
#[derive(Debug, Clone, PartialEq)]
pub enum Use {
    Library { path: Vec<Name> },
    File { path: At<String> },
}

/// `let name = expression`
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    pub name: Name,
    pub value: Expression,
}

/// `fn name(a, b) = expression`
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: Name,
    pub parameters: Vec<Name>,
    pub body: Expression,
}
