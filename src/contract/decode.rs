//! Our own reading of an answer, and what it took to read it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use thiserror::Error;

use super::operation::{DeclaredField, Operation, ValueType};
use super::reading::{Fields, Reading, Value};
use crate::wire::{Document, DocumentError, Node, Response, Syntax};

/// Our reading of an answer, and the leniencies that the body needed.
///
/// Its Display is made for snapshots: the reading, then a line for each leniency.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decoded {
    /// What was read.
    pub reading: Reading,
    /// Field by field, what a strict reader would have stumbled over. Empty for an unreadable body.
    pub leniencies: Vec<(String, Leniency)>,
}

/// What a body needed to be read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Leniency {
    /// A declared field is not there.
    Absent,
    /// An XML element has attributes, which were left out.
    Attributes,
    /// `null` stands for the value.
    Null,
    /// A number stands for a text.
    NumberForText,
    /// A declared name in another case; read as an unknown field.
    OtherCase,
    /// An XML document under another root than the action's or `Error`.
    OtherRoot,
    /// A value of quite another type than declared; kept as it is.
    OtherType,
    /// An integer that its declared type does not hold; kept exactly.
    OutOfRange,
    /// A name stands more than once; the last counts.
    Repeated,
    /// A text stands for an integer, as in `"Status":"0"`; read as the integer.
    TextForInteger,
    /// A field that is not declared.
    Unknown,
}

/// Reads an answer to `operation`, or a refusal of any action.
///
/// The body alone decides how it is read: a `Content-Type` is not asked, and a content coding is not undone.
/// A 2xx with a `Code` and no field of the result is a refusal; one with no declared field at all is
/// unreadable, never an empty answer. Under every other status a body that can be read is a refusal, with or
/// without `Code`.
pub fn decode(response: &Response, operation: &Operation) -> Decoded {
    match Body::of(&response.body).and_then(|body| body.read(response.status, operation)) {
        Ok(decoded) => decoded,
        Err(unread) => {
            let why = format!("{unread}{}", Excerpt(&response.body));
            Decoded { reading: Reading::Unreadable { status: Some(response.status), why }, leniencies: Vec::new() }
        }
    }
}

/// Whether a body looks like a page for people, whatever its `Content-Type` says.
pub(crate) fn is_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    HTML_STARTS.iter().any(|html| start.get(..html.len()).is_some_and(|found| found.eq_ignore_ascii_case(html)))
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reading)?;
        if !self.leniencies.is_empty() {
            f.write_str("\nleniencies")?;
        }
        self.leniencies.iter().try_for_each(|(field, leniency)| write!(f, "\n  {field}: {leniency}"))
    }
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Absent => "absent",
            Self::Attributes => "has attributes",
            Self::Null => "null",
            Self::NumberForText => "a number for a text",
            Self::OtherCase => "a known name in another case",
            Self::OtherRoot => "an unexpected root element",
            Self::OtherType => "of another type",
            Self::OutOfRange => "outside the range of its type",
            Self::Repeated => "repeated, the last one counts",
            Self::TextForInteger => "a text for an integer",
            Self::Unknown => "an unknown field",
        })
    }
}

/// The members of a body, each name once, and what was noticed on the way to them.
struct Body {
    syntax: Syntax,
    members: Vec<(String, Node)>,
    leniencies: Vec<(String, Leniency)>,
}

impl Body {
    fn of(bytes: &[u8]) -> Result<Self, Unread> {
        if is_html(bytes) {
            return Err(Unread::Html);
        }
        let document = Document::parse(bytes)?;
        let attributed = document.attributed.into_iter().map(|element| (element, Leniency::Attributes));
        let mut body = Self { syntax: document.syntax, members: Vec::new(), leniencies: attributed.collect() };
        match document.root {
            Node::Object(members) => body.keep_last(members),
            Node::Text(text) if body.syntax != Syntax::Json && text.trim_ascii().is_empty() => {}
            other => return Err(Unread::NoObject(kind(&other))),
        }
        Ok(body)
    }

