use crate::builtin::{Number, Value};
use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::term::{Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::inventory::{FieldType, Selector, Version};
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, Literal, Name, UnaryOperator};
use crate::time::Zone;

impl<'a> Checker<'a> {
    /// Evaluates one expression of the script, with a whole budget of its own.
    pub(super) fn evaluate_whole(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        let outer = self.effort;
        self.effort = outer.renewed();
        let term = self.evaluate(expression, scope);
        self.effort = outer;
        term
    }

    pub(super) fn evaluate(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        if !self.spend(1, expression.span) || !self.go_deeper(expression.span) {
            return Term::Unknown;
        }
        let term = self.evaluate_kind(expression, scope);
        self.effort.come_back();
        term
    }

    fn evaluate_kind(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Hole => Term::Unknown,
            ExpressionKind::Literal(literal) => self.literal(literal, span),
            ExpressionKind::Text(text) => self.text(text, scope),
            ExpressionKind::Name(name) => self.name(name, span, scope),
            ExpressionKind::Field { base, field } => self.member_of(base, field, span, scope),
            ExpressionKind::Call { function, arguments } => self.call(function, arguments, span, scope),
            ExpressionKind::List(elements) => self.list(elements, scope),
            ExpressionKind::Range { from, to } => self.range(from, to, scope),
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, operand, scope),
            ExpressionKind::Binary { .. } => self.chain(expression, scope),
            ExpressionKind::IsMissing { operand, negated } => self.is_missing(operand, *negated, scope),
            ExpressionKind::AtTime { date, time, zone } => self.at_time(date, time, zone, scope),
            ExpressionKind::Hosts { condition } => self.hosts(condition.as_deref(), scope),
            ExpressionKind::Quantified { quantifier, variable, set, condition } => {
                self.quantified(*quantifier, variable.as_ref(), set, condition.as_deref(), scope)
            }
        }
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Term {
        Term::Value(match literal {
            Literal::Number(written) => match number(written) {
                Some(value) => value,
                None => {
                    let problem = Problem::error(Code::BAD_VALUE, format!("the number `{written}` is too large"));
                    self.report(problem.label(span, "more than can be held"));
                    return Term::Unknown;
                }
            },
            Literal::Percent(percent) => Value::Percent(*percent),
            Literal::Duration(length) => Value::Duration(*length),
            Literal::Time(time) => Value::Time(*time),
            Literal::Date(date) => Value::Date(*date),
            Literal::Month(first) => Value::Month(*first),
            Literal::Moment(moment) => Value::Moment(*moment),
            Literal::Weekday(weekday) => Value::Weekday(*weekday),
            Literal::Bool(truth) => Value::Bool(*truth),
        })
    }

    fn list(&mut self, elements: &'a [Expression], scope: &Scope<'a>) -> Term {
        let mut values = Some(Vec::new());
        for element in elements {
            let value = self.constant(element, scope);
            values = values.zip(value).map(|(mut values, value)| {
                values.push(value);
                values
            });
        }
        values.map_or(Term::Unknown, |values| Term::Value(Value::List(values)))
    }

    /// A value that does not depend on a host. None where there is none, which is reported.
    pub(super) fn constant(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Option<Value> {
        match self.evaluate(expression, scope) {
            Term::Unknown => None,
            Term::Value(value) => Some(value),
            term => {
                let what = self.describe(&term);
                let message = format!("a constant belongs here, and this is {what} that each host has its own of");
                self.report_wrong_type(expression.span, message, "use a literal or a `let`");
                None
            }
        }
    }

    fn range(&mut self, from: &'a Expression, to: &'a Expression, scope: &Scope<'a>) -> Term {
        let ends = (self.constant(from, scope), self.constant(to, scope));
        let (Some(first), Some(last)) = ends else { return Term::Unknown };
        let whole = from.span.to(to.span);
        match super::arithmetic::order(&first, &last) {
            None => {
                let message = format!("a range from {} to {} has no order", first.kind(), last.kind());
                self.report_wrong_type(whole, message, "both ends are numbers, dates or weekdays");
                Term::Unknown
            }
            // A week goes round: `fri..mon`.
            Some(order) if order.is_gt() && !matches!(first, Value::Weekday(_)) => {
                let problem =
                    Problem::error(Code::BAD_VALUE, format!("the range `{first}..{last}` ends before it begins"));
                self.report(problem.label(whole, "nothing is in it").fix(
                    "turn it round",
                    whole,
                    format!("{last}..{first}"),
                ));
                Term::Unknown
            }
            Some(_) => Term::Value(Value::Range(Box::new(first), Box::new(last))),
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &'a Expression, scope: &Scope<'a>) -> Term {
        let term = self.evaluate(operand, scope);
        match operator {
            UnaryOperator::Not => self.negation(term, operand.span),
            UnaryOperator::Negate => self.negative(term, operand.span),
        }
    }

    /// A chain of operators leans to the left and may be long: it is worked out from its innermost left end, without a
    /// call for each link.
    fn chain(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        let mut links = Vec::new();
        let mut innermost = expression;
        while let ExpressionKind::Binary { operator, operator_span, left, right } = &innermost.kind {
            links.push((*operator, *operator_span, &**right));
            innermost = left;
        }
        let mut left = (self.evaluate(innermost, scope), innermost.span);
        for (operator, operator_span, right) in links.into_iter().rev() {
            if !self.spend(1, operator_span) {
                return Term::Unknown;
            }
            let right_term = match self.words_meant_as_texts(&left.0, right, scope) {
                true => Term::Unknown,
                false => self.evaluate(right, scope),
            };
            let pair = Pair {
                operator,
                operator_span,
                left: left.0,
                left_span: left.1,
                right: right_term,
                right_span: right.span,
                right_expression: right,
            };
            let whole = left.1.to(right.span);
            left = (self.binary(pair), whole);
        }
        left.0
    }

    fn binary(&mut self, pair: Pair<'a>) -> Term {
        match pair.operator {
            BinaryOperator::And | BinaryOperator::Or => self.connective(pair),
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => self.comparison(pair),
            BinaryOperator::In => self.is_in(pair),
            BinaryOperator::Matches => self.matches(pair),
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply | BinaryOperator::Divide => {
                self.arithmetic(pair)
            }
        }
    }

    fn is_missing(&mut self, operand: &'a Expression, negated: bool, scope: &Scope<'a>) -> Term {
        match self.evaluate(operand, scope) {
            Term::Unknown => Term::Unknown,
            Term::Field(field) if negated => Term::Condition(Selector::Not(Box::new(Selector::Missing(field)))),
            Term::Field(field) => Term::Condition(Selector::Missing(field)),
            _ => {
                self.report_wrong_type(operand.span, "only a field can be missing", "name a field of the inventory");
                Term::Unknown
            }
        }
    }

    fn at_time(&mut self, date: &'a Expression, time: &'a Expression, zone: &Name, scope: &Scope<'a>) -> Term {
        let day = self.constant_of(date, scope, "a date", |value| match value {
            Value::Date(date) => Some(*date),
            _ => None,
        });
        let time = self.constant_of(time, scope, "a time of day", |value| match value {
            Value::Time(time) => Some(*time),
            _ => None,
        });
        let zone = self.zone(&zone.text, zone.span);
        match (day, time, zone) {
            (Some(day), Some(time), Some(zone)) => Term::Value(Value::Moment(zone.opening(day.and_time(time)))),
            _ => Term::Unknown,
        }
    }

    /// The zone of a name in the script. An unknown one is a problem at its place.
    pub(super) fn zone(&mut self, name: &str, span: Span) -> Option<Zone> {
        match Zone::find(name) {
            Ok(zone) => Some(zone),
            Err(unknown) => {
                let problem = Problem::error(Code::UNKNOWN_ZONE, format!("there is no time zone `{name}`"));
                let problem = problem.label(span, "no such zone");
                let is_quoted = self.input.sources.text(span).starts_with('"');
                self.report(match unknown.nearest {
                    Some(near) => {
                        let written = if is_quoted { quoted(&near) } else { near.clone() };
                        problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, written)
                    }
                    None => problem.help("zones have names such as `UTC` and `Australia/Sydney`"),
                });
                None
            }
        }
    }

    /// A constant of one kind.
    pub(super) fn constant_of<T>(
        &mut self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.constant(expression, scope)?;
        let found = read(&value);
        if found.is_none() {
            let message = format!("{wanted} belongs here, and this is {}", value.kind());
            let problem =
                Problem::error(Code::WRONG_TYPE, message).label(expression.span, format!("this is {}", value.kind()));
            // In `day + 1d at 18:00 UTC` the time would belong to the `1d`.
            self.report(match (wanted, &value) {
                ("a date", Value::Number { .. }) => {
                    problem.help("a length of days has its unit, and `at` asks for brackets: `(… + 1d) at 18:00 UTC`")
                }
                ("a date", Value::Duration(length)) => problem
                    .help(format!("`at` belongs to what stands directly before it: `(… + {length}) at 18:00 UTC`")),
                _ => problem,
            });
        }
        found
    }

    pub(super) fn report_wrong_type(&mut self, place: Span, message: impl Into<String>, help: impl Into<String>) {
        let message = message.into();
        self.report(Problem::error(Code::WRONG_TYPE, message).label(place, "of the wrong type").help(help));
    }

    pub(super) fn describe(&self, term: &Term) -> String {
        let fleet = self.input.fleet;
        term.describe(|field| fleet.map_or(FieldType::Text, |fleet| fleet.field_type(field)))
    }
}

/// Two sides of an operator, worked out.
pub(super) struct Pair<'a> {
    pub(super) operator: BinaryOperator,
    pub(super) operator_span: Span,
    pub(super) left: Term,
    pub(super) left_span: Span,
    pub(super) right: Term,
    pub(super) right_span: Span,
    pub(super) right_expression: &'a Expression,
}

impl Pair<'_> {
    pub(super) fn span(&self) -> Span {
        self.left_span.to(self.right_span)
    }
}

/// Reads `5`, `5.2` and `5.2.1`; the last can only be a version.
fn number(written: &str) -> Option<Value> {
    if written.matches('.').count() > 1 {
        return Version::parse(written).map(Value::Version);
    }
    let number = match written.parse() {
        Ok(integer) => Number::Integer(integer),
        Err(_) => Number::Decimal(written.parse().ok().filter(|decimal: &f64| decimal.is_finite())?),
    };
    Some(Value::Number { number, written: Some(written.to_owned()) })
}
