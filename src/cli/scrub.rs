//! `cassette scrub`: brings files to today's rules of redaction.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::environment;
use super::exit::{Exit, Failure, complain};
use super::output;
use crate::cassettes::{REDACTION_RULES, Scrubbed, Sealed, scrub};
use crate::signing::Key;

#[derive(Args, Debug)]
pub(super) struct ScrubOptions {
    /// Change nothing, and end with 1 if something would change
    #[arg(long)]
    check: bool,
    /// Folders or files
    #[arg(value_name = "DIR|FILE", required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(options: &ScrubOptions) -> Result<Exit, Failure> {
    let real = environment::credentials().key_if_set()?;
    let mut out = io::stdout().lock();
    let mut exit = Exit::Clean;
    for path in &options.paths {
        let scrubbed = scrub_all(path, real.as_ref(), options, &mut out);
        exit = exit.or_worse(scrubbed.unwrap_or_else(|failure| failure.complain()));
    }
    out.flush()?;
    Ok(exit)
}

fn scrub_all(root: &Path, real: Option<&Key>, options: &ScrubOptions, out: &mut impl Write) -> Result<Exit, Failure> {
    let all = scrub(root, real)?;
    if all.iter().all(|Scrubbed { sealed, .. }| sealed.as_ref().is_ok_and(is_as_it_was)) {
        writeln!(out, "{}: nothing to replace", root.display())?;
    }
    let mut exit = Exit::Clean;
    for Scrubbed { path, sealed } in &all {
        exit = exit.or_worse(match sealed {
            Ok(sealed) if is_as_it_was(sealed) => Exit::Clean,
            Ok(sealed) => write_one(path, sealed, options, out)?,
            Err(leak) => {
                complain(leak, leak.help());
                Exit::SecretScan
            }
        });
    }
    Ok(exit)
}

fn write_one(path: &Path, sealed: &Sealed, options: &ScrubOptions, out: &mut impl Write) -> Result<Exit, Failure> {
    if !options.check {
        // Behind a link stands the file that holds the secret.
        let file = fs::canonicalize(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
        output::replace(&file, |file| file.write_all(sealed.text().as_bytes()))?;
    }
    writeln!(out, "{}: {}", path.display(), if options.check { "would change" } else { "changed" })?;
    for rule in sealed.rules() {
        let replaces = REDACTION_RULES.iter().find(|known| known.id == rule).map_or("", |known| known.replaces);
        writeln!(out, "  {rule}: {replaces}")?;
    }
    Ok(if options.check { Exit::Findings } else { Exit::Clean })
}

/// A file that is only laid out in another way is as it was too: that is what lint finds.
fn is_as_it_was(sealed: &Sealed) -> bool {
    sealed.rules().next().is_none()
}
