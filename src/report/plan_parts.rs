use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::{
    Act, Action, Argument, Budget, Command, Condition, Gate, Part as Piece, Permission, Probe, Recipient, Rule, Step,
    TeamId, Undo, Verb, Where,
};
use crate::plan::{AtOnceLimit, BatchLimit, Plan, PlanRefinement, StagePlan};
use crate::report::{claims, words};
use crate::time::{Schedule, show_utc};

/// One thing that a plan says, in words: a stage, a gate, a step. Texts are as they are in the plan, not made harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub kind: &'static str,
    /// Empty where there is only one of its kind.
    pub name: String,
    /// What is said of it, in a fixed order; what is not said is left out.
    pub aspects: Vec<(&'static str, String)>,
}

/// Everything that a plan says, its hosts and their times left out.
pub(super) fn parts(plan: &Plan) -> Vec<Part> {
    let mut parts = vec![rollout(plan)];
    parts.extend(plan.stages.iter().map(|stage| stage_part(plan, stage)));
    parts.extend(plan.refinements.iter().map(|refinement| refinement_part(plan, refinement)));
    parts.extend(regions(plan));
    parts.extend(budgets(plan));
    parts.extend(plan.steps.iter().map(|step| step_part(plan, step)));
    parts.extend(packages(plan));
    parts.extend(plan.gates.iter().map(gate));
    parts.extend(plan.rules.iter().map(|one| rule(plan, one)));
    let claims = plan.properties.iter().map(|property| claims::property(plan, property));
    parts.extend(claims.map(|name| Part { kind: "claim", name, aspects: Vec::new() }));
    parts.extend(teams(plan));
    parts
}

/// Gathers what is said of one part.
struct Said(Part);

impl Said {
    fn of(kind: &'static str, name: impl Into<String>) -> Said {
        Said(Part { kind, name: name.into(), aspects: Vec::new() })
    }

    fn say(mut self, aspect: &'static str, text: impl Into<Option<String>>) -> Said {
        let text: Option<String> = text.into();
        self.0.aspects.extend(text.map(|text| (aspect, text)));
        self
    }
}

fn rollout(plan: &Plan) -> Part {
    Said::of("rollout", "")
        .say("rollout", plan.rollout.clone())
        .say("bulletin", plan.bulletin.clone())
        .say("title", plan.title.clone())
        .say("severity", plan.severity.map(words::severity))
        .say("runbook", plan.runbook.clone())
        .say("steps", names(plan.steps.iter().map(|step| step.name.as_str())))
        .say("stages", names(plan.stages.iter().map(|stage| stage.name.as_str())))
        .say("starts", show_utc(plan.starts_at))
        .say("ends", format!("{} at the earliest", show_utc(plan.ends_at)))
        .say("deadline", plan.deadline.map(show_utc))
        .say("commands from", command_path(plan))
        .say("zone data", plan.zone_data.clone())
        .0
}

/// Below the script's folder, where it is there: the same script in another folder is the same.
fn command_path(plan: &Plan) -> Option<String> {
    let path = plan.command_path.as_ref()?;
    let below = path.strip_prefix(&plan.directory).map(|rest| rest.trim_start_matches('/'));
    Some(below.unwrap_or(path).to_owned())
}

fn stage_part(plan: &Plan, stage: &StagePlan) -> Part {
    let approval = stage.approval.as_ref().map(|approval| {
        let within = approval.within.map(|within| format!(" within {within}")).unwrap_or_default();
        format!("by {}{within} else {}", team(plan, approval.team), words::otherwise(approval.otherwise))
    });
    let regions = stage.turns.iter().filter_map(|turn| plan.regions.get(turn.region.0 as usize));
    Said::of(words::kind(stage.kind), &stage.name)
        .say("regions", names(regions.map(|region| region.name.as_str())))
        .say("order", (!stage.together).then(|| "one region after the other".to_owned()))
        .say("hosts in order of", stage.order_by.clone())
        .say("batch", stage.batch.as_ref().map(batch))
        .say("at once", stage.at_once.as_ref().map(at_once))
        .say("soak", (!stage.soak.is_zero()).then(|| stage.soak.to_string()))
        .say("gates", gates(plan, &stage.gates))
        .say("approval", approval)
        .say("finish before", stage.finish_before.map(words::finish))
        .say("starts", show_utc(stage.starts_at))
        .say("ends", format!("{} at the earliest", show_utc(stage.ends_at)))
        .0
}

fn refinement_part(plan: &Plan, refinement: &PlanRefinement) -> Part {
    let region = plan.regions.get(refinement.region.0 as usize).map_or("", |region| &region.name);
    Said::of("refinement of region", region)
        .say("times", names(refinement.times.iter().map(String::as_str)))
        .say("batch", refinement.batch.as_ref().map(batch))
        .say("at once", refinement.at_once.as_ref().map(at_once))
        .say("soak", refinement.soak.map(|soak| soak.to_string()))
        .say("gates", gates(plan, &refinement.gates))
        .say("finish before", refinement.finish_before.map(words::finish))
        .0
}

