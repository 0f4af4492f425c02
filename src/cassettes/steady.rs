//! What of a cassette stays from one recording to the next: its parts, with all that is new each time masked.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::Asked;
use super::cassette::{Cassette, Interaction};
use super::line;
use crate::gateway::{self, Class, System};
use crate::wire::{Document, Node, Parameter, Place, RawRequest, Request, Response, Syntax, percent};

/// A part of a cassette, and the parts that it has.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Part {
    pub kind: Kind,
    /// Its value, of a body the whole, of another part that has parts a word for it.
    pub text: String,
    /// Whether it is a value that the contract lists others for.
    pub unlisted: bool,
    /// By what is put behind the path of this part to name them; names may repeat.
    pub parts: Vec<(String, Part)>,
}

/// What a part is; two parts of different kinds differ in type.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Array,
    Bool,
    /// What the format of cassettes itself groups: a cassette, an interaction, an answer.
    Group,
    Json,
    Null,
    Number,
    Object,
    /// The status of an answer.
    Status,
    Text,
    /// With the name of its root.
    Xml(String),
}

/// The values that a contract lists: by action and field, spelled as in a query.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Enumerations(BTreeMap<(String, String), BTreeSet<String>>);

/// Whether two answers to one question differ in nothing but what is new each time.
///
/// What a refusal echoes of the request counts here: the two were not asked with the same stamps.
pub fn same_but_volatile(one: &Response, other: &Response) -> bool {
    one.status == other.status && headers(one).eq(headers(other)) && body(None, one) == body(None, other)
}

impl Enumerations {
    /// Lists `value` for a field of the answers to `action`.
    pub fn add(&mut self, action: &str, field: &str, value: &str) {
        self.0.entry((action.to_owned(), field.to_owned())).or_default().insert(value.to_owned());
    }

    /// Whether values are listed for the field, and this is none of them.
    fn lack(&self, action: &str, field: &str, value: &str) -> bool {
        let listed = self.0.get(&(action.to_owned(), field.to_owned()));
        listed.is_some_and(|listed| !listed.contains(value))
    }
}

impl Part {
    /// The parts of a cassette; of its provenance the kind and the address alone.
    pub(super) fn of(cassette: &Cassette, enumerations: &Enumerations) -> Self {
        let address = cassette.provenance.address().map(|address| format!(" {address}"));
        let provenance = format!("{}{}", cassette.provenance.kind(), address.unwrap_or_default());
        let mut parts = vec![("cassette provenance".to_owned(), Self::text(provenance))];
        parts.extend(cassette.note.as_ref().map(|note| ("cassette note".to_owned(), Self::text(note))));
        let interaction = |one: &Interaction| (one.id.clone(), Self::interaction(one, enumerations));
        parts.extend(cassette.interactions.iter().map(interaction));
        Self::group("the cassette", parts)
    }

    fn interaction(interaction: &Interaction, enumerations: &Enumerations) -> Self {
        let Interaction { note, exhibit, constructed, asked, answers, .. } = interaction;
        let mut parts: Vec<(String, Self)> = note.iter().map(|note| (" note".to_owned(), Self::text(note))).collect();
        parts.push((" exhibit".to_owned(), Self::leaf(Kind::Bool, exhibit)));
        parts.push((" constructed".to_owned(), Self::leaf(Kind::Bool, constructed)));
        parts.extend(request(asked).into_iter().map(|(name, text)| (format!(" request {name}"), Self::text(text))));
        for (at, response) in answers.iter().enumerate() {
            parts.push((format!("[{at}]"), Self::answer(asked, response, enumerations)));
        }
        Self::group("an interaction", parts)
    }

    fn answer(asked: &Asked, response: &Response, enumerations: &Enumerations) -> Self {
        let mut parts = vec![(" status".to_owned(), Self::leaf(Kind::Status, response.status))];
        parts.extend(headers(response).map(|(name, text)| (format!(" header {name}"), Self::text(text))));
        let mut body = Self::body(&body(asked.request(), response));
        let action = asked.request().and_then(|request| System::of(request).action());
        for (name, part) in &mut body.parts {
            let field = name.trim_start_matches('.');
            part.unlisted = enumerations.lack(action.as_deref().unwrap_or_default(), field, &part.text);
        }
        parts.push((String::new(), body));
        Self::group("an answer", parts)
    }

