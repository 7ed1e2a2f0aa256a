use std::sync::Arc;

use chrono::SecondsFormat;

use crate::model::{
    Act, Action, Argument, Budget, Command, Condition, Finish, Gate, Part, Probe, Recipient, Rule, Step, Team, Undo,
    Where,
};
use crate::plan::saved::claims::{SavedProperty, SavedService};
use crate::plan::saved::{PLAN_VERSION, shape};
use crate::plan::{AtOnceLimit, BatchLimit, BatchPlan, Lane, Plan, PlanRefinement, RegionTurn, StagePlan, ValueColumn};
use crate::source::Span;
use crate::time::{Calendar, CalendarRule, Duration, Moment, Schedule, Window};

pub(super) fn shape_of(plan: &Plan) -> shape::Saved {
    let mut calendars = Vec::new();
    let mut schedules: Vec<Arc<Schedule>> = Vec::new();
    let sites = plan.sites.iter().map(|site| shape::Site {
        name: site.name.clone(),
        region: site.region.0,
        schedule: place(&mut schedules, &site.schedule),
        coordinates: site.coordinates.map(|place| [place.latitude().to_string(), place.longitude().to_string()]),
    });
    let sites = sites.collect();
    let schedules = schedules.iter().map(|schedule| schedule_of(schedule, &mut calendars)).collect();
    shape::Saved {
        format: shape::FORMAT.to_owned(),
        version: PLAN_VERSION,
        rollout: plan.rollout.clone(),
        bulletin: plan.bulletin.clone(),
        title: plan.title.clone(),
        severity: plan
            .severity
            .map(|severity| shape::StatedSeverity { level: severity.level.into(), at_most: severity.at_most }),
        runbook: plan.runbook.clone(),
        script: plan.script.clone(),
        directory: plan.directory.clone(),
        command_path: plan.command_path.clone(),
        starts_at: moment(plan.starts_at),
        ends_at: moment(plan.ends_at),
        deadline: plan.deadline.map(moment),
        zone_data: plan.zone_data.clone(),
        fingerprint: fingerprint_of(plan),
        calendars: calendars.iter().map(|calendar| calendar_of(calendar)).collect(),
        schedules,
        regions: plan
            .regions
            .iter()
            .map(|region| shape::Region { name: region.name.clone(), owner: region.owner.map(|owner| owner.0) })
            .collect(),
        sites,
        teams: plan.teams.iter().map(team_of).collect(),
        packages: plan
            .packages
            .iter()
            .map(|package| shape::Package {
                name: package.name.clone(),
                install: package.install.as_ref().map(command_of),
                uninstall: package.uninstall.as_ref().map(command_of),
                verify: package.verify.as_ref().map(command_of),
            })
            .collect(),
        workarounds: plan
            .workarounds
            .iter()
            .map(|workaround| shape::Workaround {
                name: workaround.name.clone(),
                hosts: workaround.hosts.iter().map(|host| host.0).collect(),
            })
            .collect(),
        steps: plan.steps.iter().map(step_of).collect(),
        gates: plan.gates.iter().map(gate_of).collect(),
        rules: plan.rules.iter().map(rule_of).collect(),
        properties: plan.properties.iter().map(SavedProperty::of).collect(),
        services: plan.services.iter().map(SavedService::of).collect(),
        stages: plan.stages.iter().map(stage_of).collect(),
        refinements: plan.refinements.iter().map(refinement_of).collect(),
        budgets: plan
            .budgets
            .iter()
            .map(|budget| shape::BudgetGroup {
                service: budget.service.clone(),
                group: budget.group.clone(),
                rule: budget.rule.clone(),
                size: budget.size,
                keep: budget.keep,
                hosts: budget.hosts.iter().map(|host| host.0).collect(),
            })
            .collect(),
        hosts: hosts_of(plan),
        values: plan.values.iter().map(|(name, column)| values_of(name, column)).collect(),
    }
}

/// The place of a thing among those met so far; equal things are one.
fn place<T: Eq>(met: &mut Vec<Arc<T>>, thing: &Arc<T>) -> usize {
    met.iter().position(|known| known == thing).unwrap_or_else(|| {
        met.push(thing.clone());
        met.len() - 1
    })
}

fn fingerprint_of(plan: &Plan) -> shape::Fingerprint {
    let input = |input: &crate::plan::Input| shape::Input {
        kind: input.kind.clone(),
        name: input.name.clone(),
        hash: input.hash.clone(),
    };
    shape::Fingerprint {
        whole: plan.fingerprint.whole.clone(),
        inputs: plan.fingerprint.inputs.iter().map(input).collect(),
    }
}

