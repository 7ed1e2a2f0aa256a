use crate::inventory::InputFile;

/// The files that name hosts, of those of one `inventory` item: `group_vars/` and `host_vars/` are not among them, nor, in
/// a directory, what Ansible passes over. In the order in which Ansible reads a directory.
pub(crate) fn inventory_files(files: &[InputFile]) -> Vec<&InputFile> {
    let mut inventories: Vec<&InputFile> = files.iter().filter(|file| !is_beside(&file.path)).collect();
    if inventories.len() > 1 {
        let root = common_folder(&inventories);
        inventories.retain(|file| !file.path[root..].split('/').any(is_passed_over));
        // Folder by folder, as one that is listed, not as the whole paths compare.
        inventories.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    }
    inventories
}

/// Folders of things that are no inventories.
fn is_beside(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "group_vars" | "host_vars" | "vars_plugins"))
}

/// Hidden files, backups and documents.
fn is_passed_over(name: &str) -> bool {
    const ENDS: [&str; 12] =
        [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"];
    name.starts_with('.') || ENDS.iter().any(|end| name.ends_with(end))
}

/// How long the path of the folder is in which they all lie, its `/` included.
fn common_folder(files: &[&InputFile]) -> usize {
    let length = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let Some(first) = files.first().map(|file| file.path.as_bytes()) else { return 0 };
    files.iter().fold(length(first), |so_far, file| {
        let shared = first[..so_far].iter().zip(file.path.as_bytes()).take_while(|(a, b)| a == b).count();
        length(&first[..shared])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(paths: &[&str]) -> Vec<String> {
        let files: Vec<InputFile> =
            paths.iter().map(|path| InputFile { path: (*path).to_owned(), bytes: Vec::new() }).collect();
        inventory_files(&files).into_iter().map(|file| file.path.clone()).collect()
    }

    #[test]
    fn backups_and_hidden_files_are_passed_over() {
        let paths = [
            "inv/02",
            "inv/01.yml",
            "inv/01.yml~",
            "inv/x.bak",
            "inv/.git/config",
            "inv/README.md",
            "inv/s/a",
            "inv/group_vars/all",
            "inv/x.orig",
        ];
        assert_eq!(taken(&paths), ["inv/01.yml", "inv/02", "inv/s/a"]);
    }

    #[test]
    fn a_file_by_itself_is_taken_whatever_its_name() {
        assert_eq!(taken(&["hosts.txt", "group_vars/all.yml"]), ["hosts.txt"]);
        assert_eq!(taken(&[".d/hosts.txt"]), [".d/hosts.txt"]);
        assert_eq!(taken(&[".d/b", ".d/a"]), [".d/a", ".d/b"]);
        assert!(taken(&["group_vars/all.yml"]).is_empty());
    }
}
