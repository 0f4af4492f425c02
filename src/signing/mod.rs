//! Both signature schemes in stages: signing, verifying, and saying why a wrong signature is wrong.
//!
//! Schemes go by their wire names: `HMAC-SHA1` (SignatureVersion 1.0, all in parameters) and
//! `ACS3-HMAC-SHA256` (headers), with `ACS3-HMAC-SM3` the same on another hash.

mod acs3;
mod claim;
mod diagnosis;
mod encoders;
mod hash;
mod hmac_sha1;
mod key;
mod mistakes;
mod quotation;
mod recipes;
mod sign;
mod stages;
mod style;
mod verify;

pub use claim::{Claim, Digest, MalformedClaim, Scheme, Unverifiable};
pub use diagnosis::{Cause, Diagnosis, Difference};
pub(crate) use hash::{hex, hex_digest};
pub use key::{Key, Keyring, Secret, TestKeyId};
pub use quotation::quotes_a_string_to_sign;
pub use recipes::{RECIPES, Recipe};
pub use sign::sign;
pub use stages::{Canonical, Signature, Stage, Stages, StringToSign};
pub use style::{Encode, Style};
pub(crate) use verify::payload_hash;
pub use verify::{Verdict, verify};