    fn keep_last(&mut self, members: Vec<(String, Node)>) {
        let last: HashMap<String, usize> =
            members.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        let mut repeated = HashSet::new();
        for (at, (name, node)) in members.into_iter().enumerate() {
            if last.get(&name) == Some(&at) {
                self.members.push((name, node));
            } else if repeated.insert(name.clone()) {
                self.leniencies.push((name, Leniency::Repeated));
            }
        }
    }

    fn read(self, status: u16, operation: &Operation) -> Result<Decoded, Unread> {
        let declared = || operation.fields.iter().map(|field| field.name.as_str());
        let has_result = declared().any(|name| !REFUSAL.contains(&name) && self.has(name));
        match status {
            200..300 if self.has("Code") && !has_result => Ok(self.read_refusal(status)),
            200..300 if declared().any(|name| self.has(name)) => Ok(self.read_answer(operation)),
            200..300 => Err(Unread::NoField),
            _ => Ok(self.read_refusal(status)),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, node)| known == name && *node != Node::Null)
    }

    fn read_answer(mut self, operation: &Operation) -> Decoded {
        self.note_root(&format!("{}Response", operation.action));
        let mut fields = Fields::new();
        for (name, node) in std::mem::take(&mut self.members) {
            let value = match operation.field(&name) {
                Some(field) => self.declared_value(field, node),
                None => {
                    self.note_unknown(&name, operation.fields.iter().map(|field| field.name.as_str()));
                    plain_value(node)
                }
            };
            fields.push(name, value);
        }
        let absent = operation.fields.iter().filter(|field| fields.get(&field.name).is_none());
        self.leniencies.extend(absent.map(|field| (field.name.clone(), Leniency::Absent)));
        Decoded { reading: Reading::Answer(fields), leniencies: self.leniencies }
    }

    fn declared_value(&mut self, field: &DeclaredField, node: Node) -> Value {
        let is_text = field.value_type == ValueType::String;
        let value = match node {
            Node::Text(text) if !is_text && is_integer(&text) => {
                if self.syntax == Syntax::Json {
                    self.note(&field.name, Leniency::TextForInteger);
                }
                number(text)
            }
            node => plain_value(node),
        };
        let leniency = match &value {
            Value::Integer(integer) if !is_text && field.value_type.holds(*integer) => None,
            Value::Text(_) if is_text => None,
            Value::Null => Some(Leniency::Null),
            Value::Decimal(_) | Value::Integer(_) if is_text => Some(Leniency::NumberForText),
            Value::Integer(_) => Some(Leniency::OutOfRange),
            Value::Decimal(spelling) if is_integer(spelling) => Some(Leniency::OutOfRange),
            _ => Some(Leniency::OtherType),
        };
        leniency.into_iter().for_each(|leniency| self.note(&field.name, leniency));
        value
    }

    fn read_refusal(mut self, status: u16) -> Decoded {
        self.note_root("Error");
        let mut parts = HashMap::new();
        for (name, node) in std::mem::take(&mut self.members) {
            if !REFUSAL.contains(&name.as_str()) {
                self.note_unknown(&name, REFUSAL.iter().copied());
            } else if name != DETAIL {
                let part = self.part(&name, node);
                parts.insert(name, part);
            }
        }
        let absent = REFUSAL_ALWAYS.iter().filter(|name| !parts.contains_key(**name));
        self.leniencies.extend(absent.map(|name| ((*name).to_owned(), Leniency::Absent)));
        let mut part = |name: &str| parts.remove(name).flatten();
        let (code, message, request_id) = (part("Code"), part("Message"), part("RequestId"));
        let reading = Reading::Refused { status: Some(status), code, message, request_id };
        Decoded { reading, leniencies: self.leniencies }
    }

    fn part(&mut self, name: &str, node: Node) -> Option<String> {
        let (part, leniency) = match node {
            Node::Text(text) => return Some(text),
            Node::Number(spelling) => (Some(spelling), Leniency::NumberForText),
            Node::Null => (None, Leniency::Null),
            Node::Array(_) | Node::Bool(_) | Node::Object(_) => (None, Leniency::OtherType),
        };
        self.note(name, leniency);
        part
    }

    fn note_root(&mut self, expected: &str) {
        match &self.syntax {
            Syntax::Xml { root } if root != expected => {
                self.leniencies.push((root.clone(), Leniency::OtherRoot));
            }
            _ => {}
        }
    }

    fn note_unknown<'a>(&mut self, name: &str, mut known: impl Iterator<Item = &'a str>) {
        let other_case = known.any(|known| known.eq_ignore_ascii_case(name));
        self.note(name, if other_case { Leniency::OtherCase } else { Leniency::Unknown });
    }

    fn note(&mut self, name: &str, leniency: Leniency) {
        self.leniencies.push((name.to_owned(), leniency));
    }
}

