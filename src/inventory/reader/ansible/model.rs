use std::borrow::Cow;
use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};

use crate::inventory::reader::ansible::host_pattern::{HostPattern, MOST_RANGED};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::quoted;

/// The hosts and groups of an Ansible inventory while its files are read, with Ansible's own rules for what comes of a
/// thing said twice.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) groups: IndexMap<String, Group>,
    pub(crate) hosts: IndexMap<String, Host>,
    /// The names of variables, so that a host keeps a number for each.
    pub(crate) names: IndexSet<String>,
    ranged: usize,
    /// How many values ranges wrote out beyond those in the file.
    copied: usize,
    /// How many steps were made from groups to those they are part of.
    climbed: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) hosts: IndexSet<usize>,
    pub(crate) children: IndexSet<usize>,
    pub(crate) parents: IndexSet<usize>,
    pub(crate) vars: Vars,
    pub(crate) priority: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) vars: Vars,
    pub(crate) line: usize,
    /// Which of the files named it first.
    pub(crate) file: usize,
}

/// Variables in the order in which they were first set, by the number of their name.
#[derive(Debug, Default)]
pub(crate) struct Vars {
    pub(crate) list: Vec<(usize, Datum)>,
    /// Where each of many stands; a walk over a few is quicker than a table.
    #[expect(clippy::box_collection, reason = "a million hosts have none, and each would carry a table's six words")]
    places: Option<Box<HashMap<usize, usize>>>,
}

/// Where something stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) line: usize,
}

/// The group that every host is in, and the one of those that are in no other.
pub(crate) const ALL: usize = 0;
pub(crate) const UNGROUPED: usize = 1;

/// A host's variables are walked through, so that their names must not grow without end.
const MOST_NAMES: usize = 10_000;

/// A range gives each of its hosts the variables of its line, so that a short line could fill the memory.
const MOST_COPIED: usize = 1 << 24;

/// So many steps from groups to those above them find every group that is within itself in any real inventory; chains of
/// ten thousand groups would take the square of that.
const MOST_CLIMBED: usize = 1 << 22;

/// More groups than this are a mistake, and each host set of a group costs memory.
const MOST_GROUPS: usize = 20_000;

impl Model {
    pub(crate) fn new() -> Model {
        let mut model = Model::default();
        for name in ["all", "ungrouped"] {
            model.groups.insert(name.to_owned(), Group { priority: 1, ..Group::default() });
        }
        model.link(ALL, UNGROUPED);
        model
    }

    /// The group of that name, declared if it was not.
    pub(crate) fn group(&mut self, name: &str) -> Result<usize, String> {
        if let Some(idx) = self.groups.get_index_of(name) {
            return Ok(idx);
        }
        if self.groups.len() >= MOST_GROUPS {
            return Err(format!("there are more than {MOST_GROUPS} groups"));
        }
        Ok(self.groups.insert_full(name.to_owned(), Group { priority: 1, ..Group::default() }).0)
    }

    /// How many hosts the ranges that are still to come may make.
    pub(crate) fn room(&self) -> usize {
        MOST_RANGED.saturating_sub(self.ranged)
    }

