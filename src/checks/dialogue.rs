//! Rules over several exchanges. Each step takes in one observation and keeps little.

use std::collections::VecDeque;

use super::answer::{request_id, state};
use super::check::{Check, Fold, Judge, Outcome, Subject, must, should};
use super::comparison::{Shown, is_nothing};
use super::memory::{Recent, Seen};
use super::observation::{Answer, AnswerSource, Asking, Observation};
use super::refusal::code;
use crate::contract::{Call, Fields, State};
use crate::gateway::System;
use crate::signing::{TestKeyId, Verdict};
use crate::wire::{Request, Response};

pub(super) const CHECKS: &[Check] = &[
    must("SIG-27", "no nonce comes twice", Judge::Run(Subject::Client, || Box::new(Nonces::default()))),
    must(
        "SIG-28",
        "a retry has a new nonce and signature",
        Judge::Run(Subject::Client, || Box::new(Retries::default())),
    ),
    should(
        "SIG-51",
        "no credential follows a redirect to another host",
        Judge::Run(Subject::Client, || Box::new(Redirects::default())),
    ),
    must("SCH-22", "no RequestId comes twice", Judge::Run(Subject::Service, || Box::new(RequestIds::default()))),
    must(
        "SCH-44",
        "Lang changes texts for people and nothing else",
        Judge::Run(Subject::Service, || Box::new(Languages::default())),
    ),
    must("SCH-45", "JSON and XML carry the same values", Judge::Run(Subject::Service, || Box::new(Formats::default()))),
    must(
        "SCH-48",
        "a polled task keeps its TotalCount, its counts never fall, and its final Status stays",
        Judge::Run(Subject::Service, || Box::new(Polls::default())),
    ),
    must("SCH-70", "Lang does not change a Code", Judge::Run(Subject::Service, || Box::new(Codes::default()))),
];

/// SIG-27. Clients that share a process but not a lane are told apart.
#[derive(Default)]
struct Nonces(Seen);

impl Fold for Nonces {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Observation::Asked(Asking { request, .. }) = observation else { return Outcome::DoesNotApply };
        let Some(nonce) = System::of(request).nonce() else { return Outcome::DoesNotApply };

        let new = self.0.insert((lane(request), nonce.as_ref()));
        Outcome::of(new, "a nonce that was not used before", format_args!("{nonce:?} again")).at("SignatureNonce")
    }
}

/// SIG-28. The same call again is a retry where the one before had no answer yet, or not a success.
#[derive(Default)]
struct Retries(Recent<Attempt>);

struct Attempt {
    nonce: String,
    signature: Vec<u8>,
    succeeded: bool,
}

impl Fold for Retries {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        match observation {
            Observation::Answered(answer) => self.note(answer),
            Observation::Asked(asking) => self.compare(asking.request),
            Observation::Understood(_) => Outcome::DoesNotApply,
        }
    }
}

impl Retries {
    fn note(&mut self, answer: &Answer<'_>) -> Outcome {
        if let Some(asked) = answer.asked
            && let Some(attempt) = self.0.get_mut((lane(asked.request), Call::made_by(asked.request)))
        {
            attempt.succeeded = answer.is_success();
        }
        Outcome::DoesNotApply
    }

    fn compare(&mut self, request: &Request) -> Outcome {
        let Some(nonce) = System::of(request).nonce() else { return Outcome::DoesNotApply };
        let nonce = nonce.into_owned();
        let attempt = Attempt { nonce: nonce.clone(), signature: signature(request), succeeded: false };
        let before = self.0.replace((lane(request), Call::made_by(request)), attempt);
        match before {
            Some(before) if !before.succeeded => {
                let anew = before.nonce != nonce && before.signature != signature(request);
                let got = format_args!("nonce {nonce:?} after nonce {:?}", before.nonce);
                Outcome::of(anew, "a nonce and a signature of its own", got).at("SignatureNonce")
            }
            _ => Outcome::DoesNotApply,
        }
    }
}

/// SIG-51.
#[derive(Default)]
struct Redirects {
    hosts: VecDeque<String>,
}

impl Fold for Redirects {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        match observation {
            Observation::Answered(answer) => {
                self.note(answer);
                Outcome::DoesNotApply
            }
            Observation::Asked(asking) => self.judge(asking),
            Observation::Understood(_) => Outcome::DoesNotApply,
        }
    }
}

