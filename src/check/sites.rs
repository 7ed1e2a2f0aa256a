use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Weekday};
use indexmap::IndexMap;

use crate::check::calendars::{Calendars, place_of};
use crate::check::coordinates::FarApart;
use crate::check::entry::Checker;
use crate::check::host_problems::say;
use crate::check::names::list;
use crate::check::regions::{Draft, ZoneSaid};
use crate::diagnostic::{Code, Problem, Severity};
use crate::inventory::{FieldId, HostSet};
use crate::model::{RegionId, Site};
use crate::source::Span;
use crate::syntax::ast::{Name, StageMember, WindowMember};
use crate::time::{Calendar, Freeze, Schedule, Window, Zone};

/// The well-known fields.
const SITE: &str = "site";
const TIMEZONE: &str = "timezone";

/// All sites; a fault in their windows or zones leaves them known.
#[derive(Debug)]
pub(super) struct Sites {
    pub(super) all: Vec<Site>,
    pub(super) are_sound: bool,
}

/// How the hosts of a region come to their zone.
enum ZoneSource {
    Fixed(Zone),
    Field(FieldId, Span),
    /// Neither said nor in the inventory.
    None(Span),
}

/// Hosts whose zone is none: by the name that stands there and the place that brings it in.
type ZoneFaults = IndexMap<(Option<String>, Span), HostSet>;

