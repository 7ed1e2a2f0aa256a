//! `sunup why`: of a script, a saved plan and a run, and what a person or a program reads.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the command runs it")]
#![cfg(feature = "cli")]

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

const HOSTS: &str = "\
name,address,region,site,timezone,role,os
web-1,10.0.0.1,europe,berlin,Europe/Berlin,web,debian-12
web-2,10.0.0.2,europe,berlin,Europe/Berlin,web,debian-12
web-3,10.0.0.3,europe,berlin,Europe/Berlin,web,debian-12
db-1,10.0.0.4,europe,berlin,Europe/Berlin,db,debian-13
";

const SCRIPT: &str = r#"inventory "hosts.csv"
connect simulated
regions by region { window mon..sun 22:00-06:00 }
team ops { members "ada"  may everything }
service shop { hosts role == "web"  keep at least 2 up }
bulletin fix { package fix { install "put {host.name}"  uninstall "take {host.name}" } }
gate up per host { tcp host.address 443  within 5m }
runbook patch { step install { run package.install  undo package.uninstall  takes 20m  down } }
rollout may {
  apply fix with patch
  to    role == "web"
  start 2026-11-24 12:00 UTC
  guinea-pig first { hosts one per os  soak 2h  gate up }
  wave rest { batch 2 per site  gate up }
  on gate failed { hold region }
}
"#;

const WHY: &str = r#"web-3 in rollout may
  planned   Wed 2026-11-25 00:40 +01:00 to Wed 2026-11-25 01:00 +01:00
  UTC       2026-11-24 23:40Z to 2026-11-25 00:00Z

  target    `may` is for it: `to` selects 3 hosts
              a.sunup:11  to    role == "web"
  package   it gets `fix`, the one package of `fix` that is for it
              a.sunup:6  bulletin fix { package fix { install "put {host.name}"  uninstall "take {host.name}" } }
  region    it stands in the site `berlin` of the region `europe`
              a.sunup:3  regions by region { window mon..sun 22:00-06:00 }
  stage     `first` did not take it: `web-1` stands there for os `debian-12`
              a.sunup:13  guinea-pig first { hosts one per os  soak 2h  gate up }
            `rest` is stage 2 of 2, and takes all that are left
              a.sunup:14  wave rest { batch 2 per site  gate up }
  batch     it is changed alone, in batch 2 of 2 of the site `berlin`
              a.sunup:14  wave rest { batch 2 per site  gate up }
  budget    when batch 1 began, `shop` had none to spare: 1 of 3 may be down at once, since `at
            least 2 up` must be kept
              a.sunup:5  service shop { hosts role == "web"  keep at least 2 up }
              change:   it would go sooner with one more of `shop`, or with a smaller `keep`
  window    change is allowed there mon..sun 22:00-06:00, in Europe/Berlin: this one is open from
            Tue 2026-11-24 22:00 +01:00 to Wed 2026-11-25 06:00 +01:00
              a.sunup:3  regions by region { window mon..sun 22:00-06:00 }
  start     it begins at Wed 2026-11-25 00:40 +01:00, when batch 1 and its gates are through
  soak      stage `first` before it soaks for 2h
              a.sunup:13  guinea-pig first { hosts one per os  soak 2h  gate up }
              change:   a shorter soak of `first`
  gate      `up` must pass before what follows it begins
              a.sunup:7  gate up per host { tcp host.address 443  within 5m }
"#;

struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("hosts.csv", HOSTS);
        place.write("a.sunup", SCRIPT);
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
        command.args(arguments).current_dir(self.0.path());
        command.env("SUNUP_STATE", self.0.path().join("state")).env("COLUMNS", "100").env_remove("TERM");
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn shows(&self, arguments: &[&str], wanted: &str) {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, out.as_str(), err.as_str()), (0, wanted, ""));
    }
}

#[test]
fn every_reason_with_the_line_that_decided_it() {
    let place = Place::new();
    place.shows(&["why", "a.sunup", "web-3"], WHY);
}

