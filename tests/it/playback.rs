//! The Player: which stored answer a request gets, and what is said where there is none.

use std::sync::atomic::{AtomicUsize, Ordering};

use alidns_contract::cassettes::{Answers, Asked, Cassette, Cassettes, Interaction, Provenance, Signed};
use alidns_contract::gateway::{Admitted, Enforcement, Gateway, Operations, Refusal};
use alidns_contract::playback::{Decision, Miss, Player};
use alidns_contract::signing::{Digest, Key, Keyring, Scheme, Style, sign};
use alidns_contract::wire::{Headers, Parameter, Place, RawRequest, Request, Response, Timestamp};

const NOW: &str = "2026-11-24T00:00:00Z";

fn simulated() -> Provenance {
    Provenance::Simulated { seed: 7 }
}

fn quoted() -> (String, String) {
    ("https://example.com/1".to_owned(), "2026-11-24".to_owned())
}

/// Signed with the key `id` and a nonce of its own.
fn request(id: &str, business: &[(&str, &str)]) -> Request {
    static NONCE: AtomicUsize = AtomicUsize::new(0);
    let nonce = format!("nonce-{}", NONCE.fetch_add(1, Ordering::Relaxed));
    let system = [
        ("Action", "DescribeBatchResultCount"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", NOW),
        ("Version", "2015-01-09"),
    ];
    let parameters = business.iter().chain(&system).map(|(name, value)| Parameter::query(*name, *value)).collect();
    let unsigned = Request::compose("GET", parameters, Headers::new());
    sign(&unsigned, Scheme::HmacSha1, &Key::new(id, "testsecret"), &Style::SERVICE)
}

fn admit(request: Request, enforcement: Enforcement) -> Admitted {
    let operations: Operations = [("DescribeBatchResultCount", "2015-01-09")].into_iter().collect();
    let gateway = Gateway::new(Keyring::test(), operations);
    let now = Timestamp::parse(NOW).expect("the time is well formed");
    gateway.admit(request, now, enforcement).expect("the request is well formed and signed")
}

fn admitted(id: &str, business: &[(&str, &str)]) -> Admitted {
    admit(request(id, business), Enforcement::Enforce)
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: Headers::new(), body: body.as_bytes().to_vec() }
}

fn interaction(id: &str, business: &[(&str, &str)], answers: &[&str]) -> Interaction {
    let mut responses = answers.iter().map(|body| answer(200, body));
    let first = responses.next().expect("an interaction has an answer");
    Interaction {
        id: id.to_owned(),
        note: None,
        exhibit: false,
        constructed: false,
        asked: Asked::Request(request("testid", business), Signed::Valid),
        answers: Answers { first, then: responses.collect() },
    }
}

fn cassette(path: &str, provenance: Provenance, interactions: Vec<Interaction>) -> Cassette {
    Cassette { path: path.to_owned(), note: None, provenance, interactions }
}

fn player(cassettes: impl IntoIterator<Item = Cassette>) -> Player {
    Player::new(cassettes.into_iter().collect()).expect("no two cassettes share a stem")
}

fn body(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Hit { answer, .. } => String::from_utf8_lossy(&answer.body).into_owned(),
        other => format!("{:?}", other.refusal().map(|refusal| refusal.code)),
    }
}

fn played(player: &Player, id: &str, business: &[(&str, &str)]) -> String {
    body(&player.decide(&admitted(id, business)))
}

fn refusal(player: &Player, id: &str, business: &[(&str, &str)]) -> Refusal {
    player.decide(&admitted(id, business)).refusal().expect("nothing is stored for it")
}

