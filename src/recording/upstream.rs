//! Whom a recording talks to.

use std::net::IpAddr;
use std::time::Duration;

use thiserror::Error;

use crate::cassettes::Provenance;
use crate::clients::{Transport, TransportError, Trust, Url};
use crate::signing::Key;
use crate::wire::{Request, Response};

/// Whom a recording talks to, and with which key.
#[derive(Clone, Debug)]
pub struct Upstream {
    address: Address,
    key: Key,
    source: Source,
    transport: Transport,
}

impl Upstream {
    /// What listens at `address` under a certificate that `trust` vouches for, and knows `key`.
    ///
    /// # Errors
    /// [`TransportError`] where the certificates that are to be trusted are not there, or are none.
    pub fn new(address: Address, trust: Trust, key: Key) -> Result<Self, TransportError> {
        Self::of(Source::behind(&address, &trust), address, trust, key)
    }

    /// A simulator that listens at `address`, whose world is made from `seed`; it knows the public test key.
    ///
    /// # Errors
    /// [`TransportError::Setup`] where the system does not give what HTTP needs.
    pub fn embedded(address: Address, seed: u64) -> Result<Self, TransportError> {
        Self::of(Source::Simulator { seed }, address, Trust::Nobody, Key::test())
    }

    fn of(source: Source, address: Address, trust: Trust, key: Key) -> Result<Self, TransportError> {
        let trust = if address.is_https() { trust } else { Trust::Nobody };
        let transport = Transport::new(trust, TIME_LIMIT)?;
        Ok(Self { address, key, source, transport })
    }

    /// The same, knowing another key.
    #[must_use = "the upstream itself is not changed"]
    pub fn with_key(self, key: Key) -> Self {
        Self { key, ..self }
    }

    /// The name that requests are signed for, as it stands in the `Host` header: without the scheme's default port.
    pub fn host(&self) -> &str {
        self.address.host()
    }

    /// The key that it knows.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What a cassette says that was recorded from it on `day`, written as `2026-11-24`.
    ///
    /// The service itself is met under the vendor's name and a certificate that the system trusts; all else counts as
    /// simulated, so that nothing is taken for the service that may not be it.
    pub fn provenance(&self, day: &str) -> Provenance {
        self.source.provenance(day)
    }

    /// Sends it a request that is signed for its [`host`](Self::host), once.
    ///
    /// # Errors
    /// [`TransportError`] where there is no whole answer.
    pub async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.transport.send(&self.address.base, request).await
    }
}

/// The base URL of an upstream that may be talked to: https anywhere, plain http on this machine alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    base: String,
    scheme: Scheme,
}

impl Address {
    /// Reads a URL of nothing but a scheme, a host and perhaps a port.
    ///
    /// # Errors
    /// [`AddressError`] where it is none, or holds more.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NoUrl)?;
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(AddressError::Scheme),
        };
        if let Some(part) = surplus(&url) {
            return Err(AddressError::Part(part));
        }
        let address = Self { base: url.origin().ascii_serialization(), scheme };
        if scheme == Scheme::Http && !is_loopback(&url) {
            return Err(AddressError::PlainHttp(address.host().to_owned()));
        }
        Ok(address)
    }

    /// The URL without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host and port, without the scheme's default port.
    pub fn host(&self) -> &str {
        self.base.split_once("://").map_or(&*self.base, |(_, host)| host)
    }

    /// Whether there are certificates to be looked at.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    fn is_of_the_vendor(&self) -> bool {
        let host = self.host();
        host.split_once(':').map_or(host, |(name, _port)| name).ends_with(VENDOR)
    }
}

/// A URL that is not talked to. What a URL holds beside the host is not told: a password may be in it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AddressError {
    /// No URL at all.
    #[error("no URL")]
    NoUrl,
    /// More than a base URL.
    #[error("a URL with a {0} in it")]
    Part(&'static str),
    /// Everybody on the way could read along.
    #[error("plain http to {0}, which is not this machine")]
    PlainHttp(String),
    /// Another scheme.
    #[error("a URL that is neither https nor http")]
    Scheme,
}

impl AddressError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoUrl | Self::Scheme => "give a URL like https://alidns.aliyuncs.com",
            Self::Part("user name or password") => "leave it out: the access key is read from the environment",
            Self::Part(_) => "leave it out: a scheme, a host and perhaps a port is all",
            Self::PlainHttp(_) => "use https; plain http goes to 127.0.0.1, [::1] and localhost alone",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

/// Who answers there, as far as it is known.
#[derive(Clone, Copy, Debug)]
enum Source {
    Service,
    Simulator { seed: u64 },
}

impl Source {
    fn behind(address: &Address, trust: &Trust) -> Self {
        let live = address.is_https() && *trust == Trust::System && address.is_of_the_vendor();
        if live { Self::Service } else { Self::Simulator { seed: 0 } }
    }

