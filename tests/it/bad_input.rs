//! Cassettes that cannot be read: exit 4, the path, the place, and what to do.

use std::fs;
use std::path::Path;

use crate::world::{command, shipped, stderr, stdout};

type Spoil = fn(&str) -> Vec<u8>;

/// What spoils a good cassette, and the place that is named.
const SPOILED: &[(&str, Spoil, &str)] = &[
    ("cut", cut, "line "),
    ("not UTF-8", not_utf8, "line "),
    ("newer", |text| replaced(text, "cassette/1", "cassette/2"), "/format: "),
    ("unknown field", |text| replaced(text, "\"id\"", "\"since\": 1, \"id\""), "line "),
    ("repeated field", |text| replaced(text, "\"id\"", "\"id\": \"a\", \"id\""), "line "),
    ("two equal keys", twice, "/interactions/1"),
    ("wrong length", |text| replaced(text, "\"length\": ", "\"length\": 1"), "/interactions/0/answers/0/body: length "),
    ("wrong hash", |text| replaced(text, "\"sha256\": \"9", "\"sha256\": \"8"), "/interactions/0/answers/0/body: "),
    ("wrong signature", |text| replaced(text, "Lang=zh", "Lang=en"), "/interactions/0/request/signature: "),
];

fn cut(text: &str) -> Vec<u8> {
    text.as_bytes()[..text.len() / 2].to_vec()
}

fn not_utf8(text: &str) -> Vec<u8> {
    let (head, tail) = text.split_once("2019").expect("the note names the year");
    [head.as_bytes(), b"\xff", tail.as_bytes()].concat()
}

fn replaced(text: &str, old: &str, new: &str) -> Vec<u8> {
    text.replacen(old, new, 1).into_bytes()
}

fn twice(text: &str) -> Vec<u8> {
    let (head, interaction) = text.split_once("\"interactions\": [").expect("it has interactions");
    let (interaction, tail) = interaction.rsplit_once("\n  ]").expect("they end so");
    let again = interaction.replace("\"id\": \"latest\"", "\"id\": \"again\"");
    format!("{head}\"interactions\": [{interaction},{again}\n  ]{tail}").into_bytes()
}

fn assert_unreadable(arguments: &[&str], folder: &Path, case: &str, place: &str) {
    let output = command().args(arguments).current_dir(folder).output().expect("it runs");

    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{case}: {output:?}");
    assert_eq!(stdout(&output), "", "{case}");
    assert!(said.starts_with("error: ") && said.contains("spoiled.json: "), "{case}: {said}");
    assert!(said.contains(place), "{case}: {said}");
    assert!(said.lines().last().is_some_and(|line| line.starts_with("help: ") && line.len() > 20), "{case}: {said}");
}

#[test]
fn a_cassette_that_cannot_be_read_names_path_and_place_and_what_to_do() {
    let good = shipped("describe-batch-result-count/published-status-as-text.json");
    for (case, spoil, place) in SPOILED {
        let folder = tempfile::tempdir().expect("a folder of our own");
        let spoiled = spoil(&good);
        assert!(spoiled != good.as_bytes(), "{case} changes nothing");
        fs::write(folder.path().join("spoiled.json"), spoiled).expect("the folder is ours");

        for arguments in
            [&["check", "--cassettes", "."][..], &["serve", "--cassettes", "spoiled.json"], &["cassette", "lint", "."]]
        {
            assert_unreadable(arguments, folder.path(), case, place);
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_no_empty_one() {
    for arguments in
        [&["check", "--cassettes", "gone"][..], &["serve", "--cassettes", "gone"], &["cassette", "show", "gone"]]
    {
        let output = command().args(arguments).output().expect("it runs");

        assert_eq!(stderr(&output), "error: gone: there is no such file or folder\nhelp: check the path\n");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(4)), "{arguments:?}");
    }
}

#[test]
fn every_damaged_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    fs::write(folder.path().join("a.json"), "{").expect("the folder is ours");
    fs::write(folder.path().join("b.json"), "").expect("the folder is ours");

    let output = command().args(["check", "--cassettes", "."]).current_dir(&folder).output().expect("it runs");

    let said = stderr(&output);
    assert!(said.contains("error: ./a.json: ") && said.contains("error: ./b.json: "), "{said}");
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn two_files_of_one_name_are_both_named() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let good = shipped("describe-batch-result-count/published-status-as-text.json");
    for below in ["a", "b"] {
        fs::create_dir(folder.path().join(below)).expect("the folder is ours");
        fs::write(folder.path().join(below).join("same.json"), &good).expect("the folder is ours");
    }

    for subcommand in ["check", "serve"] {
        let output = command().args([subcommand, "--cassettes", "."]).current_dir(&folder).output().expect("it runs");

        let said = stderr(&output);
        assert!(said.starts_with("error: cassettes a/same.json and b/same.json are both named same\nhelp: "), "{said}");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(4)), "{subcommand}");
    }
}
