//! The system parameters, wherever the scheme puts them, and the class of every name.

use std::borrow::Cow;

use crate::wire::Request;

/// The system parameters of a request.
///
/// HMAC-SHA1 has all of them as parameters, ACS3 as headers. The official SDKs send some `x-acs-*` headers
/// beside HMAC-SHA1 too, so the signature decides where to look.
#[derive(Clone, Copy, Debug)]
pub struct System<'r> {
    request: &'r Request,
    in_headers: bool,
}

impl<'r> System<'r> {
    /// Looks at the signature of `request` to know where they are; without one, where the action is.
    pub fn of(request: &'r Request) -> Self {
        let acs3 = request.headers().text("Authorization").is_some_and(|value| value.starts_with("ACS3"));
        let signed_in_parameters = request.value("Signature").is_some();
        let action_in_headers = request.value("Action").is_none() && request.headers().get("x-acs-action").is_some();
        Self { request, in_headers: acs3 || (!signed_in_parameters && action_in_headers) }
    }

    /// Whether they are headers, as ACS3 has them.
    pub fn in_headers(self) -> bool {
        self.in_headers
    }

    /// `Action`.
    pub fn action(self) -> Option<Cow<'r, str>> {
        self.either("Action", "x-acs-action")
    }

    /// `Version`.
    pub fn version(self) -> Option<Cow<'r, str>> {
        self.either("Version", "x-acs-version")
    }

    /// The access key id.
    pub fn key_id(self) -> Option<Cow<'r, str>> {
        if !self.in_headers {
            return self.parameter("AccessKeyId");
        }
        let credential = self.header("Authorization").and_then(|value| {
            let at = value.find("Credential=")? + "Credential=".len();
            value[at..].split(',').next().map(|id| Cow::Owned(id.to_owned()))
        });
        credential.or_else(|| self.header("x-acs-accesskey-id"))
    }

    /// The nonce.
    pub fn nonce(self) -> Option<Cow<'r, str>> {
        self.either("SignatureNonce", "x-acs-signature-nonce")
    }

    /// The time stamp as spelled.
    pub fn timestamp(self) -> Option<Cow<'r, str>> {
        self.either("Timestamp", "x-acs-date")
    }

    /// The security token of a temporary key.
    pub fn token(self) -> Option<Cow<'r, str>> {
        self.either("SecurityToken", "x-acs-security-token")
    }

    /// The format of the answer that the request wants; none where it names one that does not exist.
    ///
    /// `Format` in any case; else ACS3's `Accept`; else XML with HMAC-SHA1
    /// ([default](https://www.alibabacloud.com/help/doc-detail/29745.htm), read 2026-11-24) and JSON with ACS3.
    pub fn format(self) -> Option<Format> {
        if let Some(named) = self.parameter("Format").filter(|named| !named.is_empty()) {
            return Format::named(&named);
        }
        if !self.in_headers {
            return Some(Format::Xml);
        }
        let accept = self.header("Accept").unwrap_or_default().to_ascii_lowercase();
        Some(if accept.contains("xml") && !accept.contains("json") { Format::Xml } else { Format::Json })
    }

    fn either(self, parameter: &str, header: &str) -> Option<Cow<'r, str>> {
        if self.in_headers {
            self.header(header).or_else(|| self.parameter(parameter))
        } else {
            self.parameter(parameter)
        }
    }

    fn parameter(self, name: &str) -> Option<Cow<'r, str>> {
        self.request.value(name).map(text)
    }

    fn header(self, name: &str) -> Option<Cow<'r, str>> {
        self.request.headers().get(name).map(|value| text(value.trim_ascii()))
    }
}

/// What is not UTF-8 shows as U+FFFD. Nearly everything is: `from_utf8` finds that out faster.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// A format of answers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// `JSON`.
    Json,
    /// `XML`.
    Xml,
}

