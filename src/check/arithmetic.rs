use std::cmp::Ordering;

use chrono::Days;

use crate::builtin::{Number, Value};
use crate::check::effort::MAX_LENGTH;
use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::check::term::Term;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{FieldType, Operand};
use crate::source::Span;
use crate::syntax::ast::BinaryOperator;
use crate::time::Duration;

impl Checker<'_> {
    /// `+ - * /` over constants with their units, or over fields that are numbers.
    pub(super) fn arithmetic(&mut self, pair: Pair) -> Term {
        match (&pair.left, &pair.right) {
            (Term::Unknown, _) | (_, Term::Unknown) => Term::Unknown,
            (Term::Value(left), Term::Value(right)) => match combine(pair.operator, left, right) {
                Ok(value) => Term::Value(value),
                Err(fault) => {
                    self.report_fault(&pair, fault);
                    Term::Unknown
                }
            },
            _ => self.arithmetic_over_fields(&pair),
        }
    }

    pub(super) fn negative(&mut self, term: Term, place: Span) -> Term {
        let value = match term {
            Term::Unknown => return Term::Unknown,
            Term::Value(Value::Number { number: Number::Integer(number), .. }) => {
                number.checked_neg().map(Value::integer)
            }
            Term::Value(Value::Number { number: Number::Decimal(number), .. }) => Value::decimal(-number),
            Term::Field(_) | Term::Number(_) => {
                let zero = Operand::Constant(crate::inventory::Value::Integer(0));
                return match self.operand(&term, place) {
                    Some(operand) => Term::Number(Operand::Subtract(Box::new(zero), Box::new(operand))),
                    None => Term::Unknown,
                };
            }
            _ => None,
        };
        match value {
            Some(value) => Term::Value(value),
            None => {
                self.report_wrong_type(
                    place,
                    "only a number can be negative",
                    "durations and percentages count upwards",
                );
                Term::Unknown
            }
        }
    }

    fn arithmetic_over_fields(&mut self, pair: &Pair) -> Term {
        let left = self.operand(&pair.left, pair.left_span);
        let right = self.operand(&pair.right, pair.right_span);
        let (Some(left), Some(right)) = (left.map(Box::new), right.map(Box::new)) else { return Term::Unknown };
        Term::Number(match pair.operator {
            BinaryOperator::Add => Operand::Add(left, right),
            BinaryOperator::Subtract => Operand::Subtract(left, right),
            BinaryOperator::Multiply => Operand::Multiply(left, right),
            _ => Operand::Divide(left, right),
        })
    }

    /// One side of a sum over fields: a number, or a field of numbers.
    pub(super) fn operand(&mut self, term: &Term, place: Span) -> Option<Operand> {
        let found = match term {
            Term::Unknown => return None,
            Term::Value(Value::Number { number, .. }) => Some(Operand::Constant(cell_of(*number))),
            Term::Field(field) => {
                let field_type = self.input.fleet.map(|fleet| fleet.field_type(*field));
                matches!(field_type, Some(FieldType::Integer | FieldType::Number)).then_some(Operand::Field(*field))
            }
            Term::Number(operand) => Some(operand.clone()),
            _ => None,
        };
        if found.is_none() {
            let what = self.describe(term);
            self.report_wrong_type(
                place,
                format!("this sum needs numbers, and here is {what}"),
                "use a field of numbers",
            );
        }
        found
    }

    fn report_fault(&mut self, pair: &Pair, fault: Fault) {
        let place = pair.span();
        let problem = match fault {
            Fault::NoMeaning { left, right } => {
                let word = match pair.operator {
                    BinaryOperator::Add => "added to",
                    BinaryOperator::Subtract => "subtracted from",
                    BinaryOperator::Multiply => "multiplied by",
                    _ => "divided by",
                };
                let (first, second) = match pair.operator {
                    BinaryOperator::Add | BinaryOperator::Subtract => (&right, &left),
                    _ => (&left, &right),
                };
                Problem::error(Code::WRONG_TYPE, format!("{first} cannot be {word} {second}"))
                    .label(pair.left_span, format!("this is {left}"))
                    .label(pair.right_span, format!("this is {right}"))
            }
            Fault::TooLong => {
                self.report_too_long(place);
                return;
            }
            Fault::NoValue(why) => Problem::error(Code::BAD_VALUE, why).label(place, "this has no value"),
        };
        self.report(problem);
    }
}

