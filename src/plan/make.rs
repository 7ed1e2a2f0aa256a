use std::borrow::Cow;
use std::path::Path;

use crate::diagnostic::Problems;
use crate::inventory::Fleet;
use crate::model::{
    AtOnce, Batch, Finish, Model, Package, Refinement, RegionId, RegionOrder, Rollout, Service, Site, Stage, Workaround,
};
use crate::plan::{
    AtOnceLimit, BatchLimit, BudgetGroup, Fingerprint, HostIdx, Ledger, Plan, PlanHost, PlanPackage, PlanRefinement,
    PlanRegion, PlanService, PlanSite, PlanWorkaround, StagePlan,
};
use crate::source::Span;
use crate::time::{Duration, Moment, Schedule, later_by, zone_data_version};

pub(super) mod amount;
mod batches;
pub(super) mod budgets;
mod connection;
mod lanes;
mod limits;
mod openings;
mod partition;
mod prove;
mod queue;
mod ranks;
#[cfg(test)]
mod reference;
mod stages;
mod sunrise;
mod targets;
#[cfg(test)]
mod tests;
mod unfit;
mod values;

use batches::Pace;
use budgets::Budgets;
use lanes::Lanes;
use openings::Openings;
use targets::Targets;
use unfit::Unfit;

/// Plans one rollout of the model from `starts_at` on. The same arguments give the same plan, byte for byte.
///
/// # Errors
/// Every problem that makes the plan impossible, in one go: targets in no stage, stages without hosts, budgets that a
/// batch would break or that can never hold, batches that fit no window. Warnings come with a plan.
pub fn make(
    model: &Model,
    rollout: &Rollout,
    fleet: &Fleet,
    starts_at: Moment,
    script: &str,
    fingerprint: Fingerprint,
) -> (Option<Plan>, Problems) {
    let mut problems = Problems::default();
    let Some(targets) = Targets::find(model, rollout, fleet, &mut problems) else { return (None, problems.sorted()) };
    let workarounds = plan_workarounds(rollout, &targets);
    let refined = refined_model(model, rollout);
    let maker = Maker { model: &refined, rollout, fleet, targets: &targets, workarounds: &workarounds };
    let Worked { picked, budgets, stages } = maker.work_out(model, starts_at, &mut problems);
    let Some(stages) = stages.filter(|_| !problems.has_errors()) else { return (None, problems.sorted()) };
    let plan = Plan {
        rollout: rollout.name.clone(),
        bulletin: rollout.bulletin.name.clone(),
        title: rollout.bulletin.title.clone(),
        severity: rollout.bulletin.severity,
        runbook: rollout.runbook.clone(),
        script: script.to_owned(),
        starts_at,
        ends_at: stages.last().map_or(starts_at, |stage| stage.ends_at),
        deadline: prove::deadline::moment(rollout, starts_at),
        zone_data: zone_data_version().to_owned(),
        fingerprint,
        regions: model
            .regions
            .iter()
            .map(|region| PlanRegion { name: region.name.clone(), owner: region.owner })
            .collect(),
        sites: refined.sites.iter().map(plan_site).collect(),
        teams: model.teams.clone(),
        values: values::columns(&maker, &picked),
        hosts: maker.hosts(&picked),
        packages: rollout.bulletin.packages.iter().map(plan_package).collect(),
        workarounds: workarounds.clone(),
        budgets: budgets.groups,
        steps: rollout.steps.clone(),
        gates: rollout.gates.clone(),
        stages,
        refinements: rollout.refinements.iter().map(plan_refinement).collect(),
        rules: rollout.rules.clone(),
        properties: rollout.properties.clone(),
        services: model.services.iter().map(|service| maker.service(service)).collect(),
        command_path: model.command_path.clone(),
        directory: directory_of(script),
    };
    (Some(plan), problems.sorted())
}

/// The problems that [`make`] would find, without the plan.
pub fn check(model: &Model, rollout: &Rollout, fleet: &Fleet, starts_at: Moment) -> Problems {
    let mut problems = Problems::default();
    if let Some(targets) = Targets::find(model, rollout, fleet, &mut problems) {
        let workarounds = plan_workarounds(rollout, &targets);
        let refined = refined_model(model, rollout);
        let maker = Maker { model: &refined, rollout, fleet, targets: &targets, workarounds: &workarounds };
        maker.work_out(model, starts_at, &mut problems);
    }
    problems.sorted()
}

/// What a plan is made of.
struct Worked {
    /// The hosts of each stage.
    picked: Vec<Vec<HostIdx>>,
    budgets: Budgets,
    /// None where they could not be planned at all.
    stages: Option<Vec<StagePlan>>,
}

