use crate::builtin::{Kind, Value, date};

/// A function of the language. Total: for arguments of the right kinds it gives a value, or says why there is none.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub gives: Kind,
    /// One sentence.
    pub documentation: &'static str,
    /// A call, and what it gives.
    pub example: (&'static str, &'static str),
    body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
}

/// The error says what is wrong with the arguments, in words for people.
pub(super) type Body = fn(&[Value]) -> Result<Value, String>;

impl Function {
    /// Calls it.
    ///
    /// # Errors
    /// The arguments are not as many or not of the kinds that the parameters say, or name nothing that exists.
    pub fn call(&self, arguments: &[Value]) -> Result<Value, String> {
        let kinds = arguments.iter().map(Value::kind);
        if !kinds.eq(self.parameters.iter().map(|parameter| parameter.kind)) {
            return Err(format!("`{}` takes {}", self.name, self.signature()));
        }
        (self.body)(arguments)
    }

    /// `nth-weekday(n, weekday, month)`
    pub fn signature(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name).collect();
        format!("{}({})", self.name, names.join(", "))
    }
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Every function, in the order of the documentation.
pub fn all() -> &'static [Function] {
    FUNCTIONS
}

const MONTH: Parameter = Parameter { name: "month", kind: Kind::Month };
const WEEKDAY: Parameter = Parameter { name: "weekday", kind: Kind::Weekday };
const DATE: Parameter = Parameter { name: "date", kind: Kind::Date };
const N: Parameter = Parameter { name: "n", kind: Kind::Number };

const FUNCTIONS: &[Function] = &[
    Function {
        name: "nth-weekday",
        parameters: &[N, WEEKDAY, MONTH],
        gives: Kind::Date,
        documentation: "the n-th such weekday of a month, counted from 1",
        example: ("nth-weekday(2, tue, 2007-05)", "2007-05-08"),
        body: date::nth_weekday,
    },
    Function {
        name: "last-weekday",
        parameters: &[WEEKDAY, MONTH],
        gives: Kind::Date,
        documentation: "the last such weekday of a month",
        example: ("last-weekday(fri, 2007-05)", "2007-05-25"),
        body: date::last_weekday,
    },
    Function {
        name: "first-day",
        parameters: &[MONTH],
        gives: Kind::Date,
        documentation: "the first day of a month",
        example: ("first-day(2007-05)", "2007-05-01"),
        body: date::first_day,
    },
    Function {
        name: "last-day",
        parameters: &[MONTH],
        gives: Kind::Date,
        documentation: "the last day of a month",
        example: ("last-day(2008-02)", "2008-02-29"),
        body: date::last_day,
    },
    Function {
        name: "month-of",
        parameters: &[DATE],
        gives: Kind::Month,
        documentation: "the month that a date is in",
        example: ("month-of(2007-05-08)", "2007-05"),
        body: date::month_of,
    },
    Function {
        name: "weekday-of",
        parameters: &[DATE],
        gives: Kind::Weekday,
        documentation: "the weekday that a date falls on",
        example: ("weekday-of(2007-05-08)", "tue"),
        body: date::weekday_of,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_wrong_arguments_are_refused() {
        for (idx, function) in all().iter().enumerate() {
            assert!(all()[..idx].iter().all(|other| other.name != function.name), "{}", function.name);
            assert!(function.call(&[]).unwrap_err().contains(&function.signature()));
            assert!(find(function.name).is_some());
        }
        assert!(find("shell").is_none());
    }
}
