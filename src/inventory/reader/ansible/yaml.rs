use indexmap::IndexMap;

use crate::diagnostic::nearest;
use crate::inventory::reader::ansible::host_pattern;
use crate::inventory::reader::ansible::model::{Model, Place};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::reader::yaml::{self, Kind, Node, Yaml, YamlFault};
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

type Entries<'y> = Vec<(&'y Yaml<'y>, &'y Yaml<'y>)>;

impl Reader<'_> {
    fn read_document(&mut self, document: &Yaml<'_>) {
        let Node::Map(_) = document.node else {
            let message = "it is no map of groups, which an Ansible inventory is";
            let help = "an inventory begins with a group, `all:` for one; a list of hosts can be JSON or CSV";
            return self.faults.push(InventoryFaultKind::Shape, document.line, message, help);
        };
        let groups = match self.entries(document) {
            Ok(groups) => groups,
            Err(fault) => return self.push(&fault),
        };
        if let Some((_, plugin)) = groups.iter().find(|(key, _)| is_text(key, "plugin")) {
            let named = plugin.key().unwrap_or_default();
            let message = format!("it tells Ansible's plug-in {} how to find hosts, and names none", quoted(&named));
            let help = "write them down once: `ansible-inventory -i FILE --list > hosts.json`";
            return self.faults.push(InventoryFaultKind::Shape, document.line, message, help);
        }
        for (key, group) in groups {
            self.read_group(key, group);
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
            Node::Map(_) => self.entries(data)?,
            _ if data.datum()? == Datum::Null => Vec::new(),
            // Ansible warns of it and goes on.
            _ => return Ok(None),
        };
        let at = |line: usize| move |message: String| YamlFault { line, message };
        let group = self.model.group(&name).map_err(at(key.line))?;
        for (section, content) in sections {
            let section_name = section.key()?;
            match section_name.as_str() {
                "hosts" => {
                    for (host, vars) in self.entries_of(content, "hosts", &name)? {
                        if let Err(fault) = self.read_hosts(host, vars, group) {
                            self.push(&fault);
                        }
                    }
                }
                "vars" => {
                    for (var, value) in self.entries_of(content, "vars", &name)? {
                        let value = value.map_or(Ok(Datum::Null), Yaml::datum)?;
                        self.model.set_group_var(group, &var.key()?, value).map_err(at(var.line))?;
                    }
                }
                "children" => {
                    let nothing = Yaml { line: content.line, node: nothing() };
                    for (child, data) in self.entries_of(content, "children", &name)? {
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
                for (key, value) in self.entries(vars)? {
                    values.push((key.key()?, value.datum()?));
                }
            }
            Some(vars) if !is_falsy(&vars.datum()?) => {
                let message = format!("the variables of {} are no map", quoted(&name));
                return Err(YamlFault { line: vars.line, message });
            }
            _ => {}
        }
        self.model.add_hosts(pattern, group, &values, Place { file: self.file, line: entry.line }).map_err(at)
    }

    /// The entries of a section. A text alone stands for an entry with nothing in it.
    fn entries_of<'y>(
        &self,
        content: &'y Yaml<'y>,
        section: &str,
        group: &str,
    ) -> Result<Vec<(&'y Yaml<'y>, Option<&'y Yaml<'y>>)>, YamlFault> {
        if let Node::Map(_) = content.node {
            return Ok(self.entries(content)?.into_iter().map(|(key, value)| (key, Some(value))).collect());
        }
        match content.datum()? {
            Datum::Null => Ok(Vec::new()),
            Datum::Text(_) => Ok(vec![(content, None)]),
            _ => Err(YamlFault {
                line: content.line,
                message: format!("`{section}` of the group {} is no map: write `name:`, not `- name`", quoted(group)),
            }),
        }
    }

    /// The entries of a map, each key once: of one that comes again the last value counts, as it does for Ansible.
    fn entries<'y>(&self, map: &'y Yaml<'y>) -> Result<Entries<'y>, YamlFault> {
        let Node::Map(entries) = &map.node else { return Ok(Vec::new()) };
        let mut last: IndexMap<String, (&Yaml<'y>, &Yaml<'y>)> = IndexMap::with_capacity(entries.len());
        for (key, value) in entries {
            last.insert(key.key()?, (key, value));
        }
        Ok(last.into_values().collect())
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
    Err(fault(format!("the {what} {} is {read_as} to YAML: write it in quotes, `\"{text}\"`", quoted(text))))
}

fn is_text(key: &Yaml<'_>, wanted: &str) -> bool {
    matches!(&key.node, Node::Scalar { text, .. } if text == wanted)
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
