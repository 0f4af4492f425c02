//! Reports for people: what is wrong first, then the rest.

use std::collections::BTreeMap;
use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::paint::{Ink, Paint};
use super::text::{evidence, indented, visible};
use crate::checks::{ExplainedParameter, ExplainedStages, Explanation, Judge, Severity, Standing, checks};
use crate::conformance::{Codes, Coverage, Factors, JudgedExchange, JudgedInteraction, Judgement, Part, Reached};
use crate::contract::{Operation, Reading};
use crate::signing::{Diagnosis, Difference};

/// Writes everything about one request: the verdict and what is wrong, the stages, the parameters.
///
/// # Errors
/// What `out` says.
pub fn explanation(explanation: &Explanation, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", headline(explanation, paint))?;
    if let Some(why) = explanation.why() {
        writeln!(out, "  {why}")?;
    }
    if let Some(answer) = explanation.refusals.first() {
        writeln!(out, "\n{}", paint.text(Ink::Strong, "The service answers"))?;
        writeln!(out, "  {} {}\n{}", answer.status, answer.code, indented(&answer.message))?;
    }
    if let Some(diagnosis) = &explanation.diagnosis {
        writeln!(out, "\n{}", paint.text(Ink::Strong, "What is wrong, and what to do"))?;
        writeln!(out, "{}", indented(&advice(diagnosis)))?;
    }
    if !explanation.findings.is_empty() {
        writeln!(out, "\n{}", paint.text(Ink::Strong, "Rules that it breaks"))?;
        explanation.findings.iter().try_for_each(|finding| writeln!(out, "{}", indented(&finding.to_string())))?;
    }
    if let Some(stages) = &explanation.stages {
        write_stages(stages, explanation.claim.as_ref().map(|claim| claim.signature.as_str()), paint, out)?;
    }
    if !explanation.parameters.is_empty() {
        writeln!(out, "\n{}", paint.text(Ink::Strong, "Parameters"))?;
        writeln!(out, "{}", parameter_table(&explanation.parameters))?;
    }
    Ok(())
}

/// Writes how a client was judged: the findings, a table of the cassettes, what was exercised, then the sum.
///
/// # Errors
/// What `out` says.
pub fn judgement(judgement: &Judgement, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for (name, exchange) in judgement.exchanges() {
        for finding in &exchange.findings {
            let heading = format!("{}: {}", visible(&name), visible(&exchange.asked));
            writeln!(out, "{}\n{}\n", paint.text(Ink::Strong, &heading), indented(&finding.to_string()))?;
        }
    }
    writeln!(out, "{}\n", exchange_table(judgement).trim_fmt())?;
    write_exercised(judgement, paint, out)?;
    writeln!(out, "\n{}", summary(judgement, paint))
}

/// Writes every rule: id, grade, severity, evidence, the way it is judged, what it says.
///
/// # Errors
/// What `out` says.
pub fn rules(out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["rule", "grade", "severity", "evidence", "judged by", "what it says"]);
    for check in checks() {
        let severity = check.severity().to_string();
        let row = [check.grade.to_string(), severity, evidence(check).join(", "), check.judge.way().to_owned()];
        let claim = match check.judge {
            Judge::NotJudged { because } => format!("{}; not judged: {because}", check.claim),
            _ => check.claim.to_owned(),
        };
        table.add_row([check.id.to_string()].into_iter().chain(row).chain([claim]));
    }
    writeln!(out, "{}", table.trim_fmt())
}

fn write_exercised(judgement: &Judgement, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for operation in Operation::all() {
        let coverage = Coverage::of(&Factors::of(operation), &judgement.requests);
        let reached = |reached: &Reached| format!("{} of {}", reached.reached, reached.of);
        let (pairs, triples) = (reached(&coverage.pairs), reached(&coverage.triples));
        let beyond = coverage.pairs.beyond_clients;
        writeln!(out, "combinations   pairs {pairs} ({beyond} beyond any client), triples {triples}")?;
    }
    let codes = Codes::of(judgement);
    let (read, of) = (codes.read.len(), codes.read.len() + codes.never.len());
    writeln!(out, "refusal codes  {read} of {of} read; never: {}", codes.never.join(", "))?;
    writeln!(out, "provenance     {}", provenance(judgement))?;
    if judgement.requests.is_empty() {
        writeln!(out, "{}", paint.text(Ink::Bad, "warning: the client asked nothing, so nothing was judged"))?;
    }
    Ok(())
}

fn provenance(judgement: &Judgement) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cassette in &judgement.cassettes {
        *counts.entry(cassette.provenance.kind()).or_default() += 1;
    }
    let kinds = ["live", "reported", "documented", "simulated"];
    let counted = kinds.map(|kind| format!("{} {kind}", counts.get(kind).copied().unwrap_or_default()));
    counted.join(", ")
}

