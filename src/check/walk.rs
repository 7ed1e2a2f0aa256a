use crate::syntax::ast::{Expression, ExpressionKind, TextPart};

/// Every expression within one, itself first. With a stack of its own: a chain of ten thousand `or` is no deep call.
pub(super) fn walk<'a>(expression: &'a Expression, mut visit: impl FnMut(&'a Expression)) {
    let mut waiting = vec![expression];
    while let Some(next) = waiting.pop() {
        visit(next);
        waiting.extend(children(next).into_iter().rev());
    }
}

/// The expressions that one is made of, in order of place.
pub(super) fn children(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        ExpressionKind::Hole | ExpressionKind::Literal(_) | ExpressionKind::Name(_) => Vec::new(),
        ExpressionKind::Text(text) => text.parts.iter().filter_map(value_of).collect(),
        ExpressionKind::Field { base, .. } => vec![base],
        ExpressionKind::Call { arguments, .. } => arguments.iter().collect(),
        ExpressionKind::List(elements) => elements.iter().collect(),
        ExpressionKind::Range { from, to } => vec![from, to],
        ExpressionKind::Unary { operand, .. } | ExpressionKind::IsMissing { operand, .. } => vec![operand],
        ExpressionKind::Binary { left, right, .. } => vec![left, right],
        ExpressionKind::AtTime { date, time, .. } => vec![date, time],
        ExpressionKind::Hosts { condition } => condition.iter().map(|condition| &**condition).collect(),
        ExpressionKind::Quantified { set, condition, .. } => {
            std::iter::once(&**set).chain(condition.iter().map(|condition| &**condition)).collect()
        }
    }
}

fn value_of(part: &TextPart) -> Option<&Expression> {
    match part {
        TextPart::Literal { .. } => None,
        TextPart::Value(expression) => Some(expression),
    }
}
