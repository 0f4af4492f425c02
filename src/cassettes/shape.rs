//! What changed between two recordings of one scenario, graded.

use std::fmt;

use super::cassette::Cassette;
use super::steady::{Enumerations, Kind, Part};

/// What changed between two recordings of one scenario; what is new each time is left out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ShapeDiff {
    changes: Vec<Change>,
}

impl ShapeDiff {
    /// Compares two recordings: interactions by their ids, answers by their place, fields and headers by their names.
    pub fn between(old: &Cassette, new: &Cassette, enumerations: &Enumerations) -> Self {
        let mut changes = Vec::new();
        compare("", &Part::of(old, enumerations), &Part::of(new, enumerations), &mut changes);
        changes.sort_by_key(|change| std::cmp::Reverse(change.kind));
        Self { changes }
    }

    /// The worst first, those of one kind in the order of the file.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether nothing differs but what is new each time.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl fmt::Display for ShapeDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.changes.iter().map(Change::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// One change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// How much it weighs.
    pub kind: ChangeKind,
    /// Interaction, answer and field, as in `poll[2].Status`; answers are counted from zero. Empty for the whole.
    pub path: String,
    /// The old value and the new one, or the only one; long ones shortened. `~` stands for what is new each time.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the cassette" } else { &self.path };
        write!(f, "{path}: {} ({})", self.what, self.kind.name())
    }
}

/// How much a change weighs with whoever reads answers, the lightest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ChangeKind {
    /// Another value of the same type.
    ValueOnly,
    /// Something that was not there.
    Added,
    /// A value that the contract does not list.
    EnumerationWidened,
    /// Something that is no longer there.
    Removed,
    /// A value of another type.
    TypeChanged,
    /// Another status of HTTP.
    StatusChanged,
}

impl ChangeKind {
    /// The kind in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::ValueOnly => "value only",
            Self::Added => "added",
            Self::EnumerationWidened => "enumeration widened",
            Self::Removed => "removed",
            Self::TypeChanged => "type changed",
            Self::StatusChanged => "status changed",
        }
    }

    /// What it is that a part has another value of the same type.
    fn of_value(new: &Part) -> Self {
        match new.kind {
            Kind::Status => Self::StatusChanged,
            _ if new.unlisted => Self::EnumerationWidened,
            _ => Self::ValueOnly,
        }
    }
}

fn compare(path: &str, old: &Part, new: &Part, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    if old.kind != new.kind {
        return changes.push(changed(ChangeKind::TypeChanged, path, old, new));
    }
    let before = changes.len();
    compare_parts(path, old, new, changes);
    if changes.len() > before {
        return;
    }
    changes.push(if new.parts.is_empty() {
        changed(ChangeKind::of_value(new), path, old, new)
    } else {
        let what = "the same in another order or spelling".to_owned();
        Change { kind: ChangeKind::ValueOnly, path: path.to_owned(), what }
    });
}

fn compare_parts(path: &str, old: &Part, new: &Part, changes: &mut Vec<Change>) {
    let mut rest: Vec<Option<&(String, Part)>> = new.parts.iter().map(Some).collect();
    for (name, part) in &old.parts {
        let path = format!("{path}{name}");
        let same_name = rest.iter_mut().find(|one| one.is_some_and(|(other, _)| other == name));
        match same_name.and_then(Option::take) {
            Some((_, other)) => compare(&path, part, other, changes),
            None => changes.push(Change { kind: ChangeKind::Removed, path, what: shown(part, 0) }),
        }
    }
    for (name, part) in rest.into_iter().flatten() {
        let kind = if part.unlisted { ChangeKind::EnumerationWidened } else { ChangeKind::Added };
        changes.push(Change { kind, path: format!("{path}{name}"), what: shown(part, 0) });
    }
}

fn changed(kind: ChangeKind, path: &str, old: &Part, new: &Part) -> Change {
    let pairs = old.text.chars().zip(new.text.chars());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let what = format!("{} -> {}", shown(old, same), shown(new, same));
    Change { kind, path: path.to_owned(), what }
}

fn shown(part: &Part, at: usize) -> String {
    let text = shortened(&part.text, at);
    if part.kind == Kind::Text { format!("\"{text}\"") } else { text }
}

