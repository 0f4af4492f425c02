//! The contract, its evidence and the rules belong together.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use alidns_contract::cassettes::{Cassettes, Provenance};
use alidns_contract::checks::{
    Answer, AnswerSource, Asked, Judge, Observation, Run, Subject, checks, findings, outcomes,
};
use alidns_contract::contract::{Call, Evidence, Operation, decode};
use alidns_contract::signing::{Keyring, verify};

fn at(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(at(path)).expect("the file is part of the project")
}

#[test]
fn every_contract_lies_where_its_product_version_and_action_say_and_is_compiled_in() {
    let mut found = BTreeSet::new();
    for operation in Operation::all() {
        let Operation { product, version, action, .. } = operation;
        let path = format!("contracts/{product}/{version}/{action}.toml");

        assert_eq!(&Operation::parse(&text(&path)).expect("it can be read"), operation, "{path}");
        found.insert(path);
    }

    let version = "contracts/alidns/2015-01-09";
    let files = fs::read_dir(at(version)).expect("the folder is part of the project");
    let names = files.map(|file| file.expect("it can be listed").file_name().into_string().expect("it is ASCII"));
    let contracts = names.filter(|name| name.ends_with(".toml") && name.matches('.').count() == 1);
    let on_disk: BTreeSet<String> = contracts.map(|name| format!("{version}/{name}")).collect();
    assert_eq!(found, on_disk);
}

#[test]
fn every_rule_has_evidence_in_the_file_and_every_evidence_has_a_rule() {
    let evidence = Evidence::parse(&text("contracts/evidence.toml")).expect("it can be read");

    let evident: BTreeSet<&str> = evidence.keys().map(String::as_str).collect();
    let registered: BTreeSet<&str> = checks().map(|check| check.id.as_str()).collect();

    assert_eq!(evident, registered);
}

/// The interactions that evidence says were recorded, and that stand in no live cassette.
fn not_recorded(evidence: &str) -> Vec<String> {
    let cassettes = Cassettes::shipped();
    let live = cassettes.iter().filter(|cassette| matches!(cassette.provenance, Provenance::Live { .. }));
    let recorded: BTreeSet<String> = live
        .flat_map(|one| one.interactions.iter().map(|interaction| format!("{}#{}", one.name(), interaction.id)))
        .collect();
    let evidence = Evidence::parse(evidence).expect("it can be read");
    let said = evidence.into_values().flat_map(|evidence| evidence.reasons).flat_map(|reason| reason.interactions);
    said.filter(|interaction| !recorded.contains(interaction)).collect()
}

#[test]
fn what_evidence_says_was_recorded_stands_in_a_live_cassette() {
    let quoted = "describe-batch-result-count/published-eight-fields#latest";
    let made_up = format!(
        "[SIG-01]\nevidence = [{{ kind = \"recorded\", source = \"it is so\", interactions = [\"{quoted}\"] }}]"
    );

    assert_eq!(not_recorded(&made_up), [quoted], "a documented answer was not recorded");
    assert_eq!(not_recorded(&text("contracts/evidence.toml")), [""; 0]);
}

#[test]
fn every_property_is_held_by_the_test_that_it_names() {
    let tests = text("tests/it/property_signing.rs");

    for check in checks() {
        let Judge::Property { test } = check.judge else { continue };

        assert!(tests.contains(&format!("    fn {test}(")), "{} names {test}", check.id);
    }
}

#[test]
fn the_documented_values_of_a_field_and_of_its_parameter_are_the_same() {
    for operation in Operation::all() {
        for field in &operation.fields {
            let Some(parameter) = operation.parameter(&field.name) else { continue };

            assert_eq!(field.values, parameter.values, "{}", field.name);
            assert_eq!(field.value_type, parameter.value_type, "{}", field.name);
        }
    }
}

#[test]
fn shipped_answers_break_only_the_rules_that_the_published_example_is_known_to_break() {
    let mut broken = Vec::new();
    for cassette in Cassettes::shipped().iter() {
        let mut run = Run::of(Subject::Service);
        for interaction in &cassette.interactions {
            let request = interaction.asked.request();
            let verdict = request.map(|request| verify(request, &Keyring::test()));
            let call = request.map(Call::made_by);
            for response in std::iter::once(&interaction.answers.first).chain(&interaction.answers.then) {
                let operation = &Operation::all()[0];
                let decoded = decode(response, operation);
                let asked = request.zip(verdict.as_ref()).zip(call.as_ref());
                let asked = asked.map(|((request, verdict), call)| Asked { request, verdict, call });
                let source = match cassette.provenance {
                    Provenance::Live { .. } => AnswerSource::Live,
                    _ => AnswerSource::Stored,
                };
                let observation =
                    Observation::Answered(Answer { response, decoded: &decoded, operation, asked, source });
                let found = outcomes(&observation).chain(run.step(&observation));
                broken.extend(
                    findings(found).into_iter().map(|finding| format!("{} {}", cassette.name(), finding.check)),
                );
            }
        }
    }

    assert_eq!(broken, ["describe-batch-result-count/published-eight-fields SCH-35"]);
}
