use crate::engine::{HostState, Progress, Target, Waiting};
use crate::plan::HostIdx;
use crate::simulate::walk::Walk;
use crate::simulate::world::{End, World};
use crate::time::Moment;

/// What an operator wants to see of a run at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub at: Moment,
    /// The stage that is under way, or comes next.
    pub stage: Option<u32>,
    pub progress: Progress,
    /// Who is down, in the inventory's order.
    pub down: Vec<HostIdx>,
    /// What is held, with why, and all else that the run waits for: windows, soaks, approvals, budgets.
    pub waiting: Vec<Waiting>,
    /// Those of which somebody is down, in the plan's order.
    pub budgets: Vec<BudgetLeft>,
    /// When something comes by itself.
    pub next_at: Option<Moment>,
    /// How it ends, where nothing does.
    pub end: Option<End>,
}

/// How much of a budget is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLeft {
    /// Index into `Plan::budgets`.
    pub group: usize,
    pub down: u32,
    pub most_down: u32,
}

impl BudgetLeft {
    /// How many more may go down.
    pub fn left(&self) -> u32 {
        self.most_down.saturating_sub(self.down)
    }
}

impl World {
    pub fn view(&self) -> View {
        let engine = self.engine();
        let budgets = self.plan().budgets.iter().enumerate().map(|(group, budget)| BudgetLeft {
            group,
            down: self.down_in(group),
            most_down: budget.most_down(),
        });
        View {
            at: self.now(),
            stage: engine.stage(),
            progress: engine.progress(Target::Rollout),
            down: self.hosts().filter(|host| self.is_down(*host)).collect(),
            waiting: engine.waiting(),
            budgets: budgets.filter(|left| left.down > 0).collect(),
            next_at: self.next_at(),
            end: self.end(),
        }
    }

    fn hosts(&self) -> impl Iterator<Item = HostIdx> + use<> {
        (0..self.plan().hosts.len() as u32).map(HostIdx)
    }
}

/// What differs between two walks of the same plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The moments at which they stand.
    pub at: [Moment; 2],
    pub end: [Option<End>; 2],
    /// When the first thing was told in one of them and not in the other.
    pub parted_at: Option<Moment>,
    pub progress: [Progress; 2],
    /// The hosts that are in other states, or came into them at other moments.
    pub hosts: Vec<HostComparison>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostComparison {
    pub host: HostIdx,
    /// With the moment since which it is in it.
    pub states: [(HostState, Moment); 2],
}

impl Walk {
    /// What differs between this walk and another of the same plan.
    pub fn compare(&self, other: &Walk) -> Comparison {
        let worlds = [self.world(), other.world()];
        let state = |world: &World, host: HostIdx| (world.engine().host(host), world.since(host));
        let all = worlds[0].hosts().take(worlds[1].plan().hosts.len());
        let hosts = all.map(|host| HostComparison { host, states: worlds.map(|world| state(world, host)) });
        let mut scenes = self.scenes().iter().zip(other.scenes());
        let parted = scenes.find(|(one, another)| one != another).map(|(one, another)| one.at.min(another.at));
        let shorter = self.scenes().len().min(other.scenes().len());
        let longer = self.scenes().get(shorter).or(other.scenes().get(shorter)).map(|scene| scene.at);
        Comparison {
            at: worlds.map(World::now),
            end: worlds.map(World::end),
            parted_at: parted.or(longer),
            progress: worlds.map(|world| world.engine().progress(Target::Rollout)),
            hosts: hosts.filter(|compared| compared.states[0] != compared.states[1]).collect(),
        }
    }
}
