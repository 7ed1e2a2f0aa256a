use std::cmp::Ordering;

use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{Comparison, FieldId, Operand, Selector, Value};
use crate::source::Span;

/// Where an `or` stands and what it joins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    left: Span,
    operator: Span,
    right: Span,
}

impl Places {
    pub(super) fn of(pair: &Pair) -> Self {
        Places { left: pair.left_span, operator: pair.operator_span, right: pair.right_span }
    }
}

impl Checker<'_> {
    /// `role != "db" or role != "web"`: of two such conditions one is always true, whatever the inventory holds. That a
    /// condition happens to select every host of an inventory is no fault: it may have been made for this rollout.
    pub(super) fn check_leaves_something_out(&mut self, left: &Selector, right: &Selector, places: Places) {
        let Some(second) = Bound::of(right) else { return };
        let ored = match left {
            Selector::Or(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        let firsts = ored.iter().filter_map(Bound::of);
        let Some(first) = firsts.into_iter().find(|first| first.field == second.field && first.or_always(&second))
        else {
            return;
        };
        let name = self.input.fleet.map_or("", |fleet| fleet.field_name(first.field));
        let message = format!("this is true of every host that has a `{name}`");
        let problem = Problem::warning(Code::SELECTS_EVERYTHING, message)
            .label(places.operator, "one of the two is always true")
            .label(places.left, "true where the other is not")
            .label(places.right, "true where the other is not");
        let are_both_not = [first.comparison, second.comparison] == [Comparison::NotEqual; 2];
        self.report(match are_both_not && self.calls.is_empty() {
            true => {
                problem.help("what is none of several is joined with `and`").fix("write `and`", places.operator, "and")
            }
            false => problem.help("join them with `and`, or leave the condition out"),
        });
    }
}

/// A field beside a constant.
struct Bound<'a> {
    field: FieldId,
    comparison: Comparison,
    value: &'a Value,
}

impl<'a> Bound<'a> {
    fn of(selector: &'a Selector) -> Option<Bound<'a>> {
        match selector {
            Selector::Compare { left: Operand::Field(field), comparison, right: Operand::Constant(value) } => {
                Some(Bound { field: *field, comparison: *comparison, value })
            }
            _ => None,
        }
    }

    /// Whether every value meets the one or the other.
    fn or_always(&self, other: &Bound) -> bool {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let order = order(self.value, other.value);
        match (self.comparison, other.comparison) {
            (NotEqual, NotEqual) => order.is_some_and(Ordering::is_ne),
            (NotEqual, Equal) | (Equal, NotEqual) => order.is_some_and(Ordering::is_eq),
            (Less | LessOrEqual, Greater | GreaterOrEqual) => match order {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => (self.comparison, other.comparison) != (Less, Greater),
                _ => false,
            },
            (Greater | GreaterOrEqual, Less | LessOrEqual) => other.or_always(self),
            _ => false,
        }
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Version(left), Value::Version(right)) => left.partial_cmp(right),
        _ => None,
    }
}
