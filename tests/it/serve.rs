//! `serve`, as another process sees it.

use std::time::Duration;

use alidns_contract::clients::{Bundled, Client, Endpoint, Sending, Transport, Trust};
use alidns_contract::contract::{Call, Reading, Value};
use alidns_contract::front::system_clock;
use alidns_contract::signing::{Key, Scheme};
use alidns_contract::wire::{Clock, Timestamp};

use crate::world::{Served, command, stderr, stdout};

fn bundled(clock: Clock) -> Bundled {
    let transport = Transport::new(Trust::Nobody, Duration::from_secs(30)).expect("needs nothing of the system");
    Bundled::new(Scheme::HmacSha1, Sending::Get, clock, transport)
}

fn ask(client: &Bundled, url: &str, key_id: &str, call: &Call) -> Reading {
    let endpoint = Endpoint::new(url, Key::new(key_id, "testsecret"));
    let runtime = tokio::runtime::Runtime::new().expect("threads are there");
    runtime.block_on(client.call(&endpoint, call)).expect("it can be said")
}

fn latest() -> Call {
    Call::new("DescribeBatchResultCount", "2015-01-09")
}

fn code(reading: &Reading) -> Option<&str> {
    match reading {
        Reading::Refused { code, .. } => code.as_deref(),
        _ => None,
    }
}

#[test]
fn recorded_answers_are_served_and_the_receipt_says_so_on_either_signal() {
    for signal in ["INT", "TERM"] {
        let served = Served::start(&[]);
        let reading = ask(&bundled(system_clock()), &served.url, "testid", &latest());

        let output = served.end(signal);

        assert_eq!(reading.fields().and_then(|fields| fields.get("TotalCount")), Some(&Value::Integer(4)));
        assert_eq!(stdout(&output), "", "{signal}");
        let line = "1  served   describe-batch-result-count/published-eight-fields, interaction latest\n";
        assert!(stderr(&output).contains(line), "{signal}: {}", stderr(&output));
        assert_eq!(output.status.code(), Some(0), "{signal}");
    }
}

#[test]
fn a_miss_is_answered_in_the_shape_of_the_service_and_ends_with_1() {
    let served = Served::start(&["--select", "published", "--format", "json"]);
    let reading = ask(&bundled(system_clock()), &served.url, "testid", &latest().with("TaskId", "5"));

    let output = served.end("TERM");

    assert_eq!(code(&reading), Some("ReplayMiss"), "{reading:?}");
    let receipt: serde_json::Value = serde_json::from_slice(&output.stderr).expect("the receipt is JSON");
    assert!(receipt["unused"].as_array().is_some_and(|unused| unused.len() == 3), "{receipt}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_clock_that_stands_still_and_a_wide_window_take_old_traffic() {
    let old = Clock::fixed(Timestamp::parse("2026-11-20T00:00:00Z").expect("a time of the wire"));
    let strict = Served::start(&["--now", "2026-11-20T00:16:00Z"]);
    let wide = Served::start(&["--now", "1795305600", "--max-skew", "7d"]);

    let refused = ask(&bundled(old.clone()), &strict.url, "testid", &latest());
    let answered = ask(&bundled(old), &wide.url, "testid", &latest());

    assert_eq!(code(&refused), Some("InvalidTimeStamp.Expired"));
    assert!(answered.fields().is_some(), "{answered:?}");
    assert_eq!(strict.end("TERM").status.code(), Some(1));
    assert_eq!(wide.end("TERM").status.code(), Some(0));
}

#[test]
fn a_wrong_signature_is_refused_or_only_reported() {
    let wrong = |url: &str| {
        let endpoint = Endpoint::new(url, Key::new("testid", "another"));
        let runtime = tokio::runtime::Runtime::new().expect("threads are there");
        runtime.block_on(bundled(system_clock()).call(&endpoint, &latest())).expect("it can be said")
    };
    let enforcing = Served::start(&[]);
    let reporting = Served::start(&["--verify", "report"]);

    let refused = wrong(&enforcing.url);
    let answered = wrong(&reporting.url);

    assert_eq!(code(&refused), Some("SignatureDoesNotMatch"));
    assert!(answered.fields().is_some(), "{answered:?}");
    for output in [enforcing.end("TERM"), reporting.end("TERM")] {
        assert!(stderr(&output).contains("1  refused  SignatureDoesNotMatch"), "{output:?}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn the_port_is_written_whole_and_the_receipt_goes_where_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let (port, receipt) = (folder.path().join("port"), folder.path().join("receipt"));
    let path = |path: &std::path::Path| path.to_str().expect("a path of text").to_owned();

    let served = Served::start(&["--select", "published", "--port-file", &path(&port), "--output", &path(&receipt)]);
    let written = std::fs::read_to_string(&port).expect("it is there before the URL is printed");
    let url = served.url.clone();
    let output = served.end("TERM");

    assert_eq!(format!("http://127.0.0.1:{written}"), format!("{url}\n"));
    assert_eq!(stderr(&output), "");
    let receipt = std::fs::read_to_string(&receipt).expect("it was written");
    assert!(receipt.starts_with("served 0, "), "{receipt}");
}

#[test]
fn a_receipt_that_cannot_be_written_where_it_should_is_not_lost() {
    let served = Served::start(&["--select", "published", "--output", "/nowhere/receipt"]);

    let output = served.end("TERM");

    assert!(stderr(&output).starts_with("served 0, "), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: /nowhere/receipt cannot be written\n"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_port_that_is_taken_is_the_fault_of_the_environment() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = taken.local_addr().expect("it is bound").to_string();

    let output = command().args(["serve", "--select", "published", "--listen", &address]).output().expect("it runs");

    assert!(stderr(&output).starts_with(&format!("error: cannot listen on {address}\n  because: ")), "{output:?}");
    assert!(stderr(&output).contains("\nhelp: another process listens there"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
}

#[test]
fn a_port_file_that_cannot_be_written_ends_it_before_it_says_where_it_is() {
    let output =
        command().args(["serve", "--select", "published", "--port-file", "/nowhere/port"]).output().expect("it runs");

    assert!(stderr(&output).starts_with("error: /nowhere/port cannot be written\n"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
}

#[test]
fn a_selection_of_nothing_is_wrong_use() {
    let output = command().args(["serve", "--select", "no-such"]).output().expect("it runs");

    assert!(stderr(&output).starts_with("error: no cassette has \"no-such\" in its path\n"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)));
}

#[test]
fn only_what_is_selected_answers() {
    let served = Served::start(&["--select", "published-xml"]);

    let reading = ask(&bundled(system_clock()), &served.url, "testid", &latest());
    let xml = ask(&bundled(system_clock()), &served.url, "testid", &latest().with("Format", "XML"));
    served.end("TERM");

    assert_eq!(code(&reading), Some("ReplayMiss"), "{reading:?}");
    assert!(xml.fields().is_some(), "{xml:?}");
}
