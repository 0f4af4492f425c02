//! A cassette that may be stored.

use std::collections::BTreeSet;

use super::cassette::Cassette;
use super::redaction::{Redaction, StandIn};
use super::scan::{self, Leak};
use crate::signing::Key;

/// A cassette that has been redacted and scanned, with the very bytes that were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealed {
    cassette: Cassette,
    text: String,
    rules: BTreeSet<&'static str>,
}

impl Sealed {
    /// Redacts `cassette`, then scans what its file would hold; `real` is the key that the upstream saw, if any.
    ///
    /// # Errors
    /// [`Leak`], the first of the file, where a secret is left. Bytes that do not read back as a cassette are one too.
    pub fn new(cassette: Cassette, real: Option<&Key>) -> Result<Self, Leak> {
        let (redacted, rules) = Redaction::new(real, StandIn::Tape).cassette(&cassette);
        let text = redacted.text();
        if let Some(leak) = scan::leaks(&redacted.path, &text, real).into_iter().next() {
            return Err(leak);
        }
        match Cassette::parse(&redacted.path, text.as_bytes()) {
            Ok(cassette) => Ok(Self { cassette, text, rules }),
            Err(cause) => Err(Leak::unreadable(&redacted.path, cause)),
        }
    }

    /// As it reads from the file.
    pub fn cassette(&self) -> &Cassette {
        &self.cassette
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ids of the rules of redaction that changed something.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::library::Cassettes;
    use super::*;

    #[test]
    fn what_is_shipped_is_sealed_as_it_is() {
        for cassette in Cassettes::shipped().into_vec() {
            let text = cassette.text();

            let sealed = Sealed::new(cassette, None).expect("nothing secret is shipped");

            assert_eq!(sealed.text(), text);
            assert_eq!(sealed.rules().count(), 0);
        }
    }
}