    fn body(bytes: &[u8]) -> Self {
        let text = line::value_text(bytes);
        let Ok(document) = Document::parse(bytes) else { return Self::text(text) };
        let kind = match document.syntax {
            Syntax::Json => Kind::Json,
            Syntax::Xml { root } => Kind::Xml(root),
        };
        Self { kind, text, ..Self::node(&document.root) }
    }

    fn node(node: &Node) -> Self {
        match node {
            Node::Array(nodes) => {
                let parts = nodes.iter().enumerate().map(|(at, node)| (format!("[{at}]"), Self::node(node))).collect();
                Self { kind: Kind::Array, ..Self::group("[..]", parts) }
            }
            Node::Bool(value) => Self::leaf(Kind::Bool, value),
            Node::Null => Self::leaf(Kind::Null, "null"),
            Node::Number(spelled) => Self::leaf(Kind::Number, spelled),
            Node::Object(members) => {
                let parts = members.iter().map(|(name, node)| (format!(".{name}"), Self::node(node))).collect();
                Self { kind: Kind::Object, ..Self::group("{..}", parts) }
            }
            Node::Text(text) => Self::text(text),
        }
    }

    fn text(text: impl ToString) -> Self {
        Self::leaf(Kind::Text, text)
    }

    fn leaf(kind: Kind, text: impl ToString) -> Self {
        Self { kind, text: text.to_string(), unlisted: false, parts: Vec::new() }
    }

    fn group(text: &str, parts: Vec<(String, Self)>) -> Self {
        Self { parts, ..Self::leaf(Kind::Group, text) }
    }
}

/// A request as named texts, in the order of the file.
fn request(asked: &Asked) -> Vec<(String, String)> {
    let raw = asked.raw();
    let mut parts =
        vec![("method".to_owned(), raw.method.clone()), ("signature".to_owned(), asked.signed().name().to_owned())];
    let opaque = match asked {
        Asked::Raw(raw) => {
            parts.push(("target".to_owned(), undecoded_target(raw)));
            Some(raw.body.as_slice()).filter(|body| !body.is_empty())
        }
        Asked::Request(request, _) => {
            parts.extend(request.parameters().iter().map(parameter));
            request.opaque_body()
        }
    };
    parts.extend(raw.headers.iter().map(|(name, value)| (format!("header {name}"), request_header(name, value))));
    parts.extend(opaque.map(|body| ("body".to_owned(), line::value_text(body))));
    parts
}

/// The headers of an answer as named texts; a name counts in any case.
fn headers(response: &Response) -> impl Iterator<Item = (String, String)> {
    response.headers.iter().map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let is_stamp = STAMPED_HEADERS.contains(&name.as_str());
        (name, if is_stamp { masked(value) } else { line::latin1_text(value) })
    })
}

/// The body of an answer to `asked`: its RequestId masked wherever it stands, in a refusal also the stamps of the
/// request that it echoes, and the hashes that follow from them.
fn body(asked: Option<&Request>, response: &Response) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&response.body) else { return response.body.clone() };
    let is_refusal = gateway::read(response).is_some();
    let mut stamps = asked.filter(|_| is_refusal).map_or_else(Vec::new, echoed);
    stamps.extend(request_id(&response.body));
    stamps.retain(|stamp| stamp.len() >= SHORTEST_STAMP);
    stamps.sort_by_key(|stamp| std::cmp::Reverse(stamp.len()));
    let text = stamps.iter().fold(text.to_owned(), |text, stamp| text.replace(stamp, MASK));
    if is_refusal { without_hashes(&text).into_bytes() } else { text.into_bytes() }
}

