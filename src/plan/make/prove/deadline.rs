use std::sync::Arc;

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{DeadlineAt, Gate, Model, Refinement, RegionOrder, Rollout, Service, Stage};
use crate::plan::make::Maker;
use crate::plan::{BudgetGroup, HostIdx, StagePlan};
use crate::source::Span;
use crate::time::{Duration, Interval, Moment, Schedule, later_by, show_utc};

/// By when all must have ended of a rollout that starts at a moment.
pub(in crate::plan::make) fn moment(rollout: &Rollout, starts_at: Moment) -> Option<Moment> {
    rollout.deadline.as_ref().map(|deadline| match deadline.at {
        DeadlineAt::Moment(at) => at,
        DeadlineAt::AfterStart(length) => later_by(starts_at, length),
    })
}

/// A rollout that ends after its deadline even if nothing goes wrong, with what makes it end so late.
///
/// What binds is found by planning without it: the soak, batch, gate, bound or order without which the deadline would be
/// met; where none of these is enough, of all that could be loosened, windows and budgets too, the one without which the
/// rollout would be done first. (To follow the critical path would blame the window for every night that a batch limit
/// makes it wait.)
pub(in crate::plan::make) fn prove(
    maker: &Maker,
    picked: &[Vec<HostIdx>],
    budgets: &[BudgetGroup],
    stages: &[StagePlan],
    starts_at: Moment,
    problems: &mut Problems,
) {
    let (Some(deadline), Some(at)) = (&maker.rollout.deadline, moment(maker.rollout, starts_at)) else { return };
    let ends_at = stages.last().map_or(starts_at, |stage| stage.ends_at);
    if ends_at <= at {
        let planner = Planner { maker, picked, budgets, starts_at };
        problems.extend(missed_while_waiting(&planner, ends_at, at));
        return;
    }
    let missed_by = Interval { start: at, end: ends_at }.length();
    let name = &maker.rollout.name;
    let done = show_utc(ends_at);
    if starts_at >= at {
        let message = format!("`{name}` starts at {}, which is not before its deadline", show_utc(starts_at));
        let problem = Problem::error(Code::DEADLINE_MISSED, message)
            .label(deadline.span, format!("at the latest at {}", show_utc(at)))
            .label(maker.rollout.targets_span, format!("these hosts would be done at {done}, {missed_by} too late"));
        problems.push(problem.help("start earlier, or move the deadline"));
        return;
    }
    let place = last_region(maker, stages).map_or(String::new(), |region| format!(" in `{region}`"));
    let message = format!("`{name}` would be done at {done}{place}, {missed_by} after its deadline");
    let mut problem = Problem::error(Code::DEADLINE_MISSED, message)
        .label(deadline.span, format!("at the latest at {}", show_utc(at)));
    let planner = Planner { maker, picked, budgets, starts_at };
    problem = match planner.what_binds(ends_at, at) {
        Some(bound) => {
            problem.label(bound.span, format!("{}; else all would be done at {}", bound.what, show_utc(bound.ends_at)))
        }
        None => match steps(maker.rollout) {
            Some((span, takes)) => problem.label(span, format!("these steps take {takes} on each host")),
            None => problem,
        },
    };
    problems.push(problem.help(format!(
        "{done} is the first moment at which all can be done: loosen what holds it up, start earlier, or move \
         the deadline"
    )));
}

