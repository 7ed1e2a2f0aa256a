use crate::inventory::reader::ansible::whole_number;
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::quoted;
use crate::inventory::reader::yaml::Kind;

/// What a YAML scalar means to Ansible, which reads YAML 1.1: `no` is false, `017` is fifteen, `22:22` is 1342 (sixties),
/// `1e3` is text. Or why it means nothing.
pub(crate) fn resolve(text: &str, is_plain: bool, kind: Kind) -> Result<Datum, String> {
    let refuse = |wanted: &str| Err(format!("{} is no {wanted}, as its tag says", quoted(text)));
    match kind {
        Kind::Untagged if is_plain => Ok(plain(text)),
        Kind::Untagged | Kind::Text => Ok(Datum::Text(text.to_owned())),
        Kind::Integer => integer(text).map_or_else(|| refuse("whole number"), Ok),
        Kind::Number => match float(text).or_else(|| text.replace('_', "").parse().ok()) {
            Some(number) => Ok(Datum::Number(number)),
            None => refuse("number"),
        },
        Kind::Bool => bool(&text.to_lowercase()).map_or_else(|| refuse("truth value"), |truth| Ok(Datum::Bool(truth))),
        Kind::Null => Ok(Datum::Null),
        Kind::Vault => Ok(Datum::Vault),
        Kind::Set => refuse("set"),
    }
}

/// Whether a plain scalar is the text that it is, told at a glance; false says nothing.
pub(crate) fn is_text_at_a_glance(text: &str) -> bool {
    let first = text.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') && (text.len() > 5 || plain(text).is_text())
}

fn plain(text: &str) -> Datum {
    match text.as_bytes().first() {
        None => Datum::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => numeric(text).unwrap_or_else(|| Datum::Text(text.to_owned())),
        Some(b'~' | b'n' | b'N') if matches!(text, "~" | "null" | "Null" | "NULL") => Datum::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') if has_one_case(text) => {
            bool(&text.to_lowercase()).map_or_else(|| Datum::Text(text.to_owned()), Datum::Bool)
        }
        _ => Datum::Text(text.to_owned()),
    }
}

/// `yes`, `Yes` and `YES` are words of YAML 1.1; `yEs` is none.
fn has_one_case(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or("");
    let is_lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    is_lower(rest) || text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn bool(lower: &str) -> Option<bool> {
    match lower {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn numeric(text: &str) -> Option<Datum> {
    float(text).map(Datum::Number).or_else(|| integer(text)).or_else(|| timestamp(text).map(Datum::Text))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn unsigned(text: &str) -> (bool, &str) {
    match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    }
}

fn float(text: &str) -> Option<f64> {
    let (is_negative, rest) = unsigned(text);
    let sign = if is_negative { -1.0 } else { 1.0 };
    match rest {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => return Some(f64::NAN),
        _ => {}
    }
    let (whole, fraction) = rest.split_once('.')?;
    if let Some((first, sixties)) = whole.split_once(':') {
        let number = sixties_of(first, sixties)? as f64;
        let fraction =
            is_digits(fraction).then(|| format!("0.{}0", fraction.replace('_', "")).parse::<f64>().ok())??;
        return Some(sign * (number + fraction));
    }
    let (digits, exponent) = fraction.split_once(['e', 'E']).map_or((fraction, None), |(d, e)| (d, Some(e)));
    let is_exponent = |text: &str| {
        text.strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let starts_well = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let has_parts = if whole.is_empty() { rest.len() == text.len() && starts_well(digits) } else { starts_well(whole) };
    (has_parts && is_digits(whole) && is_digits(digits) && exponent.is_none_or(is_exponent))
        .then(|| rest.replace('_', "").parse::<f64>().ok().map(|number| sign * number))?
}

fn integer(text: &str) -> Option<Datum> {
    let (is_negative, rest) = unsigned(text);
    let signed = |datum: Datum| match datum {
        Datum::Integer(number) if is_negative => Datum::Integer(-number),
        Datum::Digits(digits) if is_negative => Datum::Digits(format!("-{digits}")),
        other => other,
    };
    let radix = |digits: &str, radix| i64::from_str_radix(&digits.replace('_', ""), radix).ok().map(Datum::Integer);
    let is_unsigned = rest.starts_with(|c: char| c.is_ascii_digit());
    let datum = match rest.as_bytes() {
        _ if !is_unsigned => None,
        b"0" => Some(Datum::Integer(0)),
        [b'0', b'b', ..] => radix(&rest[2..], 2),
        [b'0', b'x', ..] => radix(&rest[2..], 16),
        [b'0', ..] => radix(&rest[1..], 8),
        _ if is_digits(rest) => Some(whole_number(&rest.replace('_', ""))),
        _ => rest.split_once(':').and_then(|(first, sixties)| sixties_of(first, sixties)).map(Datum::Integer),
    };
    datum.map(signed)
}

/// `22:22`: each part after the first has at most two digits and is below sixty.
fn sixties_of(first: &str, rest: &str) -> Option<i64> {
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !is_digits(first) {
        return None;
    }
    rest.split(':').try_fold(first.replace('_', "").parse().ok()?, |so_far: i64, part| {
        let number: i64 = part.parse().ok()?;
        let is_sixties = matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit()) && number < 60;
        is_sixties.then(|| so_far.checked_mul(60)?.checked_add(number))?
    })
}

/// A moment, written as Ansible's JSON writes it: `T` between date and time, six digits of a fraction, the offset as `+00:00`.
fn timestamp(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at..].trim_start_matches(['T', 't', ' ', '\t']))),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let widths = (year.len(), month.len(), day.len());
    let is_width = if time.is_some() { matches!(widths, (4, 1..=2, 1..=2)) } else { widths == (4, 2, 2) };
    let date = is_width.then(|| Some(format!("{:04}-{:02}-{:02}", number(year)?, number(month)?, number(day)?)))??;
    let Some(time) = time else { return Some(date) };
    let clock_end = time.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(time.len());
    let clock: Vec<&str> = time[..clock_end].split(':').collect();
    let [hour, minute, second] = clock.as_slice() else { return None };
    if !matches!((hour.len(), minute.len(), second.len()), (1..=2, 2, 2)) {
        return None;
    }
    let mut rest = &time[clock_end..];
    let mut fraction = String::new();
    if let Some(after) = rest.strip_prefix('.') {
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let digits = format!("{:0<6.6}", &after[..end]);
        fraction = if digits == "000000" { fraction } else { format!(".{digits}") };
        rest = &after[end..];
    }
    let offset = offset(rest.trim_start_matches([' ', '\t']))?;
    Some(format!("{date}T{:02}:{:02}:{:02}{fraction}{offset}", number(hour)?, number(minute)?, number(second)?))
}

