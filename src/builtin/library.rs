/// The text of a module of the library: `library("gates")` for `use std.gates`.
pub fn library(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(module, _)| *module == name).map(|(_, text)| *text)
}

/// The names of the modules, in the order of the alphabet.
pub fn library_names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}

const MODULES: &[(&str, &str)] = &[
    ("apt", include_str!("../../stdlib/apt.sunup")),
    ("calendars", include_str!("../../stdlib/calendars.sunup")),
    ("dnf", include_str!("../../stdlib/dnf.sunup")),
    ("gates", include_str!("../../stdlib/gates.sunup")),
    ("patch-tuesday", include_str!("../../stdlib/patch-tuesday.sunup")),
    ("reboot", include_str!("../../stdlib/reboot.sunup")),
    ("rings", include_str!("../../stdlib/rings.sunup")),
    ("windows-update", include_str!("../../stdlib/windows-update.sunup")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_name_and_in_order() {
        assert!(library("patch-tuesday").unwrap().contains("fn patch-tuesday"));
        assert_eq!(library("nothing"), None);
        let names: Vec<_> = library_names().collect();
        assert!(names.is_sorted());
    }
}
