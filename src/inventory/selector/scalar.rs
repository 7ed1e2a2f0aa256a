use std::cmp::Ordering;

use crate::inventory::column::{Column, number};
use crate::inventory::value::compare_versions;
use crate::inventory::{Comparison, FieldType, Value};

/// A value while a selector is worked out: lent, not copied.
#[derive(Debug, Clone)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Version(&'a str),
    List(Vec<&'a str>),
}

impl<'a> Scalar<'a> {
    /// What a code of the column stands for; none for a missing cell.
    pub(crate) fn of_code(column: &'a Column, code: u32) -> Option<Scalar<'a>> {
        if code == 0 {
            return None;
        }
        let text = column.dictionary.text(code);
        Some(match column.field_type {
            FieldType::Text => Scalar::Text(text),
            FieldType::Integer => Scalar::Integer(text.parse().ok()?),
            FieldType::Number => Scalar::Number(number(text)),
            FieldType::Bool => Scalar::Bool(text.eq_ignore_ascii_case("true")),
            FieldType::Version => Scalar::Version(text),
            FieldType::List => Scalar::List(column.lists.texts(code).collect()),
        })
    }

    pub(crate) fn of_value(value: &'a Value) -> Scalar<'a> {
        match value {
            Value::Text(text) => Scalar::Text(text),
            Value::Integer(number) => Scalar::Integer(*number),
            Value::Number(number) => Scalar::Number(*number),
            Value::Bool(truth) => Scalar::Bool(*truth),
            Value::Version(version) => Scalar::Version(&version.text),
            Value::List(texts) => Scalar::List(texts.iter().map(String::as_str).collect()),
        }
    }

    /// The order of two values, or none where their types do not compare. A number beside a version is one: `5` is
    /// version 5.
    pub(crate) fn order(&self, other: &Scalar<'_>) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
            (Scalar::Integer(a), Scalar::Integer(b)) => Some(a.cmp(b)),
            (Scalar::Number(a), Scalar::Number(b)) => a.partial_cmp(b),
            (Scalar::Integer(a), Scalar::Number(b)) => order_of_mixed(*a, *b),
            (Scalar::Number(a), Scalar::Integer(b)) => order_of_mixed(*b, *a).map(Ordering::reverse),
            (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
            (Scalar::Version(a), Scalar::Version(b)) => Some(compare_versions(a, b)),
            (Scalar::Version(a), number) => Some(compare_versions(a, &number.as_version()?)),
            (number, Scalar::Version(b)) => Some(compare_versions(&number.as_version()?, b)),
            (Scalar::List(a), Scalar::List(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    pub(crate) fn compare(&self, comparison: Comparison, other: &Scalar<'_>) -> Option<bool> {
        let order = self.order(other)?;
        Some(match comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        })
    }

    /// A sum, difference or product: whole where both are whole and it fits, else decimal. None where it has no result.
    pub(crate) fn arithmetic(
        self,
        other: Scalar<'_>,
        whole: fn(i64, i64) -> Option<i64>,
        decimal: fn(f64, f64) -> f64,
    ) -> Option<Scalar<'a>> {
        if let (Scalar::Integer(a), Scalar::Integer(b)) = (&self, &other)
            && let Some(result) = whole(*a, *b)
        {
            return Some(Scalar::Integer(result));
        }
        Some(decimal(self.as_decimal()?, other.as_decimal()?)).filter(|result| result.is_finite()).map(Scalar::Number)
    }

    fn as_decimal(&self) -> Option<f64> {
        match self {
            Scalar::Integer(number) => Some(*number as f64),
            Scalar::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn as_version(&self) -> Option<String> {
        match self {
            Scalar::Integer(number) if *number >= 0 => Some(number.to_string()),
            Scalar::Number(number) if *number >= 0.0 && number.is_finite() => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Exact where a cast to decimal would round.
fn order_of_mixed(whole: i64, decimal: f64) -> Option<Ordering> {
    if decimal.is_nan() {
        return None;
    }
    // A cast saturates, which keeps the order: no i64 is beyond the ends of an i128.
    let order = i128::from(whole).cmp(&(decimal.trunc() as i128));
    Some(order.then(0.0.partial_cmp(&decimal.fract()).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_decimal_numbers_compare_exactly() {
        let order = |a: i64, b: f64| Scalar::Integer(a).order(&Scalar::Number(b)).unwrap();
        assert!(order(2, 2.0).is_eq());
        assert!(order(2, 2.5).is_lt());
        assert!(order(-2, -2.5).is_gt());
        assert!(order(i64::MAX, 9_223_372_036_854_775_807.0).is_lt());
        assert!(order(i64::MAX, f64::INFINITY).is_lt());
        assert!(order(i64::MIN, f64::NEG_INFINITY).is_gt());
        assert!(Scalar::Integer(1).order(&Scalar::Number(f64::NAN)).is_none());
    }

    #[test]
    fn a_number_beside_a_version_is_one() {
        assert!(Scalar::Version("5.2").order(&Scalar::Integer(5)).unwrap().is_gt());
        assert!(Scalar::Version("5.2").order(&Scalar::Number(5.2)).unwrap().is_eq());
        assert!(Scalar::Version("5.2").order(&Scalar::Integer(-5)).is_none());
        assert!(Scalar::Version("5.2").order(&Scalar::Text("5.2")).is_none());
    }

    #[test]
    fn sums_without_a_result_are_none() {
        let divide = |a, b| Scalar::Integer(a).arithmetic(Scalar::Integer(b), |_, _| None, |a, b| a / b);
        assert!(divide(1, 0).is_none());
        assert!(matches!(divide(7, 2), Some(Scalar::Number(n)) if n == 3.5));
        let add = |a: Scalar<'static>, b| a.arithmetic(b, i64::checked_add, |a, b| a + b);
        assert!(matches!(add(Scalar::Integer(i64::MAX), Scalar::Integer(1)), Some(Scalar::Number(_))));
        assert!(add(Scalar::Text("a"), Scalar::Integer(1)).is_none());
    }
}
