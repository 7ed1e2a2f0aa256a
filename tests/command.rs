//! The command from outside: real processes, real files, exit codes, and what a person reads.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the command runs it")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A copy of an example in a folder of its own, with a state folder beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn empty() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    fn of_example(name: &str) -> Place {
        let place = Place::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name), place.folder.path());
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn sunup(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("SUNUP_STATE", self.state()).env("COLUMNS", "100").env_remove("TERM");
        Ran::of(command.output().unwrap())
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Ran {
        assert!(self.out.contains(words) || self.err.contains(words), "no `{words}` in\n{}\n{}", self.out, self.err);
        self
    }
}

#[test]
fn a_rollout_is_simulated_by_chance() {
    let place = Place::of_example("exchange-2007");
    let script = place.read("rollout.sunup").replace("12m to 20m", "15m to 40m  fails 2%");
    place.write("rollout.sunup", &script);
    let few = ["simulate", "rollout.sunup", "--runs", "50", "--seed", "3"];
    let once = place.sunup(&few).ends(0).says("50 runs, seed 3").says("install 15m to 40m, fails 2.0%");
    assert_eq!(once.out, place.sunup(&few).out);

    // What a test gives, given to every run.
    let sydney = "gate mailflow fails at site \"sydney\"";
    let given = |sentence: &str| place.sunup(&["simulate", "rollout.sunup", "--runs", "9", "--given", sentence]);
    given(sydney)
        .ends(0)
        .says("  given     gate mailflow fails at site \"sydney\"")
        .says("complete                 0   0.0%");
    given("gate mailfow fails").ends(1).says("did you mean `mailflow`?");
    given("nonsense } {").ends(1);
    place.sunup(&["plan", "rollout.sunup", "--save", "may.plan"]).ends(0);
    place.sunup(&["simulate", "may.plan", "--given", sydney]).ends(1).says("knows no fleet");

    // A saved plan, and a run with what it shows.
    place.sunup(&["plan", "rollout.sunup", "--save", "may.plan"]).ends(0);
    let json = place.sunup(&["simulate", "may.plan", "--runs", "5", "--format", "json"]).ends(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["version"], &json["runs"]), (&1.into(), &5.into()));
    place.sunup(&["simulate", "may.plan", "--at", "2007-05-09 18:00 UTC"]).ends(1).says("a saved plan has its rollout");
    place.sunup(&["simulate", "no-such-run"]).ends(1).says("there is no file and no run `no-such-run`");
    place.sunup(&["rehearse", "rollout.sunup", "--simulated"]).ends(0);
    place
        .sunup(&["simulate", "exchange-may-1", "--fit", "exchange-may-1"])
        .ends(0)
        .says("install 40m (from 36 attempts)")
        .says("Nothing is left to chance");
    place.sunup(&["rehearse", "rollout.sunup", "--simulated", "--fail", "mailflow@sydney"]).ends(3);
    place
        .sunup(&["simulate", "exchange-may-2"])
        .ends(0)
        .says("on, where exchange-may-2 stands")
        .says("held, for people to act");
    place.sunup(&["simulate", "no-such-run"]).ends(1).says("there is no run `no-such-run`");
    place.sunup(&["simulate", "no-such.sunup"]).ends(1).says("no-such.sunup");
    place.sunup(&["simulate", "rollout.sunup", "--runs", "0"]).ends(2);
}

#[test]
fn the_flagship_is_rehearsed_and_every_host_shows_it() {
    let place = Place::of_example("exchange-2007");
    let ran = place.sunup(&["rehearse", "rollout.sunup"]).ends(0).says("The rollout is complete.");
    assert!(ran.err.contains("own commands are started on this machine"), "{}", ran.err);
    let ran = place.sunup(&["rehearse", "rollout.sunup", "--simulated"]).ends(0);
    assert!(!ran.err.contains("own commands are started"), "{}", ran.err);
    let hosts: Vec<PathBuf> = files_in(&place.folder.path().join("fleet"));
    assert_eq!(hosts.len(), 36);
    for host in hosts {
        let text = fs::read_to_string(&host).unwrap();
        assert!(
            text.contains("installed exchange-20") && text.contains("service running"),
            "{}: {text}",
            host.display()
        );
        let done: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("history ")).collect();
        assert_eq!(done.len(), 4, "{}: {done:?}", host.display());
    }
    place.sunup(&["status", "exchange-may-1"]).ends(0).says("36 hosts: 36 done");
}

