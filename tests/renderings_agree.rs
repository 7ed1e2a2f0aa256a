//! Every rendering of every golden case says the same: the same codes, at the same places, with the same fixes.
//!
//! JSON is read with serde and held against the problems themselves; SARIF must say exactly what JSON says; of the others
//! each line is taken apart again.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a runner of cases reads the cases")]
#![cfg(feature = "cli")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sunup::diagnostic::{Look, Problem, Problems, Severity, fancy, github, json, plain, sarif, short};
use sunup::session::Session;
use sunup::source::{Sources, Span};
use sunup::world::RealWorld;

#[path = "support/sarif.rs"]
mod sarif_schema;

/// What a rendering tells of one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    code: String,
    severity: String,
    message: String,
    /// The main one first.
    places: Vec<Place>,
    texts: Vec<String>,
    hosts: Vec<String>,
    fixes: Vec<(String, Vec<(Place, String)>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: String,
    start: (u64, u64),
    end: (u64, u64),
}

impl Place {
    fn shown(&self) -> String {
        format!("{}:{}:{}", self.file, self.start.0, self.start.1)
    }
}

impl Told {
    /// "write `exchange` at may.sunup:2:16"
    fn fixes_shown(&self) -> Vec<String> {
        let shown = |(title, edits): &(String, Vec<(Place, String)>)| {
            let places: Vec<String> = edits.iter().take(3).map(|(place, _)| place.shown()).collect();
            let more = match edits.len() - places.len() {
                0 => String::new(),
                1 => " and 1 more place".to_owned(),
                left => format!(" and {left} more places"),
            };
            format!("{title} at {}{more}", places.join(", "))
        };
        self.fixes.iter().map(shown).collect()
    }

    fn kind(&self) -> String {
        format!("{}[{}]", self.severity, self.code)
    }

    fn headline(&self) -> String {
        let place = self.places.first().map(|place| format!("{}: ", place.shown())).unwrap_or_default();
        format!("{place}{}: {}", self.kind(), self.message)
    }
}

#[test]
fn all_renderings_of_every_case_say_the_same() {
    let (mut problems_seen, mut fixes_seen, mut others_seen) = (0, 0, 0);
    let mut codes = BTreeSet::new();
    for case in ["check", "syntax", "plan"].iter().flat_map(|room| cases(room)) {
        let session = Session::load(&RealWorld, case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap());
        let problems = session.check_plans(None);
        let told = assert_all_agree(&problems, &session.sources, &case.display().to_string());
        problems_seen += told.len();
        fixes_seen += told.iter().map(|told| told.fixes.len()).sum::<usize>();
        others_seen += told.iter().map(|told| told.places.len().saturating_sub(1)).sum::<usize>();
        codes.extend(told.into_iter().map(|told| told.code));
    }
    let seen = format!("{problems_seen} problems, {fixes_seen} fixes, {others_seen} other ends, {} codes", codes.len());
    assert!(problems_seen > 300 && fixes_seen > 60 && others_seen > 60 && codes.len() > 35, "only {seen}");
}

#[test]
fn several_files_stand_in_one_report() {
    let world = sunup::world::MemoryWorld::new()
        .file(
            "a b/main, really: 100%.sunup",
            "use \"parts/gät.sunup\"\ngate up per host { run \"true\" every 30s within 1h }\n",
        )
        .file("a b/parts/gät.sunup", "# ö\ngate up per host { runn \"true\" }\n");
    let session = Session::load(&world, Path::new("a b/main, really: 100%.sunup"));
    let told = assert_all_agree(&session.problems, &session.sources, "two files");
    let files: BTreeSet<&str> = told.iter().flat_map(|told| &told.places).map(|place| place.file.as_str()).collect();
    assert_eq!(files.into_iter().collect::<Vec<_>>(), ["a b/main, really: 100%.sunup", "a b/parts/gät.sunup"]);
    assert!(
        told.iter()
            .any(|told| { told.places.iter().map(|place| place.file.as_str()).collect::<BTreeSet<_>>().len() == 2 })
    );
}

