use std::sync::Arc;

use crate::inventory::{FieldId, HostSet};
use crate::source::Span;
use crate::time::{Coordinates, Schedule};

/// A region's place in [`crate::model::Model::regions`], and in a plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeamId(pub u32);

#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    pub name: String,
    pub owner: Option<TeamId>,
    pub hosts: HostSet,
    pub span: Span,
    /// Where its windows and freezes are written.
    pub window_spans: Vec<Span>,
}

/// The hosts of one region that stand at one place and share a zone. Hosts without a site are one site a region and zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub name: String,
    pub region: RegionId,
    pub schedule: Arc<Schedule>,
    /// Of its first host that has them.
    pub coordinates: Option<Coordinates>,
    pub hosts: HostSet,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub name: String,
    pub hosts: HostSet,
    pub keeps: Vec<Keep>,
    pub span: Span,
}

/// `keep at least 50% up per region`: over each combination of the fields' values, or over all of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    pub at_least: Budget,
    pub per: Vec<FieldId>,
    /// As it is written after `per`, for people.
    pub per_names: Vec<String>,
    pub span: Span,
}

/// So many hosts, or so many of a hundred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    Hosts(u64),
    Percent(f64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    pub members: Vec<String>,
    pub permissions: Vec<Permission>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    pub verbs: Vec<Verb>,
    pub place: Where,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Approve,
    Hold,
    Resume,
    Rollback,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    Everywhere,
    Regions(Vec<RegionId>),
}

/// How a host is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Processes on this machine.
    Local,
    /// No process: every step succeeds after the time that it takes, unless a scenario says otherwise.
    Simulated,
}
