//! `cassette scrub`: what it replaces, what it refuses, and that nothing else is touched.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::world::{command, shipped, stderr, stdout};

const OWNER: &str = r#""AuthPrincipalOwnerId": "19****""#;
const SECRET_LIKE: &str = "abcdefghijABCDEFGHIJ0123456789";

/// A folder with one cassette, in whose body an account's id stands.
fn folder(note: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let text = shipped("refusals/forbidden-ram-2024.json")
        .replace("A user without the right to do it; with AccessDeniedDetail.", note)
        .replace(OWNER, r#""AuthPrincipalOwnerId": "1234567890123456""#)
        .replace(r#""length": 496"#, r#""length": 506"#)
        .replace(
            "0710638b7d667d27e84411a9a2e8b2a4d2c4747667016ec085ea5fac53c9b477",
            "4138d3c644acbc403baa1e9df304bac89cd846877dba3f88d560f907ddee1bdd",
        );
    fs::write(folder.path().join("one.json"), text).expect("the folder is ours");
    folder
}

fn one(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("one.json")).expect("it is there")
}

fn scrub(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = command();
    command.args(["cassette", "scrub"]).args(arguments).current_dir(folder).envs(environment.iter().copied());
    command.output().expect("it runs")
}

#[test]
fn a_file_is_brought_to_the_rules_and_then_has_nothing_to_replace() {
    let folder = folder("A note.");

    let first = scrub(folder.path(), &["."], &[]);
    let written = one(&folder);
    let second = scrub(folder.path(), &["."], &[]);

    let changed = "./one.json: changed\n  R004: ids of accounts and users, each by a number of its own\n";
    assert_eq!((stdout(&first).as_str(), stderr(&first).as_str(), first.status.code()), (changed, "", Some(0)));
    assert!(written.contains(r#""AuthPrincipalOwnerId": "1000000000000001""#), "{written}");
    assert_eq!((stdout(&second).as_str(), second.status.code()), (".: nothing to replace\n", Some(0)));
    assert_eq!(one(&folder), written);
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
}

#[test]
fn check_says_what_would_change_and_changes_nothing() {
    let folder = folder("A note.");
    let before = one(&folder);

    let output = scrub(folder.path(), &["--check", "one.json"], &[]);

    assert!(stdout(&output).starts_with("one.json: would change\n  R004: "), "{output:?}");
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(1)));
    assert_eq!(one(&folder), before);
}

#[test]
fn the_credentials_of_the_environment_are_looked_for() {
    let folder = folder("Recorded with canary/id, once canary%252Fid, and with q/secret%.");
    let environment = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "canary/id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "q/secret%")];

    let output = scrub(folder.path(), &["."], &environment);

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains("\n  R001: the real access key id, by testid\n"), "{output:?}");
    assert!(one(&folder).contains("Recorded with testid, once testid, and with testsecret."), "{}", one(&folder));
}

#[test]
fn what_no_rule_replaces_is_refused_and_the_file_left_as_it_was() {
    let folder = folder(&format!("The secret was {SECRET_LIKE}."));
    let before = one(&folder);

    let output = scrub(folder.path(), &["."], &[]);

    let said = stderr(&output);
    assert!(said.starts_with("error: ./one.json: line 3: what looks like a secret"), "{said}");
    assert!(said.contains("(S008)\nhelp: ") && !said.contains(SECRET_LIKE), "{said}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(5)));
    assert_eq!(one(&folder), before);
}

#[test]
fn a_damaged_file_stops_the_folder_and_other_paths_are_looked_at_all_the_same() {
    let damaged = folder("A note.");
    fs::write(damaged.path().join("two.json"), "{").expect("the folder is ours");
    let before = one(&damaged);
    let whole = folder("A note.");
    let whole_path = whole.path().display().to_string();

    let output = scrub(damaged.path(), &["gone", ".", &whole_path], &[]);

    let said = stderr(&output);
    assert!(said.contains("error: gone: there is no such file or folder\nhelp: "), "{said}");
    assert!(said.contains("error: ./two.json: line 1, column 1: the file is cut short\n"), "{said}");
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(one(&damaged), before);
    assert!(one(&whole).contains("1000000000000001"));
}

#[test]
fn credentials_that_cannot_be_right_are_refused_before_anything_is_written() {
    let folder = folder("A note.");
    let before = one(&folder);

    let output = scrub(folder.path(), &["."], &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "canary")]);

    assert!(stderr(&output).starts_with("error: ALIBABA_CLOUD_ACCESS_KEY_SECRET "), "{output:?}");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(one(&folder), before);
}

#[test]
#[cfg(unix)]
fn behind_a_link_the_file_itself_is_changed() {
    let folder = folder("A note.");
    let links = tempfile::tempdir().expect("a folder of our own");
    let link = links.path().join("link.json");
    std::os::unix::fs::symlink(folder.path().join("one.json"), &link).expect("the folder is ours");

    let output = scrub(links.path(), &["link.json"], &[]);

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(link.is_symlink());
    assert!(one(&folder).contains("1000000000000001"));
}

#[test]
fn what_is_shipped_has_nothing_to_replace() {
    let output = scrub(Path::new(env!("CARGO_MANIFEST_DIR")), &["--check", "cassettes"], &[]);

    assert_eq!((stdout(&output).as_str(), output.status.code()), ("cassettes: nothing to replace\n", Some(0)));
}

#[test]
fn lint_finds_what_looks_like_a_credential() {
    let folder = folder(&format!("The secret was {SECRET_LIKE}."));

    let output = command().args(["cassette", "lint", "."]).current_dir(&folder).output().expect("it runs");

    let found =
        "./one.json: line 3 holds what looks like a secret: thirty letters and digits, both cases (S008)\n  help: ";
    assert!(stdout(&output).starts_with(found), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
}
