use crate::check::entry::Checker;
use crate::diagnostic::{Problem, Severity};
use crate::inventory::{HostSet, Value};

/// `1 host`, `36 hosts`
pub(super) fn count(hosts: usize) -> String {
    match hosts {
        1 => "1 host".to_owned(),
        _ => format!("{hosts} hosts"),
    }
}

/// `1 host has`, `36 hosts have`
pub(super) fn say(hosts: usize, of_one: &str, of_many: &str) -> String {
    format!("{} {}", count(hosts), if hosts == 1 { of_one } else { of_many })
}

/// How many hosts a problem lists: of more, the message says how many.
const LISTED: usize = 1_000;

impl Checker<'_> {
    /// The problem with the hosts that cause it.
    pub(super) fn with_hosts(&self, problem: Problem, hosts: &HostSet) -> Problem {
        match self.input.fleet {
            Some(fleet) => problem.hosts(hosts.iter().take(LISTED).map(|host| fleet.name(host))),
            None => problem,
        }
    }

    /// Whom a fault of the inventory concerns: where a host of it is one that some rollout changes, it is an error of those;
    /// else it is only worth a look.
    pub(super) fn concerning(&self, hosts: &HostSet) -> (Severity, HostSet) {
        match &self.concerned {
            None => (Severity::Error, hosts.clone()),
            Some(concerned) => {
                let both = hosts.and(concerned);
                if both.is_empty() { (Severity::Warning, hosts.clone()) } else { (Severity::Error, both) }
            }
        }
    }

    /// The hosts of all rollouts as far as they are known. None where none is: then any host may be meant.
    pub(super) fn concern(&self, targets: &[Option<HostSet>]) -> Option<HostSet> {
        targets.iter().flatten().cloned().reduce(|union, hosts| union.or(&hosts))
    }

    /// What the hosts have in these fields: `version 2010 (3 hosts), no version (1 host)`.
    pub(super) fn what_they_have(&self, fields: &[crate::inventory::FieldId], hosts: &HostSet) -> String {
        let Some(fleet) = self.input.fleet else { return String::new() };
        let groups = fleet.group_by(fields, hosts);
        let of = groups.len();
        let mut shown: Vec<String> = groups
            .iter()
            .take(10)
            .map(|(values, hosts)| {
                let each = fields.iter().zip(values);
                let words: Vec<String> =
                    each.map(|(field, value)| has(fleet.field_name(*field), value.as_ref())).collect();
                format!("{} ({})", words.join(" and "), count(hosts.len()))
            })
            .collect();
        if of > shown.len() {
            shown.push(format!("{} more", of - shown.len()));
        }
        shown.join(", ")
    }
}

fn has(field: &str, value: Option<&Value>) -> String {
    match value {
        Some(value) => format!("{field} `{value}`"),
        None => format!("no {field}"),
    }
}
