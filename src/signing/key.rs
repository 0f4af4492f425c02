//! Keys, and the one that everybody may know.

use std::fmt;

/// Bytes that must not be seen: cannot be printed, compared in a report or serialised.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes as they are: nothing is trimmed.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves, for the one who signs.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// An access key: the id that is sent, the secret that is not, and the token of a temporary key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    /// Sent with every request.
    pub id: String,
    /// Never sent.
    pub secret: Secret,
    /// Sent and signed, where the key is a temporary one of STS.
    pub token: Option<Secret>,
}

impl Key {
    /// A key without token.
    pub fn new(id: impl Into<String>, secret: impl Into<Vec<u8>>) -> Self {
        Self { id: id.into(), secret: Secret::new(secret), token: None }
    }

    /// The public test key `testid` / `testsecret` of the vendor's own examples.
    pub fn test() -> Self {
        Self::new(TEST_ID, TEST_SECRET)
    }

    /// Whether it is the public test key, under any id of its family: a key that need not be hidden.
    pub fn is_public(&self) -> bool {
        TestKeyId::parse(&self.id).is_some() && self.secret.expose() == TEST_SECRET.as_bytes()
    }

    /// The same key with a token.
    #[must_use = "the key itself is not changed"]
    pub fn with_token(self, token: impl Into<Vec<u8>>) -> Self {
        Self { token: Some(Secret::new(token)), ..self }
    }
}

/// What an id of the public test key says beside being one: `testid[-SCENARIO][.LANE]`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TestKeyId<'a> {
    /// The scenario that alone answers.
    pub scenario: Option<&'a str>,
    /// Whose cursors and nonces are meant.
    pub lane: Option<&'a str>,
}

impl<'a> TestKeyId<'a> {
    /// Reads an id; none where it is not one of the public test key.
    pub fn parse(id: &'a str) -> Option<Self> {
        let rest = id.strip_prefix(TEST_ID)?;
        let (scenario, lane) = match rest.split_once('.') {
            Some((scenario, lane)) => (scenario, Some(lane)),
            None => (rest, None),
        };
        let scenario = match scenario {
            "" => None,
            named => Some(named.strip_prefix('-')?),
        };
        let empty = scenario == Some("") || lane == Some("");
        (!empty).then_some(Self { scenario, lane })
    }
}

/// The secrets that a verifier knows, by key id.
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Vec<Key>,
    any_other: Option<Secret>,
}

impl Keyring {
    /// Knows the public test key under every id of its family, and no other.
    pub fn test() -> Self {
        Self { keys: vec![Key::test()], any_other: None }
    }

    /// Knows `key` too, in place of another with the same id.
    #[must_use = "the keyring itself is not changed"]
    pub fn with(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Takes `secret` for every id that it does not know otherwise.
    #[must_use = "the keyring itself is not changed"]
    pub fn with_any_other(self, secret: Secret) -> Self {
        Self { any_other: Some(secret), ..self }
    }

    /// Every secret that it knows.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.keys.iter().map(|key| &key.secret).chain(&self.any_other)
    }

    /// The secret that belongs to `id`.
    pub fn secret(&self, id: &str) -> Option<&Secret> {
        let id = if TestKeyId::parse(id).is_some() { TEST_ID } else { id };
        self.keys.iter().rev().find(|key| key.id == id).map(|key| &key.secret).or(self.any_other.as_ref())
    }
}

const TEST_ID: &str = "testid";
const TEST_SECRET: &str = "testsecret";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_text() {
        let key = Key::new("id", "hush").with_token("quiet");

        let shown = format!("{key:?}");

        assert!(!shown.contains("hush") && !shown.contains("quiet"), "{shown}");
        assert!(shown.contains("secret: Secret(..), token: Some(Secret(..))"), "{shown}");
    }

    #[test]
    fn the_test_key_is_public_under_every_id_of_its_family_and_no_other_key_is() {
        assert!(Key::test().is_public());
        assert!(Key::new("testid-a.b", "testsecret").is_public());
        assert!(!Key::new("testid", "another").is_public());
        assert!(!Key::new("another", "testsecret").is_public());
    }

    #[test]
    fn an_id_of_the_test_key_may_name_scenario_and_lane() {
        let read = |id| TestKeyId::parse(id).map(|read| (read.scenario, read.lane));

        assert_eq!(read("testid"), Some((None, None)));
        assert_eq!(read("testid-processing"), Some((Some("processing"), None)));
        assert_eq!(read("testid-processing.left"), Some((Some("processing"), Some("left"))));
        assert_eq!(read("testid.left"), Some((None, Some("left"))));
        assert_eq!(read("testid-a-b.c.d"), Some((Some("a-b"), Some("c.d"))));
    }

    #[test]
    fn an_id_that_is_not_of_the_family_is_none() {
        for id in ["", "test", "Testid", "testidx", "testid-", "testid-a.", "testid.", "xtestid", "testId"] {
            assert_eq!(TestKeyId::parse(id), None, "{id}");
        }
    }

    #[test]
    fn the_keyring_finds_a_secret_by_id() {
        let ring = Keyring::test().with(Key::new("real", "s1"));
        let secret = |ring: &Keyring, id| ring.secret(id).map(|secret| secret.expose().to_vec());

        assert_eq!(secret(&ring, "testid-x.y"), Some(b"testsecret".to_vec()));
        assert_eq!(secret(&ring, "real"), Some(b"s1".to_vec()));
        assert_eq!(secret(&ring, "other"), None);
        assert_eq!(secret(&ring.clone().with(Key::new("real", "s3")), "real"), Some(b"s3".to_vec()));
        assert_eq!(secret(&ring.with_any_other(Secret::new("s2")), "other"), Some(b"s2".to_vec()));
    }
}
