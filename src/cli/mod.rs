//! The command line: one file a subcommand, which holds its options and its work.

mod cassette;
mod check;
mod environment;
mod exit;
mod explain;
mod options;
mod output;
mod record;
mod record_clients;
mod record_scenarios;
mod run;
mod scrub;
mod serve;

pub use exit::Exit;
pub use run::run;
