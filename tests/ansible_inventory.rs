//! Reads every fixture of an Ansible inventory with Sunup and with the real `ansible-inventory`, and compares hosts, groups
//! and variables. Where it is not installed the comparison is skipped, and says so; `REQUIRE_ANSIBLE=1` makes that
//! a failure.
//!
//! `ansible/`: both read it, and agree. `ansible-refused/`: neither does. `ansible-stricter/`: Ansible reads it and we do
//! not. What we say of the last two stands beside them in `faults.txt`; `UPDATE=1` writes it.

#![expect(clippy::disallowed_methods, reason = "a test reads its fixtures and runs the tool that it compares with")]
#![expect(clippy::print_stderr, reason = "a skipped comparison says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use sunup::inventory::{FieldType, Fleet, HostId, InputFile, InventoryFault, ReadOptions, read};

#[test]
fn we_agree_with_ansible() {
    let Some(ansible) = ansible() else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for fixture in fixtures("ansible") {
        seen += 1;
        // Each fixture says its own piece before the test fails.
        if std::panic::catch_unwind(|| compare(&ansible, &fixture)).is_err() {
            wrong.push(fixture.name);
        }
    }
    assert!(wrong.is_empty(), "we disagree on {wrong:?}");
    assert!(seen >= 20, "only {seen} fixtures were found");
}

fn compare(ansible: &Ansible, fixture: &Fixture) {
    let output = ansible.list(&fixture.target);
    let text = String::from_utf8(output.stdout).expect("ansible-inventory prints UTF-8");
    assert!(output.status.success(), "{}: ansible-inventory refuses it: {}", fixture.name, stderr(&output.stderr));
    let expected = Expected::of(&serde_json::from_str(&text).expect("ansible-inventory prints JSON"));
    let fleet = fixture.read().unwrap_or_else(|faults| panic!("{}: we refuse it: {faults:#?}", fixture.name));
    expected.compare(&fleet, &fixture.name);
    // What it printed is an inventory too.
    let list = [InputFile { path: "list.json".to_owned(), bytes: text.into_bytes() }];
    let again = read(&list, &ReadOptions::default()).unwrap_or_else(|faults| panic!("{}: {faults:#?}", fixture.name));
    expected.compare(&again, &format!("{} --list", fixture.name));
}

#[test]
fn what_ansible_refuses_we_refuse() {
    let Some(ansible) = ansible() else { return };
    for fixture in fixtures("ansible-refused") {
        let output = ansible.list(&fixture.target);
        assert!(!output.status.success(), "{}: ansible-inventory reads it", fixture.name);
    }
}

#[test]
fn what_we_alone_refuse_ansible_reads() {
    let Some(ansible) = ansible() else { return };
    for fixture in fixtures("ansible-stricter") {
        let output = ansible.list(&fixture.target);
        assert!(output.status.success(), "{}: {}", fixture.name, stderr(&output.stderr));
    }
}

#[test]
fn refusals_say_what_and_where() {
    for fixture in fixtures("ansible-refused").into_iter().chain(fixtures("ansible-stricter")) {
        let faults = fixture.read().err().unwrap_or_else(|| panic!("{}: we read it", fixture.name));
        assert!(!faults.is_empty(), "{}: refused without a word", fixture.name);
        let told: String = faults.iter().map(told).collect();
        let path = fixture.folder.join("faults.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &told).expect("the fixtures can be written");
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(told, wanted, "{}: `UPDATE=1` writes faults.txt anew", fixture.name);
    }
}

fn told(fault: &InventoryFault) -> String {
    let line = fault.line.map_or(String::new(), |line| format!(":{line}"));
    let help = fault.help.as_ref().map_or(String::new(), |help| format!("  {help}\n"));
    format!("{}{line}: {}\n{help}", fault.path, fault.message)
}

struct Fixture {
    name: String,
    folder: PathBuf,
    /// What `ansible-inventory -i` is given: the file `hosts…`, or the folder `inv`.
    target: PathBuf,
}

fn fixtures(kind: &str) -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inventory/fixtures").join(kind);
    let is_target = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "inv" || name.split('.').next() == Some("hosts")
    };
    entries(&root)
        .into_iter()
        .map(|folder| Fixture {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            target: entries(&folder).into_iter().find(is_target).expect("a fixture has `hosts` or `inv`"),
            folder,
        })
        .collect()
}

