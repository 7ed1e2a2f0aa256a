use std::fmt::Display;

/// `` `a`, `b`, `c` and 4 more ``
pub(super) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

/// `` `a`, `b` or `c` ``
pub(super) fn either<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let listed = list(names);
    match listed.rsplit_once(", ") {
        Some((first, last)) if !listed.ends_with(" more") => format!("{first} or {last}"),
        _ => listed,
    }
}

/// `` `a`, `b` and `c` ``
pub(super) fn both<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let listed = list(names);
    match listed.rsplit_once(", ") {
        Some((first, last)) if !listed.ends_with(" more") => format!("{first} and {last}"),
        _ => listed,
    }
}

/// How many names a message lists.
const SHOWN: usize = 6;

/// `1 host`, `5 hosts`
pub(super) fn hosts(number: usize) -> String {
    crate::plan::make::targets::count(number, "host")
}

/// `1 host does`, `5 hosts do`
pub(super) fn say(number: usize, of_one: &str, of_many: &str) -> String {
    format!("{} {}", hosts(number), if number == 1 { of_one } else { of_many })
}
