use crate::builtin::{Number, Value};
use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::names::Sort;
use crate::check::term::{HostAccess, Scope, Term};
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::{FieldType, Selector, Version};
use crate::model::Part;
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, Literal, Name, Text, TextPart, UnaryOperator};
use crate::time::Zone;

/// What evaluating may still cost. Expressions are total anyhow; this bounds those that double with every call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    steps_left: u64,
    depth: u32,
    is_reported: bool,
}

impl Default for Effort {
    fn default() -> Self {
        Effort { steps_left: MAX_STEPS, depth: 0, is_reported: false }
    }
}

const MAX_STEPS: u64 = 1_000_000;
/// Of expressions within expressions, through calls and `let`s: far more than anybody writes, far less than the stack holds.
const MAX_DEPTH: u32 = 200;
/// Of a text in bytes, and of a list in elements.
pub(super) const MAX_LENGTH: usize = 65_536;

impl<'a> Checker<'a> {
    /// Evaluates one expression of the script, with a whole budget of its own.
    pub(super) fn evaluate_whole(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        let outer = self.effort;
        self.effort = Effort { depth: outer.depth, ..Effort::default() };
        let term = self.evaluate(expression, scope);
        self.effort = outer;
        term
    }

    pub(super) fn evaluate(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Term {
        if !self.spend(1, expression.span) {
            return Term::Unknown;
        }
        if self.effort.depth >= MAX_DEPTH {
            self.effort.steps_left = 0;
            self.report_effort(expression.span, "goes through too many definitions");
            return Term::Unknown;
        }
        self.effort.depth += 1;
        let term = self.evaluate_kind(expression, scope);
        self.effort.depth -= 1;
        term
    }

    /// Takes steps from the budget. False where it is used up, which is reported once.
    pub(super) fn spend(&mut self, steps: u64, place: Span) -> bool {
        if self.effort.steps_left < steps {
            self.effort.steps_left = 0;
            self.report_effort(place, "takes too long to work out");
            return false;
        }
        self.effort.steps_left -= steps;
        true
    }

    fn report_effort(&mut self, place: Span, what: &str) {
        if std::mem::replace(&mut self.effort.is_reported, true) {
            return;
        }
        let place = self.calls.first().map_or(place, |(_, call)| *call);
        let problem = Problem::error(Code::BAD_VALUE, format!("this {what}"))
            .label(place, "given up here")
            .help("make it smaller: a value may take a million steps and go 200 definitions deep");
        self.report(problem);
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

    /// A text is constant where all its values are; else it is a template that each host fills.
    fn text(&mut self, text: &'a Text, scope: &Scope<'a>) -> Term {
        match self.text_parts(&text.parts, scope) {
            None => Term::Unknown,
            Some(parts) => match parts.as_slice() {
                [] => Term::Value(Value::Text(String::new())),
                [Part::Text(text)] => Term::Value(Value::Text(text.clone())),
                _ => Term::Template(parts),
            },
        }
    }

    /// The same with a budget of its own, for a text that is no expression.
    pub(super) fn whole_text_parts(&mut self, parts: &'a [TextPart], scope: &Scope<'a>) -> Option<Vec<Part>> {
        let outer = self.effort;
        self.effort = Effort::default();
        let parts = self.text_parts(parts, scope);
        self.effort = outer;
        parts
    }

    /// The parts with constants folded in, so that no two texts stand beside each other.
    fn text_parts(&mut self, parts: &'a [TextPart], scope: &Scope<'a>) -> Option<Vec<Part>> {
        let mut whole: Option<Vec<Part>> = Some(Vec::new());
        for part in parts {
            let found = match part {
                TextPart::Literal { text, .. } => Some(vec![Part::Text(text.clone())]),
                TextPart::Value(expression) => self.part(expression, scope),
            };
            whole = whole.zip(found).map(|(mut whole, found)| {
                found.into_iter().for_each(|part| push_part(&mut whole, part));
                whole
            });
        }
        let length: usize = whole.iter().flatten().map(part_length).sum();
        let place = parts.iter().find_map(|part| match part {
            TextPart::Value(expression) => Some(expression.span),
            TextPart::Literal { .. } => None,
        });
        match (length > MAX_LENGTH, place) {
            (true, Some(place)) => {
                self.report_too_long(place);
                None
            }
            _ => whole,
        }
    }

    /// One value in a text.
    fn part(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Option<Vec<Part>> {
        match self.evaluate(expression, scope) {
            Term::Unknown => None,
            Term::Value(Value::Hosts(_)) => {
                self.report_wrong_type(
                    expression.span,
                    "a set of hosts cannot stand in a text",
                    "count it, or name a field",
                );
                None
            }
            Term::Value(value) => Some(vec![Part::Text(value.to_string())]),
            // INVARIANT: a field comes from a fleet.
            Term::Field(field) => Some(vec![Part::Value(format!("host.{}", self.input.fleet?.field_name(field)))]),
            Term::Subject(name) => Some(vec![Part::Value(name.to_owned())]),
            Term::Template(parts) => Some(parts),
            Term::Host | Term::Groups | Term::Number(_) | Term::Condition(_) => {
                let message = "a text can hold a constant or a field, no sum or condition over fields";
                self.report_wrong_type(expression.span, message, "name one field, such as `{host.name}`");
                None
            }
        }
    }

    /// What grew once would grow again: one problem is enough for the whole expression.
    pub(super) fn report_too_long(&mut self, place: Span) {
        self.effort.steps_left = 0;
        if std::mem::replace(&mut self.effort.is_reported, true) {
            return;
        }
        let message = format!("this would be longer than {MAX_LENGTH}");
        self.report(Problem::error(Code::BAD_VALUE, message).label(place, "grows too long here"));
    }

    fn name(&mut self, name: &str, span: Span, scope: &Scope<'a>) -> Term {
        if let Some(term) = scope.binding(name) {
            return term.clone();
        }
        let of_let = if scope.in_function || scope.host != HostAccess::Bare { self.let_value(name) } else { None };
        if let Some(term) = of_let {
            return term;
        }
        if scope.host == HostAccess::Bare {
            match self.field_by_name(name) {
                Some(term) => return term,
                None if name == "host" => return Term::Host,
                None if name == "groups" => return Term::Groups,
                None => {}
            }
        }
        match self.let_value(name) {
            Some(term) => term,
            None => {
                self.report_name(name, span, scope);
                Term::Unknown
            }
        }
    }

    /// None where the fleet has no such field; unknown where there is no fleet to ask.
    fn field_by_name(&self, name: &str) -> Option<Term> {
        match self.input.fleet {
            Some(fleet) => fleet.field(name).map(Term::Field),
            None => (!self.names.lets.contains_key(name) && name != "host").then_some(Term::Unknown),
        }
    }

    fn report_name(&mut self, name: &str, span: Span, scope: &Scope<'a>) {
        // In a function's body the name itself is checked where the function is defined.
        let is_field = self.input.fleet.is_some_and(|fleet| fleet.field(name).is_some());
        if scope.in_function && !is_field {
            return;
        }
        if self.may_be_defined(name) || (self.input.fleet.is_none() && scope.host != HostAccess::None) {
            return;
        }
        if scope.host == HostAccess::Bare {
            self.report_unknown_field(name, span);
            return;
        }
        if is_field || name == "host" {
            let problem =
                Problem::error(Code::WRONG_TYPE, format!("`{name}` is a field of a host, and no host is meant here"));
            let problem = match scope.host {
                HostAccess::Named => problem.label(span, format!("write `host.{name}`")).fix(
                    format!("write `host.{name}`"),
                    span,
                    format!("host.{name}"),
                ),
                _ => problem.label(span, "whose?").help("fields belong into `hosts …`, `to …` and `where …`"),
            };
            self.report(problem);
            return;
        }
        let known: Vec<&str> =
            self.names.lets.keys().copied().chain(scope.bindings.iter().map(|(name, _)| *name)).collect();
        self.report_unknown_value_name(&Name { text: name.to_owned(), span }, &known);
    }

    /// A name that should be a value.
    pub(super) fn report_unknown_value_name(&mut self, name: &Name, known: &[&str]) {
        match self.names.functions.contains_key(name.text.as_str()) || crate::builtin::find(&name.text).is_some() {
            true => {
                let problem = Problem::error(Code::WRONG_TYPE, format!("`{}` is a function", name.text));
                self.report(problem.label(name.span, "call it").help(format!("write `{}(…)`", name.text)));
            }
            false => self.report_unknown(Sort::Let, name, known),
        }
    }

    pub(super) fn report_unknown_field(&mut self, name: &str, span: Span) {
        let Some(fleet) = self.input.fleet else { return };
        let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{name}`"));
        let fields = fleet.fields().map(|(_, field)| field);
        let problem = match nearest(name, fields.chain(self.names.lets.keys().copied())) {
            Some(near) => {
                let known_on = fleet.field(near).map(|field| fleet.len() - fleet.missing(field).len());
                let help = match known_on {
                    Some(hosts) => format!("did you mean `{near}` ({})?", super::host_problems::count(hosts)),
                    None => format!("did you mean `{near}`?"),
                };
                let label = "no such field";
                problem.label(span, label).help(help).fix(format!("write `{near}`"), span, near)
            }
            None => {
                let all: Vec<&str> = fleet.fields().map(|(_, field)| field).collect();
                let help = format!("the fields are {}", super::names::list(all.iter(), all.len()));
                problem.label(span, "no such field").help(help)
            }
        };
        self.report(problem);
    }

    /// `host.version`, `region.name`
    fn member_of(&mut self, base: &'a Expression, field: &Name, span: Span, scope: &Scope<'a>) -> Term {
        let ExpressionKind::Name(of) = &base.kind else {
            if !matches!(self.evaluate(base, scope), Term::Unknown) {
                self.report_wrong_type(span, "only a host has fields", "write `host.FIELD`");
            }
            return Term::Unknown;
        };
        if of == "host" && scope.host != HostAccess::None {
            return self.host_field(field);
        }
        let whole = format!("{of}.{}", field.text);
        if let Some(subject) = scope.subjects.iter().find(|subject| **subject == whole) {
            return Term::Subject(subject);
        }
        self.report_no_member(of, &whole, span, scope);
        Term::Unknown
    }

    fn host_field(&mut self, field: &Name) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        match fleet.field(&field.text) {
            Some(field) => Term::Field(field),
            None => {
                self.report_unknown_field(&field.text, field.span);
                Term::Unknown
            }
        }
    }

    fn report_no_member(&mut self, of: &str, whole: &str, span: Span, scope: &Scope<'a>) {
        let problem = match of {
            "host" => Problem::error(Code::WRONG_TYPE, format!("`{whole}` is of a host, and no host is meant here")),
            _ => Problem::error(Code::UNKNOWN_NAME, format!("there is no `{whole}` here")),
        };
        let is_elsewhere = super::command::STEP_SUBJECTS.contains(&whole);
        let mut known: Vec<&str> = scope.subjects.to_vec();
        if scope.host != HostAccess::None {
            known.insert(0, "host.name");
        }
        let problem = problem.label(span, "not known here");
        self.report(match (nearest(whole, known.iter().copied()), known.is_empty()) {
            (Some(near), _) if !is_elsewhere => {
                problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            (_, false) => problem.help(format!("known here are {}", super::names::list(known.iter(), known.len()))),
            (_, true) => problem,
        });
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
            self.report(
                Problem::error(Code::WRONG_TYPE, message).label(expression.span, format!("this is {}", value.kind())),
            );
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

pub(super) fn push_part(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Part::Text(text)) if text.is_empty() => {}
        (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
        (_, part) => parts.push(part),
    }
}

fn part_length(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Value(text) => text.len(),
    }
}