impl Fixture {
    fn read(&self) -> Result<Fleet, Vec<InventoryFault>> {
        let mut paths = Vec::new();
        if self.target.is_dir() {
            collect(&self.target, &mut paths);
        } else {
            paths.push(self.target.clone());
            for folder in ["group_vars", "host_vars"] {
                collect(&self.folder.join(folder), &mut paths);
            }
        }
        let file = |path: PathBuf| InputFile {
            path: path.strip_prefix(&self.folder).expect("it lies in the folder").to_string_lossy().into_owned(),
            bytes: std::fs::read(&path).expect("the fixture can be read"),
        };
        read(&paths.into_iter().map(file).collect::<Vec<_>>(), &ReadOptions::default())
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match path {
        path if path.is_dir() => entries(path).iter().for_each(|entry| collect(entry, files)),
        path if path.exists() => files.push(path.to_owned()),
        _ => {}
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = list.map(|entry| entry.expect("it can be listed").path()).collect();
    entries.sort();
    entries
}

struct Ansible {
    /// Where it runs, so that no `group_vars` of another place come in.
    empty: tempfile::TempDir,
}

fn ansible() -> Option<Ansible> {
    let is_there =
        Command::new("ansible-inventory").arg("--version").output().is_ok_and(|output| output.status.success());
    if is_there {
        return Some(Ansible { empty: tempfile::tempdir().expect("a folder can be made") });
    }
    assert!(
        std::env::var_os("REQUIRE_ANSIBLE").is_none_or(|value| value != "1"),
        "REQUIRE_ANSIBLE=1, and `ansible-inventory` is not installed"
    );
    eprintln!(
        "SKIPPED: `ansible-inventory` is not installed, so nothing was compared (pip install ansible-core==2.19.14)"
    );
    None
}

impl Ansible {
    fn list(&self, target: &Path) -> Output {
        Command::new("ansible-inventory")
            .arg("-i")
            .arg(target)
            .arg("--list")
            .current_dir(self.empty.path())
            .env("HOME", self.empty.path())
            .env_remove("ANSIBLE_CONFIG")
            .env("ANSIBLE_INVENTORY_ENABLED", "yaml,ini")
            .env("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "true")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("ansible-inventory runs")
    }
}

fn stderr(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What Ansible says, worked out from its JSON in the plainest way.
struct Expected {
    hosts: BTreeMap<String, BTreeMap<String, Cell>>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Text(String),
    Integer(String),
    Number(f64),
    Bool(bool),
    List(Vec<String>),
}

impl Expected {
    fn of(list: &Json) -> Expected {
        let document = list.as_object().expect("an object");
        let members = |group: &str, key: &str| -> Vec<String> {
            let list = document.get(group).and_then(|group| group.get(key)).and_then(Json::as_array);
            list.into_iter().flatten().map(|name| name.as_str().expect("a text").to_owned()).collect()
        };
        fn hosts_below(group: &str, members: &dyn Fn(&str, &str) -> Vec<String>, found: &mut BTreeSet<String>) {
            found.extend(members(group, "hosts"));
            members(group, "children").iter().for_each(|child| hosts_below(child, members, found));
        }
        let mut groups = BTreeMap::new();
        for group in document.keys().filter(|name| *name != "_meta") {
            let mut hosts = BTreeSet::new();
            hosts_below(group, &members, &mut hosts);
            groups.insert(group.clone(), hosts);
        }
        let mut hosts = BTreeMap::new();
        for host in groups.remove("all").unwrap_or_default() {
            let mut fields = BTreeMap::new();
            for (name, value) in list["_meta"]["hostvars"][&host].as_object().into_iter().flatten() {
                put(name, value, &mut fields);
            }
            hosts.insert(host, fields);
        }
        Expected { hosts, groups }
    }

    fn compare(&self, fleet: &Fleet, fixture: &str) {
        let names: BTreeSet<&str> = fleet.hosts().map(|host| fleet.name(host)).collect();
        assert_eq!(names, self.hosts.keys().map(String::as_str).collect(), "{fixture}: the hosts");
        let groups: BTreeMap<String, BTreeSet<String>> = fleet
            .groups()
            .filter(|(_, hosts)| !hosts.is_empty())
            .map(|(name, hosts)| (name.to_owned(), hosts.iter().map(|host| fleet.name(host).to_owned()).collect()))
            .collect();
        let wanted = self.groups.iter().filter(|(_, hosts)| !hosts.is_empty());
        assert_eq!(
            groups,
            wanted.map(|(name, hosts)| (name.clone(), hosts.clone())).collect(),
            "{fixture}: the groups"
        );
        for host in fleet.hosts() {
            self.compare_fields(fleet, host, fixture);
        }
        self.compare_types(fleet, fixture);
    }

    fn compare_fields(&self, fleet: &Fleet, host: HostId, fixture: &str) {
        let name = fleet.name(host);
        let mut ours = BTreeMap::new();
        for (field, field_name) in fleet.fields() {
            if let Some(text) = fleet.text(host, field) {
                ours.insert(field_name, text);
            }
        }
        assert_eq!(ours.remove("name").as_deref(), Some(name), "{fixture}: {name}");
        let is_in = |(group, hosts): (&String, &BTreeSet<String>)| hosts.contains(name).then(|| group.clone());
        let groups: Vec<String> = self.groups.iter().filter_map(is_in).collect();
        assert_eq!(ours.remove("groups").unwrap_or_default(), groups.join(","), "{fixture}: the groups of {name}");
        let expected = &self.hosts[name];
        // Ours alone: how a host is reached, where no variable says it by that name.
        if !self.hosts.values().any(|fields| fields.contains_key("address")) {
            ours.remove("address");
        }
        let known: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        assert_eq!(ours.keys().copied().collect::<BTreeSet<_>>(), known, "{fixture}: the fields of {name}");
        for (field, cell) in expected {
            let text = &ours[field.as_str()];
            let is_same = match cell {
                Cell::Text(wanted) | Cell::Integer(wanted) => text == wanted,
                Cell::Bool(wanted) => *text == wanted.to_string(),
                Cell::Number(wanted) => text.parse::<f64>().is_ok_and(|number| number == *wanted),
                Cell::List(wanted) => *text == wanted.join(","),
            };
            assert!(is_same, "{fixture}: `{field}` of {name} is {text:?}, and to Ansible {cell:?}");
        }
    }

    /// A field has the type that Ansible gives all its values; versions are ours alone.
    fn compare_types(&self, fleet: &Fleet, fixture: &str) {
        for (field, name) in fleet.fields().filter(|(_, name)| !["name", "groups", "address"].contains(name)) {
            let cells: Vec<&Cell> = self.hosts.values().filter_map(|fields| fields.get(name)).collect();
            // Here JSON no longer tells a whole number from a decimal one.
            if cells.is_empty() || cells.iter().any(|cell| matches!(cell, Cell::Number(n) if n.abs() >= 2_f64.powi(63)))
            {
                continue;
            }
            let all = |is: fn(&Cell) -> bool| cells.iter().all(|cell| is(cell));
            let is_i64 = |cell: &Cell| matches!(cell, Cell::Integer(digits) if digits.parse::<i64>().is_ok());
            let wanted = if cells.iter().any(|cell| matches!(cell, Cell::List(_))) {
                FieldType::List
            } else if all(is_i64) {
                FieldType::Integer
            } else if all(|cell| matches!(cell, Cell::Number(n) if n.is_finite()) || matches!(cell, Cell::Integer(_))) {
                FieldType::Number
            } else if all(|cell| matches!(cell, Cell::Bool(_))) {
                FieldType::Bool
            } else {
                FieldType::Text
            };
            let ours = fleet.field_type(field);
            assert!(
                ours == wanted || ours == FieldType::Version,
                "{fixture}: `{name}` is {ours}, and to Ansible {wanted}"
            );
        }
    }
}

/// A map becomes a field for each of its entries; null and the empty text are missing.
fn put(name: &str, value: &Json, fields: &mut BTreeMap<String, Cell>) {
    let name = if name == "name" { "vars.name" } else { name };
    let cell = match opened(value) {
        Json::Null => return,
        Json::String(text) if text.is_empty() => return,
        Json::Object(entries) => {
            entries.iter().for_each(|(key, value)| put(&format!("{name}.{key}"), value, fields));
            return;
        }
        Json::Array(elements) => Cell::List(elements.iter().map(element).collect()),
        Json::String(text) => Cell::Text(text),
        Json::Bool(truth) => Cell::Bool(truth),
        Json::Number(number) if number.is_f64() => Cell::Number(number.as_f64().expect("a number")),
        Json::Number(number) => Cell::Integer(number.to_string()),
    };
    fields.insert(name.to_owned(), cell);
}

fn element(value: &Json) -> String {
    match opened(value) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// A vaulted value stands for itself, an unsafe text for the text.
fn opened(value: &Json) -> Json {
    match value.as_object().map(|object| (object.len(), object)) {
        Some((1, object)) if object.contains_key("__ansible_vault") => Json::String("(vault)".to_owned()),
        Some((1, object)) if object.contains_key("__ansible_unsafe") => object["__ansible_unsafe"].clone(),
        _ => value.clone(),
    }
}