fn miss(player: &Player, admitted: &Admitted) -> String {
    match player.decide(admitted) {
        Decision::Miss(miss) => miss.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn one_answer_answers_for_ever() {
    let player = player([cassette("a.json", simulated(), vec![interaction("one", &[("TaskId", "1")], &["x"])])]);

    let bodies: Vec<String> = (0..3).map(|_| played(&player, "testid", &[("TaskId", "1")])).collect();

    assert_eq!(bodies, ["x", "x", "x"]);
}

#[test]
fn a_poll_gives_each_answer_once_and_then_says_that_it_is_exhausted() {
    let poll = interaction("poll", &[("TaskId", "1")], &["0", "0", "1"]);
    let player = player([cassette("a/processing.json", simulated(), vec![poll])]);

    let bodies: Vec<String> = (0..5).map(|_| played(&player, "testid", &[("TaskId", "1")])).collect();

    let exhausted = "Some(\"ReplayExhausted\")";
    assert_eq!(bodies, ["0", "0", "1", exhausted, exhausted]);
    assert_eq!(
        refusal(&player, "testid", &[("TaskId", "1")]),
        Refusal::new(
            "ReplayExhausted",
            400,
            "a/processing, interaction poll has 3 answers, and this access key id was given all of them"
        )
    );
}

#[test]
fn each_key_id_has_cursors_of_its_own() {
    let poll = interaction("poll", &[("TaskId", "1")], &["0", "1"]);
    let player = player([cassette("a/processing.json", simulated(), vec![poll])]);
    let ids = ["testid", "testid.left", "testid", "testid-processing", "testid.left", "testid-processing.left"];

    let bodies: Vec<String> = ids.iter().map(|id| played(&player, id, &[("TaskId", "1")])).collect();

    assert_eq!(bodies, ["0", "0", "1", "0", "1", "0"]);
}

#[test]
fn two_polls_of_one_key_id_do_not_move_one_another() {
    let polls = ["1", "2"].map(|task| interaction(&format!("poll-{task}"), &[("TaskId", task)], &["0", "1"]));
    let player = player([cassette("a.json", simulated(), polls.to_vec())]);

    let bodies = ["1", "2", "1", "2"].map(|task| played(&player, "testid", &[("TaskId", task)]));

    assert_eq!(bodies, ["0", "0", "1", "1"]);
}

#[test]
fn a_stored_refusal_counts_as_an_answer_of_its_poll() {
    let mut poll = interaction("poll", &[], &["0", "1"]);
    poll.answers.first = answer(503, "ServiceUnavailable");
    let player = player([cassette("a.json", simulated(), vec![poll])]);

    let bodies: Vec<String> = (0..3).map(|_| played(&player, "testid", &[])).collect();

    assert_eq!(bodies, ["ServiceUnavailable", "1", "Some(\"ReplayExhausted\")"]);
}

#[test]
fn callers_side_by_side_get_each_answer_of_a_poll_once() {
    let texts: Vec<String> = (0..400).map(|at| format!("{at:03}")).collect();
    let answers: Vec<&str> = texts.iter().map(String::as_str).collect();
    let player = player([cassette("a.json", simulated(), vec![interaction("poll", &[], &answers)])]);
    let admitted = admitted("testid", &[]);

    let mut bodies: Vec<String> = std::thread::scope(|scope| {
        let take = || (0..100).map(|_| body(&player.decide(&admitted))).collect::<Vec<_>>();
        let threads = [(); 4].map(|()| scope.spawn(take));
        threads.into_iter().flat_map(|thread| thread.join().expect("no thread panics")).collect()
    });

    bodies.sort();
    assert_eq!(bodies, texts);
}

#[test]
fn without_a_scenario_provenance_decides_and_then_the_path() {
    let (address, read) = quoted();
    let live = Provenance::Live { recorded: read.clone(), tool: "alidns-contract".to_owned() };
    let reported = Provenance::Reported { address: address.clone(), read: read.clone() };
    let documented = Provenance::Documented { address, read };
    let all = [
        ("a", simulated()),
        ("b", documented.clone()),
        ("c", reported.clone()),
        ("d", live.clone()),
        ("e", live),
        ("f", documented),
        ("g", reported),
    ];
    let mut left: Vec<Cassette> = Vec::new();
    for (stem, provenance) in all {
        left.push(cassette(&format!("{stem}.json"), provenance, vec![interaction("one", &[], &[stem])]));
    }

    let mut order = Vec::new();
    while !left.is_empty() {
        let first = played(&player(left.clone()), "testid", &[]);
        left.retain(|cassette| cassette.stem() != first);
        order.push(first);
    }

    assert_eq!(order, ["d", "e", "c", "g", "b", "f", "a"]);
}

#[test]
fn what_is_shadowed_is_listed_and_its_scenario_still_reaches_it() {
    let cassettes =
        ["x/a.json", "b.json"].map(|path| cassette(path, simulated(), vec![interaction("one", &[], &[path])]));
    let player = player(cassettes);

    let shadowed: Vec<String> = player.shadowed().map(|one| format!("{} by {}", one.stored, one.by)).collect();

    assert_eq!(shadowed, ["x/a, interaction one by b, interaction one"]);
    assert_eq!(played(&player, "testid", &[]), "b.json");
    assert_eq!(played(&player, "testid-a", &[]), "x/a.json");
    assert_eq!(played(&player, "testid-b.lane", &[]), "b.json");
}

#[test]
fn a_stem_that_two_files_share_is_an_error_that_names_both() {
    let (address, read) = quoted();
    let cassettes = [
        cassette("x/a.json", simulated(), Vec::new()),
        cassette("y/a.json", Provenance::Documented { address, read }, Vec::new()),
    ];

    let error = Player::new(cassettes.into_iter().collect()).expect_err("they share the stem a");

    assert_eq!(error.to_string(), "cassettes x/a.json and y/a.json are both named a");
}

#[test]
fn a_scenario_that_no_file_has_is_a_refusal_that_lists_them() {
    let mut exhibit = cassette("quoted.json", simulated(), vec![interaction("one", &[], &["x"])]);
    exhibit.interactions[0].exhibit = true;
    let cassettes =
        ["b.json", "x/a.json"].map(|path| cassette(path, simulated(), vec![interaction("one", &[], &["x"])]));
    let player = player(cassettes.into_iter().chain([exhibit]));

    let refusal = refusal(&player, "testid-c", &[]);

    assert_eq!(refusal, Refusal::new("ReplayUnknownScenario", 400, "no cassette has scenario \"c\"; there is a, b"));
}

#[test]
fn a_list_of_scenarios_is_bounded() {
    let cassettes =
        (10..35).map(|at| cassette(&format!("s{at}.json"), simulated(), vec![interaction("one", &[], &["x"])]));
    let player = player(cassettes);

    let refusal = refusal(&player, "testid-c", &[]);

    assert!(refusal.message.ends_with("s28, s29 and 5 more"), "{}", refusal.message);
}

#[test]
fn exhibits_answer_nothing() {
    let mut cassette = cassette("quoted.json", simulated(), vec![interaction("one", &[], &["x"])]);
    cassette.interactions[0].exhibit = true;
    let player = player([cassette]);

    assert_eq!(
        refusal(&player, "testid", &[]),
        Refusal::new("ReplayMiss", 400, "no recorded exchange answers this request: there is none that could")
    );
    assert_eq!(played(&player, "testid-quoted", &[]), "Some(\"ReplayMiss\")");
}

#[test]
fn a_miss_names_the_nearest_interaction_and_the_first_difference_in_one_line() {
    let stored = [
        interaction("other", &[("TaskId", "987654"), ("BatchType", "DOMAIN_ADD")], &["x"]),
        interaction("poll", &[("TaskId", "123456"), ("BatchType", "DOMAIN_ADD")], &["x"]),
    ];
    let player = player([cassette("a/processing.json", simulated(), stored.to_vec())]);
    let summary = |business: &[(&str, &str)]| refusal(&player, "testid", business).message;
    let start = "no recorded exchange answers this request: the closest, a/processing, interaction poll,";

    assert_eq!(
        summary(&[("TaskId", "123457"), ("BatchType", "DOMAIN_ADD")]),
        format!("{start} has TaskId 123456 where the request has 123457")
    );
    assert_eq!(
        summary(&[("TaskId", "123456")]),
        format!("{start} has BatchType DOMAIN_ADD, which the request has not")
    );
    assert_eq!(
        summary(&[("TaskId", "123456"), ("BatchType", "DOMAIN_ADD"), ("Lang", "zh\n")]),
        format!("{start} has no Lang; the request has zh%0A")
    );
}

#[test]
fn the_report_of_a_miss_shows_every_part_with_a_caret_under_the_first_difference() {
    let stored = interaction("poll", &[("TaskId", "123456"), ("BatchType", "DOMAIN_ADD")], &["x"]);
    let absent = interaction("absent", &[("TaskId", "123457"), ("BatchType", "DOMAIN_ADD")], &["y"]);
    let player = player([
        cassette("a/processing.json", simulated(), vec![stored]),
        cassette("a/not-found.json", simulated(), vec![absent]),
    ]);
    let asked = admitted("testid-processing", &[("TaskId", "123457"), ("BatchType", "DOMAIN_ADD")]);

    let report = miss(&player, &asked);

    let expected = "\
no recorded exchange answers this request
  GET /?Action=DescribeBatchResultCount&Version=2015-01-09&Format=JSON&BatchType=DOMAIN_ADD&TaskId=123457

  closest: a/processing, interaction poll (simulated), differs in 1 of 5 semantic parameters
      Action     DescribeBatchResultCount
      Version    2015-01-09
      Format     JSON
      BatchType  DOMAIN_ADD
    - TaskId     123456
    + TaskId     123457
                      ^
  signature: valid (HMAC-SHA1, test key); nonce and time: well formed, not compared
  also: a/not-found, interaction absent, answers exactly this request, but the key id chose another scenario

  help: call the scenario's own parameters, or name another by the access key id testid-SCENARIO";
    assert_eq!(report, expected);
}

#[test]
fn a_long_value_is_shown_around_its_first_difference() {
    let long = "a".repeat(300);
    let player = player([cassette("a.json", simulated(), vec![interaction("one", &[("Lang", &long)], &["x"])])]);
    let asked = format!("{}é{}", "a".repeat(200), "a".repeat(99));

    let report = miss(&player, &admitted("testid", &[("Lang", &asked)]));

    let (before, after) = ("a".repeat(40), "a".repeat(59));
    assert!(
        report.contains(&format!("    - Lang     …{before}a{after}…\n    + Lang     …{before}é{after}…\n")),
        "{report}"
    );
    assert!(report.contains(&format!("\n{}^\n", " ".repeat(15 + 41))), "{report}");
}

#[test]
fn another_action_is_further_off_than_any_other_difference() {
    let mut asked = request("testid", &[("TaskId", "1"), ("BatchType", "X"), ("Lang", "zh")]);
    asked = with(&asked, "Action", "DescribeDomains");
    let mut other = interaction("other", &[], &["x"]);
    other.asked = Asked::Request(with(&request("testid", &[]), "Action", "DescribeDomains"), Signed::Valid);
    let same = interaction("same", &[("TaskId", "1"), ("BatchType", "X"), ("Lang", "zh")], &["x"]);
    let player = player([cassette("a.json", simulated(), vec![same, other])]);

    let report = miss(&player, &admit(asked, Enforcement::Report));

    assert!(report.contains("closest: a, interaction other (simulated), differs in 3 of 6"), "{report}");
    assert!(report.contains("  the service would refuse it all the same: "), "{report}");
}

#[test]
fn another_value_is_closer_than_none_and_any_parameter_closer_than_another_version() {
    let without = interaction("without", &[], &["x"]);
    let changed = interaction("changed", &[("TaskId", "2"), ("Lang", "zh")], &["x"]);
    let mut older = interaction("older", &[], &["x"]);
    older.asked = Asked::Request(with(&request("testid", &[("TaskId", "1")]), "Version", "2014-01-01"), Signed::Valid);
    let nearest = |stored: &[&Interaction], business: &[(&str, &str)]| {
        let stored = stored.iter().map(|one| (*one).clone()).collect();
        let player = player([cassette("a.json", simulated(), stored)]);
        miss(&player, &admitted("testid", business)).contains("interaction changed (simulated)")
    };

    assert!(nearest(&[&without, &changed], &[("TaskId", "1"), ("Lang", "zh")]));
    assert!(nearest(&[&older, &changed], &[("TaskId", "1")]));
}

#[test]
fn names_that_are_no_text_are_still_paired() {
    let odd = |value: &str| {
        let parameters = [Parameter::query([0xff], "1"), Parameter::query("b", value), Parameter::query("%", "2")];
        Request::compose("GET", parameters.to_vec(), Headers::new())
    };
    let mut stored = interaction("one", &[], &["x"]);
    stored.asked = Asked::Request(odd("1"), Signed::Valid);
    let player = player([cassette("a.json", simulated(), vec![stored])]);
    let asked = admit(odd("2"), Enforcement::Report);

    let Decision::Miss(miss) = player.decide(&asked) else { panic!("b differs") };

    assert_eq!(different_names(&miss), ["b"]);
}

fn different_names<'m>(miss: &'m Miss<'_>) -> Vec<&'m str> {
    let near = miss.nearest.as_ref().expect("one can be played");
    near.differences().map(|difference| difference.name.as_str()).collect()
}

fn with(request: &Request, name: &str, value: &str) -> Request {
    let mut parameters = request.parameters().to_vec();
    for parameter in parameters.iter_mut().filter(|parameter| parameter.is(name)) {
        parameter.value = value.into();
    }
    Request::compose(request.method(), parameters, Headers::new())
}

fn with_another(request: &Request, name: &str) -> Request {
    let mut parameters = request.parameters().to_vec();
    parameters.push(Parameter::query(name, "x"));
    Request::compose(request.method(), parameters, Headers::new())
}

/// The same call in another dress: turned round, as a form, under ACS3.
fn disguises(request: &Request) -> Vec<Request> {
    let turned: Vec<Parameter> = request.parameters().iter().rev().cloned().collect();
    let form = turned.iter().map(|one| Parameter { place: Place::Form, ..one.clone() }).collect();
    let system = ["Action", "Version", "AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "Timestamp"];
    let business = request.parameters().iter().filter(|one| !system.iter().any(|name| one.is(name))).cloned().collect();
    let text = |name| request.text(name).expect("every call has it");
    let headers: Headers = [
        ("host", "alidns.aliyuncs.com".to_owned()),
        ("x-acs-action", text("Action")),
        ("x-acs-version", text("Version")),
    ]
    .into_iter()
    .collect();
    let acs3 = Request::compose("GET", business, headers);
    let acs3 = sign(&acs3, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
    vec![Request::compose("GET", turned, Headers::new()), Request::compose("POST", form, Headers::new()), acs3]
}

/// Whether `request`, through the socket and the gateway, is answered by the interaction `id` of `stem`.
fn is_answered_by(player: &Player, request: &Request, stem: &str) -> bool {
    let received: RawRequest = request.raw().clone();
    let request = Request::parse(received).expect("a composed request is well formed");
    match player.decide(&admit(request, Enforcement::Report)) {
        Decision::Exhausted { stored } | Decision::Hit { stored, .. } => stored.cassette.stem() == stem,
        _ => false,
    }
}

const NOT_MATCHED: [&str; 6] =
    ["AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Timestamp"];

/// Each semantic parameter changed must miss, each other one must hit: the score over all that is shipped.
#[test]
fn the_matcher_heeds_what_is_asked_and_nothing_else() {
    let shipped = Cassettes::shipped();
    let (mut missed, mut hit, mut outside) = (0, 0, 0);

    for cassette in &shipped {
        let alone = [cassette.clone()].into_iter().collect();
        let player = Player::new(alone).expect("one cassette shares its stem with none");
        for interaction in &cassette.interactions {
            // Requests of the other scheme are among the disguises.
            let request = interaction.asked.request();
            let Some(request) = request.filter(|one| one.headers().get("x-acs-action").is_none()) else { continue };
            if interaction.exhibit {
                assert!(!is_answered_by(&player, request, cassette.stem()), "{} is an exhibit", cassette.path);
                outside += 1;
                continue;
            }
            assert!(is_answered_by(&player, request, cassette.stem()), "{} answers its own request", cassette.path);
            for parameter in request.parameters() {
                let name = String::from_utf8_lossy(&parameter.name);
                let changed = with(request, &name, "changed");
                let answered = is_answered_by(&player, &changed, cassette.stem());
                assert_eq!(answered, NOT_MATCHED.contains(&&*name), "{}: {name} changed", cassette.path);
                *if answered { &mut hit } else { &mut missed } += 1;
            }
            for ignored in ["RegionId", "SecurityToken", "SignatureType", "UserClientIp"] {
                let more = with_another(request, ignored);
                assert!(is_answered_by(&player, &more, cassette.stem()), "{}: {ignored} added", cassette.path);
                hit += 1;
            }
            assert!(!is_answered_by(&player, &with_another(request, "Other"), cassette.stem()), "{}", cassette.path);
            missed += 1;
            for disguise in disguises(request) {
                assert!(is_answered_by(&player, &disguise, cassette.stem()), "{}: {disguise:?}", cassette.path);
                hit += 1;
            }
        }
    }

    println!("matcher: {missed} semantic changes missed, {hit} others hit, {outside} exhibits outside");
    assert_eq!((missed, hit, outside), (224, 572, 19));
}
