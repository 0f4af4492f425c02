//! What must hold of every call, however it is signed, placed and spelled: the committed rows first, then any values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use alidns_contract::cassettes::{Cassettes, MatchKey};
use alidns_contract::checks::{Asking, Observation, SecretSearch, Severity, findings, outcomes};
use alidns_contract::clients::{Bundled, Endpoint, Sending, Stamp, Transport, Trust};
use alidns_contract::conformance::{Coverage, Factors, committed_rows};
use alidns_contract::contract::{Call, Operation};
use alidns_contract::gateway::{Enforcement, Gateway};
use alidns_contract::playback::{Decision, Player};
use alidns_contract::signing::{Digest, Key, Keyring, Scheme, Style, Verdict, sign, verify};
use alidns_contract::wire::{Clock, Headers, Parameter, Place, RawRequest, Request, Spelling, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// What is asked and how: values of parameters and names of levels, by factor; what is left out is not sent.
type Asked = BTreeMap<String, String>;

fn operation() -> &'static Operation {
    &Operation::all()[0]
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T03:45:00Z").expect("a time stamp")
}

fn key(asked: &Asked) -> Key {
    if asked.get("SecurityToken").is_some_and(|level| level == "yes") {
        Key::test().with_token("CAIS+/==")
    } else {
        Key::test()
    }
}

fn scheme(asked: &Asked) -> Scheme {
    if asked["signature"] == "HMAC-SHA1" { Scheme::HmacSha1 } else { Scheme::Acs3(Digest::Sha256) }
}

/// Names and values that are no system parameters.
fn business(asked: &Asked) -> impl Iterator<Item = (&str, &str)> {
    let names = operation().parameters.iter().map(|parameter| parameter.name.as_str());
    names.chain(["Format"]).filter_map(|name| Some((name, asked.get(name)?.as_str())))
}

/// The request, signed and spelled as `asked` says.
fn request(asked: &Asked, nonce: &str) -> Request {
    let place = if asked["method"] == "POST form" { Place::Form } else { Place::Query };
    let method = if asked["method"] == "GET" { "GET" } else { "POST" };
    let time = now().to_string();
    let system = [("Action", operation().action.as_str()), ("Version", &operation().version)];
    let mut parameters: Vec<(&str, &str)> = business(asked).collect();
    let mut headers: Headers = [("Host", "127.0.0.1:8053")].into_iter().collect();
    match scheme(asked) {
        Scheme::HmacSha1 => {
            parameters.extend(system);
            parameters.extend([("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")]);
            parameters.extend([("SignatureNonce", nonce), ("Timestamp", &time)]);
        }
        Scheme::Acs3(_) => {
            let names = [("x-acs-date", time.as_str()), ("x-acs-signature-nonce", nonce)];
            system
                .iter()
                .zip(["x-acs-action", "x-acs-version"])
                .for_each(|((_, value), name)| headers.push(name, *value));
            names.iter().for_each(|(name, value)| headers.push(*name, *value));
        }
    }
    let parameter = |(name, value): &(&str, &str)| Parameter { name: (*name).into(), value: (*value).into(), place };
    let unsigned = Request::compose(method, parameters.iter().map(parameter).collect(), headers);
    // HMAC-SHA1 spells the parameters anew; ACS3 signs the bytes of a form.
    match scheme(asked) {
        Scheme::HmacSha1 => {
            respelled(&sign(&unsigned, Scheme::HmacSha1, &key(asked), &Style::SERVICE), &asked["space"])
        }
        acs3 @ Scheme::Acs3(_) => sign(&respelled(&unsigned, &asked["space"]), acs3, &key(asked), &Style::SERVICE),
    }
}

/// The same request as it would come off a socket, its spaces spelled as asked.
fn respelled(request: &Request, space: &str) -> Request {
    let raw = request.raw().clone();
    let spell =
        |bytes: Vec<u8>| String::from_utf8(bytes).expect("composed text is ASCII").replace("%20", space).into_bytes();
    let raw = RawRequest { target: spell(raw.target), body: spell(raw.body), spelling: Spelling::AsSent, ..raw };
    Request::parse(raw).expect("it is well formed")
}

