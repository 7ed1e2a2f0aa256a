use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;

use crate::engine::{HostState, Status, Target};
use crate::model::RegionId;
use crate::plan::{HostIdx, Plan};
use crate::simulate::binding::Waited;
use crate::simulate::chance::{Dice, Odds};
use crate::simulate::scenario::Scenario;
use crate::simulate::story::Told;
use crate::simulate::world::{End, World};
use crate::time::{Duration, Interval, Moment};

/// How many runs to try, and by which dice.
#[derive(Debug, Clone)]
pub struct Trials {
    pub runs: usize,
    pub seed: u64,
    pub odds: Arc<Odds>,
    /// How many threads try; what comes of it is the same for any number.
    pub workers: NonZeroUsize,
}

/// What came of many runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// How many were tried: one where nothing is left to chance.
    pub runs: usize,
    pub seed: u64,
    /// Where they begin: the rollout's start, or where a run stood.
    pub from: Moment,
    pub odds: Arc<Odds>,
    pub ends: Ends,
    /// In so many runs something was rolled back.
    pub rolled_back: usize,
    /// So many runs were not complete at the deadline; none where there is no deadline.
    pub late: Option<usize>,
    /// When the runs that were complete were.
    pub complete_at: Times,
    /// How long all runs took together, by what they waited for.
    pub waited: Waited,
    /// The regions that have a target.
    pub regions: Vec<RegionTrials>,
    /// The services that have a target.
    pub services: Vec<ServiceTrials>,
}

/// How many runs ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    pub complete: usize,
    pub rolled_back: usize,
    pub held: usize,
    pub unanswered: usize,
    pub endless: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RegionTrials {
    pub region: RegionId,
    /// A host of it stands at this site: the region's own time is this site's.
    pub host: HostIdx,
    /// When the last of its hosts was done, in the runs in which all of them were.
    pub done_at: Times,
    /// In so many runs hosts of it were rolled back.
    pub rolled_back: usize,
    /// In so many runs it was held at the end.
    pub held: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ServiceTrials {
    /// Index into `Plan::services`.
    pub service: usize,
    /// How many of its targets were down at once at most, by run; in order.
    pub most_down: Vec<u32>,
    /// In so many runs one of its budgets was broken.
    pub broken: usize,
}

/// Moments, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    pub sorted: Vec<Moment>,
}

impl Times {
    fn of(mut moments: Vec<Moment>) -> Times {
        moments.sort_unstable();
        Times { sorted: moments }
    }

    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The moment by which so many of a hundred have come, by nearest rank; none where there are none.
    pub fn percentile(&self, percent: u32) -> Option<Moment> {
        percentile(&self.sorted, percent).copied()
    }
}

impl ServiceTrials {
    /// What so many of a hundred runs do not go above.
    pub fn percentile(&self, percent: u32) -> u32 {
        percentile(&self.most_down, percent).copied().unwrap_or_default()
    }
}

fn percentile<T>(sorted: &[T], percent: u32) -> Option<&T> {
    let rank = (sorted.len() * percent as usize).div_ceil(100).max(1);
    sorted.get(rank - 1)
}

/// Tries many runs, each through the engine that runs. Where nothing is left to chance one stands for all.
pub fn simulate(plan: &Arc<Plan>, scenario: Scenario, trials: &Trials) -> Simulation {
    simulate_from(&World::new(plan, scenario), trials)
}

/// The same, from where a world stands on.
pub fn simulate_from(world: &World, trials: &Trials) -> Simulation {
    let runs = if trials.odds.are_open() { trials.runs.max(1) } else { 1 };
    let plan = world.plan();
    let setting = Setting::of(plan);
    let workers = trials.workers.get().min(runs);
    let share = runs.div_ceil(workers);
    let try_some = |first: usize| -> Vec<Trial> {
        let last = (first + share).min(runs);
        (first..last).map(|run| setting.try_one(world.clone(), &trials.odds, trials.seed, run as u64)).collect()
    };
    let tried: Vec<Trial> = if workers == 1 {
        try_some(0)
    } else {
        std::thread::scope(|scope| {
            let firsts = (0..runs).step_by(share);
            let workers: Vec<_> = firsts.map(|first| scope.spawn(move || try_some(first))).collect();
            let done = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            done.flatten().collect()
        })
    };
    setting.gather(world, trials, &tried)
}

/// What is the same in all runs.
struct Setting {
    /// By region, its targets.
    hosts: Vec<Vec<HostIdx>>,
}

/// What came of one run.
struct Trial {
    end: End,
    ended_at: Moment,
    rolled_back: bool,
    waited: Waited,
    /// By region.
    regions: Vec<RegionTrial>,
    /// By service.
    most_down: Vec<u32>,
    broken: Vec<usize>,
}

