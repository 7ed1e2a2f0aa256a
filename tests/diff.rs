//! `sunup diff`: two scripts, plans, runs or inventories in files of their own, and what a person or a program reads.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the command runs it")]
#![cfg(feature = "cli")]

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

const HOSTS: &str = "\
name,address,region,site,timezone,role,os
web-1,10.0.0.1,chile,santiago,America/Santiago,web,debian-12
web-2,10.0.0.2,chile,santiago,America/Santiago,web,debian-12
web-3,10.0.0.3,europe,berlin,Europe/Berlin,web,debian-13
web-4,10.0.0.4,europe,berlin,Europe/Berlin,web,debian-13
";

const SCRIPT: &str = r#"
inventory "hosts.csv"
connect simulated
regions by region { window mon..sun 22:00-06:00 }
team ops { members "ada"  may everything }
bulletin fix { packages by os { install "put {host.name}"  uninstall "take {host.name}" } }
gate up per host { tcp host.address 443  within 5m }
runbook patch { step install { run package.install  undo package.uninstall  takes 20m  down } }
rollout may {
  apply fix with patch
  to    role == "web"
  start 2026-11-24 12:00 UTC
  guinea-pig first { hosts one per os  gate up }
  wave rest { batch 1 per site  gate up }
  on gate failed { hold region }
}
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

    /// The other script, with texts replaced.
    fn other(&self, changes: &[(&str, &str)]) {
        let script = changes.iter().fold(SCRIPT.to_owned(), |script, (from, to)| {
            assert!(script.contains(from), "{from}");
            script.replace(from, to)
        });
        self.write("b.sunup", &script);
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
        assert_eq!((code, out.as_str(), err.as_str()), (1, wanted, ""));
    }
}

#[test]
fn scripts_in_the_plans_terms() {
    let place = Place::new();
    place.other(&[
        ("takes 20m", "takes 30m  retry 2 every 1m"),
        ("hosts one per os  gate up", "hosts one per os  gate up  soak 2h"),
        ("{ hold region }", "{ hold region  notify ops }"),
        ("bulletin fix", "team night { members \"eve\"  may resume }\nbulletin fix"),
    ]);
    place.shows(
        &["diff", "a.sunup", "b.sunup"],
        "\
From a.sunup to b.sunup:

Hosts (4)
  1 host    begins 2h10m later in rest, region chile: web-2
  1 host    begins 2h10m later in rest, region europe: web-4

Rollout
  ends      2026-11-25 01:40Z at the earliest  →  2026-11-25 04:00Z at the earliest

Guinea-pig first
  soak      2h is new
  ends      2026-11-25 01:20Z at the earliest  →  2026-11-25 03:30Z at the earliest

Wave rest
  starts    2026-11-25 01:20Z  →  2026-11-25 03:30Z
  ends      2026-11-25 01:40Z at the earliest  →  2026-11-25 04:00Z at the earliest

Step install
  takes     20m  →  30m
  retry     2 every 1m is new

Rule on gate failed
  does      hold region  →  hold region, notify ops

Team night is new
  members   eve
  may       resume

Other files: script b.sunup, script a.sunup
",
    );
}

#[test]
fn windows_that_move_say_from_when_and_by_how_much() {
    let place = Place::new();
    place.other(&[(
        "regions by region { window mon..sun 22:00-06:00 }",
        "regions by region { window mon..sun 22:00-06:00 }\n\
         region chile { hosts region == \"chile\"  window mon..wed 22:00-06:00  window thu..sun 23:00-05:30 }",
    )]);
    let (code, out, _) = place.run(&["diff", "a.sunup", "b.sunup"]);
    assert_eq!(code, 1);
    let windows = "\
Windows
  chile (santiago) from 2026-11-26 on: opens 1h later, at 23:00 instead of 22:00; closes 30m sooner,
                   at 05:30 instead of 06:00
";
    assert!(out.contains(windows), "{out}");
    assert!(!out.contains("europe"), "{out}");
}

