//! The built command, in an environment that is the same everywhere.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Output, Stdio};

use assert_cmd::Command;

/// The command without credentials, colours and proxies of whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("alidns-contract");
    command.env_clear();
    command
}

/// The text of a cassette that is shipped.
pub(crate) fn shipped(name: &str) -> String {
    let path = format!("{}/cassettes/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("the cassette is shipped")
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `serve`, while it runs.
pub(crate) struct Served {
    /// What it printed first.
    pub(crate) url: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    /// Starts it with these arguments behind `serve`, and waits for its first line.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_in(&[], arguments)
    }

    /// The same with these variables and no others.
    pub(crate) fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("alidns-contract"));
        command.arg("serve").args(arguments).env_clear().envs(environment.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command is built");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut url = String::new();
        stdout.read_line(&mut url).expect("it prints text");
        Self { url: url.trim_end().to_owned(), child, stdout }
    }

    /// Sends it a signal by name, and waits for its end.
    pub(crate) fn end(mut self, signal: &str) -> Output {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &id]).status().expect("kill is there");
        assert!(sent.success());
        let mut rest = Vec::new();
        self.stdout.read_to_end(&mut rest).expect("it can be read");
        let output = self.child.wait_with_output().expect("it ends");
        Output { stdout: rest, ..output }
    }
}
