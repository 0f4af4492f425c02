//! What the service asks of a request, each requirement by itself, in the service's order.

use std::cell::OnceCell;

use super::operations::Operations;
use super::refusal::{self, Code, Refusal};
use super::system::System;
use crate::signing::{Keyring, MalformedClaim, Unverifiable, Verdict, verify};
use crate::wire::{Request, Timestamp};

/// A request and what it is held against.
pub(super) struct Subject<'a> {
    request: &'a Request,
    system: System<'a>,
    keys: &'a Keyring,
    operations: &'a Operations,
    now: Timestamp,
    max_skew_seconds: u64,
    verdict: OnceCell<Verdict>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        request: &'a Request,
        keys: &'a Keyring,
        operations: &'a Operations,
        now: Timestamp,
        max_skew_seconds: u64,
    ) -> Self {
        let verdict = OnceCell::new();
        Self { request, system: System::of(request), keys, operations, now, max_skew_seconds, verdict }
    }

    /// What verifying found; it is done now where no requirement asked for it.
    pub(super) fn into_verdict(self) -> Verdict {
        self.verdict.into_inner().unwrap_or_else(|| verify(self.request, self.keys))
    }

    fn verdict(&self) -> &Verdict {
        self.verdict.get_or_init(|| verify(self.request, self.keys))
    }

    fn key_id(&self) -> String {
        self.system.key_id().unwrap_or_default().into_owned()
    }
}

type Requirement = fn(&Subject<'_>) -> Option<Refusal>;

/// In the service's order. Percent-encoding, which comes before all of them, is [`Request::parse`]'s; the repeated
/// nonce, which comes last, is the gateway's.
///
/// Ahead of the signature stand those that answers of the service put there, and those without which there is nothing
/// to verify. When the service looks at the others is not known: they come after it, so that no guess hides a wrong
/// signature.
pub(super) const REQUIREMENTS: &[Requirement] = &[
    require_version,
    require_key_id,
    require_known_key,
    require_well_formed_time,
    require_readable_signature,
    require_right_signature,
    require_token_of_temporary_key,
    require_time_within_window,
    require_signature_method,
    require_signature_version,
    require_nonce,
    require_known_format,
    require_supported_method,
    require_known_version,
    require_known_action,
];

/// A request with nothing but an access key id gets InvalidVersion
/// ([acme.sh#2750](https://github.com/acmesh-official/acme.sh/issues/2750), read 2026-11-24).
fn require_version(subject: &Subject<'_>) -> Option<Refusal> {
    unless(is_given(subject.system.version().as_deref()), &refusal::INVALID_VERSION)
}

/// ACS3's headers go by the names of the parameters: a client without key gets this code for them too
/// ([csharp-sdk#40](https://github.com/aliyun/alibabacloud-csharp-sdk/issues/40), read 2026-11-24).
fn require_key_id(subject: &Subject<'_>) -> Option<Refusal> {
    unless(is_given(subject.system.key_id().as_deref()), &refusal::MISSING_ACCESS_KEY_ID)
}

/// White space or quotes make an id a malformed one, brackets do not
/// ([CapsWriter#5](https://github.com/HaujetZhao/CapsWriter/issues/5),
/// [aliyun-ddns-cli#24](https://github.com/honwen/aliyun-ddns-cli/issues/24), read 2026-11-24).
fn require_known_key(subject: &Subject<'_>) -> Option<Refusal> {
    let id = subject.key_id();
    let unknown = match subject.verdict() {
        Verdict::Unverifiable(Unverifiable::Bearer | Unverifiable::Rsa) => true,
        _ => subject.keys.secret(&id).is_none(),
    };
    let malformed = id.contains(|letter: char| matches!(letter, '"' | '\'') || letter.is_whitespace());
    if !unknown || id.is_empty() {
        None
    } else if malformed {
        Some(Refusal::from(&refusal::INVALID_ACCESS_KEY_ID))
    } else {
        Some(Refusal::from(&refusal::INVALID_ACCESS_KEY_ID_NOT_FOUND))
    }
}

/// A time stamp that is percent-encoded twice gets InvalidTimeStamp.Format, though its signature is wrong too: so the
/// notes on release 2.22.5 of flux-panel, a client, read 2026-11-24.
fn require_well_formed_time(subject: &Subject<'_>) -> Option<Refusal> {
    match subject.system.timestamp() {
        None => Some(Refusal::from(&refusal::MISSING_TIMESTAMP)),
        Some(text) if text.is_empty() => Some(Refusal::from(&refusal::MISSING_TIMESTAMP)),
        Some(text) => unless(Timestamp::parse(&text).is_ok(), &refusal::INVALID_TIME_STAMP_FORMAT),
    }
}

fn require_readable_signature(subject: &Subject<'_>) -> Option<Refusal> {
    let missing = match subject.verdict() {
        Verdict::Malformed(claim) => refusal_of_claim(claim),
        Verdict::Unsigned => &refusal::MISSING_SIGNATURE,
        Verdict::Invalid { claim, .. } if claim.signature.is_empty() => &refusal::MISSING_SIGNATURE,
        _ => return None,
    };
    Some(Refusal::from(missing))
}

fn refusal_of_claim(claim: &MalformedClaim) -> &'static Code {
    match claim {
        MalformedClaim::PartMissing("Signature") => &refusal::MISSING_SIGNATURE,
        MalformedClaim::PartMissing("SignedHeaders") => &refusal::MISSING_SIGNED_HEADERS,
        MalformedClaim::UnknownAlgorithm(_) => &refusal::INVALID_SIGNATURE_METHOD,
        _ => &refusal::INVALID_SIGNATURE,
    }
}

