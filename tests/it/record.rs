//! `check --record` and `serve --record`, from a call to the file.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use alidns_contract::cassettes::Cassettes;
use alidns_contract::clients::{Bundled, Client as _, Endpoint, Sending, Transport, Trust};
use alidns_contract::contract::{Call, Reading};
use alidns_contract::front::{Front, Handler, Service, Unreadable, system_clock};
use alidns_contract::gateway::Gateway;
use alidns_contract::playback::Player;
use alidns_contract::signing::{Key, Keyring, Scheme};
use alidns_contract::simulator::Simulator;
use alidns_contract::wire::{RawRequest, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::world::{Served, command, stderr, stdout};

const REAL: &[(&str, &str)] =
    &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tNoSuchKey+/=%2B"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s+e/c=r%65t ü")];
const SCENARIOS: &str = "describe-batch-result-count";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder of our own")
}

fn record(folder: &Path, arguments: &[&str]) -> Output {
    record_in(&[], folder, arguments)
}

fn record_in(environment: &[(&str, &str)], folder: &Path, arguments: &[&str]) -> Output {
    let mut command = command();
    command.args(["check", "--record", "--cassettes"]).arg(folder).args(arguments).envs(environment.iter().copied());
    command.output().expect("it runs")
}

/// Each scenario of a report, with what became of it.
fn outcomes(output: &Output) -> BTreeMap<String, String> {
    let text = stdout(output);
    let rows = text.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with(' '));
    let words = rows.map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.map(|words| (words[0].clone(), words[1].clone())).collect()
}

fn counted<'a>(outcomes: &'a BTreeMap<String, String>, wanted: &str) -> Vec<&'a str> {
    outcomes.iter().filter(|(_, outcome)| *outcome == wanted).map(|(name, _)| name.as_str()).collect()
}

/// Every file with its bytes and the time of its last change.
fn files(folder: &Path) -> BTreeMap<String, (String, SystemTime)> {
    let found = fs::read_dir(folder.join(SCENARIOS)).expect("the folder was made");
    let file = |path: &Path| {
        let changed = path.metadata().and_then(|data| data.modified()).expect("files have a time");
        (fs::read_to_string(path).expect("a cassette is text"), changed)
    };
    found
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), file(&path)))
        .collect()
}

