use std::collections::BTreeSet;

use crate::engine::gates::{Asked, RoundOf};
use crate::engine::layout::BatchIdx;
use crate::engine::tally::Tally;
use crate::engine::{Answer, Engine, GateSubject, Progress, Status, Target};
use crate::model::{Act, Budget, Condition, Recipient, RegionId, Scope, SiteId, StageKind, TeamId};
use crate::plan::HostIdx;

/// A rule that has met its condition.
#[derive(Debug, Clone)]
pub(super) struct Firing {
    /// Index into `Plan::rules`.
    rule: u32,
    place: Place,
    why: String,
}

/// What met a rule's condition: the host, batch, … that its actions mean.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    host: Option<HostIdx>,
    batch: Option<BatchIdx>,
    site: Option<SiteId>,
    region: Option<RegionId>,
    stage: Option<u32>,
}

impl Engine {
    /// A host's step has failed, and will not be tried again.
    pub(super) fn failure_met(&mut self, host: HostIdx, step: u32) {
        let place = self.place_of_host(host);
        let name = &self.plan.host(host).name;
        let why = format!("step `{}` failed on `{name}`", self.plan.steps[step as usize].name);
        self.tallies.count_failure(&self.plan, &self.layout, host);
        let stage = self.plan.host(host).stage;
        if self.plan.stages[stage as usize].kind == StageKind::GuineaPig {
            self.hold(Target::Region(self.plan.region_of(host)), why.clone());
        }
        let is_met = |engine: &Engine, condition: &Condition| match condition {
            Condition::StepFailed(of) => of.is_none_or(|of| of == step),
            Condition::MoreThanFailed { limit, scope } => engine.just_passed(*limit, *scope, host),
            _ => false,
        };
        for rule in self.rules_that(is_met) {
            let why = self.why_of_failures(rule, host).unwrap_or_else(|| why.clone());
            self.due.rules.push_back(Firing { rule, place, why });
        }
    }

    pub(super) fn gate_met(&mut self, asked: Asked, answer: Answer, of: RoundOf, why: String) {
        let place = self.place_of_subject(asked.subject, of);
        let is_met = |_: &Engine, condition: &Condition| match condition {
            Condition::GateFailed(gate) => answer == Answer::Fail && gate.is_none_or(|gate| gate == asked.gate),
            Condition::GateUnknown(gate) => answer == Answer::Unknown && gate.is_none_or(|gate| gate == asked.gate),
            _ => false,
        };
        for rule in self.rules_that(is_met) {
            self.due.rules.push_back(Firing { rule, place, why: why.clone() });
        }
    }

    /// One more region is held; `held` are held now.
    pub(super) fn region_held_met(&mut self, region: RegionId, held: u64) {
        let place = Place { region: Some(region), stage: self.stage(), ..Place::default() };
        let is_met = |_: &Engine, condition: &Condition| *condition == Condition::RegionsHeld(held);
        for rule in self.rules_that(is_met) {
            let why = if held == 1 { "1 region is held".to_owned() } else { format!("{held} regions are held") };
            self.due.rules.push_back(Firing { rule, place, why });
        }
    }

    /// The deadline is at risk.
    pub(super) fn deadline_met(&mut self, why: String) {
        let place = Place { stage: self.stage(), ..Place::default() };
        for rule in self.rules_that(|_, condition| *condition == Condition::DeadlineAtRisk) {
            self.due.rules.push_back(Firing { rule, place, why: why.clone() });
        }
    }

    pub(super) fn fire(&mut self, firing: Firing) {
        let Firing { rule, place, why } = firing;
        self.tell(Status::RuleFired { rule });
        let plan = self.plan.clone();
        for act in &plan.rules[rule as usize].actions {
            match act {
                Act::Hold(scope) => self.hold(self.target(place, *scope), why.clone()),
                Act::Rollback(scope) => {
                    self.roll_back(self.target(place, *scope), &why);
                }
                Act::Notify(recipient) => self.notify(*recipient, place, &why),
            }
        }
    }

    fn notify(&mut self, recipient: Recipient, place: Place, why: &str) {
        let teams = match recipient {
            Recipient::Team(team) => BTreeSet::from([team]),
            Recipient::Owner => self.owners(place),
        };
        let about = self.target(place, Scope::Host);
        for team in teams {
            self.tell(Status::Notified { team, about, why: why.to_owned() });
        }
    }