struct RegionTrial {
    done_at: Option<Moment>,
    is_rolled_back: bool,
    is_held: bool,
}

impl Setting {
    fn of(plan: &Plan) -> Setting {
        let mut hosts = vec![Vec::new(); plan.regions.len()];
        (0..plan.hosts.len() as u32).map(HostIdx).for_each(|host| hosts[plan.region_of(host).0 as usize].push(host));
        Setting { hosts }
    }

    fn try_one(&self, mut world: World, odds: &Arc<Odds>, seed: u64, run: u64) -> Trial {
        let mut rolled_back = false;
        let mut waited = Waited::default();
        let mut hear = |_, told| {
            let is_rollback = matches!(told, Told::Status(Status::RollbackBegan { hosts, .. }) if hosts > 0);
            rolled_back |= is_rollback;
        };
        world.begin(Some((Arc::clone(odds), Dice::new(seed, run))), &mut hear);
        let end = loop {
            if let Some(end) = world.end() {
                break end;
            }
            let (from, binding) = (world.now(), world.bound_by());
            world.go_on(&mut hear);
            waited.note(binding, Interval { start: from, end: world.now() }.length());
        };
        Trial {
            end,
            ended_at: world.now(),
            rolled_back,
            waited,
            regions: (0..).map(RegionId).zip(&self.hosts).map(|(region, hosts)| look(&world, region, hosts)).collect(),
            most_down: world.most_down().iter().map(|(most, _)| *most).collect(),
            broken: world.broken().keys().copied().collect(),
        }
    }

    fn gather(&self, world: &World, trials: &Trials, tried: &[Trial]) -> Simulation {
        let plan = world.plan();
        let how_many = |is_so: &dyn Fn(&Trial) -> bool| tried.iter().filter(|trial| is_so(trial)).count();
        let ended = |wanted: fn(End) -> bool| how_many(&|trial| wanted(trial.end));
        let is_complete = |trial: &&Trial| trial.end == End::Complete;
        let regions = self.hosts.iter().enumerate().filter_map(|(region, hosts)| {
            let host = *hosts.first()?;
            let here = || tried.iter().map(|trial| &trial.regions[region]);
            Some(RegionTrials {
                region: RegionId(region as u32),
                host,
                done_at: Times::of(here().filter_map(|trial| trial.done_at).collect()),
                rolled_back: here().filter(|trial| trial.is_rolled_back).count(),
                held: here().filter(|trial| trial.is_held).count(),
            })
        });
        let services = plan.services.iter().enumerate().filter(|(_, service)| !service.hosts.is_empty());
        let services = services.map(|(idx, service)| {
            let mut most_down: Vec<u32> = tried.iter().map(|trial| trial.most_down[idx]).collect();
            most_down.sort_unstable();
            let is_its = |group: &usize| plan.budgets[*group].service == service.name;
            ServiceTrials { service: idx, most_down, broken: how_many(&|trial| trial.broken.iter().any(is_its)) }
        });
        Simulation {
            runs: tried.len(),
            seed: trials.seed,
            from: world.now(),
            odds: Arc::clone(&trials.odds),
            ends: Ends {
                complete: ended(|end| end == End::Complete),
                rolled_back: ended(|end| end == End::RolledBack),
                held: ended(|end| end == End::Held),
                unanswered: ended(|end| matches!(end, End::Unanswered { .. })),
                endless: ended(|end| end == End::Endless),
            },
            rolled_back: how_many(&|trial| trial.rolled_back),
            late: plan
                .deadline
                .map(|deadline| how_many(&|trial| trial.end != End::Complete || trial.ended_at > deadline)),
            complete_at: Times::of(tried.iter().filter(is_complete).map(|trial| trial.ended_at).collect()),
            waited: tried.iter().map(|trial| trial.waited).sum(),
            regions: regions.collect(),
            services: services.collect(),
        }
    }
}

fn look(world: &World, region: RegionId, hosts: &[HostIdx]) -> RegionTrial {
    let engine = world.engine();
    let progress = engine.progress(Target::Region(region));
    let is_done = progress.done > 0 && progress.done == progress.total();
    RegionTrial {
        done_at: is_done.then(|| hosts.iter().map(|host| world.since(*host)).max()).flatten(),
        is_rolled_back: hosts
            .iter()
            .any(|host| matches!(engine.host(*host), HostState::RolledBack | HostState::HalfRolledBack { .. })),
        is_held: engine.has_hold(Target::Region(region)),
    }
}

impl Simulation {
    /// How long a run took on average.
    pub fn mean_length(&self) -> Duration {
        Duration::from_seconds(self.waited.total().seconds() / self.runs.max(1) as u64)
    }
}
