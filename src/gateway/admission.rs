//! Whether a request may go on to whatever answers it.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use super::nonces::Nonces;
use super::operations::Operations;
use super::refusal::{Refusal, SIGNATURE_NONCE_USED};
use super::requirements::{REQUIREMENTS, Subject};
use super::system::System;
use crate::signing::{Claim, Keyring, Verdict};
use crate::wire::{Request, Timestamp};

/// Decides as the service's gateway does, before the action itself is looked at.
#[derive(Debug)]
pub struct Gateway {
    keys: Keyring,
    operations: Operations,
    max_skew_seconds: u64,
    nonces: Mutex<Nonces>,
}

/// What becomes of a request that the service would refuse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Enforcement {
    /// It is refused.
    Enforce,
    /// It goes on, and the refusals are kept with it.
    Report,
}

impl Gateway {
    /// Knows `keys` and `operations`, and has used no nonce yet.
    ///
    /// With the public test key any SecurityToken is taken: it is signed, not looked up.
    pub fn new(keys: Keyring, operations: Operations) -> Self {
        Self { keys, operations, max_skew_seconds: MAX_SKEW_SECONDS, nonces: Mutex::default() }
    }

    /// Takes time stamps this far from its clock, before and behind.
    #[must_use = "the gateway itself is not changed"]
    pub fn with_max_skew(self, seconds: u64) -> Self {
        Self { max_skew_seconds: seconds, ..self }
    }

    /// The secrets that it knows.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// Every refusal that `request` deserves, in the order in which the service looks; the first is its answer.
    ///
    /// Lazy: nothing is looked at behind the last one taken. Uses up no nonce.
    pub fn refusals<'a>(&'a self, request: &'a Request, now: Timestamp) -> impl Iterator<Item = Refusal> + 'a {
        let subject = self.subject(request, now);
        let unmet = REQUIREMENTS.iter().filter_map(move |requirement| requirement(&subject));
        unmet.chain(std::iter::once_with(move || self.repeated_nonce(request, now)).flatten())
    }

    /// Finds everything that the service would refuse `request` for, and verifies it once.
    ///
    /// The nonce is used up by a request that nothing else speaks against, and by no other: assumed.
    pub fn examine(&self, request: Request, now: Timestamp) -> Examined {
        let subject = self.subject(&request, now);
        let mut refusals: Vec<Refusal> = unmet(&subject).collect();
        let verdict = subject.into_verdict();
        refusals.extend(match refusals[..] {
            [] => self.use_up_nonce(&request, now),
            _ => self.repeated_nonce(&request, now),
        });
        Examined { request, verdict, refusals }
    }

    /// Lets `request` through, or says what the service would answer: [`Gateway::examine`] and [`Examined::admit`].
    ///
    /// # Errors
    /// The first of [`Gateway::refusals`], where they are enforced.
    pub fn admit(&self, request: Request, now: Timestamp, enforcement: Enforcement) -> Result<Admitted, Refusal> {
        self.examine(request, now).admit(enforcement).map_err(|refused| refused.refusal)
    }

    fn subject<'a>(&'a self, request: &'a Request, now: Timestamp) -> Subject<'a> {
        Subject::new(request, &self.keys, &self.operations, now, self.max_skew_seconds)
    }

    fn repeated_nonce(&self, request: &Request, now: Timestamp) -> Option<Refusal> {
        let (key_id, nonce) = key_and_nonce(request)?;
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.knows(&key_id, &nonce, now).then(|| Refusal::from(&SIGNATURE_NONCE_USED))
    }

    /// Asking and recording is one step: of two requests with one nonce, one is refused.
    fn use_up_nonce(&self, request: &Request, now: Timestamp) -> Option<Refusal> {
        let (key_id, nonce) = key_and_nonce(request)?;
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = nonces.record(&key_id, &nonce, now);
        (!is_new).then(|| Refusal::from(&SIGNATURE_NONCE_USED))
    }
}

