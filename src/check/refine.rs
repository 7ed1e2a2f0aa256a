use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::calendars::Calendars;
use crate::check::entry::Checker;
use crate::check::host_problems::{count, say};
use crate::check::names::{Definition, Sort, list};
use crate::check::once::Once;
use crate::check::regions::{CheckedRegions, written};
use crate::check::rollout::AskedGates;
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::HostSet;
use crate::model::{AtOnce, Batch, Finish, Refinement, RegionId, SiteId};
use crate::source::Span;
use crate::syntax::ast::{self, Name, RefineMember, StageMember};
use crate::time::{Calendar, Duration, Freeze, Schedule, Window};

/// One `refine`, each of its members looked at once, however many regions it is for.
#[derive(Debug)]
pub(super) struct CheckedRefine<'a> {
    rollout: &'a Name,
    regions: Vec<(RegionId, &'a Name)>,
    batch: Option<Batch>,
    at_once: Option<AtOnce>,
    soak: Option<(Duration, Span)>,
    pub(super) gates: Vec<&'a Name>,
    finish: Option<(Finish, Span)>,
    windows: Vec<(Window, Span)>,
    freezes: Vec<(Arc<Calendar>, Span)>,
    is_sound: bool,
}

impl CheckedRefine<'_> {
    pub(super) fn is_of(&self, rollout: &str) -> bool {
        self.rollout.text == rollout
    }

    pub(super) fn regions(&self) -> impl Iterator<Item = RegionId> {
        self.regions.iter().map(|(region, _)| *region)
    }
}

impl<'a> Checker<'a> {
    pub(super) fn check_refines(&mut self, regions: &CheckedRegions, calendars: &Calendars<'a>) {
        let all: Vec<Definition<'a, ast::Refine>> = self.names.refines.clone();
        for definition in all {
            let refine = definition.value;
            self.find(Sort::Rollout, &refine.rollout, |names| &names.rollouts);
            let found: Vec<_> = refine.regions.iter().map(|name| Some((self.region(name, regions)?, name))).collect();
            let are_known = found.iter().all(Option::is_some);
            if refine.members.is_empty() && !self.is_unclear(definition.span) {
                self.report_says_nothing(refine);
            }
            let mut checked = self.check_refine_members(refine, calendars);
            checked.regions = found.into_iter().flatten().collect();
            checked.is_sound &= are_known && !self.is_unclear(definition.span);
            checked.is_sound &= self.check_refined_once(&checked);
            self.refines.push(checked);
        }
    }

    fn report_says_nothing(&mut self, refine: &'a ast::Refine) {
        let message = format!("this refinement of `{}` says nothing", refine.rollout.text);
        let problem = Problem::error(Code::MEMBER_MISSING, message)
            .label(refine.rollout.span, "nothing of it is tightened")
            .help("say what the region's team wants, such as `window tue..thu 23:00-04:00` or `batch 1 per site`; or take it out");
        self.report(problem);
    }

