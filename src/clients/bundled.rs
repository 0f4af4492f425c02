//! Our own client: both schemes, query or form.

use std::time::Duration;

use super::client::{Client, Endpoint, Skipped};
use super::transport::Transport;
use crate::contract::{Call, Operation, Reading, decode};
use crate::signing::{Scheme, Style, sign};
use crate::wire::{Clock, Headers, Parameter, Place, Request, Response, Timestamp, with_causes};

/// Our own client.
///
/// Building a request is pure, given key, nonce and time. It asks once unless told otherwise, with a new nonce
/// for each attempt.
#[derive(Clone, Debug)]
pub struct Bundled {
    scheme: Scheme,
    sending: Sending,
    attempts: u32,
    clock: Clock,
    transport: Transport,
}

impl Bundled {
    /// Signs under `scheme`, sends as `sending` says, and tells the time by `clock`.
    pub fn new(scheme: Scheme, sending: Sending, clock: Clock, transport: Transport) -> Self {
        Self { scheme, sending, attempts: 1, clock, transport }
    }

    /// Asks up to `attempts` times where there is no answer, or one with a status of 5xx.
    #[must_use = "the client itself is not changed"]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// The signed request for `call`.
    ///
    /// JSON is asked for, unless the call has a `Format` of its own.
    pub fn request(&self, endpoint: &Endpoint, call: &Call, stamp: &Stamp) -> Request {
        let mut parameters = Vec::new();
        let mut headers: Headers = [("Host", endpoint.host()), ("Accept", "application/json")].into_iter().collect();
        match self.scheme {
            Scheme::Acs3(_) => system_headers(call, stamp, &mut headers),
            Scheme::HmacSha1 => self.system_parameters(call, stamp, &mut parameters),
        }
        parameters.extend(call.parameters.iter().map(|(name, value)| self.parameter(name, value)));
        let unsigned = Request::compose(self.sending.method(), parameters, headers);
        sign(&unsigned, self.scheme, &endpoint.key, &Style::SERVICE)
    }

    /// A stamp that was never used before.
    ///
    /// # Errors
    /// [`Skipped`] where the system gives no random numbers.
    pub fn stamp(&self) -> Result<Stamp, Skipped> {
        Ok(Stamp { nonce: nonce()?, time: self.clock.now() })
    }

    fn system_parameters(&self, call: &Call, stamp: &Stamp, parameters: &mut Vec<Parameter>) {
        let time = stamp.time.to_string();
        let system = [
            ("Action", call.action.as_str()),
            ("Version", &call.version),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", &stamp.nonce),
            ("Timestamp", &time),
        ];
        let own = |name: &str| call.value(name).is_some();
        parameters
            .extend(system.iter().filter(|(name, _)| !own(name)).map(|(name, value)| self.parameter(name, value)));
    }

    fn parameter(&self, name: &str, value: &str) -> Parameter {
        Parameter { name: name.into(), value: value.into(), place: self.sending.place() }
    }

    async fn ask(&self, endpoint: &Endpoint, call: &Call) -> Result<Result<Response, String>, Skipped> {
        let mut attempt = 1;
        loop {
            let request = self.request(endpoint, call, &self.stamp()?);
            let answer = self.transport.send(&endpoint.url, &request).await;
            let worth_another = answer.as_ref().map_or(true, |response| response.status >= 500);
            if attempt >= self.attempts || !worth_another {
                return Ok(answer.map_err(|error| with_causes(&error)));
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Client for Bundled {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        let Some(operation) = Operation::named(&call.action, &call.version) else {
            return Err(Skipped::because(format!("there is no contract for {} {}", call.action, call.version)));
        };
        Ok(match self.ask(endpoint, call).await? {
            Ok(response) => decode(&response, operation).reading,
            Err(why) => Reading::Unreadable { status: None, why },
        })
    }
}

/// The method, and where the parameters go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sending {
    /// GET, in the query.
    Get,
    /// POST, in a form.
    PostForm,
    /// POST, in the query, as the official SDKs do.
    PostQuery,
}

impl Sending {
    fn method(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::PostForm | Self::PostQuery => "POST",
        }
    }

    fn place(self) -> Place {
        match self {
            Self::Get | Self::PostQuery => Place::Query,
            Self::PostForm => Place::Form,
        }
    }
}

/// What makes one request differ from the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// Never used before.
    pub nonce: String,
    /// When it is signed.
    pub time: Timestamp,
}

