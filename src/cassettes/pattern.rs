//! What is to be replaced without being known: by the name before it, or by its own shape.

use std::ops::Range;

use memchr::memmem;

use crate::signing::TestKeyId;

/// What stands in for a value that was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StandInKind {
    /// A number of its own for each account.
    Account,
    /// A text.
    Text(&'static str),
}

/// A kind of value, and how it is told from others.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The id of the rule.
    pub rule: &'static str,
    /// What comes in its place.
    pub stand_in: StandInKind,
    sign: Sign,
    /// What it is made of.
    of: fn(u8) -> bool,
    /// How long it is at least.
    fewest: usize,
    /// What may stay.
    public: fn(&[u8]) -> bool,
}

/// What a value is known by.
#[derive(Debug)]
enum Sign {
    /// A name and, behind it, a mark that gives it a value; in lower case.
    Assigned(&'static [&'static str]),
    /// What it begins with.
    Begins(&'static [&'static str]),
    /// The fourth part of a resource name, `acs:SERVICE:REGION:ACCOUNT:..`.
    Resource,
    /// A word before it; in lower case.
    Word(&'static [&'static str]),
}

impl Pattern {
    /// Where such values stand in `text`; `lower` is the same text in lower case.
    pub(super) fn find(&self, text: &[u8], lower: &[u8]) -> Vec<Range<usize>> {
        let starts: Vec<usize> = match &self.sign {
            Sign::Assigned(names) => after_names(lower, names, is_mark, is_assignment),
            Sign::Begins(beginnings) => beginnings.iter().flat_map(|known| starts_of_words(text, known)).collect(),
            Sign::Resource => memmem::find_iter(text, "acs:").map(|at| at + length_of_parts(&text[at..])).collect(),
            Sign::Word(words) => after_names(lower, words, |byte| byte == b' ' || is_mark(byte), |_| true),
        };
        let whole = |start: usize| start..start + length_of(&text[start..], self.of);
        let ranges = starts.into_iter().filter(|&start| start < text.len()).map(whole);
        let long = ranges.filter(|range| range.len() >= self.fewest);
        long.filter(|range| !(self.public)(&text[range.clone()]) && !is_masked(text, range)).collect()
    }
}

fn after_names(lower: &[u8], names: &[&str], between: fn(u8) -> bool, enough: fn(&[u8]) -> bool) -> Vec<usize> {
    let ends = names.iter().flat_map(|name| memmem::find_iter(lower, name).map(|at| at + name.len()));
    let behind = ends.map(|end| (end, end + length_of(&lower[end..], between)));
    behind.filter(|&(end, start)| start > end && enough(&lower[end..start])).map(|(_, start)| start).collect()
}

fn starts_of_words<'t>(text: &'t [u8], beginning: &'t str) -> impl Iterator<Item = usize> + 't {
    memmem::find_iter(text, beginning).filter(|&at| at == 0 || !text[at - 1].is_ascii_alphanumeric())
}

/// Of three parts with their colons; past the end where there are fewer.
fn length_of_parts(text: &[u8]) -> usize {
    text.splitn(4, |&byte| byte == b':').take(3).map(|part| part.len() + 1).sum()
}

fn length_of(text: &[u8], of: fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| of(byte)).count()
}

/// Whoever quoted it has put `****` for a part of it.
fn is_masked(text: &[u8], range: &Range<usize>) -> bool {
    text[..range.end].ends_with(b"**") || text.get(range.end) == Some(&b'*')
}

fn is_mark(byte: u8) -> bool {
    b"\"'\\:=> \t".contains(&byte)
}

fn is_assignment(between: &[u8]) -> bool {
    between.iter().any(|byte| b":=>".contains(byte))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

fn is_token(byte: u8) -> bool {
    is_base64(byte) || byte == b'.'
}

fn is_name(byte: u8) -> bool {
    !byte.is_ascii_control() && !b"\"'<>&,;\\{}".contains(&byte)
}

fn is_test_key_id(id: &[u8]) -> bool {
    let id = std::str::from_utf8(id).unwrap_or_default();
    TestKeyId::parse(id.trim_end_matches('.')).is_some()
}

/// As [`StandInKind::Account`] numbers them.
pub(super) fn is_stand_in_account(id: &[u8]) -> bool {
    id.len() == ACCOUNT_BEGINS.len() + 4 && id.starts_with(ACCOUNT_BEGINS.as_bytes())
}

/// What the sixteen digits of every account's stand-in begin with; real ones are spread wider.
pub(super) const ACCOUNT_BEGINS: &str = "100000000000";

const DIAGNOSIS: &str = "testdiagnosis";
const ID: &str = "testid";
const SECRET: &str = "testsecret";
const TOKEN: &str = "testtoken";
const USER: &str = "testuser";

/// Every one. The lengths are below those of real values, and above those of words in a sentence.
pub(super) const PATTERNS: &[Pattern] = &[
    Pattern {
        rule: "R004",
        stand_in: StandInKind::Account,
        sign: Sign::Assigned(&["accountid", "aliuid", "ownerid", "parentuid", "userid"]),
        of: is_digit,
        fewest: 5,
        public: is_stand_in_account,
    },
    Pattern {
        rule: "R004",
        stand_in: StandInKind::Account,
        sign: Sign::Resource,
        of: is_digit,
        fewest: 5,
        public: is_stand_in_account,
    },
    Pattern {
        rule: "R004",
        stand_in: StandInKind::Account,
        sign: Sign::Word(&["account", "principal", "uid", "user", "user id"]),
        of: is_digit,
        fewest: 15,
        public: is_stand_in_account,
    },
    Pattern {
        rule: "R005",
        stand_in: StandInKind::Text(DIAGNOSIS),
        sign: Sign::Assigned(&["encodeddiagnosticmessage"]),
        of: is_base64,
        fewest: 8,
        public: |value| value == DIAGNOSIS.as_bytes(),
    },
    Pattern {
        rule: "R006",
        stand_in: StandInKind::Text(USER),
        sign: Sign::Assigned(&["authprincipaldisplayname"]),
        of: is_name,
        fewest: 1,
        public: |value| value == USER.as_bytes() || value == b"null",
    },
    Pattern {
        rule: "R007",
        stand_in: StandInKind::Text(ID),
        sign: Sign::Assigned(&["accesskeyid", "credential", "x-acs-accesskey-id"]),
        of: is_id,
        fewest: 12,
        public: is_test_key_id,
    },
    Pattern {
        rule: "R007",
        stand_in: StandInKind::Text(ID),
        sign: Sign::Begins(&["LTAI", "STS."]),
        of: is_id,
        fewest: 16,
        public: |_| false,
    },
    Pattern {
        rule: "R008",
        stand_in: StandInKind::Text(TOKEN),
        sign: Sign::Assigned(&["bearertoken", "securitytoken", "x-acs-bearer-token", "x-acs-security-token"]),
        of: is_token,
        fewest: 16,
        public: |_| false,
    },
    Pattern {
        rule: "R008",
        stand_in: StandInKind::Text(TOKEN),
        sign: Sign::Begins(&["CAIS"]),
        of: is_base64,
        fewest: 16,
        public: |_| false,
    },
    Pattern {
        rule: "R009",
        stand_in: StandInKind::Text(SECRET),
        sign: Sign::Assigned(&["accesskeysecret"]),
        of: is_base64,
        fewest: 16,
        public: |_| false,
    },
];