fn require_right_signature(subject: &Subject<'_>) -> Option<Refusal> {
    match subject.verdict() {
        Verdict::Invalid { claim, ours } if !claim.signature.is_empty() => {
            Some(Refusal::wrong_signature(claim.scheme, ours))
        }
        _ => None,
    }
}

fn require_token_of_temporary_key(subject: &Subject<'_>) -> Option<Refusal> {
    let needed = subject.key_id().starts_with("STS.");
    unless(!needed || is_given(subject.system.token().as_deref()), &refusal::MISSING_SECURITY_TOKEN)
}

/// Both ways: whether the service takes a time stamp from the future is not known.
fn require_time_within_window(subject: &Subject<'_>) -> Option<Refusal> {
    let time = Timestamp::parse(&subject.system.timestamp()?).ok()?;
    unless(time.distance_seconds(subject.now) <= subject.max_skew_seconds, &refusal::INVALID_TIME_STAMP_EXPIRED)
}

fn require_signature_method(subject: &Subject<'_>) -> Option<Refusal> {
    require_parameter(
        subject,
        "SignatureMethod",
        "HMAC-SHA1",
        &refusal::MISSING_SIGNATURE_METHOD,
        &refusal::INVALID_SIGNATURE_METHOD,
    )
}

fn require_signature_version(subject: &Subject<'_>) -> Option<Refusal> {
    require_parameter(
        subject,
        "SignatureVersion",
        "1.0",
        &refusal::MISSING_SIGNATURE_VERSION,
        &refusal::INVALID_SIGNATURE_VERSION,
    )
}

/// ACS3 says neither: its algorithm stands in the Authorization header. In any case: the vendor's own samples have
/// `Hmac-SHA1` too ([page](https://www.alibabacloud.com/help/doc-detail/162719.htm), read 2026-11-24).
fn require_parameter(
    subject: &Subject<'_>,
    name: &str,
    expected: &str,
    missing: &Code,
    invalid: &Code,
) -> Option<Refusal> {
    if subject.system.in_headers() {
        return None;
    }
    match subject.request.value(name) {
        None | Some(b"") => Some(Refusal::from(missing)),
        Some(value) => unless(value.eq_ignore_ascii_case(expected.as_bytes()), invalid),
    }
}

/// An empty one counts as a nonce, and the second empty one as repeated
/// ([acme.sh#3585](https://github.com/acmesh-official/acme.sh/issues/3585), read 2026-11-24).
fn require_nonce(subject: &Subject<'_>) -> Option<Refusal> {
    unless(subject.system.nonce().is_some(), &refusal::MISSING_SIGNATURE_NONCE)
}

fn require_known_format(subject: &Subject<'_>) -> Option<Refusal> {
    unless(subject.system.format().is_some(), &refusal::INVALID_PARAMETER_FORMAT)
}

fn require_supported_method(subject: &Subject<'_>) -> Option<Refusal> {
    unless(matches!(subject.request.method(), "GET" | "POST"), &refusal::UNSUPPORTED_HTTP_METHOD)
}

fn require_known_version(subject: &Subject<'_>) -> Option<Refusal> {
    let version = subject.system.version().filter(|version| !version.is_empty())?;
    unless(subject.operations.has_version(&version), &refusal::INVALID_VERSION)
}

/// The path counts as a part of the action, as it does for other products
/// ([openapi-sdk-php-client#230](https://github.com/aliyun/openapi-sdk-php-client/issues/230), read 2026-11-24).
fn require_known_action(subject: &Subject<'_>) -> Option<Refusal> {
    let version = subject.system.version()?;
    let Some(action) = subject.system.action().filter(|action| !action.is_empty()) else {
        return Some(Refusal::from(&refusal::MISSING_ACTION));
    };
    let at_root = matches!(subject.request.path(), b"" | b"/");
    let known = subject.operations.has(&action, &version) || !subject.operations.has_version(&version);
    unless(at_root && known, &refusal::INVALID_ACTION_NOT_FOUND)
}

fn is_given(value: Option<&str>) -> bool {
    value.is_some_and(|value| !value.is_empty())
}

fn unless(met: bool, code: &Code) -> Option<Refusal> {
    (!met).then(|| Refusal::from(code))
}
