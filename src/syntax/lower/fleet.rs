use chrono::Weekday;

use crate::syntax::ast::{
    Act, ActScope, At, Calendar, CalendarMember, Connect, ConnectMember, DayRule, Inventory, Keep, Name, Region,
    RegionMember, RegionsBy, Service, ServiceMember, Team, TeamMember, WindowMember,
};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;
use crate::time::{Period, Position};

impl Lowering<'_> {
    pub(super) fn inventory(&mut self, pair: Pair<'_>) -> Option<Inventory> {
        let mut parts = Parts::of(pair);
        let paths = self.constants(parts.next()?);
        let mapping = self.members(Block::Mapping, parts.next(), Self::mapping);
        Some(Inventory { paths: paths?, mapping })
    }

    pub(super) fn mapping(&mut self, pair: Pair<'_>) -> Option<(Name, At<String>)> {
        let mut parts = Parts::of(pair);
        let field = self.label(parts.next()?);
        let column = self.constant(parts.next()?);
        Some((field?, column?))
    }

    pub(super) fn connect(&mut self, pair: Pair<'_>) -> Option<Connect> {
        let mut parts = Parts::of(pair);
        let kind = self.label(parts.next()?);
        let members = self.members(Block::Connect, parts.next(), Self::connect_member);
        Some(Connect { kind: kind?, members })
    }

    pub(super) fn connect_member(&mut self, pair: Pair<'_>) -> Option<ConnectMember> {
        Some(ConnectMember::Path(self.constant(Parts::of(pair).next()?)?))
    }

    pub(super) fn regions_by(&mut self, pair: Pair<'_>) -> Option<RegionsBy> {
        let mut parts = Parts::of(pair);
        let field = self.label(parts.next()?);
        let members = self.members(Block::Region, parts.next(), Self::region_member);
        Some(RegionsBy { field: field?, members })
    }

    pub(super) fn region(&mut self, pair: Pair<'_>) -> Option<Region> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Region, parts.next(), Self::region_member);
        Some(Region { name: name?, members })
    }

    pub(super) fn region_member(&mut self, pair: Pair<'_>) -> Option<RegionMember> {
        if pair.as_rule() == Rule::window {
            return Some(RegionMember::Window(self.window(pair)?));
        }
        let rule = pair.as_rule();
        let value = Parts::of(pair).next()?;
        Some(match rule {
            Rule::hosts_member => RegionMember::Hosts(self.expression(value)),
            Rule::freeze => RegionMember::Freeze(self.labels(value)?),
            Rule::owner => RegionMember::Owner(self.label(value)?),
            Rule::owner_by => RegionMember::OwnerBy(self.label(value)?),
            Rule::zone => RegionMember::Zone(self.constant(value)?),
            Rule::zone_by => RegionMember::ZoneBy(self.label(value)?),
            _ => return None,
        })
    }

    pub(super) fn window(&mut self, pair: Pair<'_>) -> Option<WindowMember> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let days = parts.take(Rule::weekdays).map(|pair| self.weekdays(pair)).unwrap_or_default();
        let times = self.two_times(&parts.next()?, &parts.next()?);
        let except = match parts.next() {
            Some(names) => self.labels(names),
            None => Some(Vec::new()),
        };
        let (opens, closes) = times?;
        Some(WindowMember { days, opens, closes, except: except?, span })
    }

    /// `mon..fri`, `mon, wed`; a range goes round the end of the week, and a day is in it only once.
    fn weekdays(&mut self, pair: Pair<'_>) -> Vec<Weekday> {
        let mut days: Vec<Weekday> = Vec::new();
        let mut through = false;
        for pair in pair.into_inner() {
            if pair.as_rule() == Rule::through {
                through = true;
                continue;
            }
            let day = self.weekday(&pair);
            let from = days.last().copied().filter(|_| std::mem::take(&mut through));
            // `fri..fri` is a Friday, not the week after it.
            if from == Some(day) {
                continue;
            }
            let first = from.map_or(day, |from| from.succ());
            let range = std::iter::successors(Some(first), |at| (*at != day).then(|| at.succ()));
            for day in range {
                if !days.contains(&day) {
                    days.push(day);
                }
            }
        }
        days
    }

    pub(super) fn service(&mut self, pair: Pair<'_>) -> Option<Service> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Service, parts.next(), Self::service_member);
        Some(Service { name: name?, members })
    }

    pub(super) fn service_member(&mut self, pair: Pair<'_>) -> Option<ServiceMember> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        if rule == Rule::hosts_member {
            return Some(ServiceMember::Hosts(self.expression(parts.next()?)));
        }
        let at_least = self.budget(parts.next()?);
        let per = match parts.next() {
            Some(names) => self.labels(names),
            None => Some(Vec::new()),
        };
        Some(ServiceMember::Keep(Keep { at_least: at_least?, per: per?, span }))
    }

    pub(super) fn calendar(&mut self, pair: Pair<'_>) -> Option<Calendar> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Calendar, parts.next(), Self::calendar_member);
        Some(Calendar { name: name?, members })
    }

    pub(super) fn calendar_member(&mut self, pair: Pair<'_>) -> Option<CalendarMember> {
        let span = self.span(&pair);
        if pair.as_rule() == Rule::ics {
            return Some(CalendarMember::Ics(self.constant(Parts::of(pair).next()?)?));
        }
        let rules: Vec<_> = pair.into_inner().map(|pair| self.day_rule(pair)).collect();
        Some(CalendarMember::Days { rules: rules.into_iter().collect::<Option<_>>()?, span })
    }

    fn day_rule(&mut self, pair: Pair<'_>) -> Option<At<DayRule>> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let value = match rule {
            Rule::weekdays_run => DayRule::Weekdays(self.weekdays(pair)),
            Rule::days_dates => self.dates(pair)?,
            Rule::days_edge => self.days_edge(pair)?,
            Rule::days_nth => self.days_nth(pair)?,
            _ => {
                self.bad_literal(span, "a date, such as `2007-12-20`");
                return None;
            }
        };
        Some(At { value, span })
    }

    fn dates(&mut self, pair: Pair<'_>) -> Option<DayRule> {
        let mut parts = Parts::of(pair);
        let first = self.date(&parts.next()?);
        let last = match parts.next() {
            Some(pair) => self.date(&pair),
            None => first,
        };
        Some(DayRule::Dates { first: first?, last: last? })
    }

    fn days_edge(&mut self, pair: Pair<'_>) -> Option<DayRule> {
        let mut parts = Parts::of(pair);
        let position = match self.written(&parts.next()?) {
            "first" => Position::First,
            _ => Position::Last,
        };
        let which = parts.next()?;
        let period = self.period(&parts.next()?);
        if which.as_rule() == Rule::weekday {
            let weekday = self.weekday(&which);
            return Some(DayRule::NthWeekday { position, nth: 1, weekday, period });
        }
        Some(DayRule::Edge { position, count: self.small_count(&which)?, period })
    }

    fn days_nth(&mut self, pair: Pair<'_>) -> Option<DayRule> {
        let mut parts = Parts::of(pair);
        let nth = self.ordinal(&parts.next()?);
        let weekday = self.weekday(&parts.next()?);
        let period = self.period(&parts.next()?);
        Some(DayRule::NthWeekday { position: Position::First, nth: nth?, weekday, period })
    }

    fn period(&self, pair: &Pair<'_>) -> Period {
        match self.written(pair) {
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            _ => Period::Year,
        }
    }

    pub(super) fn team(&mut self, pair: Pair<'_>) -> Option<Team> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Team, parts.next(), Self::team_member);
        Some(Team { name: name?, members })
    }

    pub(super) fn team_member(&mut self, pair: Pair<'_>) -> Option<TeamMember> {
        if pair.as_rule() == Rule::people {
            return Some(TeamMember::Members(self.constants(Parts::of(pair).next()?)?));
        }
        let end = self.span(&pair).end as usize;
        let mut parts = Parts::of(pair);
        let mut acts = Vec::new();
        while let Some(pair) = parts.take(Rule::act) {
            acts.push(At { value: self.act(&pair), span: self.span(&pair) });
        }
        let scope = match parts.next() {
            Some(pair) => self.act_scope(pair)?,
            None => At { value: ActScope::Everywhere, span: self.place(end) },
        };
        Some(TeamMember::May { acts, scope })
    }

    fn act(&self, pair: &Pair<'_>) -> Act {
        match self.written(pair) {
            "everything" => Act::Everything,
            "approve" => Act::Approve,
            "hold" => Act::Hold,
            "resume" => Act::Resume,
            _ => Act::Rollback,
        }
    }

    fn act_scope(&mut self, pair: Pair<'_>) -> Option<At<ActScope>> {
        let span = self.span(&pair);
        let pair = Parts::of(pair).next()?;
        let value = match pair.as_rule() {
            Rule::owned => ActScope::Owned,
            _ => ActScope::Regions(self.labels(pair)?),
        };
        Some(At { value, span })
    }
}
