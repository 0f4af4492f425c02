//! Credentials, as the variables of an environment hold them.

use std::ffi::{OsStr, OsString};
use std::fmt;

use thiserror::Error;

use crate::signing::{Key, TestKeyId};

/// The values of the three variables that the vendor's own tools read; none where one is not set.
///
/// Nothing is trimmed and nothing is guessed: what is not a value as the vendor hands it out is refused, before anybody
/// is called with it.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Credentials {
    /// Of [`ID`](Self::ID).
    pub id: Option<OsString>,
    /// Of [`SECRET`](Self::SECRET).
    pub secret: Option<OsString>,
    /// Of [`TOKEN`](Self::TOKEN); temporary keys have one.
    pub token: Option<OsString>,
}

impl Credentials {
    /// The variable of the access key id.
    pub const ID: &'static str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
    /// The variable of the access key secret.
    pub const SECRET: &'static str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    /// The variable of the token.
    pub const TOKEN: &'static str = "ALIBABA_CLOUD_SECURITY_TOKEN";

    /// The key that they make up.
    ///
    /// # Errors
    /// [`CredentialsError`] for the first variable that is missing, or that holds what cannot be right.
    pub fn key(&self) -> Result<Key, CredentialsError> {
        let id = read(Self::ID, self.id.as_deref())?;
        if !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
            return Err(Problem::NoHeaderValue.of(Self::ID));
        }
        let key = Key::new(id, read(Self::SECRET, self.secret.as_deref())?);
        if TestKeyId::parse(id).is_some() && !key.is_public() {
            return Err(Problem::TakenId.of(Self::ID));
        }
        match &self.token {
            Some(token) => Ok(key.with_token(read(Self::TOKEN, Some(token))?)),
            None => Ok(key),
        }
    }

    /// The same; none where no variable is set.
    ///
    /// # Errors
    /// As [`key`](Self::key) where any is set.
    pub fn key_if_set(&self) -> Result<Option<Key>, CredentialsError> {
        if *self == Self::default() { Ok(None) } else { self.key().map(Some) }
    }
}

/// Without any value: the secret and the token must not be seen, and the id need not be.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// A variable that does not hold what it should. Its value is not told.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{variable} {problem}")]
pub struct CredentialsError {
    /// The name of the variable.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub problem: Problem,
}

impl CredentialsError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.problem {
            Problem::Blank => "give it its value, or unset it",
            Problem::ControlCharacter => "give it the value alone, without line breaks",
            Problem::Missing => "set it: an access key is an id and a secret, and a token where it is a temporary one",
            Problem::NoHeaderValue => "give it the id as the console shows it: letters, digits and dots",
            Problem::NotUnicode => "give it the value as text",
            Problem::OuterSpace => "give it the value alone, without white space around it",
            Problem::Quoted => "give it the value alone, without quotation marks",
            Problem::TakenId => "give the key another id, or the test key its secret: testsecret",
        }
    }
}

/// What is wrong with the value of a variable.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing, or nothing but white space.
    #[error("is set, and has no value")]
    Blank,
    /// A line break, or another character that is no part of a text.
    #[error("has a line break or another control character in its value")]
    ControlCharacter,
    /// It is not set.
    #[error("is not set")]
    Missing,
    /// The `Authorization` header could not name such an id.
    #[error("has a character in its value that no header can carry as an access key id")]
    NoHeaderValue,
    /// Bytes that are no text.
    #[error("is not UTF-8")]
    NotUnicode,
    /// White space before the value or behind it.
    #[error("has white space around its value")]
    OuterSpace,
    /// A quotation mark at one of its ends: a shell or a file left it there.
    #[error("has quotation marks around its value")]
    Quoted,
    /// An id of the public test key, with another secret than that key's.
    #[error("names the public test key, and the secret is another")]
    TakenId,
}

impl Problem {
    fn of(self, variable: &'static str) -> CredentialsError {
        CredentialsError { variable, problem: self }
    }
}

fn read<'a>(variable: &'static str, value: Option<&'a OsStr>) -> Result<&'a str, CredentialsError> {
    let value = value.ok_or(Problem::Missing.of(variable))?;
    let text = value.to_str().ok_or(Problem::NotUnicode.of(variable))?;
    match problem(text) {
        Some(problem) => Err(problem.of(variable)),
        None => Ok(text),
    }
}