    fn check_refine_members(&mut self, refine: &'a ast::Refine, calendars: &Calendars<'a>) -> CheckedRefine<'a> {
        let mut batch = Once::new("batch");
        let mut at_once = Once::new("at most … at once");
        let mut soak = Once::new("soak");
        let mut finish = Once::new("finish before");
        let mut checked = CheckedRefine {
            rollout: &refine.rollout,
            regions: Vec::new(),
            batch: None,
            at_once: None,
            soak: None,
            gates: Vec::new(),
            finish: None,
            windows: Vec::new(),
            freezes: Vec::new(),
            is_sound: true,
        };
        for member in &refine.members {
            match member {
                RefineMember::Window(window) => match self.window(window, calendars) {
                    Some(found) => checked.windows.push((found, window.span)),
                    None => checked.is_sound = false,
                },
                RefineMember::Freeze(names) => {
                    for name in names {
                        match self.calendars(&[name], calendars) {
                            Some(found) => checked.freezes.extend(found.into_iter().map(|one| (one, name.span))),
                            None => checked.is_sound = false,
                        }
                    }
                }
                RefineMember::Stage(StageMember::Batch(found)) => batch.set(self, found, found.span),
                RefineMember::Stage(StageMember::AtOnce(found)) => at_once.set(self, found, found.span),
                RefineMember::Stage(StageMember::Soak(length)) => soak.set(self, length, length.span),
                RefineMember::Stage(StageMember::FinishBefore(time)) => finish.set(self, time, time.span),
                RefineMember::Stage(StageMember::Gates(names)) => checked.gates.extend(names),
                // INVARIANT: the grammar lets no other member of a stage stand here.
                RefineMember::Stage(
                    StageMember::Pick { .. }
                    | StageMember::Order { .. }
                    | StageMember::OrderBy { .. }
                    | StageMember::Approval(_),
                ) => {}
            }
        }
        self.check_gates_once(&checked.gates);
        if let (Some(batch), Some(at_once)) = (batch.span(), at_once.span()) {
            self.report_batch_and_at_once(batch, at_once);
            checked.is_sound = false;
        }
        let batch = batch.get().map(|batch| self.batch(batch));
        let at_once = at_once.get().map(|at_once| self.at_once(at_once));
        checked.is_sound &= !matches!(batch, Some(None)) && !matches!(at_once, Some(None));
        checked.batch = batch.flatten();
        checked.at_once = at_once.flatten();
        checked.soak = soak.get().map(|soak| (soak.value, soak.span));
        checked.finish = finish.get().map(|finish| (finish_of(finish.value), finish.span));
        checked
    }

    /// Two teams that tighten the same would not know of each other.
    fn check_refined_once(&mut self, checked: &CheckedRefine<'a>) -> bool {
        let mut problems = Vec::new();
        for (idx, (region, name)) in checked.regions.iter().enumerate() {
            let earlier = self.refines.iter().filter(|other| other.is_of(&checked.rollout.text));
            let mut named = earlier.flat_map(|other| &other.regions).chain(&checked.regions[..idx]);
            if let Some((_, first)) = named.find(|(other, _)| other == region) {
                let message = format!("the region `{}` refines `{}` twice", name.text, checked.rollout.text);
                let problem = Problem::error(Code::DEFINED_TWICE, message)
                    .label(name.span, "refined again here")
                    .label(first.span, "first refined here")
                    .help("say all that holds for the region in one place");
                problems.push(problem);
            }
        }
        let is_sound = problems.is_empty();
        problems.into_iter().for_each(|problem| self.report(problem));
        is_sound
    }

    /// What is refined of a rollout. None where something about it is not sound.
    pub(super) fn refinements(
        &mut self,
        rollout: &Name,
        to: Span,
        targets: Option<&HostSet>,
        regions: &CheckedRegions,
        asked: &AskedGates,
    ) -> Option<Vec<Refinement>> {
        let all = std::mem::take(&mut self.refines);
        let mut found = Some(Vec::new());
        for refine in all.iter().filter(|refine| refine.is_of(&rollout.text)) {
            for (region, name) in &refine.regions {
                let takes_part = self.check_takes_part(rollout, to, (*region, name), targets, regions);
                let refinement = refinement_of(refine, *region, name.span, regions, asked).filter(|_| takes_part);
                found = found.zip(refinement).map(|(mut found, refinement)| {
                    found.push(refinement);
                    found
                });
            }
            found = found.filter(|_| refine.is_sound);
        }
        self.refines = all;
        found
    }

    fn check_takes_part(
        &mut self,
        rollout: &Name,
        to: Span,
        (id, name): (RegionId, &Name),
        targets: Option<&HostSet>,
        regions: &CheckedRegions,
    ) -> bool {
        let (Some(targets), Some(region)) = (targets, regions.regions.get(id.0 as usize)) else { return true };
        if !region.hosts.and(targets).is_empty() {
            return true;
        }
        let taking_part: Vec<(&str, usize)> = regions
            .regions
            .iter()
            .map(|region| (region.name.as_str(), region.hosts.and(targets).len()))
            .filter(|(_, hosts)| *hosts > 0)
            .collect();
        let message = format!("the region `{}` takes no part in `{}`", name.text, rollout.text);
        let none = say(region.hosts.len(), "of it, and it is no target", "of it, and none is a target");
        let problem = Problem::error(Code::SELECTS_NOTHING, message).label(name.span, none).label(to, "the targets");
        let near = nearest(&name.text, taking_part.iter().map(|(name, _)| *name));
        let found = near.and_then(|near| taking_part.iter().find(|(name, _)| *name == near));
        self.report(match found {
            Some((near, hosts)) => {
                let written = written(near);
                let problem = problem.help(format!("did you mean `{near}` ({})?", count(*hosts)));
                problem.fix(format!("write `{written}`"), name.span, written)
            }
            None => {
                let names = list(taking_part.iter().map(|(name, _)| name), taking_part.len());
                problem.help(format!("the regions that take part are {names}"))
            }
        });
        false
    }

    /// Whether a refinement asks for local times in a region.
    pub(super) fn is_refined_in_time(&self, region: &str) -> bool {
        let of_region =
            self.names.refines.iter().filter(|refine| refine.value.regions.iter().any(|name| name.text == region));
        of_region.flat_map(|refine| &refine.value.members).any(|member| {
            matches!(
                member,
                RefineMember::Window(_) | RefineMember::Freeze(_) | RefineMember::Stage(StageMember::FinishBefore(_))
            )
        })
    }
}