impl Format {
    fn named(name: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("JSON") { Some(Self::Json) } else { is("XML").then_some(Self::Xml) }
    }
}

/// What a parameter or header is to matching and keeping.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Class {
    /// Recomputed: the signature, the payload hash.
    Derived,
    /// Signed, and neither matched nor kept apart.
    Ignored,
    /// Kept as a stand-in only: key id, token.
    Secret,
    /// What the request asks: matched.
    Semantic,
    /// New each time: presence and shape count.
    Volatile,
}

impl Class {
    /// The class of a parameter or of a header, by its name.
    ///
    /// What is not listed is semantic, for any name may be a business parameter: of the headers, ask for `x-acs-*` and
    /// `Authorization` only.
    pub fn of(name: &str) -> Self {
        let parameter = PARAMETERS.iter().find(|(known, _)| *known == name);
        let listed = parameter.or_else(|| HEADERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        listed.map_or(Self::Semantic, |(_, class)| *class)
    }

    /// The class in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Ignored => "ignored",
            Self::Secret => "secret",
            Self::Semantic => "semantic",
            Self::Volatile => "volatile",
        }
    }
}

const PARAMETERS: &[(&str, Class)] = &[
    ("AccessKeyId", Class::Secret),
    ("BearerToken", Class::Secret),
    ("RegionId", Class::Ignored),
    ("SecurityToken", Class::Secret),
    ("Signature", Class::Derived),
    ("SignatureMethod", Class::Ignored),
    ("SignatureNonce", Class::Volatile),
    ("SignatureType", Class::Ignored),
    ("SignatureVersion", Class::Ignored),
    ("Timestamp", Class::Volatile),
    ("UserClientIp", Class::Ignored),
    // The vendor's own sample in Java signs it as a parameter
    // (https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism, read 2026-11-24).
    ("content-type", Class::Ignored),
];

