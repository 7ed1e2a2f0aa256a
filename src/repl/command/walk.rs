use crate::diagnostic::harmless;
use crate::engine::{PersonAct, Status, Target, Waiting, who_may};
use crate::model::{ApprovalAnswer, GateId, Given, Happening, Reply, StepOutcome};
use crate::repl::command::schedule::{moment, planned};
use crate::repl::command::split;
use crate::repl::place;
use crate::repl::prompt::{Prompt, Said};
use crate::repl::show::counted;
use crate::repl::walking::Walking;
use crate::report;
use crate::simulate::{Scene, Told, Until};
use crate::time::show_utc;

/// Begins a walk through a rollout.
pub(super) fn start(prompt: &mut Prompt<'_>, rollout: &str) -> Said {
    let plan = match planned(prompt, rollout) {
        Ok(plan) => plan,
        Err(said) => return *said,
    };
    let rollouts = prompt.session().model.iter().flat_map(|model| &model.rollouts);
    let targets = rollouts.into_iter().find(|known| known.name == plan.rollout).map(|found| found.targets.clone());
    // INVARIANT: a plan is made of a rollout of the model.
    let Some(targets) = targets else { return Said::default() };
    let walking = Walking::start(plan, targets, prompt.program.clone());
    let scenes = walking.here.walk.scenes().to_vec();
    prompt.walking = Some(walking);
    moved(prompt, &scenes)
}

/// Goes on to the next moments at which something comes.
pub(super) fn next(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let Some(times) = number(text) else { return no_number(text) };
    let is_interrupted = prompt.settings.is_interrupted;
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    let mut scenes = Vec::new();
    for _ in 0..times {
        let Some(more) = walking.here.walk.go_on() else { break };
        scenes.extend(more);
        if is_interrupted() {
            break;
        }
    }
    moved(prompt, &scenes)
}

/// Goes on until something is so.
pub(super) fn until(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let is_interrupted = prompt.settings.is_interrupted;
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    let (word, rest) = split(text);
    let until = match (word, rest) {
        ("window", "") => Until::Window,
        ("stage", name) => {
            match place::find(walking.plan.stages.iter().map(|stage| stage.name.as_str()), "stage", name) {
                Ok(stage) => Until::Stage(stage),
                Err(said) => return *said,
            }
        }
        ("end", "") => Until::End,
        _ => match moment(text, walking.here.walk.world().now()) {
            Some(at) if at < walking.here.walk.world().now() => {
                return Said::fault("that moment is over", "`:back` goes back, a move at a time");
            }
            Some(at) => Until::Moment(at),
            None => {
                let what = if text.is_empty() {
                    "until what?".to_owned()
                } else {
                    format!("`{}` is nothing to go on until", harmless(text))
                };
                return Said::fault(what, "write `window`, `stage NAME`, `end`, `+2h` or `2007-05-09 16:00 UTC`");
            }
        },
    };
    let (scenes, ended) = go_on_until(walking, &until, is_interrupted);
    if matches!(until, Until::Moment(_)) && ended == Came::Reached {
        walking.waited_until = Some(walking.here.walk.world().now());
    }
    let mut said = moved(prompt, &scenes);
    said.answer.push_str(match ended {
        Came::Reached => "",
        Came::Short => "It did not come so far.\n",
        Came::Asked => "People are asked: `:approve` or `:deny`.\n",
        Came::Interrupted => "Interrupted.\n",
    });
    said
}

/// How going on came to an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Reached,
    Short,
    /// Somebody is to approve: that is for the person at the prompt.
    Asked,
    Interrupted,
}

/// Moment by moment, so that it can be interrupted, and stops where people are asked.
fn go_on_until(walking: &mut Walking, until: &Until, is_interrupted: &dyn Fn() -> bool) -> (Vec<Scene>, Came) {
    let walk = &mut walking.here.walk;
    if *until == Until::Window {
        let reached = walk.until(until);
        return (reached.scenes, if reached.is_reached { Came::Reached } else { Came::Short });
    }
    let mut scenes = Vec::new();
    loop {
        let is_over = |at| walk.world().next_at().is_none_or(|next| next > at);
        if let Until::Moment(at) = until
            && is_over(*at)
        {
            walk.until(until);
            return (scenes, Came::Reached);
        }
        let Some(more) = walk.go_on() else {
            return (scenes, if *until == Until::End { Came::Reached } else { Came::Short });
        };
        let has = |wanted: &dyn Fn(&Told) -> bool| more.iter().any(|scene| wanted(&scene.told));
        let begins = match until {
            Until::Stage(stage) => has(&|told| *told == Told::Status(Status::StageBegan { stage: *stage })),
            _ => false,
        };
        let is_asked = has(&|told| matches!(told, Told::Asked { .. }));
        scenes.extend(more);
        match (begins, is_asked) {
            (true, _) => return (scenes, Came::Reached),
            (_, true) => return (scenes, Came::Asked),
            _ if is_interrupted() => return (scenes, Came::Interrupted),
            _ => {}
        }
    }
}

