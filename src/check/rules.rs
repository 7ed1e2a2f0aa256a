use crate::check::entry::Checker;
use crate::check::host_problems::count;
use crate::check::names::list;
use crate::check::regions::CheckedRegions;
use crate::check::rollout::AskedGates;
use crate::check::runbook::CheckedRunbook;
use crate::check::said_stages::SaidStage;
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::HostSet;
use crate::model::{Act, Budget, Condition, GateId, Region, Rule, Scope};
use crate::source::Span;
use crate::syntax::ast::{self, Action, At, Name, Otherwise, StageMember};

/// What rules need to know of their rollout.
pub(super) struct RulesAround<'c> {
    pub(super) runbook: Option<&'c CheckedRunbook>,
    pub(super) regions: &'c CheckedRegions,
    pub(super) gates: &'c AskedGates,
    /// False where a stage names a gate that is unknown or has a fault.
    pub(super) are_gates_known: bool,
    /// Whether a stage names any gate.
    pub(super) asks_gates: bool,
    /// Where the stages have their names.
    pub(super) stage_places: Vec<Span>,
    /// With where they are selected.
    pub(super) targets: Option<(&'c HostSet, Span)>,
    /// The name of a rollout that has no deadline.
    pub(super) without_deadline: Option<Span>,
}

impl RulesAround<'_> {
    /// How many targets the largest of such a scope has; none where it takes a plan to know.
    fn most_in(&self, scope: Scope) -> Option<(usize, Span)> {
        let (targets, place) = self.targets.filter(|_| self.regions.are_all_known())?;
        let within = |hosts: &HostSet| hosts.and(targets).len();
        let most = match scope {
            Scope::Rollout => targets.len(),
            Scope::Region => self.regions.regions.iter().map(|region| within(&region.hosts)).max()?,
            Scope::Site => self.regions.sites.iter().map(|site| within(&site.hosts)).max()?,
            Scope::Host | Scope::Batch | Scope::Stage => return None,
        };
        Some((most, place))
    }

    /// The regions that have targets.
    pub(super) fn regions_touched(&self) -> Option<(Vec<&Region>, Span)> {
        let (targets, place) = self.targets.filter(|_| self.regions.are_all_known())?;
        let touched = self.regions.regions.iter().filter(|region| !region.hosts.and(targets).is_empty());
        Some((touched.collect(), place))
    }
}

