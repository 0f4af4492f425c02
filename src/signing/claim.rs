//! How a request says that it is signed.

use std::fmt;

use thiserror::Error;

use crate::wire::Request;

/// A signature scheme, by its name on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scheme {
    /// `ACS3-HMAC-SHA256` or `ACS3-HMAC-SM3`: the claim is the `Authorization` header.
    Acs3(Digest),
    /// SignatureVersion 1.0: everything is a parameter.
    HmacSha1,
}

/// The hash of an ACS3 scheme.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Digest {
    /// The usual one.
    Sha256,
    /// The hash of GB/T 32905, which the official SDKs offer.
    Sm3,
}

impl Scheme {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acs3(Digest::Sha256) => "ACS3-HMAC-SHA256",
            Self::Acs3(Digest::Sm3) => "ACS3-HMAC-SM3",
            Self::HmacSha1 => "HMAC-SHA1",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a request claims: how, with which key, and with what result it is signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The scheme.
    pub scheme: Scheme,
    /// The access key id; what is not UTF-8 in it shows as U+FFFD.
    pub key_id: String,
    /// The signature, decoded from the wire and otherwise as sent.
    pub signature: String,
    /// ACS3's list as sent; empty for HMAC-SHA1.
    pub signed_headers: Vec<String>,
}

/// What a request says of its signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Claimed {
    Malformed(MalformedClaim),
    Unsigned,
    Unverifiable(Unverifiable),
    With(Claim),
}

/// A claim that cannot be read.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum MalformedClaim {
    /// Both schemes at once.
    #[error("a Signature parameter and an ACS3 Authorization header stand in one request")]
    BothSchemes,
    /// A part of the Authorization header stands twice, or is not one.
    #[error("the Authorization header has {0:?} where Credential, SignedHeaders and Signature stand once each")]
    Part(String),
    /// A part of the Authorization header is not there, or is empty.
    #[error("the Authorization header has no {0}")]
    PartMissing(&'static str),
    /// More than one claim.
    #[error("{0} stands more than once")]
    Repeated(&'static str),
    /// An ACS3 scheme that does not exist.
    #[error("{0:?} is no signature algorithm of ACS3")]
    UnknownAlgorithm(String),
}

/// A signature that cannot be recomputed here.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Unverifiable {
    /// A bearer token stands in place of a signature.
    #[error("the request carries a bearer token in place of an HMAC signature")]
    Bearer,
    /// No secret is known for the access key id.
    #[error("no secret is known for access key id {:?}", .0.key_id)]
    KeyNotKnown(Claim),
    /// There is a signature, but no access key id.
    #[error("the request does not name the access key that signed it")]
    NoKeyId,
    /// Signed with a private key.
    #[error("the request is signed with an RSA key")]
    Rsa,
}

impl Claim {
    /// The claim that stands in `request`, be it right or not; none where it cannot be read or recomputed.
    pub fn found_in(request: &Request) -> Option<Self> {
        match Self::of(request) {
            Claimed::With(claim) => Some(claim),
            _ => None,
        }
    }

    pub(super) fn of(request: &Request) -> Claimed {
        let mut authorizations = request.headers().all("Authorization").filter_map(acs3_text);
        let authorization = authorizations.next();
        let signatures = request.values("Signature").count();

        if authorizations.next().is_some() {
            Claimed::Malformed(MalformedClaim::Repeated("Authorization"))
        } else if signatures > 1 {
            Claimed::Malformed(MalformedClaim::Repeated("Signature"))
        } else if signatures == 1 && authorization.is_some() {
            Claimed::Malformed(MalformedClaim::BothSchemes)
        } else if is_bearer(request) {
            Claimed::Unverifiable(Unverifiable::Bearer)
        } else if let Some(authorization) = authorization {
            read_acs3(&authorization)
        } else if signatures == 1 {
            read_hmac_sha1(request)
        } else {
            Claimed::Unsigned
        }
    }
}

