use proptest::prelude::*;

use crate::inventory::{
    FieldType, Fleet, HostId, InputFile, InventoryFault, InventoryFaultKind, ReadOptions, Value, read,
};

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> InputFile {
    InputFile { path: path.to_owned(), bytes: bytes.into() }
}

fn fleet(path: &str, text: &str) -> Fleet {
    read(&[file(path, text)], &ReadOptions::default()).unwrap()
}

fn mapped(path: &str, text: &str, mapping: &[(&str, &str)]) -> Result<Fleet, Vec<InventoryFault>> {
    let mapping = mapping.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect();
    read(&[file(path, text)], &ReadOptions { mapping })
}

/// Line and message of each fault.
fn faults(path: &str, bytes: impl Into<Vec<u8>>) -> Vec<(Option<usize>, String)> {
    let faults = read(&[file(path, bytes)], &ReadOptions::default()).unwrap_err();
    assert!(faults.iter().all(|fault| fault.path == path), "{faults:?}");
    faults.into_iter().map(|fault| (fault.line, fault.message)).collect()
}

fn help(path: &str, text: &str) -> String {
    let faults = read(&[file(path, text)], &ReadOptions::default()).unwrap_err();
    faults[0].help.clone().unwrap()
}

fn texts(fleet: &Fleet, field: &str) -> Vec<Option<String>> {
    let field = fleet.field(field).unwrap();
    fleet.hosts().map(|host| fleet.text(host, field)).collect()
}

#[test]
fn a_table_keeps_its_order_its_gaps_and_its_odd_texts() {
    let odd = "\u{feff}name,note,cores\r\nb,\"a \"\"b\"\", {{7*7}} \u{1b}[31m\",4\r\na,\"two\r\nlines\",\r\n";
    let fleet = fleet("f.csv", odd);
    assert_eq!(fleet.fields().map(|(_, name)| name).collect::<Vec<_>>(), ["name", "note", "cores"]);
    assert_eq!((fleet.name(HostId(0)), fleet.name(HostId(1))), ("b", "a"));
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(texts(&fleet, "note"), [text("a \"b\", {{7*7}} \u{1b}[31m"), text("two\r\nlines")]);
    assert_eq!(texts(&fleet, "cores"), [text("4"), None]);
    assert_eq!(fleet.field_type(fleet.field("cores").unwrap()), FieldType::Integer);
    assert_eq!(fleet.place(HostId(1)), Some(("f.csv", Some(3))));
    assert_eq!(fleet.find("a"), Some(HostId(1)));
    assert_eq!(fleet.find("c"), None);
}

#[test]
fn tables_gone_wrong_say_where() {
    let not_utf8 = b"name,site\na,Z\xfcrich\n".to_vec();
    assert_eq!(faults("f.csv", not_utf8), [(Some(2), "it is not UTF-8: byte 4 of this line is 0xFC".to_owned())]);
    let told = faults("f.csv", "name,a\nx,1\ny\nz,1,2\n-o,1\nx,2\nw,\"1\n");
    let lines: Vec<Option<usize>> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [Some(3), Some(4), Some(5), Some(6), Some(7)]);
    assert_eq!(told[3].1, "`x` stands in line 2 too, with another `a`");
    assert_eq!(faults("f.csv", "name,a,a\nx,1,2\n"), [(Some(1), "columns 2 and 3 are both called `a`".to_owned())]);
    assert_eq!(faults("f.csv", "name,a\n"), [(None, "it names no hosts".to_owned())]);
    assert_eq!(faults("f.csv", ""), [(None, "it names no hosts".to_owned())]);
    assert_eq!(faults("f.csv", "name,,b\nx,,1\ny,2,1\n")[0].0, Some(3));
    let many: String = (0..100).map(|row| format!("-{row},1\n")).collect();
    let told = faults("f.csv", format!("name,a\n{many}"));
    assert_eq!(told.len(), 21);
    assert_eq!(told[20].1, "80 more faults like these");
}

#[test]
fn a_line_said_twice_is_one_host() {
    let fleet = fleet("f.csv", "name,a,b\nx,1,\ny,2,3\nx,1,\n");
    assert_eq!(fleet.len(), 2);
    assert_eq!(texts(&fleet, "a").len(), 2);
}

#[test]
fn columns_are_mapped_to_fields() {
    let text = "Hostname,Time Zone,name\nx,UTC,label\n";
    let fleet = mapped("f.csv", text, &[("name", "Hostname"), ("timezone", "Time Zone")]).unwrap();
    assert_eq!(fleet.fields().map(|(_, name)| name).collect::<Vec<_>>(), ["name", "timezone"]);
    assert_eq!(fleet.name(HostId(0)), "x");
    let faults = mapped("f.csv", text, &[("timezone", "Time zone")]).unwrap_err();
    assert_eq!(faults[0].help.as_deref(), Some("did you mean `Time Zone`?"));
    assert!(help("f.csv", "Hostname,b\nx,1\n").contains("{ name = \"Hostname\" }"));
    assert!(help("f.csv", "a,b\nx,1\n").ends_with("the columns are `a`, `b`"));
}

