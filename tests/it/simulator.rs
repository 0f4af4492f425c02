//! The simulator, asked through the gateway as a client asks the service.

use std::collections::BTreeMap;

use alidns_contract::contract::{
    BatchType, Call, KeyState, Method, Operation, Probe, Reading, Scenario, Scenarios, Step, TokenUse, Value, World,
    decode,
};
use alidns_contract::front::Service;
use alidns_contract::gateway::{Enforcement, Gateway, Operations};
use alidns_contract::signing::{Digest, Key, Keyring, Scheme, Secret, Style, sign};
use alidns_contract::simulator::{Simulator, variables};
use alidns_contract::wire::{Clock, Headers, Parameter, Place, Request, Response, Timestamp};

/// A simulator behind a gateway, and a clock that stands still unless it is moved.
struct Upstream {
    gateway: Gateway,
    simulator: Simulator,
    now_seconds: i64,
    nonce: u32,
}

impl Upstream {
    fn of(world: World) -> Self {
        Self::around(Simulator::new(world))
    }

    fn around(simulator: Simulator) -> Self {
        let gateway = Gateway::new(Keyring::test(), Operations::from_iter(Simulator::OPERATIONS));
        Self { gateway, simulator, now_seconds: 1_795_491_900, nonce: 0 }
    }

    fn wait(&mut self, seconds: i64) {
        self.now_seconds += seconds;
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_seconds).expect("the time can be written")
    }

    fn ask(&mut self, key_id: &str, call: &Call) -> Response {
        self.ask_with(&Key::new(key_id, "testsecret"), call)
    }

    fn ask_with(&mut self, key: &Key, call: &Call) -> Response {
        self.nonce += 1;
        let request = request(key, call, self.nonce, self.now());
        let admitted = self.gateway.admit(request, self.now(), Enforcement::Enforce).expect("the request is sound");
        self.simulator.answer(&admitted, self.now())
    }

    fn read(&mut self, call: &Call) -> Reading {
        reading(&self.ask("testid", call))
    }

    fn status(&mut self, call: &Call) -> Option<Value> {
        field(&self.read(call), "Status")
    }

    fn submit(&mut self, batch: &str, domains: &[&str]) -> Value {
        let mut call = Call::new("OperateBatchDomain", "2015-01-09").with("Type", batch);
        for (at, domain) in domains.iter().enumerate() {
            for (name, value) in [("Domain", *domain), ("Rr", "www"), ("Type", "A"), ("Value", "192.0.2.1")] {
                call = call.with(format!("DomainRecordInfo.{}.{name}", at + 1), value);
            }
        }
        field(&self.read(&call), "TaskId").expect("a submission is answered with the id of its task")
    }
}

fn request(key: &Key, call: &Call, nonce: u32, time: Timestamp) -> Request {
    let (nonce, time) = (format!("nonce-{nonce:08}"), time.to_string());
    let system = [
        ("Action", call.action.as_str()),
        ("Version", &call.version),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &nonce),
        ("Timestamp", &time),
    ];
    let business = call.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let format = call.value("Format").is_none().then_some(("Format", "JSON"));
    let all = system.into_iter().chain(format).chain(business).map(|(name, value)| Parameter::query(name, value));
    let unsigned = Request::compose("GET", all.collect(), Headers::new());
    sign(&unsigned, Scheme::HmacSha1, key, &Style::SERVICE)
}

fn ask() -> Call {
    Call::new("DescribeBatchResultCount", "2015-01-09")
}

fn reading(response: &Response) -> Reading {
    let operation = Operation::named("DescribeBatchResultCount", "2015-01-09").expect("the operation is known");
    decode(response, operation).reading
}

fn field(reading: &Reading, name: &str) -> Option<Value> {
    match reading {
        Reading::Answer(fields) => fields.get(name).cloned(),
        other => panic!("no answer: {other:?}"),
    }
}

fn code(reading: &Reading) -> Option<(u16, String)> {
    match reading {
        Reading::Refused { status, code, .. } => Some(((*status)?, code.clone()?)),
        other => panic!("no refusal: {other:?}"),
    }
}