fn acs3_text(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value.trim_ascii()).into_owned();
    text.starts_with("ACS3").then_some(text)
}

fn is_bearer(request: &Request) -> bool {
    let signature_type = request.value("SignatureType").unwrap_or_default();
    signature_type == b"BEARERTOKEN" || request.headers().get("x-acs-bearer-token").is_some()
}

fn read_hmac_sha1(request: &Request) -> Claimed {
    if request.value("SignatureType") == Some(b"PRIVATEKEY") {
        return Claimed::Unverifiable(Unverifiable::Rsa);
    }
    let (Some(signature), Some(key_id)) = (request.text("Signature"), request.text("AccessKeyId")) else {
        return Claimed::Unverifiable(Unverifiable::NoKeyId);
    };
    Claimed::With(Claim { scheme: Scheme::HmacSha1, key_id, signature, signed_headers: Vec::new() })
}

fn read_acs3(authorization: &str) -> Claimed {
    let (algorithm, parts) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let digest = match algorithm {
        "ACS3-HMAC-SHA256" => Digest::Sha256,
        "ACS3-HMAC-SM3" => Digest::Sm3,
        "ACS3-RSA-SHA256" => return Claimed::Unverifiable(Unverifiable::Rsa),
        other => return Claimed::Malformed(MalformedClaim::UnknownAlgorithm(other.to_owned())),
    };
    match read_parts(parts) {
        Ok([key_id, signed_headers, signature]) => Claimed::With(Claim {
            scheme: Scheme::Acs3(digest),
            key_id,
            signature,
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
        }),
        Err(error) => Claimed::Malformed(error),
    }
}

fn read_parts(text: &str) -> Result<[String; 3], MalformedClaim> {
    let mut found = [const { None::<&str> }; 3];
    for part in text.split(',').map(str::trim_start).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let slot = PARTS.iter().position(|known| *known == name).and_then(|at| found.get_mut(at));
        match slot {
            Some(slot @ None) => *slot = Some(value),
            _ => return Err(MalformedClaim::Part(part.to_owned())),
        }
    }
    let part = |at: usize| {
        let value = found[at].filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or(MalformedClaim::PartMissing(PARTS[at]))
    };
    Ok([part(0)?, part(1)?, part(2)?])
}

