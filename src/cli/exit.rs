//! How the command ends.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error as ThisError;

use super::record::Misuse;
use crate::cassettes::{CassetteError, StoreError};
use crate::clients::TransportError;
use crate::front::ListenError;
use crate::playback::SharedStem;
use crate::recording::{CredentialsError, RecordError};

/// How the command ends, by its exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing above the limit.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// Wrong use of the command line.
    Usage = 2,
    /// The machine does not give what is needed.
    Environment = 3,
    /// Data that cannot be read.
    Unreadable = 4,
    /// A recording that held a secret.
    SecretScan = 5,
    /// A bug in the tool.
    Bug = 70,
}

impl Exit {
    /// Every one, in the order of the codes.
    pub const ALL: [Self; 7] =
        [Self::Clean, Self::Findings, Self::Usage, Self::Environment, Self::Unreadable, Self::SecretScan, Self::Bug];

    /// The code.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, as the table of `--help` says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "nothing above the limit",
            Self::Findings => "findings",
            Self::Usage => "wrong use of the command line",
            Self::Environment => "environment: a port, a credential, an upstream or room on the disk is missing",
            Self::Unreadable => "unreadable data: a cassette, an input of explain",
            Self::SecretScan => "refused by the secret scan",
            Self::Bug => "a bug in the tool",
        }
    }

    /// The one of the two that is worse: the higher code.
    #[must_use = "neither is changed"]
    pub fn or_worse(self, other: Self) -> Self {
        if self.code() < other.code() { other } else { self }
    }

    /// The table of `--help`.
    pub fn table() -> String {
        let rows = Self::ALL.map(|exit| format!("\n  {:>2}  {}", exit.code(), exit.meaning()));
        format!("Exit codes:{}", rows.concat())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do its work.
#[derive(Debug, ThisError)]
pub(super) enum Failure {
    #[error("no certificate authority can be read from {}", path.display())]
    Authorities { path: PathBuf, source: Box<dyn Error + Send + Sync> },
    #[error(transparent)]
    Cassettes(#[from] CassetteError),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Misuse(#[from] Misuse),
    #[error("{} quotes no string to sign", .0.display())]
    NothingQuoted(PathBuf),
    #[error("no cassette has {0:?} in its path")]
    NothingSelected(String),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the system gives no threads or signals")]
    Runtime(#[source] io::Error),
    #[error("the client cannot be set up")]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    SharedStem(#[from] SharedStem),
    #[error("the report cannot be written")]
    Write(#[from] io::Error),
    #[error("{} cannot be written", path.display())]
    WriteFile { path: PathBuf, source: io::Error },
}

impl Failure {
    fn exit(&self) -> Exit {
        match self {
            // Whoever reads has seen enough: `| head`.
            Self::Write(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
            Self::Authorities { .. }
            | Self::Credentials(_)
            | Self::Listen(_)
            | Self::Record(_)
            | Self::Runtime(_)
            | Self::Store(_)
            | Self::Transport(_)
            | Self::Write(_)
            | Self::WriteFile { .. } => Exit::Environment,
            Self::Misuse(_) | Self::NothingSelected(_) => Exit::Usage,
            Self::Cassettes(_) | Self::NothingQuoted(_) | Self::Read { .. } | Self::SharedStem(_) => Exit::Unreadable,
        }
    }

    /// Says on standard error what is wrong and what to do about it, of cassettes file by file; then how to end.
    pub(super) fn complain(&self) -> Exit {
        match self {
            Self::Authorities { .. } => complain(self, "give a file with -----BEGIN CERTIFICATE----- in it"),
            Self::Cassettes(error) => error.files().iter().for_each(|file| complain(file, file.help())),
            Self::Credentials(error) => complain(error, error.help()),
            Self::Listen(error) => complain(error, error.help()),
            Self::Misuse(misuse) => complain(misuse, misuse.help()),
            Self::NothingQuoted(_) => {
                complain(self, "give the service's Message, its whole body, or the bare string to sign")
            }
            Self::NothingSelected(_) => complain(self, "give a part of a path, as `cassette show` prints them"),
            Self::Record(error) => complain(error, error.help()),
            Self::Read { .. } => complain(self, "check the path and its permissions"),
            Self::Runtime(_) => complain(self, "check the limits of this machine"),
            Self::Transport(error) => complain(self, error.help()),
            Self::Store(error) => complain(error, error.help()),
            Self::SharedStem(error) => complain(error, error.help()),
            Self::Write(_) if self.exit() == Exit::Clean => {}
            Self::Write(_) | Self::WriteFile { .. } => {
                complain(self, "check that there is room, and that the place may be written to");
            }
        }
        self.exit()
    }
}

/// Says on standard error what is wrong, with its causes, and what to do about it.
pub(super) fn complain(error: &dyn Error, help: &str) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    eprintln!("help: {help}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_is_documented() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3, 4, 5, 70]);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit(), Exit::Clean);
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::StorageFull)).exit(), Exit::Environment);
    }
}
