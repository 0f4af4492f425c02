//! What a request asks, held against the operation and against what the client was asked to do.

use super::check::{Check, Judge, Outcome, info, must, should};
use super::observation::Asking;
use crate::contract::{Call, Operation, Reading};
use crate::gateway::{Format, System};
use crate::wire::{Document, Place, Request, Spelling, Syntax};

pub(super) const CHECKS: &[Check] = &[
    must("SCH-01", "action and version are spelled as the operation's are", Judge::Request(action_is_spelled_rightly)),
    must("SCH-02", "the method is GET or POST", Judge::Request(method_is_taken)),
    must(
        "SCH-04",
        "an option that is not set is left out, not sent as a word for nothing",
        Judge::Request(unset_is_left_out),
    ),
    must("SCH-05", "TaskId is what the call said, digit by digit", Judge::Request(task_id_is_exact)),
    should(
        "SCH-07",
        "BatchType is passed on unchanged, a value that the client does not know too",
        Judge::Request(batch_type_is_passed_on),
    ),
    should(
        "SCH-08",
        "Lang is passed on unchanged, and zh at the most where it is not set",
        Judge::Request(lang_is_passed_on),
    ),
    must("SCH-09", "a client that reads JSON alone asks for it", Judge::Request(format_can_be_read)),
    info("SCH-10", "the request has no parameter that its action does not know", Judge::Request(nothing_extra)),
    should("SIG-36", "a space in the query is sent as %20", Judge::Request(space_is_percent_encoded)),
    should("SIG-37", "!*'() in the query are percent-encoded", Judge::Request(marks_are_percent_encoded)),
];

fn action_is_spelled_rightly(asking: &Asking<'_>) -> Outcome {
    let system = System::of(asking.request);
    let (Some(action), Some(version)) = (system.action(), system.version()) else { return Outcome::DoesNotApply };
    let operation = Operation::all().iter().find(|known| known.action.eq_ignore_ascii_case(&action));
    let Some(Operation { action: known, version: known_version, .. }) = operation else {
        return Outcome::DoesNotApply;
    };

    Outcome::all([
        Outcome::of(*known == action, known, &action).at("Action"),
        Outcome::of(*known_version == version, known_version, &version).at("Version"),
    ])
}

fn method_is_taken(asking: &Asking<'_>) -> Outcome {
    let refused = asking.refusals.iter().any(|refusal| refusal.code == "UnsupportedHTTPMethod");
    Outcome::of(!refused, "GET or POST", asking.request.method())
}

fn unset_is_left_out(asking: &Asking<'_>) -> Outcome {
    let Some(operation) = operation(asking.request) else { return Outcome::DoesNotApply };

    let declared = operation.parameters.iter().map(|parameter| parameter.name.as_str());
    Outcome::all(declared.map(|name| {
        let Some(value) = asking.request.text(name) else { return Outcome::DoesNotApply };
        let said = asking.call.is_some_and(|call| call.value(name) == Some(value.as_str()));
        Outcome::of(said || !WORDS_FOR_NOTHING.contains(&value.as_str()), "nothing", &value).at(name)
    }))
}

/// Without a call there is no telling what it said, only that it was no floating-point number.
fn task_id_is_exact(asking: &Asking<'_>) -> Outcome {
    if operation(asking.request).is_none() {
        return Outcome::DoesNotApply;
    }
    let sent = asking.request.text("TaskId");
    let outcome = match (asking.call.and_then(|call| call.value("TaskId")), &sent) {
        (Some(said), _) if !is_plain_integer(said) => return Outcome::DoesNotApply,
        (Some(said), sent) => Outcome::of(sent.as_deref() == Some(said), said, shown(sent.as_deref())),
        (None, Some(sent)) => {
            let float = sent.contains(['.', 'e', 'E']) && sent.parse::<f64>().is_ok();
            Outcome::of(!float, "a whole number in decimal digits", sent)
        }
        (None, None) => return Outcome::DoesNotApply,
    };
    outcome.at("TaskId")
}

fn is_plain_integer(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
}

