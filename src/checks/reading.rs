//! What a client makes of an answer.

use super::check::{Check, Judge, Outcome, must, should};
use super::comparison::{Shown, Start, Summary, Told, is_nothing, same, says, says_any};
use super::observation::Understood;
use crate::contract::{DeclaredField, Fields, Leniency, Reading, Value, decode, is_html};
use crate::wire::{Document, DocumentError, Node, Response};

pub(super) const CHECKS: &[Check] = &[
    must("SCH-24", "a documented Status is read, and one in quotes is read or refused", Judge::Reading(status_is_read)),
    must("SCH-25", "a Status that is not documented is kept as unknown", Judge::Reading(unknown_status_is_kept)),
    must("SCH-26", "fields beside RequestId and Status may be absent", Judge::Reading(absent_fields_are_accepted)),
    must("SCH-27", "an absent Status is an error or unknown", Judge::Reading(absent_status_is_not_invented)),
    must("SCH-28", "TaskId is read without loss", Judge::Reading(task_id_is_exact)),
    must("SCH-36", "an absent, null or empty Reason is accepted", Judge::Reading(no_reason_is_accepted)),
    must("SCH-41", "a BatchType that is not documented is tolerated", Judge::Reading(unknown_batch_type_is_tolerated)),
    must("SCH-42", "fields that are not known are tolerated", Judge::Reading(unknown_fields_are_tolerated)),
    must(
        "SCH-43",
        "each field has the value of the body in any order and layout, the last one where its name repeats",
        Judge::Reading(fields_agree),
    ),
    should(
        "SCH-62",
        "a client tells status, Code, Message and RequestId of a refusal",
        Judge::Reading(refusal_is_told),
    ),
    must(
        "SCH-63",
        "a body with a Code and no result is not a success, under 2xx neither",
        Judge::Reading(refusal_is_no_answer),
    ),
    should(
        "SCH-64",
        "an error whose body cannot be read keeps its status and does not dump the body",
        Judge::Reading(unreadable_error_keeps_status),
    ),
    must(
        "SCH-71",
        "an empty body, a cut or malformed one, HTML or a byte order mark is an error, never an empty success",
        Judge::Reading(unreadable_is_no_answer),
    ),
];

fn status_is_read(understood: &Understood<'_>) -> Outcome {
    let Some((field, status)) = status_of(understood) else { return Outcome::DoesNotApply };
    if field.value(&status.to_string()).is_none() || is_noted(understood, "Status", Leniency::Repeated) {
        return Outcome::DoesNotApply;
    }
    let Some(said) = understood.reading.fields() else {
        let may_refuse = is_noted(understood, "Status", Leniency::TextForInteger);
        return if may_refuse { Outcome::Holds } else { must_answer(understood, &["Status"]) };
    };
    let reads = said.get("Status").is_some_and(|value| says(value, status, field));
    Outcome::of(reads, status, Shown(said.get("Status"))).at("Status")
}

fn unknown_status_is_kept(understood: &Understood<'_>) -> Outcome {
    let Some((field, status)) = status_of(understood) else { return Outcome::DoesNotApply };
    if field.value(&status.to_string()).is_some() {
        return Outcome::DoesNotApply;
    }
    let Some(said) = understood.reading.fields() else { return must_answer(understood, &["Status"]) };
    let keeps = match said.get("Status") {
        None | Some(Value::Null) => true,
        Some(Value::Text(text)) => !says_any(&Value::Text(text.clone()), field),
        Some(value) => says(value, status, field),
    };
    Outcome::of(keeps, format_args!("{status}, or unknown"), Shown(said.get("Status"))).at("Status")
}

fn absent_fields_are_accepted(understood: &Understood<'_>) -> Outcome {
    let absent: Vec<&str> =
        optional_fields(understood).filter(|name| is_noted(understood, name, Leniency::Absent)).collect();
    if absent.is_empty() || status_of(understood).is_none() {
        return Outcome::DoesNotApply;
    }
    let Some(said) = understood.reading.fields() else { return must_answer(understood, &[]) };
    let invented = absent.iter().find_map(|name| Some((name, said.get(name).filter(|value| !is_nothing(value))?)));
    match invented {
        Some((name, value)) => Outcome::broken("nothing", value).at(name),
        None => Outcome::Holds,
    }
}

