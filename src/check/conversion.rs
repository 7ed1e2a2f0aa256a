use crate::builtin::Value;
use crate::check::arithmetic::cell_of;
use crate::check::entry::Checker;
use crate::check::term::describe_type;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{self, FieldId, FieldType, Version};
use crate::source::Span;

impl Checker<'_> {
    /// A constant as a value of the field that it stands beside. A literal takes its type from the field; nothing else is
    /// converted, and what does not fit is a problem with its mend.
    pub(super) fn beside_field(&mut self, value: &Value, field: FieldId, place: Span) -> Option<inventory::Value> {
        let fleet = self.input.fleet?;
        let field_type = fleet.field_type(field);
        let found = convert(value, field_type);
        if found.is_none() {
            self.report_unfit(value, field, place);
        }
        found
    }

    fn report_unfit(&mut self, value: &Value, field: FieldId, place: Span) {
        let Some(fleet) = self.input.fleet else { return };
        let (name, field_type) = (fleet.field_name(field), fleet.field_type(field));
        let message = format!("the field `{name}` is {}, and this is {}", describe_type(field_type), value.kind());
        let problem = Problem::error(Code::WRONG_TYPE, message).label(place, format!("this is {}", value.kind()));
        let mend = match (field_type, value) {
            (FieldType::Text, Value::Number { .. } | Value::Version(_) | Value::Bool(_) | Value::Date(_)) => {
                Some(quoted(&value.to_string()))
            }
            (FieldType::Integer | FieldType::Number, Value::Text(text)) => {
                text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| text.clone())
            }
            (FieldType::Bool, Value::Text(text)) => text.parse::<bool>().ok().map(|truth| truth.to_string()),
            _ => None,
        };
        self.report(match (mend, field_type) {
            // A text that no host has would be wrong too.
            (Some(mend), FieldType::Text) if !self.is_value_of(field, value) => problem.help(format!("write `{mend}`")),
            (Some(mend), _) => problem.help(format!("write `{mend}`")).fix(format!("write `{mend}`"), place, mend),
            (None, FieldType::List) => problem.help(format!("ask whether the list holds a text: `\"…\" in {name}`")),
            (None, FieldType::Bool) => problem.help(format!("write `{name}` or `not {name}`")),
            (None, FieldType::Version) => problem.help("a version is dotted numbers, such as `6.5.7`"),
            (None, _) => problem,
        });
    }

    /// Whether a host has the text that a constant is written as.
    fn is_value_of(&self, field: FieldId, value: &Value) -> bool {
        let hosts = self.hosts_with(field, &inventory::Value::Text(value.to_string()));
        hosts.is_some_and(|hosts| !hosts.is_empty())
    }
}

fn convert(value: &Value, field_type: FieldType) -> Option<inventory::Value> {
    match (field_type, value) {
        (FieldType::Text, Value::Text(text)) => Some(inventory::Value::Text(text.clone())),
        (FieldType::Integer | FieldType::Number, Value::Number { number, .. }) => Some(cell_of(*number)),
        (FieldType::Bool, Value::Bool(truth)) => Some(inventory::Value::Bool(*truth)),
        (FieldType::Version, _) => version_of(value).map(inventory::Value::Version),
        _ => None,
    }
}

/// A version, or a literal that reads as one.
pub(super) fn version_of(value: &Value) -> Option<Version> {
    match value {
        Value::Version(version) => Some(version.clone()),
        Value::Text(text) => Version::parse(text),
        Value::Number { written: Some(written), .. } => Version::parse(written),
        Value::Number { number, .. } => Version::parse(&number.to_string()),
        _ => None,
    }
}

/// A text as it is written in a script.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '{' => out.push_str("\\{"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_the_script_reads_them() {
        assert_eq!(quoted(r#"a"b\c{d}"#), r#""a\"b\\c\{d}""#);
    }
}
