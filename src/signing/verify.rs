//! Whether a request is signed as it claims: the hot path.

use super::claim::{Claim, Claimed, MalformedClaim, Scheme, Unverifiable};
use super::hash;
use super::key::Keyring;
use super::stages::Stages;
use super::style::Style;
use crate::wire::Request;

/// What verifying found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The claim does not recompute, or ACS3's payload hash is not the body's.
    Invalid {
        /// What the request says.
        claim: Claim,
        /// What it should have signed.
        ours: Box<Stages>,
    },
    /// The claim cannot be read.
    Malformed(MalformedClaim),
    /// There is no claim.
    Unsigned,
    /// The claim cannot be recomputed here.
    Unverifiable(Unverifiable),
    /// The claim recomputes, in its one canonical spelling.
    Valid(Claim),
}

impl Verdict {
    /// How the request says that it is signed, be it right or not; none where that cannot be read or recomputed.
    ///
    /// The same as [`Claim::found_in`], without reading the request again.
    pub fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Invalid { claim, .. } | Self::Unverifiable(Unverifiable::KeyNotKnown(claim)) | Self::Valid(claim) => {
                Some(claim)
            }
            Self::Malformed(_) | Self::Unsigned | Self::Unverifiable(_) => None,
        }
    }
}

/// Recomputes the signature of `request` from what was received.
///
/// Names and values are decoded and encoded again, so every spelling on the wire counts that means the same:
/// `+` or `%20`, `*` or `%2A`. The signature itself must be spelled canonically.
pub fn verify(request: &Request, keys: &Keyring) -> Verdict {
    let claim = match Claim::of(request) {
        Claimed::Malformed(error) => return Verdict::Malformed(error),
        Claimed::Unsigned => return Verdict::Unsigned,
        Claimed::Unverifiable(reason) => return Verdict::Unverifiable(reason),
        Claimed::With(claim) => claim,
    };
    let Some(secret) = keys.secret(&claim.key_id) else {
        return Verdict::Unverifiable(Unverifiable::KeyNotKnown(claim));
    };
    let ours = Stages::claimed(request, &claim, secret.expose(), &Style::SERVICE);
    let recomputes = ours.signature.as_bytes() == claim.signature.as_bytes();
    if recomputes && payload_hash(request, &claim).is_none() {
        Verdict::Valid(claim)
    } else {
        Verdict::Invalid { claim, ours: Box::new(ours) }
    }
}

