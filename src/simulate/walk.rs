use std::sync::Arc;

use crate::engine::{HostState, PersonAct, Refusal, Status, may};
use crate::inventory::HostSet;
use crate::model::{Claim, Given};
use crate::plan::Plan;
use crate::simulate::scenario::{Bound, Scenario};
use crate::simulate::story::{Scene, Told};
use crate::simulate::world::{Came, End, World};
use crate::time::Moment;

/// A made-up run that is walked forwards and backwards, moment by moment.
///
/// A clone is a branch: both go on by themselves. To go back is to play again from a snapshot, since the same moves lead to
/// the same state.
#[derive(Debug, Clone)]
pub struct Walk {
    world: World,
    /// What was told so far, without the steps of single hosts that went well.
    scenes: Vec<Scene>,
    moves: Vec<Move>,
    snapshots: Vec<Snapshot>,
    /// A snapshot is taken every so many moves.
    spacing: usize,
    most_snapshots: usize,
}

#[derive(Debug, Clone)]
enum Move {
    Next,
    Wait(Moment),
    Given(Arc<Bound>),
    Act { person: String, act: PersonAct },
}

#[derive(Debug, Clone)]
struct Snapshot {
    /// After so many moves.
    moves: usize,
    scenes: usize,
    world: Arc<World>,
}

/// How far to go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Until {
    Moment(Moment),
    /// The next window of a region opens, or the rollout's start comes.
    Window,
    /// The stage of this index begins.
    Stage(u32),
    So(Claim),
    /// Nothing comes by itself any more.
    End,
}

/// What a move has led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reached {
    /// All that was told, the steps of single hosts too.
    pub scenes: Vec<Scene>,
    /// Whether what was waited for has come; false where the run came to its end before.
    pub is_reached: bool,
}

const SPACING: usize = 64;

/// How many hosts all snapshots may have in all: a snapshot is as large as its plan.
const MOST_HOSTS: usize = 4_000_000;
const FEWEST_SNAPSHOTS: usize = 3;

