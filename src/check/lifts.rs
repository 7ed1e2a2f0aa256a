use crate::check::entry::{Checker, Unread};
use crate::check::host_problems::say;
use crate::check::names::Definition;
use crate::check::rollout::Parts;
use crate::check::runbook::CheckedRunbook;
use crate::check::workaround::CheckedWorkaround;
use crate::diagnostic::{Code, Problem};
use crate::inventory::HostSet;
use crate::source::Span;
use crate::syntax::ast::{self, Name, RolloutMember};

/// A rollout, as far as it matters for workarounds.
struct Applied<'a, 'p> {
    name: &'a Name,
    bulletin: &'a Name,
    runbook_name: &'a Name,
    /// None where it is unknown.
    runbook: Option<&'p CheckedRunbook>,
    to: Option<Span>,
    targets: Option<&'p HostSet>,
}

impl<'a> Checker<'a> {
    /// The rollouts of a bulletin lift every workaround that is for it, on all hosts that have it; and no rollout lifts one
    /// whose bulletin it does not apply.
    pub(super) fn check_lifts(&mut self, targets: &[Option<HostSet>], parts: &Parts<'a>) {
        let rollouts: Vec<Definition<'a, ast::Rollout>> = self.names.rollouts.values().copied().collect();
        let all: Vec<Applied> = rollouts
            .iter()
            .zip(targets)
            .filter_map(|(rollout, targets)| applied(rollout.value, targets.as_ref(), parts))
            .collect();
        let workarounds: Vec<(&str, CheckedWorkaround)> =
            self.workarounds.iter().filter_map(|(name, one)| Some((*name, one.clone()?))).collect();
        for (name, workaround) in &workarounds {
            for rollout in &all {
                if rollout.bulletin.text == workaround.bulletin {
                    self.check_is_lifted(name, workaround, rollout, &all);
                } else {
                    self.check_is_not_lifted(name, workaround, rollout);
                }
            }
            self.check_reaches_all(name, workaround, &all);
        }
    }

    fn check_is_lifted(&mut self, name: &str, workaround: &CheckedWorkaround, rollout: &Applied, all: &[Applied]) {
        let (Some(runbook), Some(targets)) = (rollout.runbook, rollout.targets) else { return };
        let have_it = workaround.hosts.and(targets);
        let lifts = runbook.workarounds.iter().any(|lifted| lifted.name == name);
        if have_it.is_empty() || lifts || !runbook.is_sound {
            return;
        }
        let (bulletin, runbook_name) = (&workaround.bulletin, &rollout.runbook_name.text);
        let which = say(have_it.len(), "keeps", "keep");
        let message = format!("{which} the workaround `{name}` once `{bulletin}` is applied");
        let step = format!("step lift-{name} {{ lift {name}  takes 1m }}");
        let mut problem = Problem::error(Code::WORKAROUND_STAYS, message)
            .label(rollout.runbook_name.span, format!("no step of it lifts `{name}`"))
            .label(workaround.name_span, format!("is for `{bulletin}`, and they have it"))
            .help(format!("add a step to `{runbook_name}`: `{step}`"));
        // Where another bulletin is applied with the same runbook the step would lift it there too.
        let is_its_own = |other: &&Applied| other.runbook_name.text == *runbook_name;
        let serves_others = all.iter().filter(is_its_own).any(|other| other.bulletin.text != *bulletin);
        if let Some(end) = runbook.end.filter(|_| !serves_others) {
            problem = problem.fix(format!("lift `{name}` last"), end, format!("\n  {step}"));
        }
        let problem = self.with_hosts(problem, &have_it);
        self.report(problem);
    }

    /// A shared runbook can lift the workaround of a bulletin that the rollout does not bring.
    fn check_is_not_lifted(&mut self, name: &str, workaround: &CheckedWorkaround, rollout: &Applied) {
        let (Some(runbook), Some(targets)) = (rollout.runbook, rollout.targets) else { return };
        let lifted = runbook.workarounds.iter().zip(&runbook.lifted_at).find(|(lifted, _)| lifted.name == name);
        let have_it = workaround.hosts.and(targets);
        let Some((_, place)) = lifted.filter(|_| !have_it.is_empty()) else { return };
        let (bulletin, applied) = (&workaround.bulletin, &rollout.bulletin.text);
        let which = say(have_it.len(), "loses", "lose");
        let message = format!("{which} the workaround `{name}` and `{bulletin}` is not applied to them");
        let brings = if applied == name { "the workaround itself".to_owned() } else { format!("`{applied}`") };
        let problem = Problem::error(Code::WORKAROUND_STAYS, message)
            .label(*place, format!("takes `{name}` away"))
            .label(rollout.bulletin.span, format!("`{}` applies {brings} with this runbook", rollout.name.text))
            .label(workaround.name_span, format!("is for `{bulletin}`"))
            .help(format!("give `{}` a runbook that does not lift it", rollout.name.text));
        let problem = self.with_hosts(problem, &have_it);
        self.report(problem);
    }

    /// Hosts with the workaround to which no rollout of the bulletin goes keep it for ever.
    fn check_reaches_all(&mut self, name: &str, workaround: &CheckedWorkaround, all: &[Applied]) {
        let of_it: Vec<&Applied> = all.iter().filter(|one| one.bulletin.text == workaround.bulletin).collect();
        // A rollout may come later. Where the hosts of one are not known, nothing is.
        if of_it.is_empty()
            || of_it.iter().any(|rollout| rollout.targets.is_none())
            || self.input.unread == Unread::Files
        {
            return;
        }
        let left = of_it
            .iter()
            .filter_map(|rollout| rollout.targets)
            .fold(workaround.hosts.clone(), |left, targets| left.without(targets));
        if left.is_empty() {
            return;
        }
        let bulletin = &workaround.bulletin;
        let which = say(left.len(), "keeps", "keep");
        let message = format!("{which} the workaround `{name}`: no rollout of `{bulletin}` goes there");
        let mut problem = Problem::error(Code::WORKAROUND_STAYS, message).label(workaround.hosts_span, "they have it");
        for rollout in of_it.iter().take(MOST_LABELS) {
            let place = rollout.to.unwrap_or(rollout.name.span);
            problem = problem.label(place, format!("`{}` leaves them out", rollout.name.text));
        }
        let problem = problem.help("let a rollout go to them, or leave them out of the workaround's `hosts`");
        let problem = self.with_hosts(problem, &left);
        self.report(problem);
    }
}

fn applied<'a, 'p>(
    rollout: &'a ast::Rollout,
    targets: Option<&'p HostSet>,
    parts: &'p Parts<'a>,
) -> Option<Applied<'a, 'p>> {
    let (bulletin, runbook_name) = rollout.members.iter().find_map(|member| match member {
        RolloutMember::Apply { bulletin, runbook, .. } => Some((bulletin, runbook)),
        _ => None,
    })?;
    let to = rollout.members.iter().find_map(|member| match member {
        RolloutMember::To(expression) => Some(expression.span),
        _ => None,
    });
    let runbook = parts.runbook(&runbook_name.text);
    Some(Applied { name: &rollout.name, bulletin, runbook_name, runbook, to, targets })
}

/// More rollouts would say no more.
const MOST_LABELS: usize = 4;