impl Redirects {
    fn note(&mut self, answer: &Answer<'_>) {
        let Some(target) = redirect_host(answer.response) else { return };
        let asked = answer.asked.and_then(|asked| host(asked.request));
        if asked.as_ref() == Some(&target) || self.hosts.contains(&target) {
            return;
        }
        if self.hosts.len() == MOST_HOSTS {
            self.hosts.pop_front();
        }
        self.hosts.push_back(target);
    }

    fn judge(&self, asking: &Asking<'_>) -> Outcome {
        match host(asking.request) {
            Some(host) if self.hosts.contains(&host) => {
                let carried = carried_credential(asking.request);
                let got = carried.unwrap_or_default();
                Outcome::of(carried.is_none(), format_args!("no credential for {host}"), got).at("Host")
            }
            _ => Outcome::DoesNotApply,
        }
    }
}

/// SCH-22. Only what the live service says: the published examples share one id, and a replay repeats its own.
#[derive(Default)]
struct RequestIds(Seen);

impl Fold for RequestIds {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Observation::Answered(answer) = observation else { return Outcome::DoesNotApply };
        match request_id(answer) {
            Some(id) if answer.source == AnswerSource::Live => {
                Outcome::of(self.0.insert(id), "an id of its own", format_args!("{id:?} again")).at("RequestId")
            }
            _ => Outcome::DoesNotApply,
        }
    }
}

/// SCH-44. Tasks that are done, so that a difference is not a matter of time.
#[derive(Default)]
struct Languages(Recent<(Option<String>, Fields)>);

impl Fold for Languages {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Some((answer, call, task_id)) = final_answer(observation) else { return Outcome::DoesNotApply };
        let (call, lang) = without_lang(call);
        let fields = told_fields(answer, &["RequestId", "Reason"]);
        match self.0.replace((call, task_id), (lang.clone(), fields.clone())) {
            Some((lang_before, before)) if lang_before != lang => same_fields(&before, &fields),
            _ => Outcome::DoesNotApply,
        }
    }
}

/// SCH-45. Tasks that are done, so that a difference is not a matter of time.
#[derive(Default)]
struct Formats(Recent<(bool, Fields)>);

impl Fold for Formats {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Some((answer, call, task_id)) = final_answer(observation) else { return Outcome::DoesNotApply };
        let is_xml = answer.response.body.trim_ascii_start().starts_with(b"<");
        let fields = told_fields(answer, &["RequestId"]);
        match self.0.replace((call, task_id), (is_xml, fields.clone())) {
            Some((was_xml, before)) if was_xml != is_xml => same_fields(&before, &fields),
            _ => Outcome::DoesNotApply,
        }
    }
}

/// SCH-48.
#[derive(Default)]
struct Polls(Recent<Progress>);

#[derive(Clone, Copy)]
struct Progress {
    state: State,
    total: Option<i128>,
    done: Option<i128>,
    failed: Option<i128>,
}

impl Fold for Polls {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Observation::Answered(answer) = observation else { return Outcome::DoesNotApply };
        let task_id = answer.asked_for("TaskId").map(str::to_owned);
        let task_id = task_id.or_else(|| answer.integer("TaskId").map(|id| id.to_string()));
        let (Some(state), Some(task_id)) = (state(answer), task_id) else { return Outcome::DoesNotApply };

        let [total, done, failed] = super::answer::COUNTS.map(|name| answer.integer(name));
        let now = Progress { state, total, done, failed };
        match self.0.replace(task_id, now) {
            Some(before) => now.follows(before),
            None => Outcome::DoesNotApply,
        }
    }
}

impl Progress {
    fn follows(self, before: Self) -> Outcome {
        let may_follow = match before.state {
            State::Absent => true,
            State::Processing => self.state != State::Absent,
            State::Completed | State::Failed => self.state == before.state,
        };
        let state_after = format!("{} after {}", self.state.name(), before.state.name());
        Outcome::all([
            Outcome::of(may_follow, "a state that can follow", state_after).at("Status"),
            compare(before.total, self.total, "TotalCount", |before, now| before == now),
            compare(before.done, self.done, "SuccessCount", |before, now| before <= now),
            compare(before.failed, self.failed, "FailedCount", |before, now| before <= now),
        ])
    }
}

/// SCH-70. Right signatures alone, and no codes that come and go.
#[derive(Default)]
struct Codes(Recent<(Option<String>, String)>);