/// ACS3's claimed payload hash and the actual one, where they differ.
pub(crate) fn payload_hash(request: &Request, claim: &Claim) -> Option<(String, String)> {
    let Scheme::Acs3(digest) = claim.scheme else { return None };
    let claimed = request.headers().get("x-acs-content-sha256")?;
    let actual = hash::hex_digest(digest, &request.raw().body);
    let claimed = String::from_utf8_lossy(claimed.trim_ascii()).into_owned();
    (claimed != actual).then_some((claimed, actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Secret;
    use crate::wire::{Headers, RawRequest, Spelling};

    fn request(method: &str, target: impl Into<Vec<u8>>, headers: &[(&str, &str)], body: &str) -> Request {
        let raw = RawRequest {
            method: method.into(),
            target: target.into(),
            headers: headers.iter().copied().collect(),
            body: body.into(),
            spelling: Spelling::AsSent,
        };
        Request::parse(raw).expect("the request is well formed")
    }

    fn is_valid(request: &Request) -> bool {
        matches!(verify(request, &Keyring::test()), Verdict::Valid(_))
    }

    fn get(more: &str) -> Request {
        request("GET", format!("/?{BASE}&{more}"), &[], "")
    }

    /// The request without parameters of the ACS3 vectors, with another target and headers on top.
    fn acs3(target: &str, more: &[(&str, &str)], signature: &str) -> Request {
        let mut headers: Headers = [
            ("host", "alidns.aliyuncs.com"),
            ("x-acs-action", "DescribeBatchResultCount"),
            ("x-acs-content-sha256", EMPTY_SHA256),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2015-01-09"),
        ]
        .into_iter()
        .collect();
        let signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let claim = format!("ACS3-HMAC-SHA256 Credential=testid,SignedHeaders={signed},Signature={signature}");
        headers.push("Authorization", claim);
        more.iter().for_each(|&(name, value)| headers.set(name, value));
        request("POST", target, &[], "").with_headers(headers)
    }

    #[test]
    fn the_documented_example_verifies_in_query_and_in_form() {
        let query = request("GET", format!("/?{REGIONS}&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"), &[], "");
        let form = format!("Signature=MxbnVAM4w6sft9xjVpe%2FGCKueuk%3D&{REGIONS}");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];

        assert!(is_valid(&query));
        assert!(is_valid(&request("POST", "/", &headers, &form)));
        assert!(is_valid(&request("POST", "/", &[], &form)));
        assert!(!is_valid(&request("POST", "/", &[("Content-Type", "text/plain")], &form)));
    }

    #[test]
    fn parameters_split_over_query_and_form_verify() {
        let (query, form) = REGIONS.split_at(REGIONS.find("&Timestamp").expect("it stands there"));
        let form = format!("{form}&Signature=MxbnVAM4w6sft9xjVpe%2FGCKueuk%3D");

        assert!(is_valid(&request("POST", format!("/?{query}"), &[], &form)));
        assert!(is_valid(&request("POST", format!("/?{query}&Timestamp=2016-02-23T12:46:24Z"), &[], &form)));
    }

    #[test]
    fn every_spelling_of_a_value_counts() {
        for value in ["A%20B", "A+B", "%41%20%42"] {
            assert!(is_valid(&get(&format!("BatchType={value}&Signature=HkYgsbx9Y/CAylvA73Mv5DqRUgg="))), "{value}");
        }
        for value in ["!*'();:@%26=%2B$,/?%23[]%25~", "%21%2A%27%28%29%3b%3a%40%26%3d%2b%24%2c%2f%3f%23%5b%5d%25%7e"] {
            assert!(is_valid(&get(&format!("BatchType={value}&Signature=MIEZWnkKHcfum7OBUxNccJQlKCA%3D"))), "{value}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_signed_as_they_are() {
        assert!(is_valid(&get("BatchType=%FF&Signature=HLFtSoddGA8wmdwR%2FJ8PU4lf60w%3D")));
        assert!(!is_valid(&get("BatchType=%FE&Signature=HLFtSoddGA8wmdwR%2FJ8PU4lf60w%3D")));
    }

    #[test]
    fn headers_host_and_path_do_not_enter_hmac_sha1() {
        let target = format!("/?{BASE}&Signature=//E19V5VSGN0Uci9D4TRk6KwIgs=");

        assert!(is_valid(&request("GET", target.as_str(), &[("Host", "127.0.0.1:1"), ("X-Acs-Action", "Other")], "")));
    }

    #[test]
    fn the_method_enters_as_it_is_sent() {
        let target = format!("/?{BASE}&Signature=//E19V5VSGN0Uci9D4TRk6KwIgs=");

        assert!(!is_valid(&request("POST", target.as_str(), &[], "")));
        assert!(!is_valid(&request("get", target.as_str(), &[], "")));
    }

    #[test]
    fn a_token_is_signed_like_any_parameter() {
        assert!(is_valid(&get("SecurityToken=CAIS%2B/%3D%3D&Signature=SaamRLYJDm5vysdv3n5jVxzjXKI=")));
        assert!(!is_valid(&get("SecurityToken=CAIS%2B/%3D&Signature=SaamRLYJDm5vysdv3n5jVxzjXKI=")));
    }

    #[test]
    fn a_signature_counts_in_its_one_canonical_spelling() {
        for other in [
            "//E19V5VSGN0Uci9D4TRk6KwIgs",
            "//E19V5VSGN0Uci9D4TRk6KwIgt=",
            "__E19V5VSGN0Uci9D4TRk6KwIgs=",
            "//E19V5VSGN0Uci9D4TRk6KwIgs=%0A",
            "//E19V5VSGN0Uci9D4TRk6KwIgs==",
            "%2F%2FE19V5VSGN0Uci9D4TRk6KwIgs%253D",
            "",
        ] {
            let verdict = verify(&get(&format!("Signature={other}")), &Keyring::test());

            assert!(matches!(verdict, Verdict::Invalid { .. }), "{other}: {verdict:?}");
        }
        assert!(!is_valid(&acs3("/", &[], &NO_PARAMETERS.to_uppercase())));
    }

    #[test]
    fn acs3_verifies_with_and_without_an_empty_query() {
        for target in ["/", "/?", "/?&", ""] {
            assert!(is_valid(&acs3(target, &[], NO_PARAMETERS)), "{target:?}");
        }
        assert!(!is_valid(&acs3("/a", &[], NO_PARAMETERS)));
        assert!(!is_valid(&acs3("/?a", &[], NO_PARAMETERS)));
    }

    #[test]
    fn acs3_signs_the_listed_headers_and_no_others() {
        assert!(is_valid(&acs3("/", &[("user-agent", "any"), ("x-acs-unlisted", "any")], NO_PARAMETERS)));
        assert!(is_valid(&acs3("/", &[("X-Acs-Version", " 2015-01-09\t")], NO_PARAMETERS)));
        assert!(!is_valid(&acs3("/", &[("host", "alidns.aliyuncs.com:443")], NO_PARAMETERS)));
        assert!(!is_valid(&acs3("/", &[("x-acs-version", "2015-01-9")], NO_PARAMETERS)));
    }

    #[test]
    fn a_payload_hash_that_is_not_the_bodys_is_invalid() {
        let request = acs3("/", &[("x-acs-content-sha256", &EMPTY_SHA256.to_uppercase())], NO_PARAMETERS);
        let Verdict::Invalid { claim, .. } = verify(&request, &Keyring::test()) else { panic!("it is valid") };

        assert_eq!(payload_hash(&request, &claim), Some((EMPTY_SHA256.to_uppercase(), EMPTY_SHA256.to_owned())));
    }

    #[test]
    fn an_unlisted_payload_hash_is_compared_with_the_body_all_the_same() {
        // printf body | sha256sum, and the HMAC of the canonical request that lists host alone
        let hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
        let claim = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host,\
            Signature=c15530905f1d144e00e328b1372ae6fe7c0e22adc70b6688ff6d9e0395e7b394";
        let headers = [("host", "a"), ("content-type", "text/plain"), ("Authorization", claim)];
        let request = request("POST", "/", &headers, "body");
        let with_hash = |hash: &str| {
            let mut headers = request.headers().clone();
            headers.set("x-acs-content-sha256", hash);
            request.with_headers(headers)
        };

        assert!(is_valid(&request));
        assert!(is_valid(&with_hash(hash)));
        assert!(!is_valid(&with_hash(EMPTY_SHA256)));
    }

    #[test]
    fn a_key_that_is_not_known_is_unverifiable_and_another_secret_invalid() {
        let target = format!("/?{BASE}&Signature=aaaa").replace("AccessKeyId=testid", "AccessKeyId=LTAI");
        let other = request("GET", target.as_str(), &[], "");

        let unknown = verify(&other, &Keyring::test());
        let known = verify(&other, &Keyring::test().with_any_other(Secret::new("s")));

        assert!(matches!(unknown, Verdict::Unverifiable(Unverifiable::KeyNotKnown(claim)) if claim.key_id == "LTAI"));
        assert!(matches!(known, Verdict::Invalid { .. }), "{known:?}");
    }

    #[test]
    fn a_verdict_has_the_claim_of_its_request_whether_it_holds_or_not() {
        let rsa = format!("/?{BASE}&Signature=aaaa&SignatureType=PRIVATEKEY");
        let not_known = format!("/?{BASE}&Signature=aaaa").replace("AccessKeyId=testid", "AccessKeyId=LTAI");
        let cases = [(rsa, None), (not_known, Some("LTAI")), (format!("/?{BASE}&Signature=aaaa"), Some("testid"))];

        for (target, key_id) in cases {
            let request = request("GET", target.as_str(), &[], "");

            let verdict = verify(&request, &Keyring::test());

            assert_eq!(verdict.claim().map(|claim| claim.key_id.as_str()), key_id, "{target}");
            assert_eq!(verdict.claim(), Claim::found_in(&request).as_ref(), "{target}");
        }
    }

    #[test]
    fn what_the_request_should_have_signed_comes_with_invalid() {
        let Verdict::Invalid { claim, ours } = verify(&get("Signature=aaaa"), &Keyring::test()) else {
            panic!("it is valid")
        };

        assert_eq!(claim.signature, "aaaa");
        assert_eq!(ours.signature.to_string(), "//E19V5VSGN0Uci9D4TRk6KwIgs=");
    }

    const REGIONS: &str = "Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1\
        &SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0\
        &Version=2014-05-26&Timestamp=2016-02-23T12%3A46%3A24Z";
    const BASE: &str = "AccessKeyId=testid&Action=DescribeBatchResultCount&Format=JSON&SignatureMethod=HMAC-SHA1\
        &SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0\
        &Timestamp=2016-02-23T12:46:24Z&Version=2015-01-09";
    const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const NO_PARAMETERS: &str = "a64452e5da1de86087e9f71b968d9d3a6c5fd7c691e60f9bb83a4f50e12de649";
}