fn absent_status_is_not_invented(understood: &Understood<'_>) -> Outcome {
    let Some(field) = understood.operation.field("Status") else { return Outcome::DoesNotApply };
    let refused = matches!(understood.decoded.reading, Reading::Refused { .. });
    if refused
        || is_beyond_reading(understood.response)
        || !matches!(member(understood.response, "Status"), Member::Absent | Member::Null)
    {
        return Outcome::DoesNotApply;
    }
    let said = understood.reading.fields().and_then(|fields| fields.get("Status"));
    let invents = said.is_some_and(|value| says_any(value, field) || matches!(value, Value::Integer(_)));
    Outcome::of(!invents, "an error, or no Status", Shown(said)).at("Status")
}

fn task_id_is_exact(understood: &Understood<'_>) -> Outcome {
    let Some(Value::Integer(task_id)) = truth(understood).and_then(|truth| truth.get("TaskId")) else {
        return Outcome::DoesNotApply;
    };
    let Some(said) = understood.reading.fields() else {
        let odd = [Leniency::Repeated, Leniency::TextForInteger, Leniency::OutOfRange];
        let may_refuse = odd.iter().any(|odd| is_noted(understood, "TaskId", *odd));
        return if may_refuse { Outcome::Holds } else { must_answer(understood, &["TaskId"]) };
    };
    let exact = match said.get("TaskId") {
        None | Some(Value::Null) => *task_id == 0,
        Some(value) => same(&Value::Integer(*task_id), value),
    };
    Outcome::of(exact, task_id, Shown(said.get("TaskId"))).at("TaskId")
}

fn no_reason_is_accepted(understood: &Understood<'_>) -> Outcome {
    let Some(truth) = truth(understood) else { return Outcome::DoesNotApply };
    if truth.get("Reason").is_some_and(|value| !is_nothing(value)) {
        return Outcome::DoesNotApply;
    }
    let Some(said) = understood.reading.fields() else { return must_answer(understood, &["Reason"]) };
    Outcome::of(said.get("Reason").is_none_or(is_nothing), "no Reason", Shown(said.get("Reason"))).at("Reason")
}

fn unknown_batch_type_is_tolerated(understood: &Understood<'_>) -> Outcome {
    let batch_type = truth(understood).and_then(|truth| truth.get("BatchType"));
    let (Some(Value::Text(batch_type)), Some(field)) = (batch_type, understood.operation.field("BatchType")) else {
        return Outcome::DoesNotApply;
    };
    if batch_type.is_empty() || field.value(batch_type).is_some() {
        return Outcome::DoesNotApply;
    }
    let Some(said) = understood.reading.fields() else { return must_answer(understood, &["BatchType"]) };
    let mistaken = matches!(said.get("BatchType"), Some(Value::Text(text)) if field.value(text).is_some());
    let expected = format!("{batch_type:?}, or unknown");
    Outcome::of(!mistaken, expected, Shown(said.get("BatchType"))).at("BatchType")
}

fn unknown_fields_are_tolerated(understood: &Understood<'_>) -> Outcome {
    let noted = understood.decoded.leniencies.iter();
    let unknown = noted.filter(|(_, leniency)| matches!(leniency, Leniency::Unknown | Leniency::OtherCase));
    let unknown: Vec<&str> = unknown.map(|(name, _)| name.as_str()).collect();
    if unknown.is_empty() || truth(understood).is_none() {
        return Outcome::DoesNotApply;
    }
    if understood.reading.fields().is_none() { must_answer(understood, &unknown) } else { Outcome::Holds }
}

/// Status and TaskId have rules of their own, unless they repeat.
fn fields_agree(understood: &Understood<'_>) -> Outcome {
    let (Some(truth), Some(said)) = (truth(understood), understood.reading.fields()) else {
        return Outcome::DoesNotApply;
    };
    Outcome::all(understood.operation.fields.iter().map(|field| {
        let name = field.name.as_str();
        let judged_elsewhere = ["Status", "TaskId"].contains(&name) && !is_noted(understood, name, Leniency::Repeated);
        let (Some(ours), Some(theirs)) = (truth.get(name), said.get(name)) else { return Outcome::DoesNotApply };
        if judged_elsewhere || is_unclear(understood, field, ours) || *theirs == Value::Null {
            return Outcome::DoesNotApply;
        }
        Outcome::of(same(ours, theirs), ours, theirs).at(name)
    }))
}

