//! Credentials that are looked for, under every encoding, in all that the command writes and prints.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use alidns_contract::cassettes::Cassettes;
use alidns_contract::signing::{Digest, Key, Scheme};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tempfile::TempDir;

use crate::simulate::{Caller, progress, submission};
use crate::tls::{Authority, Terminator};
use crate::world::{Served, command, stderr, stdout};

/// Whatever the two schemes can carry: an id has no comma and no space; secret and token may be any text.
pub(crate) const ID: &str = "LTAI5tCanaryKeyId+/=%7Ez";
pub(crate) const SECRET: &str = "CanarySecretQx7+/=%25é中 z";
pub(crate) const TOKEN: &str = "CAIS0CanaryTokenZv9+/=%2Fü字 z";

/// As the command finds them.
pub(crate) const ENVIRONMENT: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", ID),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN),
];

pub(crate) fn key() -> Key {
    Key::new(ID, SECRET).with_token(TOKEN)
}

/// Nothing of the three stands in `text`, however it is encoded.
pub(crate) fn assert_absent(place: &str, text: &[u8]) {
    for canary in [ID, SECRET, TOKEN] {
        if let Some(found) = spellings(canary).into_iter().find(|spelling| holds(text, spelling.as_bytes())) {
            panic!("{place} holds {found:?} of {canary:?}:\n{}", String::from_utf8_lossy(text));
        }
    }
}

/// The same for what a process printed.
pub(crate) fn assert_silent(output: &Output) {
    assert_absent("standard output", &output.stdout);
    assert_absent("standard error", &output.stderr);
}

/// The same for the names and the bytes of all files below `folder`; how many there are.
pub(crate) fn assert_clean(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        assert_absent("a name", path.as_os_str().as_encoded_bytes());
        if path.is_dir() {
            files += assert_clean(&path);
        } else {
            assert_absent(&path.display().to_string(), &fs::read(&path).expect("the file is readable"));
            files += 1;
        }
    }
    files
}

/// As it is, percent-encoded once and twice, in base64 behind none, one and two other bytes, in hexadecimal, with
/// JSON's escapes; and its longest word, which most encodings leave as it is.
fn spellings(canary: &str) -> Vec<String> {
    let once = percent(canary.as_bytes());
    let twice = percent(once.as_bytes());
    let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    let words = canary.split(|letter: char| !letter.is_ascii_alphanumeric());
    let word = words.max_by_key(|word| word.len()).expect("a text has a first part");
    let mut all = vec![canary.to_owned(), word.to_owned(), canary.replace('/', "\\/"), json_escaped(canary)];
    for spelling in [once, twice, hex] {
        all.extend([spelling.to_ascii_lowercase(), spelling.to_ascii_uppercase(), spelling]);
    }
    for before in 0..3 {
        for part in [canary, word] {
            let base64 = own_base64(part.as_bytes(), before);
            all.extend([base64.replace('+', "-").replace('/', "_"), base64]);
        }
    }
    all
}

fn percent(text: &[u8]) -> String {
    let encode = |&byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.iter().map(encode).collect()
}

fn json_escaped(text: &str) -> String {
    let escape = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escape).collect()
}

