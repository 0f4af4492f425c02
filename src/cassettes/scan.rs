//! Whether the final bytes of a cassette hold a secret; nothing here is shared with redaction.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use memchr::memmem;
use thiserror::Error;

use super::decoders::{self, Plus, sextet};
use super::error::FileError;
use crate::signing::{Key, TestKeyId};

/// A rule of the scan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScanRule {
    /// Never changes its meaning.
    pub id: &'static str,
    /// What it finds.
    pub finds: &'static str,
}

/// Every rule, in the order of the ids.
pub const SCAN_RULES: &[ScanRule] =
    &[UNREADABLE, KEY_ID, SECRET, TOKEN, KEY_ID_SHAPE, TEMPORARY_KEY_ID_SHAPE, TOKEN_SHAPE, SECRET_SHAPE, CODED_BODY];

/// A secret in the bytes that would be stored, by its rule and its place; the secret itself is not told.
#[derive(Debug, Error)]
pub struct Leak {
    /// The rule that found it.
    pub rule: ScanRule,
    /// The file, below the folder of cassettes where it is not stored yet.
    pub path: PathBuf,
    /// The id of the interaction, where it is in one.
    pub interaction: Option<String>,
    /// The line of the file, from one; none where it is not in the text.
    pub line: Option<usize>,
    /// Why the bytes could not be read.
    #[source]
    cause: Option<Box<FileError>>,
}

impl Leak {
    /// Bytes that are no cassette: they cannot be vouched for.
    pub(super) fn unreadable(path: &str, cause: FileError) -> Self {
        Self { cause: Some(Box::new(cause)), ..Self::new(UNREADABLE, path) }
    }

    /// The same, in a file that the user can open.
    #[cfg(feature = "cli")]
    pub(super) fn in_file(self, path: PathBuf) -> Self {
        Self { path, ..self }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.rule {
            UNREADABLE => "this is a bug in the tool; the file was left as it was",
            KEY_ID | SECRET | TOKEN => {
                "take it out by hand, or run `cassette scrub` with the same credentials in the environment"
            }
            CODED_BODY => "ask the upstream for an answer that is not compressed: send no Accept-Encoding",
            _ => "if it is a credential, revoke it and take it out; if it is none, change its length or its letters",
        }
    }

    fn new(rule: ScanRule, path: &str) -> Self {
        Self { rule, path: path.into(), interaction: None, line: None, cause: None }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(id) = &self.interaction {
            write!(f, "interaction {id}: ")?;
        }
        write!(f, "{} ({})", self.rule.finds, self.rule.id)
    }
}

/// Every line of `text`, the file at `path`, that holds what must not be stored; also the path itself.
///
/// A line is read as it is and under percent-encoding, JSON's escapes, XML's entities, Latin-1, base64 of either
/// alphabet and hexadecimal, in one another. The public test key is exempt. A credential too short to be told from
/// other text is found in other text: such a key cannot be recorded with.
pub(super) fn leaks(path: &str, text: &str, real: Option<&Key>) -> Vec<Leak> {
    let credentials = real.map_or_else(Vec::new, credentials);
    let mut leaks: Vec<Leak> =
        rules_of(path.as_bytes(), &credentials).into_iter().map(|rule| Leak::new(rule, path)).collect();
    let mut interaction = None;
    for (at, line) in text.split('\n').enumerate() {
        if let Some(id) = line.strip_prefix(INTERACTION) {
            interaction = id.split('"').next().map(str::to_owned);
        }
        leaks.extend(rules_of(line.as_bytes(), &credentials).into_iter().map(|rule| Leak {
            interaction: interaction.clone(),
            line: Some(at + 1),
            ..Leak::new(rule, path)
        }));
    }
    leaks
}

/// A credential under every spelling that can be looked for.
struct Credential {
    rule: ScanRule,
    plain: Vec<u8>,
    /// In lower case.
    hex: Vec<u8>,
    /// The characters that are its own, behind none, one and two other bytes.
    base64: Vec<Vec<u8>>,
}

impl Credential {
    fn new(rule: ScanRule, plain: &[u8]) -> Self {
        let hex: String = plain.iter().map(|byte| format!("{byte:02x}")).collect();
        let long_enough = plain.len() >= SHORTEST_IN_BASE64;
        let base64 = (0..3).filter(|_| long_enough).map(|before| own_base64(plain, before)).collect();
        Self { rule, plain: plain.to_vec(), hex: hex.into_bytes(), base64 }
    }

