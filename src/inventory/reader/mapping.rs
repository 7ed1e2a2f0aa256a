use indexmap::IndexMap;

use crate::diagnostic::nearest;
use crate::inventory::reader::fault::{listed, quoted};

/// What a file's column is called as a field of ours. Without a mapping that is its own name.
pub(crate) struct FieldNames<'a> {
    mapping: &'a IndexMap<String, String>,
}

/// Names under which other systems keep what we call `name`.
const NAMES_OF_HOSTS: [&str; 12] = [
    "hostname",
    "host",
    "host_name",
    "host name",
    "fqdn",
    "server",
    "servername",
    "server_name",
    "server name",
    "computername",
    "computer name",
    "dnshostname",
];

impl<'a> FieldNames<'a> {
    pub(crate) fn new(mapping: &'a IndexMap<String, String>) -> Self {
        Self { mapping }
    }

    /// Our name for a file's column; none where another column was mapped to that name, so that this one stands aside.
    pub(crate) fn field_of<'n>(&self, column: &'n str) -> Option<&'n str>
    where
        'a: 'n,
    {
        match self.mapping.iter().find(|(_, theirs)| theirs.as_str() == column) {
            Some((ours, _)) => Some(ours),
            None if self.mapping.contains_key(column) => None,
            None => Some(column),
        }
    }

    /// The columns that the mapping names and the file has not, each with what to do about it.
    pub(crate) fn unknown<'c>(
        &self,
        is_there: impl Fn(&str, &str) -> bool,
        columns: impl Iterator<Item = &'c str> + Clone,
    ) -> Vec<(String, String)> {
        let missing = self.mapping.iter().filter(|(ours, theirs)| !is_there(ours, theirs));
        missing
            .map(|(ours, theirs)| {
                let message = format!("the mapping of {} names {}, which is not there", quoted(ours), quoted(theirs));
                let help = match nearest(theirs, columns.clone()) {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => format!("there are {}", listed(columns.clone())),
                };
                (message, help)
            })
            .collect()
    }
}

/// What to say where no column is `name`.
pub(crate) fn help_without_name<'c>(columns: impl Iterator<Item = &'c str> + Clone) -> String {
    let known = columns.clone().find(|column| {
        let lower = column.to_lowercase();
        lower == "name" || NAMES_OF_HOSTS.contains(&lower.as_str())
    });
    match known {
        Some(column) => format!("say which one names the hosts: `{{ name = \"{column}\" }}` after the path"),
        None => format!(
            "say which one names the hosts with `{{ name = \"Column\" }}` after the path; the columns are {}",
            listed(columns)
        ),
    }
}
