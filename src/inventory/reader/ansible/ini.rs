use indexmap::IndexMap;

use crate::diagnostic::nearest;
use crate::inventory::reader::ansible::model::{Model, Place};
use crate::inventory::reader::ansible::{host_pattern, literal, words};
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::{HostName, InventoryFaultKind};

/// Reads an Ansible INI file into the model. Sections are `[group]`, `[group:children]` and `[group:vars]`; lines before
/// the first are hosts of no group.
pub(crate) fn read(text: &str, file: usize, model: &mut Model, faults: &mut Faults) {
    let mut reader = Reader { model, faults, file, line: 0, section: Section::Hosts(1), pending: IndexMap::new() };
    for (number, line) in lines(text) {
        reader.line = number;
        reader.read_line(line.trim());
    }
    reader.push_undeclared();
}

struct Reader<'a> {
    model: &'a mut Model,
    faults: &'a mut Faults,
    file: usize,
    line: usize,
    section: Section,
    /// Groups that were named and not yet declared.
    pending: IndexMap<String, Pending>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Hosts(usize),
    Children(usize),
    Vars(usize),
    /// Its head was wrong, so that its lines say nothing.
    Unknown,
}

struct Pending {
    line: usize,
    /// The groups that want it as a child; none where it was a `:vars` section alone.
    parents: Vec<usize>,
}

impl Reader<'_> {
    fn read_line(&mut self, line: &str) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            return;
        }
        let result = match section_head(line) {
            Some((group, kind)) => self.open_section(group, kind),
            None if line.starts_with('[') && line.ends_with(']') => {
                self.section = Section::Unknown;
                Err(format!("{} is not a section: `[group]`, `[group:children]` or `[group:vars]`", quoted(line)))
            }
            None => match self.section {
                Section::Hosts(group) => self.read_hosts(line, group),
                Section::Children(group) => self.read_child(line, group),
                Section::Vars(group) => self.read_var(line, group),
                Section::Unknown => Ok(()),
            },
        };
        if let Err(message) = result {
            let help =
                "see how Ansible writes it: `host[1:3] name=value`, `[group]`, `[group:children]`, `[group:vars]`";
            self.faults.push(InventoryFaultKind::Unreadable, self.line, message, help);
        }
    }

    fn open_section(&mut self, name: &str, kind: Option<&str>) -> Result<(), String> {
        let is_known = self.model.groups.contains_key(name);
        self.section = Section::Unknown;
        let group = self.model.group(name)?;
        self.section = match kind {
            None | Some("hosts") => Section::Hosts(group),
            Some("children") => Section::Children(group),
            Some("vars") => Section::Vars(group),
            Some(other) => {
                let known = nearest(other, ["hosts", "children", "vars"]);
                let meant = known.map_or(String::new(), |known| format!("; did you mean `:{known}`?"));
                return Err(format!("a section cannot be {}{meant}", quoted(&format!(":{other}"))));
            }
        };
        if !matches!(self.section, Section::Vars(_)) {
            let parents = self.pending.shift_remove(name).map(|pending| pending.parents).unwrap_or_default();
            return parents.into_iter().try_for_each(|parent| self.model.add_child(parent, group));
        }
        if !is_known {
            self.pending.entry(name.to_owned()).or_insert(Pending { line: self.line, parents: Vec::new() });
        }
        Ok(())
    }

    fn read_hosts(&mut self, line: &str, group: usize) -> Result<(), String> {
        let words = words::split(line)?;
        let (entry, assignments) = words.split_first().ok_or("the line names no host")?;
        let pattern = host_pattern::read(entry, self.model.room())
            .map_err(|reason| format!("{} cannot be read: {reason}", quoted(entry)))?;
        if entry.ends_with(':') && pattern.port.is_none() {
            return Err(format!("{} ends with a colon, after which a port is wanted", quoted(entry)));
        }
        if let Some(bad) = pattern.names.iter().find_map(|name| HostName::check(name).err()) {
            let message = format!("{} cannot be a host's name: {}", quoted(&bad.name), bad.reason);
            let help = "name the host as DNS does, with letters, digits, `-` and `.`";
            self.faults.push(InventoryFaultKind::BadHostName, self.line, message, help);
            return Ok(());
        }
        let mut vars = Vec::new();
        for assignment in assignments {
            let (name, value) = assignment
                .split_once('=')
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| format!("{} is not `name=value`", quoted(assignment)))?;
            vars.push((name.into(), literal::read(value)));
        }
        self.model.add_hosts(pattern, group, vars, Place { file: self.file, line: self.line })
    }

    fn read_child(&mut self, line: &str, parent: usize) -> Result<(), String> {
        let name = first_word(line).filter(|name| !name.is_empty() && !name.contains([':', ']']));
        let name = name.ok_or_else(|| format!("{} is not the name of a group", quoted(line)))?;
        match self.model.groups.get_index_of(name) {
            Some(child) => self.model.add_child(parent, child),
            None => {
                let pending = Pending { line: self.line, parents: Vec::new() };
                self.pending.entry(name.to_owned()).or_insert(pending).parents.push(parent);
                Ok(())
            }
        }
    }

    fn read_var(&mut self, line: &str, group: usize) -> Result<(), String> {
        let (name, value) = line.split_once('=').ok_or_else(|| format!("{} is not `name=value`", quoted(line)))?;
        if name.trim().is_empty() {
            return Err(format!("{} is not `name=value`", quoted(line)));
        }
        self.model.set_group_var(group, name.trim(), literal::read(value.trim()))
    }

    fn push_undeclared(&mut self) {
        for (name, pending) in std::mem::take(&mut self.pending) {
            let groups = self.model.groups.keys().map(String::as_str);
            let known = if self.faults.tells_more() { nearest(&name, groups) } else { None };
            let help = match known {
                Some(known) => format!("did you mean {}?", quoted(known)),
                None => format!("declare it with a section {}", quoted(&format!("[{name}]"))),
            };
            let message = format!("the group {} is declared nowhere", quoted(&name));
            self.faults.push(InventoryFaultKind::Unreadable, pending.line, message, &help);
        }
    }
}

