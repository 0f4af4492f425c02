//! A request with its parameters decoded.

use std::collections::BTreeMap;

use thiserror::Error;

use super::message::{Headers, RawRequest, Spelling};
use super::parameter::{Parameter, Place};
use super::percent::{self, BadPercent};

/// A request with its parameters decoded, in wire order, the query's before the form's.
///
/// A name that stands in query and form with the same values counts once, as a parameter of the query: the
/// vendor's own samples send the body's parameters in both places and sign them once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    raw: RawRequest,
    parameters: Vec<Parameter>,
    body_is_form: bool,
}

impl Request {
    /// Decodes the parameters of `raw`.
    ///
    /// A body is a form where `Content-Type` says so; without that header it is one if it can be read as one.
    ///
    /// # Errors
    /// [`Malformed`] where a name or value is not percent-encoding, or query and form contradict each other.
    pub fn parse(raw: RawRequest) -> Result<Self, Malformed> {
        Self::parse_or_return(raw).map_err(|returned| returned.0)
    }

    /// The same; what cannot be parsed is returned with the reason, for whoever has to answer it.
    pub(crate) fn parse_or_return(raw: RawRequest) -> Result<Self, Box<(Malformed, RawRequest)>> {
        match decode_all(&raw) {
            Ok((parameters, body_is_form)) => Ok(Self { raw, parameters, body_is_form }),
            Err(malformed) => Err(Box::new((malformed, raw))),
        }
    }

    /// Spells a request from decoded parameters, each in its place, everything reserved encoded.
    ///
    /// Adds the form's `Content-Type` where there is a form and no such header. What stands in `headers`
    /// otherwise stays as it is.
    pub fn compose(method: &str, parameters: Vec<Parameter>, mut headers: Headers) -> Self {
        let query = spell(&parameters, Place::Query);
        let body = spell(&parameters, Place::Form);
        if !body.is_empty() && headers.get("Content-Type").is_none() {
            headers.push("Content-Type", FORM);
        }
        let target = if query.is_empty() { b"/".to_vec() } else { [b"/?", query.as_slice()].concat() };
        let raw = RawRequest { method: method.to_owned(), target, headers, body, spelling: Spelling::Rebuilt };
        Self { raw, parameters, body_is_form: true }
    }

    /// The same request under other headers; its parameters stay as they were decoded.
    #[must_use = "the request itself is not changed"]
    pub fn with_headers(&self, headers: Headers) -> Self {
        Self { raw: RawRequest { headers, ..self.raw.clone() }, ..self.clone() }
    }

    /// The bytes as they came.
    pub fn raw(&self) -> &RawRequest {
        &self.raw
    }

    /// As sent.
    pub fn method(&self) -> &str {
        &self.raw.method
    }

    /// What stands before the `?`, as sent.
    pub fn path(&self) -> &[u8] {
        self.raw.target.split(|&byte| byte == b'?').next().unwrap_or_default()
    }

    /// The headers as sent.
    pub fn headers(&self) -> &Headers {
        &self.raw.headers
    }

    /// A body that is no form: nothing here knows what it asks for.
    pub fn opaque_body(&self) -> Option<&[u8]> {
        let body = self.raw.body.as_slice();
        (!self.body_is_form && !body.is_empty()).then_some(body)
    }

    /// Every parameter in wire order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The first value under `name`.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|parameter| parameter.is(name)).map(|parameter| parameter.value.as_slice())
    }

    /// The first value under `name`; what is not UTF-8 shows as U+FFFD.
    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// Every value under `name`, in wire order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.parameters.iter().filter(move |parameter| parameter.is(name)).map(|parameter| parameter.value.as_slice())
    }
}

/// Why the parameters of a request cannot be told.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Malformed {
    /// Query and form give one name different values. What the service would do is not known: assumed.
    #[error("parameter {name:?} has one value in the query and another in the form")]
    Conflict {
        /// The name, decoded.
        name: String,
    },
    /// A `%` without two hexadecimal digits.
    #[error("the {} has a malformed parameter {parameter:?}", place_name(*place))]
    Percent {
        /// Where it stands.
        place: Place,
        /// The whole `name=value` as sent.
        parameter: String,
        /// What is wrong in it.
        #[source]
        cause: BadPercent,
    },
}