/// A long text cut down to what stands around its character `at`.
fn shortened(text: &str, at: usize) -> String {
    let count = text.chars().count();
    if count <= LONGEST_VALUE {
        return text.to_owned();
    }
    let start = at.saturating_sub(LONGEST_VALUE / 4);
    let shown: String = text.chars().skip(start).take(LONGEST_VALUE).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if start + LONGEST_VALUE < count { "…" } else { "" };
    format!("{before}{shown}{after}")
}

/// In characters.
const LONGEST_VALUE: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassettes::{Answers, Asked, Interaction, Provenance, Signed};
    use crate::wire::{Headers, Parameter, Request, Response};

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Headers::from_iter([("Content-Type", "application/json")]), body: body.into() }
    }

    fn interaction(id: &str, nonce: &str, answers: &[Response]) -> Interaction {
        let (first, then) = answers.split_first().expect("an interaction has an answer");
        let parameters = [("Action", "A"), ("SignatureNonce", nonce), ("TaskId", "1")];
        let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();
        Interaction {
            id: id.to_owned(),
            note: None,
            exhibit: false,
            constructed: false,
            asked: Asked::Request(Request::compose("GET", parameters, Headers::new()), Signed::Valid),
            answers: Answers { first: first.clone(), then: then.to_vec() },
        }
    }

    fn cassette(interactions: Vec<Interaction>) -> Cassette {
        let provenance = Provenance::Simulated { seed: 1 };
        Cassette { path: "a/b.json".to_owned(), note: None, provenance, interactions }
    }

    fn polled(bodies: &[&str]) -> Cassette {
        let answers: Vec<Response> = bodies.iter().map(|body| answer(200, body)).collect();
        cassette(vec![interaction("poll", "n", &answers)])
    }

    fn diff(old: &Cassette, new: &Cassette) -> String {
        let mut enumerations = Enumerations::default();
        ["-1", "0", "1"].iter().for_each(|status| enumerations.add("A", "Status", status));
        ShapeDiff::between(old, new, &enumerations).to_string()
    }

    #[test]
    fn nothing_differs_where_only_request_id_nonce_date_day_tool_and_seed_do() {
        let mut old = cassette(vec![interaction("a", "one", &[answer(200, r#"{"RequestId":"11111111"}"#)])]);
        let mut new = cassette(vec![interaction("a", "two", &[answer(200, r#"{"RequestId":"22222222"}"#)])]);
        old.interactions[0].answers.first.headers.push("date", "Mon");
        new.interactions[0].answers.first.headers.push("Date", "Tue");
        new.provenance = Provenance::Simulated { seed: 2 };

        assert_eq!(diff(&old, &new), "");
    }

    #[test]
    fn a_number_that_becomes_a_text_changes_its_type() {
        let old = polled(&["{}", "{}", r#"{"Status":0}"#]);
        let new = polled(&["{}", "{}", r#"{"Status":"0"}"#]);

        assert_eq!(diff(&old, &new), "poll[2].Status: 0 -> \"0\" (type changed)");
    }

    #[test]
    fn each_kind_is_told_and_the_worst_comes_first() {
        let old = polled(&[r#"{"Total":1,"Status":0,"Gone":"x","Same":[1],"Type":{}}"#]);
        let mut new = polled(&[r#"{"Total":2,"Status":2,"Same":[1],"Type":[],"News":null}"#]);
        new.interactions[0].answers.first.status = 404;

        let expected = [
            "poll[0] status: 200 -> 404 (status changed)",
            "poll[0].Type: {..} -> [..] (type changed)",
            "poll[0].Gone: \"x\" (removed)",
            "poll[0].Status: 0 -> 2 (enumeration widened)",
            "poll[0].News: null (added)",
            "poll[0].Total: 1 -> 2 (value only)",
        ];
        assert_eq!(diff(&old, &new).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_value_that_the_contract_lists_changes_as_a_value_only() {
        let (old, new) = (polled(&[r#"{"Status":0}"#]), polled(&[r#"{"Status":1}"#]));

        assert_eq!(diff(&old, &new), "poll[0].Status: 0 -> 1 (value only)");
    }

    #[test]
    fn a_value_that_the_contract_does_not_list_counts_where_it_was_not_there_and_not_where_it_stays() {
        assert_eq!(diff(&polled(&["{}"]), &polled(&[r#"{"Status":7}"#])), "poll[0].Status: 7 (enumeration widened)");
        assert_eq!(diff(&polled(&[r#"{"Status":7}"#]), &polled(&[r#"{"Status":7}"#])), "");
    }

    #[test]
    fn a_poll_gets_longer_and_shorter_by_answers() {
        let (short, long) = (polled(&["{}"]), polled(&["{}", "{}"]));

        assert_eq!(diff(&short, &long), "poll[1]: an answer (added)");
        assert_eq!(diff(&long, &short), "poll[1]: an answer (removed)");
    }

    #[test]
    fn interactions_come_go_and_change_places() {
        let (one, two) = (interaction("one", "n", &[answer(200, "{}")]), interaction("two", "n", &[answer(200, "{}")]));
        let (first, both) = (cassette(vec![one.clone()]), cassette(vec![one.clone(), two.clone()]));
        let turned = cassette(vec![two, one]);

        assert_eq!(diff(&first, &both), "two: an interaction (added)");
        assert_eq!(diff(&both, &first), "two: an interaction (removed)");
        assert_eq!(diff(&both, &turned), "the cassette: the same in another order or spelling (value only)");
    }

    #[test]
    fn what_is_asked_and_what_is_said_of_it_are_told() {
        let old = polled(&["{}"]);
        let mut new = cassette(vec![interaction("poll", "", &[answer(200, "{}")])]);
        new.note = Some("n".to_owned());
        new.provenance = Provenance::Live { recorded: "2026-11-24".to_owned(), tool: "t".to_owned() };
        new.interactions[0].exhibit = true;

        let expected = [
            "cassette note: \"n\" (added)",
            "cassette provenance: \"simulated\" -> \"live\" (value only)",
            "poll exhibit: false -> true (value only)",
            "poll request query SignatureNonce: \"~\" -> \"\" (value only)",
        ];
        assert_eq!(diff(&old, &new).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn headers_are_told_by_name_and_a_lost_stamp_too() {
        let mut old = polled(&["{}"]);
        let mut new = polled(&["{}"]);
        old.interactions[0].answers.first.headers = Headers::from_iter([("Date", "Mon"), ("Content-Type", "a")]);
        new.interactions[0].answers.first.headers = Headers::from_iter([("content-type", "b"), ("Server", "x")]);

        let expected = [
            "poll[0] header date: \"~\" (removed)",
            "poll[0] header server: \"x\" (added)",
            "poll[0] header content-type: \"a\" -> \"b\" (value only)",
        ];
        assert_eq!(diff(&old, &new).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn repeated_names_are_paired_in_their_order() {
        let (old, new) = (polled(&[r#"{"a":1,"a":2}"#]), polled(&[r#"{"a":1,"a":3,"a":4}"#]));

        assert_eq!(diff(&old, &new), "poll[0].a: 4 (added)\npoll[0].a: 2 -> 3 (value only)");
    }

    #[test]
    fn a_body_of_the_same_values_that_is_written_otherwise_is_a_change() {
        let old = polled(&[r#"{"a":"é","b":1}"#]);

        for body in [r#"{"b":1,"a":"é"}"#, r#"{"a": "é","b":1}"#, r#"{"a":"\u00e9","b":1}"#] {
            let expected = "poll[0]: the same in another order or spelling (value only)";
            assert_eq!(diff(&old, &polled(&[body])), expected, "{body}");
        }
    }

    #[test]
    fn another_syntax_is_another_type() {
        let old = polled(&[r#"{"a":1}"#]);

        assert_eq!(diff(&old, &polled(&["<A><a>1</a></A>"])), "poll[0]: {\"a\":1} -> <A><a>1</a></A> (type changed)");
        assert_eq!(diff(&old, &polled(&["gone"])), "poll[0]: {\"a\":1} -> \"gone\" (type changed)");
    }

    #[test]
    fn xml_is_compared_by_its_elements() {
        let (old, new) = (polled(&["<A><b>1</b><c/></A>"]), polled(&["<A><b>2</b></A>"]));

        assert_eq!(diff(&old, &new), "poll[0].c: \"\" (removed)\npoll[0].b: \"1\" -> \"2\" (value only)");
    }

    #[test]
    fn a_long_value_is_cut_down_to_where_it_differs() {
        let body = |end: &str| format!(r#"{{"a":"{}{end}{}"}}"#, "x".repeat(100), "y".repeat(100));
        let shown = |end: &str| format!("\"…{}{end}{}…\"", "x".repeat(15), "y".repeat(44));

        let told = diff(&polled(&[&body("1")]), &polled(&[&body("2")]));

        assert_eq!(told, format!("poll[0].a: {} -> {} (value only)", shown("1"), shown("2")));
    }
}
