//! The actions that the gateway knows.

use std::collections::BTreeSet;

/// The actions that exist, each with its version.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Operations(BTreeSet<(String, String)>);

impl Operations {
    /// Whether any action has this version.
    pub fn has_version(&self, version: &str) -> bool {
        self.0.iter().any(|(_, known)| known == version)
    }

    /// Whether `action` exists in `version`; both are case-sensitive.
    pub fn has(&self, action: &str, version: &str) -> bool {
        self.0.iter().any(|(known, in_version)| known == action && in_version == version)
    }
}

impl<A: Into<String>, V: Into<String>> FromIterator<(A, V)> for Operations {
    fn from_iter<I: IntoIterator<Item = (A, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(action, version)| (action.into(), version.into())).collect())
    }
}

impl<A: Into<String>, V: Into<String>> Extend<(A, V)> for Operations {
    fn extend<I: IntoIterator<Item = (A, V)>>(&mut self, pairs: I) {
        self.0.extend(pairs.into_iter().map(|(action, version)| (action.into(), version.into())));
    }
}
