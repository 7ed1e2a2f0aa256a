//! The prompt at a terminal of our own: keys in, screen out.

#![expect(clippy::disallowed_methods, reason = "a test of the prompt starts it")]
#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

#[path = "support/terminal.rs"]
mod terminal;

use terminal::Terminal;

const HOSTS: &str =
    "name,site,role,cores\nweb-1,tokyo,web,2\nweb-2,tokyo,web,4\ndb-1,oslo,database,8\ndb-2,oslo,database,16\n";

const SCRIPT: &str = r#"
inventory "hosts.csv"
regions by site { window mon..sun 00:00-23:59  zone "UTC" }
bulletin fix { package all { install "fix.sh" } }
## Answers on its port.
gate answers per host { tcp host.name 22 }
runbook apply-fix { step install { run package.install  needs no undo  takes 5m  down } }
rollout today {
  apply fix with apply-fix
  to role == "web"
  start 2026-05-05 10:00 UTC
  guinea-pig first { hosts 1  gate answers }
  wave rest { batch 1 }
}
"#;

fn prompt() -> Terminal {
    let terminal = Terminal::start(&["repl", "rollout.sunup"], &[("rollout.sunup", SCRIPT), ("hosts.csv", HOSTS)]);
    terminal.wait_for("sunup>");
    terminal
}

#[test]
fn a_question_is_answered_with_a_table() {
    let mut terminal = prompt();
    terminal.type_keys("count(hosts) by role\r");
    terminal.wait_for("4 hosts in 2 groups");
    let screen = terminal.screen();
    assert!(screen.contains("role      Hosts\nweb           2\ndatabase      2\n"), "{screen}");
    terminal.type_keys("\x04");
    assert_eq!(terminal.ended(), Some(0));
}

#[test]
fn tab_completes_and_the_best_is_proposed_with_what_it_means() {
    let mut terminal = prompt();
    terminal.type_keys("role == \"da");
    terminal.wait_for("tabase\"  2 hosts");
    terminal.type_keys("\t");
    terminal.wait_for("role == \"database\"");
    terminal.type_keys("\r");
    terminal.wait_for("2 hosts");
    terminal.type_keys("cor");
    terminal.wait_for("es  integer, 4 values");
    // The arrow to the right takes what is proposed.
    terminal.type_keys("\x1b[C > 4\r");
    terminal.wait_for("cores > 4");
    terminal.type_keys(":pl\t\r");
    terminal.wait_for("today");
    terminal.wait_for("guinea-pig first");
}

#[test]
fn several_candidates_are_listed() {
    let mut terminal = prompt();
    terminal.type_keys("role == \t\t");
    terminal.wait_for("\"web\"");
    terminal.wait_for("\"database\"");
}

#[test]
fn an_open_bracket_goes_on_to_the_next_line_and_two_empty_lines_end_it() {
    let mut terminal = prompt();
    terminal.type_keys("count(hosts where\r");
    terminal.type_keys("role == \"web\")\r");
    terminal.wait_for("\n2\n");
    terminal.type_keys("count(hosts where\r\r\r");
    terminal.wait_for("expected a value");
}

#[test]
fn several_inputs_can_be_pasted_at_once() {
    let mut terminal = prompt();
    terminal.type_keys("\x1b[200~let x = 20\nlet y = 3 +\n  4\nx + y\x1b[201~\r");
    terminal.wait_for("\n27\n");
    // Where a terminal does not say that it pastes, they are typed ahead.
    terminal.type_keys("x + 1\rx + 2\r");
    terminal.wait_for("\n22\n");
}

#[test]
fn ctrl_c_leaves_the_line_and_ctrl_d_the_prompt() {
    let mut terminal = prompt();
    terminal.type_keys("count(ho");
    terminal.wait_for("count(ho");
    terminal.type_keys("\x03");
    terminal.wait_for_prompts(2);
    terminal.type_keys("1 + 1\r");
    terminal.wait_for("\n2\n");
    terminal.type_keys("\x04");
    assert_eq!(terminal.ended(), Some(0));
}

#[test]
fn what_was_typed_is_there_the_next_time() {
    let mut terminal = prompt();
    terminal.type_keys("1 + 41\r");
    terminal.wait_for("\n42\n");
    terminal.type_keys("\x04");
    assert_eq!(terminal.ended(), Some(0));
    let mut again = terminal.again(&["repl"]);
    again.wait_for("sunup>");
    again.type_keys("\x1b[A\r");
    again.wait_for("\n42\n");
}

#[test]
fn a_history_that_cannot_be_kept_is_told_once() {
    let files = [("state", "a file where the folder should be")];
    let mut terminal = Terminal::start(&["repl"], &files);
    terminal.wait_for("not kept for the next time");
    terminal.wait_for("sunup>");
    terminal.type_keys("1 + 1\r2 + 2\r");
    terminal.wait_for("\n4\n");
    assert_eq!(terminal.screen().matches("not kept").count(), 1);
}

#[test]
fn colours_come_from_the_lexer_and_can_be_turned_off() {
    let mut terminal = prompt();
    terminal.type_keys("count(hosts where role == \"web\")");
    terminal.wait_for("\"web\")");
    assert!(terminal.is_coloured("role"), "a field has a colour");
    let mut plain = Terminal::start_with(&["repl"], &[], &[("NO_COLOR", "1")]);
    plain.wait_for("sunup>");
    plain.type_keys("count(");
    plain.wait_for("count(");
    assert!(!plain.is_coloured("count"));
}

#[test]
fn a_dumb_terminal_is_enough() {
    let mut terminal = Terminal::start_with(&["repl"], &[], &[("TERM", "dumb")]);
    terminal.wait_for("sunup>");
    terminal.type_keys("1 + 1\r");
    terminal.wait_for("\n2\n");
    terminal.type_keys("\x04");
    assert_eq!(terminal.ended(), Some(0));
}

#[test]
fn hostile_values_stay_harmless() {
    let hosts = "name,role\nweb-1,\"a\x1b]0;owned\x07\x1b[2J\"\n";
    let script = "inventory \"hosts.csv\"\n";
    let mut terminal = Terminal::start(&["repl", "s.sunup"], &[("s.sunup", script), ("hosts.csv", hosts)]);
    terminal.wait_for("sunup>");
    terminal.type_keys("role\r");
    terminal.wait_for(r"a\u{1b}]0;owned\u{7}\u{1b}[2J");
    terminal.type_keys("role == \t\x03");
    terminal.wait_for_prompts(3);
    terminal.type_keys("web-1\r");
    terminal.wait_for("host web-1");
    assert!(terminal.screen().contains("sunup>"));
    assert_eq!(terminal.title(), "");
}