/// A gate or a step fails from here on.
pub(super) fn fail(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let (name, rest) = split(text);
    let (name, rest) = match name {
        "gate" | "step" => split(rest),
        _ => (name, rest),
    };
    let Some(walking) = &prompt.walking else { return no_walk() };
    let plan = std::sync::Arc::clone(&walking.plan);
    let at = match rest.strip_prefix("at ") {
        Some(at) => at,
        None if rest.is_empty() => "",
        None => {
            return Said::fault(
                format!("`{}` is not expected here", harmless(rest)),
                "write `:fail mailflow at site \"sydney\"`",
            );
        }
    };
    let at = match place::place(prompt, &plan, at) {
        Ok(at) => at,
        Err(said) => return *said,
    };
    let gate = plan.gates.iter().position(|gate| gate.name == name);
    let step = plan.steps.iter().position(|step| step.name == name);
    let (what, sort) = match (gate, step) {
        (Some(gate), _) => {
            let gate = Some(GateId(gate as u32));
            (Happening::Gate { gate, answer: Reply::Fails, place: at.place }, "gate")
        }
        (None, Some(step)) => {
            let step = Some(step as u32);
            (Happening::Step { step, outcome: StepOutcome::Fails, place: at.place }, "step")
        }
        (None, None) => {
            let known = plan.gates.iter().map(|gate| gate.name.as_str());
            let known: Vec<&str> = known.chain(plan.steps.iter().map(|step| step.name.as_str())).collect();
            return match place::find(known.iter().copied(), "gate or step", name) {
                Err(said) => *said,
                Ok(_) => Said::default(),
            };
        }
    };
    let words = if at.words.is_empty() { String::new() } else { format!(" at {}", at.words) };
    give(prompt, what, format!("{sort} {name} fails{words}"))
}

/// Anything that a test could give: `given` and what stands behind it, checked as it is there.
pub(super) fn given(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let sentence = text.strip_prefix("given ").unwrap_or(text).trim();
    if sentence.is_empty() {
        return Said::fault("what is given?", "such as `:given global approves after 2h`");
    }
    const NAME: &str = "given at the prompt";
    let test = format!(
        "test \"{NAME}\" {{\n  plan {}\n  given {sentence}\n  expect rollout started\n}}",
        walking.plan.rollout
    );
    let found = walking.program.with_items(&test).map(|program| (program.load(prompt.settings.world), program));
    let (session, program) = match found {
        Ok(found) => found,
        Err(problems) => return prompt.refused(&problems, &test),
    };
    let (own, sources) = program.of_last(&session.problems, &test);
    if own.has_errors() {
        return Said { problems: prompt.drawn(&own, &sources), has_failed: true, ..Said::default() };
    }
    let tests = session.model.iter().flat_map(|model| &model.tests);
    let givens: Vec<Given> = tests.filter(|test| test.name == NAME).flat_map(|test| test.givens.clone()).collect();
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    let mut scenes = Vec::new();
    for given in &givens {
        scenes.extend(walking.given(given, sentence.to_owned()));
    }
    let mut said = moved(prompt, &scenes);
    said.problems = prompt.drawn(&own, &sources);
    said.answer.insert_str(0, &format!("From here on: {}\n", harmless(sentence)));
    said
}

/// Hosts cannot be reached any more.
pub(super) fn lose(prompt: &mut Prompt<'_>, text: &str) -> Said {
    reach(prompt, text, "lost")
}

/// Hosts can be reached again.
pub(super) fn recover(prompt: &mut Prompt<'_>, text: &str) -> Said {
    reach(prompt, text, "back")
}