    /// Who owns the region of a place, or, where it is of no one region, any region in which something is changed.
    fn owners(&self, place: Place) -> BTreeSet<TeamId> {
        let changes = |region: &RegionId| self.progress(Target::Region(*region)).total() > 0;
        let concerned: Vec<RegionId> = match place.region {
            Some(region) => vec![region],
            None => (0..self.plan.regions.len() as u32).map(RegionId).filter(changes).collect(),
        };
        concerned.into_iter().filter_map(|region| self.plan.regions[region.0 as usize].owner).collect()
    }

    fn rules_that(&self, is_met: impl Fn(&Engine, &Condition) -> bool) -> Vec<u32> {
        let rules = (0..).zip(&self.plan.rules);
        rules.filter(|(_, rule)| is_met(self, &rule.condition)).map(|(idx, _)| idx).collect()
    }

    /// Whether a host's failure, counted already, is the one that passes the limit in its scope.
    fn just_passed(&self, limit: Budget, scope: Scope, host: HostIdx) -> bool {
        let tally = self.tally(scope, host);
        let total = tally.progress.total();
        is_more(tally.failures, limit, total) && !is_more(tally.failures.saturating_sub(1), limit, total)
    }

    fn tally(&self, scope: Scope, host: HostIdx) -> Tally {
        let planned = self.plan.host(host);
        match scope {
            Scope::Host => Tally { progress: Progress::of_one(self.host(host)), failures: 1 },
            Scope::Batch => self.layout.batch_of(host).map_or_else(Tally::default, |batch| *self.tallies.batch(batch)),
            Scope::Site => self.tallies.sites[planned.site.0 as usize],
            Scope::Region => self.tallies.regions[self.plan.region_of(host).0 as usize],
            Scope::Stage => self.tallies.stages[planned.stage as usize],
            Scope::Rollout => self.tallies.rollout,
        }
    }

    fn why_of_failures(&self, rule: u32, host: HostIdx) -> Option<String> {
        let Condition::MoreThanFailed { limit, scope } = self.plan.rules[rule as usize].condition else {
            return None;
        };
        let limit = match limit {
            Budget::Hosts(hosts) => hosts.to_string(),
            Budget::Percent(percent) => format!("{percent}%"),
        };
        let scope = self.show(self.target(self.place_of_host(host), scope));
        Some(format!("more than {limit} failed in {scope}"))
    }

    fn place_of_host(&self, host: HostIdx) -> Place {
        let planned = self.plan.host(host);
        Place {
            host: Some(host),
            batch: self.layout.batch_of(host),
            site: Some(planned.site),
            region: Some(self.plan.region_of(host)),
            stage: Some(planned.stage),
        }
    }

    fn place_of_subject(&self, subject: GateSubject, of: RoundOf) -> Place {
        let batch = match of {
            RoundOf::Batch(batch) => Some(batch),
            RoundOf::Stage => None,
        };
        let place = Place { batch, region: self.region_of_subject(subject), ..Place::default() };
        match subject {
            GateSubject::Host(host) => self.place_of_host(host),
            GateSubject::Site { stage, site } => Place { site: Some(site), stage: Some(stage), ..place },
            GateSubject::Region { stage, .. } => Place { stage: Some(stage), ..place },
            GateSubject::Batch { stage, turn, lane, batch } => {
                let batch = self.layout.find_batch(stage, turn, lane, batch);
                let site = batch.and_then(|batch| {
                    let lane = self.layout.batches[batch.0 as usize].lane;
                    self.layout.planned_lane(&self.plan, lane).site
                });
                Place { batch, site, stage: Some(stage), ..place }
            }
        }
    }

    /// The scope of what met the condition. Where that has none (the batch of a region's gate after the soak), the next
    /// wider one: an action may never do less than what was written.
    fn target(&self, place: Place, scope: Scope) -> Target {
        let host = place.host.map(Target::Host).filter(|_| scope <= Scope::Host);
        let batch = place.batch.map(|batch| self.layout.target(batch)).filter(|_| scope <= Scope::Batch);
        let site = place.site.map(Target::Site).filter(|_| scope <= Scope::Site);
        let region = place.region.map(Target::Region).filter(|_| scope <= Scope::Region);
        let stage = place.stage.map(Target::Stage).filter(|_| scope <= Scope::Stage);
        host.or(batch).or(site).or(region).or(stage).unwrap_or(Target::Rollout)
    }
}

fn is_more(failures: u32, limit: Budget, total: u32) -> bool {
    match limit {
        Budget::Hosts(hosts) => u64::from(failures) > hosts,
        Budget::Percent(percent) => f64::from(failures) * 100.0 > percent * f64::from(total),
    }
}