impl Malformed {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "send each parameter in one place only",
            Self::Percent { .. } => "write a % of a name or value as %25",
        }
    }
}

/// The parameters of query and form, and whether the body is a form.
fn decode_all(raw: &RawRequest) -> Result<(Vec<Parameter>, bool), Malformed> {
    let mut parameters = decode(query_of(&raw.target), Place::Query)?;
    let form = || decode(&raw.body, Place::Form).and_then(|form| merge(&parameters, form));
    let form = match says_form(&raw.headers) {
        Some(true) => Some(form()?),
        Some(false) => None,
        None => form().ok(),
    };
    let body_is_form = form.is_some();
    parameters.extend(form.into_iter().flatten());
    Ok((parameters, body_is_form))
}

fn query_of(target: &[u8]) -> &[u8] {
    let start = target.iter().position(|&byte| byte == b'?').map_or(target.len(), |at| at + 1);
    &target[start..]
}

fn says_form(headers: &Headers) -> Option<bool> {
    let media_type = headers.get("Content-Type")?.split(|&byte| byte == b';').next().unwrap_or_default();
    Some(media_type.trim_ascii().eq_ignore_ascii_case(FORM.as_bytes()))
}

fn decode(text: &[u8], place: Place) -> Result<Vec<Parameter>, Malformed> {
    let pieces = text.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty());
    pieces.map(|piece| decode_one(piece, place)).collect()
}

fn decode_one(piece: &[u8], place: Place) -> Result<Parameter, Malformed> {
    let mut halves = piece.splitn(2, |&byte| byte == b'=');
    let mut next = || percent::decode_form(halves.next().unwrap_or_default());
    let pair = next().and_then(|name| Ok((name, next()?)));
    match pair {
        Ok((name, value)) => Ok(Parameter { name, value, place }),
        Err(cause) => {
            let parameter = String::from_utf8_lossy(piece).into_owned();
            Err(Malformed::Percent { place, parameter, cause })
        }
    }
}

/// What stands in the form alone.
fn merge(query: &[Parameter], form: Vec<Parameter>) -> Result<Vec<Parameter>, Malformed> {
    if form.is_empty() {
        return Ok(form);
    }
    let in_query = by_name(query);
    let in_form = by_name(&form);
    let differs = |(name, values): &(&&[u8], &Vec<&[u8]>)| in_query.get(**name).is_some_and(|other| other != *values);
    if let Some((name, _)) = in_form.iter().find(differs) {
        return Err(Malformed::Conflict { name: String::from_utf8_lossy(name).into_owned() });
    }
    Ok(form.iter().filter(|parameter| !in_query.contains_key(parameter.name.as_slice())).cloned().collect())
}

fn by_name(parameters: &[Parameter]) -> BTreeMap<&[u8], Vec<&[u8]>> {
    let mut values: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for parameter in parameters {
        values.entry(&parameter.name).or_default().push(&parameter.value);
    }
    values
}