/// Why there is no reading.
#[derive(Debug, Error)]
enum Unread {
    #[error("{0}")]
    Document(#[from] DocumentError),
    #[error("the body is an HTML page")]
    Html,
    #[error("the body has none of the fields of the answer")]
    NoField,
    #[error("the body is {0}, not an object")]
    NoObject(&'static str),
}

/// The start of a body, so that a page or a secret in it does not go into a log as a whole.
struct Excerpt<'b>(&'b [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.trim_ascii().is_empty() {
            return Ok(());
        }
        let start = &self.0[..self.0.len().min(EXCERPT_BYTES)];
        let dots = if start.len() < self.0.len() { ".." } else { "" };
        let text = String::from_utf8_lossy(start);
        write!(f, ": \"{}\"{dots} ({} bytes)", text.escape_debug(), self.0.len())
    }
}

fn plain_value(node: Node) -> Value {
    match node {
        Node::Array(_) | Node::Object(_) => Value::Nested,
        Node::Bool(value) => Value::Bool(value),
        Node::Null => Value::Null,
        Node::Number(spelling) => number(spelling),
        Node::Text(text) => Value::Text(text),
    }
}

fn number(spelling: String) -> Value {
    spelling.parse().map_or(Value::Decimal(spelling), Value::Integer)
}

/// Whether a text is an integer as JSON spells it: no plus sign, no leading zero.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let spelled = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    spelled && (digits == "0" || !digits.starts_with('0'))
}

fn kind(node: &Node) -> &'static str {
    match node {
        Node::Array(_) => "a list",
        Node::Bool(_) => "a truth value",
        Node::Null => "null",
        Node::Number(_) => "a number",
        Node::Object(_) => "an object",
        Node::Text(_) => "a text",
    }
}

const EXCERPT_BYTES: usize = 60;

/// What a refusal may have ([errors](https://www.alibabacloud.com/help/doc-detail/29746.htm), read 2026-11-24).
const REFUSAL: &[&str] = &["RequestId", "HostId", "Code", "Message", "Recommend", DETAIL];

/// What every refusal has.
const REFUSAL_ALWAYS: &[&str] = &["RequestId", "HostId", "Code", "Message"];

/// What a denied right comes with: an object, since about 2023.
const DETAIL: &str = "AccessDeniedDetail";

