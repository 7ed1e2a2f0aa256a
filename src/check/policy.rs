use crate::check::entry::{Checker, Origin};
use crate::check::names::{Sort, list};
use crate::check::once::Owner;
use crate::check::runbook::CheckedRunbook;
use crate::check::said_stages::SaidStage;
use crate::diagnostic::{Code, Edit, Fix, Problem};
use crate::model::{Demand, Policy, PolicyRule, Scope};
use crate::source::Span;
use crate::syntax::ast::{self, At, Name, StageKind, StageMember, WeekMoment};
use crate::time::{Duration, WeekStretch, WeekTime};

/// What policies look at in a rollout.
pub(super) struct Ruled<'c, 'a> {
    pub(super) name: &'a Name,
    pub(super) stages: &'c [SaidStage<'a>],
    pub(super) runbook: Option<&'c CheckedRunbook>,
}

/// A member of a policy.
struct Said<'a> {
    policy: &'a Name,
    span: Span,
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 6;

impl<'a> Checker<'a> {
    /// The policies' own names and amounts. Gives what takes a plan to look at.
    pub(super) fn check_policies(&mut self) -> Vec<Policy> {
        let all: Vec<_> = self.names.policies.values().copied().collect();
        let mut policies = Vec::new();
        for definition in all {
            if definition.value.rules.is_empty() {
                let owner = Owner::new("policy", &definition.value.name, definition.span);
                self.report_missing_member("require", &owner, "require guinea-pig");
            }
            let rules = definition.value.rules.iter().filter_map(|rule| self.policy_rule(rule)).collect();
            policies.push(Policy { name: definition.value.name.text.clone(), rules });
        }
        policies
    }

    fn policy_rule(&mut self, rule: &'a At<ast::PolicyRule>) -> Option<PolicyRule> {
        let demand = match &rule.value {
            ast::PolicyRule::GuineaPig | ast::PolicyRule::Soak(_) | ast::PolicyRule::Undo => return None,
            ast::PolicyRule::Gate(names) => {
                for name in names {
                    self.find(Sort::Gate, name, |names| &names.gates);
                }
                return None;
            }
            ast::PolicyRule::Approval { by } => {
                by.iter().for_each(|name| {
                    self.team(name);
                });
                return None;
            }
            ast::PolicyRule::Batch { at_most, scope } => {
                let is_site = scope.as_ref().is_some_and(|scope| scope.value == ast::Scope::Site);
                let scope = if is_site { Scope::Site } else { Scope::Region };
                Demand::BatchAtMost { amount: self.budget(at_most)?, scope }
            }
            ast::PolicyRule::ForbidWindow { from, to } => {
                Demand::NotWithin(WeekStretch { from: week_time(from), to: week_time(to) })
            }
        };
        Some(PolicyRule { demand, span: rule.span })
    }

    /// What can be seen of a rollout before it is planned.
    pub(super) fn check_against_policies(&mut self, rollout: &Ruled<'_, 'a>) {
        let all: Vec<_> = self.names.policies.values().copied().collect();
        for policy in all {
            for rule in &policy.value.rules {
                let said = Said { policy: &policy.value.name, span: rule.span };
                match &rule.value {
                    ast::PolicyRule::GuineaPig => self.check_guinea_pig_first(rollout, &said),
                    // What is not known is told of at the policy.
                    ast::PolicyRule::Gate(names)
                        if names.iter().all(|name| self.names.gates.contains_key(name.text.as_str())) =>
                    {
                        self.check_gates_asked(rollout, names, &said);
                    }
                    ast::PolicyRule::Approval { by }
                        if by.as_ref().is_none_or(|by| self.names.teams.contains_key(by.text.as_str())) =>
                    {
                        self.check_approved(rollout, by.as_ref(), &said);
                    }
                    ast::PolicyRule::Gate(_) | ast::PolicyRule::Approval { .. } => {}
                    ast::PolicyRule::Soak(least) => self.check_soaks(rollout, least.value, &said),
                    ast::PolicyRule::Undo => self.check_undo(rollout, &said),
                    ast::PolicyRule::Batch { .. } | ast::PolicyRule::ForbidWindow { .. } => {}
                }
            }
        }
    }

    fn check_guinea_pig_first(&mut self, rollout: &Ruled<'_, 'a>, said: &Said) {
        let Some(first) = rollout.stages.first().filter(|first| first.kind == StageKind::Wave) else { return };
        let message =
            format!("`{}` begins with a wave, and `{}` asks for a guinea pig", rollout.name.text, said.policy.text);
        let problem = Problem::error(Code::POLICY_BROKEN, message)
            .label(place(first), "the first stage is a wave")
            .label(said.span, "a guinea pig goes first")
            .help("let a few hosts go first that stand for the rest: `guinea-pig first { hosts one per package }`");
        self.report(problem);
    }

