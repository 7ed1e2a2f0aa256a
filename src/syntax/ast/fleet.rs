use chrono::{NaiveDate, Weekday};

use crate::source::Span;
use crate::syntax::ast::{At, Expression, Name};
use crate::time::{Period, Position};

/// `inventory "a.csv", "b.json" { timezone = "Time Zone" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Inventory {
    pub paths: Vec<At<String>>,
    /// Our field's name and the file's column.
    pub mapping: Vec<(Name, At<String>)>,
}

/// `connect local { path "tools" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Connect {
    /// `local`, `simulated`
    pub kind: Name,
    pub members: Vec<ConnectMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConnectMember {
    /// A folder searched for commands before the rest of PATH, relative to the script.
    Path(At<String>),
}

/// `regions by region { … }`: a region for each value of the field.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionsBy {
    pub field: Name,
    pub members: Vec<RegionMember>,
}

/// `region japan { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    pub name: Name,
    pub members: Vec<RegionMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RegionMember {
    /// `hosts EXPRESSION`
    Hosts(Expression),
    /// `window mon..fri 22:00-06:00 except quarter-end`
    Window(WindowMember),
    /// `freeze quarter-end`
    Freeze(Vec<Name>),
    /// `owner apac`
    Owner(Name),
    /// `owner by owner`
    OwnerBy(Name),
    /// `zone "Europe/Berlin"`
    Zone(At<String>),
    /// `zone by timezone`
    ZoneBy(Name),
}

#[derive(Debug, Clone, PartialEq)]
pub struct WindowMember {
    /// `mon..fri`, `mon, wed`, `fri..mon`; every day where none is said.
    pub days: Vec<Weekday>,
    pub opens: At<chrono::NaiveTime>,
    pub closes: At<chrono::NaiveTime>,
    pub except: Vec<Name>,
    pub span: Span,
}

/// `service mail { hosts … keep at least 1 up per cluster }`
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub name: Name,
    pub members: Vec<ServiceMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ServiceMember {
    Hosts(Expression),
    Keep(Keep),
}

/// `keep at least 50% up per region`
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    pub at_least: At<Budget>,
    /// Fields (`cluster`, `region`, `site`); none: over all of the service.
    pub per: Vec<Name>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    Hosts(u64),
    Percent(f64),
}

/// `calendar quarter-end { ics "freeze.ics"  days last 3 of quarter }`
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    pub name: Name,
    pub members: Vec<CalendarMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CalendarMember {
    Ics(At<String>),
    Days { rules: Vec<At<DayRule>>, span: Span },
}

#[derive(Debug, Clone, PartialEq)]
pub enum DayRule {
    /// `2007-12-20`, `2007-12-20..2008-01-02`
    Dates { first: NaiveDate, last: NaiveDate },
    /// `fri..sun`
    Weekdays(Vec<Weekday>),
    /// `last 3 of quarter`
    Edge { position: Position, count: u32, period: Period },
    /// `2nd tue of month`, `last fri of month` (nth 1 from the end)
    NthWeekday { position: Position, nth: u32, weekday: Weekday, period: Period },
}

/// `team apac { members "a", "b" may approve, hold in region owned }`
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    pub name: Name,
    pub members: Vec<TeamMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TeamMember {
    Members(Vec<At<String>>),
    May { acts: Vec<At<Act>>, scope: At<ActScope> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Everything,
    Approve,
    Hold,
    Resume,
    Rollback,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActScope {
    /// No `in`: everywhere.
    Everywhere,
    /// `in region owned`: the regions whose owner is this team.
    Owned,
    /// `in region japan, asia`
    Regions(Vec<Name>),
}
