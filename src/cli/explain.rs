//! `explain`: what is wrong with a signed request.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::environment;
use super::exit::{Exit, Failure, complain};
use super::options::{self, Format};
use crate::checks::{Explanation, Known, Severity, Standing};
use crate::recording::Credentials;
use crate::report::{human, json};
use crate::signing::{Keyring, Secret, Unverifiable, Verdict, quotes_a_string_to_sign};
use crate::wire::{InputError, RawRequest, Timestamp, read_requests};

/// Say of signed requests whether the signature is right, and what is wrong with it
///
/// A request is a URL, a raw HTTP message, or JSON lines
/// {"method","target","headers":[[name,value]..],"body"|"body_base64"}.
///
/// Requests of the public test key testid are verified with its secret, all others with that of
/// ALIBABA_CLOUD_ACCESS_KEY_SECRET; without it they are unverifiable.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub(super) struct Options {
    /// When the request was sent, in Unix seconds or as 2026-11-24T03:45:00Z; without it the request's own time is
    /// held against no clock
    #[arg(long, value_name = "TIME", value_parser = options::time)]
    now: Option<Timestamp>,
    /// What the other side says that it signed: a log line, the service's message or its whole body
    #[arg(long, value_name = "FILE")]
    quoted: Option<PathBuf>,
    /// For whom to write
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A file, a URL, or - for the standard input
    #[arg(value_name = "FILE|URL|-", default_value = "-")]
    input: String,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let input = read(&options.input)?;
    let keys = keyring();
    let quoted = options.quoted.as_deref().map(read_quoted).transpose()?;
    let known = Known { keys: &keys, now: options.now, quoted: quoted.as_deref() };
    let mut out = io::stdout().lock();
    let mut exit = Exit::Clean;
    for request in read_requests(&input) {
        let found = match request {
            Ok(request) => explain(request, known, options.format, &mut out)?,
            Err(error) => refuse(&error, options.format, &mut out)?,
        };
        exit = exit.or_worse(found);
    }
    out.flush()?;
    Ok(exit)
}

fn explain(request: RawRequest, known: Known<'_>, format: Format, out: &mut impl Write) -> Result<Exit, Failure> {
    let explanation = Explanation::of(request, known);
    match format {
        Format::Human => {
            human::explanation(&explanation, options::paint(), out)?;
            if let Ok(Verdict::Unverifiable(Unverifiable::KeyNotKnown(_))) = explanation.verdict {
                eprintln!("help: put the secret of that key into {}", Credentials::SECRET);
            }
        }
        Format::Json => json::explanation(&explanation, out)?,
    }
    let no_error = explanation.findings.iter().all(|finding| finding.severity > Severity::Error);
    let clean = explanation.standing() == Standing::Valid && explanation.refusals.is_empty() && no_error;
    Ok(if clean { Exit::Clean } else { Exit::Findings })
}

/// Programs get a line for every request, so that the lines can be counted against the input's.
fn refuse(error: &InputError, format: Format, out: &mut impl Write) -> Result<Exit, Failure> {
    if format == Format::Json {
        json::input_error(error, out)?;
    }
    complain(error, error.help());
    Ok(Exit::Unreadable)
}

fn read(input: &str) -> Result<Vec<u8>, Failure> {
    let lower = input.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Ok(input.as_bytes().to_vec());
    }
    if input != "-" {
        return read_file(Path::new(input));
    }
    let mut bytes = Vec::new();
    match io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Failure::Read { path: PathBuf::from("the standard input"), source }),
    }
}

fn read_quoted(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(&read_file(path)?).into_owned();
    if quotes_a_string_to_sign(&text) { Ok(text) } else { Err(Failure::NothingQuoted(path.to_owned())) }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })
}

fn keyring() -> Keyring {
    match environment::credentials().secret {
        Some(secret) if !secret.is_empty() => Keyring::test().with_any_other(Secret::new(secret.into_encoded_bytes())),
        _ => Keyring::test(),
    }
}

const EXITS: &str = "\
Exit codes:
   0  every signature is valid, and nothing else speaks against the request
   1  a signature is not valid or cannot be verified, the service would refuse the request, or it breaks a rule
   4  an input is no request, and the others are explained all the same; or --quoted holds no string to sign";