fn problem(text: &str) -> Option<Problem> {
    if text.trim().is_empty() {
        Some(Problem::Blank)
    } else if text.contains(char::is_control) {
        Some(Problem::ControlCharacter)
    } else if text.trim() != text {
        Some(Problem::OuterSpace)
    } else if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        Some(Problem::Quoted)
    } else {
        None
    }
}

const QUOTES: &[char] = &['"', '\'', '`', '‘', '’', '“', '”'];

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: &str, secret: &str, token: Option<&str>) -> Credentials {
        Credentials { id: Some(id.into()), secret: Some(secret.into()), token: token.map(OsString::from) }
    }

    fn refused(credentials: &Credentials) -> (&'static str, Problem) {
        let error = credentials.key().expect_err("the value is refused");
        (error.variable, error.problem)
    }

    #[test]
    fn an_id_and_a_secret_are_a_key_and_a_token_makes_it_temporary() {
        let key = Key::new("LTAI.a+/=%", "b+/=% ü").with_token("c+/=% 中");

        assert_eq!(given("LTAI.a+/=%", "b+/=% ü", Some("c+/=% 中")).key(), Ok(key.clone()));
        assert_eq!(given("LTAI.a+/=%", "b+/=% ü", None).key(), Ok(Key { token: None, ..key }));
    }

    #[test]
    fn nothing_set_is_no_key_and_half_a_key_is_an_error() {
        let id_alone = Credentials { secret: None, ..given("a", "b", None) };
        let secret_alone = Credentials { id: None, ..given("a", "b", None) };
        let token_alone = Credentials { token: Some("c".into()), ..Credentials::default() };

        assert_eq!(Credentials::default().key_if_set(), Ok(None));
        assert_eq!(refused(&Credentials::default()), ("ALIBABA_CLOUD_ACCESS_KEY_ID", Problem::Missing));
        assert_eq!(refused(&id_alone), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", Problem::Missing));
        assert_eq!(refused(&secret_alone), ("ALIBABA_CLOUD_ACCESS_KEY_ID", Problem::Missing));
        assert_eq!(refused(&token_alone), ("ALIBABA_CLOUD_ACCESS_KEY_ID", Problem::Missing));
        assert!(token_alone.key_if_set().is_err());
    }

    #[test]
    fn each_variable_is_refused_for_what_no_value_is() {
        let values = [
            ("", Problem::Blank),
            (" \t\n", Problem::Blank),
            ("a\n", Problem::ControlCharacter),
            ("a\u{85}b", Problem::ControlCharacter),
            (" a", Problem::OuterSpace),
            ("a\u{a0}", Problem::OuterSpace),
            ("\"a\"", Problem::Quoted),
            ("'a", Problem::Quoted),
            ("a”", Problem::Quoted),
        ];

        for (value, problem) in values {
            assert_eq!(refused(&given(value, "b", None)), (Credentials::ID, problem), "{value:?}");
            assert_eq!(refused(&given("a", value, None)), (Credentials::SECRET, problem), "{value:?}");
            assert_eq!(refused(&given("a", "b", Some(value))), (Credentials::TOKEN, problem), "{value:?}");
        }
    }

    #[test]
    fn an_id_is_refused_that_a_header_cannot_name() {
        for id in ["a b", "a,b", "é"] {
            assert_eq!(refused(&given(id, "b", None)), (Credentials::ID, Problem::NoHeaderValue), "{id}");
        }
    }

    #[test]
    fn an_id_of_the_test_key_goes_with_its_secret_alone() {
        assert_eq!(given("testid-a.b", "testsecret", None).key(), Ok(Key::new("testid-a.b", "testsecret")));
        assert_eq!(refused(&given("testid", "another", None)), (Credentials::ID, Problem::TakenId));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_refused() {
        use std::os::unix::ffi::OsStringExt as _;

        let bytes = OsString::from_vec(b"a\xff".to_vec());

        let credentials = Credentials { secret: Some(bytes), ..given("a", "b", None) };

        assert_eq!(refused(&credentials), (Credentials::SECRET, Problem::NotUnicode));
    }

    #[test]
    fn no_text_of_an_error_or_of_debug_holds_a_value() {
        let credentials = given("'hushid", "'hushsecret", Some("'hushtoken"));

        let error = credentials.key().expect_err("it is quoted");

        assert_eq!(error.to_string(), "ALIBABA_CLOUD_ACCESS_KEY_ID has quotation marks around its value");
        assert!(!format!("{error:?} {credentials:?} {}", error.help()).contains("hush"));
    }
}
