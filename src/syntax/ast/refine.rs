use crate::syntax::ast::{Name, StageMember, WindowMember};

/// `refine exchange-may in region japan { window tue..wed 23:00-03:00  batch 1 per site  gate local-smoke }`
#[derive(Debug, Clone, PartialEq)]
pub struct Refine {
    pub rollout: Name,
    pub regions: Vec<Name>,
    pub members: Vec<RefineMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RefineMember {
    Window(WindowMember),
    Freeze(Vec<Name>),
    /// `batch`, `at most … at once`, `soak`, `gate`, `finish`: of every stage in which the regions take part.
    Stage(StageMember),
}
