use indexmap::IndexMap;

use crate::inventory::{FieldId, FieldType, Fleet, HostId};

/// What is otherwise in a second inventory. Hosts and fields are the same where their names are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetDiff {
    /// In the order of the first inventory.
    pub gone: Vec<HostId>,
    /// In the order of the second.
    pub new: Vec<HostId>,
    pub fields_gone: Vec<String>,
    pub fields_new: Vec<String>,
    /// Fields whose type is another: name, before, after.
    pub types: Vec<(String, FieldType, FieldType)>,
    /// In the order of the second inventory's fields.
    pub fields: Vec<FieldChange>,
    /// Hosts that joined or left a group.
    pub groups: Vec<GroupChange>,
}

/// What is otherwise in one field of hosts that are in both inventories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    pub field: String,
    /// Each pair of values, as written, with the hosts (of the second inventory) that went from one to the other: those
    /// with most hosts first. None where the cell is missing.
    pub values: Vec<ValueChange>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    pub before: Option<String>,
    pub after: Option<String>,
    pub hosts: Vec<HostId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChange {
    pub group: String,
    /// Of the second inventory.
    pub joined: Vec<HostId>,
    /// Of the first inventory; hosts that are gone altogether are not told here.
    pub left: Vec<HostId>,
}

impl FleetDiff {
    pub fn is_none(&self) -> bool {
        *self == FleetDiff::default()
    }
}

/// What is otherwise in `after`.
pub fn diff(before: &Fleet, after: &Fleet) -> FleetDiff {
    let stay: Vec<(HostId, HostId)> =
        before.hosts().filter_map(|host| Some((host, after.find(before.name(host))?))).collect();
    let both = || {
        let fields = after.fields().filter(|(_, name)| *name != "name");
        fields.filter_map(|(field, name)| Some((name, before.field(name)?, field)))
    };
    let types = both().map(|(name, one, other)| (name.to_owned(), before.field_type(one), after.field_type(other)));
    let changes = both().map(|(name, one, other)| field_change(before, after, name, [one, other], &stay));
    FleetDiff {
        gone: before.hosts().filter(|host| after.find(before.name(*host)).is_none()).collect(),
        new: after.hosts().filter(|host| before.find(after.name(*host)).is_none()).collect(),
        fields_gone: only_in(before, after),
        fields_new: only_in(after, before),
        types: types.filter(|(_, one, other)| one != other).collect(),
        fields: changes.filter(|change| !change.values.is_empty()).collect(),
        groups: groups(before, after),
    }
}

fn only_in(fleet: &Fleet, other: &Fleet) -> Vec<String> {
    fleet.fields().filter(|(_, name)| other.field(name).is_none()).map(|(_, name)| name.to_owned()).collect()
}

fn field_change(
    before: &Fleet,
    after: &Fleet,
    name: &str,
    [one, other]: [FieldId; 2],
    stay: &[(HostId, HostId)],
) -> FieldChange {
    // A pair of codes is compared as text once, however many hosts have it.
    let mut pairs: IndexMap<(u32, u32), Vec<HostId>> = IndexMap::new();
    for &(host, same) in stay {
        pairs.entry((before.code(host, one), after.code(same, other))).or_default().push(same);
    }
    let change = |hosts: Vec<HostId>| {
        let &first = hosts.first()?;
        let then = before.find(after.name(first)).and_then(|host| before.text(host, one));
        let now = after.text(first, other);
        (then != now).then_some(ValueChange { before: then, after: now, hosts })
    };
    let mut values: Vec<ValueChange> = pairs.into_values().filter_map(change).collect();
    values.sort_by_key(|change| std::cmp::Reverse(change.hosts.len()));
    FieldChange { field: name.to_owned(), values }
}

fn groups(before: &Fleet, after: &Fleet) -> Vec<GroupChange> {
    let names = after.groups().map(|(name, _)| name);
    let gone = before.groups().map(|(name, _)| name).filter(|name| after.group(name).is_none());
    let change = |group: &str| {
        let joined = not_in(after, before, group, |_| true);
        let left = not_in(before, after, group, |host| after.find(before.name(host)).is_some());
        GroupChange { group: group.to_owned(), joined, left }
    };
    names.chain(gone).map(change).filter(|change| !change.joined.is_empty() || !change.left.is_empty()).collect()
}

/// The hosts of a group that are not in it in another fleet.
fn not_in(fleet: &Fleet, other: &Fleet, group: &str, counts: impl Fn(HostId) -> bool) -> Vec<HostId> {
    let Some(members) = fleet.group(group).map(|group| fleet.group_hosts(group)) else { return Vec::new() };
    let others = other.group(group).map(|group| other.group_hosts(group));
    let is_in_other = |host: HostId| {
        let same = other.find(fleet.name(host));
        same.is_some_and(|same| others.as_ref().is_some_and(|others| others.contains(same)))
    };
    members.iter().filter(|host| !is_in_other(*host) && counts(*host)).collect()
}
