use std::collections::{BTreeMap, BTreeSet};

use crate::engine::key::KeyParts;
use crate::engine::layout::BatchIdx;
use crate::engine::tally::Progress;
use crate::engine::work::Wakes;
use crate::engine::{Answer, Engine, GateSubject, HostState, Question, Status, Target, Task, TaskId, TimerId};
use crate::model::{Gate, GateId, Per, RegionId};
use crate::plan::HostIdx;
use crate::time::{Duration, Moment, later_by};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RoundIdx(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AskingIdx(u64);

/// The gates that are being asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Gates {
    rounds: BTreeMap<RoundIdx, Round>,
    askings: BTreeMap<AskingIdx, Asking>,
    next: u64,
}

/// All gates that something must pass, asked at the same time.
#[derive(Debug, Clone)]
struct Round {
    of: RoundOf,
    /// Askings without a last word.
    open: u32,
    /// What did not pass; asked again when its region is resumed.
    not_passed: Vec<Asked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RoundOf {
    Batch(BatchIdx),
    /// The stage that is under way, after its soak.
    Stage,
}

/// A gate, and whom it is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub gate: GateId,
    pub subject: GateSubject,
}

/// From the first probe to the gate's last word.
#[derive(Debug, Clone, Copy)]
struct Asking {
    round: RoundIdx,
    asked: Asked,
    /// Since `within` is over the next failing answer is the last.
    deadline: Option<Moment>,
    retries_left: u64,
    passing_since: Option<Moment>,
    asked_at: Moment,
    /// None while a probe is under way.
    pause: Option<TimerId>,
}

impl Gates {
    pub fn is_passed(&self, round: RoundIdx) -> bool {
        self.rounds.get(&round).is_none_or(|round| round.open == 0 && round.not_passed.is_empty())
    }

    pub fn asked(&self, asking: AskingIdx) -> Option<(GateId, GateSubject)> {
        self.askings.get(&asking).map(|asking| (asking.asked.gate, asking.asked.subject))
    }

    pub fn add_to(&self, key: &mut KeyParts) {
        let Gates { rounds, askings, next: _ } = self;
        for round in rounds.values() {
            // How many are open are as many as are asked below.
            let Round { of, open: _, not_passed } = round;
            match of {
                RoundOf::Batch(batch) => key.add_to_batch(*batch, (6u8, batch)),
                RoundOf::Stage => key.add(6u8),
            }
            not_passed.iter().for_each(|asked| asked.add_to(key, (7u8, of)));
        }
        for asking in askings.values() {
            let Asking { round, asked, deadline: _, retries_left, passing_since, asked_at: _, pause } = asking;
            let of = rounds.get(round).map(|round| round.of);
            asked.add_to(key, (8u8, of, retries_left, passing_since.is_some(), pause.is_some()));
        }
    }

    /// Of whom something is being asked.
    pub fn subjects(&self) -> impl Iterator<Item = GateSubject> {
        self.askings.values().map(|asking| asking.asked.subject)
    }

    pub fn forget(&mut self, round: RoundIdx) {
        self.rounds.remove(&round);
    }
}

impl Asked {
    fn add_to(&self, key: &mut KeyParts, how: impl std::hash::Hash) {
        let Asked { gate, subject } = self;
        key.add_to_subject(*subject, (gate, how));
    }
}

impl Engine {
    pub(super) fn questions_of_batch(&self, batch: BatchIdx) -> Vec<Asked> {
        // Of a batch that is wholly undone there is nothing to ask.
        if self.tallies.batch(batch).progress.begun() == 0 {
            return Vec::new();
        }
        let place = self.layout.lane(self.layout.batches[batch.0 as usize].lane);
        let hosts = self.layout.batch(&self.plan, batch).hosts.iter().copied();
        self.questions(place.stage, hosts, &[place.region], &[batch])
    }

    pub(super) fn questions_of_stage(&self, stage: u32) -> Vec<Asked> {
        let planned = &self.plan.stages[stage as usize];
        let regions: Vec<_> = planned.turns.iter().map(|turn| turn.region).collect();
        let lanes = self.layout.lanes_of_stage(&self.plan, stage);
        let batches: Vec<_> = lanes
            .into_iter()
            .flat_map(|lane| (0..self.layout.lane(lane).batches).map(move |batch| (lane, batch)))
            .map(|(lane, batch)| self.layout.batch_idx(lane, batch))
            .collect();
        let hosts = self.layout.hosts_of(&self.plan, Target::Stage(stage));
        self.questions(stage, hosts.into_iter(), &regions, &batches)
    }

