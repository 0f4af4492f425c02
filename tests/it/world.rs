//! The built command, in an environment that is the same everywhere.

use assert_cmd::Command;

/// The command without credentials, colours and proxies of whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("alidns-contract");
    command.env_clear();
    command
}

/// Standard output as text.
pub(crate) fn stdout(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub(crate) fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
