//! What each stored answer is read as, and what that took, for a reviewer to see change.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use alidns_contract::Cassettes;
use alidns_contract::contract::{Call, Operation, decode};

#[test]
fn every_stored_answer_is_read_as_reviewed() {
    let settings = settings();

    for (name, decoded) in readings() {
        settings.bind(|| insta::assert_snapshot!(name, decoded));
    }
}

#[test]
fn snapshots_and_stored_answers_are_the_same_set() {
    let stored: BTreeSet<String> = readings().into_iter().map(|(name, _)| name).collect();
    let kept: BTreeSet<String> = fs::read_dir(folder())
        .expect("the snapshots are there")
        .filter_map(|entry| entry.expect("the folder is readable").file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(".snap").map(str::to_owned))
        .filter(|name| !OTHERS.contains(&name.as_str()))
        .collect();

    let without_snapshot: Vec<_> = stored.difference(&kept).collect();
    let without_answer: Vec<_> = kept.difference(&stored).collect();

    assert_eq!((without_snapshot, without_answer), (Vec::new(), Vec::new()));
}

/// Name and reading of each answer that ships, by `<scenario>.<interaction>.<n>`.
fn readings() -> Vec<(String, String)> {
    let mut readings = Vec::new();
    for cassette in &Cassettes::shipped() {
        for interaction in &cassette.interactions {
            let call = interaction.asked.request().map(Call::made_by);
            let operation = call.and_then(|call| Operation::named(&call.action, &call.version));
            let operation = operation.unwrap_or(&Operation::all()[0]);
            for (at, answer) in interaction.answers.iter().enumerate() {
                let name = format!("{}.{}.{}", cassette.stem(), interaction.id, at + 1);
                readings.push((name, decode(answer, operation).to_string()));
            }
        }
    }
    readings
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// Snapshots that show no answer.
const OTHERS: [&str; 1] = ["signing-recipes"];