#[test]
fn a_gate_that_fails_is_undone_and_holds_its_region() {
    let place = Place::of_example("exchange-2007");
    place.sunup(&["rehearse", "rollout.sunup", "--fail", "mailflow@sydney"]).ends(3).says("The rollout is held");
    let undone = place.read("fleet/exc-syd-01");
    assert!(undone.contains("installed -") && undone.contains("service running"), "{undone}");
    assert!(undone.contains("history uninstall"), "{undone}");
    assert!(!place.folder.path().join("fleet/exc-tyo-01").exists(), "no wave begins behind a guinea pig that failed");
    let status = place.sunup(&["status"]).ends(0).says("gate `mailflow` failed at `exc-syd-01`");
    assert!(status.out.contains("australia      HELD"), "{}", status.out);
}

#[test]
fn a_step_that_fails_is_undone_where_a_rule_says_so() {
    let place = Place::of_example("exchange-2007");
    place.sunup(&["rehearse", "rollout.sunup", "--fail", "install@exc-akl-01"]).ends(3).says("rolled back");
    place.sunup(&["status"]).ends(0).says("more than 2% failed in region `australia`");
    assert!(place.read("fleet/exc-per-01").contains("installed -"), "the region is undone, the host before it too");
}

#[test]
fn a_step_that_fails_leaves_its_host_to_a_person_where_no_rule_does() {
    let place = Place::of_example("linux-kernel");
    let fail = ["--fail", "reboot@web07.syd.example.com"];
    place.sunup(&[&["rehearse", "rollout.sunup"][..], &fail[..]].concat());
    let status = place.sunup(&["status"]).ends(0).says("web07.syd.example.com: failed in step reboot");
    assert!(status.out.contains("sunup settle"), "{}", status.out);
}

#[test]
fn a_held_rehearsal_goes_on_and_is_rolled_back() {
    let place = Place::of_example("exchange-2007");
    place.sunup(&["rehearse", "rollout.sunup", "--fail", "mailflow@sydney"]).ends(3);
    place.sunup(&["rollback"]).ends(0).says("`sunup resume exchange-may-1` does");
    place.sunup(&["resume"]).ends(3).says("The rollout is rolled back.");
    for host in files_in(&place.folder.path().join("fleet")) {
        let text = fs::read_to_string(&host).unwrap();
        assert!(text.contains("installed -") && text.contains("service running"), "{}: {text}", host.display());
    }
}

const WRONG: &str =
    "use \"gates.sunup\"\ninventory \"hosts.csv\"\nservice shop { hosts rloe == \"wbe\"  keep at least 1 up }\n";

/// A script with two slips, of which one is seen once the other is mended, and a module with one.
fn wrong_script() -> Place {
    let place = Place::empty();
    place.write("hosts.csv", "name,role\na,web\nb,web\n");
    place.write("gates.sunup", "gate up per host { rn \"true\"  every 30s within 1h }\n");
    place.write("may.sunup", WRONG);
    place
}

#[test]
fn fixes_are_applied_until_none_is_left_in_modules_too() {
    let place = wrong_script();
    place.sunup(&["check", "may.sunup"]).ends(1);
    let ran = place.sunup(&["check", "--fix", "may.sunup"]).ends(0);
    for line in [
        "mended may.sunup:3:22: E0204: write `role`",
        "mended gates.sunup:1:20: E0102: write `run`",
        "mended may.sunup:3:30: E0205: write `\"web\"`",
    ] {
        assert!(ran.err.contains(line), "no `{line}` in {}", ran.err);
    }
    assert_eq!(place.read("may.sunup"), WRONG.replace("rloe", "role").replace("wbe", "web"));
    assert!(place.read("gates.sunup").contains("{ run "));
    // Nothing is left to do, and nothing is done.
    let ran = place.sunup(&["check", "--fix", "may.sunup", "--format", "json"]).ends(0);
    assert!(!ran.err.contains("mended") && ran.out.starts_with("{\"version\":1"), "{}{}", ran.err, ran.out);
}