fn spell(parameters: &[Parameter], place: Place) -> Vec<u8> {
    let mut text = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter.place == place) {
        if !text.is_empty() {
            text.push(b'&');
        }
        percent::encode_into(&parameter.name, &mut text);
        text.push(b'=');
        percent::encode_into(&parameter.value, &mut text);
    }
    text
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Form => "form",
        Place::Query => "query",
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(target: &str, content_type: Option<&str>, body: &str) -> RawRequest {
        let headers = content_type.map(|value| ("content-type", value)).into_iter().collect();
        RawRequest {
            method: "POST".into(),
            target: target.into(),
            headers,
            body: body.into(),
            spelling: Spelling::AsSent,
        }
    }

    fn pairs(raw: RawRequest) -> Vec<(String, String, Place)> {
        let request = Request::parse(raw).expect("the request is well formed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        request.parameters().iter().map(|one| (text(&one.name), text(&one.value), one.place)).collect()
    }

    fn pair(name: &str, value: &str, place: Place) -> (String, String, Place) {
        (name.to_owned(), value.to_owned(), place)
    }

    #[test]
    fn parameters_keep_wire_order_query_first() {
        let found = pairs(raw("/?b=1&a=%20+", Some("application/x-www-form-urlencoded; charset=utf-8"), "c=3&b2"));

        let expected = [
            pair("b", "1", Place::Query),
            pair("a", "  ", Place::Query),
            pair("c", "3", Place::Form),
            pair("b2", "", Place::Form),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn only_the_first_equals_sign_divides_and_empty_pieces_are_nothing() {
        assert_eq!(pairs(raw("/?&a=b=c&&", None, "")), [pair("a", "b=c", Place::Query)]);
    }

    #[test]
    fn a_body_without_content_type_is_a_form_and_json_is_none() {
        assert_eq!(pairs(raw("/", None, "a=1")), [pair("a", "1", Place::Form)]);
        assert_eq!(pairs(raw("/", Some("application/json"), "{\"a\":\"%\"}")), []);
    }

    #[test]
    fn a_body_without_content_type_that_is_no_form_has_no_parameters() {
        for body in ["{\"a\":\"50%\"}", "b=3"] {
            assert_eq!(pairs(raw("/?b=2", None, body)), [pair("b", "2", Place::Query)], "{body}");
        }
    }

    #[test]
    fn a_body_is_opaque_where_it_is_no_form() {
        let opaque = |content_type, body| {
            let request = Request::parse(raw("/?b=2", content_type, body)).expect("the request is well formed");
            request.opaque_body().map(<[u8]>::to_vec)
        };

        assert_eq!(opaque(Some("application/json"), "{}"), Some(b"{}".to_vec()));
        assert_eq!(opaque(Some("application/json"), ""), None);
        assert_eq!(opaque(Some(FORM), "b=2"), None);
        assert_eq!(opaque(None, "b=2"), None);
        assert_eq!(opaque(None, "{\"a\":\"50%\"}"), Some(b"{\"a\":\"50%\"}".to_vec()));
    }

    #[test]
    fn a_name_in_both_places_with_equal_values_counts_once() {
        assert_eq!(pairs(raw("/?a=1&b=2", None, "b=2")), [pair("a", "1", Place::Query), pair("b", "2", Place::Query)]);
    }

    #[test]
    fn a_name_in_both_places_with_unequal_values_is_malformed() {
        for form in ["b=3", "b=2&b=2"] {
            let outcome = Request::parse(raw("/?b=2", Some(FORM), form));

            assert_eq!(outcome, Err(Malformed::Conflict { name: "b".into() }), "{form}");
        }
    }

    #[test]
    fn a_repeated_name_keeps_every_value_in_order() {
        let request = Request::parse(raw("/?a=2&a=1", None, "")).expect("the request is well formed");

        let values: Vec<&[u8]> = request.values("a").collect();

        assert_eq!(values, [b"2", b"1"]);
    }

    #[test]
    fn malformed_encoding_names_the_parameter_and_the_place() {
        let error = Request::parse(raw("/?a=1&Nonce=15%N&b=2", None, "")).expect_err("%N is no encoding");

        assert_eq!(error.to_string(), "the query has a malformed parameter \"Nonce=15%N\"");
        assert!(matches!(error, Malformed::Percent { cause: BadPercent { at: 2, .. }, .. }), "{error:?}");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        let request = Request::parse(raw("/?a=%ff", None, "")).expect("bytes need not be text");

        assert_eq!(request.value("a"), Some(&[0xff][..]));
    }

    #[test]
    fn a_composed_request_reads_back_as_its_parameters() {
        let parameters = vec![Parameter::query("a b", "1&2"), Parameter::form("é", "+"), Parameter::query("z", "")];

        let composed = Request::compose("POST", parameters, Headers::new());

        assert_eq!(composed.raw().target, b"/?a%20b=1%262&z=");
        assert_eq!(composed.raw().body, b"%C3%A9=%2B");
        assert_eq!(composed.headers().text("content-type"), Some("application/x-www-form-urlencoded"));
    }

    #[test]
    fn the_path_ends_before_the_query() {
        let request = Request::parse(raw("/a/b?c=/d?e", None, "")).expect("the request is well formed");

        assert_eq!(request.path(), b"/a/b");
        assert_eq!(request.value("c"), Some(&b"/d?e"[..]));
    }
}
