//! What the service answers where it does not refuse.

use super::check::{Check, Judge, Outcome, info, must, should};
use super::comparison::Shown;
use super::observation::{Answer, AnswerSource};
use crate::contract::{Reading, State, Value};
use crate::gateway::{Format, System};

pub(super) const CHECKS: &[Check] = &[
    must("SCH-20", "every success has a RequestId", Judge::Answer(success_has_request_id)),
    info("SCH-21", "a RequestId is a UUID in upper case", Judge::Answer(request_id_is_uuid)),
    must("SCH-23", "Status is one of the documented states", Judge::Answer(status_is_documented)),
    must("SCH-29", "counts are integers from 0 that fit in 32 bits", Judge::Answer(counts_are_counts)),
    must("SCH-30", "SuccessCount + FailedCount never exceeds TotalCount", Judge::Answer(counts_within_total)),
    must(
        "SCH-31",
        "SuccessCount + FailedCount is TotalCount once the task is completed",
        Judge::Answer(completed_counts),
    ),
    must(
        "SCH-33",
        "without a task there is no TaskId, BatchType or count but zero",
        Judge::Answer(nothing_without_task),
    ),
    should("SCH-34", "a failed task has a Reason", Judge::Answer(failed_has_reason)),
    info("SCH-35", "only a failed task has a Reason", Judge::Answer(only_failed_has_reason)),
    must("SCH-37", "the TaskId asked for comes back", Judge::Answer(task_id_comes_back)),
    must("SCH-38", "the BatchType asked for comes back", Judge::Answer(batch_type_comes_back)),
    must("SCH-41", "BatchType is one of the documented types", Judge::Answer(batch_type_is_documented)),
    should("SCH-46", "Content-Type names the format that was asked for", Judge::Answer(content_type_fits_format)),
    should("SCH-47", "TotalCount is at most 1000", Judge::Answer(total_within_limit)),
];

fn success_has_request_id(answer: &Answer<'_>) -> Outcome {
    if !answer.is_success() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(request_id(answer).is_some_and(|id| !id.is_empty()), "a RequestId", "none").at("RequestId")
}

fn request_id_is_uuid(answer: &Answer<'_>) -> Outcome {
    let Some(id) = request_id(answer) else { return Outcome::DoesNotApply };

    let lengths = id.split('-').map(str::len);
    let digits = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F' | b'-'));
    Outcome::of(digits && lengths.eq([8, 4, 4, 4, 12]), "8-4-4-4-12 digits of 0-9 and A-F", format_args!("{id:?}"))
        .at("RequestId")
}

fn status_is_documented(answer: &Answer<'_>) -> Outcome {
    let (Some(field), Some(fields)) = (answer.operation.field("Status"), answer.fields()) else {
        return Outcome::DoesNotApply;
    };

    let documented = answer.integer("Status").is_some_and(|status| field.value(&status.to_string()).is_some());
    Outcome::of(documented, "one of -1, 0, 1, 2", Shown(fields.get("Status"))).at("Status")
}

fn counts_are_counts(answer: &Answer<'_>) -> Outcome {
    Outcome::all(COUNTS.iter().map(|name| {
        let Some(value) = answer.value(name) else { return Outcome::DoesNotApply };

        let counts = matches!(value, Value::Integer(count) if (0..=i128::from(i32::MAX)).contains(count));
        Outcome::of(counts, "an integer from 0 to 2147483647", value).at(name)
    }))
}

fn counts_within_total(answer: &Answer<'_>) -> Outcome {
    let Some(Counts { total, done, failed }) = counts(answer) else { return Outcome::DoesNotApply };

    Outcome::of(
        done.saturating_add(failed) <= total,
        format_args!("at most {total}"),
        format_args!("{done} + {failed}"),
    )
}

fn completed_counts(answer: &Answer<'_>) -> Outcome {
    let (Some(Counts { total, done, failed }), Some(State::Completed)) = (counts(answer), state(answer)) else {
        return Outcome::DoesNotApply;
    };

    Outcome::of(done.saturating_add(failed) == total, total, format_args!("{done} + {failed}"))
}