#[test]
fn a_diff_of_fixes_changes_nothing_and_can_be_applied() {
    let place = wrong_script();
    let ran = place.sunup(&["check", "--diff", "may.sunup"]).ends(1).says("would make 3 mends in 2 files");
    assert_eq!(place.read("may.sunup"), WRONG);
    let hunk = "--- a/may.sunup\n+++ b/may.sunup\n@@ -1,3 +1,3 @@\n use \"gates.sunup\"\n inventory \"hosts.csv\"\n\
                -service shop { hosts rloe == \"wbe\"  keep at least 1 up }\n\
                +service shop { hosts role == \"web\"  keep at least 1 up }\n";
    assert!(ran.out.contains(hunk) && ran.out.contains("+++ b/gates.sunup"), "{}", ran.out);
    let quiet = place.sunup(&["check", "--diff", "--fix", "--quiet", "may.sunup"]).ends(1);
    assert_eq!((quiet.out, quiet.err.as_str()), (ran.out, ""));
    place.sunup(&["check", "--diff", "--format", "json", "may.sunup"]).ends(2);
    // Where nothing is to be mended, nothing is printed, and the exit code is that of the check.
    place.sunup(&["check", "--fix", "may.sunup"]).ends(0);
    let ran = place.sunup(&["check", "--diff", "may.sunup"]).ends(0);
    assert_eq!(ran.out, "");
}