fn system_headers(call: &Call, stamp: &Stamp, headers: &mut Headers) {
    headers.push("x-acs-action", call.action.as_str());
    headers.push("x-acs-version", call.version.as_str());
    headers.push("x-acs-date", stamp.time.to_string());
    headers.push("x-acs-signature-nonce", stamp.nonce.as_str());
}

fn nonce() -> Result<String, Skipped> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Skipped::because("the system gives no random numbers"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

const PAUSE: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Trust;
    use crate::signing::{Digest, Key};

    fn bundled(scheme: Scheme, sending: Sending) -> Bundled {
        let clock = Clock::fixed(Timestamp::parse("2016-03-24T16:41:54Z").expect("a time of the wire"));
        let transport = Transport::new(Trust::Nobody, Duration::from_secs(1)).expect("needs nothing of the system");
        Bundled::new(scheme, sending, clock, transport)
    }

    fn request(client: &Bundled, call: &Call) -> Request {
        let endpoint = Endpoint::new("http://alidns.aliyuncs.com", Key::test());
        let stamp = Stamp { nonce: "f59ed6a9-83fc-473b-9cc6-99c95df3856e".into(), time: client.clock.now() };
        client.request(&endpoint, call, &stamp)
    }

    fn call() -> Call {
        Call::new("DescribeBatchResultCount", "2015-01-09")
    }

    // Signatures computed with Python's hmac and hashlib.
    #[test]
    fn hmac_sha1_is_signed_in_query_and_form() {
        for (sending, taskid, signature) in [
            (Sending::Get, "123456", "LZbh91HI3yJlcWU9wNPGMfzNPLE="),
            (Sending::PostQuery, "123456", "/wkwnOq9cvKeD7PlZ9ph8SncvsA="),
            (Sending::PostForm, "123456", "/wkwnOq9cvKeD7PlZ9ph8SncvsA="),
            (Sending::Get, "", "cieCbgm/lZvXWFzmBxD10vtL6fU="),
        ] {
            let signed = request(&bundled(Scheme::HmacSha1, sending), &call().with("TaskId", taskid));

            assert_eq!(signed.text("Signature").as_deref(), Some(signature), "{sending:?} {taskid:?}");
        }
    }

    #[test]
    fn acs3_is_signed_with_either_hash_in_query_and_form() {
        for (digest, sending, signature) in [
            (Digest::Sha256, Sending::PostQuery, "2a9bab5795ee07f5fad4e981448b00e649e7cafaf4d29f04120234e1af3849cc"),
            (Digest::Sm3, Sending::Get, "6679871505a9a470b977335da6dc93982233316dd2c85f5fedde09a4602b144e"),
        ] {
            let signed = request(&bundled(Scheme::Acs3(digest), sending), &call().with("TaskId", "123456"));

            let authorization = signed.headers().text("Authorization").expect("an ACS3 request has one").to_owned();
            assert!(authorization.ends_with(&format!(",Signature={signature}")), "{digest:?}: {authorization}");
        }
    }

    #[test]
    fn an_acs3_form_is_signed_as_a_body() {
        let form = call().with("TaskId", "123456").with("Lang", "中");

        let signed = request(&bundled(Scheme::Acs3(Digest::Sha256), Sending::PostForm), &form);

        let authorization = signed.headers().text("Authorization").expect("an ACS3 request has one");
        assert_eq!(signed.raw().body, b"TaskId=123456&Lang=%E4%B8%AD");
        assert!(
            authorization.ends_with("ee4aa14c89565e888135486d0aca0bc0c09329f2cb34ade99be1d138ee17d0a8"),
            "{authorization}"
        );
    }

    #[test]
    fn a_call_may_ask_for_another_format() {
        let xml = request(&bundled(Scheme::HmacSha1, Sending::Get), &call().with("Format", "XML"));

        assert_eq!(xml.values("Format").collect::<Vec<_>>(), [b"XML"]);
    }

    #[test]
    fn nonces_are_32_digits_and_differ() {
        let (left, right) = (nonce().expect("random numbers"), nonce().expect("random numbers"));

        assert_ne!(left, right);
        assert!(left.len() == 32 && left.bytes().all(|byte| byte.is_ascii_hexdigit()), "{left}");
    }
}
