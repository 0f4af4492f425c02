//! The cassettes of a folder, or those compiled in.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::cassette::Cassette;
use super::error::{CassetteError, FileError, Problem};
use crate::gateway::{Operations, System};

/// Cassettes in the order of their paths.
#[derive(Clone, Debug, Default)]
pub struct Cassettes(Vec<Cassette>);

impl Cassettes {
    /// The cassettes that come with this program.
    pub fn shipped() -> Self {
        let parse = |(path, bytes): &(&str, &[u8])| {
            Cassette::parse(path, bytes).expect("a test reads every cassette that is compiled in")
        };
        Self(SHIPPED.iter().map(parse).collect())
    }

    /// Reads every `*.json` below `root`, or `root` itself where it is a file.
    ///
    /// # Errors
    /// [`CassetteError`] with one entry for each damaged file; also where there is nothing at all, which a wrong
    /// path and a lost folder look like.
    pub fn open(root: &Path) -> Result<Self, CassetteError> {
        let sources = Sources::read(root);
        let mut errors = sources.errors;
        let mut cassettes = Vec::new();
        for source in sources.found {
            match source.cassette() {
                Ok(cassette) => cassettes.push(cassette),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            return Ok(Self(cassettes));
        }
        Err(CassetteError::new(errors))
    }

    /// The actions that they ask for, each with its version; those of exhibits need not exist.
    pub fn operations(&self) -> Operations {
        let interactions = self.iter().flat_map(|cassette| &cassette.interactions);
        let systems = interactions.filter_map(|interaction| interaction.playable().map(System::of));
        systems.filter_map(|system| Some((system.action()?.into_owned(), system.version()?.into_owned()))).collect()
    }

    /// In the order of their paths.
    pub fn into_vec(self) -> Vec<Cassette> {
        self.0
    }

    /// In the order of their paths.
    pub fn iter(&self) -> std::slice::Iter<'_, Cassette> {
        self.0.iter()
    }
}

impl FromIterator<Cassette> for Cassettes {
    fn from_iter<I: IntoIterator<Item = Cassette>>(cassettes: I) -> Self {
        let mut cassettes: Vec<Cassette> = cassettes.into_iter().collect();
        cassettes.sort_by(|one, other| one.path.cmp(&other.path));
        Self(cassettes)
    }
}

impl<'a> IntoIterator for &'a Cassettes {
    type Item = &'a Cassette;
    type IntoIter = std::slice::Iter<'a, Cassette>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The bytes of a file, read within bounds.
pub(super) struct Source {
    /// For errors: what the user can open.
    pub file: PathBuf,
    /// Below the folder of cassettes, with `/` between the parts.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Source {
    pub(super) fn read(file: &Path, path: String) -> Result<Self, FileError> {
        let bytes = read_bounded(file).map_err(|problem| FileError::new(file, None, problem))?;
        Ok(Self { file: file.to_owned(), path, bytes })
    }

    pub(super) fn cassette(&self) -> Result<Cassette, FileError> {
        Cassette::parse(&self.path, &self.bytes).map_err(|error| FileError { path: self.file.clone(), ..error })
    }
}

/// What stands below a folder: files in the order of their paths, and what could not be read.
#[derive(Default)]
pub(super) struct Sources {
    pub found: Vec<Source>,
    pub errors: Vec<FileError>,
    visited: HashMap<PathBuf, PathBuf>,
}

impl Sources {
    pub(super) fn read(root: &Path) -> Self {
        let mut sources = Self::default();
        if root.is_file() {
            let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sources.add_file(root, name);
        } else {
            sources.add_folder(root, "");
        }
        if sources.found.is_empty() && sources.errors.is_empty() {
            sources.refuse(root, Problem::EmptyFolder);
        }
        sources.found.sort_by(|one, other| one.path.cmp(&other.path));
        sources
    }

    fn add_folder(&mut self, folder: &Path, below: &str) {
        match self.enter(folder) {
            Ok(paths) => paths.iter().for_each(|path| self.add(path, below)),
            Err(problem) => self.refuse(folder, problem),
        }
    }

    /// Each folder once: a link that leads back would have no end, and a second way in would double every file.
    fn enter(&mut self, folder: &Path) -> Result<Vec<PathBuf>, Problem> {
        let real = fs::canonicalize(folder).map_err(unreadable)?;
        if let Some(first) = self.visited.get(&real) {
            return Err(Problem::VisitedTwice { first: first.clone() });
        }
        self.visited.insert(real, folder.to_owned());
        let entries = fs::read_dir(folder).map_err(unreadable)?;
        let paths = entries.map(|entry| Ok(entry.map_err(unreadable)?.path()));
        let mut paths = paths.collect::<Result<Vec<PathBuf>, Problem>>()?;
        paths.sort();
        Ok(paths)
    }

    fn add(&mut self, path: &Path, below: &str) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if is_json {
            self.add_file(path, format!("{below}{name}"));
        } else if path.is_dir() {
            self.add_folder(path, &format!("{below}{name}/"));
        }
    }

    fn add_file(&mut self, file: &Path, path: String) {
        match Source::read(file, path) {
            Ok(source) => self.found.push(source),
            Err(error) => self.errors.push(error),
        }
    }

    fn refuse(&mut self, path: &Path, problem: Problem) {
        self.errors.push(FileError::new(path, None, problem));
    }
}

/// The kind is looked at before the file is opened: opening a pipe would wait for its other end.
fn read_bounded(path: &Path) -> Result<Vec<u8>, Problem> {
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Problem::NoRegularFile);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Problem::TooLarge { limit: MAX_FILE_BYTES });
    }
    Ok(bytes)
}

fn unreadable(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::Unreadable(error),
    }
}

/// A thousand times what a cassette of many polls comes to.
const MAX_FILE_BYTES: u64 = 64 << 20;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