fn refusal_is_told(understood: &Understood<'_>) -> Outcome {
    let Reading::Refused { status, code, message, request_id } = &understood.decoded.reading else {
        return Outcome::DoesNotApply;
    };
    let (told_status, told) = match understood.reading {
        Reading::Answer(_) => return Outcome::DoesNotApply,
        Reading::Refused { status, code, message, request_id } => {
            (*status, [code, message, request_id].map(Option::as_deref))
        }
        Reading::Unreadable { status, .. } => (*status, [None; 3]),
    };
    let parts = ["Code", "Message", "RequestId"].into_iter().zip([code, message, request_id]).zip(told);
    let parts = parts.filter_map(|((name, ours), theirs)| {
        let ours = ours.as_deref()?;
        Some(
            Outcome::of(
                theirs == Some(ours),
                format_args!("{ours:?}"),
                format_args!("{:?}", theirs.unwrap_or_default()),
            )
            .at(name),
        )
    });
    let status = Outcome::of(told_status == *status, Told(*status), Told(told_status)).at("status");
    Outcome::all(std::iter::once(status).chain(parts))
}

fn refusal_is_no_answer(understood: &Understood<'_>) -> Outcome {
    if !matches!(understood.decoded.reading, Reading::Refused { .. }) {
        return Outcome::DoesNotApply;
    }
    Outcome::of(understood.reading.fields().is_none(), "a refusal", Summary(understood.reading))
}

fn unreadable_error_keeps_status(understood: &Understood<'_>) -> Outcome {
    let status = understood.response.status;
    if status < 400 || !matches!(understood.decoded.reading, Reading::Unreadable { .. }) {
        return Outcome::DoesNotApply;
    }
    let (told, words) = match understood.reading {
        Reading::Answer(_) => return Outcome::broken("an error", Summary(understood.reading)),
        Reading::Refused { status, message, .. } => (*status, message.as_deref().unwrap_or_default()),
        Reading::Unreadable { status, why } => (*status, why.as_str()),
    };
    let body = String::from_utf8_lossy(&understood.response.body);
    let dumps = body.len() > DUMP_BYTES && words.contains(body.trim());
    Outcome::all([
        Outcome::of(told == Some(status), Told(Some(status)), Told(told)).at("status"),
        Outcome::of(!dumps, "an excerpt of the body at the most", format_args!("all {} bytes", body.len())),
    ])
}

fn unreadable_is_no_answer(understood: &Understood<'_>) -> Outcome {
    let Reading::Unreadable { why, .. } = &understood.decoded.reading else { return Outcome::DoesNotApply };
    if !is_beyond_reading(understood.response) {
        return Outcome::DoesNotApply;
    }
    match understood.reading {
        Reading::Answer(said) if !reads_past_mark(understood, said) => {
            Outcome::broken(format_args!("an error, for {}", Start(why)), Summary(understood.reading))
        }
        _ => Outcome::Holds,
    }
}

/// The fields of the answer as we read it.
fn truth<'a>(understood: &Understood<'a>) -> Option<&'a Fields> {
    understood.decoded.reading.fields()
}

fn status_of<'a>(understood: &Understood<'a>) -> Option<(&'a DeclaredField, i128)> {
    match truth(understood)?.get("Status")? {
        Value::Integer(status) => Some((understood.operation.field("Status")?, *status)),
        _ => None,
    }
}

fn is_noted(understood: &Understood<'_>, name: &str, leniency: Leniency) -> bool {
    understood.decoded.leniencies.iter().any(|(field, noted)| field == name && *noted == leniency)
}

/// The fields that an answer need not have.
fn optional_fields<'a>(understood: &Understood<'a>) -> impl Iterator<Item = &'a str> {
    understood.operation.fields.iter().filter(|field| !field.always).map(|field| field.name.as_str())
}

