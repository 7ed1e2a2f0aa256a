use std::str::FromStr;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

use crate::inventory::HostName;
use crate::model::{
    Act, Action, Approval, Argument, Budget, Command, Condition, Finish, Gate, GateId, PackageId, Part, Permission,
    Probe, Recipient, RegionId, Retry, Rule, SiteId, StatedSeverity, Step, Team, TeamId, Undo, Wait, Where,
    WorkaroundId,
};
use crate::plan::saved::claims::{SavedProperty, SavedService};
use crate::plan::saved::{PlanFault, shape};
use crate::plan::{
    AtOnceLimit, BatchLimit, BatchPlan, BudgetGroup, Fingerprint, HostIdx, Input, Lane, Plan, PlanHost, PlanPackage,
    PlanRefinement, PlanRegion, PlanSite, PlanWorkaround, RegionTurn, StagePlan, ValueColumn,
};
use crate::source::{FileId, Span};
use crate::time::{Calendar, CalendarRule, Coordinates, Duration, Freeze, Interval, Moment, Schedule, Window, Zone};

type Read<T> = Result<T, PlanFault>;

/// The plan as it was saved. Whether its places lie within it is not looked at here.
pub(super) fn plan_of(saved: shape::Saved) -> Read<Plan> {
    let calendars: Vec<Arc<Calendar>> = all(saved.calendars, |calendar| Ok(Arc::new(calendar_of(calendar)?)))?;
    let schedules = all(saved.schedules, |schedule| Ok(Arc::new(schedule_of(schedule, &calendars)?)))?;
    Ok(Plan {
        rollout: saved.rollout,
        bulletin: saved.bulletin,
        title: saved.title,
        severity: saved
            .severity
            .map(|severity| StatedSeverity { level: severity.level.into(), at_most: severity.at_most }),
        runbook: saved.runbook,
        script: saved.script,
        starts_at: moment(&saved.starts_at)?,
        ends_at: moment(&saved.ends_at)?,
        deadline: saved.deadline.as_deref().map(moment).transpose()?,
        zone_data: saved.zone_data,
        fingerprint: fingerprint_of(saved.fingerprint),
        regions: saved
            .regions
            .into_iter()
            .map(|region| PlanRegion { name: region.name, owner: region.owner.map(TeamId) })
            .collect(),
        sites: all(saved.sites, |site| site_of(site, &schedules))?,
        teams: all(saved.teams, team_of)?,
        hosts: hosts_of(saved.hosts)?,
        values: saved.values.into_iter().map(column_of).collect(),
        packages: saved.packages.into_iter().map(package_of).collect(),
        workarounds: saved.workarounds.into_iter().map(workaround_of).collect(),
        budgets: saved.budgets.into_iter().map(budget_of).collect(),
        steps: all(saved.steps, step_of)?,
        gates: all(saved.gates, gate_of)?,
        stages: all(saved.stages, stage_of)?,
        refinements: all(saved.refinements, refinement_of)?,
        rules: all(saved.rules, rule_of)?,
        properties: all(saved.properties, SavedProperty::property)?,
        services: saved.services.into_iter().map(SavedService::service).collect(),
        command_path: saved.command_path,
        directory: saved.directory,
    })
}

fn all<S, T>(saved: Vec<S>, read: impl FnMut(S) -> Read<T>) -> Read<Vec<T>> {
    saved.into_iter().map(read).collect()
}

fn fingerprint_of(saved: shape::Fingerprint) -> Fingerprint {
    let input = |input: shape::Input| Input { kind: input.kind, name: input.name, hash: input.hash };
    Fingerprint { whole: saved.whole, inputs: saved.inputs.into_iter().map(input).collect() }
}

fn calendar_of(saved: shape::Calendar) -> Read<Calendar> {
    let rule = |rule| {
        Ok(match rule {
            shape::CalendarRule::Dates { first, last } => {
                CalendarRule::Dates { first: date(&first)?, last: date(&last)? }
            }
            shape::CalendarRule::Listed(days) => {
                CalendarRule::Listed(days.iter().map(|day| date(day)).collect::<Read<_>>()?)
            }
            shape::CalendarRule::Weekdays(days) => CalendarRule::Weekdays(days.into_iter().map(Into::into).collect()),
            shape::CalendarRule::Edge { position, count, period } => {
                CalendarRule::Edge { position: position.into(), count, period: period.into() }
            }
            shape::CalendarRule::NthWeekday { position, nth, weekday, period } => CalendarRule::NthWeekday {
                position: position.into(),
                nth,
                weekday: weekday.into(),
                period: period.into(),
            },
        })
    };
    Ok(Calendar { name: saved.name, rules: all(saved.rules, rule)? })
}

