//! What the service answers where it refuses.

use super::check::{Check, Judge, Outcome, must, should};
use super::observation::Answer;
use crate::contract::{Leniency, Reading};
use crate::gateway::System;
use crate::signing::{Scheme, Verdict};
use crate::wire::{Document, Node, Request};

pub(super) const CHECKS: &[Check] = &[
    must("SCH-60", "a refusal has Code, Message, RequestId and HostId", Judge::Answer(refusal_is_whole)),
    should("SCH-61", "a Code is alphanumeric words joined by dots", Judge::Answer(code_is_words)),
    must(
        "SCH-67",
        "a missing parameter of the signature is refused with a code of the Missing class that names it",
        Judge::Answer(missing_is_named),
    ),
    must(
        "SCH-68",
        "a wrong signature is refused with 400 SignatureDoesNotMatch and what the service signed",
        Judge::Answer(wrong_signature_is_explained),
    ),
];

fn refusal_is_whole(answer: &Answer<'_>) -> Outcome {
    if answer.response.status < 400 {
        return Outcome::DoesNotApply;
    }
    if let Reading::Unreadable { why, .. } = &answer.decoded.reading {
        return Outcome::broken("Code, Message, RequestId and HostId", why);
    }
    let lacks = |name: &&str| {
        let mut of_it = answer.decoded.leniencies.iter().filter(|(field, _)| field == name);
        of_it.any(|(_, leniency)| matches!(leniency, Leniency::Absent | Leniency::Null | Leniency::OtherType))
    };
    match WHOLE.iter().copied().find(lacks) {
        Some(name) => Outcome::broken(format_args!("a {name}"), "none").at(name),
        None => Outcome::Holds,
    }
}

fn code_is_words(answer: &Answer<'_>) -> Outcome {
    let Some(code) = code(answer) else { return Outcome::DoesNotApply };

    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Outcome::of(code.split('.').all(is_word), "words of letters and digits", format_args!("{code:?}")).at("Code")
}

/// Refusals of another status are about something that the service looks at before.
fn missing_is_named(answer: &Answer<'_>) -> Outcome {
    let (Some(asked), Reading::Refused { status: Some(400), code: Some(code), message, .. }) =
        (answer.asked, &answer.decoded.reading)
    else {
        return Outcome::DoesNotApply;
    };
    let missing = missing_parameters(asked.request);
    if missing.is_empty() {
        return Outcome::DoesNotApply;
    }
    let message = message.as_deref().unwrap_or_default();
    let named = missing.iter().any(|name| code.contains(name) || message.contains(name));
    let expected = format!("a code Missing.. that names {}", missing.join(" or "));
    let is_missing = code.starts_with("Missing") || code == OLDER_MISSING_TIMESTAMP;
    Outcome::of(is_missing && named, expected, format_args!("{code:?}")).at("Code")
}

/// Until 2018, when refusals had no Recommend either, the message ended before the string to sign.
fn wrong_signature_is_explained(answer: &Answer<'_>) -> Outcome {
    let Some(Verdict::Invalid { claim, .. }) = answer.asked.map(|asked| asked.verdict) else {
        return Outcome::DoesNotApply;
    };
    if answer.fields().is_some() {
        return Outcome::broken("400 SignatureDoesNotMatch", format_args!("{} with a result", answer.response.status));
    }
    let Reading::Refused { status: Some(status), code: Some(code), message, .. } = &answer.decoded.reading else {
        return Outcome::DoesNotApply;
    };
    if code != "SignatureDoesNotMatch" {
        return Outcome::DoesNotApply;
    }
    let shown = match claim.scheme {
        Scheme::Acs3(_) => "server StringToSign is",
        Scheme::HmacSha1 => "server string to sign is:",
    };
    let explains = message.as_deref().is_some_and(|message| message.contains(shown));
    Outcome::all([
        Outcome::of(*status == 400, 400, status).at("status"),
        Outcome::of(explains || !has_member(answer, "Recommend"), format_args!("\"{shown}\" ..."), "no such words")
            .at("Message"),
    ])
}

/// The code that a refusal tells.
pub(super) fn code<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    match &answer.decoded.reading {
        Reading::Refused { code, .. } => code.as_deref(),
        Reading::Answer(_) | Reading::Unreadable { .. } => None,
    }
}

/// Nothing where Action or Version is missing too: the service looks at them first.
fn missing_parameters(request: &Request) -> Vec<&'static str> {
    let system = System::of(request);
    if system.in_headers() || system.action().is_none() || system.version().is_none() {
        return Vec::new();
    }
    SIGNATURE_PARAMETERS.iter().copied().filter(|name| request.value(name).is_none()).collect()
}

fn has_member(answer: &Answer<'_>, name: &str) -> bool {
    let document = Document::parse(&answer.response.body).ok();
    document.is_some_and(|document| match document.root {
        Node::Object(members) => members.iter().any(|(known, _)| known == name),
        _ => false,
    })
}

/// What older gateways call it ([quoted](https://github.com/aliyun/aliyun-cli/issues/18), read 2026-11-24).
const OLDER_MISSING_TIMESTAMP: &str = "IllegalTimestamp";

const WHOLE: &[&str] = &["Code", "Message", "RequestId", "HostId"];

