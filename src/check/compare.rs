use crate::builtin::Value;
use crate::check::arithmetic::order;
use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::check::term::Term;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{self, Comparison, FieldId, FieldType, Operand, Selector};
use crate::source::Span;
use crate::syntax::ast::BinaryOperator;
use crate::time::parse_date;

/// A field with more has values of other kinds than names of steps.
const FEW_VALUES: usize = 20;

impl<'a> Checker<'a> {
    /// `==`, `<` and the like.
    pub(super) fn comparison(&mut self, pair: Pair<'a>) -> Term {
        let Some(comparison) = comparison_of(pair.operator) else { return Term::Unknown };
        match (&pair.left, &pair.right) {
            (Term::Unknown, _) | (_, Term::Unknown) => Term::Unknown,
            (Term::Value(left), Term::Value(right)) => match compare_values(comparison, left, right) {
                Some(truth) => Term::bool(truth),
                None => self.report_incomparable(&pair),
            },
            (Term::Field(field), Term::Value(value)) => {
                self.compare_field(*field, comparison, value, pair.right_span, &pair)
            }
            (Term::Value(value), Term::Field(field)) => {
                self.compare_field(*field, turned(comparison), value, pair.left_span, &pair)
            }
            (Term::Condition(selector), Term::Value(Value::Bool(truth)))
            | (Term::Value(Value::Bool(truth)), Term::Condition(selector)) => match comparison {
                Comparison::Equal | Comparison::NotEqual => match *truth == (comparison == Comparison::Equal) {
                    true => Term::Condition(selector.clone()),
                    false => Term::Condition(Selector::Not(Box::new(selector.clone()))),
                },
                _ => self.report_incomparable(&pair),
            },
            (Term::Field(left), Term::Field(right)) => self.compare_fields(*left, comparison, *right, &pair),
            (Term::Number(_), Term::Number(_) | Term::Field(_) | Term::Value(_))
            | (Term::Field(_) | Term::Value(_), Term::Number(_)) => {
                let left = self.operand(&pair.left, pair.left_span);
                let right = self.operand(&pair.right, pair.right_span);
                left.zip(right).map_or(Term::Unknown, |(left, right)| {
                    Term::Condition(Selector::Compare { left, comparison, right })
                })
            }
            _ => self.report_incomparable(&pair),
        }
    }

    fn compare_field(
        &mut self,
        field: FieldId,
        comparison: Comparison,
        value: &Value,
        place: Span,
        pair: &Pair<'a>,
    ) -> Term {
        let Some(cell) = self.beside_field(value, field, place) else { return Term::Unknown };
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if !is_equality && matches!(cell, inventory::Value::Bool(_)) {
            return self.report_incomparable(pair);
        }
        if is_equality && !self.is_known_value(field, &cell, place) {
            return Term::Unknown;
        }
        if let (false, inventory::Value::Text(text)) = (is_equality, &cell) {
            self.check_has_order(field, comparison, text, pair);
        }
        Term::Condition(Selector::Compare { left: Operand::Field(field), comparison, right: Operand::Constant(cell) })
    }

    /// Texts come one after the other by letter, and so `"high"` before `"low"`. Where a field has few values, their names
    /// were meant; dates as they are written here have the order of their letters.
    fn check_has_order(&mut self, field: FieldId, comparison: Comparison, text: &str, pair: &Pair<'a>) {
        let Some(fleet) = self.input.fleet.filter(|fleet| fleet.distinct(field) <= FEW_VALUES) else { return };
        let is_date = |text: &str| text.get(..10).is_some_and(|date| parse_date(date).is_some());
        if is_date(text) {
            return;
        }
        let name = fleet.field_name(field);
        let right = Operand::Constant(inventory::Value::Text(text.to_owned()));
        let met = Selector::Compare { left: Operand::Field(field), comparison, right }.select(fleet);
        let values: Vec<String> =
            fleet.values(field, &met).iter().map(|(value, _)| quoted(&value.to_string())).collect();
        let met = match values.as_slice() {
            [] => "no value".to_owned(),
            values => values.join(", "),
        };
        let problem =
            Problem::warning(Code::ORDER_OF_TEXTS, format!("`{name}` is a text, and texts are compared by letter"))
                .label(pair.operator_span, format!("met by {met}"))
                .help(format!("name the values that are meant: `{name} in [\"…\", \"…\"]`"));
        self.report(problem);
    }

    fn compare_fields(&mut self, left: FieldId, comparison: Comparison, right: FieldId, pair: &Pair<'a>) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        let is_number = |field_type| matches!(field_type, FieldType::Integer | FieldType::Number);
        let types = (fleet.field_type(left), fleet.field_type(right));
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let fits = match types {
            (FieldType::List, _) => false,
            (FieldType::Bool, FieldType::Bool) => is_equality,
            (a, b) => a == b || (is_number(a) && is_number(b)),
        };
        match fits {
            true => Term::Condition(Selector::Compare {
                left: Operand::Field(left),
                comparison,
                right: Operand::Field(right),
            }),
            false => self.report_incomparable(pair),
        }
    }

    pub(super) fn report_incomparable(&mut self, pair: &Pair<'a>) -> Term {
        // `a < b < c` is told of by the parser.
        if self.is_unclear(pair.operator_span) {
            return Term::Unknown;
        }
        let (left, right) = (self.describe(&pair.left), self.describe(&pair.right));
        let message = format!("{left} cannot be compared with {right} in this way");
        let problem = Problem::error(Code::WRONG_TYPE, message)
            .label(pair.operator_span, "this comparison")
            .label(pair.left_span, format!("this is {left}"))
            .label(pair.right_span, format!("this is {right}"));
        self.report(problem);
        Term::Unknown
    }
}

fn comparison_of(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Equal => Comparison::Equal,
        BinaryOperator::NotEqual => Comparison::NotEqual,
        BinaryOperator::Less => Comparison::Less,
        BinaryOperator::LessOrEqual => Comparison::LessOrEqual,
        BinaryOperator::Greater => Comparison::Greater,
        BinaryOperator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// The same said from the other side: `5 < cores` is `cores > 5`.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

fn compare_values(comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
    if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
        return match comparison {
            Comparison::Equal => Some(a == b),
            Comparison::NotEqual => Some(a != b),
            _ => None,
        };
    }
    let order = order(left, right)?;
    Some(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}
