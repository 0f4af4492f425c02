//! `cassette show` and `cassette lint`.

use std::fs;

use crate::world::{command, shipped, stderr, stdout};

#[test]
fn shown_are_the_origin_the_question_and_how_the_answer_reads() {
    let output = command().args(["cassette", "show"]).output().expect("it runs");

    let expected = "\
describe-batch-result-count/published-status-as-text.json: documented 2026-11-24 https://github.com/AlibabaCloudDocs/\
dns/blob/c9bcbdc/cn.zh-CN/API%E6%96%87%E6%A1%A3/%E6%89%B9%E9%87%8F%E7%AE%A1%E7%90%86%E6%8E%A5%E5%8F%A3/\
DescribeBatchResultCount.md
  The JSON example of the documentation of 2019: two fields, and Status is text.

  latest (replayed, signature valid)
    asks DescribeBatchResultCount Lang=\"zh\"
    gets 200 answer Status: 0 RequestId: \"75446CC1-FC9A-4595-8D96-089D73D7A63D\"
";
    assert!(stdout(&output).contains(expected), "{}", stdout(&output));
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn shipped_cassettes_have_nothing_to_lint() {
    let output = command()
        .args(["cassette", "lint", "cassettes"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it runs");

    let found = (stdout(&output), stderr(&output), output.status.code());
    assert_eq!(found, ("cassettes: no findings\n".to_owned(), String::new(), Some(0)));
}

#[test]
fn a_cassette_that_claims_what_it_is_not_is_a_finding_with_its_help() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let text = shipped("describe-batch-result-count/published-xml.json")
        .replace(r#""read": "2026-11-24""#, r#""read": "2026-11-31""#);
    fs::write(folder.path().join("one.json"), text).expect("the folder is ours");

    let output = command().args(["cassette", "lint", "."]).current_dir(&folder).output().expect("it runs");

    assert!(stdout(&output).starts_with("./one.json: \"2026-11-31\" is no day\n  help: "), "{output:?}");
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_path_is_looked_at_though_one_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let text = shipped("describe-batch-result-count/published-xml.json")
        .replace(r#""read": "2026-11-24""#, r#""read": "2026-11-31""#);
    fs::write(folder.path().join("one.json"), text).expect("the folder is ours");

    let output =
        command().args(["cassette", "lint", "gone", "one.json"]).current_dir(&folder).output().expect("it runs");

    assert!(stderr(&output).starts_with("error: gone: there is no such file or folder\nhelp: "), "{output:?}");
    assert!(stdout(&output).contains("is no day"), "{output:?}");
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn lint_without_a_path_is_wrong_use() {
    let output = command().args(["cassette", "lint"]).output().expect("it runs");

    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("<DIR|FILE>"), "{output:?}");
    assert_eq!(output.status.code(), Some(2));
}