fn parameter(parameter: &Parameter) -> (String, String) {
    let place = match parameter.place {
        Place::Form => "form",
        Place::Query => "query",
    };
    let name = line::name_text(&parameter.name);
    let value = if is_new_each_time(&name) { masked(&parameter.value) } else { line::value_text(&parameter.value) };
    (format!("{place} {name}"), value)
}

fn request_header(name: &str, value: &[u8]) -> String {
    if name.eq_ignore_ascii_case("authorization") {
        let text = line::latin1_text(value);
        return match text.rsplit_once("Signature=") {
            Some((claim, signature)) => format!("{claim}Signature={}", masked(signature.as_bytes())),
            None => text,
        };
    }
    let of_the_scheme = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-acs-"));
    let stamped = of_the_scheme && is_new_each_time(name) || name.eq_ignore_ascii_case("date");
    if stamped { masked(value) } else { line::latin1_text(value) }
}

/// What cannot be decoded is still made of pairs, most of them sound.
fn undecoded_target(raw: &RawRequest) -> String {
    let text = line::latin1_text(&raw.target);
    let Some((path, query)) = text.split_once('?') else { return text };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_new_each_time(name) => format!("{name}={}", masked(value.as_bytes())),
        _ => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

fn is_new_each_time(name: &str) -> bool {
    matches!(Class::of(name), Class::Derived | Class::Volatile)
}

/// Whether there is a value stays.
fn masked(value: &[u8]) -> String {
    if value.is_empty() { String::new() } else { MASK.to_owned() }
}

fn request_id(body: &[u8]) -> Option<String> {
    let Node::Object(members) = Document::parse(body).ok()?.root else { return None };
    let (_, node) = members.into_iter().find(|(name, _)| name == "RequestId")?;
    match node {
        Node::Text(id) => Some(id),
        _ => None,
    }
}

/// The stamps of a request as an answer may echo them: as they are, and encoded once and twice.
fn echoed(request: &Request) -> Vec<String> {
    let system = System::of(request);
    let signature = request.value("Signature").map(String::from_utf8_lossy);
    let stamps = [system.nonce(), system.timestamp(), signature].into_iter().flatten();
    stamps.flat_map(|stamp| spellings(&stamp)).collect()
}

fn spellings(stamp: &str) -> [String; 3] {
    let once = percent::encode(stamp.as_bytes());
    let twice = percent::encode(once.as_bytes());
    [stamp.to_owned(), once, twice]
}

/// Masks every run of exactly as many hex digits as a hash of ACS3 has: a canonical request that holds stamps has
/// another hash each time.
fn without_hashes(text: &str) -> String {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|byte| is_hex(&byte)) {
        let length = rest.as_bytes()[start..].iter().take_while(|byte| is_hex(byte)).count();
        let (before, run) = rest[..start + length].split_at(start);
        kept.push_str(before);
        kept.push_str(if length == HASH_DIGITS { MASK } else { run });
        rest = &rest[start + length..];
    }
    kept + rest
}

/// Stands for what is new each time. It needs no escape in JSON, XML or a URL.
const MASK: &str = "~";

/// Headers of answers.
const STAMPED_HEADERS: &[&str] = &["date", "etag", "x-acs-request-id", "x-acs-trace-id"];

/// Anything shorter stands in an answer by chance too.
const SHORTEST_STAMP: usize = 8;

