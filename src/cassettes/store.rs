//! The folder that recordings are stored in: whole files, one recorder at a time, nothing replaced without need.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use super::cassette::Cassette;
use super::error::FileError;
use super::library::Source;
use super::provenance::Provenance;
use super::sealed::Sealed;
use super::shape::ShapeDiff;
use super::steady::Enumerations;

/// A folder of cassettes that this process alone may store into, as long as it keeps this value.
///
/// The lock is on the folder itself and ends with the process, however that ends. Readers are not locked out: each
/// file is the old one or the new one, whole, at any moment.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Held while one cassette is stored: all of them go through one temporary file.
    lock: Mutex<File>,
}

/// What became of a recording.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stored {
    /// It took the place of another recording, which differs by this.
    Changed(ShapeDiff),
    /// It is simulated, and what was there is not: that stays, whatever it says.
    Kept(Provenance),
    /// There was none.
    New,
    /// What was there differs in nothing but what is new each time: not a byte is touched.
    Unchanged,
}

impl Folder {
    /// Takes the folder `root`, makes it where there is none, and clears the temporary file of a recorder that was
    /// killed.
    ///
    /// # Errors
    /// [`StoreError`] where another recorder has it, or where it cannot be made, locked or cleared.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let opening = |source| StoreError::Open { folder: root.to_owned(), source };
        fs::create_dir_all(root).map_err(opening)?;
        let folder = File::open(root).map_err(opening)?;
        folder.try_lock().map_err(|error| match error {
            TryLockError::Error(source) => opening(source),
            TryLockError::WouldBlock => StoreError::Locked { folder: root.to_owned() },
        })?;
        match fs::remove_file(root.join(TEMPORARY)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(opening(error)),
            _ => Ok(Self { root: root.to_owned(), lock: Mutex::new(folder) }),
        }
    }

    /// Whether something stands at `path`, which is as [`Cassette::path`] says it.
    pub fn holds(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// Stores a recording where it is news: after this the file is the old one or the new one, whole.
    ///
    /// # Errors
    /// [`StoreError`] where its path leads out of the folder, where what stands there is no cassette that this
    /// program reads, and where it cannot be written. What was there before is then there still.
    pub fn store(&self, sealed: &Sealed, enumerations: &Enumerations) -> Result<Stored, StoreError> {
        let folder = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.file(&sealed.cassette().path)?;
        let stored = match self.stored(&file, &sealed.cassette().path)? {
            Some(old) => outcome(&old, sealed.cassette(), enumerations),
            None => Stored::New,
        };
        if matches!(stored, Stored::Changed(_) | Stored::New) {
            self.write(&file, sealed.text(), &folder).map_err(|source| StoreError::Write { file, source })?;
        }
        Ok(stored)
    }

    /// The file at `path`, its subfolders made.
    fn file(&self, path: &str) -> Result<PathBuf, StoreError> {
        let outside = || StoreError::Outside { path: path.to_owned() };
        if !path.split('/').all(is_plain) || !path.ends_with(".json") {
            return Err(outside());
        }
        let file = self.root.join(path);
        let failed = |source| StoreError::Write { file: file.clone(), source };
        let root = fs::canonicalize(&self.root).map_err(failed)?;
        let mut subfolder = root.clone();
        for part in Path::new(path).parent().into_iter().flatten() {
            subfolder.push(part);
            if !real_folder(&subfolder).map_err(failed)?.starts_with(&root) {
                return Err(outside());
            }
        }
        Ok(file)
    }

    /// What stands there; a link would be replaced by a file of its own, so it is not followed.
    fn stored(&self, file: &Path, path: &str) -> Result<Option<Cassette>, StoreError> {
        match file.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(found) if !found.is_file() => Err(StoreError::NoFile { file: file.to_owned() }),
            _ => {
                let source = Source::read(file, path.to_owned()).map_err(StoreError::Damaged)?;
                source.cassette().map(Some).map_err(StoreError::Damaged)
            }
        }
    }

    fn write(&self, file: &Path, text: &str, folder: &File) -> io::Result<()> {
        replace(file, &self.root.join(TEMPORARY), |temporary| temporary.write_all(text.as_bytes()))?;
        folder.sync_all()?;
        file.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }
}

impl Drop for Folder {
    /// A process that is being started may hold a copy of the handle, and the lock with it, a moment longer.
    fn drop(&mut self) {
        let folder = self.lock.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Closing it comes next, and unlocks it too where nobody else holds it.
        let _ = folder.unlock();
    }
}

/// Why a recording cannot be stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What is there cannot be compared with, and might be worth more.
    #[error("the cassette that is there cannot be read, and is kept")]
    Damaged(#[source] FileError),
    /// Another process has the folder.
    #[error("another recorder is storing into {}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder, a link or a device stands where the cassette should be.
    #[error("{} is no regular file, and is kept", file.display())]
    NoFile {
        /// What stands there.
        file: PathBuf,
    },
    /// The folder cannot be used at all.
    #[error("{} cannot be used as a folder of cassettes", folder.display())]
    Open {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A path that does not stay below the folder, or names no cassette.
    #[error("{path:?} is no file of a cassette below the folder")]
    Outside {
        /// As the cassette has it.
        path: String,
    },
    /// The system did not let it be written; what was there is there still.
    #[error("{} cannot be written", file.display())]
    Write {
        /// The file of the cassette.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl StoreError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "put it right after `cassette lint`, or move it away, and record again",
            Self::Locked { .. } => "wait until the other one has ended, or record into another folder",
            Self::NoFile { .. } => "move it away, and record again",
            Self::Open { .. } => "name a folder of this machine that may be written to",
            Self::Outside { .. } => "name the scenario and its folder with lower-case letters, digits and hyphens",
            Self::Write { .. } => "check that there is room, and that the folder may be written to",
        }
    }
}

/// Writes `temporary`, down to the disk, then puts it in the place of `file`: whoever reads `file` never sees a part.
///
/// Both must be on one file system. On an error `file` is as it was, and `temporary` is gone.
///
/// # Errors
/// What the system says, or `write`.
pub(crate) fn replace(
    file: &Path,
    temporary: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let write_whole = |mut beside: File| write(&mut beside).and_then(|()| beside.sync_all());
    let written = File::create(temporary).and_then(write_whole).and_then(|()| fs::rename(temporary, file));
    if written.is_err() {
        // The error says what went wrong first; that of tidying up would hide it.
        let _ = fs::remove_file(temporary);
    }
    written
}

fn outcome(old: &Cassette, new: &Cassette, enumerations: &Enumerations) -> Stored {
    if old.provenance.rank() < new.provenance.rank() {
        return Stored::Kept(old.provenance.clone());
    }
    let diff = ShapeDiff::between(old, new, enumerations);
    if diff.is_empty() { Stored::Unchanged } else { Stored::Changed(diff) }
}

fn is_plain(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(|letter: char| letter == '\\' || letter.is_control())
}

/// Makes the folder where there is none, and says where it really is.
fn real_folder(path: &Path) -> io::Result<PathBuf> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::canonicalize(path),
    }
}

/// In the folder itself, whatever subfolder the cassette is for: whoever opens the folder clears it there, and it is
/// no other recorder's.
const TEMPORARY: &str = ".recording.tmp";
