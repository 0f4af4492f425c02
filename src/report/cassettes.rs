//! Cassettes, for people.

use std::io::{self, Write};

use super::paint::{Ink, Paint};
use super::text::{one_line, visible};
use crate::cassettes::{Asked, Cassette, Interaction, Provenance};
use crate::conformance::{call_of, reading_of};
use crate::wire::Response;

/// Writes what a cassette holds: where it is from, what is asked, and how each answer reads.
///
/// # Errors
/// What `out` says.
pub fn write_cassette(cassette: &Cassette, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", paint.text(Ink::Strong, &cassette.path), origin(&cassette.provenance))?;
    if let Some(note) = &cassette.note {
        writeln!(out, "  {}", visible(note))?;
    }
    for interaction in &cassette.interactions {
        write_interaction(interaction, out)?;
    }
    Ok(())
}

/// Where an answer comes from, in one line.
pub fn origin(provenance: &Provenance) -> String {
    let day = provenance.day().map(|day| format!(" {day}"));
    let address = provenance.address().map(|address| format!(" {address}"));
    format!("{}{}{}", provenance.kind(), day.unwrap_or_default(), address.unwrap_or_default())
}

fn write_interaction(interaction: &Interaction, out: &mut impl Write) -> io::Result<()> {
    let kind = if interaction.exhibit { "exhibit" } else { "replayed" };
    writeln!(out, "\n  {} ({kind}, signature {})", interaction.id, interaction.asked.signed().name())?;
    writeln!(out, "    asks {}", visible(&question(&interaction.asked)))?;
    for answer in interaction.answers.iter() {
        writeln!(out, "    gets {} {}", answer.status, what(&interaction.asked, answer))?;
    }
    Ok(())
}

fn question(asked: &Asked) -> String {
    match asked {
        Asked::Raw(raw) => String::from_utf8_lossy(&raw.target).into_owned(),
        Asked::Request(request, _) => call_of(request).to_string(),
    }
}

fn what(asked: &Asked, answer: &Response) -> String {
    match reading_of(asked, answer) {
        Some(reading) => one_line(&reading),
        None => format!("{} bytes", answer.body.len()),
    }
}