/// Broken where the client has no answer and nothing is odd about the body but `odd`; else another rule says so.
fn must_answer(understood: &Understood<'_>, odd: &[&str]) -> Outcome {
    let is_odd = |name: &str| odd.contains(&name);
    let noted = understood.decoded.leniencies.iter();
    let mut others = noted.filter(|(name, leniency)| {
        let usual = *leniency == Leniency::Absent && optional_fields(understood).any(|field| field == name);
        !usual && !is_odd(name)
    });
    if others.next().is_some()
        || understood.operation.fields.iter().any(|field| !is_odd(&field.name) && is_undocumented(understood, field))
    {
        return Outcome::DoesNotApply;
    }
    Outcome::broken("an answer", Summary(understood.reading))
}

fn is_undocumented(understood: &Understood<'_>, field: &DeclaredField) -> bool {
    let value = truth(understood).and_then(|truth| truth.get(&field.name));
    value.is_some_and(|value| !field.values.is_empty() && !is_nothing(value) && !says_any(value, field))
}

/// Whether there is no one right way to read a value.
fn is_unclear(understood: &Understood<'_>, field: &DeclaredField, ours: &Value) -> bool {
    let other_type = is_noted(understood, &field.name, Leniency::OtherType);
    let unknown_type = field.name == "BatchType" && is_undocumented(understood, field);
    *ours == Value::Null || other_type || unknown_type
}

enum Member {
    Absent,
    Null,
    Other,
}

/// A member of the body; `Other` too where the body is no object.
fn member(response: &Response, name: &str) -> Member {
    let Ok(document) = Document::parse(&response.body) else { return Member::Other };
    let Node::Object(members) = document.root else { return Member::Other };
    match members.iter().rev().find(|(known, _)| known == name) {
        None => Member::Absent,
        Some((_, Node::Null)) => Member::Null,
        Some(_) => Member::Other,
    }
}

/// Whether no client can make a result of a body: it is none, is not whole, or is something else.
///
/// A foreign charset or too deep a nesting is not meant: another client may be able to read it.
fn is_beyond_reading(response: &Response) -> bool {
    if is_html(&response.body) {
        return true;
    }
    match Document::parse(&response.body) {
        Ok(document) => !matches!(document.root, Node::Object(_)),
        Err(DocumentError::NotUtf8 { .. } | DocumentError::TooDeep) => false,
        Err(_) => true,
    }
}

/// A client that passes over a byte order mark has read what stands behind it.
fn reads_past_mark(understood: &Understood<'_>, said: &Fields) -> bool {
    let Some(rest) = understood.response.body.strip_prefix("\u{feff}".as_bytes()) else { return false };
    let response = Response { body: rest.to_vec(), ..understood.response.clone() };
    let behind = decode(&response, understood.operation).reading;
    let status = behind.fields().and_then(|fields| fields.get("Status"));
    status.zip(said.get("Status")).is_some_and(|(ours, theirs)| same(ours, theirs))
}