/// The plan takes every approval as given at once. What they may take, as the script says, can be more than the deadline
/// leaves: also because a window closes meanwhile.
fn missed_while_waiting(planner: &Planner, ends_at: Moment, at: Moment) -> Option<Problem> {
    let rollout = planner.maker.rollout;
    let deadline = rollout.deadline.as_ref()?;
    let left = Interval { start: ends_at, end: at }.length();
    let waits = rollout.stages.iter().filter_map(|stage| {
        let approval = stage.approval.as_ref()?;
        Some((stage, approval, approval.within?))
    });
    let waits: Vec<_> = waits.collect();
    if waits.is_empty() {
        return None;
    }
    let waited_until = planner.done_with_waits();
    if waited_until <= at {
        return None;
    }
    let late = Interval { start: at, end: waited_until }.length();
    let who = |(stage, _, within): &(&Stage, _, Duration)| format!("`{}` may wait {within}", stage.name);
    let waiting = waits.iter().map(who).collect::<Vec<_>>().join(", ");
    let message = format!("`{}` can miss its deadline by {late}: {waiting}, and the plan leaves {left}", rollout.name);
    let problem = Problem::warning(Code::DEADLINE_MISSED, message)
        .label(deadline.span, format!("at the latest at {}, {left} after all can be done", show_utc(at)));
    let problem = waits
        .iter()
        .fold(problem, |problem, (_, approval, within)| problem.label(approval.span, format!("up to {within}")));
    Some(problem.help("give less time for the approval, start earlier, or move the deadline"))
}

/// The region whose batch ends last.
fn last_region<'a>(maker: &Maker<'a>, stages: &[StagePlan]) -> Option<&'a str> {
    let turns = stages.last()?.turns.iter();
    let ends = turns.filter_map(|turn| {
        let batches = turn.lanes.iter().flat_map(|lane| &lane.batches);
        Some((batches.map(|batch| batch.ends_at).max()?, turn.region))
    });
    // The first of those that end together.
    let (_, region) = ends.reduce(|last, next| if next.0 > last.0 { next } else { last })?;
    maker.model.regions.get(region.0 as usize).map(|region| region.name.as_str())
}

fn steps(rollout: &Rollout) -> Option<(Span, Duration)> {
    let (first, last) = (rollout.steps.first()?, rollout.steps.last()?);
    Some((first.span.to(last.span), rollout.steps.iter().map(|step| step.takes).sum()))
}

/// What the rollout would be done sooner without.
struct Bound {
    span: Span,
    what: String,
    ends_at: Moment,
}

/// What can hold a rollout up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of regions: freezes too.
    Windows,
    /// Of stages.
    Batch,
    AtOnce,
    Soak,
    Finish,
    Order,
    /// How long a gate must go on passing.
    Gate,
    /// Of a service.
    Budgets,
}

/// Of which thing: its place among the regions, stages, gates or services, or among the refinements, which say of their
/// region what stages say of all.
#[derive(Debug, Clone, Copy)]
enum Place {
    Of(usize),
    Refined(usize),
}

/// Things of a kind that are written at one place.
struct Thing {
    places: Vec<Place>,
    span: Span,
    what: String,
}

struct Planner<'a> {
    maker: &'a Maker<'a>,
    picked: &'a [Vec<HostIdx>],
    budgets: &'a [BudgetGroup],
    starts_at: Moment,
}

/// How many things of one kind are looked at one by one: each costs a plan.
const MOST_LOOKED_AT: usize = 12;