    /// Puts the hosts of an entry in a group, with their variables.
    pub(crate) fn add_hosts(
        &mut self,
        pattern: HostPattern,
        group: usize,
        vars: Vec<(Cow<'_, str>, Datum)>,
        place: Place,
    ) -> Result<(), String> {
        let Some((last, others)) = pattern.names.split_last() else { return Ok(()) };
        self.ranged += others.len();
        let values: usize = vars.iter().map(|(_, value)| value.size()).sum();
        self.copied = self.copied.saturating_add(others.len().saturating_mul(values));
        if self.copied > MOST_COPIED {
            return Err(format!("ranges write out more than {MOST_COPIED} variables"));
        }
        for name in others {
            self.add_host(name, pattern.port, group, vars.clone(), place)?;
        }
        self.add_host(last, pattern.port, group, vars, place)
    }

    fn add_host(
        &mut self,
        name: &str,
        port: Option<u32>,
        group: usize,
        vars: Vec<(Cow<'_, str>, Datum)>,
        place: Place,
    ) -> Result<(), String> {
        let idx = self.host(name, port, place)?;
        if let Some((_, group)) = self.groups.get_index_mut(group) {
            group.hosts.insert(idx);
        }
        vars.into_iter().try_for_each(|(key, value)| self.set_host_var(idx, name, &key, value))
    }

    fn var_name(&mut self, name: &str) -> Result<usize, String> {
        if let Some(idx) = self.names.get_index_of(name) {
            return Ok(idx);
        }
        if self.names.len() >= MOST_NAMES {
            return Err(format!("there are variables of more than {MOST_NAMES} names"));
        }
        Ok(self.names.insert_full(name.to_owned()).0)
    }

    /// The host of that name. A port counts where the host is first named, as it does for Ansible.
    fn host(&mut self, name: &str, port: Option<u32>, place: Place) -> Result<usize, String> {
        if let Some(idx) = self.hosts.get_index_of(name) {
            return Ok(idx);
        }
        let mut host = Host { line: place.line, file: place.file, ..Host::default() };
        if let Some(port) = port {
            let name = self.var_name("ansible_port")?;
            host.vars.set(name, Datum::Integer(port.into()));
        }
        Ok(self.hosts.insert_full(name.to_owned(), host).0)
    }

    /// Ansible finds what a variable belongs to by its name, and looks among the groups first.
    pub(crate) fn set_host_var(&mut self, idx: usize, host: &str, name: &str, value: Datum) -> Result<(), String> {
        if let Some(group) = self.groups.get_index_of(host) {
            return self.set_group_var(group, name, value);
        }
        let name = self.var_name(name)?;
        if let Some((_, host)) = self.hosts.get_index_mut(idx) {
            host.vars.set(name, value);
        }
        Ok(())
    }

    pub(crate) fn set_group_var(&mut self, idx: usize, name: &str, value: Datum) -> Result<(), String> {
        let Some((_, group)) = self.groups.get_index_mut(idx) else { return Ok(()) };
        if name == "ansible_group_priority" {
            group.priority = priority(&value).ok_or("`ansible_group_priority` is not a whole number")?;
            return Ok(());
        }
        let name = self.var_name(name)?;
        if let Some((_, group)) = self.groups.get_index_mut(idx) {
            group.vars.set(name, value);
        }
        Ok(())
    }

    /// Makes a group part of another. A group within itself is an error.
    pub(crate) fn add_child(&mut self, parent: usize, child: usize) -> Result<(), String> {
        // What has no children is above nothing.
        let is_leaf = self.groups.get_index(child).is_none_or(|(_, group)| group.children.is_empty());
        let above = if is_leaf { IndexSet::new() } else { self.ancestors(parent) };
        self.climbed += above.len();
        if self.climbed > MOST_CLIMBED {
            return Err(format!("groups lie within groups in more than {MOST_CLIMBED} ways"));
        }
        if parent != child && !above.contains(&child) {
            self.link(parent, child);
            return Ok(());
        }
        let name = |idx: usize| quoted(self.groups.get_index(idx).map_or("", |(name, _)| name));
        Err(format!("the group {} would be within itself, by way of {}", name(child), name(parent)))
    }

    fn link(&mut self, parent: usize, child: usize) {
        if let Some((_, group)) = self.groups.get_index_mut(parent) {
            group.children.insert(child);
        }
        if let Some((_, group)) = self.groups.get_index_mut(child) {
            group.parents.insert(parent);
        }
    }

    /// The groups that a group is part of, directly or not.
    pub(crate) fn ancestors(&self, idx: usize) -> IndexSet<usize> {
        let mut found: IndexSet<usize> = IndexSet::new();
        let mut next = vec![idx];
        while let Some(idx) = next.pop() {
            let parents = self.groups.get_index(idx).map(|(_, group)| &group.parents);
            next.extend(parents.into_iter().flatten().copied().filter(|&parent| found.insert(parent)));
        }
        found
    }

    /// Brings hosts and groups in order once all files are read: a group without a parent is part of `all`, and a host that
    /// is in no group but `all` is in `ungrouped`.
    pub(crate) fn reconcile(&mut self) {
        for idx in 1..self.groups.len() {
            if self.groups[idx].parents.is_empty() {
                self.link(ALL, idx);
            }
        }
        let mut is_grouped = vec![false; self.hosts.len()];
        for (_, group) in self.groups.iter().skip(UNGROUPED + 1) {
            group.hosts.iter().for_each(|&host| is_grouped[host] = true);
        }
        let ungrouped = &mut self.groups[UNGROUPED].hosts;
        ungrouped.retain(|&host| !is_grouped[host]);
        for host in (0..is_grouped.len()).filter(|&host| !is_grouped[host]) {
            ungrouped.insert(host);
        }
    }

    /// How deep each group lies: the longest way to it from `all`.
    pub(crate) fn depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.groups.len()];
        let mut waiting: Vec<usize> = self.groups.values().map(|group| group.parents.len()).collect();
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|&idx| waiting[idx] == 0).collect();
        while let Some(idx) = ready.pop() {
            for &child in &self.groups[idx].children {
                depths[child] = depths[child].max(depths[idx] + 1);
                waiting[child] -= 1;
                if waiting[child] == 0 {
                    ready.push(child);
                }
            }
        }
        depths
    }
}

impl Vars {
    pub(crate) fn set(&mut self, name: usize, value: Datum) {
        const FEW: usize = 32;
        if self.list.len() == FEW && self.places.is_none() {
            self.places =
                Some(Box::new(self.list.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect()));
        }
        let place = match &self.places {
            Some(places) => places.get(&name).copied(),
            None => self.list.iter().position(|(known, _)| *known == name),
        };
        match place.and_then(|place| self.list.get_mut(place)) {
            Some(var) => var.1 = value,
            None => {
                if let Some(places) = &mut self.places {
                    places.insert(name, self.list.len());
                }
                self.list.push((name, value));
            }
        }
    }
}

fn priority(value: &Datum) -> Option<i64> {
    match value {
        Datum::Integer(number) => Some(*number),
        Datum::Number(number) => Some(*number as i64),
        Datum::Bool(truth) => Some((*truth).into()),
        Datum::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}
