use std::borrow::Cow;

use crate::diagnostic::nearest;
use crate::inventory::reader::ansible::host_pattern;
use crate::inventory::reader::ansible::model::{Model, Place};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::reader::yaml::{self, Entry, Kind, Node, Yaml, YamlFault};
use crate::inventory::{HostName, InventoryFaultKind};

/// Reads an Ansible YAML file into the model: a map of groups, each with `hosts`, `vars` and `children`.
pub(crate) fn read(text: &str, file: usize, model: &mut Model, faults: &mut Faults) {
    let mut reader = Reader { model, faults, file };
    match yaml::read(text) {
        Ok(Some(document)) => reader.read_document(&document),
        Ok(None) => reader.faults.whole(InventoryFaultKind::Empty, "there is nothing in it", "is it the right file?"),
        Err(fault) => reader.push(&fault),
    }
}

struct Reader<'a> {
    model: &'a mut Model,
    faults: &'a mut Faults,
    file: usize,
}

/// An entry of a section: its name, where that stands, and what it holds.
type Member<'y> = (Cow<'y, str>, &'y Yaml<'y>, Option<&'y Yaml<'y>>);

impl Reader<'_> {
    fn read_document(&mut self, document: &Yaml<'_>) {
        let Node::Map(_) = document.node else {
            let message = "it is no map of groups, which an Ansible inventory is";
            let help = "an inventory begins with a group, `all:` for one; a list of hosts can be JSON or CSV";
            return self.faults.push(InventoryFaultKind::Shape, document.line, message, help);
        };
        let groups = match document.entries() {
            Ok(groups) => groups,
            Err(fault) => return self.push(&fault),
        };
        if let Some(plugin) = groups.iter().find(|entry| entry.name == "plugin") {
            let named = plugin.value.key().unwrap_or_default();
            let message = format!("it tells Ansible's plug-in {} how to find hosts, and names none", quoted(&named));
            let help = "write them down once: `ansible-inventory -i FILE --list > hosts.json`";
            return self.faults.push(InventoryFaultKind::Shape, document.line, message, help);
        }
        for entry in groups {
            self.read_group(entry.key, entry.value);
        }
    }

    /// The group's place in the model; none where it is no group.
    fn read_group(&mut self, key: &Yaml<'_>, data: &Yaml<'_>) -> Option<usize> {
        match self.try_read_group(key, data) {
            Ok(group) => group,
            Err(fault) => {
                self.push(&fault);
                None
            }
        }
    }

    fn try_read_group(&mut self, key: &Yaml<'_>, data: &Yaml<'_>) -> Result<Option<usize>, YamlFault> {
        let name = named(key, "group")?;
        let sections = match &data.node {
            Node::Map(_) => data.entries()?,
            _ if data.datum()? == Datum::Null => Vec::new(),
            // Ansible warns of it and goes on.
            _ => return Ok(None),
        };
        let at = |line: usize| move |message: String| YamlFault { line, message };
        let group = self.model.group(&name).map_err(at(key.line))?;
        for Entry { name: section_name, key: section, value: content } in sections {
            match section_name.as_ref() {
                "hosts" => {
                    for (_, host, vars) in self.entries_of(content, "hosts", &name)? {
                        if let Err(fault) = self.read_hosts(host, vars, group) {
                            self.push(&fault);
                        }
                    }
                }
                "vars" => {
                    for (var_name, var, value) in self.entries_of(content, "vars", &name)? {
                        let value = value.map_or(Ok(Datum::Null), Yaml::datum)?;
                        self.model.set_group_var(group, &var_name, value).map_err(at(var.line))?;
                    }
                }
                "children" => {
                    let nothing = Yaml { line: content.line, node: nothing() };
                    for (_, child, data) in self.entries_of(content, "children", &name)? {
                        if let Some(child_group) = self.read_group(child, data.unwrap_or(&nothing)) {
                            self.model.add_child(group, child_group).map_err(at(child.line))?;
                        }
                    }
                }
                // Ansible warns of it and goes on. So do we, but for a slip that would lose hosts.
                other => {
                    if let Some(meant) = nearest(other, ["hosts", "vars", "children"])
                        && matches!(content.node, Node::Map(_))
                    {
                        let message = format!("the group {} has no {}, only `{meant}`", quoted(&name), quoted(other));
                        let help = format!("did you mean `{meant}`?");
                        self.faults.push(InventoryFaultKind::Shape, section.line, message, &help);
                    }
                }
            }
        }
        Ok(Some(group))
    }

    fn read_hosts(&mut self, entry: &Yaml<'_>, vars: Option<&Yaml<'_>>, group: usize) -> Result<(), YamlFault> {
        let at = |message: String| YamlFault { line: entry.line, message };
        let name = named(entry, "host")?;
        let pattern = host_pattern::read(&name, self.model.room())
            .map_err(|reason| at(format!("{} cannot be read: {reason}", quoted(&name))))?;
        if let Some(bad) = pattern.names.iter().find_map(|name| HostName::check(name).err()) {
            let message = format!("{} cannot be a host's name: {}", quoted(&bad.name), bad.reason);
            let help = "name the host as DNS does, with letters, digits, `-` and `.`";
            self.faults.push(InventoryFaultKind::BadHostName, entry.line, message, help);
            return Ok(());
        }
        let mut values = Vec::new();
        match vars {
            Some(vars) if matches!(vars.node, Node::Map(_)) => {
                for entry in vars.entries()? {
                    values.push((entry.name, entry.value.datum()?));
                }
            }
            Some(vars) if !is_falsy(&vars.datum()?) => {
                let message = format!("the variables of {} are no map", quoted(&name));
                return Err(YamlFault { line: vars.line, message });
            }
            _ => {}
        }
        self.model.add_hosts(pattern, group, values, Place { file: self.file, line: entry.line }).map_err(at)
    }

    /// The entries of a section. A text alone stands for an entry with nothing in it.
    fn entries_of<'y>(&self, content: &'y Yaml<'y>, section: &str, group: &str) -> Result<Vec<Member<'y>>, YamlFault> {
        if let Node::Map(_) = content.node {
            let member = |entry: Entry<'y>| (entry.name, entry.key, Some(entry.value));
            return Ok(content.entries()?.into_iter().map(member).collect());
        }
        match content.datum()? {
            Datum::Null => Ok(Vec::new()),
            Datum::Text(text) => Ok(vec![(Cow::Owned(text), content, None)]),
            _ => Err(YamlFault {
                line: content.line,
                message: format!("`{section}` of the group {} is no map: write `name:`, not `- name`", quoted(group)),
            }),
        }
    }

    fn push(&mut self, fault: &YamlFault) {
        let help = "see how Ansible writes it: `all:`, then `hosts:`, `vars:` and `children:` below it";
        self.faults.push(InventoryFaultKind::Unreadable, fault.line, fault.message.clone(), help);
    }
}

