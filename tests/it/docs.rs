//! What the documents say is what the command does.

use std::fs;
use std::path::Path;
use std::process::Command;

use alidns_contract::cli::Exit;

#[test]
fn the_readme_shows_what_its_commands_print() {
    let shown = console_blocks(&document("README.md"));
    assert!(!shown.is_empty(), "README.md has console blocks");

    for (command, expected) in shown {
        let printed = run(&command);

        let missing = first_missing(&expected, &printed);
        assert_eq!(missing, None, "`{command}` prints no such line (in this order):\n{printed}");
    }
}

#[test]
fn the_readme_has_the_two_commands_that_ci_runs_to_the_letter() {
    let readme = document("README.md");
    let ci = document(".ci/run");

    for command in ["cargo run --release -- check", "cargo test"] {
        assert!(readme.lines().any(|line| line == command), "README.md: {command}");
        assert!(ci.lines().any(|line| line == format!("step {command}")), ".ci/run: {command}");
    }
}

#[test]
fn the_readme_has_the_table_of_exit_codes() {
    let readme = document("README.md");

    assert!(readme.contains(&format!("```text\n{}\n```", Exit::table().trim_end())), "{}", Exit::table());
}

/// The commands and what stands below each, `...` for whatever is left out.
fn console_blocks(text: &str) -> Vec<(String, Vec<String>)> {
    let mut shown: Vec<(String, Vec<String>)> = Vec::new();
    for block in text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        for line in block.lines() {
            match (line.strip_prefix("$ "), shown.last_mut()) {
                (Some(command), _) => shown.push((command.to_owned(), Vec::new())),
                (None, Some((_, expected))) if line != "..." => expected.push(line.to_owned()),
                _ => {}
            }
        }
    }
    shown
}

fn first_missing(expected: &[String], printed: &str) -> Option<String> {
    let mut lines = printed.lines();
    expected.iter().find(|wanted| !lines.any(|line| line.trim_end() == wanted.trim_end())).cloned()
}

/// Runs a command beside the shipped cassettes, where it may write.
fn run(command: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder of our own");
    std::os::unix::fs::symlink(root().join("cassettes"), folder.path().join("cassettes")).expect("the folder is ours");
    let script = command.replacen("alidns-contract", env!("CARGO_BIN_EXE_alidns-contract"), 1);
    let output = Command::new("sh").args(["-c", &script]).current_dir(&folder).output().expect("a shell is there");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the document is there")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
