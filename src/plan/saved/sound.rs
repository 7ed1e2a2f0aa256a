use std::collections::HashSet;

use crate::model::{
    Act, Action, Argument, Command, Condition, CountedIn, Finish, GateId, Part, Probe, Property, Recipient, RegionId,
    SiteId, Subject, TeamId, Term, Undo, Where,
};
use crate::plan::saved::PlanFault;
use crate::plan::{BatchPlan, BudgetGroup, HostIdx, Plan, RegionTurn, StagePlan};

type Sound = Result<(), PlanFault>;

/// Whether a plan that was loaded is one that could have been made: every place lies within it, every host is in exactly
/// one batch. Who runs a plan may rely on it.
pub(super) fn check(plan: &Plan) -> Sound {
    people(plan)?;
    for site in &plan.sites {
        region(plan, site.region)?;
    }
    hosts(plan)?;
    steps(plan)?;
    plan.budgets.iter().try_for_each(|budget| sound_budget(plan, budget))?;
    commands(plan)?;
    rules(plan)?;
    services(plan)?;
    plan.properties.iter().try_for_each(|property| sound_property(plan, property))?;
    refinements(plan)?;
    let mut placed = vec![false; plan.hosts.len()];
    for (idx, stage) in plan.stages.iter().enumerate() {
        sound_stage(plan, stage)?;
        let mut regions = HashSet::new();
        if !stage.turns.iter().all(|turn| regions.insert(turn.region)) {
            return Err(PlanFault::damaged(format!("a region has two turns in `{}`", stage.name)));
        }
        for turn in &stage.turns {
            sound_turn(plan, idx as u32, turn, &mut placed)?;
        }
    }
    match placed.iter().position(|placed| !placed) {
        Some(host) => Err(PlanFault::damaged(format!("`{}` is in no batch", plan.hosts[host].name))),
        None => Ok(()),
    }
}

fn people(plan: &Plan) -> Sound {
    for owner in plan.regions.iter().filter_map(|region| region.owner) {
        team(plan, owner)?;
    }
    let permissions = plan.teams.iter().flat_map(|team| &team.permissions);
    for permission in permissions {
        if let Where::Regions(regions) = &permission.place {
            regions.iter().try_for_each(|one| region(plan, *one))?;
        }
    }
    Ok(())
}

fn hosts(plan: &Plan) -> Sound {
    let mut names = HashSet::with_capacity(plan.hosts.len());
    for host in &plan.hosts {
        site(plan, host.site)?;
        within(host.package.0, plan.packages.len(), "package")?;
        within(host.stage, plan.stages.len(), "stage")?;
        if !names.insert(&*host.name) {
            return Err(PlanFault::damaged(format!("`{}` is in it twice", host.name)));
        }
    }
    for (name, column) in &plan.values {
        if column.codes.len() != plan.hosts.len() {
            return Err(PlanFault::damaged(format!("the values of `{name}` are not as many as the hosts")));
        }
        let known = column.codes.iter().filter(|code| **code != u32::MAX);
        known.copied().try_for_each(|code| within(code, column.texts.len(), "text"))?;
    }
    Ok(())
}

fn steps(plan: &Plan) -> Sound {
    for workaround in &plan.workarounds {
        workaround.hosts.iter().try_for_each(|one| host(plan, *one))?;
        if !workaround.hosts.windows(2).all(|pair| pair[0] < pair[1]) {
            return Err(PlanFault::damaged(format!("the hosts that have `{}` are out of order", workaround.name)));
        }
    }
    for step in &plan.steps {
        step.lifts.iter().try_for_each(|one| within(one.0, plan.workarounds.len(), "workaround"))?;
    }
    let ahead = plan.ahead_steps() as usize;
    match plan.steps.iter().enumerate().all(|(idx, step)| !step.ahead || (idx < ahead && !step.down)) {
        true => Ok(()),
        false => Err(PlanFault::damaged("a step that runs ahead is not among the first, or takes its host down")),
    }
}

fn sound_budget(plan: &Plan, budget: &BudgetGroup) -> Sound {
    budget.hosts.iter().try_for_each(|one| host(plan, *one))?;
    let in_order = budget.hosts.windows(2).all(|pair| pair[0] < pair[1]);
    if !in_order || (budget.size as usize) < budget.hosts.len() {
        return Err(PlanFault::damaged(format!("the hosts of a budget of `{}` do not add up", budget.service)));
    }
    Ok(())
}

/// A command has a program, and the program is not put together from values.
fn commands(plan: &Plan) -> Sound {
    let mut commands: Vec<&Command> = Vec::new();
    for package in &plan.packages {
        commands.extend([&package.install, &package.uninstall, &package.verify].into_iter().flatten());
    }
    for step in &plan.steps {
        let undo = match &step.undo {
            Undo::Action(action) => Some(action),
            Undo::NotNeeded | Undo::Impossible => None,
        };
        for action in [Some(&step.run), undo, step.verify.as_ref()].into_iter().flatten() {
            if let Action::Command(command) = action {
                commands.push(command);
            }
        }
    }
    commands.extend(plan.gates.iter().filter_map(|gate| match &gate.probe {
        Probe::Command(command) => Some(command),
        Probe::Tcp { .. } | Probe::Http { .. } => None,
    }));
    let is_program = |argument: &Argument| matches!(argument.parts.first(), Some(Part::Text(text)) if !text.is_empty());
    match commands.iter().all(|command| command.arguments.first().is_some_and(is_program)) {
        true => Ok(()),
        false => Err(PlanFault::damaged("a command has no program")),
    }
}

