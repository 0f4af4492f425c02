//! Reports for people: what is wrong first, then the rest.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::paint::{Ink, Paint};
use super::text::{indented, visible};
use crate::checks::{ExplainedParameter, ExplainedStages, Explanation, Standing};

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
    if let Some(stages) = &explanation.stages {
        write_stages(stages, explanation.claim.as_ref().map(|claim| claim.signature.as_str()), paint, out)?;
    }
    if !explanation.parameters.is_empty() {
        writeln!(out, "\n{}", paint.text(Ink::Strong, "Parameters"))?;
        writeln!(out, "{}", parameter_table(&explanation.parameters))?;
    }
    Ok(())
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