fn headline(explanation: &Explanation, paint: Paint) -> String {
    let standing = explanation.standing();
    let ink = if standing == Standing::Valid { Ink::Good } else { Ink::Bad };
    let signed = explanation
        .claim
        .as_ref()
        .map_or_else(String::new, |claim| format!(" with {} by access key {}", claim.scheme, claim.key_id));
    format!("{}: {}{signed}", paint.text(ink, standing.name()), explanation.method)
}

fn advice(diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::PayloadHash { claimed, actual } => format!(
            "x-acs-content-sha256 is not the hash of the body that arrived:\n  as sent   {claimed}\n  computed  {actual}\n\
             hash the bytes of the body exactly as they are sent"
        ),
        Diagnosis::QuotedDiffers(Difference { stage, at, ours, theirs }) => format!(
            "the {stage} quoted differs from byte {at} on:\n  ours    {ours}\n  quoted  {theirs}\n\
             make the client sign what it sends"
        ),
        Diagnosis::QuotedIsOurs => "the string to sign quoted is right, so it was signed with another secret\n\
             check the secret of the access key: a blank or a line break at its end, or that of another key"
            .to_owned(),
        Diagnosis::Recipes(causes) => {
            let lines = causes
                .iter()
                .map(|cause| format!("{}: {} (it spoils the {})", cause.recipe.name, cause.recipe.fix, cause.stage));
            lines.collect::<Vec<_>>().join("\n")
        }
        Diagnosis::Unexplained => {
            "no known mistake gives this signature: another secret, most likely, or a request that \
             was changed on its way\n\
             give what the client or the service says that it signed with --quoted FILE"
                .to_owned()
        }
    }
}

fn write_stages(stages: &ExplainedStages, claimed: Option<&str>, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let ours = stages.signature.as_ref().map(ToString::to_string);
    let parts = [
        ("Canonical", Some(stages.canonical.to_string())),
        ("String to sign", Some(stages.string_to_sign.to_string())),
        ("Signature by our calculation", ours),
        ("Signature as sent", claimed.map(str::to_owned)),
    ];
    for (name, text) in parts {
        let Some(text) = text else { continue };
        writeln!(out, "\n{}\n{}", paint.text(Ink::Strong, name), indented(&text))?;
    }
    Ok(())
}

fn exchanges(judgement: &Judgement) -> impl Iterator<Item = (&str, &JudgedInteraction, &JudgedExchange)> {
    judgement.cassettes.iter().flat_map(|cassette| {
        let interactions = cassette.interactions.iter();
        interactions
            .flat_map(move |one| one.exchanges.iter().map(move |exchange| (cassette.name.as_str(), one, exchange)))
    })
}

fn exchange_table(judgement: &Judgement) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["cassette", "interaction", "part", "signature", "answered", "read", "from"]);
    for cassette in &judgement.cassettes {
        for interaction in &cassette.interactions {
            for exchange in &interaction.exchanges {
                table.add_row([
                    visible(&cassette.name),
                    visible(&interaction.id),
                    interaction.part.name().to_owned(),
                    exchange.signature.unwrap_or("-").to_owned(),
                    exchange.answered.map_or_else(|| "-".to_owned(), |status| status.to_string()),
                    in_short(exchange),
                    cassette.provenance.kind().to_owned(),
                ]);
            }
        }
    }
    table
}

fn in_short(exchange: &JudgedExchange) -> String {
    match &exchange.read {
        Ok(Reading::Answer(fields)) => {
            let status = fields.get("Status").map_or_else(String::new, |status| format!(", Status {status}"));
            visible(&format!("{} fields{status}", fields.iter().count()))
        }
        Ok(Reading::Refused { code, .. }) => visible(code.as_deref().unwrap_or("refused, no Code")),
        Ok(Reading::Unreadable { why, .. }) => visible(&format!("unreadable: {why}")),
        Err(skipped) => visible(&format!("skipped: {}", skipped.why)),
    }
}

fn summary(judgement: &Judgement, paint: Paint) -> String {
    let count = |severity| judgement.findings().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let played = exchanges(judgement).filter(|(_, interaction, _)| interaction.part == Part::Played).count();
    let exhibits = exchanges(judgement).count() - played;
    let ink = if errors == 0 { Ink::Good } else { Ink::Bad };
    let found = format!("{errors} errors, {warnings} warnings, {notes} notes");
    let cases = judgement.cases.len();
    format!("{played} exchanges played, {exhibits} exhibits read, {cases} cases tried: {}", paint.text(ink, &found))
}

fn parameter_table(parameters: &[ExplainedParameter]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for parameter in parameters {
        table.add_row([
            format!(" {}", parameter.class.name()),
            parameter.place.to_owned(),
            visible(&parameter.name),
            visible(&parameter.value),
        ]);
    }
    table
}
