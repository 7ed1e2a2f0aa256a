use chrono::{Datelike, Months, NaiveDate, Weekday};

use crate::builtin::{Number, Value};

pub(super) fn nth_weekday(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Number { number, .. }, Value::Weekday(weekday), Value::Month(first)] = arguments else {
        return Err(WRONG_KINDS.to_owned());
    };
    let nth = match number {
        Number::Integer(nth @ 1..=5) => *nth as u8,
        other => return Err(format!("there is no {other}. weekday of a month; count from 1 to 5")),
    };
    NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), *weekday, nth)
        .map(Value::Date)
        .ok_or_else(|| format!("{} has no {nth}th {}", first.format("%Y-%m"), day_name(*weekday)))
}

pub(super) fn last_weekday(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Weekday(weekday), Value::Month(first)] = arguments else { return Err(WRONG_KINDS.to_owned()) };
    let last = end_of_month(*first)?;
    let back = (7 + last.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
    last.checked_sub_days(chrono::Days::new(back.into())).map(Value::Date).ok_or_else(end_of_time)
}

pub(super) fn first_day(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Month(first)] = arguments else { return Err(WRONG_KINDS.to_owned()) };
    Ok(Value::Date(*first))
}

pub(super) fn last_day(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Month(first)] = arguments else { return Err(WRONG_KINDS.to_owned()) };
    end_of_month(*first).map(Value::Date)
}

pub(super) fn month_of(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Date(date)] = arguments else { return Err(WRONG_KINDS.to_owned()) };
    date.with_day(1).map(Value::Month).ok_or_else(end_of_time)
}

pub(super) fn weekday_of(arguments: &[Value]) -> Result<Value, String> {
    let [Value::Date(date)] = arguments else { return Err(WRONG_KINDS.to_owned()) };
    Ok(Value::Weekday(date.weekday()))
}

fn end_of_month(first: NaiveDate) -> Result<NaiveDate, String> {
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).ok_or_else(end_of_time)
}

fn day_name(weekday: Weekday) -> String {
    weekday.to_string().to_lowercase()
}

fn end_of_time() -> String {
    "there is no such date".to_owned()
}

const WRONG_KINDS: &str = "the arguments are of other types";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::find;
    use crate::time::parse_date;

    fn month(text: &str) -> Value {
        Value::Month(parse_date(&format!("{text}-01")).unwrap())
    }

    fn call(name: &str, arguments: &[Value]) -> Result<String, String> {
        find(name).unwrap().call(arguments).map(|value| value.to_string())
    }

    #[test]
    fn weekdays_of_a_month() {
        let tuesday = Value::Weekday(Weekday::Tue);
        let nth = |n, of| call("nth-weekday", &[Value::integer(n), tuesday.clone(), month(of)]);
        assert_eq!(nth(2, "2007-05"), Ok("2007-05-08".to_owned()));
        assert_eq!(nth(5, "2007-05"), Ok("2007-05-29".to_owned()));
        assert_eq!(nth(5, "2007-06"), Err("2007-06 has no 5th tue".to_owned()));
        assert!(nth(0, "2007-05").is_err() && nth(-1, "2007-05").is_err() && nth(6, "2007-05").is_err());
        for (weekday, last) in
            [(Weekday::Thu, "2007-05-31"), (Weekday::Fri, "2007-05-25"), (Weekday::Mon, "2007-05-28")]
        {
            assert_eq!(call("last-weekday", &[Value::Weekday(weekday), month("2007-05")]), Ok(last.to_owned()));
        }
    }

    #[test]
    fn ends_of_months_and_of_time() {
        assert_eq!(call("last-day", &[month("2008-02")]), Ok("2008-02-29".to_owned()));
        assert_eq!(call("first-day", &[month("2008-02")]), Ok("2008-02-01".to_owned()));
        let last_month = Value::Month(NaiveDate::MAX.with_day(1).unwrap());
        assert!(call("last-day", std::slice::from_ref(&last_month)).is_err());
        assert!(call("last-weekday", &[Value::Weekday(Weekday::Sun), last_month]).is_err());
        let date = Value::Date(parse_date("2007-05-08").unwrap());
        assert_eq!(call("month-of", std::slice::from_ref(&date)), Ok("2007-05".to_owned()));
        assert_eq!(call("weekday-of", &[date]), Ok("tue".to_owned()));
    }
}
