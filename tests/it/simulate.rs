//! `serve --simulate`, as another process sees it.

use std::time::Duration;

use alidns_contract::clients::{Bundled, Endpoint, Sending, Stamp, Transport, Trust};
use alidns_contract::contract::Call;
use alidns_contract::front::system_clock;
use alidns_contract::signing::{Digest, Key, Scheme};
use alidns_contract::wire::Response;

use crate::canary::{self, ENVIRONMENT, ID, SECRET, TOKEN};
use crate::world::{Served, command, stderr, stdout};

const SCHEMES: [Scheme; 2] = [Scheme::HmacSha1, Scheme::Acs3(Digest::Sha256)];

/// A client of what is served at `url`.
pub(crate) struct Caller<'a> {
    pub(crate) url: &'a str,
    pub(crate) scheme: Scheme,
    pub(crate) key: Key,
}

impl Caller<'_> {
    /// Asks once, with a form.
    pub(crate) fn ask(&self, call: &Call) -> Response {
        let transport = Transport::new(Trust::Nobody, Duration::from_secs(30)).expect("needs nothing of the system");
        let client = Bundled::new(self.scheme, Sending::PostForm, system_clock(), transport.clone());
        let stamp = Stamp { nonce: nonce(), time: system_clock().now() };
        let request = client.request(&Endpoint::new(self.url, self.key.clone()), call, &stamp);
        let runtime = tokio::runtime::Runtime::new().expect("threads are there");
        runtime.block_on(transport.send(self.url, &request)).expect("it answers")
    }
}

fn with_key(served: &Served, scheme: Scheme, key: Key) -> Caller<'_> {
    Caller { url: &served.url, scheme, key }
}

fn with_id<'a>(served: &'a Served, id: &str) -> Caller<'a> {
    with_key(served, Scheme::HmacSha1, Key::new(id, "testsecret"))
}

/// One that no other call of this process has.
fn nonce() -> String {
    static USED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = USED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("3156853299f313e23d1673dc{number:08x}")
}

pub(crate) fn progress() -> Call {
    Call::new("DescribeBatchResultCount", "2015-01-09")
}

pub(crate) fn submission() -> Call {
    let call = Call::new("OperateBatchDomain", "2015-01-09").with("Type", "DOMAIN_ADD");
    call.with("DomainRecordInfo.1.Domain", "a.example").with("DomainRecordInfo.2.Domain", "b.invalid")
}

fn body(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).expect("the answer is JSON")
}

fn code(response: &Response) -> (u16, String) {
    (response.status, body(response)["Code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_submitted_batch_is_followed_to_its_end() {
    let served = Served::start(&["--simulate"]);
    let caller = with_id(&served, "testid");

    let task = body(&caller.ask(&submission()))["TaskId"].clone();
    let begun = body(&caller.ask(&progress()));
    std::thread::sleep(Duration::from_secs(5));
    let done = body(&caller.ask(&progress().with("TaskId", task.to_string())));
    let output = served.end("TERM");

    assert_eq!((&begun["Status"], &begun["TotalCount"], &begun["TaskId"]), (&0.into(), &2.into(), &task));
    assert_eq!((&done["Status"], &done["SuccessCount"], &done["FailedCount"]), (&1.into(), &1.into(), &1.into()));
    assert!(stderr(&output).starts_with("note: every answer is simulated"), "{}", stderr(&output));
    assert!(stderr(&output).contains("\n       2  served   DescribeBatchResultCount\n"), "{}", stderr(&output));
    assert!(stderr(&output).contains("\n       1  served   OperateBatchDomain\n"), "{}", stderr(&output));
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(0)));
}

#[test]
fn each_lane_is_an_account_and_a_scenario_is_where_it_begins() {
    let served = Served::start(&["--simulate"]);
    let status = |id: &str| body(&with_id(&served, id).ask(&progress()))["Status"].clone();

    with_id(&served, "testid.left").ask(&submission());

    assert_eq!(status("testid.left"), 0);
    assert_eq!(status("testid.right"), -1);
    assert_eq!(status("testid-failed-task"), 2);
    assert_eq!(status("testid-failed-task.right"), 2);
    assert_eq!(served.end("TERM").status.code(), Some(0));
}