fn reach(prompt: &mut Prompt<'_>, text: &str, word: &str) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let plan = std::sync::Arc::clone(&walking.plan);
    if text.is_empty() {
        return Said::fault("a place belongs here", "write `host web-1`, `site \"sydney\"` or `region asia`");
    }
    // A name by itself is that of a host.
    let is_host = split(text).1.is_empty();
    let text = if is_host { format!("host {text}") } else { text.to_owned() };
    match place::place(prompt, &plan, &text) {
        Ok(at) => {
            let what = match word {
                "lost" => Happening::Lost { place: at.place },
                _ => Happening::Back { place: at.place },
            };
            give(prompt, what, format!("{} {word}", at.words))
        }
        Err(said) => *said,
    }
}

/// The controller dies, and another goes on in its place.
pub(super) fn crash(prompt: &mut Prompt<'_>, _: &str) -> Said {
    give(prompt, Happening::ControllerDies, "controller dies".to_owned())
}

fn give(prompt: &mut Prompt<'_>, what: Happening, sentence: String) -> Said {
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    let scenes = walking.give(what, sentence.clone());
    let mut said = moved(prompt, &scenes);
    said.answer.insert_str(0, &format!("From here on: {}\n", harmless(&sentence)));
    said
}

pub(super) fn approve(prompt: &mut Prompt<'_>, text: &str) -> Said {
    answer(prompt, text, ApprovalAnswer::Approves)
}

pub(super) fn deny(prompt: &mut Prompt<'_>, text: &str) -> Said {
    answer(prompt, text, ApprovalAnswer::Denies)
}

/// Answers the approval that is waited for.
fn answer(prompt: &mut Prompt<'_>, text: &str, answer: ApprovalAnswer) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let world = walking.here.walk.world();
    let asked = world.view().waiting.into_iter().find_map(|waiting| match waiting {
        Waiting::Approval { stage, .. } => Some(stage),
        _ => None,
    });
    let Some(stage) = asked else {
        return Said::fault("no stage waits for an approval", "`:until end` goes on until one does");
    };
    let since = world.asked().get(&stage).copied().unwrap_or(world.now());
    let length = (world.now() - since).num_seconds();
    let act = match answer {
        ApprovalAnswer::Approves => PersonAct::Approve { stage },
        _ => PersonAct::Deny { stage },
    };
    let plan = &walking.plan;
    let approval = plan.stages.get(stage as usize).and_then(|stage| stage.approval.as_ref());
    let team = approval.and_then(|approval| plan.teams.get(approval.team.0 as usize));
    let word = if answer == ApprovalAnswer::Approves { "approves" } else { "denies" };
    let after = crate::time::Duration::from_seconds(u64::try_from(length).unwrap_or(0));
    let after = if length > 0 { format!(" after {after}") } else { String::new() };
    let sentence = format!("{} {word}{after}", team.map_or("", |team| team.name.as_str()));
    act_as(prompt, text, &act, sentence, Timing::Own)
}

pub(super) fn hold(prompt: &mut Prompt<'_>, text: &str) -> Said {
    speak(prompt, text, "holds", |target| PersonAct::Hold { target })
}

pub(super) fn resume(prompt: &mut Prompt<'_>, text: &str) -> Said {
    speak(prompt, text, "resumes", |target| PersonAct::Resume { target })
}

pub(super) fn rollback(prompt: &mut Prompt<'_>, text: &str) -> Said {
    speak(prompt, text, "rolls back", |target| PersonAct::Rollback { target })
}

fn speak(prompt: &mut Prompt<'_>, text: &str, word: &str, act: fn(Target) -> PersonAct) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let (about, person) = match text.rsplit_once(" as ") {
        Some((about, person)) => (about, person),
        None => (text, ""),
    };
    match place::target(prompt, &walking.plan, about) {
        Ok((target, words)) => act_as(prompt, person, &act(target), format!("{word} {words}"), Timing::Here),
        Err(said) => *said,
    }
}

/// Whether a sentence says itself when it happens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timing {
    Own,
    Here,
}

