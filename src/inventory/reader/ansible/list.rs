use crate::inventory::reader::ansible::host_pattern::HostPattern;
use crate::inventory::reader::ansible::model::{Model, Place};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::{HostName, InventoryFaultKind};

/// Reads into the model what `ansible-inventory --list` and inventory scripts print: a map of groups, with lists of hosts,
/// and below `_meta` the variables of each host. Names stand for themselves here: there are no ranges.
pub(crate) fn read(document: &[(String, Datum)], text: &str, model: &mut Model, faults: &mut Faults) {
    let mut reader = Reader { text, model, faults };
    for (name, group) in document.iter().filter(|(name, _)| name != "_meta") {
        if let Err(message) = reader.read_group(name, group) {
            reader.push(message, name);
        }
    }
    let meta = document.iter().find(|(name, _)| name == "_meta").map(|(_, meta)| meta);
    if let Some(Datum::Map(hosts)) = meta.and_then(|meta| entry(meta, "hostvars")) {
        reader.read_hostvars(hosts);
    }
}

/// Whether a JSON object has this shape. The other shape, groups with maps of hosts, is that of a YAML inventory.
pub(crate) fn is_list(document: &[(String, Datum)]) -> bool {
    document.iter().any(|(name, group)| {
        name == "_meta" || matches!(group, Datum::List(_)) || matches!(entry(group, "hosts"), Some(Datum::List(_)))
    })
}

struct Reader<'a> {
    text: &'a str,
    model: &'a mut Model,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn read_group(&mut self, name: &str, data: &Datum) -> Result<(), String> {
        let group = self.model.group(name)?;
        if let Datum::List(hosts) = data {
            return self.read_hosts(hosts, group);
        }
        let (hosts, vars, children) = (entry(data, "hosts"), entry(data, "vars"), entry(data, "children"));
        if hosts.is_none() && vars.is_none() && children.is_none() {
            return Err(format!("the group {} has none of `hosts`, `vars` and `children`", quoted(name)));
        }
        match hosts {
            Some(Datum::List(hosts)) => self.read_hosts(hosts, group)?,
            Some(_) => return Err(format!("the `hosts` of the group {} are no list", quoted(name))),
            None => {}
        }
        match vars {
            Some(Datum::Map(vars)) => {
                vars.iter().try_for_each(|(var, value)| self.model.set_group_var(group, var, value.clone()))?;
            }
            Some(_) => return Err(format!("the `vars` of the group {} are no map", quoted(name))),
            None => {}
        }
        let Some(Datum::List(children)) = children else { return Ok(()) };
        for child in children {
            let Datum::Text(child) = child else {
                return Err(format!("a child of the group {} is no text", quoted(name)));
            };
            let child = self.model.group(child)?;
            self.model.add_child(group, child)?;
        }
        Ok(())
    }

    fn read_hosts(&mut self, hosts: &[Datum], group: usize) -> Result<(), String> {
        for host in hosts {
            let Datum::Text(name) = host else { return Err("a host's name is no text".to_owned()) };
            if let Err(bad) = HostName::check(name) {
                let message = format!("{} cannot be a host's name: {}", quoted(&bad.name), bad.reason);
                let help = "name the host as DNS does, with letters, digits, `-` and `.`";
                self.faults.push(InventoryFaultKind::BadHostName, self.line_of(name), message, help);
                continue;
            }
            let pattern = HostPattern { names: vec![name.clone()], port: None };
            self.model.add_hosts(pattern, group, Vec::new(), Place { file: 0, line: 0 })?;
        }
        Ok(())
    }

    /// As Ansible does, passes over the variables of hosts that are in no group.
    fn read_hostvars(&mut self, hosts: &[(String, Datum)]) {
        for (name, vars) in hosts {
            let Some(idx) = self.model.hosts.get_index_of(name) else { continue };
            let result = match vars {
                Datum::Map(vars) => {
                    vars.iter().try_for_each(|(var, value)| self.model.set_host_var(idx, name, var, value.clone()))
                }
                _ => Err(format!("the variables of {} are no map", quoted(name))),
            };
            if let Err(message) = result {
                self.push(message, name);
            }
        }
    }

    fn push(&mut self, message: String, name: &str) {
        let help = "it should be what `ansible-inventory -i … --list` prints";
        self.faults.push(InventoryFaultKind::Unreadable, self.line_of(name), message, help);
    }

    /// The line where a name stands first: JSON values carry no places, and only a fault needs one.
    fn line_of(&self, name: &str) -> Option<usize> {
        if !self.faults.tells_more() {
            return None;
        }
        let written = serde_json::to_string(name).ok()?;
        let at = self.text.find(&written)?;
        Some(memchr::memchr_iter(b'\n', &self.text.as_bytes()[..at]).count() + 1)
    }
}

fn entry<'d>(datum: &'d Datum, name: &str) -> Option<&'d Datum> {
    let Datum::Map(entries) = datum else { return None };
    // Of a key that comes twice the last one counts.
    entries.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}
