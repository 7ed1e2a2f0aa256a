//! Inventories: a fleet in which every cell can be asked for, or faults that each say something.

use sunup::inventory::{Fleet, HostName, HostSet, InputFile, ReadOptions, read};

pub fn csv(data: &[u8]) {
    read_as("fleet.csv", data);
}

/// As an array of hosts, as Ansible's `--list`, and as variables beside an inventory.
pub fn json(data: &[u8]) {
    read_as("fleet.json", data);
    read_beside("group_vars/web.json", data);
}

/// As an inventory, and as variables beside one.
pub fn yaml(data: &[u8]) {
    read_as("hosts.yml", data);
    read_beside("group_vars/web.yml", data);
    read_beside("host_vars/web1", data);
}

pub fn ini(data: &[u8]) {
    read_as("hosts.ini", data);
}

fn read_as(path: &str, data: &[u8]) {
    assert_sound(&[file(path, data)]);
}

fn read_beside(path: &str, data: &[u8]) {
    assert_sound(&[file("hosts", b"[web]\nweb[1:3] a=1\n[db:children]\nweb\n"), file(path, data)]);
}

fn file(path: &str, data: &[u8]) -> InputFile {
    InputFile { path: path.to_owned(), bytes: data.to_vec() }
}

fn assert_sound(files: &[InputFile]) {
    match read(files, &ReadOptions::default()) {
        Ok(fleet) => assert_whole(&fleet),
        Err(faults) => {
            assert!(!faults.is_empty(), "no fleet, and nobody says why");
            for fault in &faults {
                let file = files.iter().find(|file| file.path == fault.path);
                let file = file.unwrap_or_else(|| panic!("a fault in a file that is none of these: {fault:?}"));
                let lines = lines_of(&file.bytes);
                assert!(fault.line.is_none_or(|line| (1..=lines).contains(&line)), "{lines} lines, but {fault:?}");
                let said = format!("{}{}", fault.message, fault.help.as_deref().unwrap_or(""));
                assert!(!fault.message.is_empty() && !said.contains(char::is_control), "{fault:?}");
            }
        }
    }
}

/// As an editor counts them; where every line ends in a carriage return alone, as old spreadsheets write them, those count.
fn lines_of(bytes: &[u8]) -> usize {
    let count = |wanted: u8| bytes.iter().filter(|&&byte| byte == wanted).count();
    let ends = count(b'\n');
    1 + if ends == 0 { count(b'\r') } else { ends }
}

/// Every question about every cell has an answer, and the answers agree.
fn assert_whole(fleet: &Fleet) {
    let all = HostSet::all(fleet.len());
    assert!(!fleet.is_empty());
    assert!(fleet.field("name").is_some());
    // A range may make a million hosts; the first of them stand for all.
    let some: Vec<_> = fleet.hosts().take(200).collect();
    for &host in &some {
        assert!(HostName::check(fleet.name(host)).is_ok(), "{:?} was taken", fleet.name(host));
        assert_eq!(fleet.find(fleet.name(host)), Some(host));
        assert!(fleet.place(host).is_some());
    }
    for (field, name) in fleet.fields().take(200) {
        assert_eq!(fleet.field(name), Some(field));
        let missing = fleet.missing(field);
        for &host in &some {
            let is_missing = missing.contains(host);
            assert_eq!(fleet.value(host, field).is_none(), is_missing, "{name}");
            assert_eq!(fleet.text(host, field).is_none(), is_missing, "{name}");
            assert_eq!(fleet.code(host, field) == 0, is_missing, "{name}");
        }
        let summary = fleet.summary(field, 3);
        assert_eq!(summary.missing, missing.len(), "{name}");
        if fleet.len() <= 1_000 {
            assert!(
                fleet.values(field, &all).iter().all(|(value, count)| *count > 0 && !format!("{value:?}").is_empty())
            );
        }
    }
    assert!(fleet.groups().all(|(_, hosts)| hosts.len() <= fleet.len()));
}

pub fn csv_words() -> Vec<&'static str> {
    vec![
        "name", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", "a,b", "\u{feff}", "5.2.1", "-x", "é", "a;b", " ",
        "\n\n",
    ]
}

pub fn json_words() -> Vec<&'static str> {
    vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"name\"",
        "\"a\"",
        "\"\\u0041\"",
        "\"\\ud800\"",
        "null",
        "true",
        "1e999",
        "-0",
        "18446744073709551615",
        "1.5",
        "{\"name\":\"a\"}",
        "\"_meta\"",
        "\"hostvars\"",
        "\"hosts\"",
        "\"children\"",
        "\"all\"",
        "\"vars\"",
        "\"__ansible_vault\"",
        "\"__ansible_unsafe\"",
        "\\",
        "\n",
    ]
}

pub fn yaml_words() -> Vec<&'static str> {
    vec![
        "all",
        "hosts",
        "children",
        "vars",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a ",
        "*a",
        "<<: *a",
        "? ",
        "| ",
        ">-\n",
        "\"",
        "'",
        "!vault |\n",
        "!!str ",
        "!!set ",
        "!!int ",
        "!unsafe ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "#",
        "~",
        "0o17",
        "0x1F",
        "1_000",
        "1:30",
        ".inf",
        "2007-05-08",
        "yes",
        "\t",
        "\u{85}",
        "é",
        "plugin",
        "ansible_host",
        "ansible_group_priority",
        "web[1:3]",
    ]
}

pub fn ini_words() -> Vec<&'static str> {
    vec![
        "[web]",
        "[web:children]",
        "[web:vars]",
        "[all:vars]",
        "[",
        "]",
        ":",
        "=",
        "\n",
        "\r",
        "web[1:3]",
        "[a:c]",
        "[01:10:3]",
        "[::1]:22",
        "a=1",
        "a='x y'",
        "\"",
        "'",
        "\\",
        "#",
        ";",
        "{'a': 1}",
        "[1, 2]",
        "(1,)",
        "{1, 2}",
        "None",
        "True",
        "0x1F",
        "1_0",
        "1e9",
        "2j",
        "r'\\n'",
        "b''",
        "'''",
        "\\x41",
        "\\u00e9",
        "\\N{DASH}",
        "...",
        "-",
        ",",
        "9223372036854775808",
        "ansible_group_priority=",
        "\u{2028}",
        "\u{c}",
        " ",
    ]
}
