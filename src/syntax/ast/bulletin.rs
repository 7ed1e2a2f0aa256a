use crate::source::Span;
use crate::syntax::ast::{At, Command, Expression, Name};

/// `bulletin MS07-026 { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Bulletin {
    pub name: Name,
    pub members: Vec<BulletinMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum BulletinMember {
    Title(At<String>),
    Severity(At<StatedSeverity>),
    Released(Expression),
    Packages(Packages),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Low,
    Moderate,
    Important,
    Critical,
}

/// `severity critical`; `severity at most critical` while only the notice is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedSeverity {
    pub level: Severity,
    pub at_most: bool,
}

/// `package word-2003 where … { … }` or `packages by version, os where … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Packages {
    /// Of a single package; of variants the name is made of the bulletin's and their values.
    pub name: Option<Name>,
    /// The fields whose combinations make the variants; empty for a single package.
    pub by: Vec<Name>,
    pub condition: Option<Expression>,
    pub members: Vec<PackageMember>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PackageMember {
    Install(Command),
    Uninstall(Command),
    /// What shows that it is there: exit 0.
    Verify(Command),
    /// Must be gone from the field `installed` first.
    Conflicts(Vec<At<String>>),
    /// Must be in the field `installed`.
    Needs(Vec<At<String>>),
    Severity(At<StatedSeverity>),
}

/// `workaround dns-rpc-off { for MS07-029  hosts role == "dns"  install "…"  uninstall "…" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Workaround {
    pub name: Name,
    pub members: Vec<WorkaroundMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WorkaroundMember {
    /// The bulletin that makes it needless.
    For(Name),
    Hosts(Expression),
    Install(Command),
    Uninstall(Command),
    Verify(Command),
}
