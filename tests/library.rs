//! The library keeps its word: every definition says in a sentence what it gives, shows an example, and the example gives it.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::fmt::Write;
use std::path::Path;

use sunup::builtin::{library, library_names};
use sunup::diagnostic::{Code, plain};
use sunup::model::{Argument, Gate, Model, Part, Probe};
use sunup::plan::Plan;
use sunup::session::Session;
use sunup::source::FileId;
use sunup::syntax::ast::{Item, ItemKind};
use sunup::time::parse_moment;
use sunup::world::MemoryWorld;

#[test]
fn every_example_gives_what_it_says() {
    let mut tried = 0;
    for module in library_names() {
        let parse = sunup::syntax::parse(FileId(0), library(module).unwrap());
        assert!(parse.problems.is_empty(), "std.{module}: {:?}", parse.problems);
        for item in &parse.file.items {
            let documentation = item.documentation.as_deref().unwrap_or_default();
            let (sentence, example) = documentation.split_once("\n\n").unwrap_or((documentation, ""));
            assert!(sentence.trim().ends_with('.'), "std.{module}: {sentence:?} is no sentence");
            let (example, gives) = example.split_once('#').unwrap_or((example, ""));
            assert!(!gives.trim().is_empty(), "std.{module}: {sentence:?} does not say what its example gives");
            assert_eq!(given(module, item, example.trim(), gives.trim()), gives.trim(), "std.{module}: {example}");
            tried += 1;
        }
    }
    assert!(tried >= 34, "only {tried} definitions were tried");
}

#[test]
fn the_page_names_every_module_and_definition() {
    let page = include_str!("../stdlib/README.md");
    for module in library_names() {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{module}` |")));
        let row = row.unwrap_or_else(|| panic!("stdlib/README.md has no row for `{module}`"));
        for item in &sunup::syntax::parse(FileId(0), library(module).unwrap()).file.items {
            let name = name_of(item);
            assert!(row.contains(&format!("`{name}")), "stdlib/README.md does not name `{name}` of `{module}`");
        }
    }
}

/// The example put where it belongs, and what comes of it.
fn given(module: &str, item: &Item, example: &str, says: &str) -> String {
    match &item.kind {
        // What it says is compared by the script itself: a selector that is false selects nothing.
        ItemKind::Function(_) | ItemKind::Let(_) => {
            let session = session(module, &Script { to: &format!("{example} == {says}"), ..Script::PLAIN });
            let selects_nothing = session.check_plans(None).iter().any(|problem| problem.code == Code::SELECTS_NOTHING);
            if selects_nothing { "something else" } else { says }.to_owned()
        }
        ItemKind::Calendar(_) => {
            let session = session(module, &Script { region: example, ..Script::PLAIN });
            let month = says.split(':').next().unwrap();
            let schedule = sound(module, &session).sites[0].schedule.clone();
            let is_closed = |day: &u32| {
                parse_moment(&format!("{month}-{day:02} 12:00 UTC")).is_some_and(|noon| !schedule.is_open(noon))
            };
            let days: Vec<String> = (1..=31).filter(is_closed).map(|day| day.to_string()).collect();
            format!("{month}: {}", days.join(", "))
        }
        ItemKind::Gate(gate) => {
            let plan = plan(module, &Script { stages: example, ..Script::PLAIN });
            asks(plan.gates.iter().find(|asked| asked.name == gate.name.text).unwrap(), &plan)
        }
        ItemKind::Runbook(_) => {
            let plan = plan(module, &Script { apply: example, ..Script::PLAIN });
            let step = |step: &sunup::model::Step| format!("{} {}", step.name, step.takes);
            plan.steps.iter().map(step).collect::<Vec<_>>().join(", ")
        }
        ItemKind::Stages(_) => {
            let plan = plan(module, &Script { stages: example, gates: "use std.gates", ..Script::PLAIN });
            let hosts =
                |stage: usize| plan.hosts.iter().filter(|host| host.stage as usize == stage).count().to_string();
            let counts: Vec<String> = (0..plan.stages.len()).map(hosts).collect();
            format!("of {} hosts: {}", plan.hosts.len(), counts.join(", "))
        }
        other => panic!("std.{module}: no way to try an example of {other:?}"),
    }
}

fn name_of(item: &Item) -> &str {
    match &item.kind {
        ItemKind::Function(function) => &function.name.text,
        ItemKind::Let(value) => &value.name.text,
        ItemKind::Calendar(calendar) => &calendar.name.text,
        ItemKind::Gate(gate) => &gate.name.text,
        ItemKind::Runbook(runbook) => &runbook.name.text,
        ItemKind::Stages(stages) => &stages.name.text,
        other => panic!("{other:?} has no name"),
    }
}

/// The probe of a gate, asked of the first host.
fn asks(gate: &Gate, plan: &Plan) -> String {
    let filled = |argument: &Argument| -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(name) => plan.value(name, sunup::plan::HostIdx(0)).unwrap().to_owned(),
        };
        argument.parts.iter().map(part).collect()
    };
    match &gate.probe {
        Probe::Tcp { address, port } => format!("tcp {} {port}", filled(address)),
        Probe::Http { url, status } => format!("http {} status {status}", filled(url)),
        Probe::Command(command) => command.arguments.iter().map(filled).collect::<Vec<_>>().join(" "),
    }
}

fn sound<'s>(module: &str, session: &'s Session) -> &'s Model {
    assert!(session.problems.is_empty(), "std.{module}:\n{}", plain(&session.problems, &session.sources));
    session.model.as_ref().unwrap()
}

fn plan(module: &str, script: &Script) -> Plan {
    let session = session(module, script);
    let planned = session.plan(None, None);
    let problems = plain(&planned.problems, &session.sources);
    planned.plan.unwrap_or_else(|| panic!("std.{module}:\n{problems}"))
}

/// A sound script, and where an example can go in it.
struct Script<'a> {
    gates: &'a str,
    region: &'a str,
    apply: &'a str,
    to: &'a str,
    stages: &'a str,
}

impl Script<'static> {
    const PLAIN: Script<'static> = Script {
        gates: "",
        region: "",
        apply: "apply fix with put",
        to: "kind == \"server\"",
        stages: "wave all { gate works }",
    };
}

/// 200 hosts in two sites, of two packages.
fn session(module: &str, script: &Script) -> Session {
    let mut hosts = "name,address,site,timezone,kind,os\n".to_owned();
    for host in 1..=200 {
        let (site, os) = (["here", "there"][host % 2], ["eleven", "twelve"][host / 2 % 2]);
        writeln!(hosts, "h{host},10.0.0.{host},{site},UTC,server,{os}").unwrap();
    }
    let Script { gates, region, apply, to, stages } = script;
    let text = format!(
        r#"
        use std.{module}
        {gates}
        inventory "hosts.csv"
        connect simulated
        team ops {{ members "ada"  may everything }}
        gate works per batch {{ run "works" }}
        region everywhere {{ hosts kind == "server"  {region} }}
        bulletin fix {{ packages by os {{ install "put {{os}}"  uninstall "take {{os}}" }} }}
        runbook put {{ step put {{ run package.install  undo package.uninstall  takes 1m }} }}
        rollout try {{ {apply}  to {to}  start 2026-11-24 12:00 UTC  {stages} }}
        "#
    );
    let world = MemoryWorld::new().file("hosts.csv", hosts.as_str()).file("try.sunup", text.as_str());
    Session::load(&world, Path::new("try.sunup"))
}
