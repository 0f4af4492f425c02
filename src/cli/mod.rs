//! The command line: one file a subcommand, which holds its options and its work.

mod cassette;
mod exit;
mod explain;
mod options;
mod run;

pub use exit::Exit;
pub use run::run;