#[test]
fn what_no_fix_mends_is_told_and_what_cannot_be_written_stays() {
    let place = wrong_script();
    place.write(
        "gates.sunup",
        "gate up per host { rn \"true\"  every 30s within 1h }\ngate up per host { run \"x\" }\n",
    );
    fs::set_permissions(place.folder.path().join("may.sunup"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = place.sunup(&["check", "--fix", "may.sunup"]).ends(1).says("cannot write `may.sunup`: it is read-only");
    assert_eq!(place.read("may.sunup"), WRONG);
    assert!(place.read("gates.sunup").contains("{ run \"true\""), "the other file is mended all the same");
    assert!(ran.err.contains("mended gates.sunup") && !ran.err.contains("mended may.sunup"), "{}", ran.err);
    assert!(ran.out.contains("E0202") && ran.out.contains("E0204") && !ran.out.contains("E0102"), "{}", ran.out);
}

#[test]
fn fixes_follow_links_and_keep_what_a_file_is() {
    let place = wrong_script();
    let at = |name: &str| place.folder.path().join(name);
    place.write("real.txt", &format!("\u{feff}{}", WRONG.replace('\n', "\r\n")));
    fs::remove_file(at("may.sunup")).unwrap();
    std::os::unix::fs::symlink("real.txt", at("may.sunup")).unwrap();
    fs::set_permissions(at("real.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    place.sunup(&["check", "--fix", "may.sunup"]).ends(0);
    assert!(at("may.sunup").is_symlink());
    assert_eq!(fs::metadata(at("real.txt")).unwrap().permissions().mode() & 0o777, 0o640);
    let mended = format!("\u{feff}{}", WRONG.replace("rloe", "role").replace("wbe", "web").replace('\n', "\r\n"));
    assert_eq!(place.read("real.txt"), mended);
}

#[test]
fn plans_are_the_same_byte_for_byte_and_are_saved_and_guarded() {
    let place = Place::of_example("exchange-2007");
    let first = place.sunup(&["plan", "rollout.sunup", "--hosts"]).ends(0);
    let second = place.sunup(&["plan", "rollout.sunup", "--hosts"]).ends(0);
    assert_eq!(first.out, second.out);
    assert!(first.out.contains("exc-syd-01"), "{}", first.out);
    place.sunup(&["plan", "rollout.sunup", "--save", "may.plan"]).ends(0);

    let servers = place.read("servers.csv");
    place.write("servers.csv", &servers.replace("exc-tyo-02", "exc-tyo-03"));
    place.sunup(&["run", "may.plan"]).ends(1).says("E0902").says("inventory `servers.csv`");
    assert!(!place.folder.path().join("fleet").exists(), "nothing may start");

    place.write("may.plan", "{\"format\": \"sunup plan\", \"version\": 99}");
    place.sunup(&["run", "may.plan"]).ends(1).says("E0902");
}

/// A rollout that runs at once: two hosts, a step that leaves a file, no window.
const SMALL: &str = r#"inventory "h.csv"
connect local { path "tools" }
team ops { members "nobody-here"  may everything }
bulletin b { package p { install "leave {host.name}" } }
runbook k { step s { run package.install  needs no undo  takes 1s } }
gate up per batch { run "true"  every 1s }
rollout r { apply b with k  to name matches "*"  guinea-pig one { hosts 1  gate up }  wave rest { gate up } }
"#;

fn small() -> Place {
    let place = Place::empty();
    place.write("h.csv", "name\na\nb\n");
    place.write("r.sunup", SMALL);
    fs::create_dir(place.folder.path().join("tools")).unwrap();
    place.write("tools/leave", "#!/bin/sh\necho was here > \"left-$1\"\n");
    let tool = place.folder.path().join("tools/leave");
    fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
    place
}

#[test]
fn a_saved_plan_runs_from_any_folder_and_only_as_it_was_saved() {
    let place = small();
    place.sunup(&["plan", "r.sunup", "--save", "p.plan"]).ends(0);
    let saved = place.read("p.plan");
    let edited = saved.replace("\"leave\"", "\"reboot\"");
    assert_ne!(saved, edited);
    place.write("p.plan", &edited);
    place.sunup(&["run", "p.plan"]).ends(1).says("E0902").says("changed after it was saved");
    assert!(!place.folder.path().join("left-a").exists(), "nothing may start");

    place.write("p.plan", &saved);
    let folder = place.folder.path().file_name().unwrap().to_str().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
    command.args(["run", &format!("{folder}/p.plan")]).current_dir(place.folder.path().parent().unwrap());
    command.env("SUNUP_STATE", place.state());
    Ran::of(command.output().unwrap()).ends(0).says("The rollout is complete.");
    assert!(place.folder.path().join("left-a").exists() && place.folder.path().join("left-b").exists());
}

#[test]
fn modules_that_use_each_other_are_read_once_by_whatever_path() {
    let place = small();
    fs::create_dir(place.folder.path().join("d")).unwrap();
    place.write("d/m.sunup", "use \"../d/m.sunup\"\nuse \"../r.sunup\"\nlet unused = 1\n");
    place.write("r.sunup", &format!("use \"d/m.sunup\"\n{SMALL}"));
    place.sunup(&["check", "r.sunup"]).ends(0).says("No problems");
}

#[test]
fn a_pipe_is_not_waited_for_and_a_device_not_read() {
    let place = small();
    assert!(Command::new("mkfifo").arg(place.folder.path().join("pipe")).status().unwrap().success());
    place.sunup(&["check", "pipe"]).ends(1).says("it is no regular file");
    place.sunup(&["check", "/dev/zero"]).ends(1).says("it is no regular file");
    place.sunup(&["run", "pipe"]).ends(1).says("it is no regular file");
    place.sunup(&["inventory", "pipe"]).ends(1).says("it is no regular file");
    place.write("p.sunup", &SMALL.replace("h.csv", "pipe"));
    place.sunup(&["check", "p.sunup"]).ends(1).says("it is no regular file");
}

#[test]
fn an_inventory_that_cannot_be_read_is_one_problem() {
    let place = small();
    for inventories in ["\"missing.csv\", \"h.csv\"", "\"h.csv\", \"missing.csv\""] {
        place.write("two.sunup", &SMALL.replace("\"h.csv\"", inventories).replace("name matches", "role matches"));
        let ran = place.sunup(&["check", "two.sunup", "--format", "short"]).ends(1).says("E0301");
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    }
}

#[test]
fn to_look_makes_no_state_folder() {
    let place = small();
    for arguments in [&["status"][..], &["resume"], &["approve"], &["hold"], &["rollback"], &["settle", "a", "done"]] {
        place.sunup(arguments).ends(1).says("E0906");
    }
    assert!(!place.state().exists());
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let place = Place::empty();
    place.sunup(&[]).ends(2).says("Usage");
    place.sunup(&["chek"]).ends(2).says("check");
    place.sunup(&["plan"]).ends(2).says("<FILE>");
    place.sunup(&["plan", "x.sunup", "--at", "tomorrow"]).ends(2).says("2007-05-08 18:00 UTC");
    place.sunup(&["rehearse", "x.sunup", "--nonsense"]).ends(2).says("--nonsense");
    place.sunup(&["explain", "E9999"]).ends(2).says("there is no code");
    place.sunup(&["--help"]).ends(0).says("rehearse");
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let place = Place::empty();
    place.sunup(&["check", "nope.sunup"]).ends(1).says("nope.sunup").says("E0901");
    place.sunup(&["check", "."]).ends(1).says("it is a folder");
    fs::write(place.folder.path().join("latin.sunup"), b"# caf\xe9\n").unwrap();
    place.sunup(&["check", "latin.sunup"]).ends(1).says("line 1 is not UTF-8");
    place.write("r.sunup", "inventory \"missing.csv\"\n");
    place.sunup(&["check", "r.sunup"]).ends(1).says("E0301").says("missing.csv");
    place.sunup(&["inventory", "missing.csv"]).ends(1).says("missing.csv");
    place.sunup(&["status"]).ends(1).says("there is no run");
    place.sunup(&["resume", "may-7"]).ends(1);
    place.sunup(&["status", "--state", "r.sunup"]).ends(1).says("E0904");
}

#[test]
fn a_million_open_braces_are_one_problem() {
    let place = Place::empty();
    place.write("deep.sunup", &"{".repeat(1_000_000));
    let ran = place.sunup(&["check", "deep.sunup"]).ends(1).says("E0104");
    assert!(ran.out.len() < 5_000, "{}", ran.out.len());
}

#[test]
fn every_mistake_comes_at_once_and_in_every_format() {
    let place = Place::of_example("exchange-2007");
    let script = place.read("rollout.sunup");
    let script = script
        .replace("product == \"exchange\" {", "product == \"exchnage\" {")
        .replace("4h", "4")
        .replace("per cluster", "per clustr");
    place.write("bad.sunup", &script);
    let fancy = place.sunup(&["check", "bad.sunup"]).ends(1);
    for code in ["E0205", "E0107", "E0204"] {
        assert!(fancy.out.contains(code), "no {code} in\n{}", fancy.out);
    }
    let short = place.sunup(&["check", "bad.sunup", "--format", "short"]).ends(1);
    let json = place.sunup(&["check", "bad.sunup", "--format", "json"]).ends(1);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["problems"].as_array().unwrap().len(), short.out.lines().count());
    place.sunup(&["check", "bad.sunup", "--format", "plain"]).ends(1).says("did you mean");
    place.sunup(&["plan", "bad.sunup"]).ends(1).says("nothing was started");
    place.sunup(&["rehearse", "bad.sunup"]).ends(1).says("nothing was started");
    assert!(!place.state().exists(), "nothing may start");
}

#[test]
fn hostile_values_of_an_inventory_stay_values() {
    let place = Place::empty();
    let hostile =
        ["\u{1b}]0;x\u{7}", "$(touch pwned)", "`touch pwned`", "{{7919*7907}}", "'; touch pwned; '", "a b\"c", "%s%n"];
    let rows: String = hostile
        .iter()
        .enumerate()
        .map(|(idx, value)| format!("h-{idx},\"{}\"\n", value.replace('"', "\"\"")))
        .collect();
    place.write("h.csv", &format!("name,note\n{rows}"));
    place.write(
        "r.sunup",
        r#"inventory "h.csv"
           connect local
           regions by name { }
           bulletin b { package p { install "printf %s {host.note}" } }
           runbook k { step say { run package.install  needs no undo } }
           rollout r { apply b with k  to name matches "h-*"  wave all { gate seen } }
           gate seen per host { run "test -n x{host.note}" }"#,
    );
    let ran = place.sunup(&["rehearse", "r.sunup"]).ends(0);
    let status = place.sunup(&["status", "--format", "json"]).ends(0);
    assert!(!place.folder.path().join("pwned").exists());
    let shown = ran.out + &ran.err + &status.out;
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains("62615533"), "{shown}");
    place.sunup(&["inventory", "h.csv"]).ends(0).says("\\u{1b}");
}

#[test]
fn a_host_belongs_to_one_run_at_a_time_and_only_teams_may_act() {
    let place = Place::empty();
    place.write("h.csv", "name,region\na,x\nb,x\n");
    let script = |team: &str| {
        format!(
            r#"inventory "h.csv"
               connect local
               regions by region {{ }}
               team ops {{ members "{team}"  may everything }}
               bulletin b {{ package p {{ install "true" }} }}
               runbook k {{ step s {{ run package.install  needs no undo }} }}
               rollout r {{
                 apply b with k  to region == "x"
                 guinea-pig one {{ hosts 1  gate broken }}
                 wave rest {{ }}
               }}
               gate broken per host {{ run "false" }}"#
        )
    };
    let me = Ran::of(Command::new("id").arg("-un").output().unwrap()).out;
    place.write("mine.sunup", &script(me.trim()));
    place.write("theirs.sunup", &script("somebody-else"));
    place.sunup(&["run", "theirs.sunup"]).ends(3).says("held");
    place.sunup(&["run", "mine.sunup"]).ends(1).says("E0903").says("r-1");
    place.sunup(&["resume"]).ends(1).says("E0802").says("may not resume");
    place.sunup(&["status"]).ends(0).says("refused");
}

#[test]
fn every_code_is_explained() {
    let place = Place::empty();
    let list = place.sunup(&["explain"]).ends(0).out;
    assert!(list.lines().count() > 50);
    for line in list.lines() {
        let code = &line[..5];
        let page = place.sunup(&["explain", &code.to_lowercase()]).ends(0).out;
        assert!(page.starts_with(&format!("# {code}")) && page.len() > 200, "{code}: {page}");
    }
}

const LOOSE: &str = "team  a {members \"x\"} # one\n";
const NEAT: &str = "team a { members \"x\" }  # one\n";

#[test]
fn scripts_are_formatted_and_what_is_in_the_style_is_not_touched() {
    let place = Place::empty();
    place.write("loose.sunup", LOOSE);
    place.write("neat.sunup", NEAT);
    place.sunup(&["fmt"]).ends(2).says("<FILE>");
    let neat = fs::metadata(place.folder.path().join("neat.sunup")).unwrap().modified().unwrap();
    let ran = place.sunup(&["fmt", "loose.sunup", "neat.sunup"]).ends(0).says("1 formatted, 1 in the style already");
    assert_eq!((ran.out.as_str(), place.read("loose.sunup").as_str()), ("", NEAT));
    assert_eq!(fs::metadata(place.folder.path().join("neat.sunup")).unwrap().modified().unwrap(), neat);
    let ran = place.sunup(&["--quiet", "fmt", "loose.sunup"]).ends(0);
    assert_eq!(ran.out + &ran.err, "");
}

#[test]
fn fmt_that_only_looks_changes_nothing() {
    let place = Place::empty();
    place.write("loose.sunup", LOOSE);
    place.write("neat.sunup", NEAT);
    let ran = place.sunup(&["fmt", "--check", "loose.sunup", "neat.sunup"]).ends(1).says("1 would change");
    assert_eq!(ran.out, "loose.sunup\n");
    place.sunup(&["fmt", "--check", "neat.sunup"]).ends(0);
    let ran = place.sunup(&["fmt", "--diff", "loose.sunup", "neat.sunup"]).ends(0);
    let expected = format!("--- a/loose.sunup\n+++ b/loose.sunup\n@@ -1 +1 @@\n-{LOOSE}+{NEAT}");
    assert_eq!(ran.out, expected);
    let ran = place.sunup(&["fmt", "--diff", "--check", "loose.sunup"]).ends(1);
    assert_eq!(ran.out, expected);
    assert_eq!(place.read("loose.sunup"), LOOSE);
}

#[test]
fn fmt_reads_standard_input() {
    let place = Place::empty();
    let given = |text: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
        command.args(arguments).current_dir(place.folder.path()).env("COLUMNS", "100").env_remove("TERM");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    };
    assert_eq!(given(LOOSE, &["fmt", "-"]).ends(0).out, NEAT);
    assert_eq!(given(NEAT, &["fmt", "-"]).ends(0).out, NEAT);
    assert_eq!(given("", &["fmt", "-"]).ends(0).out, "");
    assert_eq!(given(LOOSE, &["fmt", "--check", "-"]).ends(1).out, "<standard input>\n");
    assert_eq!(given("team {", &["fmt", "-"]).ends(1).says("E0103").out, "");
}

#[test]
fn fmt_takes_folders_and_keeps_links_and_modes() {
    let place = Place::empty();
    let path = |name: &str| place.folder.path().join(name);
    for folder in ["d", "d/e", "d/.hidden", "empty"] {
        fs::create_dir(path(folder)).unwrap();
    }
    for file in ["d/a.sunup", "d/e/b.sunup", "d/.hidden/c.sunup", "d/e/no-script.txt", "outside.sunup"] {
        place.write(file, LOOSE);
    }
    std::os::unix::fs::symlink("..", path("d/e/circle")).unwrap();
    std::os::unix::fs::symlink("../outside.sunup", path("d/link.sunup")).unwrap();
    fs::set_permissions(path("outside.sunup"), fs::Permissions::from_mode(0o640)).unwrap();
    let ran = place.sunup(&["fmt", "--check", "d"]).ends(1);
    assert_eq!(ran.out, "d/a.sunup\nd/e/b.sunup\nd/link.sunup\n");
    place.sunup(&["fmt", "d"]).ends(0).says("3 formatted");
    for (file, text) in [("d/a.sunup", NEAT), ("outside.sunup", NEAT), ("d/.hidden/c.sunup", LOOSE)] {
        assert_eq!(place.read(file), text, "{file}");
    }
    assert!(path("d/link.sunup").is_symlink());
    assert_eq!(fs::metadata(path("outside.sunup")).unwrap().permissions().mode() & 0o777, 0o640);
    place.sunup(&["fmt", "empty"]).ends(0).says("no .sunup file below empty");
}

#[test]
fn fmt_leaves_what_it_cannot_read_or_write_and_goes_on() {
    let place = Place::empty();
    place.write("bad.sunup", "team a { membres \"x\" }\nrollout r { wave w { soak 24 } }\n");
    place.write("locked.sunup", LOOSE);
    place.write("loose.sunup", LOOSE);
    fs::write(place.folder.path().join("latin.sunup"), b"# a\n# caf\xe9\n").unwrap();
    fs::set_permissions(place.folder.path().join("locked.sunup"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = place.read("bad.sunup");
    let files = ["fmt", "bad.sunup", "locked.sunup", "latin.sunup", "missing.sunup", "/dev/zero", "loose.sunup"];
    let ran = place.sunup(&files).ends(1).says("1 formatted, 5 left as they are").says("E0102").says("E0107");
    for words in [
        "`bad.sunup` is left as it is: it could not be read",
        "cannot write `locked.sunup`: it is read-only",
        "cannot read `latin.sunup`: line 2 is not UTF-8",
        "cannot read `missing.sunup`",
        "cannot read `/dev/zero`: it is no regular file",
    ] {
        assert!(ran.err.contains(words), "no `{words}` in\n{}", ran.err);
    }
    assert_eq!((place.read("bad.sunup"), place.read("locked.sunup")), (before, LOOSE.to_owned()));
    assert_eq!(place.read("loose.sunup"), NEAT);
    assert_eq!(files_in(place.folder.path()).len(), 4, "nothing is left beside them");
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Links and modes with the files, but not what an earlier rehearsal left behind.
fn copy(from: &Path, to: &Path) {
    for path in files_in(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), target).unwrap();
        } else if path.is_dir() {
            if !path.ends_with("fleet") {
                fs::create_dir(&target).unwrap();
                copy(&path, &target);
            }
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