const SIGNATURE_PARAMETERS: &[&str] =
    &["AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Timestamp"];

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, request, with_value, without};

    let refused = |code: &str, message: &str| {
        format!(
            "{{\"Code\":\"{code}\",\"Message\":\"{message}\",\"RequestId\":\"7\",\"HostId\":\"h\",\"Recommend\":\"r\"}}"
        )
    };
    let answered = |request: Request, code: &str, message: &str| {
        Scene::answered_to(request, 400, "application/json", &refused(code, message))
    };
    let unsigned = || without(request(&[]), "Signature");
    let tampered = || with_value(request(&[("TaskId", "1")]), "TaskId", "2");
    vec![
        Example::new(
            "SCH-60",
            Scene::answered(400, &refused("Throttling", "m")),
            Scene::answered(400, r#"{"Code":"Throttling","Message":"m","RequestId":"7"}"#),
        ),
        Example::new(
            "SCH-61",
            Scene::answered(400, &refused("Throttling.User", "m")),
            Scene::answered(400, &refused("Throttling..User", "m")),
        ),
        Example::new(
            "SCH-67",
            answered(unsigned(), "MissingSignature", "Signature is mandatory for this action."),
            answered(unsigned(), "InvalidParameter", "Specified parameter is not valid."),
        ),
        Example::new(
            "SCH-68",
            answered(
                tampered(),
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation. server string to sign is:GET&%2F&a",
            ),
            answered(tampered(), "SignatureDoesNotMatch", "Specified signature is not matched with our calculation."),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::example::{Scene, acs3, request, with_value, without};
    use super::super::registry::check;
    use super::*;

    fn outcome(id: &str, scene: &Scene) -> Outcome {
        scene.judge(check(id).expect("a rule"))
    }

    #[test]
    fn a_page_is_no_whole_refusal() {
        assert!(matches!(outcome("SCH-60", &Scene::answered(503, "<html>")), Outcome::Broken(_)));
        assert_eq!(outcome("SCH-60", &Scene::answered(200, "<html>")), Outcome::DoesNotApply);
    }

    #[test]
    fn each_part_of_a_refusal_is_missed() {
        for part in WHOLE {
            let body = r#"{"Code":"C","Message":"m","RequestId":"7","HostId":"h"}"#.replace(part, "Other");

            let Outcome::Broken(breach) = outcome("SCH-60", &Scene::answered(400, &body)) else {
                panic!("{part} is not missed");
            };

            assert_eq!(breach.place.as_deref(), Some(*part));
        }
    }

    #[test]
    fn a_refusal_about_what_comes_before_the_signature_need_not_name_it() {
        let body = r#"{"Code":"InvalidVersion","Message":"m","RequestId":"7","HostId":"h"}"#;
        let bare = without(without(request(&[]), "Signature"), "Version");
        let unknown_key = without(request(&[("AccessKeyId", "nobody")]), "Signature");

        let no_version = outcome("SCH-67", &Scene::answered_to(bare, 400, "application/json", body));
        let not_found = outcome("SCH-67", &Scene::answered_to(unknown_key, 404, "application/json", body));

        assert_eq!((no_version, not_found), (Outcome::DoesNotApply, Outcome::DoesNotApply));
    }

    #[test]
    fn a_result_for_a_wrong_signature_is_a_breach_and_another_refusal_is_not() {
        let wrong = || with_value(request(&[]), "Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        let answered =
            |status: u16, body: &str| outcome("SCH-68", &Scene::answered_to(wrong(), status, "application/json", body));

        assert!(matches!(answered(200, r#"{"RequestId":"7","Status":1}"#), Outcome::Broken(_)));
        assert!(matches!(answered(403, r#"{"Code":"SignatureDoesNotMatch"}"#), Outcome::Broken(_)));
        assert_eq!(answered(400, r#"{"Code":"SignatureDoesNotMatch","Message":"2017"}"#), Outcome::Holds);
        assert_eq!(answered(400, r#"{"Code":"InvalidTimeStamp.Expired"}"#), Outcome::DoesNotApply);
    }

    #[test]
    fn a_redirect_is_no_refusal() {
        assert_eq!(outcome("SCH-60", &Scene::answered(302, "")), Outcome::DoesNotApply);
    }

    #[test]
    fn a_missing_parameter_takes_both_the_class_and_the_name() {
        let answered = |code: &str, message: &str| {
            let body = format!("{{\"Code\":\"{code}\",\"Message\":\"{message}\"}}");
            let request = without(request(&[]), "Timestamp");
            outcome("SCH-67", &Scene::answered_to(request, 400, "application/json", &body))
        };

        assert_eq!(answered("MissingTimestamp", ""), Outcome::Holds);
        assert_eq!(answered("MissingParameter", "the parameter Timestamp"), Outcome::Holds);
        assert_eq!(answered("IllegalTimestamp", ""), Outcome::Holds);
        assert!(matches!(answered("MissingSignatureNonce", ""), Outcome::Broken(_)));
        assert!(matches!(answered("InvalidParameter", "Timestamp"), Outcome::Broken(_)));
    }

    #[test]
    fn an_acs3_refusal_shows_its_own_string_to_sign() {
        let answered = |message: &str| {
            let wrong = acs3(|headers| headers.set("x-acs-date", "2026-11-24T00:00:01Z"));
            let body = format!("{{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"{message}\",\"Recommend\":\"r\"}}");
            outcome("SCH-68", &Scene::answered_to(wrong, 400, "application/json", &body))
        };

        assert_eq!(answered("server StringToSign is [a]"), Outcome::Holds);
        assert!(matches!(answered("server string to sign is:a"), Outcome::Broken(_)));
    }
}
