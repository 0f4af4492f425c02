//! Reports for people: what is wrong first, then the rest.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::paint::{Ink, Paint};
use super::text::{indented, visible};
use crate::checks::{ExplainedParameter, ExplainedStages, Explanation, Standing};
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