fn refinement_of(
    refine: &CheckedRefine,
    region: RegionId,
    span: Span,
    regions: &CheckedRegions,
    asked: &AskedGates,
) -> Option<Refinement> {
    let mut schedules: BTreeMap<SiteId, Arc<Schedule>> = BTreeMap::new();
    let mut own_windows = 0;
    let sites = (0..).map(SiteId).zip(&regions.sites).filter(|(_, site)| site.region == region);
    if !refine.windows.is_empty() || !refine.freezes.is_empty() {
        for (id, site) in sites {
            own_windows = site.schedule.windows.len();
            schedules.insert(id, refined(&site.schedule, refine, schedules.values()));
        }
    }
    // As the schedules have them: the windows, then the freezes.
    let own = &regions.regions.get(region.0 as usize)?.window_spans;
    let (own_windows, own_freezes) = own.split_at(own_windows.min(own.len()));
    let windows: Vec<Span> = match refine.windows.is_empty() {
        true => own_windows.to_vec(),
        false => refine.windows.iter().map(|(_, span)| *span).collect(),
    };
    let freezes = own_freezes.iter().copied().chain(refine.freezes.iter().map(|(_, span)| *span));
    Some(Refinement {
        region,
        window_spans: windows.into_iter().chain(freezes).collect(),
        schedules,
        batch: refine.batch.clone(),
        at_once: refine.at_once.clone(),
        soak: refine.soak.map(|(soak, _)| soak),
        gates: refine.gates.iter().map(|name| asked.id(&name.text)).collect::<Option<_>>()?,
        finish_before: refine.finish.map(|(finish, _)| finish),
        soak_span: refine.soak.map(|(_, span)| span),
        finish_span: refine.finish.map(|(_, span)| span),
        span,
    })
}

/// Sites of one zone go on sharing theirs.
fn refined<'s>(
    own: &Schedule,
    refine: &CheckedRefine,
    mut known: impl Iterator<Item = &'s Arc<Schedule>>,
) -> Arc<Schedule> {
    let windows = match refine.windows.is_empty() {
        true => own.windows.clone(),
        false => refine.windows.iter().map(|(window, _)| window.clone()).collect(),
    };
    let added = refine.freezes.iter().map(|(calendar, _)| Freeze { calendar: calendar.clone() });
    let schedule =
        Schedule { zone: own.zone.clone(), windows, freezes: own.freezes.iter().cloned().chain(added).collect() };
    known.find(|known| ***known == schedule).cloned().unwrap_or_else(|| Arc::new(schedule))
}

pub(super) fn finish_of(finish: ast::Finish) -> Finish {
    match finish {
        ast::Finish::Time(time) => Finish::Time(time),
        ast::Finish::Sunrise => Finish::Sunrise,
    }
}
