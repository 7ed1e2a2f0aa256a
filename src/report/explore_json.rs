use serde::Serialize;

use crate::plan::Plan;
use crate::report::explore_text::{scene_words, wrong};
use crate::simulate::{Exploration, Wrong};
use crate::time::show_utc;

/// The version of the shape below; `docs/explore-json.md` documents it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct ExploreFile<'a> {
    version: u32,
    rollout: &'a str,
    failures: u8,
    exhausted: bool,
    states: usize,
    moves: usize,
    outcomes: Outcomes,
    endings: Endings,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Outcomes {
    all: usize,
    met: usize,
}

#[derive(Serialize)]
struct Endings {
    complete: usize,
    rolled_back: usize,
    waiting_for_people: usize,
    stuck: usize,
}

#[derive(Serialize)]
struct Finding {
    kind: &'static str,
    message: String,
    mishaps: u8,
    events: u32,
    story: Vec<Scene>,
}

#[derive(Serialize)]
struct Scene {
    at: String,
    text: String,
}

/// What came of looking at every outcome, for programs.
pub fn explore_json(found: &Exploration, plan: &Plan) -> String {
    let finding = |finding: &crate::simulate::Finding| Finding {
        kind: match finding.wrong {
            Wrong::Property(_) => "property",
            Wrong::Budget(_) => "budget",
            Wrong::Stuck(_) => "stuck",
        },
        message: wrong(&finding.wrong, plan),
        mishaps: finding.story.mishaps,
        events: finding.story.events,
        story: finding
            .story
            .scenes
            .iter()
            .filter_map(|scene| {
                Some(Scene { at: show_utc(scene.at), text: scene_words(scene, plan)?.trim().to_owned() })
            })
            .collect(),
    };
    let file = ExploreFile {
        version: VERSION,
        rollout: &plan.rollout,
        failures: found.bounds.failures,
        exhausted: found.is_exhausted,
        states: found.states,
        moves: found.moves,
        outcomes: Outcomes { all: found.outcomes.count(), met: found.outcomes.met() },
        endings: Endings {
            complete: found.endings.complete,
            rolled_back: found.endings.rolled_back,
            waiting_for_people: found.endings.waits_for_people,
            stuck: found.endings.stuck,
        },
        findings: found.findings.iter().map(finding).collect(),
    };
    // INVARIANT: texts, numbers and truth values only.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}
