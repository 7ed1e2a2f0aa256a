use chrono::{NaiveDate, NaiveTime, Weekday};

use crate::source::Span;
use crate::syntax::ast::Name;
use crate::time::{Duration, Moment};

#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// Could not be read; its problem is reported. Has every type.
    Hole,
    Literal(Literal),
    Text(Text),
    /// A field of the host under test, a `let`, a region, a team … What it is depends on where it stands.
    Name(String),
    /// `host.name`, `package.install`
    Field {
        base: Box<Expression>,
        field: Name,
    },
    Call {
        function: Name,
        arguments: Vec<Expression>,
    },
    List(Vec<Expression>),
    /// `a..b`, both ends in it: numbers, dates, weekdays.
    Range {
        from: Box<Expression>,
        to: Box<Expression>,
    },
    Unary {
        operator: UnaryOperator,
        operand: Box<Expression>,
    },
    Binary {
        operator: BinaryOperator,
        operator_span: Span,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `cores is missing`, `cores is not missing`
    IsMissing {
        operand: Box<Expression>,
        negated: bool,
    },
    /// `patch-tuesday(2007-05) at 18:00 UTC`: a date at a local time in a zone (`UTC` or a name such as `Europe/Berlin`).
    AtTime {
        date: Box<Expression>,
        time: Box<Expression>,
        zone: Name,
    },
    /// `hosts`, `hosts where role == "mailbox"`
    Hosts {
        condition: Option<Box<Expression>>,
    },
    /// `count(hosts where …)`, `any(hosts where …)`, `all(x in [1, 2] where x > 0)`:
    /// for hosts, `all` says that every host meets the condition. `variable` is there with `in`.
    Quantified {
        quantifier: Quantifier,
        variable: Option<Name>,
        set: Box<Expression>,
        condition: Option<Box<Expression>>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `5`, `5.2`, `5.2.1` as written; whether it is a number or a version depends on where it stands.
    Number(String),
    Percent(f64),
    Duration(Duration),
    Time(NaiveTime),
    Date(NaiveDate),
    /// `2007-05`: the first of the month.
    Month(NaiveDate),
    /// `2007-05-08 17:00 UTC`
    Moment(Moment),
    Weekday(Weekday),
    Bool(bool),
}

/// `"…{expression}…"`, escapes resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub parts: Vec<TextPart>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TextPart {
    Literal { text: String, span: Span },
    Value(Expression),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    Not,
    Negate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Matches,
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    Any,
    All,
    Count,
}

impl Text {
    /// The text where no value is in it.
    pub fn constant(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Literal { text, .. } => Some(text.as_str()),
                TextPart::Value(_) => None,
            })
            .collect()
    }
}
