//! A service on a wiremock server, for tests in Rust.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::clock::system_clock;
use super::http::sendable;
use super::receipt::{Findings, Receipt};
use super::service::Service;
use crate::cassettes::{CassetteError, Cassettes};
use crate::checks::Finding;
use crate::gateway::Enforcement;
use crate::playback::{Player, SharedStem};
use crate::wire::{Clock, RawRequest, Spelling};

/// Cassettes played to a client of the same process, with every request verified.
///
/// The client signs with the public test key `testid` / `testsecret`. The id may say more,
/// `testid[-SCENARIO][.LANE]`: a scenario that alone answers, a lane with nonces and polls of its own.
///
/// wiremock encodes targets anew before they are seen, so rules about their spelling do not apply here.
///
/// # Example
/// ```no_run
/// # async fn in_a_test() -> Result<(), Box<dyn std::error::Error>> {
/// # struct MyDns;
/// # impl MyDns {
/// #     fn new(_: &str, _: &str, _: &str) -> Self { Self }
/// #     async fn batch_result(&self, _: i64) -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// # }
/// use alidns_contract::front::Replay;
///
/// let replay = Replay::start("cassettes").await?;
/// let task = MyDns::new(replay.uri(), "testid", "testsecret").batch_result(123_456).await?;
/// replay.assert_clean();
/// # Ok(()) }
/// ```
#[must_use = "it is there to be asked what came by"]
pub struct Replay {
    service: Arc<Service<Player>>,
    uri: String,
    _server: Option<MockServer>,
}

/// Cassettes that are read and not yet played.
#[must_use = "nothing is played before it is started or mounted"]
pub struct Unmounted(Service<Player>);

impl Replay {
    /// Plays the cassettes below `folder` on a server of its own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn start(folder: impl AsRef<Path>) -> Result<Self, ReplayError> {
        Ok(Self::open(folder)?.start().await)
    }

    /// Reads the cassettes below `folder`, to be mounted.
    ///
    /// # Errors
    /// [`ReplayError`] where they cannot be read, or not be played side by side.
    pub fn open(folder: impl AsRef<Path>) -> Result<Unmounted, ReplayError> {
        Self::of(Cassettes::open(folder.as_ref())?)
    }

    /// Takes `cassettes`, such as [`Cassettes::shipped`], to be mounted.
    ///
    /// # Errors
    /// [`ReplayError`] where they cannot be played side by side.
    pub fn of(cassettes: Cassettes) -> Result<Unmounted, ReplayError> {
        Ok(Unmounted(Service::playing(cassettes, system_clock())?))
    }

    /// Where the client has to send its requests, without a slash at the end.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// What the client did wrong until now, the worst first; of each rule, the first twenty times.
    pub fn findings(&self) -> Vec<Finding> {
        let by_rule = self.receipt().findings.into_iter();
        by_rule.flat_map(|Findings { first, .. }| first).map(|found| found.finding).collect()
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        self.service.receipt()
    }

    /// Holds the client to have done nothing wrong, and to have asked for nothing that no cassette answers.
    ///
    /// # Panics
    /// With every finding, where there is one.
    #[track_caller]
    pub fn assert_clean(&self) {
        let receipt = self.receipt();
        assert!(receipt.is_clean(), "the client does not keep to the contract\n\n{receipt}");
    }
}

impl Unmounted {
    /// Reads the time off `clock`, where traffic of another day is played.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Answers also what the service would refuse, so that one finding does not hide the next.
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        Self(self.0.with_enforcement(enforcement))
    }

    /// Plays on a server of its own.
    pub async fn start(self) -> Replay {
        // wiremock would keep every request for ever.
        let server = MockServer::builder().disable_request_recording().start().await;
        let replay = self.mount(&server).await;
        Replay { _server: Some(server), ..replay }
    }

    /// Plays on `server` whatever no other mock of it takes.
    pub async fn mount(self, server: &MockServer) -> Replay {
        let service = Arc::new(self.0);
        let catch_all = Mock::given(any()).respond_with(Carrier(service.clone())).with_priority(LAST);
        catch_all.mount(server).await;
        Replay { service, uri: server.uri(), _server: None }
    }
}

/// Why cassettes cannot be played.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// They cannot be read.
    #[error(transparent)]
    Cassettes(#[from] CassetteError),
    /// Two have one name.
    #[error(transparent)]
    SharedStem(#[from] SharedStem),
}

/// Carries requests from wiremock to the service.
struct Carrier(Arc<Service<Player>>);

impl Respond for Carrier {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let response = self.0.answer(raw(request));
        let Some((status, headers)) = sendable(&response) else { return ResponseTemplate::new(500) };
        ResponseTemplate::new(status.as_u16()).append_headers(&headers).set_body_bytes(response.body)
    }
}

fn raw(request: &wiremock::Request) -> RawRequest {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    RawRequest {
        method: request.method.to_string(),
        target: format!("{}{query}", request.url.path()).into_bytes(),
        headers: request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
        body: request.body.clone(),
        spelling: Spelling::Reencoded,
    }
}

/// The lowest priority that wiremock has: mocks of the user's own come first.
const LAST: u8 = 255;