    fn check_gates_asked(&mut self, rollout: &Ruled<'_, 'a>, gates: &[Name], said: &Said) {
        let missing = |stage: &SaidStage| -> Vec<String> {
            let asked: Vec<&str> = stage.gates().map(|name| name.text.as_str()).collect();
            gates.iter().map(|name| name.text.clone()).filter(|name| !asked.contains(&name.as_str())).collect()
        };
        let breaks = |stage: &&SaidStage| match gates.is_empty() {
            true => stage.gates().next().is_none(),
            false => !missing(stage).is_empty(),
        };
        let broken: Vec<&SaidStage> = rollout.stages.iter().filter(breaks).collect();
        let wanted = match gates {
            [] => "a gate".to_owned(),
            _ => list(gates.iter().map(|name| &name.text), gates.len()),
        };
        let does = [format!("does not ask {wanted}"), format!("do not ask {wanted}")];
        let Some(message) = stages_that(rollout, &broken, [&does[0], &does[1]], said) else { return };
        let mut problem = Problem::error(Code::POLICY_BROKEN, message);
        for stage in broken.iter().take(MOST_LABELS) {
            let label = match gates {
                [] => "asks no gate".to_owned(),
                _ => {
                    let missing = missing(stage);
                    format!("does not ask {}", list(&missing, missing.len()))
                }
            };
            problem = problem.label(place(stage), label);
        }
        problem = problem.label(said.span, "every stage asks it");
        if gates.is_empty() {
            problem = problem.help("name a gate in each: `gate NAME`");
        } else {
            problem = problem.help(format!("ask {wanted} in each stage"));
            let edits =
                broken.iter().map(|stage| self.insertion(stage, &format!("gate {}", missing(stage).join(", "))));
            problem = with_edits(problem, format!("ask {wanted}"), edits.collect());
        }
        self.report(problem);
    }

    /// An approval is asked at the end of its stage: one of a guinea pig comes before the first wave.
    fn check_approved(&mut self, rollout: &Ruled<'_, 'a>, by: Option<&Name>, said: &Said) {
        let Some(wave) = rollout.stages.iter().position(|stage| stage.kind == StageKind::Wave) else { return };
        let before = &rollout.stages[..wave];
        let approvals: Vec<&ast::Approval> = before.iter().flat_map(approvals_of).collect();
        if approvals.iter().any(|approval| by.is_none_or(|by| by.text == approval.team.text)) {
            return;
        }
        let who = by.map_or("somebody".to_owned(), |by| format!("`{}`", by.text));
        let (rollout_name, policy) = (&rollout.name.text, &said.policy.text);
        let message = format!("`{rollout_name}` goes to its first wave before {who} has approved, as `{policy}` asks");
        let mut problem = Problem::error(Code::POLICY_BROKEN, message);
        let Some(wave) = rollout.stages.get(wave) else { return };
        problem = problem.label(place(wave), "the first wave");
        for stage in before {
            for other in approvals_of(stage).take(MOST_LABELS) {
                let span = stage.place(other.span).unwrap_or(stage.span);
                problem = problem.label(span, format!("approved by `{}`", other.team.text));
            }
        }
        problem = problem.label(said.span, format!("{who} approves before it"));
        let team = by.map_or("TEAM", |by| &by.text);
        problem = match before.last() {
            Some(last) => {
                let problem = problem.help(format!("ask at the end of `{}`: `approve by {team}`", last.name.text));
                match by.filter(|_| approvals_of(last).next().is_none()) {
                    Some(by) => {
                        let edit = self.insertion(last, &format!("approve by {}", by.text));
                        with_edits(problem, format!("ask `{}`", by.text), vec![edit])
                    }
                    None => problem,
                }
            }
            None => problem.help(format!("let a guinea pig go first, and ask at its end: `approve by {team}`")),
        };
        self.report(problem);
    }

