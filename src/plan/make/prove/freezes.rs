use chrono::NaiveDate;

use crate::diagnostic::{Code, Problem};
use crate::model::{Region, Site};
use crate::plan::make::Maker;
use crate::plan::make::prove::words::list;
use crate::plan::{HostIdx, StagePlan};
use crate::source::Span;
use crate::time::{Moment, Schedule, Window};

/// Longer than this nobody waits for the end of a freeze without having been told.
const LONGEST_WAIT_DAYS: i64 = 28;

/// Windows that stay shut because of calendars: one of a region that never opens, and all of a region's for weeks on end
/// from the moment at which a stage would begin there. (Where nothing opens ever again, the batches find no window.)
pub(in crate::plan::make) fn prove(
    maker: &Maker,
    picked: &[Vec<HostIdx>],
    stages: Option<&[StagePlan]>,
    starts_at: Moment,
) -> Vec<Problem> {
    let mut found: Vec<Swallowed> = Vec::new();
    for (idx, taken) in picked.iter().enumerate() {
        let from = stages.and_then(|stages| stages.get(idx)).map_or(starts_at, |stage| stage.starts_at);
        for one in swallowed(maker, taken, from) {
            match found.iter_mut().find(|other| other.is_like(&one)) {
                Some(other) => other.join(one),
                None => found.push(one),
            }
        }
    }
    found.iter().map(Swallowed::problem).collect()
}

/// The problem of sites at which no window ever opens, which share their windows.
pub(in crate::plan::make) fn never_opens(maker: &Maker, sites: &[u32]) -> Problem {
    let sites: Vec<&Site> = sites.iter().filter_map(|site| maker.model.sites.get(*site as usize)).collect();
    let regions: Vec<&Region> = {
        let mut all: Vec<_> = sites.iter().map(|site| site.region.0 as usize).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().filter_map(|region| maker.model.regions.get(region)).collect()
    };
    let names = list(regions.iter().map(|region| &region.name));
    let (Some(site), Some(region)) = (sites.first(), regions.first()) else {
        return Problem::error(Code::WINDOW_SWALLOWED, "no window opens within 400 days");
    };
    let mut closing: Vec<&str> = calendars(&site.schedule).map(|calendar| calendar.name.as_str()).collect();
    closing.dedup();
    let message = match closing.as_slice() {
        [] => format!("no window of {names} opens within 400 days"),
        [one] => format!("`{one}` closes every window of {names} for the next 400 days"),
        all => format!("{} close every window of {names} for the next 400 days", list(all)),
    };
    let mut problem = Problem::error(Code::WINDOW_SWALLOWED, message);
    for (window, span) in site.schedule.windows.iter().zip(region_windows(region, &site.schedule)) {
        let excepts = list(window.except.iter().map(|calendar| &calendar.name));
        problem = problem.label(
            span,
            if excepts.is_empty() { "would open".to_owned() } else { format!("would open, but for {excepts}") },
        );
    }
    for (freeze, name) in region_freezes(region, &site.schedule) {
        problem = problem.label(freeze, format!("`{name}` closes it"));
    }
    problem.help("look whether the calendar has too many days: nothing can ever be changed there")
}

/// What the calendars close, for everybody who has the same windows.
struct Swallowed<'a> {
    windows: Vec<Span>,
    freezes: Vec<(Span, String)>,
    calendars: Vec<String>,
    regions: Vec<&'a str>,
    what: What,
}

#[derive(Clone, PartialEq, Eq)]
enum What {
    /// One window, as it is written: it never opens.
    Window(String),
    /// All of them, for a time.
    Region { from: NaiveDate, until: NaiveDate },
}

impl Swallowed<'_> {
    /// The zones of one region, and the regions of one `regions by`, are one cause.
    fn is_like(&self, other: &Swallowed) -> bool {
        let is_same = match (&self.what, &other.what) {
            (What::Window(window), What::Window(same)) => window == same,
            (What::Region { .. }, What::Region { .. }) => true,
            _ => false,
        };
        is_same && self.windows == other.windows && self.calendars == other.calendars
    }

    fn join(&mut self, other: Self) {
        self.regions
            .extend(other.regions.into_iter().filter(|region| !self.regions.contains(region)).collect::<Vec<_>>());
    }

    fn problem(&self) -> Problem {
        let (regions, calendars) = (list(&self.regions), list(&self.calendars));
        let closes = if self.calendars.len() == 1 { "closes" } else { "close" };
        let message = match &self.what {
            What::Window(window) => {
                format!("the window `{window}` of {regions} never opens: {calendars} {closes} all its days")
            }
            What::Region { from, until } => {
                format!(
                    "{calendars} {closes} every window of {regions} from {from} to {until}: {} weeks",
                    (*until - *from).num_weeks()
                )
            }
        };
        let mut problem = Problem::warning(Code::WINDOW_SWALLOWED, message);
        for window in &self.windows {
            problem = problem.label(*window, "would open");
        }
        for (freeze, _) in self.freezes.iter().filter(|(_, name)| self.calendars.contains(name)) {
            problem = problem.label(*freeze, "closes it");
        }
        problem.help(match self.what {
            What::Window(_) => "take the window out, or leave it days that the calendar does not close",
            What::Region { .. } => {
                "start after it, or look whether the calendar has too many days; the rollout waits until then"
            }
        })
    }
}