/// With the schedules of their sites; those without a target have none of their own.
fn regions(plan: &Plan) -> impl Iterator<Item = Part> + '_ {
    let touched: BTreeSet<_> = plan.hosts.iter().map(|host| host.site).collect();
    plan.regions.iter().enumerate().filter_map(move |(idx, region)| {
        let sites = touched.iter().filter_map(|site| plan.sites.get(site.0 as usize));
        let mut sites = sites.filter(|site| site.region.0 as usize == idx).peekable();
        sites.peek()?;
        let schedules: BTreeSet<String> = sites.map(|site| schedule(&site.schedule)).collect();
        let open = names(schedules.iter().map(String::as_str));
        Some(
            Said::of("region", &region.name)
                .say("owner", region.owner.map(|owner| team(plan, owner)))
                .say("open", open)
                .0,
        )
    })
}

/// `mon..fri 22:00-06:00 except quarter-end in Europe/Berlin, frozen on holidays`
fn schedule(schedule: &Schedule) -> String {
    let windows = match schedule.windows.is_empty() {
        true => "always".to_owned(),
        false => schedule.windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    };
    let freezes: Vec<&str> = schedule.freezes.iter().map(|freeze| freeze.calendar.name.as_str()).collect();
    let frozen = if freezes.is_empty() { String::new() } else { format!(", frozen on {}", freezes.join(" and ")) };
    format!("{windows} in {}{frozen}", schedule.zone.name())
}

/// One for each `keep` of each service: over how many groups, and how many may be down in all of them.
fn budgets(plan: &Plan) -> impl Iterator<Item = Part> + '_ {
    let mut kinds: IndexMap<(String, String), (usize, u64, u64)> = IndexMap::new();
    for budget in &plan.budgets {
        let per = budget.group.split(' ').next().filter(|_| !budget.group.is_empty());
        let rule = per.map_or_else(|| budget.rule.clone(), |per| format!("{} per {per}", budget.rule));
        let (groups, size, down) = kinds.entry((budget.service.clone(), rule)).or_default();
        *groups += 1;
        *size += u64::from(budget.size);
        *down += u64::from(budget.most_down());
    }
    kinds.into_iter().map(|((service, rule), (groups, size, down))| {
        Said::of("budget", format!("{service}: keep {rule}"))
            .say("groups", groups.to_string())
            .say("hosts", size.to_string())
            .say("may be down", format!("{down} in all"))
            .0
    })
}

fn step_part(plan: &Plan, step: &Step) -> Part {
    let lifts = step.lifts.and_then(|lifted| plan.workarounds.get(lifted.0 as usize));
    let wait =
        step.wait.as_ref().map(|wait| format!("tcp {} {} within {}", argument(&wait.address), wait.port, wait.within));
    let undo = match &step.undo {
        Undo::Action(undo) => action(undo),
        Undo::NotNeeded => "not needed".to_owned(),
        Undo::Impossible => "impossible".to_owned(),
    };
    let retry = (step.retry.times > 0).then(|| format!("{} every {}", step.retry.times, step.retry.every));
    Said::of("step", &step.name)
        .say("run", action(&step.run))
        .say("lifts", lifts.map(|lifted| format!("{} on {} hosts", lifted.name, lifted.hosts.len())))
        .say("then waits for", wait)
        .say("undo", undo)
        .say("verify", step.verify.as_ref().map(action))
        .say("takes", step.takes.to_string())
        .say("timeout", step.timeout.to_string())
        .say("retry", retry)
        .say("down", step.down.then(|| "yes".to_owned()))
        .say("ahead", step.ahead.then(|| "yes".to_owned()))
        .0
}

fn packages(plan: &Plan) -> impl Iterator<Item = Part> + '_ {
    plan.packages.iter().map(|package| {
        Said::of("package", &package.name)
            .say("install", package.install.as_ref().map(command))
            .say("uninstall", package.uninstall.as_ref().map(command))
            .say("verify", package.verify.as_ref().map(command))
            .0
    })
}

fn gate(gate: &Gate) -> Part {
    let probe = match &gate.probe {
        Probe::Command(run) => command(run),
        Probe::Tcp { address, port } => format!("tcp {} {port}", argument(address)),
        Probe::Http { url, status } => format!("http {} status {status}", argument(url)),
    };
    Said::of("gate", &gate.name)
        .say("per", words::per(gate.per).to_owned())
        .say("asks", probe)
        .say("every", gate.every.to_string())
        .say("within", gate.within.map(|within| within.to_string()))
        .say("for", (!gate.lasts_for.is_zero()).then(|| gate.lasts_for.to_string()))
        .say("retry", (gate.retries > 0).then(|| gate.retries.to_string()))
        .say("timeout", gate.timeout.to_string())
        .0
}

