//! Reports for programs: one JSON object a line, fields in a fixed order.

use std::io::{self, Write};

use serde::Serialize;

use super::text::evidence;
use crate::cassettes::Provenance;
use crate::checks::{Check, ExplainedParameter, Explanation, Finding, Judge, check_of_recipe, checks};
use crate::clients::Skipped;
use crate::conformance::{Codes, Coverage, Factors, JudgedCase, JudgedCassette, JudgedExchange, Judgement, Reached};
use crate::contract::{Operation, Reading, Value};
use crate::signing::{Cause, Diagnosis, Difference};
use crate::wire::{InputError, with_causes};

/// Writes one line that says everything about one request.
///
/// # Errors
/// What `out` says.
pub fn explanation(explanation: &Explanation, out: &mut impl Write) -> io::Result<()> {
    let stages = explanation.stages.as_ref().map(|stages| StagesLine {
        canonical: stages.canonical.to_string(),
        string_to_sign: stages.string_to_sign.to_string(),
        signature: stages.signature.as_ref().map(ToString::to_string),
    });
    let line = ExplanationLine {
        verdict: explanation.standing().name(),
        why: explanation.why(),
        scheme: explanation.claim.as_ref().map(|claim| claim.scheme.name()),
        stages,
        diagnosis: explanation.diagnosis.as_ref().map(DiagnosisLine::of),
        parameters: explanation.parameters.iter().map(ParameterLine::of).collect(),
        findings: explanation.findings.iter().map(FindingLine::of).collect(),
    };
    write_line(&line, out)
}

/// Writes one line in the place of a request that could not be read.
///
/// # Errors
/// What `out` says.
pub fn input_error(error: &InputError, out: &mut impl Write) -> io::Result<()> {
    write_line(&ErrorLine { error: with_causes(error), help: error.help() }, out)
}

/// Writes one line that says how a client was judged.
///
/// The same cassettes and the same client give the same bytes: there is no time and no port in it.
///
/// # Errors
/// What `out` says.
pub fn judgement(judgement: &Judgement, out: &mut impl Write) -> io::Result<()> {
    let found =
        judgement.exchanges().flat_map(|(at, exchange)| exchange.findings.iter().map(move |one| (at.clone(), one)));
    let line = JudgementLine {
        findings: found.map(|(at, finding)| PlacedLine { at, finding: FindingLine::of(finding) }).collect(),
        combinations: Operation::all().iter().map(|operation| CombinationsLine::of(operation, judgement)).collect(),
        refusal_codes: CodesLine::of(judgement),
        cassettes: judgement.cassettes.iter().map(CassetteLine::of).collect(),
        cases: judgement.cases.iter().map(CaseLine::of).collect(),
    };
    write_line(&line, out)
}

/// Writes one line for each rule.
///
/// # Errors
/// What `out` says.
pub fn rules(out: &mut impl Write) -> io::Result<()> {
    checks().try_for_each(|check| write_line(&RuleLine::of(check), out))
}

#[derive(Serialize)]
struct RuleLine {
    check: &'static str,
    grade: String,
    severity: String,
    evidence: Vec<String>,
    way: &'static str,
    claim: &'static str,
    because: Option<&'static str>,
}

impl RuleLine {
    fn of(check: &Check) -> Self {
        Self {
            check: check.id.as_str(),
            grade: check.grade.to_string(),
            severity: check.severity().to_string(),
            evidence: evidence(check),
            way: check.judge.way(),
            claim: check.claim,
            because: match check.judge {
                Judge::NotJudged { because } => Some(because),
                _ => None,
            },
        }
    }
}

#[derive(Serialize)]
struct ExplanationLine<'a> {
    verdict: &'a str,
    why: Option<String>,
    scheme: Option<&'a str>,
    stages: Option<StagesLine>,
    diagnosis: Option<DiagnosisLine<'a>>,
    parameters: Vec<ParameterLine<'a>>,
    findings: Vec<FindingLine>,
}

#[derive(Serialize)]
struct StagesLine {
    canonical: String,
    string_to_sign: String,
    signature: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum DiagnosisLine<'a> {
    PayloadHash { claimed: &'a str, actual: &'a str },
    QuotedDiffers { stage: &'a str, at: usize, ours: &'a str, theirs: &'a str },
    QuotedIsOurs,
    Recipes { causes: Vec<CauseLine> },
    Unexplained,
}

impl<'a> DiagnosisLine<'a> {
    fn of(diagnosis: &'a Diagnosis) -> Self {
        match diagnosis {
            Diagnosis::PayloadHash { claimed, actual } => Self::PayloadHash { claimed, actual },
            Diagnosis::QuotedDiffers(Difference { stage, at, ours, theirs }) => {
                Self::QuotedDiffers { stage: stage.name(), at: *at, ours, theirs }
            }
            Diagnosis::QuotedIsOurs => Self::QuotedIsOurs,
            Diagnosis::Recipes(causes) => Self::Recipes { causes: causes.iter().map(CauseLine::of).collect() },
            Diagnosis::Unexplained => Self::Unexplained,
        }
    }
}

#[derive(Serialize)]
struct CauseLine {
    name: &'static str,
    check: Option<&'static str>,
    stage: &'static str,
    fix: &'static str,
}

impl CauseLine {
    fn of(cause: &Cause) -> Self {
        let check = check_of_recipe(cause.recipe.name).map(|check| check.id.as_str());
        Self { name: cause.recipe.name, check, stage: cause.stage.name(), fix: cause.recipe.fix }
    }
}

#[derive(Serialize)]
struct ParameterLine<'a> {
    name: &'a str,
    value: &'a str,
    place: &'a str,
    class: &'a str,
}