fn schedule_of(saved: shape::Schedule, calendars: &[Arc<Calendar>]) -> Read<Schedule> {
    let calendar = |place| pick(calendars, place, "calendar");
    let window = |window: shape::Window| {
        Ok(Window {
            days: window.days.into_iter().map(Into::into).collect(),
            opens: time(&window.opens)?,
            closes: time(&window.closes)?,
            except: all(window.except, calendar)?,
        })
    };
    let zone = Zone::find(&saved.zone).map_err(|unknown| PlanFault {
        message: format!("the plan is in the zone `{}`, which the zone data of this sunup do not have", unknown.name),
        help: Some("make the plan again with this sunup, or run it with the one that made it".to_owned()),
    })?;
    Ok(Schedule {
        zone,
        windows: all(saved.windows, window)?,
        freezes: all(saved.freezes, |place| Ok(Freeze { calendar: calendar(place)? }))?,
    })
}

fn site_of(saved: shape::Site, schedules: &[Arc<Schedule>]) -> Read<PlanSite> {
    let schedule = pick(schedules, saved.schedule, "schedule")?;
    let coordinates = saved.coordinates.map(coordinates_of).transpose()?;
    Ok(PlanSite { name: saved.name, region: RegionId(saved.region), schedule, coordinates })
}

fn coordinates_of([latitude, longitude]: [String; 2]) -> Read<Coordinates> {
    let place = Coordinates::new(parse(&latitude, "latitude")?, parse(&longitude, "longitude")?);
    place.ok_or_else(|| PlanFault::damaged(format!("`{latitude}`, `{longitude}` is no place on earth")))
}

fn pick<T>(things: &[Arc<T>], place: usize, what: &str) -> Read<Arc<T>> {
    let missing = || PlanFault::damaged(format!("there is no {what} {place}"));
    things.get(place).cloned().ok_or_else(missing)
}

fn team_of(saved: shape::Team) -> Read<Team> {
    let permission = |permission: shape::Permission| Permission {
        verbs: permission.verbs.into_iter().map(Into::into).collect(),
        place: match permission.regions {
            None => Where::Everywhere,
            Some(regions) => Where::Regions(regions.into_iter().map(RegionId).collect()),
        },
    };
    let permissions = saved.permissions.into_iter().map(permission).collect();
    Ok(Team { name: saved.name, members: saved.members, permissions, span: span(saved.span)? })
}

fn hosts_of(saved: shape::Hosts) -> Read<Vec<PlanHost>> {
    let length = saved.names.len();
    let others = [saved.sites.len(), saved.packages.len(), saved.connections.len(), saved.stages.len()];
    if others.iter().any(|other| *other != length) {
        return Err(PlanFault::damaged("the columns of `hosts` are not equally long"));
    }
    let mut connections = saved.connections.into_iter();
    let mut hosts = Vec::with_capacity(length);
    for (idx, name) in saved.names.into_iter().enumerate() {
        if HostName::check(&name).is_err() {
            return Err(PlanFault::damaged(format!("`{name}` is no name of a host")));
        }
        hosts.push(PlanHost {
            name: name.into(),
            site: SiteId(saved.sites[idx]),
            package: PackageId(saved.packages[idx]),
            connection: connections.next().flatten().map(Into::into),
            stage: saved.stages[idx],
        });
    }
    Ok(hosts)
}

fn column_of(saved: shape::Values) -> (String, ValueColumn) {
    let column = ValueColumn {
        texts: saved.texts.into_iter().map(Into::into).collect(),
        codes: saved.codes.into_iter().map(|code| code.unwrap_or(u32::MAX)).collect(),
    };
    (saved.name, column)
}

fn package_of(saved: shape::Package) -> PlanPackage {
    PlanPackage {
        name: saved.name,
        install: saved.install.map(command_of),
        uninstall: saved.uninstall.map(command_of),
        verify: saved.verify.map(command_of),
    }
}

fn workaround_of(saved: shape::Workaround) -> PlanWorkaround {
    PlanWorkaround { name: saved.name, hosts: saved.hosts.into_iter().map(HostIdx).collect() }
}