    fn questions(
        &self,
        stage: u32,
        hosts: impl Iterator<Item = HostIdx> + Clone,
        regions: &[RegionId],
        batches: &[BatchIdx],
    ) -> Vec<Asked> {
        let own = &self.plan.stages[stage as usize].gates;
        let mut asked = self.asked_of(stage, own, hosts.clone(), regions, batches);
        for refinement in &self.plan.refinements {
            // What a region's team asks beside is asked of that region.
            let more: Vec<GateId> = refinement.gates.iter().copied().filter(|gate| !own.contains(gate)).collect();
            if more.is_empty() || !regions.contains(&refinement.region) {
                continue;
            }
            let region = refinement.region;
            let of_region =
                |batch: &BatchIdx| self.layout.lane(self.layout.batches[batch.0 as usize].lane).region == region;
            let batches: Vec<BatchIdx> = batches.iter().copied().filter(of_region).collect();
            let hosts = hosts.clone().filter(|host| self.plan.region_of(*host) == region);
            asked.extend(self.asked_of(stage, &more, hosts, &[region], &batches));
        }
        asked
    }

    fn asked_of(
        &self,
        stage: u32,
        gates: &[GateId],
        hosts: impl Iterator<Item = HostIdx> + Clone,
        regions: &[RegionId],
        batches: &[BatchIdx],
    ) -> Vec<Asked> {
        let subjects = |per: Per| -> Vec<GateSubject> {
            match per {
                Per::Host => hosts.clone().map(GateSubject::Host).collect(),
                Per::Site => {
                    let mut seen = BTreeSet::new();
                    let sites = hosts.clone().map(|host| self.plan.host(host).site);
                    sites.filter(|site| seen.insert(*site)).map(|site| GateSubject::Site { stage, site }).collect()
                }
                Per::Region => regions.iter().map(|region| GateSubject::Region { stage, region: *region }).collect(),
                Per::Batch => batches.iter().map(|batch| self.layout.subject(*batch)).collect(),
            }
        };
        let asked = gates
            .iter()
            .flat_map(|gate| subjects(self.gate(*gate).per).into_iter().map(|subject| Asked { gate: *gate, subject }));
        asked.filter(|asked| !self.is_moot(asked.subject)).collect()
    }

    /// Nothing is left to ask about: the host is not done, or all that was changed there is undone.
    fn is_moot(&self, subject: GateSubject) -> bool {
        let begun = |progress: &Progress| progress.begun() > 0;
        match subject {
            GateSubject::Host(host) => self.host(host) != HostState::Done || self.hosts.claimed_by(host).is_some(),
            GateSubject::Site { site, .. } => !begun(&self.tallies.sites[site.0 as usize].progress),
            GateSubject::Region { region, .. } => !begun(&self.tallies.regions[region.0 as usize].progress),
            GateSubject::Batch { stage, turn, lane, batch } => {
                let batch = self.layout.find_batch(stage, turn, lane, batch);
                !batch.is_some_and(|batch| begun(&self.tallies.batch(batch).progress))
            }
        }
    }

    pub(super) fn begin_round(&mut self, of: RoundOf, questions: Vec<Asked>) -> RoundIdx {
        let idx = RoundIdx(self.gates.next);
        self.gates.next += 1;
        self.gates.rounds.insert(idx, Round { of, open: questions.len() as u32, not_passed: Vec::new() });
        for asked in questions {
            self.begin_asking(idx, asked);
        }
        idx
    }

    fn begin_asking(&mut self, round: RoundIdx, asked: Asked) {
        let gate = self.gate(asked.gate);
        let asking = Asking {
            round,
            asked,
            deadline: gate.within.map(|within| later_by(self.at, within)),
            retries_left: gate.retries,
            passing_since: None,
            asked_at: self.at,
            pause: None,
        };
        let idx = AskingIdx(self.gates.next);
        self.gates.next += 1;
        self.gates.askings.insert(idx, asking);
        self.ask(idx);
    }

    pub(super) fn ask(&mut self, idx: AskingIdx) {
        let Some(asking) = self.gates.askings.get_mut(&idx) else { return };
        asking.asked_at = self.at;
        asking.pause = None;
        let Asked { gate, subject } = asking.asked;
        self.begin_probe(Task::Probe { question: Question::Gate { gate, subject } }, idx);
    }

    pub(super) fn probe_answered(&mut self, task: TaskId, answer: Answer, detail: &str) {
        let Some(handed) = self.work.get(task) else { return };
        match (&handed.task, handed.asking) {
            (Task::Probe { .. }, Some(asking)) => {
                self.work.take_task(task);
                self.gate_answered(asking, answer, detail);
            }
            (Task::Probe { question: Question::Wait { host, .. } }, None) => {
                let host = *host;
                self.work.take_task(task);
                self.wait_answered(host, answer);
            }
            _ => {}
        }
    }

    fn gate_answered(&mut self, idx: AskingIdx, answer: Answer, detail: &str) {
        let Some(mut asking) = self.gates.askings.get(&idx).copied() else { return };
        if self.is_moot(asking.asked.subject) {
            return self.end_asking(idx);
        }
        let next = self.next_asking(&mut asking, answer);
        match next {
            None => self.last_word(idx, asking.asked, answer, detail),
            Some(at) => {
                asking.pause = Some(self.set_timer(at, Wakes::Asking(idx)));
                self.gates.askings.insert(idx, asking);
            }
        }
    }