fn rule(plan: &Plan, rule: &Rule) -> Part {
    let acts: Vec<String> = rule.actions.iter().map(|act| act_words(plan, *act)).collect();
    Said::of("rule", format!("on {}", condition(plan, &rule.condition))).say("does", acts.join(", ")).0
}

fn condition(plan: &Plan, condition: &Condition) -> String {
    let gate = |gate: &Option<crate::model::GateId>| {
        let gate = gate.and_then(|gate| plan.gates.get(gate.0 as usize));
        gate.map_or_else(|| "gate".to_owned(), |gate| format!("gate {}", gate.name))
    };
    match condition {
        Condition::GateFailed(of) => format!("{} failed", gate(of)),
        Condition::GateUnknown(of) => format!("{} unknown", gate(of)),
        Condition::StepFailed(of) => {
            let step = of.and_then(|step| plan.steps.get(step as usize));
            step.map_or_else(|| "step failed".to_owned(), |step| format!("step {} failed", step.name))
        }
        Condition::MoreThanFailed { limit, scope } => {
            format!("more than {} failed in {}", budget(*limit), words::scope(*scope))
        }
        Condition::RegionsHeld(regions) => format!("{regions} regions held"),
        Condition::DeadlineAtRisk => "deadline at risk".to_owned(),
    }
}

fn act_words(plan: &Plan, act: Act) -> String {
    match act {
        Act::Hold(scope) => format!("hold {}", words::scope(scope)),
        Act::Rollback(scope) => format!("rollback {}", words::scope(scope)),
        Act::Notify(Recipient::Owner) => "notify owner".to_owned(),
        Act::Notify(Recipient::Team(one)) => format!("notify {}", team(plan, one)),
    }
}

fn teams(plan: &Plan) -> impl Iterator<Item = Part> + '_ {
    plan.teams.iter().map(|team| {
        let may: Vec<String> = team.permissions.iter().map(|permission| allowed(plan, permission)).collect();
        Said::of("team", &team.name)
            .say("members", names(team.members.iter().map(String::as_str)))
            .say("may", (!may.is_empty()).then(|| may.join("; ")))
            .0
    })
}

fn allowed(plan: &Plan, permission: &Permission) -> String {
    let verbs: Vec<&str> = permission
        .verbs
        .iter()
        .map(|verb| match verb {
            Verb::Approve => "approve",
            Verb::Hold => "hold",
            Verb::Resume => "resume",
            Verb::Rollback => "rollback",
        })
        .collect();
    match &permission.place {
        Where::Everywhere => verbs.join(", "),
        Where::Regions(regions) => {
            let regions = regions.iter().filter_map(|region| plan.regions.get(region.0 as usize));
            let regions: Vec<&str> = regions.map(|region| region.name.as_str()).collect();
            format!("{} in {}", verbs.join(", "), regions.join(", "))
        }
    }
}

fn team(plan: &Plan, team: TeamId) -> String {
    plan.teams.get(team.0 as usize).map(|team| team.name.clone()).unwrap_or_default()
}

fn gates(plan: &Plan, gates: &[crate::model::GateId]) -> Option<String> {
    names(gates.iter().filter_map(|gate| plan.gates.get(gate.0 as usize)).map(|gate| gate.name.as_str()))
}

fn names<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// `25% of site at most 4`
fn batch(limit: &BatchLimit) -> String {
    let scope = words::scope(limit.scope);
    let amount = match limit.amount {
        Budget::Hosts(hosts) => format!("{hosts} per {scope}"),
        Budget::Percent(percent) => format!("{percent}% of {scope}"),
    };
    limit.at_most.map_or_else(|| amount.clone(), |most| format!("{amount} at most {most}"))
}

fn at_once(limit: &AtOnceLimit) -> String {
    format!("at most {} per {}", limit.most, words::scope(limit.scope))
}

fn budget(limit: Budget) -> String {
    match limit {
        Budget::Hosts(hosts) => hosts.to_string(),
        Budget::Percent(percent) => format!("{percent}%"),
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Command(run) => command(run),
        Action::PackageInstall => "package.install".to_owned(),
        Action::PackageUninstall => "package.uninstall".to_owned(),
        Action::PackageVerify => "package.verify".to_owned(),
    }
}

/// As one writes it, arguments that hold blanks in quotes.
fn command(command: &Command) -> String {
    let arguments: Vec<String> = command
        .arguments
        .iter()
        .map(|one| {
            let text = argument(one);
            if text.is_empty() || text.contains(' ') { format!("'{text}'") } else { text }
        })
        .collect();
    arguments.join(" ")
}

fn argument(argument: &Argument) -> String {
    let pieces = argument.parts.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(key) => format!("{{{key}}}"),
    });
    pieces.collect()
}
