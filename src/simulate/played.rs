use std::sync::Arc;

use crate::plan::Plan;
use crate::simulate::chance::{Dice, Odds};
use crate::simulate::scenario::Scenario;
use crate::simulate::story::{Scene, Story};
use crate::simulate::walk::is_kept;
use crate::simulate::world::{End, World};

/// A made-up run, played to its end.
#[derive(Debug, Clone)]
pub struct Played {
    /// Without the steps of single hosts that went well.
    pub story: Story,
    pub end: End,
    /// As it stands at the end.
    pub world: World,
}

/// Plays a scenario until nothing comes by itself any more.
pub fn story(plan: &Arc<Plan>, scenario: Scenario) -> Played {
    story_with(plan, scenario, &mut |_| {})
}

/// The same, and shows the world after each moment.
pub fn story_with(plan: &Arc<Plan>, scenario: Scenario, look: &mut dyn FnMut(&World)) -> Played {
    play(World::new(plan, scenario), None, look)
}

/// The same, where what the scenario leaves open is left to chance: the run of this number among those of a seed.
pub fn story_by_chance(plan: &Arc<Plan>, scenario: Scenario, odds: &Arc<Odds>, seed: u64, run: u64) -> Played {
    play(World::new(plan, scenario), Some((Arc::clone(odds), Dice::new(seed, run))), &mut |_| {})
}

fn play(mut world: World, chances: Option<(Arc<Odds>, Dice)>, look: &mut dyn FnMut(&World)) -> Played {
    let mut scenes = Vec::new();
    let mut keep = |at, told| {
        let scene = Scene { at, told };
        if is_kept(&scene) {
            scenes.push(scene);
        }
    };
    world.begin(chances, &mut keep);
    look(&world);
    let end = loop {
        if let Some(end) = world.end() {
            break end;
        }
        world.go_on(&mut keep);
        look(&world);
    };
    let mishaps = u8::try_from(world.mishaps()).unwrap_or(u8::MAX);
    let events = u32::try_from(world.events()).unwrap_or(u32::MAX);
    Played { story: Story { scenes, mishaps, events }, end, world }
}
