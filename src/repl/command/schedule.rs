use crate::diagnostic::{harmless, nearest};
use crate::plan::{HostIdx, Plan, StagePlan};
use crate::repl::prompt::{Prompt, Said};
use crate::report::{self, PlanTextOptions};
use crate::time::{Duration, Moment, later_by, parse_moment, show_utc};

/// Who is changed when.
pub(super) fn plan(prompt: &mut Prompt<'_>, rollout: &str) -> Said {
    match planned(prompt, rollout) {
        Ok(plan) => {
            let options = PlanTextOptions { hosts: false, width: prompt.look.width };
            Said::answer(report::plan_text(&plan, &options))
        }
        Err(said) => *said,
    }
}

/// The plan of a rollout, or of the only one.
///
/// # Errors
/// What stands against one.
pub(super) fn planned(prompt: &Prompt<'_>, rollout: &str) -> Result<Plan, Box<Said>> {
    let session = prompt.session();
    let rollout = Some(rollout).filter(|rollout| !rollout.is_empty());
    let planned = session.plan(rollout, prompt.start_at);
    planned.plan.ok_or_else(|| {
        let problems = prompt.drawn(&planned.problems, &session.sources);
        match problems.is_empty() {
            false => Box::new(Said { problems, has_failed: true, ..Said::default() }),
            true => Box::new(Said::fault("there is nothing to plan", "load a script with `:load FILE`")),
        }
    })
}

/// Stage, batch and times of one host.
pub(super) fn when(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let name = text.trim_matches('"');
    if name.is_empty() {
        return Said::fault("the name of a host belongs here", "write `:when HOST`");
    }
    let plan = match planned(prompt, "") {
        Ok(plan) => plan,
        Err(said) => return *said,
    };
    let found = plan.hosts.iter().position(|host| &*host.name == name);
    let Some(host) = found.map(|idx| HostIdx(idx as u32)) else { return no_target(prompt, &plan, name) };
    Said::answer(times(&plan, host))
}

fn times(plan: &Plan, host: HostIdx) -> String {
    let of = plan.host(host);
    let mut text = harmless(&of.name).into_owned();
    let Some(stage) = plan.stages.get(of.stage as usize) else { return text + "\n" };
    let site = plan.sites.get(of.site.0 as usize);
    let site_name = site.map_or("", |site| site.name.as_str());
    text.push_str(&format!(" at {} in stage {}", harmless(site_name), harmless(&stage.name)));
    if let Some((number, of_batches, batch)) = batch_of(stage, host) {
        text.push_str(&format!(", batch {number} of {of_batches}\n"));
        for (word, at) in [("starts", batch.starts_at), ("ends", batch.ends_at)] {
            let local = site.map(|site| format!("  {}", site.schedule.zone.show(at))).unwrap_or_default();
            text.push_str(&format!("  {word:<7} {}{local}\n", show_utc(at)));
        }
        return text;
    }
    text + "\n"
}

/// The batch of a host, counted from one, and how many its lane has.
fn batch_of(stage: &StagePlan, host: HostIdx) -> Option<(usize, usize, &crate::plan::BatchPlan)> {
    let lanes = stage.turns.iter().flat_map(|turn| &turn.lanes);
    lanes.into_iter().find_map(|lane| {
        let at = lane.batches.iter().position(|batch| batch.hosts.contains(&host))?;
        Some((at + 1, lane.batches.len(), lane.batches.get(at)?))
    })
}

fn no_target(prompt: &Prompt<'_>, plan: &Plan, name: &str) -> Said {
    let fleet = prompt.session().fleet.as_ref();
    let shown = harmless(name);
    if fleet.is_some_and(|fleet| fleet.find(name).is_some()) {
        let message = format!("`{shown}` is no target of {}", harmless(&plan.rollout));
        return Said::fault(message, format!("`{shown}` by itself says what is known of it"));
    }
    let near = fleet.and_then(|fleet| nearest(name, fleet.hosts().map(|host| fleet.name(host))));
    let help = near.map_or(String::new(), |near| format!("did you mean `{}`?", harmless(near)));
    Said::fault(format!("there is no host `{shown}`"), help)
}

/// When the rollout starts.
pub(super) fn time(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let usual = usual_start(prompt);
    match text {
        "" => {}
        "script" => prompt.start_at = None,
        text => match moment(text, prompt.start_at.unwrap_or(usual)) {
            Some(at) => prompt.start_at = Some(at),
            None => {
                return Said::fault(
                    format!("`{}` is no moment", harmless(text)),
                    "write `2007-05-08 18:00 UTC`, `+2h` or `-1d`",
                );
            }
        },
    }
    let whose = if prompt.start_at.is_some() { "as set here" } else { "as the script says, or now" };
    Said::answer(format!("A rollout starts at {}, {whose}.\n", show_utc(prompt.start_at.unwrap_or(usual))))
}

/// A moment, or so much later or earlier than another.
pub(super) fn moment(text: &str, from: Moment) -> Option<Moment> {
    if let Some(length) = text.strip_prefix('+') {
        return Some(later_by(from, Duration::parse(length.trim())?));
    }
    if let Some(length) = text.strip_prefix('-') {
        return from.checked_sub_signed(Duration::parse(length.trim())?.to_chrono());
    }
    parse_moment(text)
}

fn usual_start(prompt: &Prompt<'_>) -> Moment {
    let session = prompt.session();
    let rollouts = session.model.iter().flat_map(|model| &model.rollouts);
    rollouts.filter_map(|rollout| rollout.starts_at).next().unwrap_or(session.now)
}