/// A request, and everything that the gateway found in it.
#[derive(Clone, Debug)]
pub struct Examined {
    request: Request,
    verdict: Verdict,
    refusals: Vec<Refusal>,
}

impl Examined {
    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What verifying its signature found.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// All that the service would refuse it for, in the order in which the service looks.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Lets the request through, or says what the service would answer.
    ///
    /// # Errors
    /// [`Refused`] with the first of the refusals, where they are enforced.
    pub fn admit(mut self, enforcement: Enforcement) -> Result<Admitted, Box<Refused>> {
        if enforcement == Enforcement::Enforce && !self.refusals.is_empty() {
            let refusal = self.refusals.swap_remove(0);
            return Err(Box::new(Refused { request: self.request, refusal }));
        }
        Ok(Admitted { request: self.request, verdict: self.verdict, waived: self.refusals })
    }
}

/// A request that the gateway turned down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The request.
    pub request: Request,
    /// What the service would answer.
    pub refusal: Refusal,
}

/// A request that the gateway let through; nothing else can be played to.
#[derive(Clone, Debug)]
pub struct Admitted {
    request: Request,
    verdict: Verdict,
    waived: Vec<Refusal>,
}

impl Admitted {
    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// How it is signed, rightly or not; none where it is not signed, or not with an HMAC.
    pub fn claim(&self) -> Option<&Claim> {
        self.verdict.claim()
    }

    /// What the service would have refused it with, where the gateway only reports.
    pub fn waived(&self) -> &[Refusal] {
        &self.waived
    }
}

fn unmet(subject: &Subject<'_>) -> impl Iterator<Item = Refusal> {
    REQUIREMENTS.iter().filter_map(move |requirement| requirement(subject))
}

fn key_and_nonce(request: &Request) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let system = System::of(request);
    Some((system.key_id()?, system.nonce()?))
}