fn body(response: &Response) -> String {
    String::from_utf8(response.body.clone()).expect("the body is UTF-8")
}

fn integer(number: i128) -> Option<Value> {
    Some(Value::Integer(number))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

#[test]
fn an_account_without_a_task_gets_status_minus_one_and_no_counts() {
    let answer = Upstream::of(World::default()).ask("testid", &ask());

    let id = answer.headers.text("x-acs-request-id").expect("every answer has an id").to_owned();
    assert_eq!(answer.status, 200);
    assert_eq!(body(&answer), format!("{{\"RequestId\":\"{id}\",\"Status\":-1}}"));
}

#[test]
fn a_submitted_batch_is_processed_and_then_completed_in_part() {
    let mut upstream = Upstream::of(World::default());
    let id = upstream.submit("RR_ADD", &["a.example", "b.invalid", "c.example"]);

    let begun = upstream.read(&ask());
    upstream.wait(6);
    let done = upstream.read(&ask());

    let counts =
        |reading: &Reading| ["Status", "TotalCount", "SuccessCount", "FailedCount"].map(|name| field(reading, name));
    assert_eq!(counts(&begun), [integer(0), integer(3), integer(0), integer(0)]);
    assert_eq!(counts(&done), [integer(1), integer(3), integer(2), integer(1)]);
    assert_eq!(field(&done, "TaskId"), Some(id));
    assert_eq!(field(&done, "BatchType"), text("RR_ADD"));
    assert_eq!(field(&done, "Reason"), None);
}

#[test]
fn a_batch_of_which_every_entry_fails_has_a_reason_in_the_language_asked_for() {
    let mut upstream = Upstream::of(World::default());
    upstream.submit("DOMAIN_ADD", &["a.invalid"]);
    upstream.wait(2);

    let english = upstream.read(&ask().with("Lang", "en"));
    let others = ["zh", "", "ja", "EN"].map(|lang| upstream.read(&ask().with("Lang", lang)));

    assert_eq!(field(&english, "Status"), integer(2));
    assert_eq!(field(&english, "Reason"), text("No match is found for the domain name specified in the file."));
    for other in others {
        assert_eq!(field(&other, "Status"), integer(2));
        assert_eq!(field(&other, "Reason"), text("未找到文件中指定的域名。"));
    }
}

#[test]
fn the_most_recent_task_of_a_kind_answers_and_a_contradiction_finds_none() {
    let mut upstream = Upstream::of(World::default());
    let first = upstream.submit("RR_ADD", &["a.example"]);
    let second = upstream.submit("RR_DEL", &["a.example"]);
    let Value::Integer(first_id) = first else { panic!("ids are numbers") };

    let of_kind = upstream.read(&ask().with("BatchType", "RR_ADD"));
    let of_any = upstream.read(&ask().with("TaskId", "").with("BatchType", ""));

    assert_eq!(field(&of_kind, "TaskId"), Some(first));
    assert_eq!(field(&of_any, "TaskId"), Some(second));
    let by_id = ask().with("TaskId", first_id.to_string());
    assert_eq!(upstream.status(&by_id.clone().with("BatchType", "RR_ADD")), integer(0));
    assert_eq!(upstream.status(&by_id.with("BatchType", "DOMAIN_ADD")), integer(-1));
}

#[test]
fn odd_task_ids_are_read_as_numbers_or_refused() {
    let mut upstream = Upstream::of(World::default());

    for id in ["1", "01", "-1", "0", "9223372036854775807"] {
        assert_eq!(upstream.status(&ask().with("TaskId", id)), integer(-1), "{id}");
    }
    for id in ["abc", "1.0", "9223372036854775808", " 1", "1e3"] {
        let refused = upstream.read(&ask().with("TaskId", id));
        assert_eq!(code(&refused), Some((400, "InvalidTaskId".to_owned())), "{id}");
    }
}

#[test]
fn a_kind_of_batch_that_there_is_not_is_refused() {
    let mut upstream = Upstream::of(World::default());

    for batch in ["domain_add", "NO_SUCH_TYPE", " "] {
        let refused = upstream.read(&ask().with("BatchType", batch));
        assert_eq!(code(&refused), Some((400, "InvalidBatchType".to_owned())), "{batch}");
    }
}

#[test]
fn a_submission_without_what_it_needs_is_refused_by_name() {
    let mut upstream = Upstream::of(World::default());
    let submit = || Call::new("OperateBatchDomain", "2015-01-09");
    let mut refusal = |call: Call| code(&upstream.read(&call)).expect("it is refused").1;

    assert_eq!(refusal(submit()), "MissingType");
    assert_eq!(refusal(submit().with("Type", "RR_MODIFY")), "InvalidType");
    assert_eq!(refusal(submit().with("Type", "RR_DEL")), "MissingDomainRecordInfo");
    let entry = submit().with("DomainRecordInfo.1.Domain", "a.example");
    assert_eq!(refusal(entry.clone().with("Type", "RR_ADD")), "MissingDomainRecordInfo.1.Rr");
    assert_eq!(
        refusal(entry.with("Type", "RR_DEL").with("DomainRecordInfo.2.Rr", "www")),
        "MissingDomainRecordInfo.2.Domain"
    );
}

#[test]
fn entries_beyond_the_thousandth_are_ignored() {
    let mut upstream = Upstream::of(World::default());
    let mut call = Call::new("OperateBatchDomain", "2015-01-09").with("Type", "RR_DEL");
    for number in 1..=1001 {
        call = call.with(format!("DomainRecordInfo.{number}.Domain"), "a.example");
    }
    upstream.read(&call);

    let begun = upstream.read(&ask());

    assert_eq!(field(&begun, "TotalCount"), integer(1000));
}

#[test]
fn xml_and_json_carry_the_same_values() {
    let mut upstream = Upstream::of(World::default());
    upstream.submit("DOMAIN_DEL", &["a.invalid", "b.invalid"]);
    upstream.wait(4);

    let json = upstream.read(&ask());
    let xml = upstream.ask("testid", &ask().with("Format", "XML"));

    assert_eq!(xml.headers.text("content-type"), Some("text/xml;charset=utf-8"));
    assert!(
        body(&xml).starts_with("<?xml version='1.0' encoding='UTF-8'?><DescribeBatchResultCountResponse><RequestId>")
    );
    for name in ["Status", "TaskId", "BatchType", "TotalCount", "SuccessCount", "FailedCount", "Reason"] {
        assert!(field(&json, name).is_some(), "{name}");
        assert_eq!(field(&reading(&xml), name), field(&json, name), "{name}");
    }
}

#[test]
fn every_key_id_is_an_account_and_may_begin_in_the_world_of_a_scenario() {
    let scenario = Scenarios::shipped().named("failed-task").expect("it is shipped");
    let simulator = Simulator::new(World::default()).with_scenario("failed-task", scenario.world.clone());
    let mut upstream = Upstream::around(simulator);
    upstream.submit("RR_ADD", &["a.example"]);
    let mut status = |key_id: &str| field(&reading(&upstream.ask(key_id, &ask())), "Status");

    assert_eq!(status("testid"), integer(0));
    assert_eq!(status("testid.left"), integer(-1));
    assert_eq!(status("testid-failed-task"), integer(2));
    assert_eq!(status("testid-failed-task.left"), integer(2));
}

#[test]
fn what_a_key_is_worth_decides_before_the_task_does() {
    let refusal = |key: KeyState| {
        let mut upstream = Upstream::of(World { key, ..World::default() });
        code(&upstream.read(&ask())).expect("it is refused")
    };

    assert_eq!(refusal(KeyState::Denied), (400, "Forbidden.RAM".to_owned()));
    assert_eq!(refusal(KeyState::Disabled), (400, "InvalidAccessKeyId.Inactive".to_owned()));
    assert_eq!(refusal(KeyState::Temporary), (400, "MissingSecurityToken".to_owned()));
}

#[test]
fn a_temporary_key_is_served_with_its_token() {
    let mut upstream = Upstream::of(World { key: KeyState::Temporary, ..World::default() });

    let answered = reading(&upstream.ask_with(&Key::test().with_token("testtoken"), &ask()));

    assert_eq!(field(&answered, "Status"), integer(-1));
}

#[test]
fn a_key_whose_token_is_known_is_served_with_that_token_alone() {
    let simulator = Simulator::new(World::default()).with_token("testid.temporary", Secret::new("a token"));
    let mut upstream = Upstream::around(simulator);
    let key = Key::new("testid.temporary", "testsecret");

    let answered = reading(&upstream.ask_with(&key.clone().with_token("a token"), &ask()));
    let another = reading(&upstream.ask_with(&key.clone().with_token("another"), &ask()));
    let none = reading(&upstream.ask_with(&key, &ask()));

    assert_eq!(field(&answered, "Status"), integer(-1));
    assert_eq!(code(&another), Some((400, "InvalidSecurityToken.MismatchWithAccessKey".to_owned())));
    assert_eq!(code(&none), Some((400, "MissingSecurityToken".to_owned())));
}

#[test]
fn calls_beyond_the_limit_are_throttled() {
    let mut upstream = Upstream::of(World { calls_before_throttling: Some(2), ..World::default() });

    let first: Vec<Option<Value>> = (0..2).map(|_| upstream.status(&ask())).collect();
    let third = upstream.read(&ask());

    assert_eq!(first, [integer(-1), integer(-1)]);
    assert_eq!(code(&third), Some((400, "Throttling.User".to_owned())));
}

#[test]
fn a_clock_that_goes_back_takes_no_count_back() {
    let mut upstream = Upstream::of(World::default());
    upstream.submit("RR_ADD", &["a.example"]);
    upstream.wait(2);
    assert_eq!(upstream.status(&ask()), integer(1));

    upstream.wait(-2);

    assert_eq!(upstream.status(&ask()), integer(1));
}

#[test]
fn acs3_is_answered_in_json_unless_it_accepts_xml() {
    let upstream = Upstream::of(World::default());
    let content_type = |accept: &str, nonce: &str| {
        let time = upstream.now().to_string();
        let headers = Headers::from_iter([
            ("Host", "alidns.aliyuncs.com"),
            ("Accept", accept),
            ("x-acs-action", "DescribeBatchResultCount"),
            ("x-acs-version", "2015-01-09"),
            ("x-acs-date", &time),
            ("x-acs-signature-nonce", nonce),
        ]);
        let unsigned = Request::compose("POST", Vec::new(), headers);
        let request = sign(&unsigned, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
        let now = upstream.now();
        let admitted = upstream.gateway.admit(request, now, Enforcement::Enforce).expect("the request is sound");
        let answer = upstream.simulator.answer(&admitted, now);
        answer.headers.text("content-type").map(str::to_owned)
    };

    assert_eq!(content_type("application/json", "nonce-a0000001").as_deref(), Some("application/json;charset=utf-8"));
    assert_eq!(content_type("text/xml", "nonce-a0000002").as_deref(), Some("text/xml;charset=utf-8"));
}

/// The `Status` of every answer that the embedded upstream gives to a scenario, or the code of a refusal.
fn answers(scenario: &Scenario) -> Vec<String> {
    let mut upstream = Upstream::of(scenario.world.clone());
    let variables: BTreeMap<String, String> = variables(&scenario.world);
    let mut found = Vec::new();
    for step in &scenario.steps {
        let (while_status, at_most) = step.poll.map_or((i64::MIN, 1), |poll| (poll.while_status, poll.at_most));
        for _ in 0..at_most {
            let shown = match upstream.read(&step.call(&variables)) {
                Reading::Answer(fields) => match fields.get("Status") {
                    Some(Value::Integer(status)) => status.to_string(),
                    other => panic!("{}: {other:?}", step.id),
                },
                Reading::Refused { code, .. } => code.expect("a refusal has a code"),
                Reading::Unreadable { why, .. } => panic!("{}: {why}", step.id),
            };
            let again = shown == while_status.to_string();
            found.push(shown);
            if !again {
                break;
            }
        }
    }
    found
}

fn owned(table: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    table.iter().map(|(name, rest)| ((*name).to_owned(), texts(rest))).collect()
}

#[test]
fn each_scenario_shows_in_the_embedded_upstream_what_its_note_says() {
    let expected: &[(&str, &[&str])] = &[
        ("nothing-submitted", &["-1", "-1", "-1"]),
        ("processing-task", &["0"]),
        ("completed-task", &["1", "1", "1", "1"]),
        ("failed-task", &["2"]),
        ("partly-failed-task", &["1"]),
        ("polled-task", &["0", "0", "1"]),
        ("unknown-task", &["-1", "-1"]),
        ("languages", &["2", "2", "2", "2", "2", "InvalidTaskId", "InvalidTaskId"]),
        ("batch-types", &["1", "1", "1", "-1", "InvalidBatchType", "InvalidBatchType", "1"]),
        ("task-ids", &["InvalidTaskId", "-1", "InvalidTaskId", "-1", "InvalidTaskId", "-1"]),
        ("contradicting-type", &["-1"]),
        ("formats", &["1", "1", "InvalidTaskId", "InvalidTaskId"]),
        ("posted", &["1", "1"]),
        ("acs3", &["1", "1", "1", "1"]),
        ("denied", &["Forbidden.RAM", "Forbidden.RAM"]),
        ("disabled-key", &["InvalidAccessKeyId.Inactive"]),
        ("throttled-poll", &["0", "Throttling.User"]),
    ];

    let found: Vec<(String, Vec<String>)> = Scenarios::shipped()
        .all
        .iter()
        .filter(|scenario| !scenario.is_probe())
        .map(|scenario| (scenario.name.to_string(), answers(scenario)))
        .collect();

    assert_eq!(found, owned(expected));
}

#[test]
fn a_world_gives_its_tasks_to_the_variables_that_name_them() {
    let scenario = Scenarios::shipped().named("throttled-poll").expect("it is shipped");

    let supplied = variables(&scenario.world);

    assert_eq!(supplied.keys().collect::<Vec<_>>(), ["running_task", "throttled_account"]);
    assert_eq!(scenario.missing(&supplied), Vec::<&str>::new());
    assert!(supplied["running_task"].parse::<i64>().is_ok_and(|id| id > i64::from(u32::MAX)));
    assert_eq!(scenario.world.tasks[0].batch, BatchType::RrAdd);
}

#[test]
fn a_service_over_the_simulator_counts_its_answers_by_action() {
    let Upstream { gateway, simulator, .. } = Upstream::of(World::default());
    let time = Timestamp::parse("2026-11-24T03:45:00Z").expect("the time is well formed");
    let service = Service::new(gateway, simulator, Clock::fixed(time));

    let answer = service.answer(request(&Key::test(), &ask(), 1, time).raw().clone());

    assert_eq!(field(&reading(&answer), "Status"), integer(-1));
    assert_eq!(service.receipt().served, [("DescribeBatchResultCount".to_owned(), 1)].into());
}

/// The request of a probe: edited, signed in its style, and edited again.
fn probing(step: &Step, probe: &Probe, nonce: u32, time: Timestamp) -> Request {
    let call = step.call(&BTreeMap::new());
    let nonce = format!("nonce-{nonce:08}");
    let place = if step.method == Method::PostForm { Place::Form } else { Place::Query };
    let method = if step.method == Method::Get { "GET" } else { "POST" };
    let time = time.to_string();
    let (mut parameters, mut headers) = (Vec::new(), Headers::from_iter([("Host", "alidns.aliyuncs.com")]));
    let mut parameter =
        |name: &str, value: &str| parameters.push(Parameter { name: name.into(), value: value.into(), place });
    if step.scheme == Scheme::HmacSha1 {
        let system = [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"), ("Format", "JSON")];
        let own =
            [("Action", &*call.action), ("Version", &call.version), ("SignatureNonce", &nonce), ("Timestamp", &time)];
        system.into_iter().chain(own).for_each(|(name, value)| parameter(name, value));
    } else {
        let own = [("action", &*call.action), ("version", &call.version), ("signature-nonce", &nonce), ("date", &time)];
        own.into_iter().for_each(|(name, value)| headers.push(format!("x-acs-{name}"), value));
    }
    call.parameters.iter().for_each(|(name, value)| parameter(name, value));
    let key = match probe.token {
        TokenUse::LeftOut => Key::new("testid", "testsecret"),
        TokenUse::Sent => Key::test().with_token("testtoken"),
    };
    let sound = Request::compose(method, parameters, headers);
    let edited = probe.before_signing.iter().fold(sound, |request, edit| edit.apply(&request, HOST));
    let signed = sign(&edited, step.scheme, &key, &probe.style.style());
    probe.after_signing.iter().fold(signed, |request, edit| edit.apply(&request, HOST))
}

/// What the embedded upstream makes of each step of a probe: the code of a refusal, or `200`.
fn outcomes(scenario: &Scenario) -> Vec<String> {
    let upstream = Upstream::of(scenario.world.clone());
    let mut nonces = BTreeMap::new();
    let mut outcome = |step: &Step| {
        let probe = step.probe.as_ref().expect("every step of a probe is one");
        let fresh = nonces.len() as u32;
        let nonce = probe.nonce_of.as_ref().map_or(fresh, |of| nonces[of]);
        nonces.insert(step.id.clone(), nonce);
        let Ok(request) = Request::parse(probing(step, probe, nonce, upstream.now()).raw().clone()) else {
            return "RequestParameterMalformed".to_owned();
        };
        match upstream.gateway.admit(request, upstream.now(), Enforcement::Enforce) {
            Err(refusal) => refusal.code,
            Ok(admitted) => match reading(&upstream.simulator.answer(&admitted, upstream.now())) {
                Reading::Answer(_) => "200".to_owned(),
                Reading::Refused { code, .. } => code.expect("a refusal has a code"),
                Reading::Unreadable { why, .. } => panic!("{}: {why}", step.id),
            },
        }
    };
    scenario.steps.iter().map(&mut outcome).collect()
}

#[test]
fn each_probe_is_what_its_note_says_to_the_embedded_upstream() {
    const WRONG: &str = "SignatureDoesNotMatch";
    let expected: &[(&str, &[&str])] = &[
        ("probe-odd-values", &[WRONG; 9]),
        ("probe-styles", &[WRONG; 6]),
        ("probe-parameters", &[WRONG; 5]),
        ("probe-rightly-signed", &["200", "200", "RequestParameterMalformed", "200", "InvalidBatchType"]),
        ("probe-nonces", &["200", "SignatureNonceUsed", "SignatureNonceUsed", "200", "200"]),
        (
            "probe-times",
            &[
                "200",
                "InvalidTimeStamp.Expired",
                "InvalidTimeStamp.Expired",
                "200",
                "InvalidTimeStamp.Expired",
                "InvalidTimeStamp.Expired",
                "InvalidTimeStamp.Format",
                "InvalidTimeStamp.Format",
            ],
        ),
        (
            "probe-missing-parameters",
            &[
                "MissingAction",
                "InvalidVersion",
                "MissingAccessKeyId",
                "MissingSignature",
                "MissingSignatureMethod",
                "MissingSignatureNonce",
                "MissingSignatureVersion",
                "MissingTimestamp",
            ],
        ),
        ("probe-formats", &["200", "200", "InvalidParameter.Format"]),
        ("probe-acs3", &["200", WRONG, WRONG]),
        ("probe-tokens", &["200", WRONG, "MissingSecurityToken"]),
    ];

    let probes = Scenarios::shipped().all.iter().filter(|scenario| scenario.is_probe());
    let found: Vec<(String, Vec<String>)> = probes.map(|one| (one.name.to_string(), outcomes(one))).collect();

    assert_eq!(found, owned(expected));
}

const HOST: &str = "alidns.aliyuncs.com";