const HTML_STARTS: &[&[u8]] = &[b"<!doctype html", b"<html"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Headers;

    fn response(status: u16, body: impl AsRef<[u8]>) -> Response {
        Response { status, headers: Headers::new(), body: body.as_ref().to_vec() }
    }

    fn shown(status: u16, body: impl AsRef<[u8]>) -> String {
        decode(&response(status, body), &Operation::all()[0]).to_string()
    }

    /// A success with every field but one as documented.
    fn with(field: &str, value: &str) -> Decoded {
        let documented = [
            ("Status", "1"),
            ("TotalCount", "4"),
            ("TaskId", "123456"),
            ("RequestId", "\"7\""),
            ("FailedCount", "2"),
            ("SuccessCount", "2"),
            ("BatchType", "\"RR_ADD\""),
            ("Reason", "\"\""),
        ];
        let members = documented.map(|(name, usual)| {
            let value = if name == field { value } else { usual };
            format!("\"{name}\":{value}")
        });
        decode(&response(200, format!("{{{}}}", members.join(","))), &Operation::all()[0])
    }

    fn value_and_leniencies(field: &str, value: &str) -> (Value, Vec<Leniency>) {
        let decoded = with(field, value);
        let found = decoded.reading.fields().and_then(|fields| fields.get(field)).expect("the field is there");
        assert!(decoded.leniencies.iter().all(|(name, _)| name == field), "{decoded}");
        (found.clone(), decoded.leniencies.iter().map(|(_, leniency)| *leniency).collect())
    }

    #[test]
    fn an_answer_with_every_field_as_declared_needs_no_leniency() {
        assert_eq!(
            with("Status", "2").to_string(),
            "answer\n  Status: 2\n  TotalCount: 4\n  TaskId: 123456\n  RequestId: \"7\"\n  FailedCount: 2\n  \
             SuccessCount: 2\n  BatchType: \"RR_ADD\"\n  Reason: \"\""
        );
    }

    #[test]
    fn a_text_for_an_integer_is_read_and_said() {
        assert_eq!(value_and_leniencies("Status", "\"-1\""), (Value::Integer(-1), vec![Leniency::TextForInteger]));
        assert_eq!(value_and_leniencies("Status", "-1"), (Value::Integer(-1), vec![]));
    }

    #[test]
    fn what_is_no_integer_is_kept_as_it_is_and_said() {
        for (spelling, value) in [
            ("\"01\"", Value::Text("01".into())),
            ("\"+1\"", Value::Text("+1".into())),
            ("\"\"", Value::Text(String::new())),
            ("\" 1\"", Value::Text(" 1".into())),
            ("2.0", Value::Decimal("2.0".into())),
            ("1e3", Value::Decimal("1e3".into())),
            ("true", Value::Bool(true)),
            ("[1]", Value::Nested),
            ("{}", Value::Nested),
        ] {
            assert_eq!(value_and_leniencies("TotalCount", spelling), (value, vec![Leniency::OtherType]), "{spelling}");
        }
    }

    #[test]
    fn integers_are_exact_and_said_where_their_type_does_not_hold_them() {
        assert_eq!(value_and_leniencies("TaskId", "9007199254740993"), (Value::Integer(9_007_199_254_740_993), vec![]));
        assert_eq!(value_and_leniencies("TaskId", "9223372036854775807"), (Value::Integer(i64::MAX.into()), vec![]));
        assert_eq!(
            value_and_leniencies("TaskId", "9223372036854775808"),
            (Value::Integer(9_223_372_036_854_775_808), vec![Leniency::OutOfRange])
        );
        assert_eq!(
            value_and_leniencies("TotalCount", "2147483648"),
            (Value::Integer(2_147_483_648), vec![Leniency::OutOfRange])
        );
        let beyond = "1".repeat(60);
        assert_eq!(
            value_and_leniencies("TaskId", &beyond),
            (Value::Decimal(beyond.clone()), vec![Leniency::OutOfRange])
        );
        assert_eq!(
            value_and_leniencies("TaskId", "\"9223372036854775808\"").1,
            [Leniency::TextForInteger, Leniency::OutOfRange]
        );
    }

    #[test]
    fn null_and_a_number_for_a_text_are_said() {
        assert_eq!(value_and_leniencies("Reason", "null"), (Value::Null, vec![Leniency::Null]));
        assert_eq!(value_and_leniencies("Reason", "5"), (Value::Integer(5), vec![Leniency::NumberForText]));
        assert_eq!(
            value_and_leniencies("Reason", "5.5"),
            (Value::Decimal("5.5".into()), vec![Leniency::NumberForText])
        );
    }

    #[test]
    fn absent_unknown_miscased_and_repeated_fields_are_said() {
        let body = r#"{"Status":1,"Extra":{"a":1},"taskId":7,"Status":2,"RequestId":"7","Status":0}"#;

        assert_eq!(
            shown(200, body),
            "answer\n  Extra: (nested)\n  taskId: 7\n  RequestId: \"7\"\n  Status: 0\n\
             leniencies\n  Status: repeated, the last one counts\n  Extra: an unknown field\n  \
             taskId: a known name in another case\n  TaskId: absent\n  BatchType: absent\n  TotalCount: absent\n  \
             SuccessCount: absent\n  FailedCount: absent\n  Reason: absent"
        );
    }

    #[test]
    fn a_success_in_xml_reads_like_one_in_json() {
        let xml = "<DescribeBatchResultCountResponse><RequestId>7</RequestId><Status>0</Status><TaskId>123</TaskId>\
                   </DescribeBatchResultCountResponse>";
        let json = r#"{"RequestId":"7","Status":0,"TaskId":123}"#;

        assert_eq!(shown(200, xml), shown(200, json));
    }

    #[test]
    fn an_empty_xml_element_is_no_integer() {
        let shown = shown(200, "<R><RequestId>7</RequestId><TaskId/><Reason/></R>");

        assert!(shown.starts_with("answer\n  RequestId: \"7\"\n  TaskId: \"\"\n  Reason: \"\"\n"), "{shown}");
        assert!(shown.contains("\n  R: an unexpected root element\n  TaskId: of another type\n"), "{shown}");
    }

    #[test]
    fn attributes_are_said() {
        let body = "<DescribeBatchResultCountResponse xmlns=\"a\"><Status x=\"1\">0</Status></DescribeBatchResultCountResponse>";

        let decoded = decode(&response(200, body), &Operation::all()[0]);

        let attributed: Vec<&str> = decoded
            .leniencies
            .iter()
            .filter(|(_, leniency)| *leniency == Leniency::Attributes)
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(attributed, ["DescribeBatchResultCountResponse", "Status"]);
    }

    #[test]
    fn a_refusal_is_read_from_json_and_from_xml() {
        let json = r#"{"Recommend":"https://a/?b","Message":"No \"Version\".","RequestId":"7","HostId":"alidns.aliyuncs.com","Code":"InvalidVersion"}"#;
        let xml = "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>7</RequestId><HostId>h</HostId>\
                   <Code>InvalidVersion</Code><Message>No &quot;Version&quot;.</Message>\
                   <Recommend><![CDATA[https://a/?b&c]]></Recommend></Error>";

        let expected =
            "refused, status 400\n  Code: \"InvalidVersion\"\n  Message: \"No \\\"Version\\\".\"\n  RequestId: \"7\"";

        assert_eq!(shown(400, json), expected);
        assert_eq!(shown(400, xml), expected);
    }

    #[test]
    fn a_refusal_under_success_is_a_refusal_unless_there_is_a_result() {
        let refused = r#"{"Code":"Throttling.User","Message":"m","RequestId":"7","HostId":"h","Status":null}"#;
        let answered = r#"{"Code":"OK","RequestId":"7","Status":0}"#;

        assert!(shown(200, refused).starts_with("refused, status 200\n  Code: \"Throttling.User\""));
        assert!(shown(200, answered).starts_with("answer\n  Code: \"OK\"\n  RequestId: \"7\"\n  Status: 0"));
        assert!(shown(200, answered).contains("\n  Code: an unknown field"));
    }

    #[test]
    fn a_refusal_without_code_keeps_its_status_and_says_what_is_absent() {
        assert_eq!(
            shown(503, r#"{"error":"down","Message":null,"code":"x"}"#),
            "refused, status 503\nleniencies\n  error: an unknown field\n  Message: null\n  \
             code: a known name in another case\n  RequestId: absent\n  HostId: absent\n  Code: absent"
        );
    }

    #[test]
    fn the_parts_of_a_refusal_need_not_be_texts() {
        let body =
            r#"{"Code":404,"Message":["m"],"RequestId":"7","HostId":"h","AccessDeniedDetail":{"AuthAction":"a"}}"#;

        assert_eq!(
            shown(404, body),
            "refused, status 404\n  Code: \"404\"\n  RequestId: \"7\"\nleniencies\n  Code: a number for a text\n  \
             Message: of another type"
        );
    }

    #[test]
    fn a_redirect_is_never_an_answer() {
        assert!(shown(302, r#"{"RequestId":"7","Status":1}"#).starts_with("refused, status 302"));
    }

    #[test]
    fn what_cannot_be_read_keeps_its_status_and_shows_the_start_of_the_body() {
        let page = format!("\n<!DOCTYPE html><p>{}", "x".repeat(5_000));

        for (status, body, expected) in [
            (204, "", "unreadable, status 204\n  the body is empty"),
            (
                200,
                "{\"Status\":1",
                "unreadable, status 200\n  the document is cut off at byte 11: \"{\\\"Status\\\":1\" (11 bytes)",
            ),
            (
                200,
                "{\"Status\":1}x",
                "unreadable, status 200\n  malformed JSON at line 1, column 13: \"{\\\"Status\\\":1}x\" (13 bytes)",
            ),
            (
                200,
                "\u{feff}{}",
                "unreadable, status 200\n  a byte order mark stands before the document: \"\\u{feff}{}\" (5 bytes)",
            ),
            (200, "{}", "unreadable, status 200\n  the body has none of the fields of the answer: \"{}\" (2 bytes)"),
            (
                200,
                "<A/>",
                "unreadable, status 200\n  the body has none of the fields of the answer: \"<A/>\" (4 bytes)",
            ),
            (200, "[]", "unreadable, status 200\n  the body is a list, not an object: \"[]\" (2 bytes)"),
            (
                502,
                "<HTML><body/></HTML>",
                "unreadable, status 502\n  the body is an HTML page: \"<HTML><body/></HTML>\" (20 bytes)",
            ),
        ] {
            assert_eq!(shown(status, body), expected);
        }
        let expected = format!(
            "unreadable, status 503\n  the body is an HTML page: \"\\n<!DOCTYPE html><p>{}\".. (5019 bytes)",
            "x".repeat(41)
        );
        assert_eq!(shown(503, page), expected);
    }

    #[test]
    fn a_body_in_another_charset_is_not_guessed_at() {
        assert!(
            shown(200, b"{\"RequestId\":\"7\",\"Reason\":\"\xd6\xd0\"}").starts_with("unreadable, status 200\n  byte ")
        );
    }

    #[test]
    fn a_hundred_thousand_fields_are_read_in_a_moment() {
        let many: Vec<String> = (0..100_000).map(|number| format!("\"a{}\":0", number / 2)).collect();

        let decoded = decode(&response(200, format!("{{\"Status\":1,{}}}", many.join(","))), &Operation::all()[0]);

        assert_eq!(decoded.reading.fields().map(|fields| fields.iter().count()), Some(50_001));
    }

    fn bodies() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"Status\"",
            "\"Code\"",
            "\"RequestId\"",
            "1",
            "1e999999999",
            "-",
            "null",
            "true",
            "\"\\ud800\"",
            "\"x\"",
            "<Error>",
            "</Error>",
            "<Code>",
            "</Code>",
            "<A b='c'/>",
            "<![CDATA[",
            "]]>",
            "&amp;",
            "&#0;",
            "&x",
            "<?xml",
            "?>",
            "<!--",
            " ",
            "\u{feff}",
        ]);
        let texts = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
        prop_oneof![texts, prop::collection::vec(any::<u8>(), 0..200)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_read_or_refused_with_their_status(status in 100_u16..600, body in bodies()) {
            let decoded = decode(&response(status, &body), &Operation::all()[0]);

            match &decoded.reading {
                Reading::Answer(fields) => prop_assert!((200..300).contains(&status) && !fields.is_empty()),
                Reading::Refused { status: kept, .. } => prop_assert_eq!(*kept, Some(status)),
                Reading::Unreadable { status: kept, why } => {
                    prop_assert_eq!(*kept, Some(status));
                    prop_assert!(why.len() < 1_000 && !why.is_empty());
                    prop_assert!(decoded.leniencies.is_empty());
                }
            }
        }
    }
}
