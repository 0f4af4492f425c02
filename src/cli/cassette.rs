//! `cassette`: what files hold, whether it is what they claim, and whether it may be kept.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::{Exit, Failure};
use super::options;
use super::scrub::{self, ScrubOptions};
use crate::cassettes::{Cassettes, Lint, lint};
use crate::report::cassettes::write_cassette;

/// Look at cassettes
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what is asked and answered, and where the answers come from
    Show(ShowOptions),
    /// Find what a cassette claims and is not
    Lint(LintOptions),
    /// Replace what today's rules do not let a cassette keep: credentials, ids of accounts
    ///
    /// The credentials in the environment are looked for too, if there are any.
    Scrub(ScrubOptions),
}

#[derive(Args, Debug)]
pub(super) struct ShowOptions {
    /// Folders or files; without any, the cassettes that are compiled in
    #[arg(value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct LintOptions {
    /// Folders or files
    #[arg(value_name = "DIR|FILE", required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Show(options) => show(options),
        Command::Lint(options) => find(options),
        Command::Scrub(options) => scrub::run(options),
    }
}

fn show(options: &ShowOptions) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    if options.paths.is_empty() {
        show_all(&Cassettes::shipped(), &mut out)?;
    }
    for path in &options.paths {
        show_all(&Cassettes::open(path)?, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}

fn show_all(cassettes: &Cassettes, out: &mut impl Write) -> io::Result<()> {
    let paint = options::paint();
    cassettes.iter().try_for_each(|cassette| {
        write_cassette(cassette, paint, out)?;
        writeln!(out)
    })
}

fn find(options: &LintOptions) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut exit = Exit::Clean;
    for path in &options.paths {
        exit = exit.or_worse(match lint(path) {
            Ok(found) => write_lints(path, &found, &mut out)?,
            Err(error) => Failure::from(error).complain(),
        });
    }
    out.flush()?;
    Ok(exit)
}

fn write_lints(path: &Path, found: &[Lint], out: &mut impl Write) -> io::Result<Exit> {
    if found.is_empty() {
        writeln!(out, "{}: no findings", path.display())?;
    }
    for finding in found {
        writeln!(out, "{finding}\n  help: {}", finding.help())?;
    }
    Ok(if found.is_empty() { Exit::Clean } else { Exit::Findings })
}