fn rules(plan: &Plan) -> Sound {
    for rule in &plan.rules {
        match rule.condition {
            Condition::GateFailed(Some(one)) | Condition::GateUnknown(Some(one)) => gate(plan, one)?,
            Condition::StepFailed(Some(step)) => within(step, plan.steps.len(), "step")?,
            Condition::GateFailed(None)
            | Condition::GateUnknown(None)
            | Condition::StepFailed(None)
            | Condition::MoreThanFailed { .. }
            | Condition::RegionsHeld(_)
            | Condition::DeadlineAtRisk => {}
        }
        for act in &rule.actions {
            if let Act::Notify(Recipient::Team(one)) = act {
                within(one.0, plan.teams.len(), "team")?;
            }
        }
    }
    Ok(())
}

fn services(plan: &Plan) -> Sound {
    for service in &plan.services {
        service.hosts.iter().try_for_each(|one| host(plan, *one))?;
        let in_order = service.hosts.windows(2).all(|pair| pair[0] < pair[1]);
        if !in_order || (service.size as usize) < service.hosts.len() {
            return Err(PlanFault::damaged(format!("the hosts of service `{}` do not add up", service.name)));
        }
    }
    Ok(())
}

fn sound_property(plan: &Plan, property: &Property) -> Sound {
    let claims = [Some(&property.claim), property.unless.as_ref()];
    let terms = claims.into_iter().flatten().flat_map(|claim| claim.any_of.iter().flatten());
    terms.into_iter().try_for_each(|term| sound_term(plan, term))
}

fn sound_term(plan: &Plan, term: &Term) -> Sound {
    match term {
        Term::ServiceKept(service) | Term::MoreThan { place: CountedIn::Service(service), .. } => {
            within(service.0, plan.services.len(), "service")
        }
        Term::MoreThan { place: CountedIn::Scope(_), .. } => Ok(()),
        Term::Gate { gate: one, .. } => gate(plan, *one),
        Term::Hosts { hosts, .. } => hosts.iter().try_for_each(|one| host(plan, HostIdx(*one))),
        Term::Told(one) => team(plan, *one),
        Term::Not(term) => sound_term(plan, term),
        Term::State { of, .. } => match *of {
            Subject::Rollout => Ok(()),
            Subject::Stage(stage) => within(stage, plan.stages.len(), "stage"),
            Subject::Region(one) => region(plan, one),
            Subject::Site(one) => site(plan, one),
        },
    }
}

fn refinements(plan: &Plan) -> Sound {
    let mut regions = HashSet::new();
    for refinement in &plan.refinements {
        region(plan, refinement.region)?;
        refinement.gates.iter().try_for_each(|one| gate(plan, *one))?;
        if !regions.insert(refinement.region) {
            return Err(PlanFault::damaged("a region is refined twice"));
        }
    }
    Ok(())
}

fn sound_stage(plan: &Plan, stage: &StagePlan) -> Sound {
    stage.gates.iter().try_for_each(|one| gate(plan, *one))?;
    stage.approval.iter().try_for_each(|approval| team(plan, approval.team))
}

fn sound_turn(plan: &Plan, stage: u32, turn: &RegionTurn, placed: &mut [bool]) -> Sound {
    region(plan, turn.region)?;
    let own = plan.stages[stage as usize].finish_before;
    let refined = plan.refinement(turn.region).and_then(|refinement| refinement.finish_before);
    let needs_place = [own, refined].contains(&Some(Finish::Sunrise));
    for lane in &turn.lanes {
        if lane.width == 0 {
            return Err(PlanFault::damaged("a lane has no width"));
        }
        lane.site.iter().try_for_each(|one| site(plan, *one))?;
        for batch in &lane.batches {
            sound_batch(batch)?;
            for &one in &batch.hosts {
                host(plan, one)?;
                let known = plan.host(one);
                let is_here = known.stage == stage && plan.region_of(one) == turn.region;
                let is_of_lane = lane.site.is_none_or(|site| site == known.site);
                if needs_place && plan.sites[known.site.0 as usize].coordinates.is_none() {
                    let message = format!("`{}` finishes before a sunrise that nobody knows", known.name);
                    return Err(PlanFault::damaged(message));
                }
                let was_placed = std::mem::replace(&mut placed[one.0 as usize], true);
                if !is_here || !is_of_lane || was_placed {
                    return Err(PlanFault::damaged(format!("`{}` is in a batch that is not its own", known.name)));
                }
            }
        }
    }
    Ok(())
}

fn sound_batch(batch: &BatchPlan) -> Sound {
    if batch.hosts.is_empty() {
        return Err(PlanFault::damaged("a batch has no host"));
    }
    let is_inside = batch.window.is_none_or(|window| window.start <= batch.starts_at && batch.ends_at <= window.end);
    match batch.starts_at <= batch.ends_at && is_inside {
        true => Ok(()),
        false => Err(PlanFault::damaged("the times of a batch do not add up")),
    }
}

fn region(plan: &Plan, id: RegionId) -> Sound {
    within(id.0, plan.regions.len(), "region")
}

fn site(plan: &Plan, id: SiteId) -> Sound {
    within(id.0, plan.sites.len(), "site")
}

fn team(plan: &Plan, id: TeamId) -> Sound {
    within(id.0, plan.teams.len(), "team")
}

fn gate(plan: &Plan, id: GateId) -> Sound {
    within(id.0, plan.gates.len(), "gate")
}

fn host(plan: &Plan, idx: HostIdx) -> Sound {
    within(idx.0, plan.hosts.len(), "host")
}

fn within(place: u32, length: usize, what: &str) -> Sound {
    match (place as usize) < length {
        true => Ok(()),
        false => Err(PlanFault::damaged(format!("there is no {what} {place}"))),
    }
}