/// Gives what all of them tell.
fn assert_all_agree(problems: &Problems, sources: &Sources, case: &str) -> Vec<Told> {
    let told = of_json(&json(problems, sources));
    assert_eq!(told, problems.iter().map(|problem| of_problem(problem, sources)).collect::<Vec<_>>(), "{case}: JSON");
    assert_eq!(of_sarif(&sarif(problems, sources)), without_help(&told), "{case}: SARIF");
    assert_eq!(of_github(&github(problems, sources)), told.iter().map(GithubTold::of).collect::<Vec<_>>(), "{case}");

    // People are shown a hundred; the cases that have more are about that.
    let shown = &told[..told.len().min(100)];
    let text = short(problems, sources);
    for (line, told) in text.lines().zip(shown) {
        let others: Vec<String> = told.places.iter().skip(1).map(Place::shown).collect();
        let others = if others.is_empty() { String::new() } else { format!(" (also {})", others.join(", ")) };
        let fixes: String = told.fixes_shown().iter().map(|fix| format!(" (fix: {fix})")).collect();
        assert_eq!(line, format!("{}{others}{fixes}", told.headline()), "{case}: short");
    }
    let text = plain(problems, sources);
    for (block, told) in text.split("\n\n").zip(shown) {
        let lines: Vec<&str> = block.lines().collect();
        assert_eq!(lines[0], told.headline(), "{case}: plain");
        let starting = |word: &str| -> Vec<&str> { lines.iter().filter_map(|line| line.strip_prefix(word)).collect() };
        let others = starting("  also: ");
        assert_eq!(others.len(), told.places.len().saturating_sub(1), "{case}: plain\n{block}");
        for (other, place) in others.iter().zip(told.places.iter().skip(1)) {
            assert!(other.starts_with(&place.shown()), "{case}: plain: {other} for {place:?}");
        }
        assert_eq!(starting("  fix: "), told.fixes_shown(), "{case}: plain");
    }
    let text = fancy(problems, sources, Look { width: 400, has_colours: false });
    let mut rest = text.as_str();
    for told in shown {
        // Each block begins with its code.
        let Some(begun) = rest.strip_prefix(told.kind().as_str()) else {
            panic!("{case}: fancy: no {} in\n{rest}", told.kind())
        };
        let end = begun.find("\n\nerror[").into_iter().chain(begun.find("\n\nwarning[")).min();
        let (block, next) = end.map_or((begun, ""), |end| (&begun[..end], &begun[end + 2..]));
        rest = next;
        assert_drawn(block, told, case);
    }
    told
}

fn assert_drawn(block: &str, told: &Told, case: &str) {
    if let Some(place) = told.places.first() {
        assert!(block.contains(&format!("[{}]", place.shown())), "{case}: fancy: {} is not in\n{block}", place.shown());
    }
    for place in &told.places {
        let drawn = block.lines().any(|line| line.trim_start().starts_with(&format!("{} │", place.start.0)));
        assert!(drawn, "{case}: fancy: line {} is not in\n{block}", place.start.0);
        assert!(block.contains(&format!("[{}:", place.file)), "{case}: fancy: {} is not in\n{block}", place.file);
    }
    for text in told.texts.iter().filter(|text| !text.is_empty()) {
        assert!(block.contains(text.as_str()), "{case}: fancy: `{text}` is not in\n{block}");
    }
    let fixes: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix("  fix: ")).collect();
    assert_eq!(fixes, told.fixes_shown(), "{case}: fancy");
}