#[test]
fn an_array_of_objects_has_types() {
    let text = r#"[
  {"name": "a", "cores": 4, "load": 0.5, "up": true, "tags": ["x", "y"], "os": {"name": "linux", "version": "5.10"}},
  {"up": null, "name": "b", "cores": 8, "load": 1, "zip": "007", "note": "", "tags": [1, {"k": null}]},
  {"tags": "x", "name": "c"}
]"#;
    let fleet = fleet("f.json", text);
    let types: Vec<(String, FieldType)> =
        fleet.fields().map(|(field, name)| (name.to_owned(), fleet.field_type(field))).collect();
    let wanted = [
        ("name", FieldType::Text),
        ("cores", FieldType::Integer),
        ("load", FieldType::Number),
        ("up", FieldType::Bool),
        ("tags", FieldType::List),
        ("os.name", FieldType::Text),
        ("os.version", FieldType::Version),
        ("zip", FieldType::Text),
        ("note", FieldType::Text),
    ];
    assert_eq!(types, wanted.map(|(name, field_type)| (name.to_owned(), field_type)));
    let tags = fleet.field("tags").unwrap();
    let list = |texts: &[&str]| Some(Value::List(texts.iter().map(|text| (*text).to_owned()).collect()));
    assert_eq!(fleet.value(HostId(0), tags), list(&["x", "y"]));
    assert_eq!(fleet.value(HostId(1), tags), list(&["1", r#"{"k":null}"#]));
    assert_eq!(fleet.value(HostId(2), tags), list(&["x"]));
    let all = crate::inventory::HostSet::all(3);
    let counts: Vec<(String, usize)> =
        fleet.values(tags, &all).into_iter().map(|(value, count)| (value.to_string(), count)).collect();
    assert_eq!(counts[0], ("x".to_owned(), 2));
    assert_eq!(texts(&fleet, "note"), [None, None, None]);
    assert_eq!(fleet.place(HostId(1)), Some(("f.json", Some(3))));
    assert_eq!(fleet.field_type(fleet.field("load").unwrap()), FieldType::Number);
}

#[test]
fn json_gone_wrong_says_where() {
    let told = faults(
        "f.json",
        "[\n{\"name\": \"a\", \"x\": 1},\n{\"x\": 1},\n{\"name\": \"a b\"},\n{\"name\": \"a\"},\n{\"name\": \"c\", \"x\": 1, \"x\": 2}]",
    );
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [Some(3), Some(4), Some(5), Some(6)]);
    assert_eq!(told[0].1, "this object has no `name`");
    assert_eq!(told[2].1, "`a` stands in line 2 too, with another `x`");
    assert_eq!(told[3].1, "the key `x` comes twice in one object");
    assert_eq!(faults("f.json", "[\n{\"name\": \"a\"},\n")[0].0, Some(3));
    assert_eq!(
        faults("f.json", "[\"a\"]")[0].1,
        "it is not JSON: invalid type: string \"a\", expected an object with the fields of a host"
    );
    assert_eq!(faults("f.json", "[]")[0].1, "it names no hosts");
    assert_eq!(
        faults("f.json", "{\"data\": [{\"name\": \"a\"}]}")[0].1,
        "the hosts stand below the key `data`, and must be an array by themselves"
    );
    assert!(help("f.json", "[{\"hostname\": \"a\"}]").contains("{ name = \"hostname\" }"));
    let deep = format!("[{{\"name\": \"a\", \"x\": {}1{}}}]", "[".repeat(1_000), "]".repeat(1_000));
    assert!(faults("f.json", deep)[0].1.contains("recursion limit"));
    let faults = mapped("f.json", "[{\"name\": \"a\"}]", &[("site", "Site")]).unwrap_err();
    assert_eq!(faults[0].kind, InventoryFaultKind::Shape);
}

#[test]
fn nested_maps_are_fields_down_to_a_depth() {
    let deep = format!("[{{\"name\": \"a\", \"x\": {}1{}}}]", "{\"y\": ".repeat(20), "}".repeat(20));
    let fleet = fleet("f.json", &deep);
    let name = format!("x{}", ".y".repeat(8));
    assert_eq!(fleet.field_type(fleet.field(&name).unwrap()), FieldType::Text);
}

#[test]
fn fields_without_end_are_refused() {
    let keys: String = (0..5_000).map(|idx| format!(", \"k{idx}\": 1")).collect();
    let told = faults("f.json", format!("[{{\"name\": \"a\"{keys}}}]"));
    assert_eq!(told[0].1, "there are more cells than a fleet can have");
    let columns: String = (0..5_000).map(|idx| format!(",k{idx}")).collect();
    assert!(faults("f.csv", format!("name{columns}\n"))[0].1.contains("5001 columns"));
}

#[test]
fn an_ansible_inventory_cannot_fill_the_memory() {
    let names: String = (0..20_000).map(|idx| format!("    v{idx}: 1\n")).collect();
    let told = faults("f.yml", format!("all:\n  hosts: {{a: }}\n  vars:\n{names}"));
    assert_eq!(told[0], (Some(10_004), "there are variables of more than 10000 names".to_owned()));
    let groups: String = (0..30_000).map(|idx| format!("[g{idx}]\n")).collect();
    assert!(faults("f.ini", format!("a\n{groups}"))[0].1.contains("more than 20000 groups"));
    assert!(faults("f.ini", "h[1:999999999]\n")[0].1.contains("more than 1000000 hosts"));
    assert!(faults("f.ini", "h[1:999999]\ni[1:999999]\n")[0].1.contains("more than 1000000 hosts"));
    let brackets = "[1:1]".repeat(100_000);
    assert!(faults("f.ini", format!("h{brackets}\n"))[0].1.contains("ranges"));
}

#[test]
fn spreadsheets_scripts_and_directories_without_an_inventory() {
    assert!(faults("f.xlsx", b"PK\x03\x04x".to_vec())[0].1.contains("spreadsheet"));
    assert!(faults("f", b"\xff\xfea\0".to_vec())[0].1.contains("UTF-16"));
    assert!(faults("inv.sh", "#!/bin/sh\n")[0].1.contains("script"));
    assert_eq!(read(&[], &ReadOptions::default()).unwrap_err()[0].kind, InventoryFaultKind::Empty);
    let mixed = [file("inv/a.csv", "name\nx\n"), file("inv/b", "web1\n")];
    let faults = read(&mixed, &ReadOptions::default()).unwrap_err();
    assert_eq!(faults[0].path, "inv/a.csv");
    assert!(faults[0].message.starts_with("it is CSV"));
}

#[test]
fn the_hosts_of_a_directory_know_their_files() {
    let files = [file("inv/b", "[web]\nweb1\n"), file("inv/a.yml", "all:\n  hosts:\n    db1:\n")];
    let fleet = read(&files, &ReadOptions::default()).unwrap();
    assert_eq!(fleet.place(fleet.find("web1").unwrap()), Some(("inv/b", Some(2))));
    assert_eq!(fleet.place(fleet.find("db1").unwrap()), Some(("inv/a.yml", Some(3))));
    assert_eq!(fleet.group("web").map(|group| fleet.group_hosts(group).len()), Some(1));
    let mapped = read(&files, &ReadOptions { mapping: [("name".to_owned(), "x".to_owned())].into_iter().collect() });
    assert_eq!(mapped.unwrap_err()[0].message, "Ansible's hosts are named by their own keys");
}

proptest! {
    #[test]
    fn what_a_csv_writer_wrote_is_read(
        rows in prop::collection::vec(prop::collection::vec("[^\0]{0,6}", 3), 1..20),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["name", "a", "b", "c"]).unwrap();
        for (idx, row) in rows.iter().enumerate() {
            writer.write_record([format!("h{idx}")].iter().chain(row)).unwrap();
        }
        let fleet = read(&[file("f.csv", writer.into_inner().unwrap())], &ReadOptions::default()).unwrap();
        for (field, name) in [(0, "a"), (1, "b"), (2, "c")] {
            let wanted: Vec<Option<String>> = rows.iter().map(|row| Some(row[field].clone()).filter(|t| !t.is_empty())).collect();
            prop_assert_eq!(texts(&fleet, name), wanted);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        path in prop::sample::select(vec!["f.csv", "f.json", "f.yml", "f.ini", "f", "d/group_vars/all"]),
    ) {
        let _ = read(&[file(path, bytes.clone())], &ReadOptions::default());
        let _ = read(&[file("d/hosts", "a\n"), file("d/group_vars/all", bytes)], &ReadOptions::default());
    }

    #[test]
    fn no_text_of_the_right_letters_makes_a_reader_panic(
        text in r#"(name|host|all|web|vars|children|hosts|[\[\]{}(),:;="'#\\&*!<|>%@`~ \n\t.0-9a-c-]){0,80}"#,
        path in prop::sample::select(vec!["f.csv", "f.json", "f.yml", "f.ini", "f"]),
    ) {
        if let Ok(fleet) = read(&[file(path, text)], &ReadOptions::default()) {
            prop_assert!(fleet.hosts().all(|host| crate::inventory::HostName::check(fleet.name(host)).is_ok()));
        }
    }
}
