use std::sync::Arc;

use crate::engine::{Engine, PersonAct, Status, Task, who_may};
use crate::plan::Plan;
use crate::simulate::choices::{Open, Turn, choices};
use crate::simulate::state::{Choice, Ending, State};
use crate::time::Moment;

/// One way in which a run can go, told from its beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    pub scenes: Vec<Scene>,
    /// How many things went wrong in it.
    pub mishaps: u8,
    /// How many things happened in it, told or not.
    pub events: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub at: Moment,
    pub told: Told,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// What the run tells by itself.
    Status(Status),
    /// A step, an undo, a gate's probe or a `verify` ended otherwise than well.
    WentWrong {
        work: Task,
        ending: Ending,
    },
    Crash,
    /// People are asked to approve a stage.
    Asked {
        stage: u32,
    },
    Said {
        person: String,
        act: PersonAct,
    },
}

/// One choice of a story, and how many events followed it that were the only ones that could come.
pub(super) struct Taken {
    pub open: Open,
    pub turn: Turn,
    pub followed: u32,
}

/// Plays choices again, each with so many events after it that were the only ones that could come, and keeps what people
/// want to know of it.
pub(super) fn retell(plan: &Arc<Plan>, taken: &[Taken], mishaps: u8) -> Story {
    let mut scenes: Vec<Scene> = Vec::new();
    let mut state = State::new(Engine::new(Arc::clone(plan)), &mut |at, status| {
        scenes.push(Scene { at, told: Told::Status(status) });
    });
    let mut events = 0;
    for Taken { open, turn, followed } in taken {
        play(&mut state, open, &mut scenes);
        events += 1 + followed;
        for _ in 0..*followed {
            // INVARIANT: it was followed because there was one.
            if let Some(only) = choices(&state, *turn, false).first() {
                play(&mut state, only, &mut scenes);
            }
        }
    }
    Story { scenes, mishaps, events }
}

fn play(state: &mut State, open: &Open, scenes: &mut Vec<Scene>) {
    let told = match &open.choice {
        Choice::Task { task, ending } if *ending != Ending::Good => {
            state.engine.task(*task).cloned().map(|work| Told::WentWrong { work, ending: *ending })
        }
        Choice::Task { .. } | Choice::Timer { .. } => None,
        Choice::Crash => Some(Told::Crash),
        Choice::Act { act } => {
            let person = who_may(state.engine.plan(), act).unwrap_or_default().to_owned();
            Some(Told::Said { person, act: act.clone() })
        }
    };
    let place = scenes.len();
    state.take(&open.choice, open.until, &mut |at, status| scenes.push(Scene { at, told: Told::Status(status) }));
    if let Some(told) = told {
        let at = scenes.get(place).map_or(state.now, |scene| scene.at);
        scenes.insert(place, Scene { at, told });
    }
}