fn batch_type_is_passed_on(asking: &Asking<'_>) -> Outcome {
    let said = said(asking, "BatchType").filter(|said| !said.is_empty());
    said.map_or(Outcome::DoesNotApply, |said| is_passed_on(asking, "BatchType", said))
}

fn lang_is_passed_on(asking: &Asking<'_>) -> Outcome {
    match (said(asking, "Lang"), asking.request.text("Lang")) {
        (Some(said), _) if !said.is_empty() => is_passed_on(asking, "Lang", said),
        (None, Some(sent)) if asking.call.is_some() => Outcome::of(sent == "zh", "nothing", sent).at("Lang"),
        _ => Outcome::DoesNotApply,
    }
}

fn said<'a>(asking: &Asking<'a>, name: &str) -> Option<&'a str> {
    asking.call.and_then(|call| call.value(name))
}

fn is_passed_on(asking: &Asking<'_>, name: &str, said: &str) -> Outcome {
    let sent = asking.request.text(name);
    Outcome::of(sent.as_deref() == Some(said), format_args!("{said:?}"), shown(sent.as_deref())).at(name)
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:?}"))
}

fn format_can_be_read(asking: &Asking<'_>) -> Outcome {
    let Some((response, reading)) = asking.outcome else { return Outcome::DoesNotApply };
    if System::of(asking.request).format() != Some(Format::Xml) {
        return Outcome::Holds;
    }
    let is_xml = Document::parse(&response.body).is_ok_and(|document| document.syntax != Syntax::Json);
    match reading {
        _ if !is_xml => Outcome::DoesNotApply,
        Reading::Unreadable { .. } => Outcome::broken("JSON", "XML, which the client cannot read").at("Format"),
        _ => Outcome::Holds,
    }
}

fn nothing_extra(asking: &Asking<'_>) -> Outcome {
    let Some(operation) = operation(asking.request) else { return Outcome::DoesNotApply };

    let asked = Call::made_by(asking.request);
    let asked = asked.parameters.iter().map(|(name, _)| name.as_str());
    let unknown = asked.filter(|name| operation.parameter(name).is_none());
    let ignored = EXTRA.iter().copied().filter(|name| asking.request.value(name).is_some());
    let extra: Vec<&str> = unknown.chain(ignored).collect();
    Outcome::of(extra.is_empty(), "none", extra.join(", "))
}

/// Of the query alone: in a form `+` is what its media type prescribes.
fn space_is_percent_encoded(asking: &Asking<'_>) -> Outcome {
    spelling(asking.request, "%20", |byte| byte == b'+', |value| value.contains(&b' '))
}

fn marks_are_percent_encoded(asking: &Asking<'_>) -> Outcome {
    spelling(asking.request, "%XX", is_mark, |value| value.iter().copied().any(is_mark))
}

fn is_mark(byte: u8) -> bool {
    b"!*'()".contains(&byte)
}

/// Applies where the query was received as it was sent, and some name or value in it `has` what is to be encoded.
fn spelling(request: &Request, expected: &str, is_raw: fn(u8) -> bool, has: fn(&[u8]) -> bool) -> Outcome {
    let raw = request.raw();
    if raw.spelling != Spelling::AsSent {
        return Outcome::DoesNotApply;
    }
    let query = raw.target.splitn(2, |&byte| byte == b'?').nth(1).unwrap_or_default();
    let mut pieces = query.split(|&byte| byte == b'&').filter(|piece| !piece.starts_with(b"Signature="));
    if let Some(piece) = pieces.find(|piece| piece.iter().copied().any(is_raw)) {
        return Outcome::broken(expected, String::from_utf8_lossy(piece)).at("the query");
    }
    let mut in_query = request.parameters().iter().filter(|one| one.place == Place::Query && !one.is("Signature"));
    if in_query.any(|parameter| has(&parameter.name) || has(&parameter.value)) {
        Outcome::Holds
    } else {
        Outcome::DoesNotApply
    }
}

fn operation(request: &Request) -> Option<&'static Operation> {
    let system = System::of(request);
    Operation::named(&system.action()?, &system.version()?)
}