/// Shorter bodies may stand in an error as a whole.
const DUMP_BYTES: usize = 200;

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene};

    let answer = |status: i128| Fields::new().with("RequestId", "7").with("Status", status);
    let read = |body: &str, fields: Fields| Scene::understood(200, body, Reading::Answer(fields));
    let failed = |status: u16, body: &str, told: Option<u16>, why: &str| {
        Scene::understood(status, body, Reading::Unreadable { status: told, why: why.to_owned() })
    };
    let refused = |status: u16, body: &str, code: &str, message: Option<&str>| {
        let message = message.map(str::to_owned);
        let request_id = Some("7".to_owned());
        Scene::understood(
            status,
            body,
            Reading::Refused { status: Some(status), code: Some(code.to_owned()), message, request_id },
        )
    };
    let refusal = r#"{"Code":"Throttling","Message":"m","RequestId":"7","HostId":"h"}"#;
    let page = format!("<html>{}</html>", "x".repeat(300));
    let extra = r#"{"RequestId":"7","Status":1,"Extra":{"More":[1]}}"#;
    vec![
        Example::new(
            "SCH-24",
            failed(200, r#"{"RequestId":"7","Status":"2"}"#, None, "Status is a text"),
            read(r#"{"RequestId":"7","Status":"2"}"#, answer(0)),
        ),
        Example::new(
            "SCH-25",
            read(r#"{"RequestId":"7","Status":99}"#, answer(99)),
            read(r#"{"RequestId":"7","Status":99}"#, answer(1)),
        ),
        Example::new(
            "SCH-26",
            read(r#"{"RequestId":"7","Status":0}"#, answer(0)),
            failed(200, r#"{"RequestId":"7","Status":0}"#, Some(200), "missing field `TaskId`"),
        ),
        Example::new(
            "SCH-27",
            read(r#"{"RequestId":"7","TaskId":1}"#, Fields::new().with("RequestId", "7").with("TaskId", 1)),
            read(r#"{"RequestId":"7","TaskId":1}"#, answer(0).with("TaskId", 1)),
        ),
        Example::new(
            "SCH-28",
            read(r#"{"Status":1,"TaskId":9007199254740993}"#, answer(1).with("TaskId", 9_007_199_254_740_993_i64)),
            read(r#"{"Status":1,"TaskId":9007199254740993}"#, answer(1).with("TaskId", 9_007_199_254_740_992_i64)),
        ),
        Example::new(
            "SCH-36",
            read(r#"{"RequestId":"7","Status":1,"Reason":null}"#, answer(1)),
            failed(200, r#"{"RequestId":"7","Status":1,"Reason":null}"#, Some(200), "Reason is null"),
        ),
        Example::new(
            "SCH-41",
            read(r#"{"RequestId":"7","Status":1,"BatchType":"NEW"}"#, answer(1).with("BatchType", "Unknown")),
            failed(200, r#"{"RequestId":"7","Status":1,"BatchType":"NEW"}"#, Some(200), "unknown variant NEW"),
        ),
        Example::new("SCH-42", read(extra, answer(1)), failed(200, extra, Some(200), "unknown field `Extra`")),
        Example::new(
            "SCH-43",
            read(r#"{"Status":1,"RequestId":"7","Status":2}"#, answer(2)),
            read(r#"{"Status":1,"RequestId":"7","Status":2}"#, answer(1)),
        ),
        Example::new(
            "SCH-62",
            refused(400, refusal, "Throttling", Some("m")),
            refused(400, refusal, "Throttling", None),
        ),
        Example::new("SCH-63", refused(200, refusal, "Throttling", Some("m")), read(refusal, Fields::new())),
        Example::new(
            "SCH-64",
            failed(503, &page, Some(503), "no JSON: <html>xxx"),
            failed(503, &page, None, "no JSON: <html>xxx"),
        ),
        Example::new("SCH-71", failed(200, "", Some(200), "no JSON"), read("", Fields::new())),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::check::Breach;
    use super::super::example::Scene;
    use super::*;

    /// The ids of the rules about readings that are broken, and those that hold.
    fn judged(status: u16, body: impl AsRef<[u8]>, reading: &Reading) -> (Vec<&'static str>, Vec<&'static str>) {
        let scene = Scene::understood(status, body, reading.clone());
        let outcomes: Vec<_> = CHECKS.iter().map(|check| (check.id.as_str(), scene.judge(check))).collect();
        let ids = |wanted: fn(&Outcome) -> bool| {
            outcomes.iter().filter(|(_, outcome)| wanted(outcome)).map(|(id, _)| *id).collect()
        };
        (ids(|outcome| matches!(outcome, Outcome::Broken(_))), ids(|outcome| *outcome == Outcome::Holds))
    }

    fn broken(status: u16, body: impl AsRef<[u8]>, reading: &Reading) -> Vec<&'static str> {
        judged(status, body, reading).0
    }

    fn answer(fields: &[(&str, Value)]) -> Reading {
        Reading::Answer(fields.iter().cloned().collect())
    }

    fn unreadable(status: Option<u16>, why: &str) -> Reading {
        Reading::Unreadable { status, why: why.to_owned() }
    }

    const WHOLE: &str = r#"{"Status":1,"TotalCount":5,"TaskId":7,"RequestId":"7","FailedCount":2,"SuccessCount":3,"BatchType":"RR_ADD","Reason":"é"}"#;

    fn whole() -> Vec<(&'static str, Value)> {
        vec![
            ("Status", 1.into()),
            ("TotalCount", 5.into()),
            ("TaskId", 7.into()),
            ("RequestId", "7".into()),
            ("FailedCount", 2.into()),
            ("SuccessCount", 3.into()),
            ("BatchType", "RR_ADD".into()),
            ("Reason", "é".into()),
        ]
    }

    fn whole_but(name: &str, value: impl Into<Value>) -> Reading {
        let value = value.into();
        let fields =
            whole().into_iter().map(|(field, usual)| (field, if field == name { value.clone() } else { usual }));
        Reading::Answer(fields.collect())
    }

    #[test]
    fn a_right_reading_breaks_nothing() {
        let (broken, holds) = judged(200, WHOLE, &answer(&whole()));

        assert_eq!((broken, holds), (vec![], vec!["SCH-24", "SCH-28", "SCH-43"]));
    }

    #[test]
    fn a_reading_that_keeps_all_as_text_breaks_nothing() {
        let texts: Vec<(&str, Value)> = whole()
            .into_iter()
            .map(|(name, value)| match value {
                Value::Integer(integer) => (name, Value::Text(integer.to_string())),
                other => (name, other),
            })
            .collect();

        assert_eq!(broken(200, WHOLE, &answer(&texts)), Vec::<&str>::new());
    }

    #[test]
    fn our_own_reading_breaks_nothing_whatever_the_body() {
        for (status, body) in [
            (200, WHOLE),
            (200, r#"{"Status":"0","RequestId":"7"}"#),
            (200, r#"{"Status":99,"RequestId":"7","Extra":{}}"#),
            (200, r#"{"RequestId":"7","status":1}"#),
            (200, r#"{"Status":1,"RequestId":"7","TaskId":9223372036854775808,"Reason":null}"#),
            (200, r#"{"Status":1,"RequestId":"7","TotalCount":2.0,"Status":2}"#),
            (200, r#"{"Code":"Throttling"}"#),
            (200, "{}"),
            (200, "<html>"),
            (400, r#"{"Code":"Throttling","RequestId":"7"}"#),
            (503, "<html>"),
            (204, ""),
        ] {
            let response = Response { status, headers: crate::wire::Headers::new(), body: body.into() };
            let ours = decode(&response, &crate::contract::Operation::all()[0]).reading;

            assert_eq!(broken(status, body, &ours), Vec::<&str>::new(), "{status} {body}");
        }
    }

    #[test]
    fn swapped_invented_and_wrapped_values_are_told_by_their_field() {
        let swapped = whole_but("SuccessCount", 2);
        let scene = Scene::understood(200, WHOLE, swapped);
        let agree = CHECKS.iter().find(|check| check.id.as_str() == "SCH-43").expect("a rule");

        assert_eq!(scene.judge(agree), Outcome::Broken(Breach::new(3, 2).at("SuccessCount")));
        assert_eq!(broken(200, WHOLE, &whole_but("Reason", "Ã©")), ["SCH-43"]);
        assert_eq!(broken(200, WHOLE, &whole_but("RequestId", "x")), ["SCH-43"]);
        let large = WHOLE.replace("\"TotalCount\":5", "\"TotalCount\":4294967296");
        assert_eq!(broken(200, large, &whole_but("TotalCount", 0)), ["SCH-43"]);
    }

    #[test]
    fn a_failure_on_a_usual_body_breaks_the_rules_about_what_it_has() {
        assert_eq!(broken(200, WHOLE, &unreadable(Some(200), "?")), ["SCH-24", "SCH-28"]);
    }

    #[test]
    fn a_failure_is_laid_to_what_is_odd_about_the_body() {
        let failed = unreadable(Some(200), "?");

        for (odd, body) in [
            (vec!["SCH-25"], r#"{"Status":99,"RequestId":"7","Reason":"a"}"#),
            (vec!["SCH-42"], r#"{"Status":1,"RequestId":"7","Reason":"a","Extra":1}"#),
            (vec!["SCH-41"], r#"{"Status":1,"RequestId":"7","Reason":"a","BatchType":"NEW"}"#),
            (vec![], r#"{"Status":"1","RequestId":"7","Reason":"a"}"#),
            (vec![], r#"{"Status":1,"RequestId":"7","Reason":"a","TotalCount":2.0}"#),
        ] {
            let found = broken(200, body, &failed);
            let found: Vec<&str> = found.into_iter().filter(|id| *id != "SCH-26").collect();

            assert_eq!(found, odd, "{body}");
        }
    }

    #[test]
    fn an_unknown_state_may_be_called_unknown_but_not_by_another_state() {
        let body = r#"{"Status":3,"RequestId":"7"}"#;

        for kept in [Value::from(3), "3".into(), "unknown".into(), Value::Null] {
            assert_eq!(broken(200, body, &answer(&[("Status", kept.clone())])), Vec::<&str>::new(), "{kept}");
        }
        for mistaken in [Value::from(0), "1".into(), "Completed".into(), 99.into(), true.into()] {
            assert_eq!(broken(200, body, &answer(&[("Status", mistaken.clone())])), ["SCH-25"], "{mistaken}");
        }
    }

    #[test]
    fn a_state_may_be_told_by_its_name() {
        let body = r#"{"Status":0,"RequestId":"7"}"#;

        assert_eq!(broken(200, body, &answer(&[("Status", "Processing".into())])), Vec::<&str>::new());
        assert_eq!(broken(200, body, &answer(&[("Status", "Completed".into())])), ["SCH-24"]);
        assert_eq!(broken(200, body, &answer(&[])), ["SCH-24"]);
    }

    #[test]
    fn an_absent_state_is_never_a_state() {
        for body in [
            r#"{"RequestId":"7"}"#,
            r#"{"RequestId":"7","Status":null}"#,
            r#"{"RequestId":"7","status":0}"#,
            r#"{"a":1}"#,
        ] {
            assert_eq!(broken(200, body, &answer(&[("Status", 0.into())])), ["SCH-27"], "{body}");
            assert_eq!(broken(200, body, &answer(&[("Status", "processing".into())])), ["SCH-27"], "{body}");
            assert_eq!(broken(200, body, &answer(&[])), Vec::<&str>::new(), "{body}");
            assert!(!broken(200, body, &unreadable(None, "?")).contains(&"SCH-27"), "{body}");
        }
    }

    #[test]
    fn an_absent_count_is_not_computed() {
        let body = r#"{"Status":1,"RequestId":"7","SuccessCount":2,"FailedCount":1}"#;

        let computed = answer(&[("Status", 1.into()), ("TotalCount", 3.into())]);
        let zero = answer(&[("Status", 1.into()), ("TotalCount", 0.into())]);

        assert_eq!(broken(200, body, &computed), ["SCH-26"]);
        assert_eq!(broken(200, body, &zero), Vec::<&str>::new());
    }

    #[test]
    fn a_task_id_beyond_64_bits_may_be_refused_but_not_changed() {
        let body = r#"{"Status":1,"TaskId":9223372036854775808,"RequestId":"7"}"#;

        assert_eq!(broken(200, body, &unreadable(Some(200), "?")), Vec::<&str>::new());
        assert_eq!(broken(200, body, &answer(&[("Status", 1.into()), ("TaskId", i64::MAX.into())])), ["SCH-28"]);
    }

    #[test]
    fn the_first_of_two_equal_names_is_the_wrong_one() {
        let body = r#"{"Status":1,"TaskId":1,"RequestId":"7","TaskId":2}"#;

        assert_eq!(broken(200, body, &answer(&[("Status", 1.into()), ("TaskId", 1.into())])), ["SCH-28", "SCH-43"]);
        assert_eq!(broken(200, body, &answer(&[("Status", 1.into()), ("TaskId", 2.into())])), Vec::<&str>::new());
        assert_eq!(broken(200, body, &unreadable(Some(200), "repeated")), Vec::<&str>::new());
    }

    #[test]
    fn a_refusal_that_is_read_as_an_answer_is_an_error_under_any_status() {
        let body = r#"{"Code":"Throttling","Message":"m","RequestId":"7","HostId":"h"}"#;

        assert_eq!(broken(200, body, &answer(&[("RequestId", "7".into())])), ["SCH-63"]);
        assert_eq!(broken(400, body, &answer(&[])), ["SCH-63"]);
        assert_eq!(broken(503, r#"{"error":"down"}"#, &answer(&[])), ["SCH-63"]);
        assert_eq!(broken(400, body, &unreadable(Some(400), "?")), ["SCH-62"]);
    }

    #[test]
    fn a_status_that_is_told_wrongly_is_not_told() {
        let told = Reading::Refused {
            status: Some(500),
            code: Some("C".into()),
            message: Some("m".into()),
            request_id: Some("7".into()),
        };

        assert_eq!(broken(400, r#"{"Code":"C","Message":"m","RequestId":"7"}"#, &told), ["SCH-62"]);
    }

    #[test]
    fn a_page_is_not_dumped_and_a_short_body_may_be() {
        let page = format!("<html>{}</html>\n", "x".repeat(300));

        assert_eq!(broken(503, &page, &unreadable(Some(503), &format!("no JSON: {page}"))), ["SCH-64"]);
        assert_eq!(broken(503, "Bad Gateway", &unreadable(Some(503), "no JSON: Bad Gateway")), Vec::<&str>::new());
        assert_eq!(broken(503, &page, &answer(&[])), ["SCH-64", "SCH-71"]);
    }

    #[test]
    fn no_result_can_be_made_of_what_is_none() {
        for body in [
            "",
            " ",
            "{\"Status\":1",
            "{\"Status\":1}x",
            "<html><body/></html>",
            "<!DOCTYPE html><p>",
            "[]",
            "null",
            "<A/>",
        ] {
            assert_eq!(broken(200, body, &answer(&[("Status", 1.into())])), ["SCH-71"], "{body}");
            assert_eq!(broken(200, body, &unreadable(Some(200), "?")), Vec::<&str>::new(), "{body}");
        }
    }

    #[test]
    fn a_client_may_read_past_a_byte_order_mark_but_not_read_nothing() {
        let body = format!("\u{feff}{WHOLE}");

        assert_eq!(broken(200, &body, &answer(&whole())), Vec::<&str>::new());
        assert_eq!(broken(200, &body, &answer(&[])), ["SCH-71"]);
        assert_eq!(broken(200, &body, &whole_but("Status", 0)), ["SCH-71"]);
    }

    #[test]
    fn another_charset_may_be_readable_to_another_client() {
        let body = b"{\"RequestId\":\"7\",\"Status\":1,\"Reason\":\"\xd6\xd0\"}";

        assert_eq!(broken(200, body, &answer(&[("Status", 1.into())])), Vec::<&str>::new());
    }

    #[test]
    fn a_task_id_is_not_left_out_unless_it_is_zero() {
        let status = [("Status", Value::from(1))];

        assert_eq!(broken(200, r#"{"Status":1,"TaskId":7,"RequestId":"7"}"#, &answer(&status)), ["SCH-28"]);
        assert_eq!(broken(200, r#"{"Status":1,"TaskId":0,"RequestId":"7"}"#, &answer(&status)), Vec::<&str>::new());
    }

    #[test]
    fn a_value_without_one_right_reading_is_not_compared() {
        let said = |name: &str, value: Value| answer(&[("Status", 1.into()), (name, value)]);

        for (body, reading) in [
            (r#"{"Status":1,"TotalCount":5}"#, said("TotalCount", Value::Null)),
            (r#"{"Status":1,"TotalCount":2.0}"#, said("TotalCount", 2.into())),
            (r#"{"Status":1,"Reason":null}"#, said("Reason", "".into())),
            (r#"{"Status":1,"BatchType":"NEW"}"#, said("BatchType", "Unknown".into())),
        ] {
            assert_eq!(broken(200, body, &reading), Vec::<&str>::new(), "{body}");
        }
    }

    #[test]
    fn a_state_invented_for_a_refusal_is_laid_to_the_refusal_alone() {
        let invented = answer(&[("Status", 0.into())]);

        assert_eq!(broken(200, r#"{"Code":"Throttling"}"#, &invented), ["SCH-63"]);
        assert_eq!(broken(400, r#"{"Code":"Throttling"}"#, &invented), ["SCH-63"]);
    }

    #[test]
    fn a_failure_is_not_laid_to_an_empty_batch_type() {
        let body = r#"{"Status":1,"RequestId":"7","BatchType":"","Reason":"a"}"#;

        assert!(!broken(200, body, &unreadable(Some(200), "?")).contains(&"SCH-41"));
    }
}