/// What every part of the planner looks at.
#[derive(Clone, Copy)]
struct Maker<'a> {
    model: &'a Model,
    rollout: &'a Rollout,
    fleet: &'a Fleet,
    targets: &'a Targets,
    workarounds: &'a [PlanWorkaround],
}

impl Maker<'_> {
    /// `original` is the model as it is without refinements.
    fn work_out(&self, original: &Model, starts_at: Moment, problems: &mut Problems) -> Worked {
        let picked = stages::pick(self, problems);
        let budgets = budgets::groups(self, &picked, problems);
        sunrise::check_places(self, &picked, problems);
        prove::refinements::prove(self, original, &picked, starts_at, problems);
        // Times would be the times of another plan where a host is in no stage, and none where a budget can never hold.
        let stages = match problems.has_errors() {
            true => None,
            false => Some(self.stages(&picked, &budgets.groups, starts_at, problems)),
        };
        let whole = stages.as_deref().filter(|_| !problems.has_errors());
        self.prove(&picked, &budgets, whole, starts_at, problems);
        Worked { picked, budgets, stages }
    }

    /// What must hold beyond that there is a plan. `stages` are there where they could all be planned.
    fn prove(
        &self,
        picked: &[Vec<HostIdx>],
        budgets: &Budgets,
        stages: Option<&[StagePlan]>,
        starts_at: Moment,
        problems: &mut Problems,
    ) {
        prove::guinea_pigs::prove(self, picked, problems);
        prove::approvals::prove(self, picked, problems);
        prove::waits::prove(self, picked, problems);
        prove::rules::prove(self, picked, stages, problems);
        prove::policies::prove(self, stages, problems);
        prove::finish::prove(self, picked, problems);
        problems.extend(prove::freezes::prove(self, picked, stages, starts_at));
        if let Some(stages) = stages {
            prove::deadline::prove(self, picked, &budgets.groups, stages, starts_at, problems);
            prove::failures::prove(self, budgets, stages, problems);
            prove::rollbacks::prove(self, budgets, stages, problems);
        }
    }

    /// One stage after the other, each from the end of the one before it.
    fn stages(
        &self,
        picked: &[Vec<HostIdx>],
        budgets: &[BudgetGroup],
        starts_at: Moment,
        problems: &mut Problems,
    ) -> Vec<StagePlan> {
        let mut openings = Openings::of(self.model);
        // A runbook that takes no host down draws on no budget.
        let takes_down = self.rollout.steps.iter().any(|step| step.down);
        let mut ledger = Ledger::new(self.targets.len(), if takes_down { budgets } else { &[] });
        let mut unfit = Unfit::default();
        let mut stages = Vec::with_capacity(picked.len());
        let mut at = starts_at;
        for (stage, hosts) in self.rollout.stages.iter().zip(picked) {
            let pace = Pace::of(self, stage, hosts);
            openings.begin(self, pace.length, stage);
            let lanes = Lanes::of(self, stage, hosts, &ledger, &mut openings, at);
            let made = batches::make(lanes, &pace, at, &mut ledger, &mut openings);
            unfit.add(self, stage, pace.length, made.unfit);
            let soak = self.soak(stage, hosts);
            let soaked_at = later_by(made.ends_at, soak);
            // The gates are asked again of everything after a soak.
            let ends_at = if soak.is_zero() { soaked_at } else { later_by(soaked_at, pace.gates_last()) };
            stages.push(StagePlan { turns: made.turns, soak, starts_at: at, ends_at, ..stage_plan(stage, self.fleet) });
            at = ends_at;
        }
        problems.extend(unfit.into_problems(self));
        stages
    }

    fn service(&self, service: &Service) -> PlanService {
        let targets = (0u32..).zip(&self.targets.hosts);
        let hosts = targets.filter(|(_, host)| service.hosts.contains(**host)).map(|(idx, _)| HostIdx(idx));
        PlanService { name: service.name.clone(), size: service.hosts.len() as u32, hosts: hosts.collect() }
    }

    fn refinement(&self, region: RegionId) -> Option<&Refinement> {
        self.rollout.refinements.iter().find(|refinement| refinement.region == region)
    }

    /// All that must be over by then in a region, with where it is said.
    fn finishes(&self, stage: &Stage, region: RegionId) -> Vec<(Finish, Option<Span>)> {
        let refined = self.refinement(region).map(|refinement| (refinement.finish_before, refinement.finish_span));
        let all = [Some((stage.finish_before, stage.finish_span)), refined];
        all.into_iter().flatten().filter_map(|(finish, span)| Some((finish?, span))).collect()
    }

    /// As long as any of its regions wants it.
    fn soak(&self, stage: &Stage, hosts: &[HostIdx]) -> Duration {
        let takes_part = |refinement: &&Refinement| {
            hosts.iter().any(|host| self.targets.region(*host, self.model) == refinement.region)
        };
        let refined = self.rollout.refinements.iter().filter(|refinement| refinement.soak > Some(stage.soak));
        let longer = refined.filter(takes_part).filter_map(|refinement| refinement.soak);
        longer.max().unwrap_or(stage.soak)
    }

    fn hosts(&self, picked: &[Vec<HostIdx>]) -> Vec<PlanHost> {
        let stages = self.stage_of_each(picked);
        let reached = connection::Reached::of(self.model, self.fleet);
        (0..self.targets.len())
            .map(|idx| PlanHost {
                name: self.fleet.name(self.targets.hosts[idx]).into(),
                site: self.targets.sites[idx],
                package: self.targets.packages[idx],
                connection: reached.host(self.targets.hosts[idx]),
                stage: stages[idx],
            })
            .collect()
    }

    fn stage_of_each(&self, picked: &[Vec<HostIdx>]) -> Vec<u32> {
        let mut stages = vec![0; self.targets.len()];
        for (stage, hosts) in picked.iter().enumerate() {
            for host in hosts {
                stages[host.0 as usize] = stage as u32;
            }
        }
        stages
    }
}