/// SHA-256 and SM3 alike.
const HASH_DIGITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassettes::Signed;
    use crate::wire::{Headers, Spelling};

    fn asked(parameters: &[(&str, &str)], headers: &[(&str, &str)]) -> Asked {
        let parameters = parameters.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        let headers: Headers = headers.iter().copied().collect();
        Asked::Request(Request::compose("GET", parameters, headers), Signed::Valid)
    }

    fn body_of(asked: &Asked, text: &str) -> String {
        let response = Response { status: 400, headers: Headers::new(), body: text.into() };
        String::from_utf8(body(asked.request(), &response)).expect("what was text stays text")
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn nonce_time_and_signature_are_masked_and_everything_else_of_a_request_stays() {
        let asked = asked(
            &[("AccessKeyId", "testid"), ("SignatureNonce", "n"), ("Timestamp", "t"), ("Signature", ""), ("a", "b%")],
            &[("x-acs-date", "d"), ("X-Acs-Version", "v"), ("Date", "d"), ("Signature", "no header of a scheme")],
        );

        let expected = pairs(&[
            ("method", "GET"),
            ("signature", "valid"),
            ("query AccessKeyId", "testid"),
            ("query SignatureNonce", "~"),
            ("query Timestamp", "~"),
            ("query Signature", ""),
            ("query a", "b%25"),
            ("header x-acs-date", "~"),
            ("header X-Acs-Version", "v"),
            ("header Date", "~"),
            ("header Signature", "no header of a scheme"),
        ]);
        assert_eq!(request(&asked), expected);
    }

    #[test]
    fn of_an_authorization_the_signature_alone_is_masked() {
        let claim = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host,Signature=";

        assert_eq!(request_header("authorization", format!("{claim}abc").as_bytes()), format!("{claim}~"));
        assert_eq!(request_header("Authorization", b"Basic abc"), "Basic abc");
    }

    #[test]
    fn the_stamps_of_a_target_that_cannot_be_decoded_are_masked() {
        let raw = RawRequest {
            method: "GET".to_owned(),
            target: b"/?SignatureNonce=n&TaskId=%4&Timestamp=&Signature=s".to_vec(),
            headers: Headers::new(),
            body: b"x".to_vec(),
            spelling: Spelling::AsSent,
        };

        let expected = pairs(&[
            ("method", "GET"),
            ("signature", "malformed"),
            ("target", "/?SignatureNonce=~&TaskId=%4&Timestamp=&Signature=~"),
            ("body", "x"),
        ]);
        assert_eq!(request(&Asked::Raw(raw)), expected);
    }

    #[test]
    fn a_request_id_is_masked_wherever_a_body_repeats_it() {
        let json = r#"{"Recommend":"https://x/?requestId=B2EA4DDC","RequestId":"B2EA4DDC"}"#;
        let short = r#"{"RequestId":"1","Total":1}"#;

        assert_eq!(body_of(&asked(&[], &[]), json), r#"{"Recommend":"https://x/?requestId=~","RequestId":"~"}"#);
        assert_eq!(body_of(&asked(&[], &[]), short), short);
    }

    #[test]
    fn an_echo_of_the_string_to_sign_loses_nonce_and_time_in_any_encoding() {
        let asked =
            asked(&[("SignatureNonce", "nonce-17"), ("Timestamp", "2026-11-24T03:45:00Z"), ("Signature", "s")], &[]);
        let echo =
            "nonce-17&SignatureNonce%3Dnonce-17%26Timestamp%3D2026-11-24T03%253A45%253A00Z 2026-11-24T03%3A45%3A00Z";

        let refusal = body_of(&asked, &format!(r#"{{"Code":"A","Message":"{echo}"}}"#));
        let other = body_of(&asked, &format!(r#"{{"Message":"{echo}"}}"#));

        assert_eq!(refusal, r#"{"Code":"A","Message":"~&SignatureNonce%3D~%26Timestamp%3D~ ~"}"#);
        assert_eq!(other, format!(r#"{{"Message":"{echo}"}}"#));
    }

    #[test]
    fn the_hashes_of_a_refusal_are_masked() {
        let hash = "0123456789abcdef".repeat(4);
        let text = format!(r#"{{"Code":"A","Message":"[ACS3-HMAC-SHA256\n{hash}] {hash}0 {}"}}"#, &hash[1..]);

        let masked = body_of(&asked(&[], &[]), &text);

        assert_eq!(masked, text.replacen(&hash, "~", 1));
    }

    #[test]
    fn bytes_that_are_no_text_stay() {
        let response = Response { status: 200, headers: Headers::new(), body: vec![0xff, b'{'] };

        assert_eq!(body(None, &response), [0xff, b'{']);
    }
}
