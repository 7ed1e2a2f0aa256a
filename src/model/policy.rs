use crate::model::{Budget, Scope};
use crate::source::Span;
use crate::time::WeekStretch;

/// What every rollout must meet, as far as it takes a plan to see. (The rest is seen where it is checked.)
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub name: String,
    pub rules: Vec<PolicyRule>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    pub demand: Demand,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Demand {
    /// No more hosts of a site, or a region, are changed at once than a `batch` of this amount would have.
    BatchAtMost { amount: Budget, scope: Scope },
    /// Nothing is changed then, local.
    NotWithin(WeekStretch),
}
