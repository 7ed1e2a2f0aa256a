//! `sunup test`: what passes, what fails and why, in every format; the lots of `for any`; coverage; watching.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the command runs it")]
#![cfg(feature = "cli")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const HOSTS: &str = "\
name,address,region,site,timezone,role,os
web-1,10.0.0.1,asia,tokyo,Asia/Tokyo,web,debian-12
web-2,10.0.0.2,asia,tokyo,Asia/Tokyo,web,debian-12
web-3,10.0.0.3,europe,berlin,Europe/Berlin,web,debian-12
web-4,10.0.0.4,europe,berlin,Europe/Berlin,web,debian-12
";

const SCRIPT: &str = r#"inventory "hosts.csv"
connect simulated
regions by region { window mon..sun 22:00-06:00  owner ops }
team ops { members "ada"  may everything }
service shop { hosts role == "web"  keep at least 3 up }
bulletin fix { package fix { install "put {host.name}"  uninstall "take {host.name}" } }
gate up per host { tcp host.address 443  within 5m }
runbook patch { step install { run package.install  undo package.uninstall  takes 20m  down } }
rollout may {
  apply fix with patch
  to    role == "web"
  start 2026-11-24 12:00 UTC
  guinea-pig first { hosts one per os  gate up }
  wave rest { regions following the sun  batch 1 per site  gate up }
  on gate failed { rollback batch  hold region  notify owner }
}
"#;

struct Place(TempDir);