fn cassette(folder: &Path, scenario: &str) -> Value {
    let path = folder.join(format!("{SCENARIOS}/{scenario}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("it was stored")).expect("it is JSON")
}

/// The `Status` of each answer to an interaction.
fn statuses(cassette: &Value, interaction: &str) -> Vec<i64> {
    let interactions = cassette["interactions"].as_array().expect("there are some");
    let found = interactions.iter().find(|one| one["id"] == interaction).expect("it stands there");
    let answers = found["answers"].as_array().expect("there are some").iter();
    answers.filter_map(|answer| answer["body"]["json"]["Status"].as_i64()).collect()
}

#[test]
fn a_new_folder_is_filled_from_the_embedded_upstream_and_passes() {
    let parent = folder();
    let new = parent.path().join("a/new/one");

    let recorded = record(&new, &[]);

    assert_eq!((stderr(&recorded).as_str(), recorded.status.code()), ("", Some(0)), "{recorded:?}");
    let outcomes = outcomes(&recorded);
    assert_eq!(counted(&outcomes, "new").len(), 17, "{outcomes:?}");
    assert!(counted(&outcomes, "skipped").iter().all(|name| name.starts_with("probe-")), "{outcomes:?}");
    assert_eq!(statuses(&cassette(&new, "nothing-submitted"), "no-parameters"), [-1]);
    assert_eq!(statuses(&cassette(&new, "polled-task"), "poll"), [0, 0, 1]);
    assert_eq!(statuses(&cassette(&new, "failed-task"), "by-id"), [2]);
    assert!(stdout(&recorded).contains("\nprovenance  simulated: these answers prove nothing about the service\n"));

    let checked = command().args(["check", "--strict", "--cassettes"]).arg(&new).output().expect("it runs");
    assert_eq!(checked.status.code(), Some(0), "{}", stdout(&checked));
    let linted = command().args(["cassette", "lint"]).arg(&new).output().expect("it runs");
    assert_eq!(linted.status.code(), Some(0), "{}", stdout(&linted));
}

#[test]
fn a_second_recording_touches_no_file() {
    let folder = folder();
    record(folder.path(), &["--probe"]);
    let before = files(folder.path());

    let again = record(folder.path(), &["--probe"]);

    assert_eq!(counted(&outcomes(&again), "unchanged").len(), 27, "{}", stdout(&again));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn recording_the_embedded_scenarios_anew_changes_nothing_that_is_shipped() {
    let folder = folder();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes").join(SCENARIOS);
    fs::create_dir(folder.path().join(SCENARIOS)).expect("the folder is ours");
    for entry in fs::read_dir(shipped).expect("they are shipped") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default();
        fs::copy(&path, folder.path().join(SCENARIOS).join(name)).expect("the folder is ours");
    }
    let before = files(folder.path());

    let again = record(folder.path(), &[]);

    let outcomes = outcomes(&again);
    let as_it_was = |name: &str| ["kept", "skipped", "unchanged"].contains(&name);
    assert!(outcomes.values().all(|outcome| as_it_was(outcome)), "{}", stdout(&again));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn probes_are_exhibits_and_wait_for_their_option() {
    let folder = folder();
    let without = record(folder.path(), &["--select", "probe-nonces"]);
    assert!(
        stdout(&without).starts_with("probe-nonces  skipped    it sends what no sound client does: give --probe\n")
    );
    assert!(!folder.path().join(SCENARIOS).exists());

    record(folder.path(), &["--select", "probe-", "--probe"]);

    let nonces = cassette(folder.path(), "probe-nonces");
    let nonce = |at: usize| {
        let query = nonces["interactions"][at]["request"]["query"].as_array().expect("it has parameters").iter();
        query.filter_map(Value::as_str).find(|line| line.starts_with("SignatureNonce=")).map(str::to_owned)
    };
    assert_eq!(nonce(0), nonce(1));
    assert_eq!(nonces["interactions"][1]["answers"][0]["body"]["json"]["Code"], "SignatureNonceUsed");
    assert_eq!(nonce(3).as_deref(), Some("SignatureNonce=n"));
    let all: Vec<String> = files(folder.path()).into_keys().collect();
    assert_eq!(all.len(), 10);
    for name in all {
        let cassette = cassette(folder.path(), name.trim_end_matches(".json"));
        let interactions = cassette["interactions"].as_array().expect("there are some");
        assert!(interactions.iter().all(|one| one["exhibit"] == true), "{name}");
    }
}

#[test]
fn no_address_of_the_embedded_upstream_shows_in_what_it_echoes() {
    let folder = folder();

    record(folder.path(), &["--probe", "--select", "probe-acs3"]);

    for (name, (text, _)) in files(folder.path()) {
        assert!(!text.contains("127.0.0.1") && !text.contains("localhost"), "{name}");
    }
    let echo = &cassette(folder.path(), "probe-acs3")["interactions"][2]["answers"][0]["body"]["json"]["Message"];
    assert!(echo.as_str().is_some_and(|text| text.contains("\nhost:alidns.aliyuncs.com\n")), "{echo}");
}

#[test]
fn new_records_the_scenarios_without_a_file_and_an_exact_name_means_itself_alone() {
    let folder = folder();
    record(folder.path(), &["--select", "failed-task"]);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["failed-task.json"]);
    let before = files(folder.path());

    let mut new = command();
    let output = new.args(["check", "--record=new", "--cassettes"]).arg(folder.path()).output().expect("it runs");

    let outcomes = outcomes(&output);
    assert_eq!(counted(&outcomes, "new").len(), 16);
    assert_eq!(outcomes["failed-task"], "skipped");
    assert_eq!(files(folder.path())["failed-task.json"], before["failed-task.json"]);
}

#[test]
fn a_simulated_recording_takes_the_place_of_none_that_is_worth_more() {
    let folder = folder();
    record(folder.path(), &["--select", "failed-task"]);
    let path = folder.path().join(SCENARIOS).join("failed-task.json");
    let simulated = "\"kind\": \"simulated\",\n    \"seed\": 4";
    let live = "\"kind\": \"live\",\n    \"recorded\": \"2026-11-20\",\n    \"tool\": \"alidns-contract 0.1.0\"";
    let text = fs::read_to_string(&path).expect("it was stored").replace(simulated, live);
    assert!(text.contains(live));
    fs::write(&path, &text).expect("the folder is ours");

    let output = record(folder.path(), &["--select", "failed-task"]);

    assert!(
        stdout(&output).starts_with("failed-task  kept       the live cassette of 2026-11-20 stays\n"),
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
}

#[test]
fn what_changed_is_told_and_stored() {
    let folder = folder();
    record(folder.path(), &["--select", "failed-task"]);
    let path = folder.path().join(SCENARIOS).join("failed-task.json");
    let as_it_was = fs::read_to_string(&path).expect("it was stored");
    fs::write(&path, as_it_was.replace("A task that failed, with its Reason", "Another note")).expect("it is ours");

    let output = record(folder.path(), &["--select", "failed-task"]);

    let text = stdout(&output);
    assert!(text.starts_with("failed-task  changed\n  "), "{text}");
    assert!(text.lines().nth(1).is_some_and(|line| line.contains("note") && line.contains("(value only)")), "{text}");
    let note = cassette(folder.path(), "failed-task")["note"].clone();
    assert_eq!(note, "A task that failed, with its Reason: Status 2.");
}

#[test]
fn the_report_as_json_says_what_became_of_each_scenario_and_keeps_to_its_schema() {
    let folder = folder();
    record(folder.path(), &["--select", "failed-task"]);
    let path = folder.path().join(SCENARIOS).join("failed-task.json");
    let text = fs::read_to_string(&path).expect("it was stored");
    fs::write(&path, text.replace("A task that failed", "Another")).expect("the folder is ours");

    let output = record(folder.path(), &["--format", "json"]);

    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let recorded = report["recorded"].as_array().expect("it lists scenarios");
    let of = |name: &str| recorded.iter().find(|one| one["scenario"] == name).expect("it is listed");
    assert_eq!(of("polled-task")["outcome"], "new");
    assert_eq!(of("polled-task")["provenance"]["kind"], "simulated");
    assert_eq!(of("failed-task")["changes"][0]["kind"], "value only");
    assert_eq!(of("probe-times")["why"], "it sends what no sound client does: give --probe");
    let schema = serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn wrong_use_is_refused_before_anything_is_done() {
    let folder = folder();
    let new = folder.path().join("new");
    let url = ["--upstream", "http://127.0.0.1:9"];
    let refused = |arguments: &[&str]| {
        let output = record(&new, arguments);
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)), "{arguments:?} {output:?}");
        assert!(!new.exists(), "{arguments:?}");
        stderr(&output)
    };

    assert!(
        refused(&["--var", "finished_tsk=1"])
            .contains("no scenario has a variable \"finished_tsk\"; there are denied_key, ")
    );
    assert!(refused(&["--var", "finished_task"]).contains("\"finished_task\" is no NAME=VALUE"));
    assert!(refused(&["--var", "finished_task=1"]).starts_with("error: the embedded upstream supplies every variable"));
    assert!(refused(&["--ca", "x.pem"]).starts_with("error: --ca names certificates, and the upstream shows none"));
    assert!(refused(&["--ca", "x.pem", url[0], url[1]]).starts_with("error: --ca names certificates"));
    assert!(refused(&["--select", "no-such"]).starts_with("error: no scenario has \"no-such\" in its name\n"));
    assert!(refused(&["--upstream", "http://example.com"]).contains("plain http to example.com"));
    assert!(refused(&["--strict", "--list"]).contains("cannot be used with"));
    let without_folder = command().args(["check", "--record"]).output().expect("it runs");
    assert_eq!(without_folder.status.code(), Some(2));
    assert!(stderr(&without_folder).contains("--cassettes <DIR>"), "{without_folder:?}");
    let without_record = command().args(["check", "--probe"]).output().expect("it runs");
    assert_eq!(without_record.status.code(), Some(2));
}

#[test]
fn without_credentials_nobody_is_called() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("it can be");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));

    let output = record(&folder.path().join("new"), &["--upstream", &url]);

    assert!(stderr(&output).starts_with("error: ALIBABA_CLOUD_ACCESS_KEY_ID is not set\n"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
    assert!(listener.accept().is_err(), "nobody called");
    assert!(!folder.path().join("new").exists());
}

/// A service of ours on a port of its own, as long as this lives.
struct Upstream {
    front: Front,
    _runtime: Runtime,
}

impl Upstream {
    fn open(handler: impl Handler) -> Self {
        let runtime = Runtime::new().expect("threads are there");
        let opening = Front::open(([127, 0, 0, 1], 0).into(), Arc::new(handler));
        let front = runtime.block_on(opening).expect("a free port");
        Self { front, _runtime: runtime }
    }

    fn url(&self) -> String {
        self.front.url()
    }
}

fn real_key() -> Key {
    Key::new(REAL[0].1, REAL[1].1)
}

/// Plays a folder to the real key, each answer under a RequestId and a date that no other has.
struct Restamped {
    player: Service<Player>,
    answered: AtomicUsize,
    first: usize,
}

impl Restamped {
    fn of(folder: &Path, scenario: &str, first: usize) -> Self {
        let cassettes =
            Cassettes::open(&folder.join(SCENARIOS).join(format!("{scenario}.json"))).expect("it was recorded");
        let gateway = Gateway::new(Keyring::test().with(real_key()), cassettes.operations());
        let player = Player::new(cassettes).expect("there is one");
        Self { player: Service::new(gateway, player, system_clock()), answered: AtomicUsize::new(0), first }
    }
}

impl Handler for Restamped {
    async fn answer(&self, request: RawRequest) -> Response {
        let mut response = self.player.answer(request);
        let number = self.first + self.answered.fetch_add(1, Ordering::Relaxed);
        let fresh = format!("{number:08X}-0000-5000-A000-000000000000");
        let old = response.headers.text("x-acs-request-id").expect("every answer has one").to_owned();
        response.body = String::from_utf8_lossy(&response.body).replace(&old, &fresh).into_bytes();
        response.headers.set("x-acs-request-id", fresh);
        response.headers.set("Date", format!("Tue, 24 Nov 2026 03:45:{:02} GMT", number % 60));
        response
    }

    fn note(&self, _unreadable: Unreadable) {}
}

#[test]
fn an_upstream_whose_request_ids_and_dates_differ_changes_no_byte() {
    let (source, target) = (folder(), folder());
    record(source.path(), &["--select", "polled-task"]);
    let task =
        cassette(source.path(), "polled-task")["interactions"][0]["answers"][0]["body"]["json"]["TaskId"].clone();
    let variable = format!("running_task={task}");
    let record = |first: usize| {
        let upstream = Upstream::open(Restamped::of(source.path(), "polled-task", first));
        let arguments = ["--upstream", &upstream.url(), "--select", "polled-task", "--var", &variable];
        record_in(REAL, target.path(), &arguments)
    };
    let first = record(1);
    assert_eq!(outcomes(&first)["polled-task"], "new", "{first:?}");
    let before = files(target.path());

    let second = record(1000);

    assert_eq!(outcomes(&second)["polled-task"], "unchanged", "{second:?}");
    assert_eq!(files(target.path()), before);
    assert_eq!(statuses(&cassette(target.path(), "polled-task"), "poll"), [0, 0, 1]);
    assert!(stderr(&second).starts_with("polled-task: call 1 answered, waiting\n"), "{second:?}");
    assert!(before["polled-task.json"].0.contains("\"kind\": \"simulated\""), "loopback is never live");
}

#[test]
fn nothing_of_the_credentials_is_written_or_printed_and_what_is_stored_can_be_checked() {
    let folder = folder();
    let simulating = Service::<Simulator>::simulating(Some(real_key()), system_clock());
    let upstream = Upstream::open(simulating);

    let output = record_in(REAL, folder.path(), &["--upstream", &upstream.url(), "--probe"]);

    let outcomes = outcomes(&output);
    assert_eq!(outcomes["unknown-task"], "new", "{output:?}");
    assert_eq!(outcomes["probe-styles"], "new", "{output:?}");
    assert_eq!(outcomes["probe-acs3"], "new", "{output:?}");
    let written: String = files(folder.path()).into_values().map(|(text, _)| text).collect();
    for text in [written, stdout(&output), stderr(&output)] {
        for secret in ["NoSuchKey", "s+e/c", "s%2Be", "s%252Be"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    let linted = command().args(["cassette", "lint"]).arg(folder.path()).output().expect("it runs");
    assert_eq!(linted.status.code(), Some(0), "{}", stdout(&linted));
}

#[test]
fn a_scenario_whose_variable_is_not_given_is_skipped_by_name() {
    let folder = folder();
    let upstream = Upstream::open(Service::<Simulator>::simulating(Some(real_key()), system_clock()));

    let output = record_in(REAL, folder.path(), &["--upstream", &upstream.url()]);

    let text = stdout(&output);
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(row("failed-task ").ends_with("skipped    give --var failed_task=VALUE"), "{text}");
    assert!(row("throttled-poll ").ends_with("give --var running_task=VALUE --var throttled_account=VALUE"), "{text}");
    assert!(row("task-ids ").ends_with("new"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_temporary_key_is_recorded_with_a_stand_in_for_its_token() {
    let folder = folder();
    let key = real_key().with_token("CAIS+t/o=k%25n");
    let upstream = Upstream::open(Service::<Simulator>::simulating(Some(key), system_clock()));
    let environment = [REAL[0], REAL[1], ("ALIBABA_CLOUD_SECURITY_TOKEN", "CAIS+t/o=k%25n")];

    let arguments = ["--upstream", &upstream.url(), "--probe", "--select", "t"];
    let output = record_in(&environment, folder.path(), &arguments);

    assert_eq!(outcomes(&output)["unknown-task"], "new", "{output:?}");
    assert_eq!(outcomes(&output)["probe-tokens"], "new", "{output:?}");
    let text = files(folder.path())["unknown-task.json"].0.clone();
    assert!(text.contains("\"SecurityToken=testtoken\"") && text.contains("\"AccessKeyId=testid\""), "{text}");
    assert!(!files(folder.path()).into_values().any(|(text, _)| text.contains("CAIS")));
}

#[test]
fn credentials_that_are_not_taken_are_no_recording() {
    let folder = folder();
    record(folder.path(), &["--select", "unknown-task"]);
    let before = files(folder.path());
    let other = Key::new(REAL[0].1, "another secret");
    for (known, code) in [(None, "InvalidAccessKeyId.NotFound"), (Some(other), "SignatureDoesNotMatch")] {
        let upstream = Upstream::open(Service::<Simulator>::simulating(known, system_clock()));

        let output = record_in(REAL, folder.path(), &["--upstream", &upstream.url(), "--select", "unknown-task"]);

        let text = stdout(&output);
        let error = format!("unknown-task  failed     step one: the upstream does not take the credentials: {code}\n");
        assert!(text.starts_with(&error), "{text}");
        assert!(text.contains("  help: check key id, secret and token in the environment"), "{text}");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(files(folder.path()), before);
    }
}

/// Answers every connection with these bytes, or with none and a reset.
fn broken(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer_brokenly(stream, answer);
        }
    });
    url
}

fn answer_brokenly(mut stream: TcpStream, answer: &[u8]) {
    if answer.is_empty() {
        // What is left unread makes the end of the connection a reset.
        return;
    }
    let mut head = [0; 4096];
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let _ = stream.read(&mut head);
    let _ = stream.write_all(answer);
}

#[test]
fn an_upstream_that_breaks_fails_the_scenario_and_leaves_its_file() {
    let folder = folder();
    record(folder.path(), &["--select", "unknown-task"]);
    let before = files(folder.path());
    let html = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>";
    let upstreams = [
        ("down", "http://127.0.0.1:9".to_owned(), "the upstream gave no whole answer"),
        ("reset", broken(b""), "the upstream gave no whole answer"),
        ("garbage", broken(b"\x00\x01garbage\r\n\r\n"), "the upstream gave no whole answer"),
        ("too short", broken(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"), "the upstream gave no whole answer"),
        ("too long", broken(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{\"Status\":1}"), "neither JSON nor XML"),
        ("a page", broken(html), "the upstream answered with status 200 and neither JSON nor XML"),
        (
            "encoded",
            broken(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
            "encoded body",
        ),
        (
            "another service",
            broken(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1, 2, 3]"),
            "the answer cannot be read",
        ),
        (
            "ill",
            broken(b"HTTP/1.1 503 x\r\nContent-Length: 22\r\n\r\n{\"Code\":\"Unavailable\"}"),
            "turned the request down",
        ),
    ];
    for (what, url, error) in upstreams {
        let output = record_in(REAL, folder.path(), &["--upstream", &url, "--select", "unknown-task"]);

        let text = stdout(&output);
        assert!(text.starts_with("unknown-task  failed     ") && text.contains(error), "{what}: {text}");
        assert_eq!(output.status.code(), Some(3), "{what}");
        assert_eq!(files(folder.path()), before, "{what}");
    }
}

#[test]
fn one_scenario_that_fails_leaves_the_others_to_be_recorded() {
    let folder = folder();
    let simulating = Service::<Simulator>::simulating(Some(real_key()), system_clock());
    let upstream = Upstream::open(simulating);
    let arguments = ["--upstream", &upstream.url(), "--var", "denied_key=yes", "--var", "failed_task=abc"];

    let output = record_in(REAL, folder.path(), &arguments);

    let outcomes = outcomes(&output);
    assert_eq!(counted(&outcomes, "failed"), ["denied", "languages"], "{output:?}");
    assert_eq!(counted(&outcomes, "new"), ["batch-types", "failed-task", "task-ids", "unknown-task"]);
    let text = stdout(&output);
    assert!(
        text.contains("\ndenied                    failed     step json: the upstream takes the credentials, "),
        "{text}"
    );
    assert!(text.contains("\nlanguages                 failed     two steps of the scenario ask the same"), "{text}");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(files(folder.path()).len(), 4);
}

/// What our own client reads of `call` at a front, under an id of the public test key.
fn ask(served: &Served, key_id: &str, call: &Call) -> Reading {
    let transport = Transport::new(Trust::Nobody, Duration::from_secs(30)).expect("needs nothing of the system");
    let client = Bundled::new(Scheme::HmacSha1, Sending::Get, system_clock(), transport);
    let endpoint = Endpoint::new(&served.url, Key::new(key_id, "testsecret"));
    Runtime::new().expect("threads are there").block_on(client.call(&endpoint, call)).expect("our client skips nothing")
}

fn progress() -> Call {
    Call::new("DescribeBatchResultCount", "2015-01-09")
}

fn code(reading: &Reading) -> &str {
    match reading {
        Reading::Refused { code, .. } => code.as_deref().unwrap_or_default(),
        other => panic!("no refusal: {other:?}"),
    }
}

#[test]
fn clients_side_by_side_record_polls_that_do_not_mix_and_replay_them() {
    let folder = folder();
    let path = folder.path().to_string_lossy().into_owned();
    let recording = Served::start(&["--record", "--cassettes", &path, "--scenario", "processing-task"]);
    for _ in 0..3 {
        for lane in ["testid-polled-task.a", "testid-polled-task.b"] {
            ask(&recording, lane, &progress());
        }
    }
    ask(&recording, "testid", &progress().with("Lang", "en"));

    let ended = recording.end("TERM");

    let said = stderr(&ended);
    assert!(said.starts_with("polled-task      new\nprocessing-task  new\n"), "{said}");
    assert!(said.contains("\nserved 7, missed 0, refused 0, findings 0\n"), "{said}");
    assert_eq!(ended.status.code(), Some(0));
    let polled = cassette(folder.path(), "polled-task");
    assert_eq!(statuses(&polled, "describe-batch-result-count"), [0, 0, 1]);
    assert_eq!(statuses(&cassette(folder.path(), "processing-task"), "lang-en"), [0]);

    let playing = Served::start(&["--cassettes", &path]);
    let status = |reading: &Reading| reading.fields().and_then(|fields| fields.get("Status")).map(ToString::to_string);
    let mut seen = Vec::new();
    for _ in 0..3 {
        for lane in ["testid-polled-task.c", "testid-polled-task.d"] {
            seen.push(status(&ask(&playing, lane, &progress())).unwrap_or_default());
        }
    }
    playing.end("TERM");
    assert_eq!(seen, ["0", "0", "0", "0", "1", "1"]);
}

#[test]
fn a_request_that_the_service_would_refuse_is_not_sent_on() {
    let folder = folder();
    let path = folder.path().to_string_lossy().into_owned();
    let recording = Served::start(&["--record", "--cassettes", &path, "--scenario", "failed-task"]);
    let transport = Transport::new(Trust::Nobody, Duration::from_secs(30)).expect("needs nothing of the system");
    let client = Bundled::new(Scheme::HmacSha1, Sending::Get, system_clock(), transport);
    let endpoint = Endpoint::new(&recording.url, Key::new("testid", "another secret"));

    let reading = Runtime::new().expect("threads are there").block_on(client.call(&endpoint, &progress()));

    assert_eq!(code(&reading.expect("our client skips nothing")), "SignatureDoesNotMatch");
    let ended = recording.end("TERM");
    assert!(stderr(&ended).contains("refused  SignatureDoesNotMatch"), "{ended:?}");
    assert_eq!(ended.status.code(), Some(1));
    assert!(!folder.path().join(SCENARIOS).exists());
}

#[test]
fn a_lost_answer_is_told_to_the_client_in_the_service_s_shape_and_nothing_is_stored() {
    let folder = folder();
    let path = folder.path().to_string_lossy().into_owned();
    let arguments = ["--record", "--cassettes", &path, "--scenario", "failed-task", "--upstream", "http://127.0.0.1:9"];
    let recording = Served::start_in(REAL, &arguments);

    let reading = ask(&recording, "testid", &progress());

    assert_eq!(code(&reading), "RecordFailed");
    assert!(matches!(reading, Reading::Refused { status: Some(400), .. }), "an SDK repeats what was answered 5xx");
    let ended = recording.end("TERM");
    assert!(stderr(&ended).starts_with("failed-task  failed     the upstream gave no whole answer\n"), "{ended:?}");
    assert_eq!(ended.status.code(), Some(3));
    assert!(!folder.path().join(SCENARIOS).exists());
}

#[test]
fn a_client_that_names_no_scenario_or_one_that_cannot_be_is_told() {
    let folder = folder();
    let path = folder.path().to_string_lossy().into_owned();
    let recording = Served::start(&["--record", "--cassettes", &path]);

    let unnamed = ask(&recording, "testid", &progress());
    let climbing = ask(&recording, "testid-a/b", &progress());
    let unknown = ask(&recording, "testid-no-such-world", &progress());

    assert_eq!((code(&unnamed), code(&climbing)), ("RecordNoScenario", "RecordNoScenario"));
    assert_eq!(code(&unknown), "RecordFailed");
    recording.end("TERM");
    assert!(!folder.path().join(SCENARIOS).exists());
}

#[test]
fn a_recording_of_clients_is_refused_before_it_listens_where_its_options_cannot_be() {
    let folder = folder();
    let refused = |arguments: &[&str]| {
        let mut command = command();
        let output = command.arg("serve").args(arguments).current_dir(&folder).output().expect("it runs");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)), "{arguments:?} {output:?}");
        stderr(&output)
    };

    assert!(refused(&["--record", "--cassettes", "x", "--scenario", "../x"]).contains("\"../x\" is no name"));
    assert!(refused(&["--record", "--scenario", "x"]).contains("--cassettes <DIR>"));
    assert!(refused(&["--scenario", "x"]).contains("--record"));
    assert!(refused(&["--record", "--cassettes", "x", "--simulate"]).contains("cannot be used with"));
    assert!(refused(&["--record", "--cassettes", "x", "--select", "y"]).contains("--select is of no use while"));
    assert!(refused(&["--record", "--cassettes", "x", "--verify", "report"]).contains("--verify report is of no use"));
    assert_eq!(fs::read_dir(&folder).expect("it is ours").count(), 0);
}

#[test]
fn two_recorders_on_one_folder_are_one_too_many() {
    let folder = folder();
    let path = folder.path().to_string_lossy().into_owned();
    let first = Served::start(&["--record", "--cassettes", &path, "--scenario", "failed-task"]);

    let second = record(folder.path(), &["--select", "failed-task"]);

    assert_eq!((stdout(&second).as_str(), second.status.code()), ("", Some(3)), "{second:?}");
    assert!(stderr(&second).contains("another"), "{second:?}");
    first.end("TERM");
}