    fn is_in(&self, layer: &Layer) -> bool {
        holds(&layer.bytes, &self.plain)
            || holds(&layer.lower, &self.hex)
            || self.base64.iter().any(|part| holds(&layer.standard, part))
    }
}

/// One reading of a line, prepared for the search.
struct Layer {
    bytes: Vec<u8>,
    lower: Vec<u8>,
    /// With the characters of URL-safe base64 as those of the usual.
    standard: Vec<u8>,
}

impl Layer {
    fn new(bytes: Vec<u8>) -> Self {
        let lower = bytes.to_ascii_lowercase();
        let standard = bytes.iter().map(|&byte| {
            if byte == b'-' {
                b'+'
            } else if byte == b'_' {
                b'/'
            } else {
                byte
            }
        });
        Self { standard: standard.collect(), lower, bytes }
    }
}

fn credentials(real: &Key) -> Vec<Credential> {
    let id = Some(real.id.as_bytes()).filter(|_| TestKeyId::parse(&real.id).is_none());
    let secret = Some(real.secret.expose()).filter(|secret| *secret != b"testsecret");
    let token = real.token.as_ref().map(|token| token.expose()).filter(|token| *token != b"testtoken");
    let all = [(KEY_ID, id), (SECRET, secret), (TOKEN, token)];
    let known = all.into_iter().filter_map(|(rule, plain)| Some((rule, plain.filter(|plain| !plain.is_empty())?)));
    known.map(|(rule, plain)| Credential::new(rule, plain)).collect()
}

/// Whether a text holds something.
type IsIn = fn(&[u8]) -> bool;

/// In the order of the rules, each once.
fn rules_of(line: &[u8], credentials: &[Credential]) -> Vec<ScanRule> {
    let has_space = credentials.iter().any(|known| known.plain.contains(&b' '));
    let plus = if has_space { Plus::Space } else { Plus::Itself };
    let layers = decoders::layers(line, plus);
    let shaped = coded_bytes(line).map_or_else(|| layers.clone(), |bytes| decoders::layers(&bytes, plus));
    let mut found: HashSet<&str> = HashSet::new();
    for layer in layers.into_iter().map(Layer::new) {
        found.extend(credentials.iter().filter(|known| known.is_in(&layer)).map(|known| known.rule.id));
    }
    for (rule, is_in) in SHAPES {
        found.extend(shaped.iter().find(|layer| is_in(layer)).map(|_| rule.id));
    }
    SCAN_RULES.iter().filter(|rule| found.contains(rule.id)).copied().collect()
}

/// Bytes that are no text stand in base64 by the file's own doing: its letters have no shape of their own.
fn coded_bytes(line: &[u8]) -> Option<Vec<u8>> {
    let value = line.trim_ascii().strip_prefix(b"\"base64\": \"")?;
    STANDARD.decode(value.strip_suffix(b",").unwrap_or(value).strip_suffix(b"\"")?).ok()
}

/// What of base64 `plain` alone makes, where `before` bytes stand before it.
fn own_base64(plain: &[u8], before: usize) -> Vec<u8> {
    let whole = STANDARD_NO_PAD.encode([&[0; 2][..before], plain].concat());
    whole.as_bytes()[(before * 8).div_ceil(6)..(before + plain.len()) * 8 / 6].to_vec()
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    memmem::find(text, part).is_some()
}

fn has_key_id(text: &[u8]) -> bool {
    begins_a_word(text, b"LTAI", u8::is_ascii_alphanumeric, 8)
}

fn has_temporary_key_id(text: &[u8]) -> bool {
    begins_a_word(text, b"STS.", u8::is_ascii_alphanumeric, 8)
}

fn has_token(text: &[u8]) -> bool {
    begins_a_word(text, b"CAIS", |&byte| sextet(byte).is_some(), 12)
}

/// Whether `text` has a word that begins so and goes on for `more` of `kind`.
fn begins_a_word(text: &[u8], beginning: &[u8], kind: fn(&u8) -> bool, more: usize) -> bool {
    memmem::find_iter(text, beginning).any(|at| {
        let rest = &text[at + beginning.len()..];
        let is_whole = at == 0 || !text[at - 1].is_ascii_alphanumeric();
        is_whole && rest.iter().take_while(|byte| kind(byte)).count() >= more
    })
}