fn of_problem(problem: &Problem, sources: &Sources) -> Told {
    let place = |span: Span, is_label: bool| {
        let source = sources.get(span.file);
        // A label is never empty where there is something to be seen; what is empty is shown at the nearest character.
        let (start, end) = match is_label && span.is_empty() {
            true => {
                let marked = nearest_visible(source.text(), span.start as usize);
                (source.place(marked.0), source.place(marked.1))
            }
            false => (source.place(span.start as usize), source.place(span.end as usize)),
        };
        let pair = |place: sunup::source::Place| (place.line as u64, place.column as u64);
        Place { file: source.name().to_owned(), start: pair(start), end: pair(end) }
    };
    Told {
        code: problem.code.to_string(),
        severity: if problem.severity == Severity::Error { "error" } else { "warning" }.to_owned(),
        message: problem.message.clone(),
        places: problem.labels.iter().map(|label| place(label.span, true)).collect(),
        texts: problem.labels.iter().map(|label| label.text.clone()).collect(),
        hosts: problem.hosts.clone(),
        fixes: problem
            .fixes
            .iter()
            .map(|fix| {
                let edits = fix.edits.iter().map(|edit| (place(edit.span, false), edit.replacement.clone()));
                (fix.title.clone(), edits.collect())
            })
            .collect(),
    }
}

fn nearest_visible(text: &str, at: usize) -> (usize, usize) {
    let after = text[at..].chars().next().filter(|c| !c.is_whitespace()).map(|c| (at, at + c.len_utf8()));
    let before = || text[..at].char_indices().rfind(|(_, c)| !c.is_whitespace()).map(|(at, c)| (at, at + c.len_utf8()));
    after.or_else(before).unwrap_or((at, at))
}

fn of_json(text: &str) -> Vec<Told> {
    let report: Value = serde_json::from_str(text).unwrap();
    assert_eq!(report["version"], 1);
    let place = |value: &Value| Place {
        file: value["file"].as_str().unwrap().to_owned(),
        start: (value["start"]["line"].as_u64().unwrap(), value["start"]["column"].as_u64().unwrap()),
        end: (value["end"]["line"].as_u64().unwrap(), value["end"]["column"].as_u64().unwrap()),
    };
    let problem = |value: &Value| Told {
        code: text_of(&value["code"]),
        severity: text_of(&value["severity"]),
        message: text_of(&value["message"]),
        places: list(&value["labels"]).iter().map(place).collect(),
        texts: list(&value["labels"]).iter().map(|label| text_of(&label["text"])).collect(),
        hosts: list(&value["hosts"]).iter().map(text_of).collect(),
        fixes: list(&value["fixes"])
            .iter()
            .map(|fix| {
                let edits = list(&fix["edits"]);
                let edits = edits.iter().map(|edit| (place(edit), text_of(&edit["replacement"])));
                (text_of(&fix["title"]), edits.collect())
            })
            .collect(),
    };
    list(&report["problems"]).iter().map(problem).collect()
}

fn of_sarif(text: &str) -> Vec<Told> {
    let log: Value = serde_json::from_str(text).unwrap();
    sarif_schema::assert_valid(&log);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints", "characters, as everywhere else");
    let region = |location: &Value, region: &Value| Place {
        file: file_of(location["uri"].as_str().unwrap()),
        start: (region["startLine"].as_u64().unwrap(), region["startColumn"].as_u64().unwrap()),
        end: (region["endLine"].as_u64().unwrap(), region["endColumn"].as_u64().unwrap()),
    };
    let place = |location: &Value| {
        let physical = &location["physicalLocation"];
        region(&physical["artifactLocation"], &physical["region"])
    };
    let result = |result: &Value| {
        let mut labels = list(&result["locations"]);
        labels.extend(list(&result["relatedLocations"]));
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let fix = |fix: &Value| {
            let changes = list(&fix["artifactChanges"]);
            let edits = changes.iter().flat_map(|change| {
                list(&change["replacements"]).into_iter().map(|replacement| {
                    let place = region(&change["artifactLocation"], &replacement["deletedRegion"]);
                    (place, text_of(&replacement["insertedContent"]["text"]))
                })
            });
            (message_of(&fix["description"]), edits.collect())
        };
        Told {
            code: text_of(&result["ruleId"]),
            severity: text_of(&result["level"]),
            message: message_of(&result["message"]).lines().next().unwrap_or("").to_owned(),
            places: labels.iter().map(place).collect(),
            texts: labels.iter().map(|label| message_of(&label["message"])).collect(),
            hosts: list(&result["properties"]["hosts"]).iter().map(text_of).collect(),
            fixes: list(&result["fixes"]).iter().map(fix).collect(),
        }
    };
    list(&run["results"]).iter().map(result).collect()
}

