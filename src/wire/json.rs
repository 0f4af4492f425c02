//! JSON as a document.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::document::{Document, DocumentError, MOST_LEVELS, Node, Syntax};

/// Reads a JSON text from the first byte to the last.
pub(super) fn parse(text: &str) -> Result<Document, DocumentError> {
    let whole = serde_json::from_str(text).map_err(|cause| outer_error(cause, text))?;
    Ok(Document { syntax: Syntax::Json, root: node(whole, &mut Vec::new())?, attributed: Vec::new() })
}

/// Each step into a value is a parse of its own, which alone keeps numbers as they are spelled. The recursion
/// limit of `serde_json` starts anew with each, hence our own.
fn node(raw: &RawValue, path: &mut Vec<String>) -> Result<Node, DocumentError> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{' | b'[') if path.len() == MOST_LEVELS => Err(DocumentError::TooDeep),
        Some(b'{') => object(text, path),
        Some(b'[') => array(text, path),
        Some(b'"') => part(text, path).map(Node::Text),
        Some(b't') => Ok(Node::Bool(true)),
        Some(b'f') => Ok(Node::Bool(false)),
        Some(b'n') => Ok(Node::Null),
        _ => Ok(Node::Number(text.to_owned())),
    }
}

fn object(text: &str, path: &mut Vec<String>) -> Result<Node, DocumentError> {
    let Members(raw) = part(text, path)?;
    let mut members = Vec::with_capacity(raw.len());
    for (name, value) in raw {
        path.push(name);
        let value = node(value, path)?;
        members.push((path.pop().unwrap_or_default(), value));
    }
    Ok(Node::Object(members))
}

fn array(text: &str, path: &mut Vec<String>) -> Result<Node, DocumentError> {
    let raw: Vec<&RawValue> = part(text, path)?;
    let mut items = Vec::with_capacity(raw.len());
    for (index, value) in raw.into_iter().enumerate() {
        path.push(index.to_string());
        items.push(node(value, path)?);
        path.pop();
    }
    Ok(Node::Array(items))
}

fn part<'t, T: Deserialize<'t>>(text: &'t str, path: &[String]) -> Result<T, DocumentError> {
    serde_json::from_str(text).map_err(|cause| {
        let place = if path.is_empty() { "at the top".to_owned() } else { format!("in {:?}", path.join("/")) };
        DocumentError::Json { place, cause }
    })
}

fn outer_error(cause: serde_json::Error, text: &str) -> DocumentError {
    if cause.is_eof() {
        return DocumentError::Cut { at: text.len() };
    }
    DocumentError::Json { place: format!("at line {}, column {}", cause.line(), cause.column()), cause }
}

/// Names and values in order: a map of serde's own would drop repeated names.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node {
        let document = Document::parse(text.as_bytes()).expect("the text is JSON");
        assert_eq!(document.syntax, Syntax::Json);
        document.root
    }

    fn error(text: &str) -> String {
        Document::parse(text.as_bytes()).expect_err("the text is not JSON").to_string()
    }

    fn number(spelling: &str) -> Node {
        Node::Number(spelling.to_owned())
    }

    #[test]
    fn order_repeated_names_and_white_space_in_texts_are_kept() {
        let found = root(" {\"b\": 1, \"a\": [true, false, null, \" x\\n\"], \"b\" : {} }\n");

        let array = Node::Array(vec![Node::Bool(true), Node::Bool(false), Node::Null, Node::Text(" x\n".into())]);
        let expected =
            vec![("b".to_owned(), number("1")), ("a".to_owned(), array), ("b".to_owned(), Node::Object(vec![]))];
        assert_eq!(found, Node::Object(expected));
    }

    #[test]
    fn numbers_stay_as_they_are_spelled() {
        for spelling in ["0", "-0", "1.50", "1e3", "9007199254740993", "340282366920938463463374607431768211456"] {
            assert_eq!(root(spelling), number(spelling));
        }
    }

    #[test]
    fn escapes_are_resolved_in_names_and_values() {
        let found = root(r#"{"\u0052eason":"\ud83d\ude00\/"}"#);

        assert_eq!(found, Node::Object(vec![("Reason".into(), Node::Text("😀/".into()))]));
    }

    #[test]
    fn a_cut_text_is_told_from_a_malformed_one() {
        assert_eq!(error(r#"{"Status":1,"Rea"#), "the document is cut off at byte 16");
        assert_eq!(error("{\"Status\":01}"), "malformed JSON at line 1, column 12");
        assert_eq!(error("{}\n{}"), "malformed JSON at line 2, column 1");
        assert_eq!(error("Bad Gateway"), "malformed JSON at line 1, column 1");
    }

    #[test]
    fn half_a_surrogate_pair_is_refused_with_the_way_to_it() {
        assert_eq!(error(r#"{"A":[0,{"Reason":"\ud800"}]}"#), "malformed JSON in \"A/1/Reason\"");
        assert_eq!(error(r#""\ud800""#), "malformed JSON at the top");
    }

    #[test]
    fn nesting_ends_at_its_bound() {
        let nested = |levels: usize| format!("{}0{}", "[".repeat(levels), "]".repeat(levels));

        assert!(Document::parse(nested(64).as_bytes()).is_ok());
        assert_eq!(error(&nested(65)), "the document is nested more than 64 levels deep");
        assert_eq!(error(&nested(100_000)), "the document is nested more than 64 levels deep");
    }
}