fn rows() -> Vec<Asked> {
    let factors = Factors::of(operation());
    let asked = |row: &Vec<usize>| {
        let levels = factors.names().iter().filter_map(|name| Some((*name, factors.level(row, name)?)));
        let said = levels.filter_map(|(name, level)| match operation().parameter(name) {
            Some(parameter) => {
                parameter.levels.iter().find(|known| known.name == level)?.value.clone().map(|value| (name, value))
            }
            None => (name != "Format" || level != "absent").then(|| (name, level.to_owned())),
        });
        said.map(|(name, value)| (name.to_owned(), value)).collect()
    };
    committed_rows(&factors).iter().map(asked).collect()
}

/// Any level of each factor, or any text at all for a parameter.
fn calls() -> impl Strategy<Value = Asked> {
    let parameters = operation().parameters.iter().map(|parameter| {
        let levels: Vec<Option<String>> = parameter.levels.iter().map(|level| level.value.clone()).collect();
        let value = prop_oneof![4 => prop::sample::select(levels), 1 => any::<String>().prop_map(Some)];
        (Just(parameter.name.clone()), value).boxed()
    });
    let factors = operation().factors.iter().map(|factor| {
        let absent = |level: &String| (factor.name != "Format" || level != "absent").then(|| level.clone());
        let levels: Vec<Option<String>> = factor.levels.iter().map(absent).collect();
        (Just(factor.name.clone()), prop::sample::select(levels)).boxed()
    });
    let all: Vec<_> = parameters.chain(factors).collect();
    all.prop_map(|chosen| chosen.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// Tries what failed before, then the committed rows, then random calls; the smallest that fails is kept as a value
/// and tried first the next time.
fn for_all(name: &str, property: impl Fn(&Asked) -> Result<(), TestCaseError>) -> Vec<Asked> {
    let store = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/regressions").join(format!("{name}.json"));
    let known: Vec<Asked> =
        fs::read(&store).map_or_else(|_| Vec::new(), |text| serde_json::from_slice(&text).expect("a list of calls"));
    let tried = std::cell::RefCell::new([known.clone(), rows()].concat());
    for asked in tried.borrow().iter() {
        property(asked).unwrap_or_else(|error| panic!("{name}: {asked:?}\n{error}"));
    }

    let mut runner = TestRunner::new(Config { cases: 512, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&calls(), |asked| {
        tried.borrow_mut().push(asked.clone());
        property(&asked)
    });
    if let Err(proptest::test_runner::TestError::Fail(why, smallest)) = &outcome {
        let list = [known, vec![smallest.clone()]].concat();
        fs::create_dir_all(store.parent().expect("it has a folder")).expect("the folder can be made");
        fs::write(&store, serde_json::to_vec_pretty(&list).expect("texts")).expect("the folder can be written");
        panic!("{name}: {smallest:?}, kept in {}\n{why}", store.display());
    }
    outcome.expect("nothing aborted the run");
    tried.into_inner()
}

#[test]
fn every_call_is_valid_and_admitted_however_it_is_signed_placed_and_spelled() {
    let tried = for_all("admitted", |asked| {
        let request = request(asked, "n0123456789abcdef");
        let gateway = Gateway::new(
            Keyring::test(),
            [(operation().action.as_str(), operation().version.as_str())].into_iter().collect(),
        );

        prop_assert!(matches!(verify(&request, &Keyring::test()), Verdict::Valid(_)));
        let refused: Vec<String> = gateway.refusals(&request, now()).map(|refusal| refusal.code).collect();
        prop_assert_eq!(refused, Vec::<String>::new());
        Ok(())
    });

    let requests: Vec<Request> = tried.iter().map(|asked| request(asked, "n0123456789abcdef")).collect();
    let coverage = Coverage::of(&Factors::of(operation()), &requests);
    assert_eq!(coverage.pairs.reached, coverage.pairs.of, "the committed rows cover every pair");
    assert!(100 * coverage.triples.reached >= 80 * coverage.triples.of, "too few triples: {:?}", coverage.triples);
}

#[test]
fn a_call_has_one_match_key_in_every_spelling_and_another_call_another() {
    for_all("match-key", |asked| {
        let mut plain = asked.clone();
        plain.extend(
            [("method", "GET"), ("signature", "HMAC-SHA1"), ("space", "%20")]
                .map(|(name, level)| (name.to_owned(), level.to_owned())),
        );
        plain.insert("Format".to_owned(), wanted(asked).to_owned());
        let mut other = plain.clone();
        other.insert("TaskId".to_owned(), "31337".to_owned());

        prop_assert_eq!(MatchKey::of(&request(asked, "a")), MatchKey::of(&request(&plain, "b")));
        prop_assert!(plain == other || MatchKey::of(&request(asked, "a")) != MatchKey::of(&request(&other, "a")));
        Ok(())
    });
}

#[test]
fn the_player_answers_what_is_stored_and_nothing_else() {
    let shipped = Cassettes::shipped().into_vec().into_iter();
    let published = shipped.filter(|cassette| cassette.stem().starts_with("published-")).collect();
    let player = Player::new(published).expect("the shipped names are unique");
    let gateway = || {
        Gateway::new(
            Keyring::test(),
            [(operation().action.as_str(), operation().version.as_str())].into_iter().collect(),
        )
    };
    let stored: BTreeSet<(&str, Vec<(&str, &str)>)> =
        [("JSON", vec![]), ("JSON", vec![("Lang", "zh")]), ("XML", vec![])].into_iter().collect();

    for_all("player", |asked| {
        let parameters = business(asked).filter(|(name, _)| !["Format", "UserClientIp"].contains(name)).collect();
        let is_stored = stored.contains(&(wanted(asked), parameters));
        let admitted = gateway().admit(request(asked, "a"), now(), Enforcement::Enforce).expect("it is sound");

        prop_assert_eq!(matches!(player.decide(&admitted), Decision::Hit { .. }), is_stored);
        Ok(())
    });
}

#[test]
fn the_bundled_client_sends_what_the_call_says_and_breaks_no_rule() {
    for_all("bundled", |asked| {
        let sending = match asked["method"].as_str() {
            "GET" => Sending::Get,
            "POST form" => Sending::PostForm,
            _ => Sending::PostQuery,
        };
        let transport = Transport::new(Trust::Nobody, Duration::from_secs(1)).expect("needs nothing of the system");
        let client = Bundled::new(scheme(asked), sending, Clock::fixed(now()), transport);
        let call = business(asked).filter(|(name, _)| !["Format", "UserClientIp"].contains(name));
        let call = call
            .fold(Call::new(&operation().action, &operation().version), |call, (name, value)| call.with(name, value));
        let endpoint = Endpoint::new("http://127.0.0.1:8053", key(asked));

        let request = client.request(&endpoint, &call, &Stamp { nonce: "5d1f0f9c5d1f0f9c".into(), time: now() });

        prop_assert_eq!(&Call::made_by(&request), &call);
        let verdict = verify(&request, &Keyring::test());
        prop_assert!(matches!(verdict, Verdict::Valid(_)));
        let asking = Asking {
            request: &request,
            verdict: &verdict,
            refusals: &[],
            secret: Some(&SecretSearch::new(&endpoint.key.secret)),
            now: now(),
            call: Some(&call),
            outcome: None,
        };
        let errors =
            findings(outcomes(&Observation::Asked(asking))).into_iter().filter(|one| one.severity == Severity::Error);
        prop_assert_eq!(errors.map(|one| one.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
        Ok(())
    });
}

/// The format of the answer: what is said, else XML with HMAC-SHA1 and JSON with ACS3.
fn wanted(asked: &Asked) -> &'static str {
    match (asked.get("Format").map(String::as_str), asked["signature"].as_str()) {
        (Some("XML"), _) | (None, "HMAC-SHA1") => "XML",
        _ => "JSON",
    }
}