impl Fold for Codes {
    fn step(&mut self, observation: &Observation<'_>) -> Outcome {
        let Observation::Answered(answer) = observation else { return Outcome::DoesNotApply };
        let (Some(asked), Some(code)) = (answer.asked, code(answer)) else { return Outcome::DoesNotApply };
        let passing = PASSING_CODES.iter().any(|passing| code.starts_with(passing));
        if passing || answer.source == AnswerSource::Scripted || !matches!(asked.verdict, Verdict::Valid(_)) {
            return Outcome::DoesNotApply;
        }
        let (call, lang) = without_lang(asked.call);
        match self.0.replace(call, (lang.clone(), code.to_owned())) {
            Some((lang_before, before)) if lang_before != lang => {
                Outcome::of(before == code, format_args!("{before:?}"), format_args!("{code:?}")).at("Code")
            }
            _ => Outcome::DoesNotApply,
        }
    }
}

/// The lane of a test key, else the whole key id: clients in different lanes know nothing of each other.
fn lane(request: &Request) -> Option<String> {
    let key_id = System::of(request).key_id()?;
    match TestKeyId::parse(&key_id) {
        Some(test) => test.lane.map(str::to_owned),
        None => Some(key_id.into_owned()),
    }
}

fn signature(request: &Request) -> Vec<u8> {
    let signature = request.value("Signature").or_else(|| request.headers().get("Authorization"));
    signature.unwrap_or_default().to_vec()
}

fn host(request: &Request) -> Option<String> {
    request.headers().text("Host").map(str::to_ascii_lowercase)
}

/// The host, with its port, that a redirect leads to; none where it stays on its own.
fn redirect_host(response: &Response) -> Option<String> {
    if !(300..400).contains(&response.status) {
        return None;
    }
    let (_, rest) = response.headers.text("Location")?.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.to_ascii_lowercase())
}

fn carried_credential(request: &Request) -> Option<&'static str> {
    let parameter = CREDENTIALS.iter().copied().find(|name| request.value(name).is_some());
    parameter.or_else(|| CREDENTIAL_HEADERS.iter().copied().find(|name| request.headers().get(name).is_some()))
}

/// An answer about a task that is done, the call that it answers, and the task.
fn final_answer<'a>(observation: &Observation<'a>) -> Option<(Answer<'a>, &'a Call, Option<i128>)> {
    let Observation::Answered(answer) = observation else { return None };
    let is_final = matches!(state(answer)?, State::Completed | State::Failed);
    is_final.then_some((*answer, answer.asked?.call, answer.integer("TaskId")))
}

fn without_lang(call: &Call) -> (Call, Option<String>) {
    let lang = call.value("Lang").map(str::to_owned);
    let mut rest = call.clone();
    rest.parameters.retain(|(name, _)| name != "Lang");
    (rest, lang)
}

/// The declared fields that tell something, without those named.
fn told_fields(answer: Answer<'_>, left_out: &[&str]) -> Fields {
    let names = answer.operation.fields.iter().map(|field| field.name.as_str());
    let names = names.filter(|name| !left_out.contains(name));
    names.filter_map(|name| Some((name, answer.value(name).filter(|value| !is_nothing(value))?.clone()))).collect()
}

fn same_fields(before: &Fields, now: &Fields) -> Outcome {
    let names = before.iter().chain(now.iter()).map(|(name, _)| name);
    Outcome::all(names.map(|name| {
        let (before, now) = (before.get(name), now.get(name));
        Outcome::of(before == now, Shown(before), Shown(now)).at(name)
    }))
}

fn compare(before: Option<i128>, now: Option<i128>, name: &str, may_follow: fn(i128, i128) -> bool) -> Outcome {
    let (Some(before), Some(now)) = (before, now) else { return Outcome::DoesNotApply };

    Outcome::of(may_follow(before, now), "a count that can follow", format_args!("{now} after {before}")).at(name)
}

/// Refusals that say nothing about the call.
const PASSING_CODES: &[&str] =
    &["InternalError", "InvalidTimeStamp", "ServiceUnavailable", "SignatureNonceUsed", "Throttling"];

const CREDENTIALS: &[&str] = &["AccessKeyId", "SecurityToken", "Signature"];

const CREDENTIAL_HEADERS: &[&str] = &["Authorization", "x-acs-accesskey-id", "x-acs-security-token"];

