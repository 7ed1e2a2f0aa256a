use crate::engine::{HostState, Status, Target, Waiting};
use crate::plan::{HostIdx, Plan, Reason, Topic};
use crate::report::places::{stage_name, step_name};
use crate::report::progress::waiting_sentence;
use crate::run::History;
use crate::time::{Moment, Zone};

/// How one host of a run stands: since when, what keeps it, and which command would let it go on.
pub fn standing(history: &History, host: HostIdx) -> Vec<Reason> {
    let (engine, plan) = (history.engine(), history.plan());
    let zone = plan.sites.get(plan.host(host).site.0 as usize);
    let zone = zone.map_or_else(Zone::utc, |site| site.schedule.zone.clone());
    let since = since(history, host).map_or_else(String::new, |at| format!(", since {}", zone.show(at)));
    let state = engine.host(host);
    let mut reasons =
        vec![Reason { change: settle(plan, host, state), ..now(format!("{}{since}", state_words(plan, state))) }];
    if matches!(state, HostState::Done | HostState::RolledBack) {
        return reasons;
    }
    if let Some(stage) = engine.stage().filter(|stage| *stage < plan.host(host).stage) {
        let progress = engine.progress(Target::Stage(stage));
        let left = progress.total() - progress.done - progress.rolled_back;
        let left = match left {
            0 => "and is not past its gates, soak and approval".to_owned(),
            1 => "with 1 host to go".to_owned(),
            more => format!("with {more} hosts to go"),
        };
        reasons.push(now(format!("stage `{}` comes before its own, {left}", stage_name(plan, stage))));
    }
    for waiting in engine.keeps_back(host) {
        let release = release(history, &waiting);
        reasons.push(Reason { change: release, ..now(waiting_sentence(&waiting, plan)) });
    }
    reasons
}

fn now(text: String) -> Reason {
    Reason { topic: Topic::Now, text, place: None, change: None }
}

fn since(history: &History, host: HostIdx) -> Option<Moment> {
    let changes = history.statuses.iter().rev();
    let mut of_host =
        changes.filter(|(_, status)| matches!(status, Status::HostChanged { host: one, .. } if *one == host));
    of_host.next().map(|(at, _)| *at)
}

fn state_words(plan: &Plan, state: HostState) -> String {
    match state {
        HostState::Waiting => "it has not begun".to_owned(),
        HostState::Ahead { step } => format!("step `{}` runs ahead of its batch", step_name(plan, step)),
        HostState::Ready => "what runs ahead is done, and its batch has not begun".to_owned(),
        HostState::Changing { step } => format!("it is being changed, in step `{}`", step_name(plan, step)),
        HostState::Done => "it is done".to_owned(),
        HostState::Failed { step } => format!("step `{}` failed", step_name(plan, step)),
        HostState::Unknown { step } => format!("nobody knows how step `{}` ended", step_name(plan, step)),
        HostState::Undoing { step } => format!("step `{}` is being undone", step_name(plan, step)),
        HostState::RolledBack => "it is rolled back".to_owned(),
        HostState::HalfRolledBack { step } => {
            format!("it is rolled back only as far as step `{}`", step_name(plan, step))
        }
    }
}

/// What a person can do about a host in trouble.
fn settle(plan: &Plan, host: HostIdx, state: HostState) -> Option<String> {
    let name = &plan.host(host).name;
    match state {
        HostState::Failed { .. } | HostState::HalfRolledBack { .. } => {
            Some(format!("mend it, then `sunup settle {name} mended`"))
        }
        HostState::Unknown { .. } => Some(format!("look at it, then `sunup settle {name} done`, `again` or `failed`")),
        _ => None,
    }
}

/// Which command lets go what is waited for.
fn release(history: &History, waiting: &Waiting) -> Option<String> {
    let (engine, plan) = (history.engine(), history.plan());
    match waiting {
        Waiting::Approval { .. } => Some("`sunup approve`".to_owned()),
        Waiting::Person { what: Target::Host(_), .. } | Waiting::Window { .. } | Waiting::Soak { .. } => None,
        Waiting::Budget { group, .. } => {
            let hosts = plan.budgets.get(*group).map_or(&[][..], |group| &group.hosts);
            let down = hosts.iter().filter(|host| engine.is_down(**host));
            let down: Vec<String> = down.take(3).map(|host| format!("`{}`", plan.host(*host).name)).collect();
            (!down.is_empty()).then(|| format!("{} must be up again", down.join(", ")))
        }
        Waiting::Person { what, .. } => {
            let option = match what {
                Target::Region(region) => {
                    option("region", plan.regions.get(region.0 as usize).map(|region| &region.name))
                }
                Target::Site(site) => option("site", plan.sites.get(site.0 as usize).map(|site| &site.name)),
                Target::Stage(stage) => option("stage", plan.stages.get(*stage as usize).map(|stage| &stage.name)),
                Target::Rollout | Target::Batch { .. } | Target::Host(_) => String::new(),
            };
            Some(format!("`sunup resume {}{option}`", history.summary.id))
        }
    }
}

/// ` --region "Asia Pacific"`
fn option(word: &str, name: Option<&String>) -> String {
    let Some(name) = name else { return String::new() };
    let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    if is_plain { format!(" --{word} {name}") } else { format!(" --{word} {name:?}") }
}
