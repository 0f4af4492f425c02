//! What was understood of an answer.

use std::fmt;

/// What a client understood of an answer: one type for the bundled client and every other.
///
/// Closed on purpose: an answer that is neither fields nor a refusal could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reading {
    /// The operation's result.
    Answer(Fields),
    /// The service turned the request down. A part that the client does not tell is `None`.
    Refused {
        /// The HTTP status.
        status: Option<u16>,
        /// `Code`.
        code: Option<String>,
        /// `Message`.
        message: Option<String>,
        /// `RequestId`.
        request_id: Option<String>,
    },
    /// The answer could not be read.
    Unreadable {
        /// The HTTP status, where the client tells it.
        status: Option<u16>,
        /// The client's own words.
        why: String,
    },
}

impl Reading {
    /// The fields of a result.
    pub fn fields(&self) -> Option<&Fields> {
        match self {
            Self::Answer(fields) => Some(fields),
            Self::Refused { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// Fields by name, in the order that they were read in.
///
/// # Example
/// ```
/// use alidns_contract::contract::{Fields, Value};
///
/// let fields = Fields::new().with("Status", 1).with_some("Reason", None::<String>);
/// assert_eq!(fields.get("Status"), Some(&Value::Integer(1)));
/// assert_eq!(fields.get("Reason"), None);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same fields with one more.
    #[must_use = "the fields themselves are not changed"]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push(name, value);
        self
    }

    /// The same fields with one more where there is a value: what a client with optional fields has.
    #[must_use = "the fields themselves are not changed"]
    pub fn with_some(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds one behind the others.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value under `name`, in exactly that spelling.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// A value of a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A number with a fraction or an exponent, or beyond all integers that are held here, as spelled.
    Decimal(String),
    /// An integer, exact.
    Integer(i128),
    /// A list or an object.
    Nested,
    /// `null`.
    Null,
    /// A text.
    Text(String),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i128> for Value {
    fn from(value: i128) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl fmt::Display for Reading {
    /// The kind on the first line, then a line for each field or part.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(fields) => write!(f, "answer{fields}"),
            Self::Refused { status, code, message, request_id } => {
                write!(f, "refused{}", Status(*status))?;
                let parts = [("Code", code), ("Message", message), ("RequestId", request_id)];
                let mut parts = parts.into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?)));
                parts.try_for_each(|(name, part)| write!(f, "\n  {name}: {part:?}"))
            }
            Self::Unreadable { status, why } => write!(f, "unreadable{}\n  {why}", Status(*status)),
        }
    }
}

impl fmt::Display for Fields {
    /// A line for each field, with a line break in front of each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(name, value)| write!(f, "\n  {name}: {value}"))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Decimal(spelling) => f.write_str(spelling),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Nested => f.write_str("(nested)"),
            Self::Null => f.write_str("null"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

struct Status(Option<u16>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => write!(f, ", status {status}"),
            None => f.write_str(", status not told"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_their_exact_spelling_and_the_first_counts() {
        let fields: Fields = [("Status", Value::from(2)), ("Status", Value::Null)].into_iter().collect();

        assert_eq!(fields.get("Status"), Some(&Value::Integer(2)));
        assert_eq!(fields.get("status"), None);
    }

    #[test]
    fn an_answer_shows_each_value_in_its_kind() {
        let fields = Fields::new().with("A", i64::MAX).with("B", "0\n").with("C", true).with("D", Value::Nested);
        let fields = fields.with("E", Value::Decimal("1e3".into())).with("F", Value::Null);

        let shown = Reading::Answer(fields).to_string();

        assert_eq!(
            shown,
            "answer\n  A: 9223372036854775807\n  B: \"0\\n\"\n  C: true\n  D: (nested)\n  E: 1e3\n  F: null"
        );
    }

    #[test]
    fn a_refusal_shows_what_it_tells_and_no_more() {
        let refused =
            Reading::Refused { status: Some(400), code: Some("Throttling".into()), message: None, request_id: None };
        let unreadable = Reading::Unreadable { status: None, why: "no JSON".into() };

        assert_eq!(refused.to_string(), "refused, status 400\n  Code: \"Throttling\"");
        assert_eq!(unreadable.to_string(), "unreadable, status not told\n  no JSON");
    }
}