/// The name of a host or group. A word that YAML takes for something else is refused, as Ansible refuses it.
fn named(key: &Yaml<'_>, what: &str) -> Result<String, YamlFault> {
    let fault = |message: String| YamlFault { line: key.line, message };
    let Node::Scalar { text, .. } = &key.node else { return Err(fault(format!("this is no name of a {what}"))) };
    let read_as = match key.datum()? {
        Datum::Text(name) if name.is_empty() => return Err(fault(format!("a {what} has an empty name"))),
        Datum::Text(name) => return Ok(name),
        Datum::Bool(truth) => format!("`{truth}`"),
        Datum::Null => "nothing".to_owned(),
        Datum::Vault => return Err(fault(format!("the name of a {what} is encrypted"))),
        number => format!("the number {}", number.cell().map(|(text, _)| text).unwrap_or_default()),
    };
    let in_quotes = quoted(&format!("\"{text}\""));
    Err(fault(format!("the {what} {} is {read_as} to YAML: write it in quotes, {in_quotes}", quoted(text))))
}

/// What Python takes for nothing.
fn is_falsy(datum: &Datum) -> bool {
    match datum {
        Datum::Null | Datum::Bool(false) | Datum::Integer(0) => true,
        Datum::Number(number) => *number == 0.0,
        Datum::Text(text) => text.is_empty(),
        Datum::List(elements) => elements.is_empty(),
        Datum::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

fn nothing() -> Node<'static> {
    Node::Scalar { text: "".into(), is_plain: true, kind: Kind::Null }
}
