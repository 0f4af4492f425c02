//! A client written by hand, sound or with one fault of those that are met in the wild, judged.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alidns_contract::conformance::{Judgement, Plan, judge, judge_by};
use alidns_contract::contract::{Call, Fields, Reading, Value};
use alidns_contract::front::system_clock;
use alidns_contract::signing::{Scheme, Style, sign};
use alidns_contract::wire::{Headers, Parameter, Request};
use alidns_contract::{Client, Endpoint, Severity, Skipped};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is wrong with a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    AbsentStatusIsZero,
    AsteriskUnencoded,
    CutBodyIsEmptySuccess,
    FractionInTime,
    Hangs,
    IgnoresUnknownBatchType,
    LosesStatusOfHtml,
    NoneAtAll,
    NonceCached,
    NullReasonRefused,
    Panics,
    RefusalIsEmptySuccess,
    RetriesTheSameRequest,
    SecretInHeader,
    SendsUndefined,
    SpaceAsPlus,
    TaskIdSentThroughDouble,
    TaskIdReadThroughDouble,
    UnknownFieldRefused,
    UnknownStatusIsDone,
}

struct ByHand(Fault);

impl Client for ByHand {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        match self.0 {
            Fault::Hangs => std::future::pending().await,
            Fault::Panics => panic!("index out of bounds"),
            _ => {}
        }
        let request = self.request(endpoint, call);
        let mut answer = exchange(endpoint, &request).await;
        if self.0 == Fault::RetriesTheSameRequest && answer.0 == 503 {
            answer = exchange(endpoint, &request).await;
        }
        Ok(self.reading(answer.0, &answer.1))
    }
}

impl ByHand {
    fn is(&self, fault: Fault) -> bool {
        self.0 == fault
    }

    fn request(&self, endpoint: &Endpoint, call: &Call) -> Request {
        let nonce = if self.is(Fault::NonceCached) { 0 } else { NONCES.fetch_add(1, Ordering::Relaxed) };
        let mut time = system_clock().now().to_string();
        if self.is(Fault::FractionInTime) {
            time = time.replace('Z', ".374Z");
        }
        let system = [
            ("Action", call.action.clone()),
            ("Version", call.version.clone()),
            ("Format", "JSON".to_owned()),
            ("SignatureMethod", "HMAC-SHA1".to_owned()),
            ("SignatureVersion", "1.0".to_owned()),
            ("SignatureNonce", format!("5d1f0f9c{nonce:024x}")),
            ("Timestamp", time),
        ];
        let own = |name: &str| call.value(name).is_some();
        let mut parameters: Vec<Parameter> = system
            .iter()
            .filter(|(name, _)| !own(name))
            .map(|(name, value)| Parameter::query(*name, value.as_str()))
            .collect();
        parameters.extend(
            call.parameters.iter().map(|(name, value)| Parameter::query(name.as_str(), self.sent(name, value))),
        );
        if self.is(Fault::SendsUndefined) && call.value("Lang").is_none() {
            parameters.push(Parameter::query("Lang", "undefined"));
        }
        let mut headers: Headers = [("Host", endpoint.host())].into_iter().collect();
        if self.is(Fault::SecretInHeader) {
            headers.push("User-Agent", "me/1.0 (testsecret)");
        }
        sign(&Request::compose("GET", parameters, headers), Scheme::HmacSha1, &endpoint.key, &self.style())
    }

    fn style(&self) -> Style {
        let recipe =
            |name| alidns_contract::signing::RECIPES.iter().find(|recipe| recipe.name == name).expect("a recipe").style;
        match self.0 {
            Fault::AsteriskUnencoded => recipe("asterisk-unencoded"),
            Fault::SpaceAsPlus => recipe("space-as-plus"),
            _ => Style::SERVICE,
        }
    }

    fn sent(&self, name: &str, value: &str) -> String {
        match (self.0, name, value.parse::<f64>()) {
            (Fault::TaskIdSentThroughDouble, "TaskId", Ok(number)) if number > 1e9 => format!("{number}"),
            (Fault::IgnoresUnknownBatchType, "BatchType", _) => value.to_uppercase(),
            _ => value.to_owned(),
        }
    }

