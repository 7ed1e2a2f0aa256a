use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use crate::inventory::builder::{FleetBuilder, TooLarge};
use crate::inventory::column::list_text;
use crate::inventory::dictionary::CellKind;
use crate::inventory::reader::ansible::model::{ALL, Host, Model, UNGROUPED};
use crate::inventory::reader::ansible::vars_files::{GROUP_VARS, HOST_VARS, VarsFiles};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::mapping::FieldNames;
use crate::inventory::{Fleet, HostId, HostSet};

/// Makes a fleet of the hosts of an Ansible inventory: a field for each variable, merged as Ansible merges them, and the
/// list field `groups` with the names of a host's groups (`all` left out, as in Ansible's `group_names`).
///
/// A variable that is called `name` becomes the field `vars.name`. Where no variable is called `address`, `ansible_host`
/// is the field `address` too.
pub(crate) fn build(model: &Model, files: &mut VarsFiles<'_>, names: &FieldNames<'_>) -> Result<Fleet, TooLarge> {
    let mut merger = Merger::new(model);
    let mut builder = FleetBuilder::new();
    builder.column("name")?;
    let groups_column = builder.column("groups")?;
    check_room(model)?;
    let memberships = memberships(model)?;
    for ((name, host), &membership) in model.hosts.iter().zip(&memberships.of_host) {
        let groups = &memberships.distinct[membership];
        builder.put(groups_column, &group_names(model, groups), CellKind::List);
        for (var, value) in merger.merge(membership, groups, name, host, files) {
            value.put(var, &mut builder, &mut |builder, field| match names.field_of(field) {
                Some("name") => builder.column("vars.name").map(Some),
                Some(field) => builder.column(field).map(Some),
                None => Ok(None),
            })?;
        }
        builder.commit(name, host.line)?;
    }
    put_groups(model, &memberships, &mut builder);
    let mut fleet = builder.finish("");
    if !fleet.columns.contains_key("address")
        && let Some(column) = fleet.columns.get("ansible_host").cloned()
    {
        fleet.columns.insert("address".to_owned(), column);
    }
    Ok(fleet)
}

/// Which groups each host is in, those above its own included, `all` left out. Most hosts share theirs with others.
struct Memberships {
    /// Each in the order in which variables merge: by depth, then priority, then name.
    distinct: IndexSet<Vec<usize>>,
    of_host: Vec<usize>,
}

/// The names of all groups that all distinct memberships tell must fit in memory, as must the groups above all groups.
const MOST_TOLD: usize = 1 << 26;

fn memberships(model: &Model) -> Result<Memberships, TooLarge> {
    let depths = model.depths();
    let mut told = 0_usize;
    let mut tell = |length: usize| {
        told = told.saturating_add(length);
        if told > MOST_TOLD { Err(TooLarge) } else { Ok(()) }
    };
    // Of groups with hosts of their own alone: in a chain of ten thousand most have none.
    let mut above: Vec<IndexSet<usize>> = Vec::with_capacity(model.groups.len());
    for (idx, group) in model.groups.values().enumerate() {
        let ancestors = if group.hosts.is_empty() { IndexSet::new() } else { model.ancestors(idx) };
        tell(ancestors.len().saturating_mul(size_of::<usize>()))?;
        above.push(ancestors);
    }
    let mut direct: Vec<Vec<usize>> = vec![Vec::new(); model.hosts.len()];
    for (idx, group) in model.groups.values().enumerate() {
        group.hosts.iter().for_each(|&host| direct[host].push(idx));
    }
    let mut seen: HashMap<Vec<usize>, usize> = HashMap::new();
    let (mut distinct, mut of_host) = (IndexSet::new(), Vec::with_capacity(direct.len()));
    for own in direct {
        if let Some(&known) = seen.get(&own) {
            of_host.push(known);
            continue;
        }
        let all: IndexSet<usize> = own.iter().flat_map(|&idx| above[idx].iter().copied().chain([idx])).collect();
        let mut groups: Vec<usize> = all.into_iter().filter(|&idx| idx != ALL).collect();
        let key = |idx: usize| model.groups.get_index(idx).map(|(name, group)| (depths[idx], group.priority, name));
        tell(groups.iter().map(|&idx| model.groups.get_index(idx).map_or(0, |(name, _)| 8 + name.len())).sum())?;
        groups.sort_by(|&a, &b| key(a).cmp(&key(b)));
        let (membership, _) = distinct.insert_full(groups);
        seen.insert(own, membership);
        of_host.push(membership);
    }
    Ok(Memberships { distinct, of_host })
}