    /// When to ask again; none where the answer is the gate's last word.
    fn next_asking(&self, asking: &mut Asking, answer: Answer) -> Option<Moment> {
        let gate = self.gate(asking.asked.gate);
        // An interval of nothing would never let the time go on.
        let every = gate.every.max(Duration::from_seconds(1));
        let next = later_by(asking.asked_at, every).max(self.at);
        if answer == Answer::Pass {
            let since = *asking.passing_since.get_or_insert(self.at);
            let until = later_by(since, gate.lasts_for);
            return (self.at < until).then(|| next.min(until));
        }
        asking.passing_since = None;
        match asking.deadline {
            Some(deadline) => (self.at < deadline).then(|| next.min(deadline)),
            None => {
                asking.retries_left = asking.retries_left.checked_sub(1)?;
                Some(next)
            }
        }
    }

    fn last_word(&mut self, idx: AskingIdx, asked: Asked, answer: Answer, detail: &str) {
        let Asked { gate, subject } = asked;
        self.tell(Status::GateAnswered { gate, subject, answer, detail: detail.to_owned() });
        let round = self.gates.askings.get(&idx).map(|asking| asking.round);
        if let (Some(round), true) = (round.and_then(|idx| self.gates.rounds.get_mut(&idx)), answer != Answer::Pass) {
            round.not_passed.push(asked);
            let of = round.of;
            self.gate_not_passed(asked, answer, of);
        }
        self.end_asking(idx);
    }

    fn gate_not_passed(&mut self, asked: Asked, answer: Answer, of: RoundOf) {
        let word = if answer == Answer::Unknown { "is unknown" } else { "failed" };
        let why = format!("gate `{}` {word} at {}", self.gate(asked.gate).name, self.show_subject(asked.subject));
        if let Some(region) = self.region_of_subject(asked.subject) {
            self.hold(Target::Region(region), why.clone());
        }
        self.gate_met(asked, answer, of, why);
    }

    fn end_asking(&mut self, idx: AskingIdx) {
        let Some(asking) = self.gates.askings.remove(&idx) else { return };
        if let Some(round) = self.gates.rounds.get_mut(&asking.round) {
            round.open -= 1;
            if round.open == 0 {
                let of = round.of;
                self.round_may_be_over(of);
            }
        }
    }

    fn round_may_be_over(&mut self, of: RoundOf) {
        match of {
            RoundOf::Batch(batch) => {
                self.due.batches.insert(batch);
            }
            RoundOf::Stage => self.due.stage = true,
        }
    }

    /// Askings that wait for their next probe, of something that is being undone, are over.
    pub(super) fn drop_moot_askings(&mut self) {
        let moot = |asking: &Asking| asking.pause.is_some() && self.is_moot(asking.asked.subject);
        let over: Vec<_> = self.gates.askings.iter().filter(|(_, asking)| moot(asking)).map(|(idx, _)| *idx).collect();
        for idx in over {
            if let Some(timer) = self.gates.askings.get(&idx).and_then(|asking| asking.pause) {
                self.cancel_timer(timer);
            }
            self.end_asking(idx);
        }
    }

    /// Asks afresh what did not pass and is held no longer.
    pub(super) fn ask_again(&mut self) {
        let waiting = self.gates.rounds.iter().filter(|(_, round)| !round.not_passed.is_empty());
        let rounds: Vec<_> = waiting.map(|(idx, _)| *idx).collect();
        for idx in rounds {
            self.ask_round_again(idx);
        }
    }

    fn ask_round_again(&mut self, idx: RoundIdx) {
        let Some(round) = self.gates.rounds.get_mut(&idx) else { return };
        let of = round.of;
        for asked in std::mem::take(&mut round.not_passed) {
            let region = self.region_of_subject(asked.subject);
            let is_held = region.is_some_and(|region| self.holds.has(Target::Region(region)));
            let is_moot = self.is_moot(asked.subject);
            let Some(round) = self.gates.rounds.get_mut(&idx) else { return };
            if is_held {
                round.not_passed.push(asked);
            } else if !is_moot {
                round.open += 1;
                self.begin_asking(idx, asked);
            }
        }
        self.round_may_be_over(of);
    }

    pub(super) fn region_of_subject(&self, subject: GateSubject) -> Option<RegionId> {
        match subject {
            GateSubject::Host(host) => Some(self.plan.region_of(host)),
            GateSubject::Site { site, .. } => Some(self.plan.sites[site.0 as usize].region),
            GateSubject::Region { region, .. } => Some(region),
            GateSubject::Batch { stage, turn, .. } => {
                let turns = &self.plan.stages.get(stage as usize)?.turns;
                turns.get(turn as usize).map(|turn| turn.region)
            }
        }
    }

    /// INVARIANT: a plan's stages name gates of the plan.
    fn gate(&self, gate: GateId) -> &Gate {
        &self.plan.gates[gate.0 as usize]
    }
}