#[test]
fn hosts_that_go_come_or_move_and_the_same_for_programs() {
    let place = Place::new();
    place.write(
        "other.csv",
        &HOSTS
            .replace("web-1,", "web-5,")
            .replace("10.0.0.4", "10.0.0.44")
            .replace("web,debian-12\nweb-3", "web,debian-13\nweb-3"),
    );
    place.other(&[("hosts.csv", "other.csv"), ("{host.name}", "{host.address}")]);
    let (code, out, _) = place.run(&["diff", "a.sunup", "b.sunup", "--format", "json"]);
    assert_eq!(code, 1);
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&shown["version"], &shown["kind"], &shown["different"]), (&json!(1), &json!("plan"), &json!(true)));
    let hosts = shown["hosts"].as_array().unwrap();
    assert_eq!(hosts[0], json!({"change": "gone", "stage": "first", "hosts": ["web-1"]}));
    assert_eq!(hosts[1], json!({"change": "new", "stage": "first", "hosts": ["web-5"]}));
    let packages = hosts.iter().find(|one| one["change"] == "package").unwrap();
    assert_eq!((&packages["from"], &packages["to"]), (&json!("fix/debian-12"), &json!("fix/debian-13")));
}

#[test]
fn the_same_is_no_difference_whatever_it_is_called() {
    let place = Place::new();
    place.write("c.sunup", &format!("# A comment is no part of a plan.\n{SCRIPT}"));
    assert_eq!(place.run(&["diff", "a.sunup", "c.sunup"]).0, 0);
    assert_eq!(place.run(&["diff", "hosts.csv", "hosts.csv"]).0, 0);
    assert_eq!(place.run(&["plan", "a.sunup", "--save", "a.plan"]).0, 0);
    let (code, out, _) = place.run(&["diff", "a.plan", "a.sunup"]);
    assert_eq!((code, out.as_str()), (0, "No difference: a.plan and a.sunup give the same plan.\n"));
    // A run is compared with what would be planned today for its own start.
    assert_eq!(place.run(&["rehearse", "a.sunup"]).0, 0);
    let (code, out, err) = place.run(&["diff", "may-1", "a.sunup"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "No difference: may-1 and a.sunup give the same plan.\n", ""));
}

#[test]
fn inventories_by_field_and_value() {
    let place = Place::new();
    let other = "name,address,region,site,timezone,role,rack\n\
        web-1,10.0.0.1,chile,santiago,America/Santiago,web,1\n\
        web-2,10.0.0.2,chile,santiago,America/Santiago,db,1\n\
        web-3,10.0.0.3,europe,berlin,Europe/Berlin,,2\n\
        web-9,10.0.0.9,europe,\u{1b}[31mberlin,Europe/Berlin,web,2\n";
    place.write("other.csv", other);
    place.shows(
        &["diff", "hosts.csv", "other.csv"],
        "\
From hosts.csv to other.csv:

Hosts (4, then 4)
  1 host    gone: web-4
  1 host    new: web-9

Fields
  rack      new
  os        gone

role of 2 hosts
  1 host    web  →  db: web-2
  1 host    web  →  nothing: web-3
",
    );
    let (code, out, _) = place.run(&["diff", "hosts.csv", "other.csv", "--format", "json"]);
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &shown["kind"], &shown["gone"], &shown["new"]),
        (1, &json!("inventory"), &json!(["web-4"]), &json!(["web-9"]))
    );
    assert_eq!(shown["values"][1], json!({"field": "role", "before": "web", "after": null, "hosts": ["web-3"]}));
}

#[test]
fn what_cannot_be_compared_is_said_and_ends_with_two() {
    let place = Place::new();
    place.other(&[("takes 20m", "takes 20")]);
    for (arguments, wanted) in [
        (["a.sunup", "b.sunup"], "20 what?"),
        (["a.sunup", "hosts.csv"], "an inventory can only be compared with an inventory"),
        (["a.sunup", "c.sunup"], "cannot read"),
        (["a.sunup", "c.csv"], "there is no file `c.csv`"),
        (["may-7", "a.sunup"], "there is no run"),
    ] {
        let (code, out, err) = place.run(&["diff", arguments[0], arguments[1]]);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
}