fn schedule_of(schedule: &Schedule, calendars: &mut Vec<Arc<Calendar>>) -> shape::Schedule {
    let window = |window: &Window, calendars: &mut Vec<Arc<Calendar>>| shape::Window {
        days: window.days.iter().map(|&day| day.into()).collect(),
        opens: window.opens.to_string(),
        closes: window.closes.to_string(),
        except: window.except.iter().map(|calendar| place(calendars, calendar)).collect(),
    };
    shape::Schedule {
        zone: schedule.zone.name().to_owned(),
        windows: schedule.windows.iter().map(|one| window(one, calendars)).collect(),
        freezes: schedule.freezes.iter().map(|freeze| place(calendars, &freeze.calendar)).collect(),
    }
}

fn calendar_of(calendar: &Calendar) -> shape::Calendar {
    let rule = |rule: &CalendarRule| match rule {
        CalendarRule::Dates { first, last } => {
            shape::CalendarRule::Dates { first: first.to_string(), last: last.to_string() }
        }
        CalendarRule::Listed(days) => shape::CalendarRule::Listed(days.iter().map(ToString::to_string).collect()),
        CalendarRule::Weekdays(days) => shape::CalendarRule::Weekdays(days.iter().map(|&day| day.into()).collect()),
        &CalendarRule::Edge { position, count, period } => {
            shape::CalendarRule::Edge { position: position.into(), count, period: period.into() }
        }
        &CalendarRule::NthWeekday { position, nth, weekday, period } => shape::CalendarRule::NthWeekday {
            position: position.into(),
            nth,
            weekday: weekday.into(),
            period: period.into(),
        },
    };
    shape::Calendar { name: calendar.name.clone(), rules: calendar.rules.iter().map(rule).collect() }
}

fn team_of(team: &Team) -> shape::Team {
    let permission = |permission: &crate::model::Permission| shape::Permission {
        verbs: permission.verbs.iter().map(|&verb| verb.into()).collect(),
        regions: match &permission.place {
            Where::Everywhere => None,
            Where::Regions(regions) => Some(regions.iter().map(|region| region.0).collect()),
        },
    };
    shape::Team {
        name: team.name.clone(),
        members: team.members.clone(),
        permissions: team.permissions.iter().map(permission).collect(),
        span: span(team.span),
    }
}

fn step_of(step: &Step) -> shape::Step {
    shape::Step {
        name: step.name.clone(),
        run: action_of(&step.run),
        wait: step.wait.as_ref().map(|wait| shape::Wait {
            address: argument_of(&wait.address),
            port: wait.port,
            within: wait.within.seconds(),
        }),
        undo: match &step.undo {
            Undo::Action(action) => shape::Undo::Action(action_of(action)),
            Undo::NotNeeded => shape::Undo::NotNeeded,
            Undo::Impossible => shape::Undo::Impossible,
        },
        verify: step.verify.as_ref().map(action_of),
        takes: step.takes.seconds(),
        takes_at_least: step.takes_at_least.map(Duration::seconds),
        fails: step.fails,
        timeout: step.timeout.seconds(),
        retry: shape::Retry { times: step.retry.times, every: step.retry.every.seconds() },
        down: step.down,
        ahead: step.ahead,
        lifts: step.lifts.map(|workaround| workaround.0),
        span: span(step.span),
    }
}

fn action_of(action: &Action) -> shape::Action {
    match action {
        Action::Command(command) => shape::Action::Command(command_of(command)),
        Action::PackageInstall => shape::Action::PackageInstall,
        Action::PackageUninstall => shape::Action::PackageUninstall,
        Action::PackageVerify => shape::Action::PackageVerify,
    }
}

fn gate_of(gate: &Gate) -> shape::Gate {
    shape::Gate {
        name: gate.name.clone(),
        per: gate.per.into(),
        probe: match &gate.probe {
            Probe::Command(command) => shape::Probe::Command(command_of(command)),
            Probe::Tcp { address, port } => shape::Probe::Tcp { address: argument_of(address), port: *port },
            Probe::Http { url, status } => shape::Probe::Http { url: argument_of(url), status: *status },
        },
        every: gate.every.seconds(),
        within: gate.within.map(|within| within.seconds()),
        lasts_for: gate.lasts_for.seconds(),
        retries: gate.retries,
        timeout: gate.timeout.seconds(),
        fails: gate.fails,
        span: span(gate.span),
    }
}

fn rule_of(rule: &Rule) -> shape::Rule {
    let act = |act: &Act| match *act {
        Act::Hold(scope) => shape::Act::Hold(scope.into()),
        Act::Rollback(scope) => shape::Act::Rollback(scope.into()),
        Act::Notify(Recipient::Owner) => shape::Act::Notify(None),
        Act::Notify(Recipient::Team(team)) => shape::Act::Notify(Some(team.0)),
    };
    let condition = match rule.condition {
        Condition::GateFailed(gate) => shape::Condition::GateFailed(gate.map(|gate| gate.0)),
        Condition::GateUnknown(gate) => shape::Condition::GateUnknown(gate.map(|gate| gate.0)),
        Condition::StepFailed(step) => shape::Condition::StepFailed(step),
        Condition::MoreThanFailed { limit, scope } => {
            shape::Condition::MoreThanFailed { limit: amount(limit), scope: scope.into() }
        }
        Condition::RegionsHeld(regions) => shape::Condition::RegionsHeld(regions),
        Condition::DeadlineAtRisk => shape::Condition::DeadlineAtRisk,
    };
    shape::Rule { condition, actions: rule.actions.iter().map(act).collect(), span: span(rule.span) }
}

