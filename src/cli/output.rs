//! Files that are written whole or not at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::cassettes;

/// Writes a file beside `path`, then puts it in its place: whoever reads `path` never sees half of it.
///
/// What is no file, such as `/dev/stdout`, is written to as it is.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Failure> {
    let special = path.exists() && !path.is_file();
    let written = if special {
        File::create(path).and_then(|mut file| write(&mut file))
    } else {
        cassettes::replace(path, &beside(path), write)
    };
    written.map_err(|source| Failure::WriteFile { path: path.to_owned(), source })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_write_that_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder of our own");
        let path = folder.path().join("port");
        fs::write(&path, "before").expect("the folder is ours");

        let failed = replace(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });

        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "before");
        assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
    }
}