fn budget_of(saved: shape::BudgetGroup) -> BudgetGroup {
    BudgetGroup {
        service: saved.service,
        group: saved.group,
        rule: saved.rule,
        size: saved.size,
        keep: saved.keep,
        hosts: saved.hosts.into_iter().map(HostIdx).collect(),
    }
}

fn step_of(saved: shape::Step) -> Read<Step> {
    if saved.takes_at_least.is_some_and(|least| least > saved.takes) {
        return Err(PlanFault::damaged(format!("`{}` takes longer at least than at most", saved.name)));
    }
    Ok(Step {
        name: saved.name,
        run: action_of(saved.run),
        wait: saved.wait.map(|wait| Wait {
            address: argument_of(wait.address),
            port: wait.port,
            within: Duration::from_seconds(wait.within),
        }),
        undo: match saved.undo {
            shape::Undo::Action(action) => Undo::Action(action_of(action)),
            shape::Undo::NotNeeded => Undo::NotNeeded,
            shape::Undo::Impossible => Undo::Impossible,
        },
        verify: saved.verify.map(action_of),
        takes: Duration::from_seconds(saved.takes),
        takes_at_least: saved.takes_at_least.map(Duration::from_seconds),
        fails: share(saved.fails)?,
        timeout: Duration::from_seconds(saved.timeout),
        retry: Retry { times: saved.retry.times, every: Duration::from_seconds(saved.retry.every) },
        down: saved.down,
        ahead: saved.ahead,
        lifts: saved.lifts.map(WorkaroundId),
        span: span(saved.span)?,
    })
}

fn action_of(saved: shape::Action) -> Action {
    match saved {
        shape::Action::Command(command) => Action::Command(command_of(command)),
        shape::Action::PackageInstall => Action::PackageInstall,
        shape::Action::PackageUninstall => Action::PackageUninstall,
        shape::Action::PackageVerify => Action::PackageVerify,
    }
}

fn gate_of(saved: shape::Gate) -> Read<Gate> {
    Ok(Gate {
        name: saved.name,
        per: saved.per.into(),
        probe: match saved.probe {
            shape::Probe::Command(command) => Probe::Command(command_of(command)),
            shape::Probe::Tcp { address, port } => Probe::Tcp { address: argument_of(address), port },
            shape::Probe::Http { url, status } => Probe::Http { url: argument_of(url), status },
        },
        every: Duration::from_seconds(saved.every),
        within: saved.within.map(Duration::from_seconds),
        lasts_for: Duration::from_seconds(saved.lasts_for),
        retries: saved.retries,
        timeout: Duration::from_seconds(saved.timeout),
        fails: share(saved.fails)?,
        span: span(saved.span)?,
    })
}

fn rule_of(saved: shape::Rule) -> Read<Rule> {
    let condition = match saved.condition {
        shape::Condition::GateFailed(gate) => Condition::GateFailed(gate.map(GateId)),
        shape::Condition::GateUnknown(gate) => Condition::GateUnknown(gate.map(GateId)),
        shape::Condition::StepFailed(step) => Condition::StepFailed(step),
        shape::Condition::MoreThanFailed { limit, scope } => {
            Condition::MoreThanFailed { limit: amount(limit)?, scope: scope.into() }
        }
        shape::Condition::RegionsHeld(regions) => Condition::RegionsHeld(regions),
        shape::Condition::DeadlineAtRisk => Condition::DeadlineAtRisk,
    };
    let act = |act| match act {
        shape::Act::Hold(scope) => Act::Hold(scope.into()),
        shape::Act::Rollback(scope) => Act::Rollback(scope.into()),
        shape::Act::Notify(None) => Act::Notify(Recipient::Owner),
        shape::Act::Notify(Some(team)) => Act::Notify(Recipient::Team(TeamId(team))),
    };
    Ok(Rule { condition, actions: saved.actions.into_iter().map(act).collect(), span: span(saved.span)? })
}