    fn provenance(self, day: &str) -> Provenance {
        match self {
            Self::Service => Provenance::Live { recorded: day.to_owned(), tool: TOOL.to_owned() },
            Self::Simulator { seed } => Provenance::Simulated { seed },
        }
    }
}

/// What of `url` is not part of a base URL.
fn surplus(url: &Url) -> Option<&'static str> {
    if !url.username().is_empty() || url.password().is_some() {
        Some("user name or password")
    } else if url.path() != "/" {
        Some("path")
    } else if url.query().is_some() {
        Some("query")
    } else {
        url.fragment().map(|_| "fragment")
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The service answers in well under a second; a gateway in between may take its time.
const TIME_LIMIT: Duration = Duration::from_secs(20);
const TOOL: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
const VENDOR: &str = ".aliyuncs.com";

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).expect("it may be talked to")
    }

    fn provenance(text: &str, trust: Trust) -> Provenance {
        Source::behind(&address(text), &trust).provenance("2026-11-24")
    }

    #[test]
    fn a_base_url_is_read_and_its_default_port_left_out_of_the_host() {
        let urls = [
            ("https://alidns.aliyuncs.com", "https://alidns.aliyuncs.com", "alidns.aliyuncs.com"),
            ("HTTPS://AliDNS.aliyuncs.com:443/", "https://alidns.aliyuncs.com", "alidns.aliyuncs.com"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
            ("http://127.0.0.1:4280/", "http://127.0.0.1:4280", "127.0.0.1:4280"),
            ("http://localhost:80", "http://localhost", "localhost"),
            ("http://127.8.9.1", "http://127.8.9.1", "127.8.9.1"),
            ("http://[::1]:9", "http://[::1]:9", "[::1]:9"),
        ];

        for (text, base, host) in urls {
            let address = address(text);

            assert_eq!((address.base(), address.host()), (base, host));
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for host in ["alidns.aliyuncs.com", "10.0.0.1", "0.0.0.0", "[::]", "localhost.example", "128.0.0.1:127"] {
            let refused = Address::parse(&format!("http://{host}"));

            assert_eq!(refused, Err(AddressError::PlainHttp(host.to_owned())));
        }
    }

    #[test]
    fn what_hides_another_host_is_read_as_it_is_connected_to() {
        assert_eq!(
            Address::parse("http://localhost\\@example.com"),
            Err(AddressError::Part("path")),
            "a backslash is a slash"
        );
        assert_eq!(Address::parse("http://127.1:4280").expect("a short form").host(), "127.0.0.1:4280");
        assert_eq!(Address::parse("http://2130706434").expect("a number").host(), "127.0.0.2");
        assert_eq!(Address::parse("http://167772161"), Err(AddressError::PlainHttp("10.0.0.1".to_owned())));
    }

    #[test]
    fn a_url_with_more_in_it_is_refused_and_the_part_is_named() {
        let urls = [
            ("https://user@host", "user name or password"),
            ("https://:hush@host", "user name or password"),
            ("https://host/path", "path"),
            ("https://host?", "query"),
            ("https://host/#", "fragment"),
        ];

        for (text, part) in urls {
            let error = Address::parse(text).expect_err("it holds more");

            assert_eq!(error, AddressError::Part(part), "{text}");
            assert!(!error.to_string().contains("hush"));
        }
    }

    #[test]
    fn what_is_no_url_of_http_is_refused() {
        for text in ["", "alidns.aliyuncs.com", "https://", "https://a b", "https://host:99999"] {
            assert_eq!(Address::parse(text), Err(AddressError::NoUrl), "{text}");
        }
        for text in ["ftp://host", "file:///etc/passwd", "localhost:80"] {
            assert_eq!(Address::parse(text), Err(AddressError::Scheme), "{text}");
        }
    }

    #[test]
    fn only_the_vendor_under_the_roots_of_the_system_is_live() {
        let live = Provenance::Live { recorded: "2026-11-24".to_owned(), tool: "alidns-contract 0.1.0".to_owned() };
        let simulated = Provenance::Simulated { seed: 0 };

        assert_eq!(provenance("https://alidns.aliyuncs.com", Trust::System), live);
        assert_eq!(provenance("https://alidns.cn-hangzhou.aliyuncs.com:8443", Trust::System), live);
        assert_eq!(provenance("https://alidns.aliyuncs.com", Trust::Only { pem: Vec::new() }), simulated);
        for host in ["aliyuncs.com", "evilaliyuncs.com", "alidns.aliyuncs.com.example", "127.0.0.1", "[::1]"] {
            assert_eq!(provenance(&format!("https://{host}"), Trust::System), simulated, "{host}");
        }
        assert_eq!(provenance("http://127.0.0.1:1", Trust::System), simulated);
    }

    #[test]
    fn the_embedded_upstream_says_what_its_world_was_made_from() {
        let upstream = Upstream::embedded(address("http://127.0.0.1:1"), 7).expect("a transport");

        assert_eq!(upstream.provenance("2026-11-24"), Provenance::Simulated { seed: 7 });
        assert_eq!(upstream.key(), &Key::test());
    }
}