/// In SARIF a message is what people are shown, so that no words in it are a link.
fn without_help(told: &[Told]) -> Vec<Told> {
    let unlinked = |text: &String| text.replace("](", "] (");
    let told = told.iter().map(|told| Told {
        message: unlinked(&told.message),
        texts: told.texts.iter().map(unlinked).collect(),
        ..told.clone()
    });
    told.collect()
}

/// What the percent escapes of a URI stand for, and whose path it is.
fn file_of(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let hexadecimal = |byte: Option<u8>| char::from(byte.unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(if byte == b'%' { hexadecimal(rest.next()) * 16 + hexadecimal(rest.next()) } else { byte });
    }
    let path = String::from_utf8(bytes).unwrap();
    match (path.strip_prefix("file://"), path.strip_prefix("sunup:")) {
        (Some(path), _) => path.to_owned(),
        (_, Some(module)) => format!("<{module}>"),
        _ => path,
    }
}

/// A workflow command as the service reads it.
#[derive(Debug, PartialEq, Eq)]
struct GithubTold {
    severity: String,
    code: String,
    place: Option<Place>,
    message: String,
    others: Vec<String>,
    fixes: Vec<String>,
}

impl GithubTold {
    fn of(told: &Told) -> Self {
        Self {
            severity: told.severity.clone(),
            code: told.code.clone(),
            place: told.places.first().cloned(),
            message: told.message.clone(),
            others: told.places.iter().skip(1).map(Place::shown).collect(),
            fixes: told.fixes_shown(),
        }
    }
}

fn of_github(text: &str) -> Vec<GithubTold> {
    let line = |line: &str| {
        let (command, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (severity, properties) = command.split_once(' ').unwrap();
        let properties: BTreeMap<&str, String> = properties
            .split(',')
            .map(|property| property.split_once('=').unwrap())
            .map(|(name, value)| (name, unescaped(value)))
            .collect();
        let number = |name: &str| properties[name].parse::<u64>().unwrap();
        let place = properties.get("file").map(|file| Place {
            file: file.clone(),
            start: (number("line"), number("col")),
            end: (number("endLine"), number("endColumn")),
        });
        let data = unescaped(data);
        let starting =
            |word: &str| data.lines().filter_map(|line| line.strip_prefix(word).map(str::to_owned)).collect();
        let others: Vec<String> = starting("also: ");
        let places = others.iter().map(|other| match other.match_indices(": ").next() {
            Some((at, _)) if other[..at].ends_with(|c: char| c.is_ascii_digit()) => other[..at].to_owned(),
            // A file's name may hold a colon and a blank itself.
            Some(_) => place_at_start(other),
            None => other.clone(),
        });
        GithubTold {
            severity: severity.to_owned(),
            code: properties["title"].split(':').next().unwrap().to_owned(),
            place,
            message: data.lines().next().unwrap_or("").to_owned(),
            others: places.collect(),
            fixes: starting("fix: "),
        }
    };
    text.lines().map(line).collect()
}

/// `FILE:LINE:COLUMN` at the start of a line.
fn place_at_start(line: &str) -> String {
    let ends = line.match_indices(": ").map(|(at, _)| at).chain([line.len()]);
    let is_place = |end: &usize| {
        let mut parts = line[..*end].rsplitn(3, ':');
        let mut is_number = || parts.next().is_some_and(|part| part.parse::<u64>().is_ok());
        is_number() && is_number()
    };
    ends.into_iter().find(is_place).map_or_else(String::new, |end| line[..end].to_owned())
}

fn unescaped(text: &str) -> String {
    let escapes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    escapes.iter().fold(text.to_owned(), |text, (escape, c)| text.replace(escape, c))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// In a message braces are doubled.
fn message_of(message: &Value) -> String {
    message["text"].as_str().unwrap_or("").replace("{{", "{").replace("}}", "}")
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn cases(room: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "sunup") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no cases of {room}");
    found
}
