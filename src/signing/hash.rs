//! The hashes and MACs of both schemes; the one place that knows the crates.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use sm3::{Digest as _, Sm3};

use super::claim::{Digest, Scheme};

/// The digest of `bytes` in lower-case hexadecimal.
pub(crate) fn hex_digest(digest: Digest, bytes: &[u8]) -> String {
    match digest {
        Digest::Sha256 => hex(&Sha256::digest(bytes)),
        Digest::Sm3 => hex(&Sm3::digest(bytes)),
    }
}

/// The MAC that `scheme` uses.
pub(crate) fn mac(scheme: Scheme, key: &[u8], message: &[u8]) -> Vec<u8> {
    match scheme {
        Scheme::Acs3(Digest::Sha256) => keyed::<Hmac<Sha256>>(key, message),
        Scheme::Acs3(Digest::Sm3) => keyed::<Hmac<Sm3>>(key, message),
        Scheme::HmacSha1 => keyed::<Hmac<Sha1>>(key, message),
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC accepts any key length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
