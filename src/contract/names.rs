//! Names that stand in file names, key ids and snapshots.

use std::fmt;

use serde::Deserialize;
use thiserror::Error;

/// Words of lower-case letters and digits, joined by single hyphens.
///
/// It names a scenario, its folder or one of its steps. It stands in paths, in the key id `testid-SCENARIO` and in the
/// names of snapshots, so it holds no dot, no slash and no underscore, and can never climb out of a folder.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// Takes a text that is such a name.
    ///
    /// # Errors
    /// [`BadName`] where it is not.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let sound = text.len() <= LONGEST && text.split('-').all(word);
        sound.then(|| Self(text.to_owned())).ok_or_else(|| BadName(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

/// A text that cannot name anything here.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0:?} is no name")]
pub struct BadName(String);

impl BadName {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "use words of lower-case letters and digits, joined by hyphens, 64 characters at most: failed-task"
    }
}

const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_joined_by_hyphens_are_a_name() {
        for text in ["a", "failed-task", "0", "a1-2b-c"] {
            assert_eq!(Name::parse(text).map(|name| name.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_could_leave_its_folder_or_break_a_key_id_is_no_name() {
        let long = "a".repeat(65);
        let others =
            ["", "-", "a-", "-a", "a--b", ".", "..", "../a", "a/b", "a\\b", "/a", "a.b", "a_b", "A", "é", "a\0"];

        for text in others.into_iter().chain([long.as_str()]) {
            assert_eq!(Name::parse(text), Err(BadName(text.to_owned())));
        }
    }
}