impl Place {
    fn new(tests: &str) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("hosts.csv", HOSTS);
        place.write("a.sunup", &format!("{SCRIPT}{tests}"));
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
        command.arg("test").args(arguments).current_dir(self.0.path());
        command.env("SUNUP_STATE", self.0.path().join("state")).env("COLUMNS", "100").env_remove("TERM");
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

const TWO: &str = r#"
test "a failing Tokyo is undone" {
  given  gate up fails at site "tokyo"
  expect region asia held and host "web-1" rolled back
  expect service shop kept
  expect ops told
}
test "this is <wrong>" {
  given  gate up fails at site "tokyo"
  expect rollout done by 2026-11-26 00:00 UTC
  expect not service shop kept
}
"#;

#[test]
fn a_failed_expectation_shows_its_parts_and_the_story() {
    let (code, out, err) = Place::new(TWO).run(&["a.sunup"]);
    assert_eq!((code, err.as_str()), (1, ""));
    let wanted = "\
ok    a failing Tokyo is undone
FAIL  this is <wrong>  a.sunup:24
      a.sunup:26  expect rollout done by 2026-11-26 00:00 UTC
        not so at 2026-11-26 00:00Z; at the end of the story:
        rollout done: no
          web-1: rolled back since Tue 2026-11-24 22:45 +09:00
          web-2: not begun
          web-3: not begun
          web-4: not begun
      a.sunup:27  expect not service shop kept
        not service shop kept: no
      What happened (UTC):
        2026-11-24 12:00Z  Guinea pig first: 1 host
        2026-11-24 13:00Z    batch 1 of region asia (1 in all): 1 host begin: web-1
        2026-11-24 13:20Z    batch 1 of region asia: 1 done
        2026-11-24 13:25Z    gate up of web-1: FAIL (as given)
        2026-11-24 13:25Z    HOLD region asia: gate `up` failed at `web-1`
        2026-11-24 13:25Z    rule 1 of 1 fires
        2026-11-24 13:25Z    HOLD batch 1 of region asia: rolled back: gate `up` failed at `web-1`
        2026-11-24 13:25Z    HOLD region asia: rolled back: gate `up` failed at `web-1`
        2026-11-24 13:25Z    ROLLBACK of batch 1 of region asia: 1 host
        2026-11-24 13:25Z    ops is told of web-1: gate `up` failed at `web-1`
        2026-11-24 13:45Z    the rollback of batch 1 of region asia is through
        2026-11-24 13:45Z  The rollout is rolled back.

1 of 2 tests failed.
";
    assert_eq!(out, wanted);
}

#[test]
fn build_servers_get_the_same_in_their_formats() {
    let place = Place::new(TWO);
    let (code, out, _) = place.run(&["a.sunup", "--format", "tap"]);
    assert_eq!(code, 1);
    assert!(out.starts_with(
        "TAP version 14\n1..2\nok 1 - a failing Tokyo is undone\nnot ok 2 - this is <wrong>\n# a.sunup:26"
    ));
    let (_, out, _) = place.run(&["a.sunup", "--format", "junit"]);
    assert!(out.contains("<testsuite name=\"a.sunup\" tests=\"2\" failures=\"1\">"), "{out}");
    assert!(out.contains("name=\"this is &lt;wrong&gt;\" file=\"a.sunup\" line=\"24\">"), "{out}");
    assert!(out.contains("<failure message=\"expect rollout done by 2026-11-26 00:00 UTC\">"), "{out}");
    let (_, out, _) = place.run(&["a.sunup", "--format", "json", "--coverage"]);
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&shown["version"], &shown["passed"], &shown["failed"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(shown["tests"][1]["failures"][1]["expectation"], json!("expect not service shop kept"));
    let coverage = &shown["coverage"][0];
    assert_eq!((&coverage["met"], &coverage["all"]), (&json!(3), &json!(4)));
    assert_eq!(coverage["missed"], json!([{"file": "a.sunup", "line": 7, "what": "gate up never passes"}]));
    assert_eq!((&coverage["regions"], &coverage["sites"]), (&json!(["europe"]), &json!(["berlin"])));
}

#[test]
fn what_is_drawn_by_lot_is_shrunk_to_a_test_that_fails_by_itself() {
    let place = Place::new(
        "\ntest \"nobody fails\" { for any fleet of 2 to 4 hosts  for any 3 failures  expect rollout done }\n",
    );
    let (code, out, _) = place.run(&["a.sunup", "--format", "json"]);
    assert_eq!(code, 1);
    assert_eq!(out, place.run(&["a.sunup", "--format", "json"]).1, "the same seed draws the same");
    let shown: Value = serde_json::from_str(&out).unwrap();
    let smallest = shown["tests"][0]["smallest"].as_str().unwrap();
    // One thing that fails on one host is enough; the shop needs three others up.
    assert_eq!(smallest.matches("given").count(), 1, "{smallest}");
    assert_eq!(smallest.matches("\"web-").count(), 5, "{smallest}");
    place.write("b.sunup", &format!("{SCRIPT}{smallest}"));
    let (code, out, err) = place.run(&["b.sunup"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("FAIL  nobody fails: the smallest that fails"), "{out}");
}

#[test]
fn a_test_that_holds_passes_every_draw() {
    let place = Place::new("\ntest \"the shop stays\" { for any 3 failures  expect service shop kept }\n");
    let (code, out, err) = place.run(&["a.sunup", "--seed", "7"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "ok    the shop stays  (100 tries)\n\n1 test passed.\n", ""));
}

#[test]
fn the_flagships_tests_pass_and_notice_what_is_taken_out() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exchange-2007");
    let place = Place(tempfile::tempdir().unwrap());
    for name in ["rollout.sunup", "japan.sunup", "tests.sunup", "servers.csv", "freeze.ics"] {
        fs::copy(example.join(name), place.0.path().join(name)).unwrap();
    }
    assert_eq!(place.run(&["."]).0, 0);
    let script = fs::read_to_string(example.join("rollout.sunup")).unwrap();
    for (without, caught) in [
        ("rollback batch  hold region  notify owner", "a failing Sydney never reaches Singapore"),
        ("hold rollout  notify global", "two regions in trouble stop the world"),
        ("approve by global within 8h else hold", "nobody is there to approve"),
    ] {
        let with = if without.starts_with("approve") { "" } else { "hold host" };
        assert!(script.contains(without));
        place.write("rollout.sunup", &script.replace(without, with));
        let (code, out, err) = place.run(&["tests.sunup"]);
        assert_eq!(code, 1, "{without}: {out}{err}");
        assert!(out.contains(&format!("FAIL  {caught}")) || err.contains("error"), "{without}: {out}{err}");
    }
}

#[test]
fn what_cannot_be_tried_is_said() {
    let place = Place::new("");
    let (code, out, err) = place.run(&["a.sunup"]);
    assert_eq!((code, out.as_str()), (2, "0 tests passed.\n"));
    assert!(err.contains("There is no test to run"), "{err}");
    place.write("a.sunup", &format!("{SCRIPT}\ntest \"t\" {{ given gate upp fails  expect rollout done }}\n"));
    let (code, _, err) = place.run(&["a.sunup"]);
    assert_eq!(code, 1);
    assert!(err.contains("upp"), "{err}");
    assert_eq!(place.run(&["none.sunup"]).0, 1);
    assert_eq!(place.run(&[]).0, 2);
}

#[test]
fn a_change_runs_the_tests_again() {
    let place = Place::new("\ntest \"all goes well\" { expect rollout done }\n");
    let mut child =
        place.command(&["a.sunup", "--watch"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("all goes"))).unwrap().unwrap();
    assert_eq!(next(), "ok    all goes well");
    place.write("hosts.csv", &HOSTS.replace("web-4,10.0.0.4", "web-5,10.0.0.5"));
    assert_eq!(next(), "ok    all goes well");
    place.write("a.sunup", &format!("{SCRIPT}\ntest \"all goes badly\" {{ expect rollout rolled back }}\n"));
    assert!(next().starts_with("FAIL  all goes badly"));
    child.kill().unwrap();
    child.wait().unwrap();
}