/// The characters that are the text's own where `before` other bytes stand before it, and others behind it.
fn own_base64(text: &[u8], before: usize) -> String {
    let whole = STANDARD_NO_PAD.encode([&[0; 2][..before], text].concat());
    whole[(before * 8).div_ceil(6)..(before + text.len()) * 8 / 6].to_owned()
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_encoding_is_found() {
    let texts = [
        "CAIS0CanaryTokenZv9+/=%2Fü字 z",
        "CAIS0CanaryTokenZv9%2B%2F%3D%252F%C3%BC%E5%AD%97%20z",
        "CAIS0CanaryTokenZv9%252b%252f%253d%25252f%25c3%25bc%25e5%25ad%2597%2520z",
        "CAIS0CanaryTokenZv9+\\/=%2F\\u00fc\\u5b57 z",
        "434149533043616e617279546f6b656e5a76392b2f3d253246c3bce5ad97207a",
        "434149533043616E617279546F6B656E5A76392B2F3D253246C3BCE5AD97207A",
    ];
    let in_base64 = ["", "x", "xy"].map(|before| STANDARD_NO_PAD.encode(format!("{before}{TOKEN}{before}")));

    for text in texts.into_iter().map(str::to_owned).chain(in_base64) {
        let found = std::panic::catch_unwind(|| assert_absent("a text", text.as_bytes()));

        assert!(found.is_err(), "{text}");
    }
}

/// A folder to record into, what else a run writes, and an upstream that knows the canary key.
struct Scene {
    folder: TempDir,
    upstream: Served,
}

impl Scene {
    fn new() -> Self {
        let upstream = Served::start_in(&ENVIRONMENT, &["--simulate"]);
        Self { folder: tempfile::tempdir().expect("a folder of our own"), upstream }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("the path is text").to_owned()
    }

    /// Submits a batch under the canary key, and waits until it is done; its id.
    fn finished_task(&self) -> String {
        let caller = Caller { url: &self.upstream.url, scheme: Scheme::HmacSha1, key: key() };
        let submitted: serde_json::Value = serde_json::from_slice(&caller.ask(&submission()).body).expect("JSON");
        std::thread::sleep(Duration::from_secs(5));
        submitted["TaskId"].to_string()
    }

    /// Records what can be recorded of `upstream`, probes too; no proxy is asked.
    fn record(&self, upstream: &str, more: &[&str]) {
        let variable = format!("finished_task={}", self.finished_task());
        let nobody = "http://127.0.0.1:9";
        let mut command = command();
        command.envs(ENVIRONMENT).envs([("HTTP_PROXY", nobody), ("HTTPS_PROXY", nobody), ("ALL_PROXY", nobody)]);
        command.args(["check", "--record", "--probe", "--cassettes", &self.path("cassettes"), "--upstream", upstream]);
        command.args(["--var", &variable, "--var", "fresh_account=yes"]).args(more);

        let output = command.output().expect("it runs");

        assert_silent(&output);
        assert_eq!(output.status.code(), Some(0), "{} {}", stdout(&output), stderr(&output));
    }

    /// Nothing of the key is in what was written, here or by the upstream; all of it is simulated, and can be used.
    fn end(self, fewest: usize) {
        let files = assert_clean(self.folder.path());
        assert!(files >= fewest, "{files} files");
        assert_silent(&self.upstream.end("TERM"));
        let cassettes = self.folder.path().join("cassettes");
        let recorded = Cassettes::open(&cassettes).expect("each can be read");
        assert!(recorded.iter().all(|cassette| cassette.provenance.kind() == "simulated"));
        let text = recorded.iter().map(|cassette| cassette.text()).collect::<String>();
        assert!(text.contains("AccessKeyId=testid") && text.contains("SecurityToken=testtoken"), "{text}");
        for arguments in [["cassette", "lint"], ["check", "--cassettes"]] {
            let output = command().args(arguments).arg(&cassettes).output().expect("it runs");
            assert_eq!(output.status.code(), Some(0), "{} {}", stdout(&output), stderr(&output));
        }
    }
}

#[test]
fn a_recording_over_http_holds_nothing_of_the_key() {
    let scene = Scene::new();

    scene.record(&scene.upstream.url, &[]);

    scene.end(19);
}

#[test]
fn a_recording_over_https_holds_nothing_of_the_key() {
    let (scene, authority) = (Scene::new(), Authority::new());
    let terminator = Terminator::start(&authority, "localhost", &scene.upstream.url);
    let pem = scene.path("authority.pem");
    fs::write(&pem, authority.pem()).expect("the folder is ours");

    scene.record(&terminator.url, &["--ca", &pem, "--format", "json", "--output", &scene.path("report")]);

    scene.end(21);
}

#[test]
fn what_clients_record_holds_nothing_of_the_key() {
    let (scene, authority) = (Scene::new(), Authority::new());
    let terminator = Terminator::start(&authority, "localhost", &scene.upstream.url);
    let (pem, cassettes, receipt) = (scene.path("authority.pem"), scene.path("cassettes"), scene.path("receipt"));
    fs::write(&pem, authority.pem()).expect("the folder is ours");
    let arguments = ["--record", "--cassettes", &cassettes, "--upstream", &terminator.url, "--ca", &pem];
    let served = Served::start_in(&ENVIRONMENT, &[&arguments[..], &["--output", &receipt]].concat());

    for (scenario, scheme) in [("old", Scheme::HmacSha1), ("new", Scheme::Acs3(Digest::Sha256))] {
        let client = Key::new(format!("testid-{scenario}"), "testsecret");
        let ask = |key: Key| Caller { url: &served.url, scheme, key }.ask(&progress());
        let answers = [
            ask(client.clone().with_token("a token")),
            ask(client),
            ask(Key::new("testid", "another")),
            // By mistake: the recorder's own key.
            ask(key()),
        ];
        assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 200, 400, 404]);
        answers[..2].iter().for_each(|answer| assert_absent("an answer", &answer.body));
    }
    let output = served.end("TERM");

    assert_silent(&output);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    scene.end(4);
}

#[test]
fn without_its_authority_or_under_another_name_an_upstream_is_not_recorded_from() {
    let (scene, authority) = (Scene::new(), Authority::new());
    let ours = Terminator::start(&authority, "localhost", &scene.upstream.url);
    let another = Terminator::start(&authority, "alidns.aliyuncs.com", &scene.upstream.url);
    let (pem, cassettes) = (scene.path("authority.pem"), scene.path("cassettes"));
    fs::write(&pem, Authority::new().pem()).expect("the folder is ours");
    let record = |upstream: &str, pem: &str| {
        let mut command = command();
        command.envs(ENVIRONMENT).args(["check", "--record", "--select", "unknown-task", "--cassettes", &cassettes]);
        command.args(["--upstream", upstream, "--ca", pem]).output().expect("it runs")
    };

    let unknown = record(&ours.url, &pem);
    fs::write(&pem, authority.pem()).expect("the folder is ours");
    let misnamed = record(&another.url, &pem);

    for output in [unknown, misnamed] {
        assert!(stdout(&output).contains("certificate"), "{}", stdout(&output));
        assert_silent(&output);
        assert_eq!(output.status.code(), Some(3));
    }
    let output = scene.upstream.end("TERM");
    assert!(stderr(&output).contains("served 0, missed 0, refused 0"), "{}", stderr(&output));
}

#[test]
fn authorities_that_cannot_be_read_are_said_before_any_call() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("the folder is ours");
        path
    };

    for path in [folder.path().join("missing.pem"), file("empty.pem", ""), file("none.pem", "no certificate")] {
        let mut command = command();
        command.envs(ENVIRONMENT).args(["check", "--record", "--upstream", "https://127.0.0.1:9", "--ca"]).arg(&path);
        let output = command.arg("--cassettes").arg(folder.path().join("new")).output().expect("it runs");

        let error = format!("error: no certificate authority can be read from {}\n", path.display());
        assert!(stderr(&output).starts_with(&error), "{}", stderr(&output));
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
        assert!(!folder.path().join("new").exists());
    }
}
