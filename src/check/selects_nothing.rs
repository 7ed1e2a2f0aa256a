// Why no host meets a condition: the part that none meets by itself, or the two that no host meets together.

use crate::check::entry::Checker;
use crate::check::host_problems::say;
use crate::check::term::{Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::inventory::{HostSet, Selector};
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, TextPart};

impl<'a> Checker<'a> {
    pub(super) fn report_selects_nothing(
        &mut self,
        expression: &'a Expression,
        what: &str,
        selector: &Selector,
        passed_over: &HostSet,
    ) {
        let problem = Problem::error(Code::SELECTS_NOTHING, format!("no host meets the condition of `{what}`"));
        let parts: Vec<(&Expression, HostSet)> = self.parts(expression);
        let alone = parts.iter().find(|(_, hosts)| hosts.is_empty()).filter(|_| parts.len() > 1);
        let exclusive = || {
            let pairs = parts.iter().enumerate().flat_map(|(idx, one)| parts[..idx].iter().map(move |two| (two, one)));
            let mut exclusive = pairs.filter(|((_, one), (_, other))| one.and(other).is_empty());
            exclusive.next()
        };
        let problem = match (alone, exclusive()) {
            (Some((part, _)), _) => problem.label(part.span, "no host meets this, whatever else is asked"),
            (None, Some(((one, _), (other, _)))) => {
                problem.label(one.span, "the hosts that meet this …").label(other.span, "… do not meet this")
            }
            (None, None) => problem.label(expression.span, "selects nothing"),
        };
        let part = alone.map_or(expression, |(part, _)| *part);
        let problem = match (pattern_of_elsewhere(part), passed_over.is_empty()) {
            (true, _) => problem.help("a pattern is no regular expression: `*` stands for any characters, `?` for one"),
            (false, true) if matches!(part.kind, ExpressionKind::Binary { operator: BinaryOperator::Matches, .. }) => {
                problem.help("`*` stands for any characters, `?` for one; see what there is: `sunup inventory`")
            }
            (false, true) if alone.is_none() && exclusive().is_some() => {
                problem.help("two conditions that exclude each other are joined with `or`")
            }
            (false, true) => problem.help("see what there is: `sunup inventory`"),
            (false, false) => {
                let lacking = self.lacking(selector, passed_over);
                let help = format!(
                    "{} no {lacking}, and so no comparison on it is met",
                    say(passed_over.len(), "has", "have")
                );
                self.with_hosts(problem.help(help), passed_over)
            }
        };
        self.report(problem);
    }

    /// The conditions that `and` joins, each with the hosts that meet it. They were sound when the whole was read.
    fn parts(&mut self, expression: &'a Expression) -> Vec<(&'a Expression, HostSet)> {
        let mut all = Vec::new();
        joined(expression, &mut all);
        let Some(fleet) = self.input.fleet else { return Vec::new() };
        all.truncate(MOST_PARTS);
        all.into_iter()
            .filter_map(|part| match self.evaluate_whole(part, &Scope::of_host()) {
                Term::Condition(selector) => Some((part, selector.select(fleet))),
                _ => None,
            })
            .collect()
    }
}

/// Pairs of them are compared.
const MOST_PARTS: usize = 16;

fn joined<'e>(expression: &'e Expression, parts: &mut Vec<&'e Expression>) {
    match &expression.kind {
        ExpressionKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
            joined(left, parts);
            joined(right, parts);
        }
        _ => parts.push(expression),
    }
}

/// `name matches "^web-.*$"`
fn pattern_of_elsewhere(part: &Expression) -> bool {
    let ExpressionKind::Binary { operator: BinaryOperator::Matches, right, .. } = &part.kind else { return false };
    let ExpressionKind::Text(text) = &right.kind else { return false };
    text.parts.iter().any(|part| match part {
        TextPart::Literal { text, .. } => {
            text.starts_with('^')
                || text.ends_with('$')
                || [".*", "[", "\\", "+", "|"].iter().any(|sign| text.contains(sign))
        }
        TextPart::Value(_) => false,
    })
}
