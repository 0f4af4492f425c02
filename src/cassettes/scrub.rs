//! What today's rules make of cassettes that are there already.

use std::path::{Path, PathBuf};

use super::error::CassetteError;
use super::library::Sources;
use super::scan::Leak;
use super::sealed::Sealed;
use crate::signing::Key;

/// What sealing a file again comes to.
#[derive(Debug)]
pub struct Scrubbed {
    /// The file.
    pub path: PathBuf,
    /// The cassette as it may be stored; a leak where something secret is left that no rule of redaction replaces.
    pub sealed: Result<Sealed, Leak>,
}

/// Seals every cassette below `root` again, in memory; `real` is the key that they were recorded with, if it is known.
///
/// # Errors
/// [`CassetteError`] where one cannot be read.
pub fn scrub(root: &Path, real: Option<&Key>) -> Result<Vec<Scrubbed>, CassetteError> {
    let sources = Sources::read(root);
    let mut errors = sources.errors;
    let mut scrubbed = Vec::new();
    for source in sources.found {
        match source.cassette() {
            Ok(cassette) => {
                let sealed = Sealed::new(cassette, real).map_err(|leak| leak.in_file(source.file.clone()));
                scrubbed.push(Scrubbed { path: source.file, sealed });
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(scrubbed) } else { Err(CassetteError::new(errors)) }
}
