use std::fs::{Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes a file that appears whole or not at all: beside it first, then it takes its name. A file that is there keeps its
/// permissions and its owner, and stays behind the links that lead to it; a new one gets the mode that the user's mask
/// allows. A file that the user may not write is an error, though its folder would let us replace it.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let (target, before) = target(path)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = before.as_ref().map_or(0o666, |before| before.mode() & 0o7777);
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    if let Some(before) = &before {
        keep_owner_and_mode(&file, before)?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// The file behind the links, and what it was where it is there.
fn target(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    #[expect(clippy::disallowed_methods, reason = "the command writes the files of its user, also through links")]
    let target = match std::fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            return Ok((path.to_path_buf(), None));
        }
        Err(error) => return Err(error),
    };
    let before = std::fs::metadata(&target)?;
    if !before.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    // The administrator may open any file; that somebody took the permission away counts for them too.
    if before.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    OpenOptions::new().write(true).open(&target)?;
    Ok((target, Some(before)))
}

fn keep_owner_and_mode(file: &NamedTempFile, before: &Metadata) -> io::Result<()> {
    let now = file.as_file().metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        fchown(file.as_file(), Some(before.uid()), Some(before.gid()))?;
    }
    // The user's mask took from the mode that the file was made with, and a new owner takes from it too.
    file.as_file().set_permissions(before.permissions())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test of writing looks at files")]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_its_links() {
        let place = tempfile::tempdir().unwrap();
        let (file, link) = (place.path().join("file"), place.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o766)).unwrap();
        symlink("file", &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o766);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn what_may_not_be_written_stays() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        assert_eq!(write_whole(&file, "new").unwrap_err().to_string(), "it is read-only");
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        assert!(write_whole(place.path(), "new").is_err());
        symlink("nowhere", place.path().join("dangling")).unwrap();
        assert!(write_whole(&place.path().join("dangling"), "new").is_err());
        assert!(write_whole(&place.path().join("no-folder/file"), "new").is_err());
    }

    #[test]
    fn a_new_file_gets_the_mode_of_the_users_mask() {
        let place = tempfile::tempdir().unwrap();
        let (usual, ours) = (place.path().join("usual"), place.path().join("ours"));
        fs::write(&usual, "").unwrap();
        write_whole(&ours, "new").unwrap();
        assert_eq!(fs::metadata(&ours).unwrap().mode(), fs::metadata(&usual).unwrap().mode());
    }
}