impl Walk {
    /// The run has begun, and stands at the moment of its start.
    pub fn start(plan: &Arc<Plan>, scenario: Scenario) -> Walk {
        let mut scenes = Vec::new();
        let mut world = World::new(plan, scenario);
        world.begin(None, &mut |at, told| scenes.push(Scene { at, told }));
        scenes.retain(is_kept);
        let snapshots = vec![Snapshot { moves: 0, scenes: scenes.len(), world: Arc::new(world.clone()) }];
        let most_snapshots = (MOST_HOSTS / plan.hosts.len().max(1)).max(FEWEST_SNAPSHOTS);
        Walk { world, scenes, moves: Vec::new(), snapshots, spacing: SPACING, most_snapshots }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// What was told so far, without the steps of single hosts that went well.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// How many moves led here: a moment, something given, an act are one each.
    pub fn position(&self) -> usize {
        self.moves.len()
    }

    /// Goes on to the next moment at which something comes by itself; none where nothing does.
    pub fn go_on(&mut self) -> Option<Vec<Scene>> {
        self.world.next_at()?;
        if self.world.end().is_some() {
            return None;
        }
        Some(self.go(Move::Next).0)
    }

    /// Goes on until something is so, or nothing comes by itself any more.
    pub fn until(&mut self, until: &Until) -> Reached {
        let mut reached = Reached::default();
        let is_met = |walk: &Walk, scenes: &[Scene], came: Came| match until {
            Until::Moment(at) => walk.world.next_at().is_none_or(|next| next > *at),
            Until::Window => came.has_opened,
            Until::Stage(wanted) => {
                let begins =
                    |told: &Told| matches!(told, Told::Status(Status::StageBegan { stage }) if stage == wanted);
                scenes.iter().any(|scene| begins(&scene.told))
            }
            Until::So(claim) => walk.world.is_so(claim),
            Until::End => false,
        };
        reached.is_reached = matches!(until, Until::Moment(_) | Until::So(_)) && is_met(self, &[], Came::default());
        while !reached.is_reached && self.world.end().is_none() {
            let (scenes, came) = self.go(Move::Next);
            reached.is_reached = is_met(self, &scenes, came);
            reached.scenes.extend(scenes);
        }
        match until {
            Until::Moment(at) if reached.is_reached && *at > self.world.now() => {
                self.go(Move::Wait(*at));
            }
            Until::End => reached.is_reached = self.world.end() != Some(End::Endless),
            _ => {}
        }
        reached
    }

    /// Something is given from here on, or from its own moment on. `targets` as in [`Scenario::bind`].
    pub fn given(&mut self, targets: &HostSet, given: &Given) -> Vec<Scene> {
        let bound = Arc::new(Bound::new(self.world.plan(), targets, given));
        self.go(Move::Given(bound)).0
    }

    /// A person does something now.
    ///
    /// # Errors
    /// Who may not, with who may.
    pub fn act(&mut self, person: &str, act: &PersonAct) -> Result<Vec<Scene>, Refusal> {
        may(self.world.plan(), person, act)?;
        Ok(self.go(Move::Act { person: person.to_owned(), act: act.clone() }).0)
    }

    /// Goes so many moves back, at most to the start. Says how many.
    pub fn back(&mut self, moves: usize) -> usize {
        let to = self.moves.len().saturating_sub(moves);
        let gone = self.moves.len() - to;
        if gone == 0 {
            return 0;
        }
        self.snapshots.retain(|snapshot| snapshot.moves <= to);
        // INVARIANT: the snapshot of the start is never given up.
        let Some(snapshot) = self.snapshots.last() else { return 0 };
        self.world = World::clone(&snapshot.world);
        self.scenes.truncate(snapshot.scenes);
        let again: Vec<Move> = self.moves.drain(snapshot.moves..).collect();
        let left = to - self.moves.len();
        for made in again.into_iter().take(left) {
            self.go(made);
        }
        gone
    }

    fn go(&mut self, made: Move) -> (Vec<Scene>, Came) {
        let mut scenes = Vec::new();
        let hear = &mut |at, told| scenes.push(Scene { at, told });
        let came = match &made {
            Move::Next => self.world.go_on(hear),
            Move::Wait(at) => {
                self.world.wait_until(*at);
                Came::default()
            }
            Move::Given(bound) => {
                self.world.give(Arc::clone(bound), hear);
                Came::default()
            }
            Move::Act { person, act } => {
                self.world.say(person, act, hear);
                Came::default()
            }
        };
        self.scenes.extend(scenes.iter().filter(|scene| is_kept(scene)).cloned());
        self.moves.push(made);
        self.remember();
        (scenes, came)
    }

    fn remember(&mut self) {
        let moves = self.moves.len();
        let last = self.snapshots.last().map_or(0, |snapshot| snapshot.moves);
        if moves - last < self.spacing {
            return;
        }
        self.snapshots.push(Snapshot { moves, scenes: self.scenes.len(), world: Arc::new(self.world.clone()) });
        if self.snapshots.len() > self.most_snapshots {
            // Every other one; that of the start stays.
            let mut place = 0;
            self.snapshots.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.spacing = self.spacing.saturating_mul(2);
        }
    }
}

/// A host's way through its steps is told as it goes, and not kept: there are too many of them.
pub(super) fn is_kept(scene: &Scene) -> bool {
    let Told::Status(Status::HostChanged { state, .. }) = &scene.told else { return true };
    matches!(state, HostState::Failed { .. } | HostState::Unknown { .. } | HostState::HalfRolledBack { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Budget, Scope};
    use crate::plan::example::{Example, batch};

    #[test]
    fn a_walk_goes_back_to_every_moment_however_few_snapshots_there_is_room_for() {
        let mut example = Example::plain(40);
        example.step("install", 5, true);
        example.rest().batch = batch(Budget::Hosts(1), Scope::Region, None);
        let plan = Arc::new(example.plan("2007-05-08 12:00Z"));
        let mut walk = Walk::start(&plan, Scenario::default());
        walk.spacing = 1;
        walk.most_snapshots = FEWEST_SNAPSHOTS;
        let mut seen = vec![walk.world.view()];
        while walk.go_on().is_some() {
            seen.push(walk.world.view());
            assert!(walk.snapshots.len() <= FEWEST_SNAPSHOTS, "{}", walk.snapshots.len());
        }
        assert!(seen.len() > 30 && walk.spacing > 8, "{} moves, spacing {}", seen.len(), walk.spacing);
        while walk.position() > 0 {
            assert_eq!(walk.back(1), 1);
            assert_eq!(walk.world.view(), seen[walk.position()]);
        }
    }
}