/// A run of exactly thirty letters and digits of all three kinds.
///
/// It begins behind an escape such as `%2F` or `%252F`, whose digits are no part of it. Base64 in an answer can have one
/// by chance, between two of its marks; it is refused all the same, for a secret in a path looks no other.
fn has_secret(text: &[u8]) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        rest = &rest[escape_length(rest)..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if is_secret(&rest[..length]) {
            return true;
        }
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    false
}

fn escape_length(text: &[u8]) -> usize {
    let Some(mut rest) = text.strip_prefix(b"%") else { return 0 };
    while let Some(deeper) = rest.strip_prefix(b"25") {
        rest = deeper;
    }
    let has_digits = rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    if has_digits { text.len() - rest.len() + 2 } else { 0 }
}

fn is_secret(run: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit];
    run.len() == 30 && kinds.iter().all(|kind| run.iter().any(kind))
}

/// What is compressed cannot be looked into.
fn has_coded_body(text: &[u8]) -> bool {
    let name = b"\"content-encoding: ";
    let line = text.trim_ascii();
    let value = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &line[name.len()..]);
    value.is_some_and(|value| !value.to_ascii_lowercase().starts_with(b"identity\""))
}

const UNREADABLE: ScanRule = ScanRule { id: "S001", finds: "bytes that do not read back as a cassette" };
const KEY_ID: ScanRule = ScanRule { id: "S002", finds: "the access key id in use" };
const SECRET: ScanRule = ScanRule { id: "S003", finds: "the secret in use" };
const TOKEN: ScanRule = ScanRule { id: "S004", finds: "the security token in use" };
const KEY_ID_SHAPE: ScanRule = ScanRule { id: "S005", finds: "what looks like an access key id, LTAI.." };
const TEMPORARY_KEY_ID_SHAPE: ScanRule =
    ScanRule { id: "S006", finds: "what looks like a temporary access key id, STS..." };
const TOKEN_SHAPE: ScanRule = ScanRule { id: "S007", finds: "what looks like a security token, CAIS.." };
const SECRET_SHAPE: ScanRule =
    ScanRule { id: "S008", finds: "what looks like a secret: thirty letters and digits, both cases" };
const CODED_BODY: ScanRule = ScanRule { id: "S009", finds: "a compressed body, which cannot be looked into" };

const SHAPES: &[(ScanRule, IsIn)] = &[
    (KEY_ID_SHAPE, has_key_id),
    (TEMPORARY_KEY_ID_SHAPE, has_temporary_key_id),
    (TOKEN_SHAPE, has_token),
    (SECRET_SHAPE, has_secret),
    (CODED_BODY, has_coded_body),
];

/// How an interaction's id stands in the file.
const INTERACTION: &str = "      \"id\": \"";

