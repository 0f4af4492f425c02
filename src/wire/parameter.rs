//! A parameter of a request, decoded.

/// One name and value, with where it stood.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Parameter {
    /// Decoded; need not be UTF-8.
    pub name: Vec<u8>,
    /// Decoded; need not be UTF-8. A parameter without `=` has an empty value.
    pub value: Vec<u8>,
    /// Where it stood.
    pub place: Place,
}

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// In the body, as `application/x-www-form-urlencoded`.
    Form,
    /// Behind the `?` of the target.
    Query,
}

impl Parameter {
    /// A parameter of the query.
    pub fn query(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), value: value.into(), place: Place::Query }
    }

    /// A parameter of the form.
    pub fn form(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), value: value.into(), place: Place::Form }
    }

    /// Whether the name is exactly `name`: names are case-sensitive.
    pub fn is(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }
}