impl Planner<'_> {
    /// First the kind of thing, then the one of them.
    fn what_binds(&self, ends_at: Moment, deadline: Moment) -> Option<Bound> {
        let kinds = self.kinds().into_iter().map(|(kind, things)| {
            let all: Vec<Place> = things.iter().flat_map(|thing| &thing.places).copied().collect();
            (self.done_without(kind, &all), (kind, things))
        });
        let kinds: Vec<(Moment, (Kind, Vec<Thing>))> = kinds.collect();
        let is_enough = |done: Moment, kind: Kind| done <= deadline && !matches!(kind, Kind::Windows | Kind::Budgets);
        let any_is_enough = kinds.iter().any(|(done, (kind, _))| is_enough(*done, *kind));
        let chosen = kinds.into_iter().filter(|(done, (kind, _))| !any_is_enough || is_enough(*done, *kind));
        let (_, (kind, things)) = first_done(chosen, ends_at)?;
        let things = things.into_iter().take(MOST_LOOKED_AT);
        let single = things.map(|thing| (self.done_without(kind, &thing.places), thing));
        let (ends_at, thing) = first_done(single, ends_at)?;
        Some(Bound { span: thing.span, what: thing.what, ends_at })
    }

    /// When all is done where every approval takes as long as it may.
    fn done_with_waits(&self) -> Moment {
        let mut rollout = self.maker.rollout.clone();
        let refined =
            rollout.refinements.iter().filter_map(|refinement| refinement.soak).max().unwrap_or(Duration::ZERO);
        for stage in rollout.stages.iter_mut().filter(|stage| stage.approval.is_some()) {
            let within = stage.approval.as_ref().and_then(|approval| approval.within);
            stage.soak = [stage.soak.max(refined), within.unwrap_or(Duration::ZERO)].into_iter().sum();
        }
        let maker = Maker { rollout: &rollout, ..*self.maker };
        let stages = maker.stages(self.picked, self.budgets, self.starts_at, &mut Problems::default());
        stages.last().map_or(self.starts_at, |stage| stage.ends_at)
    }

    fn done_without(&self, kind: Kind, places: &[Place]) -> Moment {
        let (mut model, mut rollout) = (self.maker.model.clone(), self.maker.rollout.clone());
        let mut services: Vec<&str> = Vec::new();
        for &place in places {
            // INVARIANT: it is the place of such a thing.
            match place {
                Place::Of(idx) if kind == Kind::Budgets => services.push(&self.maker.model.services[idx].name),
                Place::Of(idx) => loosen(kind, idx, &mut model, &mut rollout),
                Place::Refined(idx) => loosen_refined(kind, &mut rollout.refinements[idx]),
            }
        }
        let is_kept = |budget: &&BudgetGroup| !services.contains(&budget.service.as_str());
        let budgets: Vec<BudgetGroup> = self.budgets.iter().filter(is_kept).cloned().collect();
        let maker = Maker { model: &model, rollout: &rollout, ..*self.maker };
        let stages = maker.stages(self.picked, &budgets, self.starts_at, &mut Problems::default());
        stages.last().map_or(self.starts_at, |stage| stage.ends_at)
    }

    /// All that can hold the rollout up, by kind.
    fn kinds(&self) -> Vec<(Kind, Vec<Thing>)> {
        let rollout = self.maker.rollout;
        let stages = |thing: &dyn Fn(&Stage) -> Option<(Span, String)>| -> Vec<Thing> {
            let stages = rollout.stages.iter().enumerate();
            let found = stages.filter_map(|(idx, stage)| thing(stage).map(|(span, what)| (idx, span, what)));
            found.map(|(idx, span, what)| Thing { places: vec![Place::Of(idx)], span, what }).collect()
        };
        let with_refined = |of_stages: Vec<Thing>, span: &dyn Fn(&Refinement) -> Option<Span>| {
            of_stages.into_iter().chain(self.refined(span)).collect::<Vec<_>>()
        };
        let batch = |stage: &Stage| {
            let what = format!("`{}` goes in batches no larger than this", stage.name);
            stage.batch.as_ref().map(|batch| (batch.span, what))
        };
        let at_once = |stage: &Stage| {
            let what = format!("`{}` has no more than this under way", stage.name);
            stage.at_once.as_ref().map(|at_once| (at_once.span, what))
        };
        let soak = |stage: &Stage| Some((stage.soak_span?, format!("`{}` is watched for {}", stage.name, stage.soak)));
        let finish = |stage: &Stage| Some((stage.finish_span?, format!("the nights of `{}` end with it", stage.name)));
        let order = |stage: &Stage| {
            let what = format!("the regions of `{}` go one after the other", stage.name);
            (stage.order != RegionOrder::Together).then_some((stage.name_span, what))
        };
        vec![
            (Kind::Windows, self.windows()),
            (Kind::Batch, with_refined(stages(&batch), &|refined| Some(refined.batch.as_ref()?.span))),
            (Kind::AtOnce, with_refined(stages(&at_once), &|refined| Some(refined.at_once.as_ref()?.span))),
            (Kind::Soak, with_refined(stages(&soak), &|refined| refined.soak_span)),
            (Kind::Budgets, self.services()),
            (Kind::Gate, self.gates()),
            (Kind::Finish, with_refined(stages(&finish), &|refined| refined.finish_span)),
            (Kind::Order, stages(&order)),
        ]
    }

    /// What teams say of their regions. Several regions may be refined at one place.
    fn refined(&self, span: &dyn Fn(&Refinement) -> Option<Span>) -> Vec<Thing> {
        let mut things: Vec<Thing> = Vec::new();
        for (idx, refinement) in self.maker.rollout.refinements.iter().enumerate() {
            let Some(span) = span(refinement) else { continue };
            match things.iter_mut().find(|known| known.span == span) {
                Some(known) => known.places.push(Place::Refined(idx)),
                None => {
                    let region = self.maker.model.regions.get(refinement.region.0 as usize);
                    let region = region.map_or("", |region| &region.name);
                    let what = format!("the team of `{region}` refines it so");
                    things.push(Thing { places: vec![Place::Refined(idx)], span, what });
                }
            }
        }
        things
    }

    /// The regions of one `regions by` have their windows at one place.
    fn windows(&self) -> Vec<Thing> {
        let mut windows: Vec<Thing> = Vec::new();
        for (idx, region) in self.maker.model.regions.iter().enumerate() {
            let Some(&span) = region.window_spans.first() else { continue };
            match windows.iter_mut().find(|known| known.span == span) {
                Some(known) => known.places.push(Place::Of(idx)),
                None => {
                    let what = "it waits for these windows".to_owned();
                    windows.push(Thing { places: vec![Place::Of(idx)], span, what });
                }
            }
        }
        windows
    }

    fn gates(&self) -> Vec<Thing> {
        let gates = self.maker.rollout.gates.iter().enumerate().filter(|(_, gate)| !gate.lasts_for.is_zero());
        let thing = |(idx, gate): (usize, &Gate)| {
            let what = format!("`{}` must go on passing for {} after each batch", gate.name, gate.lasts_for);
            Thing { places: vec![Place::Of(idx)], span: gate.span, what }
        };
        gates.map(thing).collect()
    }

    fn services(&self) -> Vec<Thing> {
        let services = self.maker.model.services.iter().enumerate();
        let thing = |(idx, service): (usize, &Service)| {
            let what = format!("so many of `{}` must stay up", service.name);
            service.keeps.first().map(|keep| Thing { places: vec![Place::Of(idx)], span: keep.span, what })
        };
        services.filter_map(thing).collect()
    }
}