fn swallowed<'a>(maker: &Maker<'a>, taken: &[HostIdx], from: Moment) -> Vec<Swallowed<'a>> {
    let mut seen: Vec<(&Schedule, u32)> = Vec::new();
    let mut found = Vec::new();
    for &host in taken {
        let Some(site) = maker.model.sites.get(maker.targets.site(host).0 as usize) else { continue };
        let (schedule, region) = (site.schedule.as_ref(), site.region.0);
        if calendars(schedule).next().is_none()
            || seen.iter().any(|(one, of)| *of == region && std::ptr::eq(*one, schedule))
        {
            continue;
        }
        seen.push((schedule, region));
        let Some(region) = maker.model.regions.get(region as usize) else { continue };
        match whole(region, schedule, from) {
            Some(one) => found.push(one),
            None => found.extend(single_windows(region, schedule, from)),
        }
    }
    found
}

fn whole<'a>(region: &'a Region, schedule: &Schedule, from: Moment) -> Option<Swallowed<'a>> {
    let opens = schedule.next_open(from)?.start;
    let would_open = without_calendars(schedule).next_open(from)?.start;
    if (opens - would_open).num_days() <= LONGEST_WAIT_DAYS {
        return None;
    }
    let (first, last) = (schedule.zone.local(would_open).0.date(), schedule.zone.local(opens).0.date());
    let what = What::Region { from: first, until: last };
    Some(of(region, schedule, region_windows(region, schedule), what, (first, last)))
}

fn single_windows<'a>(region: &'a Region, schedule: &Schedule, from: Moment) -> Vec<Swallowed<'a>> {
    if schedule.windows.len() < 2 {
        return Vec::new();
    }
    let spans = region_windows(region, schedule);
    let never_opens = |window: &Window| {
        let alone = Schedule { windows: vec![window.clone()], ..schedule.clone() };
        alone.next_open(from).is_none() && without_calendars(&alone).next_open(from).is_some()
    };
    let windows = schedule.windows.iter().enumerate().filter(|(_, window)| never_opens(window));
    windows
        .map(|(idx, window)| {
            let shown = Window { except: Vec::new(), ..window.clone() }.to_string();
            let first = schedule.zone.local(from).0.date();
            let days = (first, first + chrono::Days::new(7));
            of(region, schedule, spans.get(idx).copied().into_iter().collect(), What::Window(shown), days)
        })
        .collect()
}

fn of<'a>(
    region: &'a Region,
    schedule: &Schedule,
    windows: Vec<Span>,
    what: What,
    (first, last): (NaiveDate, NaiveDate),
) -> Swallowed<'a> {
    let days = || first.iter_days().take_while(|day| *day <= last).take(400);
    let mut names: Vec<String> = Vec::new();
    for calendar in calendars(schedule) {
        if !names.contains(&calendar.name) && days().any(|day| calendar.contains(day)) {
            names.push(calendar.name.clone());
        }
    }
    let freezes = region_freezes(region, schedule).collect();
    Swallowed { windows, freezes, calendars: names, regions: vec![region.name.as_str()], what }
}

/// Where the windows are written; the freezes are after them.
pub(super) fn region_windows(region: &Region, schedule: &Schedule) -> Vec<Span> {
    region.window_spans.iter().take(schedule.windows.len()).copied().collect()
}

fn region_freezes(region: &Region, schedule: &Schedule) -> impl Iterator<Item = (Span, String)> {
    let spans = region.window_spans.iter().skip(schedule.windows.len()).copied();
    spans.zip(schedule.freezes.iter().map(|freeze| freeze.calendar.name.clone()))
}

fn calendars(schedule: &Schedule) -> impl Iterator<Item = &crate::time::Calendar> {
    let excepted = schedule.windows.iter().flat_map(|window| &window.except);
    excepted.chain(schedule.freezes.iter().map(|freeze| &freeze.calendar)).map(|calendar| &**calendar)
}

fn without_calendars(schedule: &Schedule) -> Schedule {
    let windows = schedule.windows.iter().map(|window| Window { except: Vec::new(), ..window.clone() });
    Schedule { zone: schedule.zone.clone(), windows: windows.collect(), freezes: Vec::new() }
}
