use chrono::SecondsFormat;
use serde::Serialize;

use crate::plan::{HostIdx, Plan};
use crate::simulate::{Binding, Fit, Simulation, Spread, Times};
use crate::time::{Duration, Moment};

/// The version of the shape below; `docs/simulate-json.md` documents it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct SimulateFile<'a> {
    version: u32,
    rollout: &'a str,
    bulletin: &'a str,
    runs: usize,
    seed: u64,
    starts_at: String,
    from: String,
    planned_end: String,
    deadline: Option<String>,
    given: &'a [String],
    left_to_chance: bool,
    fitted_runs: usize,
    steps: Vec<StepOdds<'a>>,
    gates: Vec<GateOdds<'a>>,
    ends: Ends,
    rolled_back: usize,
    late: Option<usize>,
    complete: TimesOf,
    regions: Vec<Region<'a>>,
    services: Vec<Service<'a>>,
    mean_length: u64,
    waited: Vec<Waited>,
}

#[derive(Serialize)]
struct StepOdds<'a> {
    name: &'a str,
    takes_at_least: u64,
    takes: u64,
    fails: f64,
    attempts_seen: Option<usize>,
}

#[derive(Serialize)]
struct GateOdds<'a> {
    name: &'a str,
    fails: f64,
    askings_seen: Option<usize>,
}

#[derive(Serialize)]
struct Ends {
    complete: usize,
    rolled_back: usize,
    held: usize,
    waiting_for_approval: usize,
    without_end: usize,
}

#[derive(Serialize)]
struct TimesOf {
    runs: usize,
    p50: Option<String>,
    p90: Option<String>,
    p99: Option<String>,
}

#[derive(Serialize)]
struct Region<'a> {
    name: &'a str,
    zone: String,
    done: TimesOf,
    done_local: TimesOf,
    rolled_back: usize,
    held: usize,
}

#[derive(Serialize)]
struct Service<'a> {
    name: &'a str,
    hosts: u32,
    most_down: MostDown,
    broken: usize,
}

#[derive(Serialize)]
struct MostDown {
    p50: u32,
    p90: u32,
    p99: u32,
    most: u32,
}

#[derive(Serialize)]
struct Waited {
    on: &'static str,
    seconds: u64,
    share: f64,
}

/// What came of many runs, for programs; `given` is what was given, as it was written.
pub fn simulate_json(found: &Simulation, plan: &Plan, fit: Option<&Fit>, given: &[String]) -> String {
    let steps = plan.steps.iter().zip(&found.odds.steps).map(|(step, odds)| {
        let (least, most) = match &odds.takes {
            Spread::Always(length) => (*length, *length),
            Spread::Between(least, most) => (*least, *most),
            Spread::Seen(seen) => (seen.first().copied().unwrap_or_default(), seen.last().copied().unwrap_or_default()),
        };
        StepOdds {
            name: &step.name,
            takes_at_least: least.seconds(),
            takes: most.seconds(),
            fails: percent(odds.fails),
            attempts_seen: fit.and_then(|fit| fit.steps.get(&step.name)).map(|seen| seen.attempts()),
        }
    });
    let gates = plan.gates.iter().zip(&found.odds.gates).map(|(gate, fails)| GateOdds {
        name: &gate.name,
        fails: percent(*fails),
        askings_seen: fit.and_then(|fit| fit.gates.get(&gate.name)).map(|seen| seen.askings),
    });
    let file = SimulateFile {
        version: VERSION,
        rollout: &plan.rollout,
        bulletin: &plan.bulletin,
        runs: found.runs,
        seed: found.seed,
        starts_at: moment(plan.starts_at),
        from: moment(found.from),
        planned_end: moment(plan.ends_at),
        deadline: plan.deadline.map(moment),
        given,
        left_to_chance: found.odds.are_open(),
        fitted_runs: fit.map_or(0, |fit| fit.runs),
        steps: steps.collect(),
        gates: gates.collect(),
        ends: Ends {
            complete: found.ends.complete,
            rolled_back: found.ends.rolled_back,
            held: found.ends.held,
            waiting_for_approval: found.ends.unanswered,
            without_end: found.ends.endless,
        },
        rolled_back: found.rolled_back,
        late: found.late,
        complete: times(&found.complete_at, &moment),
        regions: regions(found, plan),
        services: services(found, plan),
        mean_length: found.mean_length().seconds(),
        waited: Binding::ALL.into_iter().map(|binding| waited(found, binding)).collect(),
    };
    // INVARIANT: texts, numbers and truth values only.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

fn regions<'a>(found: &Simulation, plan: &'a Plan) -> Vec<Region<'a>> {
    let regions = found.regions.iter().map(|region| Region {
        name: plan.regions.get(region.region.0 as usize).map_or("", |region| &region.name),
        zone: zone(plan, region.host).unwrap_or_default(),
        done: times(&region.done_at, &moment),
        done_local: times(&region.done_at, &|at| local(plan, region.host, at)),
        rolled_back: region.rolled_back,
        held: region.held,
    });
    regions.collect()
}

fn services<'a>(found: &Simulation, plan: &'a Plan) -> Vec<Service<'a>> {
    let known = found.services.iter().filter_map(|service| Some((service, plan.services.get(service.service)?)));
    let services = known.map(|(service, planned)| Service {
        name: &planned.name,
        hosts: planned.size,
        most_down: MostDown {
            p50: service.percentile(50),
            p90: service.percentile(90),
            p99: service.percentile(99),
            most: service.most_down.last().copied().unwrap_or_default(),
        },
        broken: service.broken,
    });
    services.collect()
}

fn waited(found: &Simulation, binding: Binding) -> Waited {
    let on = match binding {
        Binding::Budget => "budget",
        Binding::Steps => "steps",
        Binding::Gate => "gate",
        Binding::Approval => "approval",
        Binding::Soak => "soak",
        Binding::Window => "window",
        Binding::People => "people",
    };
    let mean = found.waited.on(binding).seconds() / found.runs.max(1) as u64;
    Waited { on, seconds: Duration::from_seconds(mean).seconds(), share: found.waited.share(binding) }
}

fn times(times: &Times, show: &dyn Fn(Moment) -> String) -> TimesOf {
    let at = |percent| times.percentile(percent).map(show);
    TimesOf { runs: times.count(), p50: at(50), p90: at(90), p99: at(99) }
}

fn moment(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn zone(plan: &Plan, host: HostIdx) -> Option<String> {
    let site = plan.sites.get(plan.hosts.get(host.0 as usize)?.site.0 as usize)?;
    Some(site.schedule.zone.name().to_owned())
}

fn local(plan: &Plan, host: HostIdx, at: Moment) -> String {
    let site = plan.hosts.get(host.0 as usize).and_then(|host| plan.sites.get(host.site.0 as usize));
    let Some(site) = site else { return moment(at) };
    let (local, offset) = site.schedule.zone.local(at);
    format!("{}{offset}", local.format("%Y-%m-%dT%H:%M:%S"))
}

/// Of a hundred, to a thousandth.
fn percent(share: f64) -> f64 {
    (share * 100_000.0).round() / 1_000.0
}