/// [Documented](https://help.aliyun.com/en/document_detail/434846.html), read 2026-11-24; another page says 31 minutes.
const MAX_SKEW_SECONDS: u64 = 900;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Barrier;

    use super::super::refusal::CODES;
    use super::*;
    use crate::signing::{Digest, Key, Scheme, Style, sign};
    use crate::wire::{Headers, Parameter, RawRequest};

    /// A change to a good request, its subject first. What is changed before signing leaves the signature right.
    #[derive(Clone, Copy)]
    enum Edit {
        Key(&'static str),
        Method(&'static str),
        Path(&'static str),
        Signed(&'static str, Option<&'static str>),
        Unsigned(&'static str, Option<&'static str>),
    }

    impl Edit {
        fn subject(&self) -> &'static str {
            match self {
                Self::Key(_) => "AccessKeyId",
                Self::Method(_) => "the method",
                Self::Path(_) => "the path",
                Self::Signed(name, _) | Self::Unsigned(name, _) => name,
            }
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time stamp")
    }

    fn now() -> Timestamp {
        at("2026-11-24T03:45:00Z")
    }

    fn gateway() -> Gateway {
        let keys = Keyring::test().with(Key::new("STS.temporary", "testsecret"));
        Gateway::new(keys, [("DescribeBatchResultCount", "2015-01-09")].into_iter().collect())
    }

    fn put(parameters: &mut Vec<Parameter>, name: &str, value: Option<&str>) {
        parameters.retain(|parameter| !parameter.is(name));
        parameters.extend(value.map(|value| Parameter::query(name, value)));
    }

    fn hmac_sha1(edits: &[Edit]) -> Request {
        let mut parameters: Vec<Parameter> = GOOD.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        let (mut method, mut key, mut path) = ("GET", "testid", "/");
        for edit in edits {
            match *edit {
                Edit::Key(id) => key = id,
                Edit::Method(name) => method = name,
                Edit::Path(other) => path = other,
                Edit::Signed(name, value) => put(&mut parameters, name, value),
                Edit::Unsigned(..) => {}
            }
        }
        let unsigned = Request::compose(method, parameters, Headers::new());
        let signed = sign(&unsigned, Scheme::HmacSha1, &Key::new(key, "testsecret"), &Style::SERVICE);
        let mut parameters = signed.parameters().to_vec();
        for edit in edits {
            if let Edit::Unsigned(name, value) = *edit {
                put(&mut parameters, name, value);
            }
        }
        let raw = Request::compose(method, parameters, Headers::new()).raw().clone();
        let target = [path.as_bytes(), &raw.target[1..]].concat();
        Request::parse(RawRequest { target, ..raw }).expect("a composed request is well formed")
    }

    fn acs3(change: impl Fn(&mut Headers)) -> Request {
        let headers: Headers = ACS3.iter().copied().collect();
        let request = Request::compose("POST", vec![Parameter::query("TaskId", "1")], headers);
        let signed = sign(&request, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
        let mut headers = signed.headers().clone();
        change(&mut headers);
        signed.with_headers(headers)
    }

    fn acs3_with_authorization(old: &str, new: &str) -> Request {
        acs3(|headers| {
            let text = headers.text("Authorization").expect("the request is signed").replace(old, new);
            headers.set("Authorization", text);
        })
    }

    fn first_code(request: Request) -> String {
        gateway().admit(request, now(), Enforcement::Enforce).expect_err("the request has a fault").code
    }

    fn all_codes(request: &Request) -> Vec<String> {
        gateway().refusals(request, now()).map(|refusal| refusal.code).collect()
    }

    #[test]
    fn a_good_request_of_either_scheme_is_admitted_with_its_claim() {
        for request in [hmac_sha1(&[]), acs3(|_| {})] {
            let admitted = gateway().admit(request.clone(), now(), Enforcement::Enforce).expect("nothing is wrong");

            assert_eq!(admitted.claim().map(|claim| claim.key_id.as_str()), Some("testid"));
            assert_eq!(admitted.waived(), []);
            assert_eq!(admitted.request(), &request);
        }
    }

    #[test]
    fn each_fault_by_itself_gets_its_code_and_no_other() {
        for (code, edit) in FAULTS {
            assert_eq!(all_codes(&hmac_sha1(&[*edit])), [*code]);
        }
    }

    #[test]
    fn the_signature_method_may_be_spelled_as_in_the_samples_of_the_vendor() {
        assert_eq!(all_codes(&hmac_sha1(&[Edit::Signed("SignatureMethod", Some("Hmac-SHA1"))])), [""; 0]);
    }

    #[test]
    fn of_two_faults_the_one_that_the_service_looks_at_first_is_answered() {
        for (at, (code, edit)) in FAULTS.iter().enumerate() {
            for (_, other) in FAULTS[at + 1..].iter().filter(|(_, other)| other.subject() != edit.subject()) {
                let request = hmac_sha1(&[*edit, *other]);

                assert_eq!(first_code(request), *code, "beside a fault in {}", other.subject());
            }
        }
    }

    #[test]
    fn an_acs3_fault_goes_by_the_name_of_the_parameter() {
        let without = |name: &'static str| acs3(move |headers| headers.remove(name));

        assert_eq!(first_code(without("x-acs-version")), "InvalidVersion");
        assert_eq!(first_code(without("Authorization")), "MissingAccessKeyId");
        assert_eq!(first_code(acs3_with_authorization("=testid", "=other")), "InvalidAccessKeyId.NotFound");
        assert_eq!(first_code(without("x-acs-date")), "MissingTimestamp");
        assert_eq!(first_code(acs3_with_authorization("Signature=", "Signature=0")), "SignatureDoesNotMatch");
        assert_eq!(all_codes(&without("x-acs-signature-nonce")), ["SignatureDoesNotMatch", "MissingSignatureNonce"]);
        assert_eq!(all_codes(&without("x-acs-action")), ["SignatureDoesNotMatch", "MissingAction"]);
    }

    #[test]
    fn a_claim_that_cannot_be_read_is_never_called_a_wrong_signature() {
        let both_schemes = {
            let mut parameters = acs3(|_| {}).parameters().to_vec();
            put(&mut parameters, "Signature", Some("AAAA"));
            Request::compose("POST", parameters, acs3(|_| {}).headers().clone())
        };

        assert_eq!(first_code(both_schemes), "InvalidSignature");
        assert_eq!(first_code(acs3_with_authorization("SignedHeaders", "Headers")), "InvalidSignature");
        assert_eq!(
            first_code(acs3_with_authorization("SignedHeaders=host", "SignedHeaders=,host")),
            "InvalidSignature"
        );
        assert_eq!(first_code(acs3_with_authorization("ACS3-HMAC-SHA256", "ACS3-HMAC-MD5")), "InvalidSignatureMethod");
        assert_eq!(first_code(acs3_without_part("SignedHeaders")), "MissingSignedHeaders");
        assert_eq!(first_code(acs3_without_part("Signature")), "MissingSignature");
        assert_eq!(first_code(acs3_without_part("Credential")), "MissingAccessKeyId");
    }

    fn acs3_without_part(name: &str) -> Request {
        acs3(|headers| {
            let text = headers.text("Authorization").expect("the request is signed").to_owned();
            let (algorithm, parts) = text.split_once(' ').expect("the algorithm stands first");
            let kept: Vec<&str> = parts.split(',').filter(|part| !part.starts_with(&format!("{name}="))).collect();
            headers.set("Authorization", format!("{algorithm} {}", kept.join(",")));
        })
    }

    #[test]
    fn what_is_not_signed_with_an_hmac_has_a_key_that_is_not_known() {
        let bearer = hmac_sha1(&[Edit::Signed("SignatureType", Some("BEARERTOKEN"))]);
        let private_key = hmac_sha1(&[Edit::Signed("SignatureType", Some("PRIVATEKEY"))]);
        let rsa = acs3_with_authorization("ACS3-HMAC-SHA256", "ACS3-RSA-SHA256");

        for request in [bearer, private_key, rsa] {
            assert_eq!(first_code(request), "InvalidAccessKeyId.NotFound");
        }
    }

    #[test]
    fn every_code_of_the_table_but_that_of_malformed_requests_is_answered_to_some_request() {
        let mut met: BTreeSet<&str> = FAULTS.iter().map(|(code, _)| *code).collect();
        met.extend(["InvalidSignature", "MissingSignedHeaders", "SignatureNonceUsed"]);
        met.insert("RequestParameterMalformed");

        let known: BTreeSet<&str> = CODES.iter().map(|code| code.text).collect();

        assert_eq!(met, known);
    }

    #[test]
    fn a_wrong_signature_is_shown_what_the_service_signed() {
        let refusal = |request: &Request| gateway().refusals(request, now()).next().expect("the signature is wrong");

        let hmac_sha1 = refusal(&hmac_sha1(&[Edit::Unsigned("TaskId", Some("7"))]));
        let acs3 = refusal(&acs3_with_authorization("Signature=", "Signature=0"));

        assert_eq!(
            hmac_sha1.message,
            "Specified signature is not matched with our calculation. server string to sign is:GET&%2F&AccessKeyId%3Dtestid\
             %26Action%3DDescribeBatchResultCount%26Format%3DJSON%26SignatureMethod%3DHMAC-SHA1\
             %26SignatureNonce%3Df59ed6a9-83fc-473b-9cc6-99c95df3856e%26SignatureVersion%3D1.0%26TaskId%3D7\
             %26Timestamp%3D2026-11-24T03%253A45%253A00Z%26Version%3D2015-01-09"
        );
        let (before, after) = acs3.message.split_once("] server CanonicalRequest is [").expect("two parts");
        assert_eq!(
            before,
            "Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-SHA256\n\
             512f732eeff70118f386e2ff2f809a3151b99497d448486ac1dd260815326813"
        );
        assert!(after.starts_with("POST\n/\nTaskId=1\nhost:alidns.aliyuncs.com\n"), "{after}");
    }

    #[test]
    fn the_window_is_as_wide_before_the_clock_as_behind_it_and_its_edge_is_inside() {
        let admitted = |time: &'static str, gateway: Gateway| {
            let request = hmac_sha1(&[Edit::Signed("Timestamp", Some(time))]);
            gateway.admit(request, now(), Enforcement::Enforce).is_ok()
        };

        assert!(admitted("2026-11-24T03:30:00Z", gateway()) && admitted("2026-11-24T04:00:00Z", gateway()));
        assert!(!admitted("2026-11-24T03:29:59Z", gateway()) && !admitted("2026-11-24T04:00:01Z", gateway()));
        assert!(admitted("2026-11-24T03:29:59Z", gateway().with_max_skew(901)));
        assert!(!admitted("2026-11-24T03:30:00Z", gateway().with_max_skew(899)));
    }

    #[test]
    fn a_temporary_key_is_admitted_with_any_token() {
        let key = Key::new("STS.temporary", "testsecret").with_token("anything");
        let request = sign(&hmac_sha1(&[]), Scheme::HmacSha1, &key, &Style::SERVICE);

        assert_eq!(all_codes(&request), [""; 0]);
    }

    #[test]
    fn a_nonce_is_used_up_by_an_admitted_request_and_by_no_other() {
        let gateway = gateway();
        let admit =
            |edit| gateway.admit(hmac_sha1(&[edit]), now(), Enforcement::Enforce).map_err(|refusal| refusal.code);
        let (wrong, right) = (Edit::Unsigned("Signature", Some("AAAA")), Edit::Method("POST"));

        let refused = [admit(wrong).err(), admit(wrong).err()];
        let admitted = admit(right).is_ok();
        let again = admit(Edit::Signed("TaskId", Some("7"))).err();

        assert_eq!(refused, [Some("SignatureDoesNotMatch".into()), Some("SignatureDoesNotMatch".into())]);
        assert!(admitted);
        assert_eq!(again.as_deref(), Some("SignatureNonceUsed"));
    }

    #[test]
    fn each_lane_has_nonces_of_its_own() {
        let gateway = gateway();
        let admit = |id| gateway.admit(hmac_sha1(&[Edit::Key(id)]), now(), Enforcement::Enforce).is_ok();

        assert!(admit("testid.left") && admit("testid.right") && admit("testid"));
        assert!(!admit("testid.left"));
    }

    #[test]
    fn of_many_equal_nonces_at_once_one_is_admitted() {
        let (gateway, start) = (gateway(), Barrier::new(8));
        let admitted = std::thread::scope(|scope| {
            let attempt = || {
                start.wait();
                gateway.admit(hmac_sha1(&[]), now(), Enforcement::Enforce).is_ok()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(attempt)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|admitted| *admitted).count()
        });

        assert_eq!(admitted, 1);
    }

    #[test]
    fn where_refusals_are_only_reported_all_are_kept_and_the_claim_too() {
        let gateway = gateway();
        let expired = Edit::Signed("Timestamp", Some("2026-11-24T01:00:00Z"));
        let waived = |edits: &[Edit]| {
            let admitted = gateway.admit(hmac_sha1(edits), now(), Enforcement::Report).expect("everything is waived");
            let codes: Vec<String> = admitted.waived().iter().map(|refusal| refusal.code.clone()).collect();
            (codes, admitted.claim().map(|claim| claim.key_id.clone()))
        };
        let testid = Some("testid".to_owned());

        let wrong = waived(&[expired, Edit::Unsigned("Signature", Some("AAAA")), Edit::Path("/v1")]);
        let first = waived(&[]);
        let repeated = waived(&[expired]);
        let unsigned = waived(&[Edit::Unsigned("Signature", None)]);
        let unknown = waived(&[Edit::Key("other")]);

        let three = ["SignatureDoesNotMatch", "InvalidTimeStamp.Expired", "InvalidAction.NotFound"];
        assert_eq!(wrong, (three.map(str::to_owned).to_vec(), testid.clone()));
        assert_eq!(first, (vec![], testid.clone()));
        assert_eq!(repeated, (vec!["InvalidTimeStamp.Expired".into(), "SignatureNonceUsed".into()], testid));
        assert_eq!(unsigned, (vec!["MissingSignature".into(), "SignatureNonceUsed".into()], None));
        assert_eq!(unknown, (vec!["InvalidAccessKeyId.NotFound".into()], Some("other".into())));
    }

    /// One fault each, in the order in which the gateway looks.
    const FAULTS: &[(&str, Edit)] = &[
        ("InvalidVersion", Edit::Signed("Version", None)),
        ("InvalidVersion", Edit::Signed("Version", Some(""))),
        ("MissingAccessKeyId", Edit::Unsigned("AccessKeyId", None)),
        ("InvalidAccessKeyId", Edit::Key("\"testid\"")),
        ("InvalidAccessKeyId", Edit::Key("testid\n")),
        ("InvalidAccessKeyId.NotFound", Edit::Key("[testid]")),
        ("MissingTimestamp", Edit::Signed("Timestamp", None)),
        ("InvalidTimeStamp.Format", Edit::Signed("Timestamp", Some("2026-11-24T03:45:00.000Z"))),
        ("InvalidTimeStamp.Format", Edit::Signed("Timestamp", Some("2026-11-24T03%3A45%3A00Z"))),
        ("MissingSignature", Edit::Unsigned("Signature", None)),
        ("MissingSignature", Edit::Unsigned("Signature", Some(""))),
        ("SignatureDoesNotMatch", Edit::Unsigned("Signature", Some("AAAA"))),
        ("MissingSecurityToken", Edit::Key("STS.temporary")),
        ("InvalidTimeStamp.Expired", Edit::Signed("Timestamp", Some("2026-11-24T03:29:59Z"))),
        ("MissingSignatureMethod", Edit::Signed("SignatureMethod", None)),
        ("InvalidSignatureMethod", Edit::Signed("SignatureMethod", Some("HMAC-SHA256"))),
        ("MissingSignatureVersion", Edit::Signed("SignatureVersion", Some(""))),
        ("InvalidSignatureVersion", Edit::Signed("SignatureVersion", Some("2.0"))),
        ("MissingSignatureNonce", Edit::Signed("SignatureNonce", None)),
        ("InvalidParameter.Format", Edit::Signed("Format", Some("YAML"))),
        ("UnsupportedHTTPMethod", Edit::Method("PUT")),
        ("InvalidVersion", Edit::Signed("Version", Some("2014-01-01"))),
        ("MissingAction", Edit::Signed("Action", None)),
        ("InvalidAction.NotFound", Edit::Signed("Action", Some("describeBatchResultCount"))),
        ("InvalidAction.NotFound", Edit::Path("/v1")),
    ];

    const GOOD: &[(&str, &str)] = &[
        ("Action", "DescribeBatchResultCount"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "f59ed6a9-83fc-473b-9cc6-99c95df3856e"),
        ("SignatureVersion", "1.0"),
        ("TaskId", "123456"),
        ("Timestamp", "2026-11-24T03:45:00Z"),
        ("Version", "2015-01-09"),
    ];

    const ACS3: &[(&str, &str)] = &[
        ("host", "alidns.aliyuncs.com"),
        ("x-acs-action", "DescribeBatchResultCount"),
        ("x-acs-version", "2015-01-09"),
        ("x-acs-date", "2026-11-24T03:45:00Z"),
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
    ];
}
