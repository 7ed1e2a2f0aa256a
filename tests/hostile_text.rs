//! Text of others in every field that a problem can show, in every rendering: nothing of it is obeyed by a terminal, a
//! build service or a viewer, nothing makes a line of its own, nothing is evaluated.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![cfg(feature = "cli")]

use std::io;
use std::path::{Path, PathBuf};

use sunup::diagnostic::{Look, Problems, fancy, github, is_harmful, json, plain, sarif, short};
use sunup::session::Session;
use sunup::source::Sources;
use sunup::time::Moment;
use sunup::world::{MemoryWorld, World};

#[path = "support/sarif.rs"]
mod sarif_schema;

/// Stands on both sides of what is hostile, to see that the field is shown at all.
const MARK: &str = "zqx";

const PAYLOADS: &[(&str, &str)] = &[
    ("nothing", ""),
    ("colour", "\u{1b}[31m"),
    ("title of the window", "\u{1b}]0;pwned\u{7}"),
    ("link of the terminal", "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\"),
    ("clipboard", "\u{1b}]52;c;cHduZWQ=\u{7}"),
    ("C0", "\u{0}\u{1}\u{8}\u{b}\u{c}\u{e}\u{1f}\u{7f}"),
    ("C1", "\u{9b}2J\u{9d}0;x\u{9c}\u{85}\u{90}"),
    ("tab", "\t"),
    ("line of our own kind", "\r\nmay.sunup:1:1: error[E0101]: all is well\n\n"),
    ("carriage return", "\rno problems"),
    ("separators of lines", "\u{2028}x\u{2029}"),
    ("direction", "\u{202e}gnp.\u{2066}x\u{2069}\u{200f}"),
    ("no width", "a\u{200b}b\u{feff}c\u{ad}d\u{e0041}"),
    ("command of a build service", "::error::x"),
    ("the same after a line's end", "\n::add-mask::x\n  ::stop-commands::x"),
    ("the same after a blank", " ::warning file=x::y"),
    ("the same, escaped", "%0A::error::x%0D%25"),
    ("command anywhere in a line", "##[add-mask]x ##vso[task.setvariable variable=x]y"),
    ("link in a message", "[click](http://evil.example)"),
    ("format", "%s%n%d{0}{{777*777}}${777*777}$(id)`id`\\(777*777)"),
    ("quotes", "\"'\\\"`</script><!--"),
    ("separators", ",=;:@#/"),
];

/// A script with the files beside it, and what of a problem the payload gets into.
struct Field {
    name: &'static str,
    world: fn(&str) -> MemoryWorld,
}

const SCRIPT: &str = "s.sunup";

fn script(text: impl Into<String>) -> MemoryWorld {
    MemoryWorld::new().file(SCRIPT, text.into())
}

/// A script about an inventory of two hosts, whose columns are `name`, `role` and one more.
fn with_hosts(rest: &str, column: &str, value: &str) -> MemoryWorld {
    let csv = format!("name,role,{}\na,web,{}\nb,web,{}\n", cell(column), cell(value), cell(value));
    script(format!("inventory \"h.csv\"\nregions by role {{ }}\n{rest}")).file("h.csv", csv)
}

/// A sound rollout, but for what it is given.
fn rollout(package: &str, step: &str, members: &str) -> String {
    format!(
        "connect local
         bulletin b {{ {package} }}
         runbook k {{ step s {{ {step} }} }}
         rollout r {{ apply b with k  to role == \"web\"  {members} }}"
    )
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text literal of the language that means this text.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out + "\""
}

const FIELDS: &[Field] = &[
    Field { name: "a name in the script", world: |text| script(format!("rollout {text} {{ }}\n")) },
    Field { name: "a word where none may be", world: |text| script(format!("rollout r {{ {text} }}\n")) },
    Field { name: "a comment beside a label", world: |text| script(format!("# {text}\nrolout r {{ }} # {text}\n")) },
    Field {
        name: "a text that is no command",
        world: |text| script(format!("gate g per host {{ run \"{text} {{\" }}\n")),
    },
    Field { name: "a unit", world: |text| script(format!("rollout r {{ wave w {{ soak 4{text} }} }}\n")) },
    Field {
        name: "a misspelt value",
        world: |text| with_hosts(&format!("service s {{ hosts role == {} }}\n", literal(text)), "x", "1"),
    },
    Field {
        name: "a value that is offered",
        world: |text| with_hosts("service s { hosts x == \"zqxx\" }\n", "x", text),
    },
    Field {
        name: "the name of a field that is offered",
        world: |text| with_hosts("service s { hosts zqxz == \"1\" }\n", text, "1"),
    },
    Field {
        name: "the name of a host",
        world: |text| script("inventory \"h.csv\"\n").file("h.csv", format!("name\n{}\n", cell(&format!("-{text}")))),
    },
    Field {
        name: "a zone",
        world: |text| with_hosts("region w { hosts role == \"web\"  window mon..fri 22:00-06:00 }\n", "timezone", text),
    },
    Field {
        name: "an owner",
        world: |text| with_hosts("region web { owner by x }\nteam t { members \"m\" may everything }\n", "x", text),
    },
    Field {
        name: "a member of a team twice",
        world: |text| {
            let member = literal(text);
            script(format!("team t {{ members {member}, {member} may everything }}\n"))
        },
    },
    Field {
        name: "a team that is not there",
        world: |text| {
            with_hosts(
                &rollout(
                    "package p { install \"x\" }",
                    "run package.install needs no undo",
                    &format!("wave w {{ approve by {text} }}"),
                ),
                "x",
                "1",
            )
        },
    },
    Field {
        name: "the name of a package",
        world: |text| {
            with_hosts(
                &rollout(
                    &format!("package {text} {{ install \"x\" }} package {text} {{ install \"y\" }}"),
                    "run package.install needs no undo",
                    "wave w { }",
                ),
                "x",
                "1",
            )
        },
    },
    Field {
        name: "what a package conflicts with",
        world: |text| {
            with_hosts(
                &rollout(
                    &format!("package p {{ install \"x\" conflicts {} }}", literal(text)),
                    "run package.install needs no undo",
                    "wave w { }",
                ),
                "installed",
                text,
            )
        },
    },
    Field {
        name: "the variants of a package",
        world: |text| {
            with_hosts(
                &rollout(
                    "packages by x { install \"i\" } package p { install \"j\" }",
                    "run package.install needs no undo",
                    "wave w { }",
                ),
                "x",
                text,
            )
        },
    },
    Field {
        name: "an inventory that is not there",
        world: |text| script(format!("inventory {}\n", literal(&format!("{text}.csv")))),
    },
    Field {
        name: "the path of an inventory with a fault",
        world: |text| {
            script(format!("inventory {}\n", literal(&format!("{text}.csv"))))
                .file(format!("{text}.csv"), "name\n-bad\n")
        },
    },
    Field {
        name: "a line of an inventory with a fault",
        world: |text| {
            script("inventory \"h.csv\"\n").file("h.csv", format!("name,x\na,{}\na,{}\n", cell(text), cell("other")))
        },
    },
    Field {
        name: "two inventories that disagree",
        world: |text| {
            let other = format!("name,x\na,{}\n", cell(text));
            script("inventory \"h.csv\", \"g.csv\"\n").file("h.csv", "name,x\na,1\n").file("g.csv", other)
        },
    },
    Field {
        name: "a key of JSON",
        world: |text| {
            script("inventory \"h.json\"\n")
                .file("h.json", format!("[{{\"name\": \"a\", {0}: 1, {0}: 2 }}]", serde_json::to_string(text).unwrap()))
        },
    },
    Field {
        name: "a host of Ansible",
        world: |text| {
            script("inventory \"h.yml\"\n")
                .file("h.yml", format!("all:\n  hosts:\n    {}: 7\n", serde_json::to_string(text).unwrap()))
        },
    },
    Field {
        name: "a line of Ansible's INI",
        world: |text| script("inventory \"hosts\"\n").file("hosts", format!("[web]\na {text}\n")),
    },
    Field {
        name: "a module that is not there",
        world: |text| script(format!("use {}\n", literal(&format!("{text}.sunup")))),
    },
    Field {
        name: "the path of a module with a fault",
        world: |text| {
            script(format!("use {}\n", literal(&format!("{text}.sunup"))))
                .file(format!("{text}.sunup"), "rolout r { }\n")
        },
    },
    Field { name: "a module of the library", world: |text| script(format!("use std.{text}\n")) },
    Field {
        name: "a calendar that is not there",
        world: |text| {
            with_hosts(
                &format!(
                    "calendar c {{ ics {} }}\nregion web {{ window mon 22:00-23:00 except c }}\n",
                    literal(&format!("{text}.ics"))
                ),
                "timezone",
                "UTC",
            )
        },
    },
    Field {
        name: "a line of a calendar",
        world: |text| {
            let ics =
                format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:{text}\nSUMMARY:{text}\nEND:VEVENT\nEND:VCALENDAR\n");
            with_hosts(
                "calendar c { ics \"c.ics\" }\nregion web { window mon 22:00-23:00 except c }\n",
                "timezone",
                "UTC",
            )
            .file("c.ics", ics)
        },
    },
];

#[test]
fn text_of_others_is_harmless_in_every_field_and_every_rendering() {
    let mut checked = 0;
    for field in FIELDS {
        for (payload, text) in PAYLOADS {
            let marked = format!("{MARK}{text}{MARK}");
            let session = Session::load(&(field.world)(&marked), Path::new(SCRIPT));
            let problems = session.check_plans(None);
            let case = format!("{} with {payload}", field.name);
            // A path or a name may be refused before it is shown; without anything hostile it must be seen.
            let shown = json(&problems, &session.sources) + &fancy(&problems, &session.sources, LOOK);
            let is_seen = shown.contains(MARK);
            assert!(is_seen || !text.is_empty(), "{case}: not shown: {}", plain(&problems, &session.sources));

            checked += assert_harmless(&problems, &session.sources, &case);
        }
    }
    assert!(checked >= FIELDS.len() * PAYLOADS.len() * 7, "only {checked} renderings");
}

#[test]
fn the_path_of_the_script_and_the_name_of_a_rollout_are_harmless() {
    for (payload, text) in PAYLOADS {
        let path = format!("{MARK}{text}{MARK}.sunup");
        let session = Session::load(&MemoryWorld::new().file(&path, "rolout r { }"), Path::new(&path));
        assert_harmless(&session.problems, &session.sources, &format!("the script's path with {payload}"));
        let session = Session::load(&MemoryWorld::new(), Path::new(&path));
        assert_harmless(&session.problems, &session.sources, &format!("no script with {payload}"));

        let world = with_hosts(
            &rollout("package p { install \"x\" }", "run package.install needs no undo", "wave w { }"),
            "x",
            "1",
        );
        let session = Session::load(&world, Path::new(SCRIPT));
        let problems = session.plan(Some(&path), None).problems;
        assert!(json(&problems, &session.sources).contains(MARK), "{problems:#?}");
        assert_harmless(&problems, &session.sources, &format!("a rollout asked for with {payload}"));
    }
}

/// The operating system's own words are text of others too: a file system can be anybody's.
#[test]
fn what_the_system_says_is_harmless() {
    for (payload, text) in PAYLOADS {
        let world = Refusing { says: format!("{MARK}{text}{MARK}"), inner: with_hosts("use \"m.sunup\"\n", "x", "1") };
        let session = Session::load(&world, Path::new(SCRIPT));
        let shown = json(&session.problems, &session.sources);
        assert!(shown.contains(MARK), "{shown}");
        assert_harmless(&session.problems, &session.sources, &format!("an error of the system with {payload}"));
    }
}

/// A value without end hides nothing else, in what people read; programs get it whole.
#[test]
fn what_is_very_long_is_cut_for_people() {
    let long = "zq\u{1b}é".repeat(10_000);
    for field in FIELDS {
        let session = Session::load(&(field.world)(&long), Path::new(SCRIPT));
        let problems = session.check_plans(None);
        assert_harmless(&problems, &session.sources, field.name);
        for text in [
            plain(&problems, &session.sources),
            short(&problems, &session.sources),
            github(&problems, &session.sources),
            fancy(&problems, &session.sources, LOOK),
        ] {
            // A text of 1,000 characters may need 6 for each, and a problem shows some of them.
            let most = 20_000 * problems.len().max(1);
            assert!(text.len() < most, "{}: {} bytes", field.name, text.len());
        }
    }
}

#[test]
fn files_that_are_no_text_are_told_of() {
    let bytes = b"name\n\xff\xfe\x1b[31m\xc0\x80\n";
    for (name, script) in [
        ("h.csv", "inventory \"h.csv\"\n"),
        ("h.json", "inventory \"h.json\"\n"),
        ("h.yml", "inventory \"h.yml\"\n"),
        ("h.ini", "inventory \"h.ini\"\n"),
        (
            "c.ics",
            "calendar c { ics \"c.ics\" }\ninventory \"a.csv\"\nregions by role { window mon 22:00-23:00 except c }\n",
        ),
        ("m.sunup", "use \"m.sunup\"\n"),
        ("s.sunup", ""),
    ] {
        let world =
            MemoryWorld::new().file("a.csv", "name,role,timezone\na,web,UTC\n").file(SCRIPT, script).file(name, bytes);
        let session = Session::load(&world, Path::new(SCRIPT));
        let problems = session.check_plans(None);
        assert!(problems.has_errors(), "{name}");
        assert!(plain(&problems, &session.sources).contains("UTF-8"), "{}", plain(&problems, &session.sources));
        assert_harmless(&problems, &session.sources, name);
    }
}

const LOOK: Look = Look { width: 80, has_colours: false };

/// Gives how many renderings it looked at.
fn assert_harmless(problems: &Problems, sources: &Sources, case: &str) -> usize {
    let coloured = fancy(problems, sources, Look { has_colours: true, ..LOOK });
    let renderings = [
        ("fancy", fancy(problems, sources, LOOK)),
        ("fancy, narrow", fancy(problems, sources, Look { width: 40, ..LOOK })),
        ("fancy, in colours", without_colours(&coloured)),
        ("plain", plain(problems, sources)),
        ("short", short(problems, sources)),
        ("json", json(problems, sources)),
        ("sarif", sarif(problems, sources)),
        ("github", github(problems, sources)),
    ];
    for (name, text) in &renderings {
        let harmful = text.chars().find(|c| *c != '\n' && is_harmful(*c));
        assert_eq!(harmful, None, "{case}: {name}: {text}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{case}: {name}: {text}");
        assert!(!text.contains("603729"), "{case}: {name}: it was worked out");
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::")).count();
        assert_eq!(commands, if *name == "github" { problems.len() } else { 0 }, "{case}: {name}: {text}");
        let lines = match *name {
            "short" | "github" => Some(problems.len()),
            "json" | "sarif" => Some(1),
            _ => None,
        };
        if let Some(lines) = lines {
            assert_eq!(text.lines().count(), lines, "{case}: {name}: {text}");
        }
    }
    for line in github(problems, sources).lines() {
        assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{case}: {line}");
        // What is left between the two `::` is the properties' own.
        let (command, data) = line[2..].split_once("::").unwrap();
        let of_a_property = |part: &str| part.split_once('=').is_some_and(|(name, _)| PROPERTIES.contains(&name));
        assert!(command.split_once(' ').unwrap().1.split(',').all(of_a_property), "{case}: {line}");
        let is_escaped = |rest: &str| ["25", "0A", "0D"].iter().any(|escape| rest.starts_with(escape));
        assert!(data.split('%').skip(1).all(is_escaped), "{case}: {line}");
    }
    sarif_schema::assert_valid(&serde_json::from_str(&sarif(problems, sources)).unwrap());
    let told: serde_json::Value = serde_json::from_str(&json(problems, sources)).unwrap();
    assert_eq!(told["problems"].as_array().unwrap().len(), problems.len());
    renderings.len()
}

const PROPERTIES: [&str; 6] = ["file", "line", "col", "endLine", "endColumn", "title"];

/// The colours that we write ourselves taken out, nothing else.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or("").to_owned();
    pieces.fold(first, |out, piece| {
        let digits = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(0);
        out + piece[digits..].strip_prefix('m').unwrap_or("\u{1b}")
    })
}

/// A world whose files, but for the script, cannot be read.
struct Refusing {
    says: String,
    inner: MemoryWorld,
}

impl World for Refusing {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new(SCRIPT) { self.inner.read(path) } else { Err(io::Error::other(self.says.clone())) }
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.inner.is_directory(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.inner.is_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.inner.list(folder)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.absolute(path)
    }

    fn now(&self) -> Moment {
        self.inner.now()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.inner.variable(name)
    }

    fn user(&self) -> String {
        self.inner.user()
    }
}
