//! The command line itself: help, exit codes, wrong use, pipes, colour.

use std::io::Read as _;
use std::process::{Command, Stdio};

use alidns_contract::cli::Exit;

use crate::world::{command, stderr, stdout};

#[test]
fn help_has_the_table_of_exit_codes() {
    let output = command().arg("--help").output().expect("it runs");

    let (_, table) = stdout(&output)
        .split_once("Exit codes:\n")
        .map(|(head, table)| (head.to_owned(), table.to_owned()))
        .expect("it has one");
    let codes: Vec<u8> =
        table.lines().map(|line| line.split_whitespace().next().unwrap_or_default().parse().expect("a code")).collect();
    assert_eq!(codes, Exit::ALL.map(Exit::code));
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = command().arg("--version").output().expect("it runs");

    assert_eq!(stdout(&output), format!("alidns-contract {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn wrong_use_says_what_is_wrong_and_changes_nothing() {
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["check", "--no-such-flag"],
        &["check", "--format", "yaml"],
        &["check", "--cassettes"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--verify", "maybe"],
        &["serve", "--max-skew", "15"],
        &["serve", "--now", "2026-11-24"],
        &["explain", "a", "b"],
        &["cassette"],
        &["cassette", "lint"],
    ] {
        let output = command().args(arguments).output().expect("it runs");

        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)), "{arguments:?}");
        assert!(stderr(&output).contains("Usage:") || stderr(&output).starts_with("error: "), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["check"][..], &["cassette", "show"], &["--help"]] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("alidns-contract"));
        command.args(arguments).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it is built");
        drop(child.stdout.take());

        let mut said = String::new();
        child.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it is text");

        assert_eq!((said.as_str(), child.wait().expect("it ends").code()), ("", Some(0)), "{arguments:?}");
    }
}

#[test]
fn there_is_no_colour_where_no_terminal_is() {
    for arguments in [&["check"][..], &["explain", "http://h/?a=1"], &["cassette", "show"]] {
        let output = command().args(arguments).env("TERM", "xterm-256color").output().expect("it runs");

        assert!(!output.stdout.contains(&0x1b), "{arguments:?}");
    }
}