fn stage_plan(stage: &Stage, fleet: &Fleet) -> StagePlan {
    StagePlan {
        name: stage.name.clone(),
        kind: stage.kind,
        together: matches!(stage.order, RegionOrder::Together),
        order_by: ranks::shown(fleet, &stage.order_by),
        turns: Vec::new(),
        batch: stage.batch.as_ref().map(batch_limit),
        at_once: stage.at_once.as_ref().map(at_once_limit),
        soak: stage.soak,
        gates: stage.gates.clone(),
        approval: stage.approval.clone(),
        finish_before: stage.finish_before,
        starts_at: Moment::UNIX_EPOCH,
        ends_at: Moment::UNIX_EPOCH,
    }
}

fn plan_site(site: &Site) -> PlanSite {
    PlanSite {
        name: site.name.clone(),
        region: site.region,
        schedule: site.schedule.clone(),
        coordinates: site.coordinates,
    }
}

/// With the windows and freezes that the regions' teams have tightened.
fn refined_model<'m>(model: &'m Model, rollout: &Rollout) -> Cow<'m, Model> {
    let mut refined = Cow::Borrowed(model);
    for refinement in rollout.refinements.iter().filter(|refinement| !refinement.schedules.is_empty()) {
        let model = refined.to_mut();
        for (site, schedule) in &refinement.schedules {
            if let Some(site) = model.sites.get_mut(site.0 as usize) {
                site.schedule = schedule.clone();
            }
        }
        if let Some(region) = model.regions.get_mut(refinement.region.0 as usize) {
            region.window_spans = refinement.window_spans.clone();
        }
    }
    refined
}

fn plan_refinement(refinement: &Refinement) -> PlanRefinement {
    PlanRefinement {
        region: refinement.region,
        times: refinement.schedules.values().next().map_or(Vec::new(), |schedule| times(schedule)),
        batch: refinement.batch.as_ref().map(batch_limit),
        at_once: refinement.at_once.as_ref().map(at_once_limit),
        soak: refinement.soak,
        gates: refinement.gates.clone(),
        finish_before: refinement.finish_before,
    }
}

/// `window tue..thu 23:00-04:00`, `freeze golden-week`
fn times(schedule: &Schedule) -> Vec<String> {
    let windows = schedule.windows.iter().map(|window| format!("window {window}"));
    windows.chain(schedule.freezes.iter().map(|freeze| format!("freeze {}", freeze.calendar.name))).collect()
}

fn batch_limit(batch: &Batch) -> BatchLimit {
    BatchLimit { amount: batch.amount, scope: batch.scope, at_most: batch.at_most }
}

fn at_once_limit(window: &AtOnce) -> AtOnceLimit {
    AtOnceLimit { most: window.most, scope: window.scope }
}

fn plan_workarounds(rollout: &Rollout, targets: &Targets) -> Vec<PlanWorkaround> {
    let of_targets = |workaround: &Workaround| PlanWorkaround {
        name: workaround.name.clone(),
        hosts: workaround.hosts.iter().filter_map(|host| targets.place(host)).collect(),
    };
    rollout.workarounds.iter().map(of_targets).collect()
}

fn plan_package(package: &Package) -> PlanPackage {
    PlanPackage {
        name: package.name.clone(),
        install: package.install.clone(),
        uninstall: package.uninstall.clone(),
        verify: package.verify.clone(),
    }
}

/// The folder of the script, as the script was named.
fn directory_of(script: &str) -> String {
    let parent = Path::new(script).parent().map(|parent| parent.to_string_lossy().into_owned());
    parent.filter(|parent| !parent.is_empty()).unwrap_or_else(|| ".".to_owned())
}
