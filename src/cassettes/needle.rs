//! What is known, and has to go wherever it stands.

use std::fmt;

use crate::signing::{Digest, Key, TestKeyId, hex_digest};

/// Bytes that are known, and what comes in their place.
#[derive(Clone)]
pub(super) struct Needle {
    /// The id of the rule.
    pub rule: &'static str,
    /// What is looked for.
    pub bytes: Vec<u8>,
    /// What takes its place.
    pub stand_in: Vec<u8>,
}

impl Needle {
    /// The parts of a key, but for those that it shares with the public test key.
    pub(super) fn all_of(real: &Key, id: &[u8], token: &[u8]) -> Vec<Self> {
        let real_id = Some(real.id.as_bytes()).filter(|_| TestKeyId::parse(&real.id).is_none());
        let real_token = real.token.as_ref().map(|token| token.expose()).filter(|token| *token != b"testtoken");
        let real_secret = Some(real.secret.expose()).filter(|secret| *secret != SECRET);
        let all = [("R001", real_id, id), ("R002", real_token, token), ("R003", real_secret, SECRET)];
        let known = all.into_iter().filter_map(|(rule, bytes, stand_in)| Some((rule, bytes?, stand_in)));
        let needle =
            |(rule, bytes, stand_in): (_, &[u8], &[u8])| Self { rule, bytes: bytes.into(), stand_in: stand_in.into() };
        known.filter(|(_, bytes, _)| !bytes.is_empty()).map(needle).collect()
    }

    /// A nonce that could be taken for a secret; its hash tells it from other nonces as well, and cannot be.
    pub(super) fn of_nonce(nonce: &[u8]) -> Option<Self> {
        let stand_in = hex_digest(Digest::Sha256, nonce).as_bytes()[..32].to_vec();
        looks_like_a_secret(nonce).then(|| Self { rule: "R010", bytes: nonce.to_vec(), stand_in })
    }
}

impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Needle").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// Thirty letters and digits of all three kinds, as the service makes secrets.
fn looks_like_a_secret(text: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    text.len() == 30
        && text.iter().all(u8::is_ascii_alphanumeric)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

const SECRET: &[u8] = b"testsecret";