    fn check_soaks(&mut self, rollout: &Ruled<'_, 'a>, least: Duration, said: &Said) {
        let pigs = rollout.stages.iter().filter(|stage| stage.kind == StageKind::GuineaPig);
        let broken: Vec<&SaidStage> =
            pigs.filter(|stage| soak_of(stage).map_or(Duration::ZERO, |soak| soak.value) < least).collect();
        let Some(message) = stages_that(rollout, &broken, ["is watched too briefly", "are watched too briefly"], said)
        else {
            return;
        };
        let mut problem = Problem::error(Code::POLICY_BROKEN, message);
        let mut edits = Vec::new();
        for (idx, stage) in broken.iter().enumerate() {
            let soak = soak_of(stage);
            let own = soak.and_then(|soak| stage.place(soak.span));
            if idx < MOST_LABELS {
                problem = match soak {
                    Some(soak) => problem.label(own.unwrap_or(stage.span), format!("only {}", soak.value)),
                    None => problem.label(place(stage), "is not watched at all"),
                };
            }
            edits.push(match soak {
                Some(_) => own.map(|span| Edit { span, replacement: least.to_string() }),
                None => self.insertion(stage, &format!("soak {least}")),
            });
        }
        problem = problem
            .label(said.span, format!("every guinea pig is watched for {least}"))
            .help(format!("say `soak {least}`, or more"));
        self.report(with_edits(problem, format!("soak {least}"), edits));
    }

    fn check_undo(&mut self, rollout: &Ruled<'_, 'a>, said: &Said) {
        let Some(runbook) = rollout.runbook.filter(|runbook| !runbook.final_steps.is_empty()) else { return };
        let names = runbook.final_steps.iter().filter_map(|(step, _)| runbook.step_names.get(*step));
        let names = list(names, runbook.final_steps.len());
        let (rollout, policy) = (rollout.name, said.policy);
        let message =
            format!("`{}` runs {names}, which cannot be undone, and `{}` asks for an undo", rollout.text, policy.text);
        let mut problem = Problem::error(Code::POLICY_BROKEN, message).label(rollout.span, "goes by this runbook");
        for (_, span) in runbook.final_steps.iter().take(MOST_LABELS) {
            problem = problem.label(*span, "no way back from here");
        }
        let problem = problem
            .label(said.span, "every step can be undone")
            .help("give the step an `undo`, or say `needs no undo` where nothing is left of it");
        self.report(problem);
    }

    /// A member put at the end of a stage; none where the stage is not this script's to mend.
    fn insertion(&self, stage: &SaidStage, member: &str) -> Option<Edit> {
        let text = self.input.sources.text(stage.span);
        let is_stage = text.starts_with("guinea-pig") || text.starts_with("wave");
        let inside = text.strip_suffix('}').filter(|_| is_stage && self.is_own(stage.span))?;
        let brace = stage.span.end - 1;
        let span = Span { start: brace, end: brace, ..stage.span };
        let gap = if inside.ends_with(char::is_whitespace) { "" } else { " " };
        Some(Edit { span, replacement: format!("{gap}{member} ") })
    }

    fn is_own(&self, span: Span) -> bool {
        let module = self.input.modules.iter().find(|module| module.file == span.file);
        module.is_some_and(|module| module.origin == Origin::Own)
    }
}

fn week_time(said: &WeekMoment) -> WeekTime {
    WeekTime { day: said.day, time: said.time.as_ref().map(|time| time.value) }
}

/// Where a stage is shown.
fn place(stage: &SaidStage) -> Span {
    stage.place(stage.name.span).unwrap_or(stage.span)
}

fn approvals_of<'a>(stage: &SaidStage<'a>) -> impl Iterator<Item = &'a ast::Approval> {
    stage.members.iter().filter_map(|member| match member {
        StageMember::Approval(approval) => Some(approval),
        _ => None,
    })
}

fn soak_of<'a>(stage: &SaidStage<'a>) -> Option<&'a At<Duration>> {
    stage.members.iter().find_map(|member| match member {
        StageMember::Soak(soak) => Some(soak),
        _ => None,
    })
}

/// `` `lab` of `may` asks no gate, against `house-rules` ``; none where no stage breaks it.
fn stages_that(rollout: &Ruled, broken: &[&SaidStage], [does, they_do]: [&str; 2], said: &Said) -> Option<String> {
    let (name, policy) = (&rollout.name.text, &said.policy.text);
    match broken {
        [] => None,
        [one] => Some(format!("`{}` of `{name}` {does}, against `{policy}`", one.name.text)),
        _ => {
            let stages = list(broken.iter().map(|stage| &stage.name.text), broken.len());
            Some(format!("{stages} of `{name}` {they_do}, against `{policy}`"))
        }
    }
}

/// One mend of several places; none where one of them cannot be mended.
fn with_edits(mut problem: Problem, title: String, edits: Vec<Option<Edit>>) -> Problem {
    if let Some(edits) = edits.into_iter().collect::<Option<Vec<Edit>>>() {
        problem.fixes.push(Fix { title, edits });
    }
    problem
}