/// What older official clients add to every call.
const EXTRA: &[&str] = &["RegionId", "SignatureType", "UserClientIp"];
const WORDS_FOR_NOTHING: &[&str] = &["undefined", "null", "None", "nil", "NaN"];

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, as_sent, request};
    use crate::signing::Key;
    use crate::wire::{Headers, Response};

    let asked = |parameters: &[(&str, &str)]| Scene::asked(request(parameters));
    let called = |said: &[(&str, &str)], sent: &[(&str, &str)]| {
        let call = Call::new("DescribeBatchResultCount", "2015-01-09");
        let call = said.iter().fold(call, |call, (name, value)| call.with(*name, *value));
        Scene::Asked { request: request(sent), key: Key::test(), call: Some(call), outcome: None }
    };
    let answered_in_xml = |format: &str| {
        let body = b"<DescribeBatchResultCountResponse><Status>0</Status></DescribeBatchResultCountResponse>";
        let response = Response { status: 200, headers: Headers::new(), body: body.to_vec() };
        let reading = Reading::Unreadable { status: Some(200), why: "not JSON".into() };
        let request = request(&[("Format", format)]);
        Scene::Asked { request, key: Key::test(), call: None, outcome: Some(Box::new((response, reading))) }
    };
    let with_method = |method: &str| {
        let parameters = request(&[]).parameters().to_vec();
        Scene::asked(Request::compose(method, parameters, Headers::new()))
    };
    let spelled = |target: &str| Scene::asked(as_sent(&request(&[]), target));
    let task = [("TaskId", "9007199254740993")];
    let batch_type = [("BatchType", "rr_add")];
    vec![
        Example::new("SCH-01", asked(&[]), asked(&[("Version", "2014-01-01")])),
        Example::new("SCH-02", with_method("POST"), with_method("HEAD")),
        Example::new("SCH-04", asked(&[("Lang", "")]), asked(&[("Lang", "null")])),
        Example::new("SCH-05", called(&task, &task), called(&task, &[("TaskId", "9007199254740992")])),
        Example::new("SCH-07", called(&batch_type, &batch_type), called(&batch_type, &[])),
        Example::new("SCH-08", called(&[("Lang", "ja")], &[("Lang", "ja")]), called(&[], &[("Lang", "en")])),
        Example::new("SCH-09", answered_in_xml("JSON"), answered_in_xml("XML")),
        Example::new("SCH-10", asked(&[("TaskId", "1")]), asked(&[("RegionId", "cn-hangzhou")])),
        Example::new("SIG-36", spelled("/?a%20b=c%2B&Signature=a+b"), spelled("/?a=b+c")),
        Example::new("SIG-37", spelled("/?a=%27b%2A"), spelled("/?a='b")),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::example::{Scene, as_sent, request};
    use super::super::registry::check;
    use super::*;
    use crate::signing::Key;
    use crate::wire::{Headers, Parameter, Response};

    fn outcome(id: &str, scene: &Scene) -> Outcome {
        scene.judge(check(id).expect("a rule"))
    }

    fn asked(id: &str, parameters: &[(&str, &str)]) -> Outcome {
        outcome(id, &Scene::asked(request(parameters)))
    }

    fn called(id: &str, said: &[(&str, &str)], sent: &[(&str, &str)]) -> Outcome {
        let call = Call::new("DescribeBatchResultCount", "2015-01-09");
        let call = said.iter().fold(call, |call, (name, value)| call.with(*name, *value));
        outcome(id, &Scene::Asked { request: request(sent), key: Key::test(), call: Some(call), outcome: None })
    }

    #[test]
    fn an_action_of_another_name_is_no_business_of_the_operation() {
        let other = [("Action", "DescribeDomainRecords"), ("Lang", "null"), ("TaskId", "1.5"), ("RR", "www")];

        for id in ["SCH-01", "SCH-04", "SCH-05", "SCH-10"] {
            assert_eq!(asked(id, &other), Outcome::DoesNotApply, "{id}");
        }
    }

    #[test]
    fn an_action_in_another_case_is_a_mistake() {
        let expected = Outcome::broken("DescribeBatchResultCount", "describeBatchResultCount").at("Action");

        assert_eq!(asked("SCH-01", &[("Action", "describeBatchResultCount")]), expected);
    }

    #[test]
    fn a_word_for_nothing_that_was_asked_for_is_sent() {
        assert_eq!(called("SCH-04", &[("Lang", "null")], &[("Lang", "null")]), Outcome::Holds);
        assert!(matches!(called("SCH-04", &[], &[("TaskId", "undefined")]), Outcome::Broken(_)));
        assert_eq!(asked("SCH-04", &[]), Outcome::DoesNotApply);
    }

    #[test]
    fn a_task_id_is_compared_where_the_call_said_a_plain_number() {
        let broken = Outcome::broken("9007199254740993", "nothing").at("TaskId");

        assert_eq!(called("SCH-05", &[("TaskId", "9007199254740993")], &[]), broken);
        for said in ["", "abc", "01", "1.0", "9223372036854775808"] {
            assert_eq!(called("SCH-05", &[("TaskId", said)], &[]), Outcome::DoesNotApply, "{said}");
        }
    }

    #[test]
    fn without_a_call_a_task_id_is_only_known_not_to_be_a_float() {
        for float in ["9.007199254740992e+15", "1.0", "1E5"] {
            assert!(matches!(asked("SCH-05", &[("TaskId", float)]), Outcome::Broken(_)), "{float}");
        }
        for text in ["9223372036854775807", "-1", "abc", "e.g.", ""] {
            assert_eq!(asked("SCH-05", &[("TaskId", text)]), Outcome::Holds, "{text}");
        }
    }

    #[test]
    fn what_was_not_set_is_not_passed_on_and_needs_no_passing() {
        assert_eq!(called("SCH-07", &[("BatchType", "")], &[]), Outcome::DoesNotApply);
        assert_eq!(called("SCH-08", &[("Lang", "")], &[]), Outcome::DoesNotApply);
        assert_eq!(called("SCH-08", &[], &[("Lang", "zh")]), Outcome::Holds);
        assert_eq!(asked("SCH-08", &[("Lang", "en")]), Outcome::DoesNotApply);
    }

    #[test]
    fn a_client_that_got_json_after_all_has_shown_nothing_about_its_format() {
        let response = Response { status: 200, headers: Headers::new(), body: b"{}".to_vec() };
        let reading = Reading::Unreadable { status: Some(200), why: "no field".into() };
        let outcome_of = Some(Box::new((response, reading)));
        let scene = Scene::Asked { request: request(&[]), key: Key::test(), call: None, outcome: outcome_of };

        assert_eq!(outcome("SCH-09", &scene), Outcome::DoesNotApply);
    }

    #[test]
    fn every_parameter_that_the_action_does_not_know_is_named() {
        let extra = [("SignatureType", ""), ("Foo", "1"), ("Lang", "en"), ("UserClientIp", "1.1.1.1")];

        assert_eq!(asked("SCH-10", &extra), Outcome::broken("none", "Foo, SignatureType, UserClientIp"));
    }

    #[test]
    fn spelling_is_judged_in_the_query_and_where_it_is_as_sent_alone() {
        let form = {
            let parameters = vec![Parameter::form("a", "b c'")];
            let composed = Request::compose("POST", parameters, Headers::new());
            as_sent(&composed, "/")
        };
        let rebuilt = request(&[("a", "b c'")]);

        for id in ["SIG-36", "SIG-37"] {
            assert_eq!(outcome(id, &Scene::asked(form.clone())), Outcome::DoesNotApply, "{id}");
            assert_eq!(outcome(id, &Scene::asked(rebuilt.clone())), Outcome::DoesNotApply, "{id}");
        }
        let raw_name = Outcome::broken("%XX", "a(=1").at("the query");
        assert_eq!(outcome("SIG-37", &Scene::asked(as_sent(&rebuilt, "/?b=1&a(=1"))), raw_name);
    }
}