fn nothing_without_task(answer: &Answer<'_>) -> Outcome {
    if state(answer) != Some(State::Absent) {
        return Outcome::DoesNotApply;
    }
    let names = ["TaskId", "BatchType"].iter().chain(COUNTS);
    let outcomes = names.filter_map(|name| {
        let value = answer.value(name)?;
        let nothing = matches!(value, Value::Integer(0)) || matches!(value, Value::Text(text) if text.is_empty());
        Some(Outcome::of(nothing, "nothing, or zero", value).at(name))
    });
    match Outcome::all(outcomes) {
        Outcome::DoesNotApply => Outcome::Holds,
        outcome => outcome,
    }
}

fn failed_has_reason(answer: &Answer<'_>) -> Outcome {
    if state(answer) != Some(State::Failed) {
        return Outcome::DoesNotApply;
    }
    Outcome::of(has_reason(answer), "a Reason", "none").at("Reason")
}

fn only_failed_has_reason(answer: &Answer<'_>) -> Outcome {
    match state(answer) {
        None | Some(State::Failed) => Outcome::DoesNotApply,
        Some(_) => Outcome::of(!has_reason(answer), "no Reason", Shown(answer.value("Reason"))).at("Reason"),
    }
}

fn task_id_comes_back(answer: &Answer<'_>) -> Outcome {
    let asked = answer.asked_for("TaskId").and_then(|text| text.parse::<i64>().ok());
    let (Some(asked), Some(value)) = (asked, answered_about_a_task(answer, "TaskId")) else {
        return Outcome::DoesNotApply;
    };

    Outcome::of(*value == Value::from(asked), asked, value).at("TaskId")
}

fn batch_type_comes_back(answer: &Answer<'_>) -> Outcome {
    let (Some(asked), Some(value)) = (answer.asked_for("BatchType"), answered_about_a_task(answer, "BatchType")) else {
        return Outcome::DoesNotApply;
    };

    Outcome::of(*value == Value::from(asked), format_args!("{asked:?}"), value).at("BatchType")
}

fn batch_type_is_documented(answer: &Answer<'_>) -> Outcome {
    let (Some(field), Some(batch_type)) = (answer.operation.field("BatchType"), answer.text("BatchType")) else {
        return Outcome::DoesNotApply;
    };

    let documented = batch_type.is_empty() || field.value(batch_type).is_some();
    Outcome::of(documented, "DOMAIN_ADD, DOMAIN_DEL, RR_ADD or RR_DEL", format_args!("{batch_type:?}")).at("BatchType")
}

fn content_type_fits_format(answer: &Answer<'_>) -> Outcome {
    let format = answer.asked.and_then(|asked| System::of(asked.request).format());
    let (Some(format), Some(content_type)) = (format, answer.response.headers.text("Content-Type")) else {
        return Outcome::DoesNotApply;
    };

    let name = match format {
        Format::Json => "json",
        Format::Xml => "xml",
    };
    let names_it = content_type.to_ascii_lowercase().contains(name);
    Outcome::of(names_it, format_args!("a type of {name}"), format_args!("{content_type:?}")).at("Content-Type")
}

fn total_within_limit(answer: &Answer<'_>) -> Outcome {
    let Some(total) = answer.integer("TotalCount") else { return Outcome::DoesNotApply };

    Outcome::of(total <= MOST_ENTRIES, format_args!("at most {MOST_ENTRIES}"), total).at("TotalCount")
}

/// The id that an answer or a refusal tells.
pub(super) fn request_id<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    match &answer.decoded.reading {
        Reading::Answer(_) => answer.text("RequestId"),
        Reading::Refused { request_id, .. } => request_id.as_deref(),
        Reading::Unreadable { .. } => None,
    }
}

/// The state of the task. None in a scripted answer: it need not make sense.
pub(super) fn state(answer: &Answer<'_>) -> Option<State> {
    if answer.source == AnswerSource::Scripted {
        return None;
    }
    let status = answer.integer("Status")?.to_string();
    answer.operation.field("Status")?.value(&status)?.state
}

struct Counts {
    total: i128,
    done: i128,
    failed: i128,
}