#[test]
fn why_not_at_a_moment_and_when_next() {
    let place = Place::new();
    let now = |at: &str| {
        let (code, out, err) = place.run(&["why", "a.sunup", "web-3", "--at", at, "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let shown: Value = serde_json::from_str(&out).unwrap();
        let reasons = shown["now"].as_array().unwrap().iter();
        reasons
            .map(|one| format!("{}: {}", one["topic"].as_str().unwrap(), one["text"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let window = "window: no window is open there at that moment; the next window opens Tue 2026-11-24 22:00 +01:00";
    let next = "next: it begins at the earliest at Wed 2026-11-25 00:40 +01:00";
    let not_begun = "now: the rollout does not begin before Tue 2026-11-24 13:00 +01:00";
    assert_eq!(now("2026-11-24 10:00 UTC"), [not_begun, window, next]);
    let first = "stage: stage `first` comes before it, and its hosts are not all changed";
    assert_eq!(now("2026-11-24 18:00 UTC"), [first, window, next]);
    assert_eq!(now("2026-11-24 21:10 UTC"), [first, next]);
    assert_eq!(now("2026-11-24 22:00 UTC"), ["soak: stage `first` comes before it, and soaks for 2h", next]);
    let batch = "batch: batch 1 before it is not through its steps and gates";
    let budget = "budget: `shop` has none to spare: 1 of 3 are down, and `at least 2 up` must be kept";
    assert_eq!(now("2026-11-24 23:25 UTC"), [batch, budget, next]);
    let under_way = "now: it is being changed: step `install`, until Wed 2026-11-25 01:00 +01:00";
    assert_eq!(now("2026-11-24 23:45 UTC"), [under_way]);
    assert_eq!(now("2026-11-25 01:00 UTC"), ["now: it is done, since Wed 2026-11-25 01:00 +01:00"]);
}

#[test]
fn a_host_that_is_no_target_and_one_that_is_not_there() {
    let place = Place::new();
    place.shows(&["why", "a.sunup", "db-1"], "  target    `may` is not for it: `to` does not select it\n              a.sunup:11  to    role == \"web\"\n            its role is `db`\n");
    let (code, out, err) = place.run(&["why", "a.sunup", "web-4"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("there is no host `web-4` in the inventory") && err.contains("did you mean `web-"), "{err}");
}

#[test]
fn a_run_says_what_keeps_the_host_and_which_command_lets_it_go() {
    let place = Place::new();
    let (code, ..) = place.run(&["rehearse", "a.sunup", "--fail", "up@web-1"]);
    assert_eq!(code, 3);
    let (code, out, err) = place.run(&["why", "may-1", "web-3"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let now = "\
  now       it has not begun
            stage `first` comes before its own, and is not past its gates, soak and approval
            region europe is held: gate `up` failed at `web-1`
              change:   `sunup resume may-1 --region europe`
";
    assert!(out.contains(now), "{out}");
    // The host whose gate failed has been changed all the same.
    let (_, out, _) = place.run(&["why", "may-1", "web-1"]);
    assert!(out.contains("  now       it is done, since Tue 2026-11-24 22:20 +01:00\n"), "{out}");
}

#[test]
fn a_script_that_has_changed_shows_no_lines() {
    let place = Place::new();
    assert_eq!(place.run(&["plan", "a.sunup", "--save", "a.plan"]).0, 0);
    place.write("a.sunup", &SCRIPT.replace("takes 20m", "takes 25m"));
    let (code, out, err) = place.run(&["why", "a.plan", "web-3", "--format", "json"]);
    assert_eq!((code, err.as_str()), (0, "The script or what it names is another today: no lines of it are shown.\n"));
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&shown["stage"], &shown["target"], &shown["version"]), (&json!("rest"), &json!(true), &json!(1)));
    assert!(shown["reasons"].as_array().unwrap().iter().all(|reason| reason["place"].is_null()));
}