pub(super) fn cell_of(number: Number) -> crate::inventory::Value {
    match number {
        Number::Integer(number) => crate::inventory::Value::Integer(number),
        Number::Decimal(number) => crate::inventory::Value::Number(number),
    }
}

enum Fault {
    /// The types do not go together.
    NoMeaning { left: String, right: String },
    /// A text or a list that would outgrow its bounds.
    TooLong,
    /// The types do, the values do not.
    NoValue(String),
}

fn combine(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, Fault> {
    let found = match operator {
        BinaryOperator::Add => add(left, right),
        BinaryOperator::Subtract => subtract(left, right),
        BinaryOperator::Multiply => multiply(left, right),
        _ => divide(left, right),
    };
    found.unwrap_or_else(|| Err(Fault::NoMeaning { left: left.kind().to_string(), right: right.kind().to_string() }))
}

/// None where the types do not go together.
type Found = Option<Result<Value, Fault>>;

fn add(left: &Value, right: &Value) -> Found {
    Some(match (left, right) {
        (Value::Number { number: a, .. }, Value::Number { number: b, .. }) => {
            numbers(*a, *b, i64::checked_add, |a, b| a + b)
        }
        (Value::Percent(a), Value::Percent(b)) => Ok(Value::Percent(a + b)),
        (Value::Duration(a), Value::Duration(b)) => {
            within_a_lifetime(u128::from(a.seconds()) + u128::from(b.seconds()))
        }
        (Value::Date(date), Value::Duration(length)) | (Value::Duration(length), Value::Date(date)) => {
            whole_days(*length).and_then(|days| date.checked_add_days(days).ok_or_else(out_of_time)).map(Value::Date)
        }
        (Value::Moment(moment), Value::Duration(length)) | (Value::Duration(length), Value::Moment(moment)) => {
            moment.checked_add_signed(length.to_chrono()).map(Value::Moment).ok_or_else(out_of_time)
        }
        (Value::Text(a), Value::Text(b)) => short(a.len() + b.len()).map(|()| Value::Text(format!("{a}{b}"))),
        (Value::List(a), Value::List(b)) => {
            short(a.len() + b.len()).map(|()| Value::List(a.iter().chain(b).cloned().collect()))
        }
        _ => return None,
    })
}

fn subtract(left: &Value, right: &Value) -> Found {
    Some(match (left, right) {
        (Value::Number { number: a, .. }, Value::Number { number: b, .. }) => {
            numbers(*a, *b, i64::checked_sub, |a, b| a - b)
        }
        (Value::Percent(a), Value::Percent(b)) if a >= b => Ok(Value::Percent(a - b)),
        (Value::Duration(a), Value::Duration(b)) if a >= b => Ok(seconds(a.seconds() - b.seconds())),
        (Value::Percent(_), Value::Percent(_)) | (Value::Duration(_), Value::Duration(_)) => {
            Err(Fault::NoValue(format!("`{left}` less `{right}` would be less than nothing")))
        }
        (Value::Date(date), Value::Duration(length)) => {
            whole_days(*length).and_then(|days| date.checked_sub_days(days).ok_or_else(out_of_time)).map(Value::Date)
        }
        (Value::Moment(moment), Value::Duration(length)) => {
            moment.checked_sub_signed(length.to_chrono()).map(Value::Moment).ok_or_else(out_of_time)
        }
        (Value::Date(later), Value::Date(earlier)) => since((*later - *earlier).num_seconds(), left, right),
        (Value::Moment(later), Value::Moment(earlier)) => since((*later - *earlier).num_seconds(), left, right),
        _ => return None,
    })
}

fn multiply(left: &Value, right: &Value) -> Found {
    Some(match (left, right) {
        (Value::Number { number: a, .. }, Value::Number { number: b, .. }) => {
            numbers(*a, *b, i64::checked_mul, |a, b| a * b)
        }
        (Value::Duration(length), Value::Number { number, .. })
        | (Value::Number { number, .. }, Value::Duration(length)) => scaled(length.seconds(), *number),
        (Value::Percent(percent), Value::Number { number, .. })
        | (Value::Number { number, .. }, Value::Percent(percent)) => percentage(percent * number.to_decimal()),
        _ => return None,
    })
}

fn divide(left: &Value, right: &Value) -> Found {
    let by_nothing = || Err(Fault::NoValue("nothing can be divided by zero".to_owned()));
    Some(match (left, right) {
        (_, Value::Number { number, .. }) if number.to_decimal() == 0.0 => by_nothing(),
        (_, Value::Duration(length)) if length.is_zero() => by_nothing(),
        (Value::Number { number: a, .. }, Value::Number { number: b, .. }) => match (a, b) {
            (Number::Integer(a), Number::Integer(b)) if a.checked_rem(*b) == Some(0) => Ok(Value::integer(a / b)),
            _ => decimal(a.to_decimal() / b.to_decimal()),
        },
        (Value::Duration(length), Value::Number { number, .. }) => {
            scaled(length.seconds(), Number::Decimal(1.0 / number.to_decimal()))
        }
        (Value::Duration(a), Value::Duration(b)) => match a.seconds() % b.seconds() {
            0 => Ok(Value::integer((a.seconds() / b.seconds()) as i64)),
            _ => decimal(a.seconds() as f64 / b.seconds() as f64),
        },
        (Value::Percent(percent), Value::Number { number, .. }) => percentage(percent / number.to_decimal()),
        _ => return None,
    })
}

fn numbers(
    left: Number,
    right: Number,
    whole: fn(i64, i64) -> Option<i64>,
    broken: fn(f64, f64) -> f64,
) -> Result<Value, Fault> {
    match (left, right) {
        (Number::Integer(a), Number::Integer(b)) => whole(a, b).map(Value::integer).ok_or_else(too_large),
        _ => decimal(broken(left.to_decimal(), right.to_decimal())),
    }
}

fn decimal(number: f64) -> Result<Value, Fault> {
    Value::decimal(number).ok_or_else(too_large)
}

fn percentage(percent: f64) -> Result<Value, Fault> {
    match percent.is_finite() && percent >= 0.0 {
        true => Ok(Value::Percent(percent)),
        false => Err(Fault::NoValue("a percentage cannot be less than nothing".to_owned())),
    }
}

/// To the nearest second.
fn scaled(length: u64, by: Number) -> Result<Value, Fault> {
    let product = length as f64 * by.to_decimal();
    match product.is_finite() && product >= 0.0 {
        true => within_a_lifetime(product.round() as u128),
        false => Err(Fault::NoValue("a duration cannot be less than nothing".to_owned())),
    }
}

fn since(difference: i64, later: &Value, earlier: &Value) -> Result<Value, Fault> {
    match u64::try_from(difference) {
        Ok(difference) => within_a_lifetime(difference.into()),
        Err(_) => Err(Fault::NoValue(format!("`{later}` is before `{earlier}`"))),
    }
}

fn within_a_lifetime(length: u128) -> Result<Value, Fault> {
    match u64::try_from(length) {
        Ok(length) if length <= CENTURY => Ok(seconds(length)),
        _ => Err(Fault::NoValue("a duration is at most a century".to_owned())),
    }
}

fn seconds(length: u64) -> Value {
    Value::Duration(Duration::from_seconds(length))
}

fn whole_days(length: Duration) -> Result<Days, Fault> {
    match length.seconds() % 86_400 {
        0 => Ok(Days::new(length.seconds() / 86_400)),
        _ => Err(Fault::NoValue(format!("a date has no hours to which `{length}` could be added; say a moment"))),
    }
}

fn short(length: usize) -> Result<(), Fault> {
    match length <= MAX_LENGTH {
        true => Ok(()),
        false => Err(Fault::TooLong),
    }
}

fn out_of_time() -> Fault {
    Fault::NoValue("there is no such date".to_owned())
}

fn too_large() -> Fault {
    Fault::NoValue("the number is too large".to_owned())
}

const CENTURY: u64 = 36_525 * 86_400;

/// Which of two values comes first; none where they have no order between them.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number { number: Number::Integer(a), .. }, Value::Number { number: Number::Integer(b), .. }) => {
            Some(a.cmp(b))
        }
        (Value::Number { number: a, .. }, Value::Number { number: b, .. }) => {
            a.to_decimal().partial_cmp(&b.to_decimal())
        }
        (Value::Percent(a), Value::Percent(b)) => a.partial_cmp(b),
        (Value::Version(a), _) => super::conversion::version_of(right).map(|b| a.cmp(&b)),
        (_, Value::Version(b)) => super::conversion::version_of(left).map(|a| a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) | (Value::Month(a), Value::Month(b)) => Some(a.cmp(b)),
        (Value::Moment(a), Value::Moment(b)) => Some(a.cmp(b)),
        (Value::Weekday(a), Value::Weekday(b)) => Some(a.num_days_from_monday().cmp(&b.num_days_from_monday())),
        _ => None,
    }
}