/// Shorter credentials leave too little of their own in base64.
const SHORTEST_IN_BASE64: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET_LIKE: &str = "abcdefghijABCDEFGHIJ0123456789";

    fn found(line: &str) -> Vec<&'static str> {
        let key = Key::new("canary-é", "s/e+c r%é").with_token("t=o/k+en");
        leaks("a.json", line, Some(&key)).iter().map(|leak| leak.rule.id).collect()
    }

    #[test]
    fn a_credential_is_found_under_every_encoding() {
        for (rule, line) in [
            ("S002", "x canary-é y"),
            ("S002", "canary-%c3%A9"),
            ("S002", "canary%252D%25C3%25a9"),
            ("S002", r#""canary\u002d\u00e9""#),
            ("S002", r#""{\"a\": \"canary-\\u00e9\"}""#),
            ("S002", r"canary\u002d%C3%a9"),
            ("S002", "canary&#45;&#xE9;"),
            // The bytes of a header value as Latin-1.
            ("S002", "X-Echo: canary-Ã©"),
            // printf 'x:canary-é:y' | base64
            ("S002", "eDpjYW5hcnktw6k6eQ=="),
            // printf 'canary-%%C3%%A9' | base64
            ("S002", "Y2FuYXJ5LSVDMyVBOQ=="),
            // printf 'canary-é' | xxd -p
            ("S002", "63616E6172792dc3a9"),
            ("S003", "s/e+c r%é"),
            ("S003", "s%2Fe%2Bc+r%25%C3%A9"),
            ("S003", "s%2Fe%2Bc%20r%25%C3%A9"),
            // printf 's/e+c r%%é' | base64
            ("S003", "cy9lK2MgciXDqQ=="),
            ("S004", r"t=o\/k+en"),
            // printf 't=o/k+en' | base64 | tr '+/' '-_'
            ("S004", "dD1vL2srZW4="),
            // printf 't=o/k+en' | iconv -t UTF-16LE | base64
            ("S004", "dAA9AG8ALwBrACsAZQBuAA=="),
        ] {
            assert_eq!(found(line), [rule], "{line}");
        }
    }

    #[test]
    fn a_shape_is_found_without_knowing_the_value() {
        for (rule, line) in [
            ("S005", format!("id={}5tNotReal", "LTAI")),
            ("S005", format!("id%253D{}5tNotReal", "LTAI")),
            ("S006", format!("\"{}NotReal000\"", "STS.")),
            ("S007", format!("{}%2BNotReal%2F0000", "CAIS")),
            ("S008", format!("secret={SECRET_LIKE}")),
            ("S008", format!("secret%3D{SECRET_LIKE}%26")),
            ("S009", "  \"Content-Encoding: gzip\",".to_owned()),
        ] {
            assert_eq!(found(&line), [rule], "{line}");
        }
    }

    #[test]
    fn what_only_looks_a_little_like_a_secret_passes() {
        for line in [
            "75446CC1-FC9A-4595-8D96-089D73D7A63D",
            "0edcf4b4e277c4e4e835a36b9dc10bf446c3ad638400cc755dd8e14a4be6f23d",
            "Signature=uOgqBIq9lGKWCEM4dGLkiWXiXCc=",
            "x%252Fbcdefghij23456789CDEFGHIJ%253D",
            "abcdefghij0123456789abcdefghij",
            "abcdefghijABCDEFGHIJ01234567890",
            "LTAI**************** STS.* CAIS+/==",
            "testid testid-a.b testsecret testtoken",
            "\"Content-Encoding: identity\"",
        ] {
            assert_eq!(found(line), [] as [&str; 0], "{line}");
        }
    }

    #[test]
    fn the_bytes_of_the_file_count_and_not_the_letters_that_it_writes_them_with() {
        // printf 'abcdefghijABCDEFGHIJ0123456789\xff' | base64
        let held = "\"base64\": \"YWJjZGVmZ2hpakFCQ0RFRkdISUowMTIzNDU2Nzg5/w==\"";
        // The letters between two characters that are none are thirty.
        let letters = "\"base64\": \"+abcdefghijABCDEFGHIJ0123456789/\"";

        assert_eq!(found(held), ["S008"]);
        assert_eq!(found(letters), [] as [&str; 0]);
        assert_eq!(found(&letters.replace("base64", "text")), ["S008"]);
    }

    #[test]
    fn a_leak_says_where_and_never_what() {
        let text = "{\n      \"id\": \"poll\",\n  \"s/e+c r%é\"\n}";
        let key = Key::new("canary", "s/e+c r%é");

        let leaks = leaks("a/b.json", text, Some(&key));

        let shown: Vec<String> = leaks.iter().map(Leak::to_string).collect();
        assert_eq!(shown, ["a/b.json: line 3: interaction poll: the secret in use (S003)"]);
        assert!(!format!("{leaks:?}").contains("s/e+c"));
    }

    #[test]
    fn the_path_is_read_too() {
        let leaks = leaks("canary/b.json", "", Some(&Key::new("canary", "secret")));

        assert_eq!(
            leaks.iter().map(Leak::to_string).collect::<Vec<_>>(),
            ["canary/b.json: the access key id in use (S002)"]
        );
    }

    #[test]
    fn the_public_test_key_is_no_secret() {
        let key = Key::new("testid-a.b", "testsecret").with_token("testtoken");

        let leaks = leaks("a.json", "testid-a.b testsecret testtoken", Some(&key));

        assert!(leaks.is_empty(), "{leaks:?}");
    }

    #[test]
    fn the_documented_rules_are_these() {
        let page = include_str!("../../docs/sealing.md");
        let (_, table) = page.split_once("| rule | finds |\n|---|---|\n").expect("the page has the table");

        let rows: Vec<String> = SCAN_RULES.iter().map(|rule| format!("| {} | {} |", rule.id, rule.finds)).collect();

        assert_eq!(table.lines().take(rows.len() + 1).collect::<Vec<_>>(), [rows, vec![String::new()]].concat());
    }
}