impl<'a> Checker<'a> {
    /// The sites of all regions, in the order of their first hosts.
    pub(super) fn sites(&mut self, drafts: &[Draft<'a>], calendars: &Calendars<'a>) -> Sites {
        let mut faults = ZoneFaults::new();
        let mut apart = FarApart::default();
        let mut sites = Sites { all: Vec::new(), are_sound: true };
        let mut windows_seen: IndexMap<Vec<Span>, Option<Openings>> = IndexMap::new();
        for (idx, draft) in drafts.iter().enumerate() {
            // The windows of `regions by` are the same for all its regions: looked at once.
            let key = spans(draft);
            let openings = match windows_seen.get(&key) {
                Some(openings) => openings.clone(),
                None => {
                    let openings = self.openings(draft, calendars);
                    windows_seen.insert(key, openings.clone());
                    openings
                }
            };
            let source = self.zone_source(draft);
            sites.are_sound &= openings.is_some() && source.is_some();
            // With a fault in them the sites are known all the same.
            let (openings, source) = (openings.unwrap_or_default(), source.unwrap_or(ZoneSource::Fixed(Zone::utc())));
            match self.sites_of(RegionId(idx as u32), draft, &openings, &source, &mut faults, &mut apart) {
                Some(found) => sites.all.extend(found),
                None => sites.are_sound = false,
            }
        }
        sites.are_sound &= self.report_zone_faults(faults);
        self.report_far_apart(&apart);
        sites.all.sort_by_key(|site| site.hosts.iter().next());
        sites
    }

    fn sites_of(
        &mut self,
        region: RegionId,
        draft: &Draft<'a>,
        openings: &Openings,
        source: &ZoneSource,
        faults: &mut ZoneFaults,
        apart: &mut FarApart,
    ) -> Option<Vec<Site>> {
        let site_field = self.input.fleet?.field(SITE);
        let zone_field = match source {
            ZoneSource::Field(field, _) => Some(*field),
            ZoneSource::Fixed(_) | ZoneSource::None(_) => None,
        };
        let fields: Vec<FieldId> = site_field.into_iter().chain(zone_field).collect();
        let needs_zone = openings.need_zone() || self.a_stage_finishes_before() || self.is_refined_in_time(&draft.name);
        let mut schedules: IndexMap<String, Arc<Schedule>> = IndexMap::new();
        let mut sites = Vec::new();
        for (values, hosts) in self.group(&fields, &draft.hosts, draft.place)? {
            let mut values = values.into_iter();
            let site = if site_field.is_some() { values.next().flatten() } else { None };
            let zone_name = values.next().flatten().map(|zone| zone.to_string());
            let zone = match (source, &zone_name) {
                (ZoneSource::Fixed(zone), _) => Ok(zone.clone()),
                (ZoneSource::Field(_, place), Some(name)) => Zone::find(name).map_err(|_| *place),
                (ZoneSource::Field(_, place) | ZoneSource::None(place), _) => match needs_zone {
                    true => Err(*place),
                    false => Ok(Zone::utc()),
                },
            };
            let zone = match zone {
                Ok(zone) => zone,
                Err(place) => {
                    let all = faults.entry((zone_name, place)).or_insert_with(|| HostSet::none(hosts.fleet_len()));
                    *all = all.or(&hosts);
                    Zone::utc()
                }
            };
            let schedule = schedules.entry(zone.name().to_owned()).or_insert_with(|| {
                Arc::new(Schedule {
                    zone: zone.clone(),
                    windows: openings.windows.clone(),
                    freezes: openings.freezes.clone(),
                })
            });
            let name = site.map_or_else(|| draft.name.clone(), |site| site.to_string());
            let coordinates = self.coordinates(&name, &hosts, apart);
            sites.push(Site { name, region, schedule: Arc::clone(schedule), coordinates, hosts });
        }
        Some(sites)
    }

    fn zone_source(&mut self, draft: &Draft<'a>) -> Option<ZoneSource> {
        match draft.members.zone {
            Some(ZoneSaid::Zone(name)) => self.zone(&name.value, name.span).map(ZoneSource::Fixed),
            Some(ZoneSaid::By(field)) => self.field(field).map(|id| ZoneSource::Field(id, field.span)),
            None => Some(match self.input.fleet?.field(TIMEZONE) {
                Some(field) => ZoneSource::Field(field, draft.place),
                None => ZoneSource::None(draft.place),
            }),
        }
    }

    /// False where a host that some rollout changes is among them.
    fn report_zone_faults(&mut self, faults: ZoneFaults) -> bool {
        let mut is_sound = true;
        // A field that holds no zones is one mistake, whatever its values.
        let mut at_place: IndexMap<(bool, Span, Severity), (Vec<String>, HostSet)> = IndexMap::new();
        for ((name, place), hosts) in faults {
            let (severity, hosts) = self.concerning(&hosts);
            let key = (name.is_some(), place, severity);
            let (names, all) = at_place.entry(key).or_insert_with(|| (Vec::new(), HostSet::none(hosts.fleet_len())));
            names.extend(name);
            *all = all.or(&hosts);
        }
        for ((_, place, severity), (names, hosts)) in at_place {
            is_sound &= severity == Severity::Warning;
            let problem = match names.as_slice() {
                [] => no_zone(hosts.len()),
                [name] => unknown_zone(name, hosts.len()),
                names => unknown_zones(names, hosts.len()),
            };
            let mut problem = problem.label(place, "where its hosts get their zone");
            problem.severity = severity;
            let problem = self.with_hosts(problem, &hosts);
            self.report(problem);
        }
        is_sound
    }

    /// A bound in local time needs a zone as much as a window does.
    fn a_stage_finishes_before(&self) -> bool {
        self.written_stage_members().any(|member| matches!(member, StageMember::FinishBefore(_)))
    }

    fn openings(&mut self, draft: &Draft<'a>, calendars: &Calendars<'a>) -> Option<Openings> {
        let windows: Vec<_> = draft.members.windows.iter().map(|window| self.window(window, calendars)).collect();
        let freezes = self.calendars(&draft.members.freezes, calendars);
        let openings = Openings {
            windows: windows.into_iter().collect::<Option<_>>()?,
            freezes: freezes?.into_iter().map(|calendar| Freeze { calendar }).collect(),
        };
        self.check_opens(draft, &openings).then_some(openings)
    }

    pub(super) fn window(&mut self, window: &'a WindowMember, calendars: &Calendars<'a>) -> Option<Window> {
        let names: Vec<&'a Name> = window.except.iter().collect();
        let except = self.calendars(&names, calendars)?;
        let days = if window.days.is_empty() { WEEK.to_vec() } else { window.days.clone() };
        Some(Window { days, opens: window.opens.value, closes: window.closes.value, except })
    }

    /// Days of the week that close all that the windows open: no date can change that.
    fn check_opens(&mut self, draft: &Draft<'a>, openings: &Openings) -> bool {
        let weekly = openings.only_weekdays();
        let schedule = Schedule { zone: Zone::utc(), windows: weekly.windows, freezes: weekly.freezes };
        let any_day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
        if schedule.next_open(any_day).is_some() {
            return true;
        }
        let window = draft.members.windows.first();
        let names: Vec<&Name> =
            window.iter().flat_map(|window| &window.except).chain(draft.members.freezes.iter().copied()).collect();
        // Where one freeze closes all by itself, the others have nothing to do with it.
        let alone = draft.members.freezes.iter().zip(&schedule.freezes).find(|(_, freeze)| {
            let windows = schedule.windows.iter().map(|window| Window { except: Vec::new(), ..window.clone() });
            let freezes = vec![(*freeze).clone()];
            let schedule = Schedule { zone: Zone::utc(), windows: windows.collect(), freezes };
            schedule.next_open(any_day).is_none()
        });
        let closed_by = alone.map_or_else(|| place_of(&names, draft.place), |(name, _)| name.span);
        let mut problem = Problem::error(Code::WINDOW_EMPTY, format!("`{}` never opens", draft.name));
        if let Some(window) = window {
            problem = problem.label(window.span, "would open it");
        }
        let problem = problem.label(closed_by, "closes it on all these days").help("leave it a day of the week");
        self.report(problem);
        false
    }
}

fn unknown_zone(name: &str, hosts: usize) -> Problem {
    let near = Zone::find(name).err().and_then(|unknown| unknown.nearest);
    let help = match near {
        Some(near) => format!("did you mean `{near}`? mend the inventory"),
        None => "mend the inventory; zones have names such as `Australia/Sydney`".to_owned(),
    };
    let message = format!("`{name}` is no time zone, and {} to be in it", say(hosts, "is said", "are said"));
    Problem::error(Code::UNKNOWN_ZONE, message).help(help)
}

fn unknown_zones(names: &[String], hosts: usize) -> Problem {
    let message = format!("{} in no time zone: {}", say(hosts, "is", "are"), list(names, names.len()));
    let is_field = names.len() > 2 && names.iter().all(|name| Zone::find(name).is_err());
    let help = match is_field {
        true => "name the field that holds the zones: `zone by timezone`; zones have names such as `Australia/Sydney`",
        false => "mend the inventory; zones have names such as `Australia/Sydney`",
    };
    Problem::error(Code::UNKNOWN_ZONE, message).help(help)
}

fn no_zone(hosts: usize) -> Problem {
    let message = format!("{} no time zone, and local times hold for them", say(hosts, "has", "have"));
    let help = "fill in the field `timezone`, or say `zone \"…\"` in the region";
    Problem::error(Code::FIELD_MISSING_ON_HOST, message).help(help)
}

fn spans(draft: &Draft) -> Vec<Span> {
    let windows = draft.members.windows.iter().map(|window| window.span);
    windows.chain(draft.members.freezes.iter().map(|freeze| freeze.span)).collect()
}

/// When a region is open, whatever its zone.
#[derive(Debug, Clone, Default)]
struct Openings {
    windows: Vec<Window>,
    freezes: Vec<Freeze>,
}

impl Openings {
    fn need_zone(&self) -> bool {
        !self.windows.is_empty() || !self.freezes.is_empty()
    }

    fn only_weekdays(&self) -> Openings {
        let reduce = |calendar: &Arc<Calendar>| Arc::new(calendar.only_weekdays());
        let windows = self
            .windows
            .iter()
            .map(|window| Window { except: window.except.iter().map(reduce).collect(), ..window.clone() });
        let freezes = self.freezes.iter().map(|freeze| Freeze { calendar: reduce(&freeze.calendar) });
        Openings { windows: windows.collect(), freezes: freezes.collect() }
    }
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
