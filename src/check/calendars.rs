use std::sync::Arc;

use indexmap::IndexMap;

use crate::check::entry::Checker;
use crate::check::names::Definition;
use crate::check::once::Owner;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{self, At, CalendarMember, DayRule, Name};
use crate::time::{Calendar, CalendarRule};

/// The calendars of a program; one with a fault is known, but has no days.
#[derive(Debug, Clone, Default)]
pub(super) struct Calendars<'a> {
    found: IndexMap<&'a str, Option<Arc<Calendar>>>,
}

impl<'a> Checker<'a> {
    pub(super) fn check_calendars(&mut self) -> Calendars<'a> {
        let all: Vec<_> = self.names.calendars.iter().map(|(name, definition)| (*name, *definition)).collect();
        let found = all.into_iter().map(|(name, definition)| (name, self.check_calendar(definition)));
        Calendars { found: found.collect() }
    }

    fn check_calendar(&mut self, definition: Definition<'a, ast::Calendar>) -> Option<Arc<Calendar>> {
        let calendar = definition.value;
        if calendar.members.is_empty() {
            let owner = Owner::new("calendar", &calendar.name, definition.span);
            self.report_missing_member("days", &owner, "days last 3 of quarter");
            return None;
        }
        let mut rules = Some(Vec::new());
        for member in &calendar.members {
            let found = match member {
                CalendarMember::Ics(path) => self.ics(path).map(|rule| vec![rule]),
                CalendarMember::Days { rules, .. } => {
                    let rules: Vec<_> = rules.iter().map(|rule| self.day_rule(rule)).collect();
                    rules.into_iter().collect()
                }
            };
            rules = rules.zip(found).map(|(mut rules, found)| {
                rules.extend(found);
                rules
            });
        }
        Some(Arc::new(Calendar { name: calendar.name.text.clone(), rules: rules? }))
    }

    fn ics(&mut self, path: &At<String>) -> Option<CalendarRule> {
        match self.input.calendars.get(&(path.span.file, path.value.clone()))? {
            Ok(rule) => Some(rule.clone()),
            Err(error) => {
                let place = error.line.map_or(String::new(), |line| format!(" line {line}:"));
                let message = format!("the calendar `{}` cannot be used:{place} {}", path.value, error.message);
                let problem = Problem::error(Code::BAD_CALENDAR, message).label(path.span, "named here");
                self.report(problem.help("mend the file, or write the days down with `days`"));
                None
            }
        }
    }

    fn day_rule(&mut self, rule: &At<DayRule>) -> Option<CalendarRule> {
        match &rule.value {
            DayRule::Dates { first, last } if first > last => {
                let problem = Problem::error(Code::BAD_VALUE, format!("`{first}..{last}` ends before it begins"));
                let problem = problem.label(rule.span, "no day is in it");
                self.report(problem.fix("turn it round", rule.span, format!("{last}..{first}")));
                None
            }
            DayRule::Dates { first, last } => Some(CalendarRule::Dates { first: *first, last: *last }),
            DayRule::Weekdays(weekdays) => Some(CalendarRule::Weekdays(weekdays.clone())),
            DayRule::Edge { count: 0, .. } | DayRule::NthWeekday { nth: 0, .. } => {
                self.report_zero(rule.span);
                None
            }
            DayRule::Edge { position, count, period } => {
                Some(CalendarRule::Edge { position: *position, count: *count, period: *period })
            }
            DayRule::NthWeekday { position, nth, weekday, period } => {
                Some(CalendarRule::NthWeekday { position: *position, nth: *nth, weekday: *weekday, period: *period })
            }
        }
    }

    /// The calendars of these names. None where one is unknown or has a fault.
    pub(super) fn calendars(&mut self, names: &[&'a Name], calendars: &Calendars<'a>) -> Option<Vec<Arc<Calendar>>> {
        let mut found = Some(Vec::new());
        for name in names {
            let calendar = match calendars.found.get(name.text.as_str()) {
                Some(calendar) => calendar.clone(),
                None => {
                    self.find(super::names::Sort::Calendar, name, |names| &names.calendars);
                    None
                }
            };
            found = found.zip(calendar).map(|(mut found, calendar)| {
                found.push(calendar);
                found
            });
        }
        found
    }
}

/// Where a calendar is named in a window or a freeze.
pub(super) fn place_of(names: &[&Name], otherwise: Span) -> Span {
    names.first().map_or(otherwise, |name| name.span)
}
