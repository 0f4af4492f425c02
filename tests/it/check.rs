//! `check`, from cassettes to its exit code.

use std::fs;

use alidns_contract::checks::checks;
use serde_json::{Value, json};

use crate::world::{command, shipped, stderr, stdout};

/// The table's rows as words, without its header.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().skip(1).take_while(|line| !line.is_empty());
    rows.map(|row| row.split_whitespace().collect()).collect()
}

#[test]
fn the_bundled_client_is_clean_on_the_shipped_cassettes() {
    let output = command().arg("check").output().expect("it runs");

    let text = stdout(&output);
    let rows = rows(&text);
    let published =
        "describe-batch-result-count/published-eight-fields latest played valid 200 8 fields, Status 0 documented";
    let quoted = "refusals/missing-signature-2023 refused exhibit absent 400 MissingSignature reported";
    let simulated = "describe-batch-result-count/polled-task poll played valid 200 7 fields, Status 1 simulated";
    for expected in [published, quoted, simulated] {
        assert!(rows.iter().any(|row| row.join(" ") == expected), "{expected}: {text}");
    }
    assert!(text.contains("\ncombinations   pairs 666 of 754 (72 beyond any client), triples "), "{text}");
    assert!(text.contains("\nprovenance     0 live, 17 reported, 3 documented, 17 simulated\n"), "{text}");
    let sum = "\n51 exchanges played, 20 exhibits read, 120 cases tried: 0 errors, 0 warnings, 0 notes\n";
    assert!(text.ends_with(sum), "{text}");
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
}

#[test]
fn every_shipped_cassette_has_a_row() {
    let output = command().arg("check").output().expect("it runs");

    let text = stdout(&output);
    let names: std::collections::BTreeSet<&str> = rows(&text).into_iter().map(|row| row[0]).collect();
    let refusals = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/cassettes/refusals")).expect("it is there");
    assert_eq!(names.iter().filter(|name| name.starts_with("refusals/")).count(), refusals.count());
}

#[test]
fn the_report_as_json_has_the_reading_and_is_the_same_each_time() {
    let check = || command().args(["check", "--format", "json"]).output().expect("it runs");

    let (first, second) = (check(), check());

    assert_eq!(first.stdout, second.stdout);
    let report: Value = serde_json::from_slice(&first.stdout).expect("it is JSON");
    let name = "describe-batch-result-count/published-status-as-text";
    let cassettes = report["cassettes"].as_array().expect("it lists cassettes");
    let cassette = cassettes.iter().find(|one| one["cassette"] == name).expect("it is shipped");
    assert_eq!(cassette["provenance"]["kind"], "documented");
    let exchange = json!({
        "asked": "DescribeBatchResultCount Lang=\"zh\"",
        "signature": "valid",
        "answered": 200,
        "read": {"kind": "answer", "fields": [
            {"name": "Status", "value": 0},
            {"name": "RequestId", "value": "75446CC1-FC9A-4595-8D96-089D73D7A63D"},
        ]},
        "findings": [],
    });
    assert_eq!(cassette["interactions"], json!([{"id": "latest", "part": "played", "exchanges": [exchange]}]));
}

#[test]
fn a_poll_is_asked_for_once_for_each_of_its_answers() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let text = shipped("describe-batch-result-count/published-xml.json");
    let (head, answers) = text.split_once("\"answers\": [").expect("it has answers");
    let (answer, tail) = answers.rsplit_once("}\n      ]").expect("they end so");
    let poll = format!("{head}\"answers\": [{answer}}}, {answer}}}\n      ]{tail}");
    fs::write(folder.path().join("poll.json"), poll).expect("the folder is ours");

    let output = command().args(["check", "--cassettes", "."]).current_dir(&folder).output().expect("it runs");

    let row = "poll latest played valid 200 2 fields, Status 0 documented";
    assert_eq!(rows(&stdout(&output)).iter().map(|row| row.join(" ")).collect::<Vec<_>>(), [row, row], "{output:?}");
    assert!(stdout(&output).contains("\n2 exchanges played, "), "{output:?}");
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    let proxy = "http://127.0.0.1:9";

    let output = command()
        .args(["check", "--select", "published"])
        .envs([("HTTP_PROXY", proxy), ("http_proxy", proxy), ("ALL_PROXY", proxy)])
        .output()
        .expect("it runs");

    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_report_goes_to_a_file_where_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder of our own");

    let output = command().args(["check", "--output", "report.txt"]).current_dir(&folder).output().expect("it runs");

    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str(), output.status.code()), ("", "", Some(0)));
    let report = fs::read_to_string(folder.path().join("report.txt")).expect("it was written");
    assert!(report.starts_with(" cassette "), "{report}");
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
}

#[test]
fn a_report_that_cannot_be_written_is_the_fault_of_the_environment() {
    let output = command().args(["check", "--output", "/nowhere/report"]).output().expect("it runs");

    assert!(stderr(&output).starts_with("error: /nowhere/report cannot be written\n  because: "), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
}

#[test]
fn the_list_has_every_rule_with_what_it_rests_on() {
    let output = command().args(["check", "--list"]).output().expect("it runs");

    let text = stdout(&output);
    let row = |id: &str| text.lines().find(|line| line.trim_start().starts_with(id)).unwrap_or_default().to_owned();
    let words = |id: &str| row(id).split_whitespace().take(5).map(str::to_owned).collect::<Vec<_>>().join(" ");
    assert_eq!(words("SIG-01"), "SIG-01 MUST error document request");
    assert_eq!(words("SCH-30"), "SCH-30 MUST warning assumed answer");
    assert!(row("SIG-07").contains("cause of SIG-01"), "{text}");
    assert!(row("SCH-65").contains("; not judged: "), "{text}");
    assert_eq!(text.lines().count(), 1 + checks().count());
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
}

#[test]
fn the_report_as_json_keeps_to_its_published_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let output = command().args(["check", "--format", "json"]).output().expect("it runs");
    let mut report: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");

    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();

    assert_eq!(errors, [] as [String; 0]);
    report["combinations"][0]["pairs"]["reached"] = json!("all");
    assert!(!validator.is_valid(&report));
}