fn offset(text: &str) -> Option<String> {
    match text {
        "" => return Some(String::new()),
        "Z" => return Some("+00:00".to_owned()),
        _ => {}
    }
    let (is_negative, rest) = unsigned(text);
    if rest.len() == text.len() {
        return None;
    }
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let is_number = |text: &str, widths: std::ops::RangeInclusive<usize>| {
        widths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let sign = if is_negative { '-' } else { '+' };
    (is_number(hours, 1..=2) && is_number(minutes, 2..=2)).then(|| format!("{sign}{hours:0>2}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line was seen with ansible-core 2.19.14.
    #[test]
    fn plain_scalars_mean_what_they_mean_to_ansible() {
        use Datum::{Bool, Integer, Null, Number};
        for (text, wanted) in [
            ("no", Bool(false)),
            ("Off", Bool(false)),
            ("TRUE", Bool(true)),
            ("22:22", Integer(1_342)),
            ("-22:22", Integer(-1_342)),
            ("190:20:30.15", Number(685_230.15)),
            ("017", Integer(15)),
            ("0_7", Integer(7)),
            ("00", Integer(0)),
            ("1_000", Integer(1_000)),
            ("1__0", Integer(10)),
            ("+5", Integer(5)),
            ("-0", Integer(0)),
            ("0x1F", Integer(31)),
            ("0b11", Integer(3)),
            ("12345678901234567890123", Datum::Digits("12345678901234567890123".to_owned())),
            (".5", Number(0.5)),
            ("1.", Number(1.0)),
            ("-1.0", Number(-1.0)),
            ("1.5e+3", Number(1_500.0)),
            ("1_0.5_5", Number(10.55)),
            ("685.230_15e+03", Number(685_230.15)),
            (".inf", Number(f64::INFINITY)),
            ("-.Inf", Number(f64::NEG_INFINITY)),
            ("~", Null),
            ("", Null),
            ("NULL", Null),
        ] {
            assert_eq!(plain(text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("2007-05-08", "2007-05-08"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.100000-05:00"),
            ("2001-12-14 21:59:43", "2001-12-14T21:59:43"),
            ("2001-12-14 21:59:43 Z", "2001-12-14T21:59:43+00:00"),
        ] {
            assert_eq!(plain(text), Datum::Text(wanted.to_owned()), "{text}");
        }
        let texts =
            "1e3 0o17 y N -.5 1.0e+2_0 1.5e3 08 1:99 yEs nUll +.nan 1-2 2007-5-8 0x 0b 1.2.3 - + . -- 10.0.0.1 n t";
        for text in texts.split(' ') {
            assert_eq!(plain(text), Datum::Text(text.to_owned()), "{text}");
        }
    }
}