fn group_names(model: &Model, groups: &[usize]) -> String {
    let mut names: Vec<&str> =
        groups.iter().filter_map(|&idx| model.groups.get_index(idx)).map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    list_text(&names)
}

/// A bit for each host in each group must fit in memory.
fn check_room(model: &Model) -> Result<(), TooLarge> {
    const MOST_BITS: usize = 1 << 32;
    if model.groups.len().saturating_mul(model.hosts.len()) > MOST_BITS { Err(TooLarge) } else { Ok(()) }
}

/// In the order in which they were declared; `ungrouped` only where it has hosts.
fn put_groups(model: &Model, memberships: &Memberships, builder: &mut FleetBuilder) {
    let hosts = model.hosts.len();
    let mut sets: Vec<HostSet> = vec![HostSet::none(hosts); model.groups.len()];
    for (row, &membership) in memberships.of_host.iter().enumerate() {
        memberships.distinct[membership].iter().for_each(|&group| sets[group].insert(HostId(row as u32)));
    }
    for (idx, (name, set)) in model.groups.keys().zip(sets).enumerate() {
        if idx != ALL && (idx != UNGROUPED || !set.is_empty()) {
            builder.group(name, set);
        }
    }
}

/// Merges the variables of one host after the other.
struct Merger<'m> {
    model: &'m Model,
    /// Of each membership met so far, the variables that its groups give.
    of_groups: HashMap<usize, Vec<(String, Datum)>>,
    of_group_files: HashMap<usize, Vec<(String, Datum)>>,
    /// What `host_vars` gives the host that is being merged.
    of_host_files: Vec<(String, Datum)>,
}

impl<'m> Merger<'m> {
    fn new(model: &'m Model) -> Self {
        Self { model, of_groups: HashMap::new(), of_group_files: HashMap::new(), of_host_files: Vec::new() }
    }

    /// The variables of a host, those that Ansible keeps for itself left out. Ansible's order, the last wins: `all` in the
    /// inventory, the groups in it, `group_vars/all`, the other `group_vars`, the host in the inventory, `host_vars`.
    fn merge(
        &mut self,
        membership: usize,
        groups: &[usize],
        name: &str,
        host: &'m Host,
        files: &mut VarsFiles<'_>,
    ) -> Vec<(&str, &Datum)> {
        if !self.of_groups.contains_key(&membership) {
            let merged = self.merge_groups(groups, files);
            self.of_groups.insert(membership, merged);
        }
        self.of_host_files = files.vars(HOST_VARS, name);
        let of_files = self.of_host_files.iter().map(lent);
        let in_inventory = host.vars.list.iter();
        let of_host = in_inventory.filter_map(|(var, value)| Some((self.model.names.get_index(*var)?.as_str(), value)));
        let of_groups = self.of_groups.get(&membership).into_iter().flatten().map(lent);
        let in_files: HashSet<&str> = of_files.clone().map(|(var, _)| var).collect();
        let of_host: Vec<(&str, &Datum)> = of_host.filter(|(var, _)| !in_files.contains(var)).collect();
        let own: HashSet<&str> = match of_groups.clone().next() {
            Some(_) => of_host.iter().map(|(var, _)| *var).chain(in_files).collect(),
            None => HashSet::new(),
        };
        let inherited = of_groups.filter(|(var, _)| !own.contains(var));
        let merged = inherited.chain(of_host).chain(of_files);
        merged.filter(|(var, _)| INTERNAL.binary_search(var).is_err()).collect()
    }

    fn merge_groups(&mut self, groups: &[usize], files: &mut VarsFiles<'_>) -> Vec<(String, Datum)> {
        let mut merged: IndexMap<String, Datum> = IndexMap::new();
        let with_all = || std::iter::once(ALL).chain(groups.iter().copied());
        for (_, group) in with_all().filter_map(|idx| self.model.groups.get_index(idx)) {
            for (var, value) in &group.vars.list {
                if let Some(var) = self.model.names.get_index(*var) {
                    merged.insert(var.clone(), value.clone());
                }
            }
        }
        for idx in with_all() {
            let vars = self.of_group_files.entry(idx).or_insert_with(|| {
                self.model.groups.get_index(idx).map_or_else(Vec::new, |(name, _)| files.vars(GROUP_VARS, name))
            });
            merged.extend(vars.iter().cloned());
        }
        merged.into_iter().collect()
    }
}

fn lent((var, value): &(String, Datum)) -> (&str, &Datum) {
    (var, value)
}

/// The names that Ansible keeps for what it works out itself, in order.
const INTERNAL: [&str; 33] = [
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
];