fn stage_of(saved: shape::Stage) -> Read<StagePlan> {
    let approval = |approval: shape::Approval| {
        Ok(Approval {
            team: TeamId(approval.team),
            within: approval.within.map(Duration::from_seconds),
            otherwise: approval.otherwise.into(),
            span: span(approval.span)?,
        })
    };
    Ok(StagePlan {
        name: saved.name,
        kind: saved.kind.into(),
        together: saved.together,
        order_by: saved.order_by,
        turns: all(saved.turns, turn_of)?,
        batch: saved.batch.map(batch_of).transpose()?,
        at_once: saved.at_once.map(at_once_of),
        soak: Duration::from_seconds(saved.soak),
        gates: saved.gates.into_iter().map(GateId).collect(),
        approval: saved.approval.map(approval).transpose()?,
        finish_before: saved.finish_before.as_deref().map(finish).transpose()?,
        starts_at: moment(&saved.starts_at)?,
        ends_at: moment(&saved.ends_at)?,
    })
}

fn finish(text: &str) -> Read<Finish> {
    match text {
        shape::SUNRISE => Ok(Finish::Sunrise),
        time_of_day => time(time_of_day).map(Finish::Time),
    }
}

fn refinement_of(saved: shape::Refinement) -> Read<PlanRefinement> {
    Ok(PlanRefinement {
        region: RegionId(saved.region),
        times: saved.times,
        batch: saved.batch.map(batch_of).transpose()?,
        at_once: saved.at_once.map(at_once_of),
        soak: saved.soak.map(Duration::from_seconds),
        gates: saved.gates.into_iter().map(GateId).collect(),
        finish_before: saved.finish_before.as_deref().map(finish).transpose()?,
    })
}

fn batch_of(saved: shape::Batch) -> Read<BatchLimit> {
    Ok(BatchLimit { amount: amount(saved.amount)?, scope: saved.scope.into(), at_most: saved.at_most })
}

fn at_once_of(saved: shape::AtOnce) -> AtOnceLimit {
    AtOnceLimit { most: saved.most, scope: saved.scope.into() }
}

fn turn_of(saved: shape::Turn) -> Read<RegionTurn> {
    let window = |[start, end]: [String; 2]| Ok(Interval { start: moment(&start)?, end: moment(&end)? });
    let batch = |batch: shape::BatchPlan| {
        Ok(BatchPlan {
            hosts: batch.hosts.into_iter().map(HostIdx).collect(),
            starts_at: moment(&batch.starts_at)?,
            ends_at: moment(&batch.ends_at)?,
            window: batch.window.map(window).transpose()?,
        })
    };
    let lane = |lane: shape::Lane| {
        Ok(Lane { site: lane.site.map(SiteId), width: lane.width, batches: all(lane.batches, batch)? })
    };
    Ok(RegionTurn { region: RegionId(saved.region), lanes: all(saved.lanes, lane)? })
}

fn command_of(saved: shape::Command) -> Command {
    Command { arguments: saved.into_iter().map(argument_of).collect() }
}

fn argument_of(saved: shape::Argument) -> Argument {
    let part = |part| match part {
        shape::Part::Text(text) => Part::Text(text),
        shape::Part::Value { value } => Part::Value(value),
    };
    Argument { parts: saved.into_iter().map(part).collect() }
}

pub(super) fn amount(saved: shape::Amount) -> Read<Budget> {
    let text = match saved {
        shape::Amount::Hosts(hosts) => return Ok(Budget::Hosts(hosts)),
        shape::Amount::Percent(text) => text,
    };
    let percent = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
    match percent.filter(|percent| percent.is_finite() && *percent >= 0.0) {
        Some(percent) => Ok(Budget::Percent(percent)),
        None => Err(PlanFault::damaged(format!("`{text}` is no percentage"))),
    }
}

fn share(percent: f64) -> Read<f64> {
    match (0.0..=100.0).contains(&percent) {
        true => Ok(percent),
        false => Err(PlanFault::damaged(format!("{percent} is no percentage"))),
    }
}

pub(super) fn span([file, start, end]: shape::Span) -> Read<Span> {
    match start <= end {
        true => Ok(Span { file: FileId(file), start, end }),
        false => Err(PlanFault::damaged("a place in the script ends before it begins")),
    }
}

fn moment(text: &str) -> Read<Moment> {
    parse(text, "moment")
}

fn date(text: &str) -> Read<NaiveDate> {
    parse(text, "date")
}

fn time(text: &str) -> Read<NaiveTime> {
    parse(text, "time of day")
}

fn parse<T: FromStr>(text: &str, what: &str) -> Read<T> {
    text.parse().map_err(|_| PlanFault::damaged(format!("`{text}` is no {what}")))
}