/// The lines as Python parts them (CR, form feed and Unicode's own ends count too), each with the number that an editor
/// shows for it.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    const ENDS: [char; 9] = ['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    let numbered = text.split('\n').enumerate().map(|(idx, line)| (idx + 1, line.strip_suffix('\r').unwrap_or(line)));
    numbered.flat_map(|(number, line)| line.split(ENDS).map(move |piece| (number, piece)))
}

/// `[group]` or `[group:kind]`, with a comment after it.
fn section_head(line: &str) -> Option<(&str, Option<&str>)> {
    let (head, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    if !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let (name, kind) = match head.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (head, None),
    };
    let is_word = |kind: &str| !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name && kind.is_none_or(is_word)).then_some((name, kind))
}

/// The word that a line of children begins with; a comment after a blank is passed over.
fn first_word(line: &str) -> Option<&str> {
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let rest = line[end..].trim_start();
    (rest.is_empty() || rest.starts_with('#')).then_some(&line[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_sections() {
        assert_eq!(section_head("[web]"), Some(("web", None)));
        assert_eq!(section_head("[web:vars]  # why"), Some(("web", Some("vars"))));
        for line in ["[we b]", "[web:]", "[web] x", "[]", "[a:b:c]", "web", "[web"] {
            assert_eq!(section_head(line), None, "{line}");
        }
    }

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        let numbered: Vec<_> = lines("a\r\nb\u{c}c\nd").collect();
        assert_eq!(numbered, [(1, "a"), (2, "b"), (2, "c"), (3, "d")]);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let (mut model, mut faults) = (Model::new(), Faults::of("hosts"));
        read("a b\n[x:vras]\n[y:vars]\n-o\n[z w]\nignored\n[g]\nh[3:1]\nweb:\n'q\n", 0, &mut model, &mut faults);
        let told: Vec<_> = faults.into_list().into_iter().map(|fault| (fault.line.unwrap(), fault.message)).collect();
        let lines: Vec<usize> = told.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 8, 9, 10]);
        assert!(told[1].1.ends_with("did you mean `:vars`?"), "{}", told[1].1);
    }
}
