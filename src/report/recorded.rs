//! What was recorded, for people and for programs.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::paint::{Ink, Paint};
use super::text::{indented, visible};
use crate::cassettes::{Change, Provenance, Stored};
use crate::checks::Finding;
use crate::recording::{Outcome, Recorded};

/// Writes a line for each scenario with what changed or went wrong below it, then what the answers break, then the sum.
///
/// # Errors
/// What `out` says.
pub fn human(recorded: &[Recorded], paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let width = recorded.iter().map(|one| one.scenario.as_str().len()).max().unwrap_or_default();
    for one in recorded {
        let line = format!("{:width$}  {:9}  {}", one.scenario, one.outcome.name(), said(&one.outcome));
        writeln!(out, "{}", inked(&one.outcome, line.trim_end(), paint))?;
        details(&one.outcome).iter().try_for_each(|detail| writeln!(out, "{}", indented(detail)))?;
    }
    for (one, id, finding) in found(recorded) {
        let heading = format!("{}, interaction {id}", one.scenario);
        writeln!(out, "\n{}\n{}", paint.text(Ink::Strong, &heading), indented(&finding.to_string()))?;
    }
    writeln!(out, "\nprovenance  {}\n{}", provenance(recorded), summary(recorded))
}

/// Writes one line of JSON.
///
/// # Errors
/// What `out` says.
pub fn json(recorded: &[Recorded], out: &mut impl Write) -> io::Result<()> {
    let line = RecordedLine { recorded: recorded.iter().map(ScenarioLine::of).collect() };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

fn inked<'t>(outcome: &Outcome, line: &'t str, paint: Paint) -> Cow<'t, str> {
    match outcome {
        Outcome::Failed(_) => paint.text(Ink::Bad, line),
        Outcome::Skipped(_) => line.into(),
        Outcome::Stored(_) => paint.text(Ink::Good, line),
    }
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(error) => visible(&error.to_string()),
        Outcome::Skipped(skip) => skip.to_string(),
        Outcome::Stored(Stored::Kept(provenance)) => {
            let day = provenance.day().map(|day| format!(" of {day}"));
            format!("the {} cassette{} stays", provenance.kind(), day.unwrap_or_default())
        }
        Outcome::Stored(_) => String::new(),
    }
}

fn details(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Failed(error) => {
            let causes = error.causes().into_iter().map(|cause| format!("because: {cause}"));
            causes.chain([format!("help: {}", error.help())]).collect()
        }
        Outcome::Stored(Stored::Changed(diff)) => diff.changes().iter().map(ToString::to_string).collect(),
        Outcome::Skipped(_) | Outcome::Stored(_) => Vec::new(),
    }
}

fn found(recorded: &[Recorded]) -> impl Iterator<Item = (&Recorded, &str, &Finding)> {
    recorded.iter().flat_map(|one| one.findings.iter().map(move |(id, finding)| (one, id.as_str(), finding)))
}

/// Each kind of answers that there were, in the order of the scenarios.
fn provenance(recorded: &[Recorded]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for kind in recorded.iter().filter_map(|one| one.provenance.as_ref()).map(Provenance::kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => "nothing was answered".to_owned(),
        ["live"] => "live: the service answered".to_owned(),
        ["simulated"] => "simulated: these answers prove nothing about the service".to_owned(),
        _ => kinds.join(", "),
    }
}

fn summary(recorded: &[Recorded]) -> String {
    let counted = OUTCOMES.map(|name| {
        let count = recorded.iter().filter(|one| one.outcome.name() == name).count();
        format!("{count} {name}")
    });
    format!("{} scenarios: {}; {} findings", recorded.len(), counted.join(", "), found(recorded).count())
}

#[derive(Serialize)]
struct RecordedLine<'a> {
    recorded: Vec<ScenarioLine<'a>>,
}

#[derive(Serialize)]
struct ScenarioLine<'a> {
    scenario: &'a str,
    outcome: &'static str,
    provenance: Option<&'a Provenance>,
    why: Option<String>,
    help: Option<&'static str>,
    changes: Vec<ChangeLine<'a>>,
    findings: Vec<FoundLine<'a>>,
}

impl<'a> ScenarioLine<'a> {
    fn of(one: &'a Recorded) -> Self {
        let help = match &one.outcome {
            Outcome::Failed(error) => Some(error.help()),
            Outcome::Skipped(_) | Outcome::Stored(_) => None,
        };
        let why = match &one.outcome {
            Outcome::Failed(error) => error.in_full(),
            outcome => said(outcome),
        };
        let changes = match &one.outcome {
            Outcome::Stored(Stored::Changed(diff)) => diff.changes(),
            _ => &[],
        };
        Self {
            scenario: one.scenario.as_str(),
            outcome: one.outcome.name(),
            provenance: one.provenance.as_ref(),
            why: Some(why).filter(|why| !why.is_empty()),
            help,
            changes: changes.iter().map(ChangeLine::of).collect(),
            findings: one.findings.iter().map(|(id, finding)| FoundLine::of(id, finding)).collect(),
        }
    }
}

#[derive(Serialize)]
struct ChangeLine<'a> {
    kind: &'static str,
    path: &'a str,
    what: &'a str,
}

impl<'a> ChangeLine<'a> {
    fn of(change: &'a Change) -> Self {
        Self { kind: change.kind.name(), path: &change.path, what: &change.what }
    }
}

#[derive(Serialize)]
struct FoundLine<'a> {
    interaction: &'a str,
    check: &'static str,
    severity: String,
    message: String,
}

impl<'a> FoundLine<'a> {
    fn of(interaction: &'a str, finding: &Finding) -> Self {
        let severity = finding.severity.to_string();
        Self { interaction, check: finding.check.as_str(), severity, message: finding.message() }
    }
}

const OUTCOMES: [&str; 6] = ["new", "changed", "unchanged", "kept", "skipped", "failed"];