fn stage_of(stage: &StagePlan) -> shape::Stage {
    shape::Stage {
        name: stage.name.clone(),
        kind: stage.kind.into(),
        together: stage.together,
        order_by: stage.order_by.clone(),
        batch: stage.batch.as_ref().map(batch_of),
        at_once: stage.at_once.map(at_once_of),
        soak: stage.soak.seconds(),
        gates: stage.gates.iter().map(|gate| gate.0).collect(),
        approval: stage.approval.as_ref().map(|approval| shape::Approval {
            team: approval.team.0,
            within: approval.within.map(|within| within.seconds()),
            otherwise: approval.otherwise.into(),
            span: span(approval.span),
        }),
        finish_before: stage.finish_before.map(finish),
        starts_at: moment(stage.starts_at),
        ends_at: moment(stage.ends_at),
        turns: stage.turns.iter().map(turn_of).collect(),
    }
}

fn finish(finish: Finish) -> String {
    match finish {
        Finish::Time(time) => time.to_string(),
        Finish::Sunrise => shape::SUNRISE.to_owned(),
    }
}

fn refinement_of(refinement: &PlanRefinement) -> shape::Refinement {
    shape::Refinement {
        region: refinement.region.0,
        times: refinement.times.clone(),
        batch: refinement.batch.as_ref().map(batch_of),
        at_once: refinement.at_once.map(at_once_of),
        soak: refinement.soak.map(|soak| soak.seconds()),
        gates: refinement.gates.iter().map(|gate| gate.0).collect(),
        finish_before: refinement.finish_before.map(finish),
    }
}

fn batch_of(batch: &BatchLimit) -> shape::Batch {
    shape::Batch { amount: amount(batch.amount), scope: batch.scope.into(), at_most: batch.at_most }
}

fn at_once_of(limit: AtOnceLimit) -> shape::AtOnce {
    shape::AtOnce { most: limit.most, scope: limit.scope.into() }
}

fn turn_of(turn: &RegionTurn) -> shape::Turn {
    let batch = |batch: &BatchPlan| shape::BatchPlan {
        hosts: batch.hosts.iter().map(|host| host.0).collect(),
        starts_at: moment(batch.starts_at),
        ends_at: moment(batch.ends_at),
        window: batch.window.map(|window| [moment(window.start), moment(window.end)]),
    };
    let lane = |lane: &Lane| shape::Lane {
        site: lane.site.map(|site| site.0),
        width: lane.width,
        batches: lane.batches.iter().map(batch).collect(),
    };
    shape::Turn { region: turn.region.0, lanes: turn.lanes.iter().map(lane).collect() }
}

fn hosts_of(plan: &Plan) -> shape::Hosts {
    let hosts = &plan.hosts;
    shape::Hosts {
        names: hosts.iter().map(|host| host.name.to_string()).collect(),
        sites: hosts.iter().map(|host| host.site.0).collect(),
        packages: hosts.iter().map(|host| host.package.0).collect(),
        connections: hosts.iter().map(|host| host.connection.map(Into::into)).collect(),
        stages: hosts.iter().map(|host| host.stage).collect(),
    }
}

fn values_of(name: &str, column: &ValueColumn) -> shape::Values {
    shape::Values {
        name: name.to_owned(),
        texts: column.texts.iter().map(|text| text.to_string()).collect(),
        codes: column.codes.iter().map(|&code| (code != u32::MAX).then_some(code)).collect(),
    }
}

fn command_of(command: &Command) -> shape::Command {
    command.arguments.iter().map(argument_of).collect()
}

fn argument_of(argument: &Argument) -> shape::Argument {
    let part = |part: &Part| match part {
        Part::Text(text) => shape::Part::Text(text.clone()),
        Part::Value(value) => shape::Part::Value { value: value.clone() },
    };
    argument.parts.iter().map(part).collect()
}

pub(super) fn amount(amount: Budget) -> shape::Amount {
    match amount {
        Budget::Hosts(hosts) => shape::Amount::Hosts(hosts),
        Budget::Percent(percent) => shape::Amount::Percent(format!("{percent}%")),
    }
}

pub(super) fn span(span: Span) -> shape::Span {
    [span.file.0, span.start, span.end]
}

/// `2007-05-08T18:00:00Z`
fn moment(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