/// INVARIANT: `idx` is the place of such a thing.
fn loosen(kind: Kind, idx: usize, model: &mut Model, rollout: &mut Rollout) {
    match kind {
        Kind::Windows => {
            for site in model.sites.iter_mut().filter(|site| site.region.0 as usize == idx) {
                let zone = site.schedule.zone.clone();
                site.schedule = Arc::new(Schedule { zone, windows: Vec::new(), freezes: Vec::new() });
            }
        }
        Kind::Batch => rollout.stages[idx].batch = None,
        Kind::AtOnce => rollout.stages[idx].at_once = None,
        Kind::Soak => rollout.stages[idx].soak = Duration::ZERO,
        Kind::Finish => rollout.stages[idx].finish_before = None,
        Kind::Order => rollout.stages[idx].order = RegionOrder::Together,
        Kind::Gate => rollout.gates[idx].lasts_for = Duration::ZERO,
        // The groups of its budgets are left out.
        Kind::Budgets => {}
    }
}

fn loosen_refined(kind: Kind, refinement: &mut Refinement) {
    match kind {
        Kind::Batch => refinement.batch = None,
        Kind::AtOnce => refinement.at_once = None,
        Kind::Soak => refinement.soak = None,
        Kind::Finish => refinement.finish_before = None,
        // Windows and gates are among those of the regions and of the rollout.
        Kind::Windows | Kind::Budgets | Kind::Order | Kind::Gate => {}
    }
}

/// The first to be done, of those that are done sooner than `ends_at`.
fn first_done<T>(all: impl Iterator<Item = (Moment, T)>, ends_at: Moment) -> Option<(Moment, T)> {
    let sooner = all.filter(|(done, _)| *done < ends_at);
    sooner.reduce(|first, next| if next.0 < first.0 { next } else { first })
}
