use crate::engine::GateSubject;
use crate::plan::{HostIdx, Plan};
use crate::time::Duration;

/// The dice of one run. What they show follows from the seed and from what is thrown for, whatever was thrown for before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dice {
    seed: u64,
}

/// What the dice are thrown for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Throw {
    Duration { host: HostIdx, step: u32, attempt: u32, is_undo: bool },
    Failure { host: HostIdx, step: u32, attempt: u32 },
    Asking { gate: u32, subject: GateSubject, asking: u64 },
}

impl Dice {
    /// Of the run of this number among those of a seed.
    pub fn new(seed: u64, run: u64) -> Dice {
        Dice { seed: mix(mix(seed) ^ run) }
    }

    /// From 0 to 1, 1 excluded.
    pub fn throw(self, of: Throw) -> f64 {
        let number = match of {
            Throw::Duration { host, step, attempt, is_undo } => {
                [1 + u64::from(is_undo), u64::from(host.0), pair(step, attempt), 0]
            }
            Throw::Failure { host, step, attempt } => [3, u64::from(host.0), pair(step, attempt), 0],
            Throw::Asking { gate, subject, asking } => {
                let [kind, place] = place_of(subject);
                [4 + kind, place, u64::from(gate), asking]
            }
        };
        let hash = number.into_iter().fold(self.seed, |hash, part| mix(hash ^ part));
        // 53 bits: as many as an f64 tells apart below 1.
        (hash >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

fn place_of(subject: GateSubject) -> [u64; 2] {
    match subject {
        GateSubject::Host(host) => [0, u64::from(host.0)],
        GateSubject::Site { stage, site } => [1, pair(stage, site.0)],
        GateSubject::Region { stage, region } => [2, pair(stage, region.0)],
        GateSubject::Batch { stage, turn, lane, batch } => [3, mix(pair(stage, turn)) ^ pair(lane, batch)],
    }
}

/// One round of SplitMix64 (Steele, Lea and Flood, 2014): neighbouring numbers come out far apart.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// How likely what is.
#[derive(Debug, Clone, PartialEq)]
pub struct Odds {
    /// By step.
    pub steps: Vec<StepOdds>,
    /// By gate: of so many askings, how many fail; from 0 to 1.
    pub gates: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StepOdds {
    pub takes: Spread,
    /// Of so many attempts, how many fail; from 0 to 1.
    pub fails: f64,
}

/// How long something takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread {
    Always(Duration),
    /// All lengths between the two alike.
    Between(Duration, Duration),
    /// One of those that were seen, each as likely as any other; in order, never empty.
    Seen(Vec<Duration>),
}

impl Odds {
    /// As the script says: `takes 20m to 40m`, `fails 2%`.
    pub fn of(plan: &Plan) -> Odds {
        let steps = plan.steps.iter().map(|step| StepOdds {
            takes: match step.takes_at_least {
                Some(least) => Spread::Between(least, step.takes),
                None => Spread::Always(step.takes),
            },
            fails: step.fails / 100.0,
        });
        Odds { steps: steps.collect(), gates: plan.gates.iter().map(|gate| gate.fails / 100.0).collect() }
    }

    /// Whether anything is left to chance.
    pub fn are_open(&self) -> bool {
        let is_open = |step: &StepOdds| step.fails > 0.0 || step.takes.is_open();
        self.steps.iter().any(is_open) || self.gates.iter().any(|fails| *fails > 0.0)
    }
}

impl Spread {
    fn is_open(&self) -> bool {
        match self {
            Spread::Always(_) => false,
            Spread::Between(least, most) => least < most,
            Spread::Seen(seen) => seen.first() != seen.last(),
        }
    }

    /// The length that a throw from 0 to 1 stands for.
    pub(super) fn at(&self, throw: f64) -> Duration {
        match self {
            Spread::Always(length) => *length,
            Spread::Between(least, most) => {
                let span = most.seconds().saturating_sub(least.seconds());
                let more = (throw * (span as f64 + 1.0)) as u64;
                Duration::from_seconds(least.seconds().saturating_add(more.min(span)))
            }
            Spread::Seen(seen) => {
                let place = (throw * seen.len() as f64) as usize;
                seen.get(place).or(seen.last()).copied().unwrap_or_default()
            }
        }
    }
}