impl<'a> ParameterLine<'a> {
    fn of(parameter: &'a ExplainedParameter) -> Self {
        let ExplainedParameter { name, value, place, class } = parameter;
        Self { name, value, place, class: class.name() }
    }
}

#[derive(Serialize)]
struct FindingLine {
    check: &'static str,
    severity: String,
    message: String,
}

impl FindingLine {
    fn of(finding: &Finding) -> Self {
        let severity = finding.severity.to_string();
        Self { check: finding.check.as_str(), severity, message: finding.message() }
    }
}

#[derive(Serialize)]
struct JudgementLine<'a> {
    findings: Vec<PlacedLine>,
    combinations: Vec<CombinationsLine<'a>>,
    refusal_codes: CodesLine,
    cassettes: Vec<CassetteLine<'a>>,
    cases: Vec<CaseLine<'a>>,
}

/// A finding, and the interaction or case that it is of.
#[derive(Serialize)]
struct PlacedLine {
    at: String,
    #[serde(flatten)]
    finding: FindingLine,
}

#[derive(Serialize)]
struct CombinationsLine<'a> {
    action: &'a str,
    version: &'a str,
    pairs: ReachedLine,
    triples: ReachedLine,
}

impl<'a> CombinationsLine<'a> {
    fn of(operation: &'a Operation, judgement: &Judgement) -> Self {
        let Coverage { pairs, triples } = Coverage::of(&Factors::of(operation), &judgement.requests);
        let (pairs, triples) = (ReachedLine::of(pairs), ReachedLine::of(triples));
        Self { action: &operation.action, version: &operation.version, pairs, triples }
    }
}

#[derive(Serialize)]
struct ReachedLine {
    reached: usize,
    of: usize,
    beyond_clients: usize,
}

impl ReachedLine {
    fn of(reached: Reached) -> Self {
        Self { reached: reached.reached, of: reached.of, beyond_clients: reached.beyond_clients }
    }
}

#[derive(Serialize)]
struct CodesLine {
    read: Vec<&'static str>,
    never: Vec<&'static str>,
}

impl CodesLine {
    fn of(judgement: &Judgement) -> Self {
        let Codes { read, never } = Codes::of(judgement);
        Self { read, never }
    }
}

#[derive(Serialize)]
struct CaseLine<'a> {
    case: &'a str,
    #[serde(flatten)]
    exchange: ExchangeLine<'a>,
}

impl<'a> CaseLine<'a> {
    fn of(case: &'a JudgedCase) -> Self {
        Self { case: &case.name, exchange: ExchangeLine::of(&case.exchange) }
    }
}

#[derive(Serialize)]
struct CassetteLine<'a> {
    cassette: &'a str,
    provenance: &'a Provenance,
    interactions: Vec<InteractionLine<'a>>,
}

impl<'a> CassetteLine<'a> {
    fn of(cassette: &'a JudgedCassette) -> Self {
        let interactions = cassette.interactions.iter().map(|interaction| InteractionLine {
            id: &interaction.id,
            part: interaction.part.name(),
            exchanges: interaction.exchanges.iter().map(ExchangeLine::of).collect(),
        });
        Self { cassette: &cassette.name, provenance: &cassette.provenance, interactions: interactions.collect() }
    }
}

#[derive(Serialize)]
struct InteractionLine<'a> {
    id: &'a str,
    part: &'a str,
    exchanges: Vec<ExchangeLine<'a>>,
}

#[derive(Serialize)]
struct ExchangeLine<'a> {
    asked: &'a str,
    signature: Option<&'a str>,
    answered: Option<u16>,
    read: ReadLine<'a>,
    findings: Vec<FindingLine>,
}

impl<'a> ExchangeLine<'a> {
    fn of(exchange: &'a JudgedExchange) -> Self {
        Self {
            asked: &exchange.asked,
            signature: exchange.signature,
            answered: exchange.answered,
            read: ReadLine::of(&exchange.read),
            findings: exchange.findings.iter().map(FindingLine::of).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ReadLine<'a> {
    Answer {
        fields: Vec<FieldLine<'a>>,
    },
    Refused {
        status: Option<u16>,
        code: &'a Option<String>,
        message: &'a Option<String>,
        request_id: &'a Option<String>,
    },
    Skipped {
        why: &'a str,
    },
    Unreadable {
        status: Option<u16>,
        why: &'a str,
    },
}

impl<'a> ReadLine<'a> {
    fn of(read: &'a Result<Reading, Skipped>) -> Self {
        match read {
            Ok(Reading::Answer(fields)) => {
                let fields = fields.iter().map(|(name, value)| FieldLine { name, value: ValueLine::of(value) });
                Self::Answer { fields: fields.collect() }
            }
            Ok(Reading::Refused { status, code, message, request_id }) => {
                Self::Refused { status: *status, code, message, request_id }
            }
            Ok(Reading::Unreadable { status, why }) => Self::Unreadable { status: *status, why },
            Err(Skipped { why }) => Self::Skipped { why },
        }
    }
}

/// A field by itself, because a name may stand twice.
#[derive(Serialize)]
struct FieldLine<'a> {
    name: &'a str,
    value: ValueLine<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueLine<'a> {
    Bool(bool),
    Integer(i128),
    Null,
    Text(&'a str),
}

impl<'a> ValueLine<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Decimal(text) | Value::Text(text) => Self::Text(text),
            Value::Integer(value) => Self::Integer(*value),
            Value::Nested => Self::Text("(nested)"),
            Value::Null => Self::Null,
        }
    }
}

#[derive(Serialize)]
struct ErrorLine {
    error: String,
    help: &'static str,
}

fn write_line(line: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
