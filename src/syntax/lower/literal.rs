use chrono::{NaiveDate, NaiveTime, Weekday};

use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{At, Budget, Literal};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::meant;
use crate::time::{Duration, Moment, parse_date, parse_moment, parse_time_of_day};

impl Lowering<'_> {
    /// None where it is no literal after all; its problem is reported.
    pub(super) fn literal(&mut self, pair: &Pair<'_>) -> Option<Literal> {
        let span = self.span(pair);
        Some(match pair.as_rule() {
            Rule::number => Literal::Number(self.slice(span).to_owned()),
            Rule::percent => Literal::Percent(self.percent(span)?),
            Rule::duration => Literal::Duration(self.duration_at(span)?),
            Rule::time => Literal::Time(self.time_at(span)?),
            Rule::date => Literal::Date(self.date(pair)?),
            Rule::month => Literal::Month(self.month(span)?),
            Rule::moment => Literal::Moment(self.moment(span)?),
            Rule::weekday => Literal::Weekday(self.weekday(pair)),
            Rule::boolean => Literal::Bool(self.slice(span) == "true"),
            Rule::zoneless_moment => {
                self.zoneless_moment(span);
                return None;
            }
            _ => {
                self.bad_literal(span, "a number, a duration, a time or a date");
                return None;
            }
        })
    }

    pub(super) fn duration(&mut self, pair: Pair<'_>) -> Option<At<Duration>> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::duration => Some(At { value: self.duration_at(span)?, span }),
            Rule::unitless => {
                self.unit_missing(span);
                None
            }
            _ => {
                let meant = meant::duration(self.slice(span));
                self.report(self.bad(span, "a duration, such as `90s`, `15m` or `1h30m`", meant));
                None
            }
        }
    }

    fn unit_missing(&mut self, span: Span) {
        let number = self.slice(span);
        if let Some((word, unit)) = self.spelled_unit(span) {
            let problem = Problem::error(Code::UNIT_MISSING, format!("write `{number}{unit}`"))
                .label(span.to(word), "a duration is one word")
                .help("units are `s`, `m`, `h`, `d` and `w`, directly behind their number")
                .fix(format!("write `{number}{unit}`"), span.to(word), format!("{number}{unit}"));
            self.report(problem);
            return;
        }
        let mut before = self.text[..span.start as usize].split_whitespace().rev();
        let units = match (before.next(), before.nth(1)) {
            (Some("every"), _) => [SECONDS, MINUTES, HOURS],
            // Of people more time is asked than of programs.
            (Some("within"), Some("by")) => [HOURS, DAYS, MINUTES],
            (Some("within" | "for" | "takes" | "timeout"), _) => [MINUTES, HOURS, SECONDS],
            (Some("deadline"), _) => [DAYS, HOURS, MINUTES],
            _ => [HOURS, MINUTES, DAYS],
        };
        let [(likely, _), ..] = units;
        let problem = Problem::error(Code::UNIT_MISSING, format!("{number} what? write `{number}{likely}`"))
            .label(span, "a duration has a unit")
            .help("units are `s`, `m`, `h`, `d` and `w`");
        let problem = units.iter().fold(problem, |problem, (unit, name)| {
            problem.fix(format!("{number} {name}"), span, format!("{number}{unit}"))
        });
        self.report(problem);
    }

    /// The word behind a number on its line that spells its unit, `12 hours`, and that unit.
    pub(super) fn spelled_unit(&self, number: Span) -> Option<(Span, &'static str)> {
        let rest = self.text.get(number.end as usize..)?;
        let from = rest.trim_start_matches([' ', '\t']);
        let length = from.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(from.len());
        let unit = meant::unit(from.get(..length)?)?;
        let start = number.end as usize + rest.len() - from.len();
        Some((Span::new(self.file, start, start + length), unit))
    }

    pub(super) fn count(&mut self, pair: Pair<'_>) -> Option<At<u64>> {
        let span = self.span(&pair);
        if pair.as_rule() != Rule::count {
            self.bad_literal(span, "a whole number");
            return None;
        }
        Some(At { value: self.whole(span)?, span })
    }

    pub(super) fn small_count(&mut self, pair: &Pair<'_>) -> Option<u32> {
        let span = self.span(pair);
        self.small(span, self.slice(span))
    }

    pub(super) fn ordinal(&mut self, pair: &Pair<'_>) -> Option<u32> {
        let span = self.span(pair);
        self.small(span, self.slice(span).trim_end_matches(|c: char| !c.is_ascii_digit()))
    }

    fn small(&mut self, span: Span, digits: &str) -> Option<u32> {
        let number = digits.parse().ok();
        if number.is_none() {
            self.too_large(span);
        }
        number
    }

    fn whole(&mut self, span: Span) -> Option<u64> {
        let number = self.slice(span).parse().ok();
        if number.is_none() {
            self.too_large(span);
        }
        number
    }

    fn too_large(&mut self, span: Span) {
        self.report(Problem::error(Code::BAD_LITERAL, "this number is too large").label(span, "no fleet has so many"));
    }

    /// `25%` or `4`.
    pub(super) fn budget(&mut self, pair: Pair<'_>) -> Option<At<Budget>> {
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::percent => Budget::Percent(self.percent(span)?),
            Rule::count => Budget::Hosts(self.whole(span)?),
            _ => {
                self.bad_literal(span, "a number of hosts, such as `4`, or a part of them, such as `25%`");
                return None;
            }
        };
        Some(At { value, span })
    }

    fn percent(&mut self, span: Span) -> Option<f64> {
        let written = self.slice(span);
        let percent = written.trim_end_matches('%').parse::<f64>().ok().filter(|percent| *percent <= 100.0);
        if percent.is_none() {
            let problem = Problem::error(Code::BAD_LITERAL, format!("`{}` is more than all", shortened(written)))
                .label(span, "a percentage goes from 0% to 100%");
            self.report(problem);
        }
        percent
    }

    fn duration_at(&mut self, span: Span) -> Option<Duration> {
        let written = self.slice(span);
        let duration = Duration::parse(written);
        if duration.is_none() {
            let problem = Problem::error(Code::BAD_LITERAL, format!("`{}` is no duration", shortened(written)))
                .label(span, "each unit at most once, from the largest to the smallest, a century in all")
                .help("units are `w`, `d`, `h`, `m` and `s`: write `1h30m`");
            self.report(problem);
        }
        duration
    }

    pub(super) fn time(&mut self, pair: &Pair<'_>) -> Option<At<NaiveTime>> {
        self.read_time(pair).map_err(|problem| self.report(*problem)).ok()
    }

    /// Two times of one sentence: whoever writes both as elsewhere has made one mistake.
    pub(super) fn two_times(&mut self, first: &Pair<'_>, second: &Pair<'_>) -> Option<(At<NaiveTime>, At<NaiveTime>)> {
        match (self.read_time(first), self.read_time(second)) {
            (Ok(first), Ok(second)) => Some((first, second)),
            (Err(first), Err(second)) => {
                self.report(together(*first, *second));
                None
            }
            (Err(problem), _) | (_, Err(problem)) => {
                self.report(*problem);
                None
            }
        }
    }

    fn read_time(&self, pair: &Pair<'_>) -> Result<At<NaiveTime>, Box<Problem>> {
        let span = self.span(pair);
        if pair.as_rule() != Rule::time {
            let meant = meant::time_of_day(self.slice(span));
            return Err(Box::new(self.bad(span, "a time of day, such as `22:00`", meant)));
        }
        Ok(At { value: self.time_of(span)?, span })
    }

    fn time_at(&mut self, span: Span) -> Option<NaiveTime> {
        self.time_of(span).map_err(|problem| self.report(*problem)).ok()
    }

    fn time_of(&self, span: Span) -> Result<NaiveTime, Box<Problem>> {
        let written = self.slice(span);
        // `5:00` is read as it is meant.
        let padded = if written.find(':') == Some(1) { format!("0{written}") } else { written.to_owned() };
        parse_time_of_day(&padded).ok_or_else(|| Box::new(no_such_time(written, span)))
    }

    pub(super) fn date(&mut self, pair: &Pair<'_>) -> Option<NaiveDate> {
        let span = self.span(pair);
        self.date_of(span, self.slice(span))
    }

    fn month(&mut self, span: Span) -> Option<NaiveDate> {
        let first = parse_date(&format!("{}-01", self.slice(span)));
        if first.is_none() {
            self.report(no_such_date("month", self.slice(span), span));
        }
        first
    }

    fn date_of(&mut self, span: Span, written: &str) -> Option<NaiveDate> {
        let date = parse_date(written);
        if date.is_none() {
            self.report(no_such_date("day", written, span));
        }
        date
    }

    fn moment(&mut self, span: Span) -> Option<Moment> {
        let written = self.slice(span);
        let words: Vec<&str> = written.split_ascii_whitespace().collect();
        let moment = parse_moment(&words.join(" "));
        if moment.is_none() {
            let (date, time) = match words[..] {
                [date, time, _] => (date, time),
                _ => written.split_once('T').unwrap_or((written, "")),
            };
            let problem = if parse_date(date).is_none() {
                no_such_date("day", date, span)
            } else if parse_time_of_day(time.trim_end_matches('Z')).is_none() {
                no_such_time(time, span)
            } else {
                let zone = words.last().copied().unwrap_or("");
                Problem::error(Code::BAD_LITERAL, format!("there is no zone `{}`", shortened(zone)))
                    .label(span, "this moment's zone is not known")
                    .help("write `UTC`, or the zone of a place, such as `Europe/Berlin`")
            };
            self.report(problem);
        }
        moment
    }

    fn zoneless_moment(&mut self, span: Span) {
        let end = self.place(span.end as usize);
        self.report(
            Problem::error(Code::BAD_LITERAL, "a moment needs its zone")
                .label(span, "where is it so late?")
                .help(format!("write `{} UTC`, or another zone", self.slice(span)))
                .fix("add `UTC`", end, " UTC"),
        );
    }

    pub(super) fn weekday(&self, pair: &Pair<'_>) -> Weekday {
        match self.written(pair) {
            "mon" => Weekday::Mon,
            "tue" => Weekday::Tue,
            "wed" => Weekday::Wed,
            "thu" => Weekday::Thu,
            "fri" => Weekday::Fri,
            "sat" => Weekday::Sat,
            _ => Weekday::Sun,
        }
    }

    /// Something that begins with a digit and is nothing we know.
    pub(super) fn bad_literal(&mut self, span: Span, expected: &str) {
        self.report(self.bad(span, expected, None));
    }

    fn bad(&self, span: Span, expected: &str, meant: Option<String>) -> Problem {
        let written = self.slice(span);
        let problem = Problem::error(Code::BAD_LITERAL, format!("`{}` cannot stand here", shortened(written)))
            .label(span, format!("expected {expected}"));
        match meant {
            Some(meant) => problem.help(format!("write `{meant}`")).fix(format!("write `{meant}`"), span, meant),
            None => problem,
        }
    }

    /// A place without width.
    pub(super) fn place(&self, at: usize) -> Span {
        Span::new(self.file, at, at)
    }
}

