//! What a client says beside what the body says.

use std::borrow::Cow;
use std::fmt;

use crate::contract::{DeclaredField, Reading, Value};

/// Whether two values say the same; a client may keep any of them as text.
pub(super) fn same(ours: &Value, theirs: &Value) -> bool {
    fn spelled(value: &Value) -> Option<Cow<'_, str>> {
        match value {
            Value::Decimal(text) | Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Integer(integer) => Some(Cow::Owned(integer.to_string())),
            Value::Bool(_) | Value::Nested | Value::Null => None,
        }
    }
    ours == theirs || spelled(ours).is_some_and(|ours| spelled(theirs) == Some(ours))
}

/// Whether a value says `status`, in digits or by the name of its state.
pub(super) fn says(value: &Value, status: i128, field: &DeclaredField) -> bool {
    if same(&Value::Integer(status), value) {
        return true;
    }
    let state = field.value(&status.to_string()).and_then(|declared| declared.state);
    matches!((value, state), (Value::Text(text), Some(state)) if text.eq_ignore_ascii_case(state.name()))
}

/// Whether a value says any documented value of its field.
pub(super) fn says_any(value: &Value, field: &DeclaredField) -> bool {
    field.values.iter().any(|declared| {
        let named = declared
            .state
            .is_some_and(|state| matches!(value, Value::Text(text) if text.eq_ignore_ascii_case(state.name())));
        named || same(&Value::Text(declared.value.clone()), value)
    })
}

/// Whether a value is what stands for none in clients without optional values.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Integer(0) => true,
        Value::Text(text) => text.is_empty(),
        Value::Bool(_) | Value::Decimal(_) | Value::Integer(_) | Value::Nested => false,
    }
}

/// A value, or that there is none.
pub(super) struct Shown<'a>(pub(super) Option<&'a Value>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("nothing"),
        }
    }
}

/// A reading in a line.
pub(super) struct Summary<'a>(pub(super) &'a Reading);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reading::Answer(fields) if fields.is_empty() => f.write_str("an answer without fields"),
            Reading::Answer(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
                write!(f, "an answer with {}", Start(&names.join(", ")))
            }
            Reading::Refused { code, .. } => write!(f, "a refusal with Code {:?}", code.as_deref().unwrap_or_default()),
            Reading::Unreadable { why, .. } => write!(f, "an error: {}", Start(why)),
        }
    }
}

/// The start of a text of unknown length.
pub(super) struct Start<'a>(pub(super) &'a str);

impl fmt::Display for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(START_CHARACTERS) {
            Some((end, _)) => write!(f, "{}..", &self.0[..end]),
            None => f.write_str(self.0),
        }
    }
}

/// A status, where it is told.
pub(super) struct Told(pub(super) Option<u16>);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => write!(f, "{status}"),
            None => f.write_str("no status"),
        }
    }
}

const START_CHARACTERS: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_of_a_client_are_cut() {
        let long = Reading::Unreadable { status: None, why: "é".repeat(500) };

        assert_eq!(Summary(&long).to_string(), format!("an error: {}..", "é".repeat(120)));
    }
}