/// `person` does it, or whoever may.
fn act_as(prompt: &mut Prompt<'_>, person: &str, act: &PersonAct, sentence: String, timing: Timing) -> Said {
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    let plan = std::sync::Arc::clone(&walking.plan);
    let named = person.trim().trim_start_matches("as ").trim_matches('"');
    let person = if named.is_empty() { who_may(&plan, act).unwrap_or("anybody") } else { named }.to_owned();
    let text = match timing {
        Timing::Own => sentence,
        Timing::Here => format!("{} {sentence}", crate::ide::quoted(&person)),
    };
    let said = walking.sentence(text, timing == Timing::Own);
    match walking.here.walk.act(&person, act) {
        Ok(scenes) => {
            walking.here.said.push(said);
            moved(prompt, &scenes)
        }
        Err(refusal) => {
            let (message, help) = report::refusal_sentence(&refusal, &person, &plan);
            Said::fault(message, help)
        }
    }
}

/// Goes back, a move at a time.
pub(super) fn back(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let Some(times) = number(text) else { return no_number(text) };
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    match walking.back(times) {
        0 => Said::fault("this is the start of the walk", "`:next` goes on"),
        _ => moved(prompt, &[]),
    }
}

/// Goes on on another walk; without a name they are listed.
pub(super) fn branch(prompt: &mut Prompt<'_>, name: &str) -> Said {
    let Some(walking) = &mut prompt.walking else { return no_walk() };
    if name.is_empty() {
        let mut text = format!("{} (here), {}\n", harmless(&walking.name), show_utc(walking.here.walk.world().now()));
        for (name, branch) in &walking.others {
            text.push_str(&format!("{}, {}\n", harmless(name), show_utc(branch.walk.world().now())));
        }
        return Said::answer(text);
    }
    walking.branch(name);
    moved(prompt, &[])
}

/// What differs between this walk and another.
pub(super) fn compare(prompt: &mut Prompt<'_>, name: &str) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let known = walking.others.keys().map(String::as_str);
    if walking.others.is_empty() {
        return Said::fault("there is no other walk", "`:branch NAME` goes on on another one from here");
    }
    match place::find(known, "walk", name) {
        Ok(_) => {}
        Err(said) => return *said,
    }
    let Some(other) = walking.others.get(name) else { return Said::default() };
    let found = walking.here.walk.compare(&other.walk);
    Said::answer(report::comparison_text(&found, [&walking.name, name], &walking.plan, prompt.look.width))
}

/// How the walk stands.
pub(super) fn state(prompt: &mut Prompt<'_>, host: &str) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let name = host.trim_matches('"');
    if name.is_empty() {
        return moved(prompt, &[]);
    }
    match walking.plan.hosts.iter().position(|host| &*host.name == name) {
        Some(host) => {
            let host = crate::plan::HostIdx(host as u32);
            Said::answer(format!("{}\n", report::host_sentence(walking.here.walk.world(), host)))
        }
        None => *place::unknown_host(prompt, name),
    }
}

/// All that was told so far.
pub(super) fn story(prompt: &mut Prompt<'_>, _: &str) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    Said::answer(report::story_text(walking.here.walk.scenes(), &walking.plan))
}

/// What came of a move, and how the walk stands.
fn moved(prompt: &Prompt<'_>, scenes: &[Scene]) -> Said {
    let Some(walking) = &prompt.walking else { return no_walk() };
    let plan = &walking.plan;
    let view = walking.here.walk.world().view();
    let told = last_lines(report::moved_text(scenes, plan));
    Said::answer(format!("{told}{}", report::view_text(&view, plan, prompt.look.width)))
}

/// Of a long way only the last of what was told is shown: `:story` tells all of it.
fn last_lines(told: String) -> String {
    const MOST: usize = 40;
    let lines: Vec<&str> = told.lines().collect();
    match lines.len().checked_sub(MOST) {
        None | Some(0) => told,
        Some(more) => {
            let shown: String = lines.iter().skip(more).map(|line| format!("{line}\n")).collect();
            format!("  … {} before these; `:story` tells them\n{shown}", counted(more, "line"))
        }
    }
}

fn no_walk() -> Said {
    Said::fault("no rollout is being walked through", "`:start` begins with one")
}

/// How often; once where nothing is said.
fn number(text: &str) -> Option<usize> {
    if text.is_empty() { Some(1) } else { text.parse().ok().filter(|times| *times > 0) }
}

fn no_number(text: &str) -> Said {
    Said::fault(format!("`{}` is no number of moves", harmless(text)), "write `:next 5` or `:back 2`")
}