    fn reading(&self, status: u16, body: &[u8]) -> Reading {
        let unreadable = |why: &str| Reading::Unreadable { status: Some(status), why: why.to_owned() };
        let Ok(Json::Object(members)) = serde_json::from_slice::<Json>(body) else {
            return match self.0 {
                Fault::CutBodyIsEmptySuccess if status == 200 => Reading::Answer(Fields::new()),
                Fault::LosesStatusOfHtml => Reading::Unreadable { status: None, why: "unexpected token <".to_owned() },
                _ => unreadable("no JSON object"),
            };
        };
        let text = |name: &str| members.get(name).and_then(Json::as_str).map(str::to_owned);
        let has_result = FIELDS.iter().any(|name| *name != "RequestId" && members.contains_key(*name));
        if status >= 400 || (members.contains_key("Code") && !has_result) {
            if self.is(Fault::RefusalIsEmptySuccess) {
                return Reading::Answer(Fields::new().with_some("RequestId", text("RequestId")));
            }
            let (code, message, request_id) = (text("Code"), text("Message"), text("RequestId"));
            return Reading::Refused { status: Some(status), code, message, request_id };
        }
        let is_strange = |name: &String| !FIELDS.contains(&name.as_str());
        if !FIELDS.iter().any(|name| members.contains_key(*name))
            || (self.is(Fault::UnknownFieldRefused) && members.keys().any(is_strange))
            || (self.is(Fault::NullReasonRefused) && members.get("Reason").is_some_and(Json::is_null))
        {
            return unreadable("not the fields that are declared");
        }
        let mut fields: Fields =
            FIELDS.iter().filter_map(|name| Some((*name, self.value(name, members.get(*name)?)))).collect();
        if self.is(Fault::AbsentStatusIsZero) && fields.get("Status").is_none_or(|status| *status == Value::Null) {
            fields = fields
                .iter()
                .filter(|(name, _)| *name != "Status")
                .map(|(name, value)| (name, value.clone()))
                .collect();
            fields.push("Status", 0);
        }
        Reading::Answer(fields)
    }

