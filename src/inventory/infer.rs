use crate::inventory::FieldType;
use crate::inventory::dictionary::{CellKind, Dictionary};
use crate::inventory::value::version_parts;

/// The type of a field, from its name and the distinct values that it has: the narrowest that holds them all.
///
/// A number is taken for one only where writing it again gives the same digits: `007` and `1.` stay text, since they are
/// more likely the name of something. A value that its format marks as text (in quotes, in JSON or YAML) stays text, except
/// where it is a version.
pub(crate) fn infer(name: &str, values: &Dictionary) -> FieldType {
    let all = |is: fn(CellKind, &str) -> bool| values.iter().all(|(code, text)| is(values.kind(code), text));
    if values.len() == 0 {
        return FieldType::Text;
    }
    if values.iter().any(|(code, _)| values.kind(code) == CellKind::List) {
        return FieldType::List;
    }
    if has_word_version(name) && all(is_version) {
        return FieldType::Version;
    }
    if all(|_, text| is_ipv4(text)) {
        return FieldType::Text;
    }
    if all(is_version) && values.iter().any(|(_, text)| has_two_dots(text)) {
        return FieldType::Version;
    }
    if all(is_integer) {
        FieldType::Integer
    } else if all(is_number) {
        FieldType::Number
    } else if all(is_bool) {
        FieldType::Bool
    } else {
        FieldType::Text
    }
}

fn is_version(kind: CellKind, text: &str) -> bool {
    kind != CellKind::Bool && version_parts(text).all(|part| part.is_some())
}

fn has_two_dots(text: &str) -> bool {
    text.bytes().filter(|&byte| byte == b'.').count() >= 2
}

/// `version`, `os_version`, `osVersion`, `Version installed`; not `conversion`.
fn has_word_version(name: &str) -> bool {
    name.match_indices(['v', 'V']).any(|(at, _)| {
        let word = name.get(at..at + "version".len()).is_some_and(|word| word.eq_ignore_ascii_case("version"));
        let before = name[..at].chars().next_back();
        let after = name[at..].chars().nth("version".len());
        let begins = before.is_none_or(|c| !c.is_alphabetic() || (c.is_lowercase() && name[at..].starts_with('V')));
        let ends = after.is_none_or(|c| !c.is_lowercase());
        word && begins && ends
    })
}

/// Four numbers up to 255: addresses read as versions, and there may be one for each host.
fn is_ipv4(text: &str) -> bool {
    let (mut dots, mut digits, mut number) = (0, 0, 0_u32);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < 3 => {
                digits += 1;
                number = number * 10 + u32::from(byte - b'0');
            }
            b'.' if digits > 0 => (dots, digits, number) = (dots + 1, 0, 0),
            _ => return false,
        }
        if number > 255 {
            return false;
        }
    }
    dots == 3 && digits > 0
}

fn is_integer(kind: CellKind, text: &str) -> bool {
    match kind {
        CellKind::Plain | CellKind::Integer => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_canonical = digits == text && digits == "0" || starts_with_one_to_nine(digits);
            is_canonical && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok()
        }
        _ => false,
    }
}

fn is_number(kind: CellKind, text: &str) -> bool {
    match kind {
        CellKind::Integer => is_integer(kind, text),
        CellKind::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        CellKind::Plain => is_integer(kind, text) || is_decimal(text),
        _ => false,
    }
}

/// `-36.85`, `0.5`, `1.5e-3`.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let Some((whole, fraction)) = digits.split_once('.') else { return false };
    let is_whole = whole == "0" || starts_with_one_to_nine(whole) && whole.bytes().all(|byte| byte.is_ascii_digit());
    is_whole
        && fraction.starts_with(|c: char| c.is_ascii_digit())
        && fraction.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'e' | b'E' | b'+' | b'-'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn starts_with_one_to_nine(digits: &str) -> bool {
    digits.starts_with(|c: char| ('1'..='9').contains(&c))
}

fn is_bool(kind: CellKind, text: &str) -> bool {
    match kind {
        CellKind::Bool => true,
        CellKind::Plain => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, kind: CellKind, values: &[&str]) -> FieldType {
        let mut dictionary = Dictionary::default();
        values.iter().for_each(|value| {
            dictionary.push(value, kind);
        });
        infer(name, &dictionary)
    }

    #[test]
    fn plain_values_are_what_they_read_as() {
        let plain = |name, values: &[&str]| of(name, CellKind::Plain, values);
        assert_eq!(plain("cores", &["2", "16", "-1", "0"]), FieldType::Integer);
        assert_eq!(plain("latitude", &["-36.85", "1", "0.5", "1.5e-3"]), FieldType::Number);
        assert_eq!(plain("critical", &["true", "FALSE"]), FieldType::Bool);
        assert_eq!(plain("country", &["NO", "YES"]), FieldType::Text);
        assert_eq!(plain("empty", &[]), FieldType::Text);
        assert_eq!(plain("mixed", &["2", "two"]), FieldType::Text);
        for odd in
            ["007", "+1", "1.", ".5", "1_0", "0x10", "nan", "inf", "1e999", "-0", " 1", "9223372036854775808", "١"]
        {
            assert_eq!(plain("rack", &[odd]), FieldType::Text, "{odd}");
        }
    }

    #[test]
    fn versions_are_told_by_name_or_by_dots() {
        let plain = |name, values: &[&str]| of(name, CellKind::Plain, values);
        assert_eq!(plain("os_version", &["5.2", "6.0", "10"]), FieldType::Version);
        assert_eq!(plain("kernel", &["5.2.1", "6.0"]), FieldType::Version);
        assert_eq!(plain("kernel", &["5.2", "6.0"]), FieldType::Number);
        assert_eq!(plain("version", &["2003", "XP"]), FieldType::Text);
        assert_eq!(plain("address", &["10.0.0.1", "10.0.0.2"]), FieldType::Text);
        assert_eq!(plain("address", &["10.0.0.1", "10.0.0"]), FieldType::Version);
        assert_eq!(of("os_version", CellKind::Text, &["5.2"]), FieldType::Version);
        for name in ["version", "Version", "os_version", "osVersion", "version-installed", "the version"] {
            assert!(has_word_version(name), "{name}");
        }
        for name in ["conversion", "versions", "subversion", "ver", "", "é-vérsion"] {
            assert!(!has_word_version(name), "{name}");
        }
    }

    #[test]
    fn marked_text_stays_text() {
        assert_eq!(of("cores", CellKind::Text, &["2"]), FieldType::Text);
        assert_eq!(of("on", CellKind::Text, &["true"]), FieldType::Text);
        assert_eq!(of("cores", CellKind::Integer, &["2"]), FieldType::Integer);
        assert_eq!(of("big", CellKind::Integer, &["99999999999999999999"]), FieldType::Text);
    }
}