const PARTS: [&str; 3] = ["Credential", "SignedHeaders", "Signature"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{RawRequest, Spelling};

    fn claimed(query: &str, headers: &[(&str, &str)]) -> Claimed {
        Claim::of(&request(query, headers))
    }

    fn request(query: &str, headers: &[(&str, &str)]) -> Request {
        let raw = RawRequest {
            method: "GET".into(),
            target: format!("/?{query}").into_bytes(),
            headers: headers.iter().copied().collect(),
            body: Vec::new(),
            spelling: Spelling::AsSent,
        };
        Request::parse(raw).expect("the request is well formed")
    }

    fn malformed(authorization: &str) -> MalformedClaim {
        match claimed("", &[("Authorization", authorization)]) {
            Claimed::Malformed(error) => error,
            other => panic!("{authorization}: {other:?}"),
        }
    }

    #[test]
    fn hmac_sha1_is_read_from_parameters() {
        let expected = Claim {
            scheme: Scheme::HmacSha1,
            key_id: "testid".into(),
            signature: "a+/=".into(),
            signed_headers: Vec::new(),
        };

        assert_eq!(claimed("AccessKeyId=testid&Signature=a%2B/%3D", &[]), Claimed::With(expected));
    }

    #[test]
    fn acs3_is_read_from_authorization_with_its_own_list() {
        let claim = |scheme| {
            Claimed::With(Claim {
                scheme,
                key_id: "testid".into(),
                signature: "0a=".into(),
                signed_headers: vec!["host".into(), "X-Acs-Date".into()],
            })
        };
        let sha256 = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;X-Acs-Date,Signature=0a=";
        let sm3 = " ACS3-HMAC-SM3 Signature=0a=, Credential=testid,, SignedHeaders=host;X-Acs-Date ";

        assert_eq!(claimed("", &[("authorization", sha256)]), claim(Scheme::Acs3(Digest::Sha256)));
        assert_eq!(claimed("", &[("Authorization", sm3)]), claim(Scheme::Acs3(Digest::Sm3)));
    }

    #[test]
    fn a_claim_is_found_where_it_can_be_recomputed_and_nowhere_else() {
        let found = |query| Claim::found_in(&request(query, &[])).map(|claim| claim.signature);

        assert_eq!(found("AccessKeyId=testid&Signature=x").as_deref(), Some("x"));
        assert_eq!(found("Signature=x"), None);
        assert_eq!(found("Signature=x&Signature=x&AccessKeyId=testid"), None);
    }

    #[test]
    fn a_request_without_signature_is_unsigned() {
        assert_eq!(claimed("AccessKeyId=testid&signature=x", &[]), Claimed::Unsigned);
        assert_eq!(claimed("", &[("Authorization", "Basic QUNTMw==")]), Claimed::Unsigned);
    }

    #[test]
    fn two_claims_are_malformed() {
        let acs3 = ("Authorization", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b");
        let repeated = |name| Claimed::Malformed(MalformedClaim::Repeated(name));

        assert_eq!(claimed("Signature=a&Signature=a", &[]), repeated("Signature"));
        assert_eq!(claimed("", &[acs3, acs3]), repeated("Authorization"));
        assert_eq!(claimed("Signature=a", &[acs3]), Claimed::Malformed(MalformedClaim::BothSchemes));
    }

    #[test]
    fn an_authorization_without_one_of_its_parts_is_malformed() {
        for (authorization, missing) in [
            ("ACS3-HMAC-SHA256", "Credential"),
            ("ACS3-HMAC-SHA256 SignedHeaders=host,Signature=b", "Credential"),
            ("ACS3-HMAC-SHA256 Credential=a,Signature=b", "SignedHeaders"),
            ("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=b", "SignedHeaders"),
            ("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host", "Signature"),
        ] {
            assert_eq!(malformed(authorization), MalformedClaim::PartMissing(missing), "{authorization}");
        }
    }

    #[test]
    fn an_authorization_with_a_part_too_many_is_malformed() {
        for (more, part) in
            [("Signature=c", "Signature=c"), ("Extra=c", "Extra=c"), ("credential=c", "credential=c"), ("x", "x")]
        {
            let authorization = format!("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b,{more}");

            assert_eq!(malformed(&authorization), MalformedClaim::Part(part.into()), "{authorization}");
        }
    }

    #[test]
    fn an_algorithm_that_does_not_exist_is_malformed() {
        let found = malformed("ACS3-HMAC-SHA512 Credential=a,SignedHeaders=host,Signature=b");

        assert_eq!(found, MalformedClaim::UnknownAlgorithm("ACS3-HMAC-SHA512".into()));
    }

    #[test]
    fn what_is_no_hmac_of_a_secret_is_unverifiable() {
        let unverifiable = |query, headers: &[(&str, &str)]| match claimed(query, headers) {
            Claimed::Unverifiable(reason) => reason,
            other => panic!("{query}: {other:?}"),
        };

        assert_eq!(unverifiable("SignatureType=BEARERTOKEN&BearerToken=x", &[]), Unverifiable::Bearer);
        assert_eq!(unverifiable("", &[("x-acs-bearer-token", "x")]), Unverifiable::Bearer);
        assert_eq!(unverifiable("SignatureType=PRIVATEKEY&AccessKeyId=a&Signature=x", &[]), Unverifiable::Rsa);
        let rsa = "ACS3-RSA-SHA256 Credential=a,SignedHeaders=host,Signature=b";
        assert_eq!(unverifiable("", &[("Authorization", rsa)]), Unverifiable::Rsa);
        assert_eq!(unverifiable("Signature=x", &[]), Unverifiable::NoKeyId);
    }
}