    fn value(&self, name: &str, value: &Json) -> Value {
        let integer = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        match (integer, value) {
            (Some(id), _) if name == "TaskId" && self.is(Fault::TaskIdReadThroughDouble) => through_double(id),
            (Some(status), _) if name == "Status" && self.is(Fault::UnknownStatusIsDone) && status > 2 => {
                Value::Integer(1)
            }
            (Some(integer), _) => Value::Integer(i128::from(integer)),
            (None, Json::Null) => Value::Null,
            (None, Json::String(text)) => Value::Text(text.clone()),
            (None, Json::Number(number)) => Value::Decimal(number.to_string()),
            (None, Json::Bool(_) | Json::Array(_) | Json::Object(_)) => Value::Nested,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "that is the fault")]
fn through_double(id: i64) -> Value {
    Value::Integer(i128::from(id as f64 as i64))
}

/// Status and body of one exchange on a connection of its own.
async fn exchange(endpoint: &Endpoint, request: &Request) -> (u16, Vec<u8>) {
    let raw = request.raw();
    let mut text = format!("{} {} HTTP/1.1\r\n", raw.method, String::from_utf8_lossy(&raw.target));
    for (name, value) in raw.headers.iter() {
        text += &format!("{name}: {}\r\n", String::from_utf8_lossy(value));
    }
    let mut stream = TcpStream::connect(endpoint.host()).await.expect("the front listens");
    stream.write_all(format!("{text}Connection: close\r\n\r\n").as_bytes()).await.expect("the front reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the front answers");
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let status = String::from_utf8_lossy(&answer[9..12]).parse().expect("a status is a number");
    (status, answer.split_off(head + 4))
}

async fn judged(fault: Fault) -> Judgement {
    let plan = Plan { time_limit: Duration::from_secs(5), ..Plan::shipped() };
    judge_by(&ByHand(fault), &plan).await.expect("loopback has a free port")
}

/// The rules that a client with this fault breaks and a sound one does not.
async fn errors(fault: Fault) -> Vec<String> {
    let judgement = judged(fault).await;
    let errors = judgement.findings().filter(|finding| finding.severity == Severity::Error);
    let mut ids: Vec<String> = errors.map(|finding| finding.check.to_string()).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[tokio::test]
async fn a_sound_client_is_clean() {
    judge(&ByHand(Fault::NoneAtAll)).await.assert_clean();
}

#[tokio::test]
async fn a_wrong_encoder_is_named() {
    assert!(errors(Fault::SpaceAsPlus).await.contains(&"SIG-07".to_owned()));
    assert!(errors(Fault::AsteriskUnencoded).await.contains(&"SIG-08".to_owned()));
}

#[tokio::test]
async fn a_wrong_stamp_is_named() {
    assert!(errors(Fault::NonceCached).await.contains(&"SIG-27".to_owned()));
    assert!(errors(Fault::FractionInTime).await.contains(&"SIG-31".to_owned()));
    assert!(errors(Fault::RetriesTheSameRequest).await.contains(&"SIG-28".to_owned()));
}

#[tokio::test]
async fn a_wrong_question_is_named() {
    assert_eq!(errors(Fault::SecretInHeader).await, ["SIG-38"]);
    assert_eq!(errors(Fault::SendsUndefined).await, ["REP-01", "SCH-04"]);
    assert_eq!(errors(Fault::TaskIdSentThroughDouble).await, ["REP-01", "SCH-05"]);
}

#[tokio::test]
async fn a_changed_batch_type_is_a_warning() {
    let judgement = judged(Fault::IgnoresUnknownBatchType).await;

    let found: Vec<&str> = judgement.findings().map(|finding| finding.check.as_str()).collect();
    assert!(found.contains(&"SCH-07"), "{found:?}");
}

#[tokio::test]
async fn a_wrong_reading_is_named() {
    assert_eq!(errors(Fault::AbsentStatusIsZero).await, ["SCH-27"]);
    assert_eq!(errors(Fault::CutBodyIsEmptySuccess).await, ["SCH-71"]);
    assert_eq!(errors(Fault::NullReasonRefused).await, ["SCH-36"]);
    assert_eq!(errors(Fault::TaskIdReadThroughDouble).await, ["SCH-28"]);
    assert_eq!(errors(Fault::UnknownFieldRefused).await, ["SCH-42"]);
    assert_eq!(errors(Fault::UnknownStatusIsDone).await, ["SCH-25"]);
    assert!(errors(Fault::RefusalIsEmptySuccess).await.contains(&"SCH-63".to_owned()));
    assert!(judged(Fault::LosesStatusOfHtml).await.findings().any(|finding| finding.check.as_str() == "SCH-64"));
}

#[tokio::test]
async fn a_client_that_panics_or_hangs_is_a_finding_of_each_case_and_the_others_still_run() {
    for fault in [Fault::Panics, Fault::Hangs] {
        let plan = Plan { time_limit: Duration::from_millis(5), ..Plan::shipped() };
        let judgement = judge_by(&ByHand(fault), &plan).await.expect("loopback has a free port");

        let cases = judgement
            .cases
            .iter()
            .filter(|case| case.exchange.findings.iter().any(|one| one.check.as_str() == "REP-03"));
        assert_eq!(cases.count(), judgement.cases.len(), "{fault:?}");
        assert!(judgement.cases.len() > 100, "{fault:?}");
    }
}

#[tokio::test]
#[should_panic(expected = "SCH-27")]
async fn what_a_client_breaks_is_in_the_words_of_the_failure() {
    judged(Fault::AbsentStatusIsZero).await.assert_clean();
}

#[tokio::test]
#[should_panic(expected = "asked nothing")]
async fn a_client_that_skips_everything_is_not_clean() {
    struct Idle;
    impl Client for Idle {
        async fn call(&self, _: &Endpoint, _: &Call) -> Result<Reading, Skipped> {
            Err(Skipped::because("idle"))
        }
    }

    judge(&Idle).await.assert_clean();
}

/// The rows that bring every two levels together are those committed beside the contract.
#[test]
fn the_committed_rows_are_those_of_the_contract() {
    use alidns_contract::conformance::{Factors, committed_rows};

    let factors = Factors::of(&alidns_contract::contract::Operation::all()[0]);
    let rows = factors.rows();
    let fresh = std::env::temp_dir().join("DescribeBatchResultCount.pairs.tsv");
    std::fs::write(&fresh, factors.table(&rows)).expect("the folder for temporary files can be written");

    assert_eq!(committed_rows(&factors), rows, "copy {} over the one in contracts/", fresh.display());
}

static NONCES: AtomicU64 = AtomicU64::new(1);
const FIELDS: [&str; 8] =
    ["Status", "TotalCount", "TaskId", "RequestId", "FailedCount", "SuccessCount", "BatchType", "Reason"];