const MOST_HOSTS: usize = 16;

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, request};

    let json = |parameters: &[(&str, &str)], status: u16, body: &str| {
        Scene::answered_to(request(parameters), status, "application/json", body)
    };
    let asked = |parameters: &[(&str, &str)]| Scene::asked(request(parameters));
    let run = |id, holds: [Scene; 2], breaks: [Scene; 2]| {
        Example::new(id, Scene::Run(holds.into()), Scene::Run(breaks.into()))
    };
    let to_host = |host: &str| {
        let request = request(&[]);
        let mut headers = request.headers().clone();
        headers.set("Host", host.as_bytes());
        request.with_headers(headers)
    };
    let redirected = || {
        let mut scene = Scene::answered_to(to_host("a.test"), 302, "text/html", "");
        if let Scene::Answered { response, .. } = &mut scene {
            response.headers.push("Location", "http://b.test:81/?a");
        }
        scene
    };
    let bare = || {
        let mut headers = crate::wire::Headers::new();
        headers.push("Host", "b.test:81");
        Request::compose("GET", Vec::new(), headers)
    };
    let refusal = |code: &str| format!("{{\"Code\":\"{code}\",\"RequestId\":\"7\"}}");
    let xml = |status: &str| {
        let body = format!(
            "<DescribeBatchResultCountResponse><RequestId>7</RequestId><Status>{status}</Status><TaskId>7</TaskId></DescribeBatchResultCountResponse>"
        );
        Scene::answered_to(request(&[]), 200, "text/xml", &body)
    };
    let throttled = || json(&[], 400, &refusal("Throttling"));
    vec![
        run("SIG-27", [asked(&[]), asked(&[("SignatureNonce", "n2")])], [asked(&[]), asked(&[("TaskId", "1")])]),
        Example::new(
            "SIG-28",
            Scene::Run(vec![asked(&[]), throttled(), asked(&[("SignatureNonce", "n2")])]),
            Scene::Run(vec![asked(&[]), throttled(), asked(&[("Timestamp", "2026-11-24T00:00:01Z")])]),
        ),
        run("SIG-51", [redirected(), Scene::asked(bare())], [redirected(), Scene::asked(to_host("b.test:81"))]),
        run(
            "SCH-22",
            [json(&[], 200, r#"{"RequestId":"7"}"#), json(&[], 400, r#"{"Code":"C","RequestId":"8"}"#)],
            [json(&[], 200, r#"{"RequestId":"7"}"#), json(&[], 400, r#"{"Code":"C","RequestId":"7"}"#)],
        ),
        run(
            "SCH-44",
            [
                json(&[("Lang", "en")], 200, r#"{"Status":2,"TaskId":7,"Reason":"a"}"#),
                json(&[("Lang", "zh")], 200, r#"{"Status":2,"TaskId":7,"Reason":"b"}"#),
            ],
            [
                json(&[("Lang", "en")], 200, r#"{"Status":2,"TaskId":7,"FailedCount":1}"#),
                json(&[], 200, r#"{"Status":2,"TaskId":7,"FailedCount":2}"#),
            ],
        ),
        run(
            "SCH-45",
            [json(&[], 200, r#"{"Status":"1","TaskId":7,"Reason":null,"RequestId":"8"}"#), xml("1")],
            [json(&[], 200, r#"{"Status":1,"TaskId":7}"#), xml("2")],
        ),
        run(
            "SCH-48",
            [
                json(&[], 200, r#"{"Status":0,"TaskId":7,"TotalCount":4,"SuccessCount":1}"#),
                json(&[], 200, r#"{"Status":1,"TaskId":7,"TotalCount":4,"SuccessCount":4}"#),
            ],
            [json(&[], 200, r#"{"Status":1,"TaskId":7}"#), json(&[("TaskId", "7")], 200, r#"{"Status":0,"TaskId":7}"#)],
        ),
        run(
            "SCH-70",
            [json(&[("Lang", "en")], 400, &refusal("A")), json(&[("Lang", "zh")], 400, &refusal("A"))],
            [json(&[("Lang", "en")], 400, &refusal("A")), json(&[("Lang", "zh")], 400, &refusal("B"))],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::check::Breach;
    use super::super::example::{Scene, request, with_value};
    use super::super::registry::check;
    use super::*;

    fn outcome(id: &str, scenes: Vec<Scene>) -> Outcome {
        Scene::Run(scenes).judge(check(id).expect("a rule"))
    }

    fn answered(parameters: &[(&str, &str)], body: &str) -> Scene {
        Scene::answered_to(request(parameters), 200, "application/json", body)
    }

    fn asked_as(key_id: &str) -> Scene {
        Scene::asked(request(&[("AccessKeyId", key_id)]))
    }

    /// The signer writes the key's own id, so that another id stands in afterwards.
    fn asked_in(key_id: &str) -> Scene {
        Scene::asked(with_value(request(&[]), "AccessKeyId", key_id))
    }

    #[test]
    fn lanes_have_nonces_of_their_own_and_scenarios_have_not() {
        let lanes = outcome("SIG-27", vec![asked_in("testid.a"), asked_in("testid.b"), asked_in("testid")]);
        let scenarios = outcome("SIG-27", vec![asked_in("testid-one"), asked_in("testid-two")]);

        assert_eq!(lanes, Outcome::Holds);
        assert_eq!(
            scenarios,
            Outcome::Broken(
                Breach::new("a nonce that was not used before", "\"5def276445f565a51014b6f36ba17404\" again")
                    .at("SignatureNonce")
            )
        );
    }

    #[test]
    fn a_request_without_a_nonce_repeats_none() {
        let bare = || Scene::asked(Request::compose("GET", Vec::new(), crate::wire::Headers::new()));

        assert_eq!(outcome("SIG-27", vec![bare(), bare()]), Outcome::DoesNotApply);
        assert_eq!(outcome("SIG-28", vec![bare(), bare()]), Outcome::DoesNotApply);
    }

    #[test]
    fn the_same_call_after_a_success_is_a_poll_and_no_retry() {
        let polls = vec![asked_as("testid"), answered(&[], r#"{"Status":0}"#), asked_as("testid")];
        let unanswered = vec![asked_as("testid"), asked_as("testid")];

        assert_eq!(outcome("SIG-28", polls), Outcome::DoesNotApply);
        assert!(matches!(outcome("SIG-28", unanswered), Outcome::Broken(_)));
    }

    #[test]
    fn a_retry_with_a_new_nonce_must_be_signed_anew() {
        let copied = with_value(request(&[]), "SignatureNonce", "n2");

        assert!(matches!(outcome("SIG-28", vec![asked_as("testid"), Scene::asked(copied)]), Outcome::Broken(_)));
    }

    #[test]
    fn a_redirect_to_the_same_host_leads_nowhere_else() {
        let response = |location: &str| Response {
            status: 307,
            headers: [("Location", location)].into_iter().collect(),
            body: Vec::new(),
        };

        assert_eq!(redirect_host(&response("/elsewhere")), None);
        assert_eq!(redirect_host(&response("https://u:p@B.test?x//y")).as_deref(), Some("b.test"));
        assert_eq!(redirect_host(&response("//b.test")).as_deref(), Some("b.test"));
        assert_eq!(redirect_host(&Response { status: 503, ..response("//b.test") }), None);
    }

    #[test]
    fn only_the_live_service_must_not_repeat_an_id() {
        let stored = || match answered(&[], r#"{"RequestId":"7"}"#) {
            Scene::Answered { request, response, .. } => {
                Scene::Answered { request, response, source: AnswerSource::Stored }
            }
            other => other,
        };

        assert_eq!(outcome("SCH-22", vec![stored(), stored()]), Outcome::DoesNotApply);
    }

    #[test]
    fn a_task_under_way_may_differ_between_two_questions() {
        let en = answered(&[("Lang", "en")], r#"{"Status":0,"TaskId":7,"SuccessCount":1}"#);
        let zh = answered(&[("Lang", "zh")], r#"{"Status":0,"TaskId":7,"SuccessCount":2}"#);

        assert_eq!(outcome("SCH-44", vec![en, zh]), Outcome::DoesNotApply);
    }

    #[test]
    fn answers_about_two_tasks_or_to_two_calls_are_not_compared() {
        let tasks = vec![
            answered(&[("Lang", "en")], r#"{"Status":1,"TaskId":7,"TotalCount":1}"#),
            answered(&[("Lang", "zh")], r#"{"Status":1,"TaskId":8,"TotalCount":2}"#),
        ];
        let calls = vec![
            answered(&[("Lang", "en"), ("BatchType", "RR_ADD")], r#"{"Status":1,"TaskId":7,"TotalCount":1}"#),
            answered(&[("Lang", "zh")], r#"{"Status":1,"TaskId":7,"TotalCount":2}"#),
        ];

        assert_eq!(outcome("SCH-44", tasks), Outcome::DoesNotApply);
        assert_eq!(outcome("SCH-44", calls), Outcome::DoesNotApply);
    }

    #[test]
    fn each_way_in_which_a_poll_can_go_back_is_told_by_its_field() {
        let first = r#"{"Status":0,"TaskId":7,"TotalCount":4,"SuccessCount":2,"FailedCount":1}"#;

        for (field, second) in [
            ("Status", first.replace("\"Status\":0", "\"Status\":-1")),
            ("TotalCount", first.replace("\"TotalCount\":4", "\"TotalCount\":5")),
            ("SuccessCount", first.replace("\"SuccessCount\":2", "\"SuccessCount\":1")),
            ("FailedCount", first.replace("\"FailedCount\":1", "\"FailedCount\":0")),
        ] {
            let scenes = vec![answered(&[("TaskId", "7")], first), answered(&[("TaskId", "7")], &second)];

            let Outcome::Broken(breach) = outcome("SCH-48", scenes) else { panic!("{second} is no breach") };

            assert_eq!(breach.place.as_deref(), Some(field));
        }
    }

    #[test]
    fn a_task_may_come_into_being_between_two_polls() {
        let scenes = vec![
            answered(&[("TaskId", "7")], r#"{"Status":-1}"#),
            answered(&[("TaskId", "7")], r#"{"Status":0,"TaskId":7}"#),
            answered(&[("TaskId", "7")], r#"{"Status":2,"TaskId":7}"#),
        ];

        assert_eq!(outcome("SCH-48", scenes), Outcome::Holds);
    }

    #[test]
    fn codes_that_come_and_go_are_not_compared() {
        let refused = |lang: &str, code: &str| {
            let body = format!("{{\"Code\":\"{code}\"}}");
            Scene::answered_to(request(&[("Lang", lang)]), 400, "application/json", &body)
        };

        assert_eq!(
            outcome("SCH-70", vec![refused("en", "Throttling.User"), refused("zh", "A")]),
            Outcome::DoesNotApply
        );
    }

    #[test]
    fn a_redirect_of_a_host_to_itself_is_not_held_against_the_client() {
        let at_host = || {
            let request = request(&[]);
            let mut headers = request.headers().clone();
            headers.set("Host", "A.test");
            request.with_headers(headers)
        };
        let mut redirected = Scene::answered_to(at_host(), 302, "text/html", "");
        if let Scene::Answered { response, .. } = &mut redirected {
            response.headers.push("Location", "https://a.test/again");
        }

        assert_eq!(outcome("SIG-51", vec![redirected, Scene::asked(at_host())]), Outcome::DoesNotApply);
    }

    #[test]
    fn every_kind_of_credential_is_seen() {
        let headers = |name: &str| Request::compose("GET", Vec::new(), [(name, "a")].into_iter().collect());
        let parameter = crate::wire::Parameter::query("SecurityToken", "a");
        let parameters = Request::compose("GET", vec![parameter], crate::wire::Headers::new());

        assert_eq!(carried_credential(&headers("authorization")), Some("Authorization"));
        assert_eq!(carried_credential(&parameters), Some("SecurityToken"));
        assert_eq!(carried_credential(&headers("Accept")), None);
    }

    #[test]
    fn codes_are_compared_where_the_signature_is_right_and_the_answer_real() {
        let body = |code: &str| format!("{{\"Code\":\"{code}\"}}");
        let scripted = |lang: &str, code: &str| match Scene::answered_to(
            request(&[("Lang", lang)]),
            400,
            "application/json",
            &body(code),
        ) {
            Scene::Answered { request, response, .. } => {
                Scene::Answered { request, response, source: AnswerSource::Scripted }
            }
            other => other,
        };
        let unsigned = |lang: &str, code: &str| {
            let request = with_value(request(&[("Lang", lang)]), "Signature", "A");
            Scene::answered_to(request, 400, "application/json", &body(code))
        };

        assert_eq!(outcome("SCH-70", vec![scripted("en", "A"), scripted("zh", "B")]), Outcome::DoesNotApply);
        assert_eq!(outcome("SCH-70", vec![unsigned("en", "A"), unsigned("zh", "B")]), Outcome::DoesNotApply);
    }
}
