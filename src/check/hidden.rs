use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::model::{Act, Budget, Condition, Rule, Scope};
use crate::syntax::ast;

impl<'a> Checker<'a> {
    /// A rule that does nothing that another has not done when it fires. Who wrote it meant something by it.
    pub(super) fn check_hidden(&mut self, rules: &[(Rule, &'a ast::Rule)]) {
        for (idx, (rule, said)) in rules.iter().enumerate() {
            let others = rules.iter().enumerate().filter(|(other, _)| *other != idx);
            let hides = |other: &Rule| {
                // What counts more of the same is about something else each time: its owner is another.
                let is_told = rule.actions.iter().any(|act| matches!(act, Act::Notify(_)));
                comes_no_later(&other.condition, &rule.condition)
                    && does_as_much(other, rule)
                    && (!is_told || is_same_event(&other.condition, &rule.condition))
            };
            let Some((_, (other, first))) = others.into_iter().find(|(_, (other, _))| hides(other)) else { continue };
            let problem =
                Problem::warning(Code::RULE_HIDDEN, "this rule does nothing that another has not done before it")
                    .label(said.condition_span, "when this is met …")
                    .label(first.condition_span, "… this has been met already, and does as much")
                    .help("take it out, or let it do more than the other");
            // What counts more of the same fires again once people have resumed: to take that out is theirs to decide.
            self.report(match is_same_event(&other.condition, &rule.condition) {
                true => problem.fix("take the rule out", said.span, ""),
                false => problem,
            });
        }
    }
}

/// Whether one and the same thing that happens meets both.
fn is_same_event(first: &Condition, other: &Condition) -> bool {
    matches!(first, Condition::GateFailed(_) | Condition::GateUnknown(_))
        || matches!((first, other), (Condition::StepFailed(_), Condition::StepFailed(_)))
}

/// Whether the one is met whenever the other is, then or before.
fn comes_no_later(first: &Condition, other: &Condition) -> bool {
    match (first, other) {
        (Condition::GateFailed(None), Condition::GateFailed(Some(_)))
        | (Condition::GateUnknown(None), Condition::GateUnknown(Some(_)))
        | (Condition::StepFailed(None), Condition::StepFailed(Some(_)) | Condition::MoreThanFailed { .. }) => true,
        (
            Condition::MoreThanFailed { limit: sooner, scope: wider },
            Condition::MoreThanFailed { limit: later, scope: narrower },
        ) => match (sooner, later) {
            (Budget::Hosts(sooner), Budget::Hosts(later)) => {
                sooner <= later && (sooner, wider) != (later, narrower) && is_part(*narrower, *wider)
            }
            (Budget::Percent(sooner), Budget::Percent(later)) => sooner < later && narrower == wider,
            _ => false,
        },
        (Condition::RegionsHeld(sooner), Condition::RegionsHeld(later)) => sooner < later,
        _ => false,
    }
}

fn does_as_much(first: &Rule, other: &Rule) -> bool {
    other.actions.iter().all(|act| first.actions.iter().any(|done| covers(*done, *act)))
}

/// What is rolled back is held.
fn covers(done: Act, act: Act) -> bool {
    match (done, act) {
        (Act::Hold(wider) | Act::Rollback(wider), Act::Hold(narrower))
        | (Act::Rollback(wider), Act::Rollback(narrower)) => is_part(narrower, wider),
        (Act::Notify(told), Act::Notify(recipient)) => told == recipient,
        (Act::Hold(_), Act::Rollback(_)) | (Act::Notify(_), _) | (_, Act::Notify(_)) => false,
    }
}

/// Whether all of the one is always in the other: a batch may be of a site or of a region, and a region goes through several
/// stages.
fn is_part(narrower: Scope, wider: Scope) -> bool {
    narrower == wider
        || match narrower {
            Scope::Host => true,
            Scope::Batch => matches!(wider, Scope::Region | Scope::Stage | Scope::Rollout),
            Scope::Site => matches!(wider, Scope::Region | Scope::Rollout),
            Scope::Region | Scope::Stage => wider == Scope::Rollout,
            Scope::Rollout => false,
        }
}