const HEADERS: &[(&str, Class)] = &[
    ("authorization", Class::Derived),
    ("x-acs-accesskey-id", Class::Secret),
    ("x-acs-action", Class::Semantic),
    ("x-acs-bearer-token", Class::Secret),
    ("x-acs-content-sha256", Class::Derived),
    ("x-acs-credentials-provider", Class::Ignored),
    ("x-acs-date", Class::Volatile),
    ("x-acs-security-token", Class::Secret),
    ("x-acs-signature-nonce", Class::Volatile),
    ("x-acs-version", Class::Semantic),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, Parameter};

    fn request(parameters: &[(&str, &str)], headers: &[(&str, &str)]) -> Request {
        let parameters = parameters.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        Request::compose("GET", parameters, headers.iter().copied().collect::<Headers>())
    }

    const PARAMETERS: &[(&str, &str)] = &[
        ("AccessKeyId", "id-p"),
        ("Action", "action-p"),
        ("SecurityToken", "token-p"),
        ("Signature", "s"),
        ("SignatureNonce", "nonce-p"),
        ("Timestamp", "time-p"),
        ("Version", "version-p"),
    ];

    const HEADERS: &[(&str, &str)] = &[
        ("Authorization", "ACS3-HMAC-SHA256 Credential=id-h,SignedHeaders=host,Signature=s"),
        ("X-Acs-Action", "action-h"),
        ("x-acs-date", " time-h "),
        ("x-acs-security-token", "token-h"),
        ("x-acs-signature-nonce", "nonce-h"),
        ("x-acs-version", "version-h"),
    ];

    fn seen(request: &Request) -> Vec<String> {
        let system = System::of(request);
        let all =
            [system.action(), system.key_id(), system.nonce(), system.timestamp(), system.token(), system.version()];
        all.into_iter().map(|value| value.unwrap_or_default().into_owned()).collect()
    }

    #[test]
    fn hmac_sha1_has_them_as_parameters_even_beside_headers_of_acs3() {
        let sdk = &HEADERS[1..];

        assert_eq!(seen(&request(PARAMETERS, sdk)), ["action-p", "id-p", "nonce-p", "time-p", "token-p", "version-p"]);
    }

    #[test]
    fn acs3_has_them_as_headers_and_may_leave_them_to_parameters() {
        let unsigned: Vec<_> = PARAMETERS.iter().copied().filter(|(name, _)| *name != "Signature").collect();

        assert_eq!(
            seen(&request(&unsigned, HEADERS)),
            ["action-h", "id-h", "nonce-h", "time-h", "token-h", "version-h"]
        );
        assert_eq!(
            seen(&request(&unsigned, &HEADERS[..1])),
            ["action-p", "id-h", "nonce-p", "time-p", "token-p", "version-p"]
        );
    }

    #[test]
    fn without_a_signature_they_are_where_the_action_is() {
        assert!(System::of(&request(&[], &HEADERS[1..])).in_headers());
        assert!(!System::of(&request(&[("Action", "a")], &HEADERS[1..])).in_headers());
        assert!(!System::of(&request(&[], &[])).in_headers());
    }

    #[test]
    fn another_authorization_is_none_of_acs3() {
        let basic = [("Authorization", "Basic dGVzdA==")];

        assert!(!System::of(&request(&[("Action", "a")], &basic)).in_headers());
    }

    #[test]
    fn the_key_id_of_acs3_may_stand_in_a_header_where_the_credential_does_not() {
        let headers = [("x-acs-action", "a"), ("x-acs-accesskey-id", "id")];

        assert_eq!(System::of(&request(&[], &headers)).key_id().as_deref(), Some("id"));
        assert_eq!(System::of(&request(&[], &headers[..1])).key_id(), None);
    }

    #[test]
    fn a_named_format_counts_in_any_case_and_before_accept() {
        let format = |name: &str, headers: &[(&str, &str)]| System::of(&request(&[("Format", name)], headers)).format();

        for (name, expected) in [("JSON", Some(Format::Json)), ("json", Some(Format::Json)), ("Xml", Some(Format::Xml))]
        {
            assert_eq!(format(name, &[]), expected, "{name}");
        }
        assert_eq!(format("YAML", &[]), None);
        assert_eq!(format("XML", &[HEADERS[0], ("Accept", "application/json")]), Some(Format::Xml));
    }

    #[test]
    fn the_format_that_nobody_names_is_xml_with_hmac_sha1_and_json_with_acs3() {
        let hmac_sha1 = |headers: &[(&str, &str)]| System::of(&request(PARAMETERS, headers)).format();
        let acs3 = |accept: &str| System::of(&request(&[], &[HEADERS[0], ("accept", accept)])).format();

        assert_eq!(hmac_sha1(&[]), Some(Format::Xml));
        assert_eq!(hmac_sha1(&[("Accept", "application/json")]), Some(Format::Xml));
        assert_eq!(System::of(&request(&[("Format", "")], &[])).format(), Some(Format::Xml));
        assert_eq!(acs3("application/json"), Some(Format::Json));
        assert_eq!(acs3("*/*"), Some(Format::Json));
        assert_eq!(acs3("Application/XML"), Some(Format::Xml));
        assert_eq!(acs3("text/xml, application/json"), Some(Format::Json));
    }

    #[test]
    fn the_class_of_a_parameter_depends_on_its_case_and_that_of_a_header_does_not() {
        assert_eq!(Class::of("SignatureNonce"), Class::Volatile);
        assert_eq!(Class::of("signaturenonce"), Class::Semantic);
        assert_eq!(Class::of("X-Acs-Date"), Class::Volatile);
        assert_eq!(Class::of("AUTHORIZATION"), Class::Derived);
        assert_eq!(Class::of("TaskId"), Class::Semantic);
        assert_eq!(Class::of("SecurityToken"), Class::Secret);
        assert_eq!(Class::of("RegionId"), Class::Ignored);
    }
}
