use std::fmt;

use chrono::{NaiveDate, NaiveTime, Timelike, Weekday};

use crate::inventory::{HostSet, Version};
use crate::time::{Duration, Moment, show_utc};

/// What a constant expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `written` is the literal's own text: beside a version field `5.10` is a version, and no number can say that.
    Number {
        number: Number,
        written: Option<String>,
    },
    Percent(f64),
    Version(Version),
    Text(String),
    Bool(bool),
    Duration(Duration),
    Time(NaiveTime),
    Date(NaiveDate),
    /// The first of the month.
    Month(NaiveDate),
    Moment(Moment),
    Weekday(Weekday),
    List(Vec<Value>),
    /// Both ends are in it.
    Range(Box<Value>, Box<Value>),
    Hosts(HostSet),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Integer(i64),
    /// Always finite.
    Decimal(f64),
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Number,
    Percent,
    Version,
    Text,
    Bool,
    Duration,
    Time,
    Date,
    Month,
    Moment,
    Weekday,
    List,
    Range,
    Hosts,
}

impl Value {
    pub fn integer(number: i64) -> Value {
        Value::Number { number: Number::Integer(number), written: None }
    }

    /// None where the number is not finite.
    pub fn decimal(number: f64) -> Option<Value> {
        number.is_finite().then_some(Value::Number { number: Number::Decimal(number), written: None })
    }

    pub fn kind(&self) -> Kind {
        match self {
            Value::Number { .. } => Kind::Number,
            Value::Percent(_) => Kind::Percent,
            Value::Version(_) => Kind::Version,
            Value::Text(_) => Kind::Text,
            Value::Bool(_) => Kind::Bool,
            Value::Duration(_) => Kind::Duration,
            Value::Time(_) => Kind::Time,
            Value::Date(_) => Kind::Date,
            Value::Month(_) => Kind::Month,
            Value::Moment(_) => Kind::Moment,
            Value::Weekday(_) => Kind::Weekday,
            Value::List(_) => Kind::List,
            Value::Range(..) => Kind::Range,
            Value::Hosts(_) => Kind::Hosts,
        }
    }
}

impl Number {
    pub fn to_decimal(self) -> f64 {
        match self {
            Number::Integer(number) => number as f64,
            Number::Decimal(number) => number,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Integer(number) => write!(f, "{number}"),
            Number::Decimal(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for Value {
    /// As it goes into a command line or a message: a text without its quotes, a set of hosts as its size.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number { written: Some(written), .. } => f.write_str(written),
            Value::Number { number, .. } => write!(f, "{number}"),
            Value::Percent(percent) => write!(f, "{percent}%"),
            Value::Version(version) => f.write_str(&version.text),
            Value::Text(text) => f.write_str(text),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Duration(length) => write!(f, "{length}"),
            Value::Time(time) if time.second() == 0 => write!(f, "{}", time.format("%H:%M")),
            Value::Time(time) => write!(f, "{}", time.format("%H:%M:%S")),
            Value::Date(date) => write!(f, "{date}"),
            Value::Month(first) => write!(f, "{}", first.format("%Y-%m")),
            Value::Moment(moment) => f.write_str(&show_utc(*moment)),
            Value::Weekday(weekday) => f.write_str(&weekday.to_string().to_lowercase()),
            Value::List(values) => {
                let texts: Vec<String> = values.iter().map(Value::to_string).collect();
                f.write_str(&texts.join(","))
            }
            Value::Range(from, to) => write!(f, "{from}..{to}"),
            Value::Hosts(hosts) => write!(f, "{} hosts", hosts.len()),
        }
    }
}

impl fmt::Display for Kind {
    /// With its article: `a number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Number => "a number",
            Kind::Percent => "a percentage",
            Kind::Version => "a version",
            Kind::Text => "a text",
            Kind::Bool => "a truth value",
            Kind::Duration => "a duration",
            Kind::Time => "a time of day",
            Kind::Date => "a date",
            Kind::Month => "a month",
            Kind::Moment => "a moment",
            Kind::Weekday => "a weekday",
            Kind::List => "a list",
            Kind::Range => "a range",
            Kind::Hosts => "a set of hosts",
        })
    }
}
