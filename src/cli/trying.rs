use std::sync::Arc;

use crate::cli::lots::{Drawn, Draws};
use crate::inventory::{Fleet, HostSet};
use crate::model::{Model, Rollout, Test};
use crate::plan::{self, Fingerprint, Plan};
use crate::report::{Tested, tested};
use crate::session::Session;
use crate::simulate::{Seen, Trial, try_test};

/// What came of one test, and what its stories went through.
pub struct Tried {
    pub tested: Tested,
    /// With the plan that they were made of: that of the whole fleet.
    pub seen: Option<(Arc<Plan>, Seen)>,
}

/// Tries one test of a script, as often as it draws by lot.
pub fn try_one(session: &Session, test: &Test, seed: u64) -> Tried {
    let (Some(model), Some(fleet)) = (&session.model, &session.fleet) else {
        return untried(session, test, vec!["its script has problems: `sunup check` tells them".to_owned()]);
    };
    if let Some(draw) = test.draw {
        let sites = model.sites.iter().map(|site| &site.hosts).collect();
        return try_draws(session, test, Draws { draw, seed, fleet, sites });
    }
    let world = match &test.fleet {
        None => World::whole(session, model, fleet, test),
        Some(hosts) => World::of(session, fleet.only(hosts), test),
    };
    let world = match world {
        Ok(world) => world,
        Err(why) => return untried(session, test, why),
    };
    let trial = world.play(&world.test);
    let seen = test.fleet.is_none().then(|| (Arc::clone(&world.plan), trial.seen.clone()));
    Tried { tested: tested(test, &trial, 1, &session.sources), seen }
}

/// How often a test that draws by lot is tried, and how often it is drawn for that: of what is drawn not all can be planned.
const TRIES: usize = 100;
const DRAWS: u64 = 1_000;

/// The most tries to find the smallest that fails.
const MOST_SHRINKS: usize = 400;

fn try_draws(session: &Session, test: &Test, draws: Draws) -> Tried {
    let (mut tries, mut last_fault) = (0, None);
    let mut seen = None;
    for number in 0..DRAWS {
        if tries == TRIES {
            break;
        }
        let drawn = draws.draw(number);
        match drawn_trial(session, test, draws.fleet, &drawn) {
            Err(why) => last_fault = Some(why),
            Ok((world, trial)) => {
                tries += 1;
                if !is_met(&trial) {
                    let smallest = shrink(session, test, draws.fleet, drawn);
                    let (world, trial) = drawn_trial(session, test, draws.fleet, &smallest).unwrap_or((world, trial));
                    let text = smallest.as_test(test, draws.fleet, &world, &session.sources);
                    let tested = Tested { smallest: Some(text), ..tested(test, &trial, tries, &session.sources) };
                    return Tried { tested, seen };
                }
                if test.draw.is_some_and(|draw| draw.hosts.is_none()) {
                    seen = Some((world.plan, trial.seen));
                }
            }
        }
    }
    match (tries, last_fault) {
        (0, Some(why)) => {
            let mut lines = vec![format!("no fleet of {DRAWS} that were drawn could be planned; the last because:")];
            lines.extend(why);
            untried(session, test, lines)
        }
        _ => {
            let tested = Tested { tries, ..Tested::passed(test, &session.sources) };
            Tried { tested, seen }
        }
    }
}

/// Takes away hosts, then failures, as long as it still fails.
fn shrink(session: &Session, test: &Test, fleet: &Fleet, mut drawn: Drawn) -> Drawn {
    let mut left = MOST_SHRINKS;
    let mut fails = |drawn: &Drawn| {
        left = left.saturating_sub(1);
        left > 0 && drawn_trial(session, test, fleet, drawn).is_ok_and(|(_, trial)| !is_met(&trial))
    };
    loop {
        let before = drawn.size();
        for fewer in drawn.smaller() {
            if fails(&fewer) {
                drawn = fewer;
                break;
            }
        }
        if drawn.size() == before {
            return drawn;
        }
    }
}

fn drawn_trial(session: &Session, test: &Test, fleet: &Fleet, drawn: &Drawn) -> Result<(World, Trial), Vec<String>> {
    let world = match &drawn.hosts {
        Some(hosts) => World::of(session, fleet.only(hosts), test)?,
        None => {
            let model = session.model.as_ref().ok_or_else(Vec::new)?;
            World::whole(session, model, fleet, test)?
        }
    };
    let mut scenario = world.test.clone();
    scenario.givens.extend(drawn.givens(fleet, &world));
    let trial = world.play(&scenario);
    Ok((world, trial))
}

fn is_met(trial: &Trial) -> bool {
    trial.judged.iter().all(|judged| judged.is_met)
}

fn untried(session: &Session, test: &Test, why: Vec<String>) -> Tried {
    Tried { tested: Tested::without_plan(test, &session.sources, why), seen: None }
}

/// What a test is tried in: some hosts, what the program means to them, and the plan for them.
pub struct World {
    pub plan: Arc<Plan>,
    pub rollout: Rollout,
    /// The hosts: none where they are all.
    pub fleet: Option<Fleet>,
    /// In the terms of these hosts.
    test: Test,
}

impl World {
    fn whole(session: &Session, model: &Model, fleet: &Fleet, test: &Test) -> Result<World, Vec<String>> {
        World::planned(session, model, fleet, test).map(|(plan, rollout)| World {
            plan,
            rollout,
            fleet: None,
            test: test.clone(),
        })
    }

    fn of(session: &Session, fleet: Fleet, test: &Test) -> Result<World, Vec<String>> {
        let model = session.model_of(&fleet);
        let model = model.ok_or_else(|| vec!["the script means nothing sound to these hosts".to_owned()])?;
        let same = model.tests.iter().find(|one| one.span == test.span).cloned();
        let same = same.ok_or_else(|| vec!["what the test says is not there among these hosts".to_owned()])?;
        let (plan, rollout) = World::planned(session, &model, &fleet, &same)?;
        Ok(World { plan, rollout, fleet: Some(fleet), test: same })
    }

    fn planned(
        session: &Session,
        model: &Model,
        fleet: &Fleet,
        test: &Test,
    ) -> Result<(Arc<Plan>, Rollout), Vec<String>> {
        let rollout = model.rollouts.iter().find(|rollout| rollout.name == test.rollout);
        let rollout = rollout.ok_or_else(|| vec![format!("there is no sound rollout `{}`", test.rollout)])?;
        let starts_at = test.starts_at.or(rollout.starts_at).unwrap_or(session.now);
        let (plan, problems) = plan::make(model, rollout, fleet, starts_at, &session.script, Fingerprint::default());
        let errors = problems.iter().filter(|problem| problem.severity == crate::diagnostic::Severity::Error);
        let errors: Vec<String> = errors.map(|problem| format!("{} {}", problem.code, problem.message)).collect();
        match plan.filter(|_| errors.is_empty()) {
            Some(plan) => Ok((Arc::new(plan), rollout.clone())),
            None => Err(errors),
        }
    }

    fn play(&self, test: &Test) -> Trial {
        try_test(&self.plan, &self.rollout.targets, test)
    }

    /// A host of the whole fleet, in the terms of these hosts.
    pub fn host(&self, whole: &Fleet, name: &str) -> Option<HostSet> {
        let fleet = self.fleet.as_ref().unwrap_or(whole);
        let mut hosts = HostSet::none(fleet.len());
        hosts.insert(fleet.find(name)?);
        Some(hosts)
    }
}
