use crate::check::entry::Checker;
use crate::check::names::list;
use crate::check::pending::pending;
use crate::check::regions::CheckedRegions;
use crate::check::rollout::{AskedGates, gate_of};
use crate::check::runbook::CheckedRunbook;
use crate::check::said_stages::SaidStage;
use crate::diagnostic::{Code, Problem, nearest};
use crate::model::{Act, Condition, GateId, Rule, Scope};
use crate::source::Span;
use crate::syntax::ast::{self, Action, Name, Otherwise, StageMember};

impl<'a> Checker<'a> {
    /// None where one is not sound.
    pub(super) fn check_rules(
        &mut self,
        rules: &[&'a ast::Rule],
        runbook: Option<&CheckedRunbook>,
        regions: &CheckedRegions,
        gates: &AskedGates,
    ) -> Option<Vec<Rule>> {
        let mut checked = Some(Vec::new());
        for (idx, rule) in rules.iter().enumerate() {
            let is_new = self.check_said_once(rule, &rules[..idx]);
            let found = self.check_rule(rule, runbook, regions, gates).filter(|_| is_new);
            checked = checked.zip(found).map(|(mut checked, found)| {
                checked.push(found);
                checked
            });
        }
        checked
    }

    /// Two rules of one condition: who reads the one may not know of the other.
    fn check_said_once(&mut self, rule: &ast::Rule, earlier: &[&'a ast::Rule]) -> bool {
        let first = earlier.iter().find(|first| is_same(&first.condition, &rule.condition));
        if let Some(first) = first {
            let problem = Problem::error(Code::RULE_TWICE, "two rules have the same condition")
                .label(rule.condition_span, "the same condition again")
                .label(first.condition_span, "first here")
                .help("put all the actions into one rule, in their order");
            self.report(problem);
        }
        first.is_none()
    }

    fn check_rule(
        &mut self,
        rule: &'a ast::Rule,
        runbook: Option<&CheckedRunbook>,
        regions: &CheckedRegions,
        gates: &AskedGates,
    ) -> Option<Rule> {
        let condition = self.condition(rule, runbook, regions, gates);
        let is_sound = self.check_scopes(rule);
        Some(Rule {
            condition: condition.filter(|_| is_sound)?,
            actions: rule.actions.iter().map(|action| act(action.value)).collect(),
            span: rule.span,
        })
    }

    fn condition(
        &mut self,
        rule: &'a ast::Rule,
        runbook: Option<&CheckedRunbook>,
        regions: &CheckedRegions,
        gates: &AskedGates,
    ) -> Option<Condition> {
        match &rule.condition {
            ast::Condition::GateFailed { .. } => self.gate_of_rule(&rule.condition, gates).map(Condition::GateFailed),
            ast::Condition::GateUnknown { .. } => self.gate_of_rule(&rule.condition, gates).map(Condition::GateUnknown),
            ast::Condition::DeadlineAtRisk => {
                self.report(pending("on deadline at risk", rule.condition_span));
                None
            }
            ast::Condition::StepFailed { step: None } => Some(Condition::StepFailed(None)),
            ast::Condition::StepFailed { step: Some(name) } => {
                self.step(name, runbook?).map(|step| Condition::StepFailed(Some(step)))
            }
            ast::Condition::MoreThanFailed { limit, scope } => {
                // More than none is a fair limit; more than all is none.
                let limit = match limit.value {
                    ast::Budget::Hosts(0) => crate::model::Budget::Hosts(0),
                    ast::Budget::Percent(0.0) => crate::model::Budget::Percent(0.0),
                    ast::Budget::Percent(percent) if percent >= 100.0 => {
                        let problem = Problem::error(
                            Code::BAD_VALUE,
                            format!("never more than {percent}% of the hosts can fail"),
                        );
                        self.report(problem.label(limit.span, "so this rule can never fire"));
                        return None;
                    }
                    _ => self.budget(limit)?,
                };
                Some(Condition::MoreThanFailed { limit, scope: scope_of(scope.value) })
            }
            ast::Condition::RegionsHeld { count } => {
                if count.value == 0 {
                    self.report_zero(count.span);
                    return None;
                }
                if regions.are_known && count.value > regions.regions.len() as u64 {
                    let message =
                        format!("there are only {} regions, so this rule can never fire", regions.regions.len());
                    self.report(Problem::error(Code::BAD_VALUE, message).label(count.span, "more than there are"));
                    return None;
                }
                Some(Condition::RegionsHeld(count.value))
            }
        }
    }

    /// The gate of a rule has to be one that a stage asks, or the rule never fires.
    fn gate_of_rule(&mut self, condition: &'a ast::Condition, gates: &AskedGates) -> Option<Option<GateId>> {
        let Some(name) = gate_of(condition) else { return Some(None) };
        if let Some(id) = gates.id(&name.text) {
            return Some(Some(id));
        }
        if self.find(super::names::Sort::Gate, name, |names| &names.gates).is_some() && !gates.gates.is_empty() {
            let problem =
                Problem::error(Code::UNKNOWN_NAME, format!("no stage of this rollout asks the gate `{}`", name.text))
                    .label(name.span, "so this rule can never fire");
            let asked = list(gates.gates.iter().map(|gate| &gate.name), gates.gates.len());
            self.report(problem.help(format!("its stages ask {asked}")));
        }
        None
    }

    fn step(&mut self, name: &'a Name, runbook: &CheckedRunbook) -> Option<u32> {
        let found = runbook.step_names.iter().position(|step| *step == name.text);
        if found.is_none() {
            let problem = Problem::error(Code::UNKNOWN_NAME, format!("the runbook has no step `{}`", name.text))
                .label(name.span, "no such step");
            let steps: Vec<&str> = runbook.step_names.iter().map(String::as_str).collect();
            self.report(match nearest(&name.text, steps.iter().copied()) {
                Some(near) => {
                    problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
                }
                None => problem.help(format!("its steps are {}", list(steps.iter(), steps.len()))),
            });
        }
        found.map(|idx| idx as u32)
    }

    /// What is counted over a region says nothing of one batch: an action may be no narrower than its condition.
    fn check_scopes(&mut self, rule: &'a ast::Rule) -> bool {
        let (narrowest, counted) = match &rule.condition {
            ast::Condition::MoreThanFailed { scope, .. } => (scope.value, word(scope.value)),
            ast::Condition::RegionsHeld { .. } => (ast::Scope::Stage, "regions"),
            _ => return true,
        };
        let mut is_sound = true;
        for action in &rule.actions {
            let (Action::Hold(scope) | Action::Rollback(scope)) = action.value;
            if scope < narrowest {
                is_sound = false;
                let message = format!("which {} is not known here: the rule counts over the {counted}", word(scope));
                let problem = Problem::error(Code::BAD_VALUE, message)
                    .label(action.span, format!("one {}", word(scope)))
                    .label(rule.condition_span, "counts over more")
                    .help(format!("act on the {} or on more of the rollout", word(narrowest)));
                self.report(problem);
            }
        }
        is_sound
    }

    /// A rollback over a step that cannot be undone would stop half-way, with the host as it is.
    pub(super) fn check_can_be_undone(
        &mut self,
        stages: &[SaidStage<'a>],
        rules: &[&'a ast::Rule],
        runbook: &CheckedRunbook,
    ) -> bool {
        let mut rollbacks: Vec<(Span, Option<usize>)> = Vec::new();
        for rule in rules {
            for action in &rule.actions {
                if let Action::Rollback(scope) = action.value {
                    rollbacks.push((action.span, last_step_begun(rule, scope, runbook)));
                }
            }
        }
        for stage in stages {
            for member in stage.members.iter().copied() {
                if let StageMember::Approval(approval) = member {
                    let rollback = approval.otherwise.as_ref().filter(|one| one.value == Otherwise::Rollback);
                    rollbacks.extend(rollback.map(|one| (one.span, None)));
                }
            }
        }
        let mut is_sound = true;
        for (place, last) in rollbacks {
            let covered = runbook.final_steps.iter().find(|(step, _)| last.is_none_or(|last| *step <= last));
            let Some((step, said)) = covered else { continue };
            is_sound = false;
            let name = runbook.step_names.get(*step).map_or("", String::as_str);
            let problem = Problem::error(
                Code::CANNOT_UNDO,
                format!("this rollback would have to undo `{name}`, which cannot be undone"),
            )
            .label(place, "rolls back over it")
            .label(*said, "the step says so")
            .help("hold instead, or give the step an undo");
            self.report(problem);
        }
        is_sound
    }
}

/// Of one host whose step failed, the steps after it were not begun. Of more hosts any step may have been.
fn last_step_begun(rule: &ast::Rule, scope: ast::Scope, runbook: &CheckedRunbook) -> Option<usize> {
    match (&rule.condition, scope) {
        (ast::Condition::StepFailed { step: Some(name) }, ast::Scope::Host) => {
            runbook.step_names.iter().position(|step| *step == name.text)
        }
        _ => None,
    }
}

/// Places do not matter, words do.
fn is_same(left: &ast::Condition, right: &ast::Condition) -> bool {
    let text = |name: &Option<Name>| name.as_ref().map(|name| name.text.clone());
    match (left, right) {
        (ast::Condition::GateFailed { gate: a }, ast::Condition::GateFailed { gate: b })
        | (ast::Condition::GateUnknown { gate: a }, ast::Condition::GateUnknown { gate: b })
        | (ast::Condition::StepFailed { step: a }, ast::Condition::StepFailed { step: b }) => text(a) == text(b),
        (
            ast::Condition::MoreThanFailed { limit: a, scope: b },
            ast::Condition::MoreThanFailed { limit: c, scope: d },
        ) => a.value == c.value && b.value == d.value,
        (ast::Condition::RegionsHeld { count: a }, ast::Condition::RegionsHeld { count: b }) => a.value == b.value,
        _ => false,
    }
}

fn act(action: Action) -> Act {
    match action {
        Action::Hold(scope) => Act::Hold(scope_of(scope)),
        Action::Rollback(scope) => Act::Rollback(scope_of(scope)),
    }
}

fn scope_of(scope: ast::Scope) -> Scope {
    match scope {
        ast::Scope::Host => Scope::Host,
        ast::Scope::Batch => Scope::Batch,
        ast::Scope::Site => Scope::Site,
        ast::Scope::Region => Scope::Region,
        ast::Scope::Stage => Scope::Stage,
        ast::Scope::Rollout => Scope::Rollout,
    }
}

fn word(scope: ast::Scope) -> &'static str {
    match scope {
        ast::Scope::Host => "host",
        ast::Scope::Batch => "batch",
        ast::Scope::Site => "site",
        ast::Scope::Region => "region",
        ast::Scope::Stage => "stage",
        ast::Scope::Rollout => "rollout",
    }
}