/// None in a scripted answer: it need not make sense.
fn counts(answer: &Answer<'_>) -> Option<Counts> {
    if answer.source == AnswerSource::Scripted {
        return None;
    }
    let [total, done, failed] = COUNTS.map(|name| answer.integer(name));
    Some(Counts { total: total?, done: done?, failed: failed? })
}

fn answered_about_a_task<'a>(answer: &Answer<'a>, name: &str) -> Option<&'a Value> {
    let about_a_task = state(answer).is_some_and(|state| state != State::Absent);
    about_a_task.then(|| answer.value(name)).flatten()
}

fn has_reason(answer: &Answer<'_>) -> bool {
    answer.value("Reason").is_some_and(|reason| *reason != Value::Text(String::new()))
}

pub(super) const COUNTS: &[&str; 3] = &["TotalCount", "SuccessCount", "FailedCount"];

/// The limit of the operation that starts a batch
/// ([metadata](https://github.com/aliyun/aliyun-openapi-meta), read 2026-11-24).
const MOST_ENTRIES: i128 = 1_000;

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, request};

    let answered = |parameters: &[(&str, &str)], body: &str| {
        Scene::answered_to(request(parameters), 200, "application/json;charset=utf-8", body)
    };
    vec![
        Example::of_bodies("SCH-20", r#"{"RequestId":"7","Status":0}"#, r#"{"RequestId":"","Status":0}"#),
        Example::of_bodies(
            "SCH-21",
            r#"{"RequestId":"75446CC1-FC9A-4595-8D96-089D73D7A63D"}"#,
            r#"{"RequestId":"75446cc1-fc9a-4595-8d96-089d73d7a63d"}"#,
        ),
        Example::of_bodies("SCH-23", r#"{"Status":"-1"}"#, r#"{"Status":3}"#),
        Example::of_bodies("SCH-29", r#"{"TotalCount":2147483647}"#, r#"{"TotalCount":1,"FailedCount":-1}"#),
        Example::of_bodies(
            "SCH-30",
            r#"{"TotalCount":4,"SuccessCount":2,"FailedCount":2}"#,
            r#"{"TotalCount":4,"SuccessCount":3,"FailedCount":2}"#,
        ),
        Example::of_bodies(
            "SCH-31",
            r#"{"Status":1,"TotalCount":4,"SuccessCount":4,"FailedCount":0}"#,
            r#"{"Status":1,"TotalCount":4,"SuccessCount":3,"FailedCount":0}"#,
        ),
        Example::of_bodies("SCH-33", r#"{"Status":-1,"TaskId":0,"BatchType":""}"#, r#"{"Status":-1,"TotalCount":1}"#),
        Example::of_bodies("SCH-34", r#"{"Status":2,"Reason":"a"}"#, r#"{"Status":2,"Reason":""}"#),
        Example::of_bodies("SCH-35", r#"{"Status":1,"Reason":null}"#, r#"{"Status":1,"Reason":"a"}"#),
        Example::new(
            "SCH-37",
            answered(&[("TaskId", "7")], r#"{"Status":1,"TaskId":7}"#),
            answered(&[("TaskId", "9007199254740993")], r#"{"Status":1,"TaskId":9007199254740992}"#),
        ),
        Example::new(
            "SCH-38",
            answered(&[("BatchType", "RR_ADD")], r#"{"Status":1,"BatchType":"RR_ADD"}"#),
            answered(&[("BatchType", "RR_ADD")], r#"{"Status":1,"BatchType":"RR_DEL"}"#),
        ),
        Example::of_bodies("SCH-41", r#"{"BatchType":"RR_ADD"}"#, r#"{"BatchType":"rr_add"}"#),
        Example::new(
            "SCH-46",
            answered(&[("Format", "json")], r#"{"Status":1}"#),
            answered(&[("Format", "XML")], r#"{"Status":1}"#),
        ),
        Example::of_bodies("SCH-47", r#"{"TotalCount":1000}"#, r#"{"TotalCount":1001}"#),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::example::{Scene, request};
    use super::super::registry::check;
    use super::*;

    fn outcome(id: &str, body: &str) -> Outcome {
        Scene::answered(200, body).judge(check(id).expect("a rule"))
    }

    #[test]
    fn an_absent_state_is_not_a_documented_one() {
        assert_eq!(
            outcome("SCH-23", r#"{"RequestId":"7"}"#),
            Outcome::broken("one of -1, 0, 1, 2", "nothing").at("Status")
        );
    }

    #[test]
    fn an_answer_that_cannot_be_read_has_no_request_id() {
        assert!(matches!(outcome("SCH-20", "<html>"), Outcome::Broken(_)));
        assert_eq!(Scene::answered(503, "<html>").judge(check("SCH-20").expect("a rule")), Outcome::DoesNotApply);
    }

    #[test]
    fn counts_that_are_not_all_there_are_not_added() {
        assert_eq!(outcome("SCH-30", r#"{"TotalCount":1,"FailedCount":2}"#), Outcome::DoesNotApply);
        assert_eq!(
            outcome("SCH-31", r#"{"Status":0,"TotalCount":4,"SuccessCount":4,"FailedCount":0}"#),
            Outcome::DoesNotApply
        );
    }

    #[test]
    fn a_task_that_does_not_exist_has_nothing_else_to_tell() {
        assert_eq!(outcome("SCH-33", r#"{"Status":-1}"#), Outcome::Holds);
        assert_eq!(outcome("SCH-33", r#"{"Status":0,"TotalCount":1}"#), Outcome::DoesNotApply);
    }

    #[test]
    fn what_is_scripted_need_not_make_sense() {
        let body = br#"{"Status":1,"TotalCount":1,"SuccessCount":2,"FailedCount":0,"Reason":"a","TaskId":8}"#;
        let response = crate::wire::Response { status: 200, headers: crate::wire::Headers::new(), body: body.to_vec() };
        let request = request(&[("TaskId", "7")]);
        let scene = Scene::Answered { request: Some(request), response, source: AnswerSource::Scripted };

        for id in ["SCH-30", "SCH-31", "SCH-33", "SCH-34", "SCH-35", "SCH-37", "SCH-38"] {
            assert_eq!(scene.judge(check(id).expect("a rule")), Outcome::DoesNotApply, "{id}");
        }
    }

    #[test]
    fn a_task_id_that_is_no_integer_need_not_come_back() {
        for (asked, answered) in [("abc", "1"), ("", "1"), ("9223372036854775808", "1")] {
            let body = format!("{{\"Status\":1,\"TaskId\":{answered}}}");
            let scene = Scene::answered_to(request(&[("TaskId", asked)]), 200, "application/json", &body);

            assert_eq!(scene.judge(check("SCH-37").expect("a rule")), Outcome::DoesNotApply, "{asked}");
        }
    }

    #[test]
    fn the_first_count_that_does_not_fit_is_named() {
        let broken = |got: &str, name: &str| Outcome::broken("an integer from 0 to 2147483647", got).at(name);

        assert_eq!(outcome("SCH-29", r#"{"SuccessCount":2147483648}"#), broken("2147483648", "SuccessCount"));
        assert_eq!(outcome("SCH-29", r#"{"TotalCount":1,"FailedCount":2.0}"#), broken("2.0", "FailedCount"));
    }

    #[test]
    fn an_empty_batch_type_is_none() {
        assert_eq!(outcome("SCH-41", r#"{"BatchType":""}"#), Outcome::Holds);
    }

    #[test]
    fn nothing_comes_back_without_a_task_or_a_question() {
        let answered = |parameters: &[(&str, &str)], body: &str| {
            let scene = Scene::answered_to(request(parameters), 200, "application/json", body);
            ["SCH-37", "SCH-38"].map(|id| scene.judge(check(id).expect("a rule")))
        };
        let neither = [Outcome::DoesNotApply, Outcome::DoesNotApply];
        let of_another = r#"{"Status":1,"TaskId":8,"BatchType":"RR_DEL"}"#;

        assert_eq!(
            answered(&[("TaskId", "7"), ("BatchType", "RR_ADD")], r#"{"Status":-1,"TaskId":0,"BatchType":""}"#),
            neither
        );
        assert_eq!(answered(&[("TaskId", ""), ("BatchType", "")], of_another), neither);
        assert_eq!(answered(&[], of_another), neither);
    }
}