#[test]
fn a_scenario_that_there_is_not_is_refused_with_those_that_there_are() {
    let served = Served::start(&["--simulate"]);

    let refused = with_id(&served, "testid-no-such").ask(&progress());
    let output = served.end("TERM");

    assert_eq!(code(&refused), (400, "SimulatorUnknownScenario".to_owned()));
    let message = body(&refused)["Message"].to_string();
    assert!(message.contains("failed-task, formats, languages"), "{message}");
    assert!(stderr(&output).contains("REP-01"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_test_key_and_the_key_of_the_environment_are_known_in_both_schemes() {
    let served = Served::start_in(&ENVIRONMENT, &["--simulate"]);

    for scheme in SCHEMES {
        for key in [Key::test(), canary::key()] {
            let answer = with_key(&served, scheme, key.clone()).ask(&progress().with("Lang", "a b*~é"));

            assert_eq!((answer.status, &body(&answer)["Status"]), (200, &(-1).into()), "{scheme}: {}", key.id);
        }
    }
    assert_eq!(served.end("TERM").status.code(), Some(0));
}

#[test]
fn a_wrong_secret_a_wrong_token_none_and_an_unknown_id_are_refused_in_both_schemes() {
    let served = Served::start_in(&ENVIRONMENT, &["--simulate"]);

    for scheme in SCHEMES {
        let refused = |key: Key| code(&with_key(&served, scheme, key).ask(&progress()));
        let key = |secret: &str| Key::new(ID, secret);

        assert_eq!(refused(key("another").with_token(TOKEN)), (400, "SignatureDoesNotMatch".to_owned()));
        assert_eq!(refused(key(SECRET)), (400, "MissingSecurityToken".to_owned()));
        assert_eq!(
            refused(key(SECRET).with_token("another")),
            (400, "InvalidSecurityToken.MismatchWithAccessKey".to_owned())
        );
        assert_eq!(refused(Key::new("testid", SECRET)), (400, "SignatureDoesNotMatch".to_owned()));
        assert_eq!(refused(Key::new("LTAI5tAnother", SECRET)), (404, "InvalidAccessKeyId.NotFound".to_owned()));
    }
    assert_eq!(served.end("TERM").status.code(), Some(1));
}

#[test]
fn the_receipt_does_not_show_the_key_of_the_environment() {
    for format in ["human", "json"] {
        let served = Served::start_in(&ENVIRONMENT, &["--simulate", "--format", format]);
        for scheme in SCHEMES {
            let wrong = with_key(&served, scheme, Key::new(ID, "another").with_token(TOKEN));
            assert_eq!(wrong.ask(&progress()).status, 400);
            let leaking = with_key(&served, scheme, canary::key());
            assert_eq!(leaking.ask(&progress().with("Lang", SECRET).with("Leak", TOKEN).with(ID, "1")).status, 200);
        }

        let output = served.end("TERM");

        canary::assert_silent(&output);
        assert!(stderr(&output).contains("SIG-38") && stderr(&output).contains("testid"), "{}", stderr(&output));
    }
}

#[test]
fn without_a_key_in_the_environment_the_test_key_alone_is_known() {
    let served = Served::start(&["--simulate"]);

    let refused = with_key(&served, Scheme::HmacSha1, Key::new(ID, SECRET)).ask(&progress());
    served.end("TERM");

    assert_eq!(code(&refused), (404, "InvalidAccessKeyId.NotFound".to_owned()));
}

#[test]
fn a_key_that_cannot_be_right_is_refused_before_anything_listens_and_is_not_shown() {
    let (id, secret, token) = (ENVIRONMENT[0].0, ENVIRONMENT[1].0, ENVIRONMENT[2].0);
    let whole = [(id, "hushid"), (secret, "hushsecret"), (token, "hushtoken")];
    let changed = |name: &'static str, value: &'static str| {
        whole.map(|(known, sound)| (known, if known == name { value } else { sound }))
    };
    let refused: &[(&[(&str, &str)], &str)] = &[
        (&whole[..1], "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set"),
        (&whole[1..2], "ALIBABA_CLOUD_ACCESS_KEY_ID is not set"),
        (&whole[2..], "ALIBABA_CLOUD_ACCESS_KEY_ID is not set"),
        (&changed(id, ""), "ALIBABA_CLOUD_ACCESS_KEY_ID is set, and has no value"),
        (&changed(secret, " "), "ALIBABA_CLOUD_ACCESS_KEY_SECRET is set, and has no value"),
        (
            &changed(secret, "hush\n"),
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET has a line break or another control character in its value",
        ),
        (&changed(token, "\"hush\""), "ALIBABA_CLOUD_SECURITY_TOKEN has quotation marks around its value"),
        (&changed(token, "hush "), "ALIBABA_CLOUD_SECURITY_TOKEN has white space around its value"),
        (
            &changed(id, "hush,id"),
            "ALIBABA_CLOUD_ACCESS_KEY_ID has a character in its value that no header can carry as an access key id",
        ),
    ];

    for (environment, error) in refused {
        let output =
            command().envs(environment.iter().copied()).args(["serve", "--simulate"]).output().expect("it runs");

        let shown = stderr(&output);
        assert!(shown.starts_with(&format!("error: {error}\nhelp: ")), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(3)));
    }
}

#[test]
fn a_key_in_the_environment_means_nothing_to_recorded_answers() {
    let served = Served::start_in(&ENVIRONMENT[..1], &[]);

    let refused = with_key(&served, Scheme::HmacSha1, Key::new(ID, SECRET)).ask(&progress());
    served.end("TERM");

    assert_eq!(code(&refused), (404, "InvalidAccessKeyId.NotFound".to_owned()));
}

#[test]
fn simulated_answers_and_cassettes_exclude_each_other() {
    for other in [["--cassettes", "cassettes"], ["--select", "published"]] {
        let output = command().args(["serve", "--simulate"]).args(other).output().expect("it runs");

        assert!(stderr(&output).contains("cannot be used with"), "{}", stderr(&output));
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)));
    }
}
