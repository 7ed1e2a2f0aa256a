use std::collections::BTreeSet;

use crate::engine::{GateSubject, Kinds, PersonAct, Question, Task};
use crate::model::{GateId, Per};
use crate::plan::{HostIdx, Plan};
use crate::simulate::state::{Choice, Ending, State};

/// Which outcomes of steps, gates and approvals there are, and which were met. Hosts of one kind count once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    all: BTreeSet<(What, Ending)>,
    met: BTreeSet<(What, Ending)>,
}

/// What can end in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Step {
        kind: u32,
        step: u32,
    },
    /// After the batches or after the soak alike.
    Gate {
        gate: u32,
        stage: u32,
        subject: (u8, u32, u32, u32),
    },
    Approval {
        stage: u32,
    },
}

impl Outcomes {
    pub(super) fn of(plan: &Plan, kinds: &Kinds) -> Outcomes {
        let mut all = BTreeSet::new();
        for host in (0..plan.hosts.len() as u32).map(HostIdx) {
            let runs = (0..).zip(&plan.steps).filter(|(_, step)| !plan.passes_over(host, step));
            for (step, _) in runs {
                let what = What::Step { kind: kinds.kind(host), step };
                all.extend([(what, Ending::Good), (what, Ending::Bad)]);
            }
        }
        for (stage, planned) in (0..).zip(&plan.stages) {
            for (turn, planned_turn) in (0..).zip(&planned.turns) {
                for (lane, planned_lane) in (0..).zip(&planned_turn.lanes) {
                    for (batch, planned_batch) in (0..).zip(&planned_lane.batches) {
                        let refined = plan.refinement(planned_turn.region).map_or(&[][..], |refined| &refined.gates);
                        for gate in planned.gates.iter().chain(refined) {
                            let subjects = subjects(plan, kinds, *gate, &planned_batch.hosts, (turn, lane, batch));
                            for subject in subjects {
                                let what = What::Gate { gate: gate.0, stage, subject };
                                all.extend([Ending::Good, Ending::Bad, Ending::Unknown].map(|ending| (what, ending)));
                            }
                        }
                    }
                }
            }
            if planned.approval.is_some() {
                let what = What::Approval { stage };
                all.extend([(what, Ending::Good), (what, Ending::Bad)]);
            }
        }
        Outcomes { all, met: BTreeSet::new() }
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn met(&self) -> usize {
        self.all.intersection(&self.met).count()
    }

    pub(super) fn add(&mut self, tried: Tried) {
        self.met.extend(tried.outcomes);
    }
}

/// The outcomes that were tried on the way to a state.
#[derive(Debug, Default)]
pub(super) struct Tried {
    outcomes: Vec<(What, Ending)>,
}

impl Tried {
    pub fn note(&mut self, choice: &Choice, state: &State, kinds: &Kinds) {
        let met = match choice {
            Choice::Task { task, ending } => {
                state.engine.task(*task).and_then(|work| what_of(work, state, kinds)).map(|what| (what, *ending))
            }
            Choice::Act { act: PersonAct::Approve { stage } } => Some((What::Approval { stage: *stage }, Ending::Good)),
            Choice::Act { act: PersonAct::Deny { stage } } => Some((What::Approval { stage: *stage }, Ending::Bad)),
            Choice::Act { .. } | Choice::Timer { .. } | Choice::Crash => None,
        };
        self.outcomes.extend(met);
    }
}

fn what_of(work: &Task, state: &State, kinds: &Kinds) -> Option<What> {
    match work {
        Task::Run { host, step, .. } => Some(What::Step { kind: kinds.kind(*host), step: *step }),
        Task::Probe { question: Question::Gate { gate, subject } } => {
            let plan = state.engine.plan();
            let stage = match *subject {
                GateSubject::Host(host) => plan.host(host).stage,
                GateSubject::Site { stage, .. } | GateSubject::Region { stage, .. } => stage,
                GateSubject::Batch { stage, .. } => stage,
            };
            let subject = match *subject {
                GateSubject::Host(host) => (0, kinds.kind(host), 0, 0),
                GateSubject::Site { site, .. } => (1, site.0, 0, 0),
                GateSubject::Region { region, .. } => (2, region.0, 0, 0),
                GateSubject::Batch { turn, lane, batch, .. } => (3, turn, lane, batch),
            };
            Some(What::Gate { gate: gate.0, stage, subject })
        }
        Task::Undo { .. } | Task::Verify { .. } | Task::Probe { question: Question::Wait { .. } } => None,
    }
}

fn subjects(
    plan: &Plan,
    kinds: &Kinds,
    gate: GateId,
    hosts: &[HostIdx],
    (turn, lane, batch): (u32, u32, u32),
) -> Vec<(u8, u32, u32, u32)> {
    match plan.gates[gate.0 as usize].per {
        Per::Host => hosts.iter().map(|host| (0, kinds.kind(*host), 0, 0)).collect(),
        Per::Site => hosts.iter().map(|host| (1, plan.host(*host).site.0, 0, 0)).collect(),
        Per::Region => hosts.iter().map(|host| (2, plan.region_of(*host).0, 0, 0)).collect(),
        Per::Batch => vec![(3, turn, lane, batch)],
    }
}
