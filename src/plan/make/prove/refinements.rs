use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveTime, Timelike};

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Finish, Model, Refinement, Region, SiteId, Stage};
use crate::plan::HostIdx;
use crate::plan::make::limits::Limits;
use crate::plan::make::{Maker, targets};
use crate::source::Span;
use crate::time::{Duration, Freeze, Moment, Schedule, Window};

/// What a region's team says of a rollout may only tighten it: fewer hosts at once, a longer soak, an earlier end, windows
/// within the region's own. (Gates and freezes are added, so they cannot loosen anything.) `original` is the model as it
/// is without refinements.
pub(in crate::plan::make) fn prove(
    maker: &Maker,
    original: &Model,
    picked: &[Vec<HostIdx>],
    starts_at: Moment,
    problems: &mut Problems,
) {
    for refinement in &maker.rollout.refinements {
        let Some(region) = original.regions.get(refinement.region.0 as usize) else { continue };
        let of = Refined { maker, refinement, region };
        problems.extend(of.windows(original, starts_at));
        for (stage, hosts) in maker.rollout.stages.iter().zip(picked) {
            let is_here = |host: &HostIdx| maker.targets.region(*host, maker.model) == refinement.region;
            let hosts: Vec<HostIdx> = hosts.iter().copied().filter(is_here).collect();
            if !hosts.is_empty() {
                problems.extend([of.at_once(stage, &hosts), of.soak(stage), of.finish(stage)].into_iter().flatten());
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Refined<'a> {
    maker: &'a Maker<'a>,
    refinement: &'a Refinement,
    region: &'a Region,
}

impl Refined<'_> {
    fn problem(&self, message: String) -> Problem {
        Problem::error(Code::REFINE_LOOSENS, message)
    }

    /// Each window by itself, at each of the region's sites.
    fn windows(&self, original: &Model, starts_at: Moment) -> Vec<Problem> {
        let count = self.refinement.schedules.values().next().map_or(0, |schedule| schedule.windows.len());
        let spans = self.refinement.window_spans.iter().take(count);
        let found = spans.enumerate().filter_map(|(idx, span)| self.window(idx, *span, original, starts_at));
        found.collect()
    }

    fn window(&self, idx: usize, span: Span, original: &Model, starts_at: Moment) -> Option<Problem> {
        let mut asked: Vec<&Arc<Schedule>> = Vec::new();
        let mut beyond: Option<(Moment, SiteId)> = None;
        for (site, refined) in &self.refinement.schedules {
            let own = &original.sites.get(site.0 as usize)?.schedule;
            if asked.contains(&own) {
                continue;
            }
            asked.push(own);
            let alone = with_window(refined, refined.windows.get(idx)?.clone());
            let first = alone.first_beyond(own, starts_at).map(|at| (at, *site));
            beyond = beyond.into_iter().chain(first).min();
        }
        let (at, site) = beyond?;
        let site = original.sites.get(site.0 as usize)?;
        let window = self.refinement.schedules.values().next()?.windows.get(idx)?;
        let own = &site.schedule.windows;
        let name = &self.region.name;
        let when = site.schedule.zone.show(at);
        let mut problem = self
            .problem(format!(
                "`{name}` would be open for `{}` on {when}, and it is closed then",
                self.maker.rollout.name
            ))
            .label(span, format!("opens `{}` at that moment", site.name));
        for (span, window) in self.region.window_spans.iter().zip(own).take(MOST_LABELS) {
            problem = problem.label(*span, format!("open {window}"));
        }
        problem =
            problem.help("a refinement may only tighten: stay within the region's own windows and what they except");
        Some(match self.missing_except(window, &site.schedule, starts_at) {
            Some(missing) => {
                let joint = if window.except.is_empty() { " except " } else { ", " };
                let end = Span { start: span.end, ..span };
                problem.fix(format!("except {missing} too"), end, format!("{joint}{missing}"))
            }
            None => problem,
        })
    }

    /// The calendars that the region's windows except and this one does not, where no more is amiss.
    fn missing_except(&self, window: &Window, own: &Schedule, starts_at: Moment) -> Option<String> {
        let mut mended = window.clone();
        let all = own.windows.iter().flat_map(|window| &window.except);
        let mut names = Vec::new();
        for calendar in all {
            if !mended.except.contains(calendar) {
                mended.except.push(calendar.clone());
                names.push(calendar.name.as_str());
            }
        }
        let is_mended = with_window(own, mended).first_beyond(own, starts_at).is_none();
        let are_plain = names.iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        (is_mended && are_plain && !names.is_empty()).then(|| names.join(", "))
    }

    fn at_once(&self, stage: &Stage, hosts: &[HostIdx]) -> Option<Problem> {
        let said = self.refinement.batch.as_ref().map(|batch| batch.span);
        let said = said.or(self.refinement.at_once.as_ref().map(|window| window.span))?;
        let mut sites: BTreeMap<SiteId, usize> = BTreeMap::new();
        for host in hosts {
            *sites.entry(self.maker.targets.site(*host)).or_default() += 1;
        }
        let before = AtOnce::of(Limits::of(stage, None), &sites);
        let after = AtOnce::of(Limits::of(stage, Some(self.refinement)), &sites);
        let (place, would, may) = match after.in_sites.iter().find(|(site, most)| before.in_sites[*site] < **most) {
            _ if after.in_region > before.in_region => (String::new(), after.in_region, before.in_region),
            Some((site, most)) => {
                let name = self.maker.model.sites.get(site.0 as usize).map_or("", |site| &site.name);
                (format!(" at `{name}`"), *most, before.in_sites[site])
            }
            None => return None,
        };
        let (region, would) = (&self.region.name, targets::count(would, "host"));
        let own = stage.batch.as_ref().map(|batch| batch.span);
        let own = own.or(stage.at_once.as_ref().map(|window| window.span)).unwrap_or(stage.name_span);
        let message = format!(
            "{would} of `{region}`{place} would be changed at once in `{}`, and no more than {may} may be",
            stage.name
        );
        let names = hosts.iter().take(targets::LISTED);
        let problem = self
            .problem(message)
            .label(said, format!("{would}{place} before gates have answered"))
            .label(own, format!("{may}{place}, for the {} that it takes", targets::count(hosts.len(), "host")))
            .hosts(names.map(|host| self.maker.fleet.name(self.maker.targets.host(*host))))
            .help("a refinement may only tighten: let no more be changed at once than the stage does");
        Some(problem)
    }

    fn soak(&self, stage: &Stage) -> Option<Problem> {
        let soak = self.refinement.soak.filter(|soak| *soak < stage.soak)?;
        let (said, own) = (self.refinement.soak_span?, stage.soak_span.unwrap_or(stage.name_span));
        let message = format!(
            "`{}` would soak for {soak} in `{}`, and it has to for {}",
            self.region.name, stage.name, stage.soak
        );
        let problem = self
            .problem(message)
            .label(said, "shorter")
            .label(own, format!("`{}` soaks for {}", stage.name, stage.soak))
            .help("a refinement may only tighten: soak at least as long as every stage in which the region takes part")
            .fix(format!("write {}", stage.soak), said, stage.soak.to_string());
        Some(problem)
    }

    /// Both ends hold, so nothing would be loosened; but who writes a later one believes that it does something.
    fn finish(&self, stage: &Stage) -> Option<Problem> {
        let (Some(Finish::Time(later)), Some(Finish::Time(own))) = (self.refinement.finish_before, stage.finish_before)
        else {
            return None;
        };
        let sites = self.maker.model.sites.iter().filter(|site| site.region == self.refinement.region);
        let mut windows = sites.flat_map(|site| &site.schedule.windows);
        let opens = windows.find(|window| after(window.opens, later) > after(window.opens, own))?.opens;
        let by = Duration::from_seconds(after(opens, later) - after(opens, own));
        let (later, own, opens) = (show(later), show(own), show(opens));
        let message =
            format!("`{}` would finish before {later} in `{}`, {by} after {own}", self.region.name, stage.name);
        let problem = self
            .problem(message)
            .label(self.refinement.finish_span?, format!("later, in a window that opens at {opens}"))
            .label(stage.finish_span.unwrap_or(stage.name_span), format!("everybody has finished before {own}"))
            .help("a refinement may only tighten: leave it out, or finish earlier than the stage");
        Some(problem)
    }
}

/// How many hosts of a region, and of each of its sites, are changed before gates have answered, at the most.
struct AtOnce {
    in_region: usize,
    in_sites: BTreeMap<SiteId, usize>,
}

impl AtOnce {
    fn of(limits: Limits, sites: &BTreeMap<SiteId, usize>) -> AtOnce {
        let hosts: usize = sites.values().sum();
        let of_region = limits.at_once(hosts);
        let of_site = |hosts: usize| if limits.are_of_sites { limits.at_once(hosts) } else { of_region.min(hosts) };
        let in_sites: BTreeMap<SiteId, usize> = sites.iter().map(|(site, hosts)| (*site, of_site(*hosts))).collect();
        let in_region = if limits.are_of_sites { in_sites.values().sum() } else { of_region };
        AtOnce { in_region, in_sites }
    }
}

/// The schedule with only this window.
fn with_window(schedule: &Schedule, window: Window) -> Schedule {
    let freezes: Vec<Freeze> = schedule.freezes.clone();
    Schedule { zone: schedule.zone.clone(), windows: vec![window], freezes }
}

/// Seconds from an opening to the first such time after it.
fn after(opens: NaiveTime, time: NaiveTime) -> u64 {
    let seconds = |time: NaiveTime| u64::from(time.num_seconds_from_midnight());
    match seconds(time) > seconds(opens) {
        true => seconds(time) - seconds(opens),
        false => seconds(time) + 86_400 - seconds(opens),
    }
}

fn show(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// More windows would say no more.
const MOST_LABELS: usize = 3;