/// Two problems of the same kind in one sentence as one, with the mends of both where both have one.
fn together(first: Problem, second: Problem) -> Problem {
    let Problem { mut fixes, mut labels, help, .. } = second;
    let mut both = first;
    both.labels.append(&mut labels);
    both.help = match (both.help.take(), help) {
        (Some(one), Some(other)) if one != other => {
            Some(format!("{one}, and {}", other.strip_prefix("write ").unwrap_or(&other)))
        }
        (one, other) => one.or(other),
    };
    match (both.fixes.as_mut_slice(), fixes.as_mut_slice()) {
        ([one], [other]) => {
            if let Some(help) = &both.help {
                one.title.clone_from(help);
            }
            one.edits.append(&mut other.edits);
        }
        _ => both.fixes.clear(),
    }
    both
}

/// A unit and its name.
type Unit = (&'static str, &'static str);
const SECONDS: Unit = ("s", "seconds");
const MINUTES: Unit = ("m", "minutes");
const HOURS: Unit = ("h", "hours");
const DAYS: Unit = ("d", "days");

fn no_such_date(what: &str, written: &str, span: Span) -> Problem {
    Problem::error(Code::BAD_LITERAL, format!("there is no {what} `{written}`"))
        .label(span, "not in the calendar")
        .help("dates are written year, month, day: `2007-05-08`")
}

fn no_such_time(written: &str, span: Span) -> Problem {
    let problem = Problem::error(Code::BAD_LITERAL, format!("there is no time `{written}`"))
        .label(span, "a day goes from 00:00 to 23:59");
    match meant::time_of_day(written).filter(|_| written.starts_with("24")) {
        Some(meant) => problem.help(format!("a day ends where the next begins: write `{meant}`")).fix(
            format!("write `{meant}`"),
            span,
            meant,
        ),
        None => problem.help("times of day are written `05:00`, `22:30`"),
    }
}

/// Enough of a word to know it by.
pub(super) fn shortened(text: &str) -> String {
    const LENGTH: usize = 40;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