impl<'a> Checker<'a> {
    /// The rules, as far as they can ever fire. One with a fault is taken as it was most likely meant, so that what is proved
    /// of the rollout does not miss it.
    pub(super) fn check_rules(&mut self, rules: &[&'a ast::Rule], around: &RulesAround) -> Vec<Rule> {
        let mut checked = Vec::new();
        for (idx, rule) in rules.iter().enumerate() {
            self.check_said_once(rule, &rules[..idx]);
            self.check_scopes(rule);
            self.check_does_something(rule);
            if let Some(condition) = self.condition(rule, around) {
                let actions = rule.actions.iter().flat_map(|action| self.acts(&action.value, around)).collect();
                checked.push((Rule { condition, actions, span: rule.span }, *rule));
            }
        }
        self.check_hidden(&checked);
        checked.into_iter().map(|(rule, _)| rule).collect()
    }

    /// Two rules of one condition: who reads the one may not know of the other.
    fn check_said_once(&mut self, rule: &ast::Rule, earlier: &[&'a ast::Rule]) {
        let first = earlier.iter().find(|first| is_same(&first.condition, &rule.condition));
        if let Some(first) = first {
            let problem = Problem::error(Code::RULE_TWICE, "two rules have the same condition")
                .label(rule.condition_span, "the same condition again")
                .label(first.condition_span, "first here")
                .help("put all the actions into one rule, in their order");
            self.report(problem);
        }
    }

    /// None for what never fires.
    fn condition(&mut self, rule: &'a ast::Rule, around: &RulesAround) -> Option<Condition> {
        Some(match &rule.condition {
            ast::Condition::GateFailed { gate } => {
                Condition::GateFailed(self.gate_of_rule(rule, gate.as_ref(), around)?)
            }
            ast::Condition::GateUnknown { gate } => {
                Condition::GateUnknown(self.gate_of_rule(rule, gate.as_ref(), around)?)
            }
            ast::Condition::DeadlineAtRisk => {
                if let Some(place) = around.without_deadline {
                    let problem = Problem::error(Code::NEVER_FIRES, "the rollout has no deadline")
                        .label(rule.condition_span, "so this rule never fires")
                        .label(place, "no `deadline` here");
                    self.report(problem.help("say one: `deadline 14d after start`"));
                    return None;
                }
                Condition::DeadlineAtRisk
            }
            ast::Condition::StepFailed { step } => {
                let named = step.as_ref().zip(around.runbook);
                Condition::StepFailed(named.and_then(|(name, runbook)| self.step(name, runbook)))
            }
            ast::Condition::MoreThanFailed { limit, scope } => {
                let scope = scope_of(scope.value);
                Condition::MoreThanFailed { limit: self.limit(rule, limit, scope, around)?, scope }
            }
            ast::Condition::RegionsHeld { count } if count.value == 0 => {
                self.report_zero(count.span);
                return None;
            }
            ast::Condition::RegionsHeld { count } => {
                self.check_regions_held(rule, count, around)?;
                Condition::RegionsHeld(count.value)
            }
        })
    }

    /// More than none is a fair limit; more than there are is none.
    fn limit(
        &mut self,
        rule: &'a ast::Rule,
        limit: &At<ast::Budget>,
        scope: Scope,
        around: &RulesAround,
    ) -> Option<Budget> {
        let limit_of = match limit.value {
            ast::Budget::Hosts(0) => return Some(Budget::Hosts(0)),
            ast::Budget::Percent(0.0) => return Some(Budget::Percent(0.0)),
            ast::Budget::Percent(percent) if percent >= 100.0 => {
                let message = format!("never more than {percent}% of the hosts can fail");
                let problem = Problem::error(Code::NEVER_FIRES, message).label(limit.span, "so this rule never fires");
                self.report(problem.help("say a smaller part, such as `more than 5%`"));
                return None;
            }
            _ => self.budget(limit)?,
        };
        let (Budget::Hosts(hosts), Some((most, place))) = (limit_of, around.most_in(scope)) else {
            return Some(limit_of);
        };
        if hosts < most as u64 {
            return Some(limit_of);
        }
        let word = model_word(scope);
        let message = match scope {
            Scope::Rollout => format!("the rollout goes to {}, so more than {hosts} cannot fail", count(most)),
            _ => format!(
                "no {word} has more than {} of this rollout, so more than {hosts} cannot fail in one",
                count(most)
            ),
        };
        let problem = Problem::error(Code::NEVER_FIRES, message)
            .label(rule.condition_span, "so this rule never fires")
            .label(place, "the hosts to be changed");
        self.report(problem.help(format!("say fewer than {most}, or a percentage")));
        None
    }

    fn check_regions_held(&mut self, rule: &'a ast::Rule, said: &At<u64>, around: &RulesAround) -> Option<()> {
        let Some((regions, place)) = around.regions_touched().filter(|(regions, _)| said.value > regions.len() as u64)
        else {
            return Some(());
        };
        let regions = regions.len();
        let are = if regions == 1 { "1 region" } else { &format!("{regions} regions") };
        let problem =
            Problem::error(Code::NEVER_FIRES, format!("the rollout goes to {are}, so {} cannot be held", said.value))
                .label(rule.condition_span, "so this rule never fires")
                .label(place, format!("hosts in {are}"));
        self.report(problem.help("ask for fewer regions"));
        None
    }

    /// The gate of a rule has to be one that a stage asks, or the rule never fires. None where it never does.
    fn gate_of_rule(
        &mut self,
        rule: &'a ast::Rule,
        name: Option<&'a Name>,
        around: &RulesAround,
    ) -> Option<Option<GateId>> {
        let Some(name) = name else {
            if around.asks_gates {
                return Some(None);
            }
            let problem = Problem::error(Code::NEVER_FIRES, "no stage of this rollout asks a gate")
                .label(rule.condition_span, "so this rule never fires");
            let problem = around
                .stage_places
                .iter()
                .take(4)
                .fold(problem, |problem, place| problem.label(*place, "asks no gate"));
            self.report(problem.help("let a stage ask one: `gate NAME`"));
            return None;
        };
        if let Some(id) = around.gates.id(&name.text) {
            return Some(Some(id));
        }
        if self.find(super::names::Sort::Gate, name, |names| &names.gates).is_none() || !around.are_gates_known {
            return Some(None);
        }
        let gates = &around.gates.gates;
        let problem =
            Problem::error(Code::NEVER_FIRES, format!("no stage of this rollout asks the gate `{}`", name.text))
                .label(name.span, "so this rule never fires");
        let problem =
            around.stage_places.iter().take(4).fold(problem, |problem, place| problem.label(*place, "does not ask it"));
        self.report(match gates.is_empty() {
            true => problem.help(format!("let a stage ask it: `gate {}`", name.text)),
            false => {
                let asked = list(gates.iter().map(|gate| &gate.name), gates.len());
                problem.help(format!("its stages ask {asked}; let a stage ask this one, or name one of these"))
            }
        });
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
                    let is_certain = is_certain(&name.text, steps.iter().copied());
                    problem.help(format!("did you mean `{near}`?")).fix_if(
                        is_certain,
                        format!("write `{near}`"),
                        name.span,
                        near,
                    )
                }
                None => problem.help(format!("its steps are {}", list(steps.iter(), steps.len()))),
            });
        }
        found.map(|idx| idx as u32)
    }

    fn acts(&mut self, action: &'a Action, around: &RulesAround) -> Vec<Act> {
        match action {
            Action::Hold(scope) => vec![Act::Hold(scope_of(*scope))],
            Action::Rollback(scope) => vec![Act::Rollback(scope_of(*scope))],
            Action::Notify(recipients) => self.notices(recipients, around),
        }
    }

    fn check_does_something(&mut self, rule: &'a ast::Rule) {
        if rule.actions.is_empty() && !self.is_unclear(rule.span) {
            let problem = Problem::error(Code::MEMBER_MISSING, "this rule does nothing")
                .label(rule.span, "no `hold`, no `rollback`, no `notify`")
                .help("say what is to happen: `hold region`, `rollback batch`, or take the rule out");
            self.report(problem);
        }
    }

    /// What is counted over a region says nothing of one batch: an action may be no narrower than its condition.
    fn check_scopes(&mut self, rule: &'a ast::Rule) {
        let (narrowest, counted) = match &rule.condition {
            ast::Condition::MoreThanFailed { scope, .. } => (scope.value, word(scope.value)),
            ast::Condition::RegionsHeld { .. } => (ast::Scope::Stage, "regions"),
            ast::Condition::DeadlineAtRisk => (ast::Scope::Stage, "rollout"),
            _ => return,
        };
        for action in &rule.actions {
            if let Action::Hold(scope) | Action::Rollback(scope) = action.value
                && scope < narrowest
            {
                let message = format!("which {} is not known here: the rule counts over the {counted}", word(scope));
                let problem = Problem::error(Code::BAD_VALUE, message)
                    .label(action.span, format!("one {}", word(scope)))
                    .label(rule.condition_span, "counts over more")
                    .help(format!("act on the {} or on more of the rollout", word(narrowest)));
                self.report(problem);
            }
        }
    }

    /// A rollback over a step that cannot be undone would stop half-way, with the host as it is.
    pub(super) fn check_can_be_undone(
        &mut self,
        stages: &[SaidStage<'a>],
        rules: &[&'a ast::Rule],
        runbook: &CheckedRunbook,
    ) {
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
        for (place, last) in rollbacks {
            let covered = runbook.final_steps.iter().find(|(step, _)| last.is_none_or(|last| *step <= last));
            let Some((step, said)) = covered else { continue };
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
        (ast::Condition::DeadlineAtRisk, ast::Condition::DeadlineAtRisk) => true,
        (ast::Condition::RegionsHeld { count: a }, ast::Condition::RegionsHeld { count: b }) => a.value == b.value,
        _ => false,
    }
}

pub(super) fn scope_of(scope: ast::Scope) -> Scope {
    match scope {
        ast::Scope::Host => Scope::Host,
        ast::Scope::Batch => Scope::Batch,
        ast::Scope::Site => Scope::Site,
        ast::Scope::Region => Scope::Region,
        ast::Scope::Stage => Scope::Stage,
        ast::Scope::Rollout => Scope::Rollout,
    }
}

fn model_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Host => "host",
        Scope::Batch => "batch",
        Scope::Site => "site",
        Scope::Region => "region",
        Scope::Stage => "stage",
        Scope::Rollout => "rollout",
    }
}

pub(super) fn word(scope: ast::Scope) -> &'static str {
    match scope {
        ast::Scope::Host => "host",
        ast::Scope::Batch => "batch",
        ast::Scope::Site => "site",
        ast::Scope::Region => "region",
        ast::Scope::Stage => "stage",
        ast::Scope::Rollout => "rollout",
    }
}
