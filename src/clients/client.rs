//! What a client has to be to be judged.

use std::future::Future;

use thiserror::Error;

use crate::contract::{Call, Reading};
use crate::signing::Key;

/// Makes calls, and says what it understood of the answers.
///
/// # Example
/// ```
/// use alidns_contract::clients::{Client, Endpoint, Skipped};
/// use alidns_contract::contract::{Call, Reading};
///
/// struct Mine;
///
/// impl Client for Mine {
///     async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
///         let Ok(task) = call.value("TaskId").unwrap_or("0").parse::<i64>() else {
///             return Err(Skipped::because("the task id is an i64"));
///         };
///         // Ask `endpoint.url` about `task` with `endpoint.key`, then:
///         Ok(Reading::Unreadable { status: None, why: format!("task {task} was not asked for") })
///     }
/// }
/// ```
pub trait Client: Sync {
    /// Makes `call` at `endpoint`, once.
    ///
    /// # Errors
    /// [`Skipped`] where this client has no way to make such a call. An answer that it cannot read is a
    /// [`Reading`], and so is none at all.
    fn call(&self, endpoint: &Endpoint, call: &Call) -> impl Future<Output = Result<Reading, Skipped>> + Send;
}

/// Where to call, and with which key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// The base URL, without a slash at its end.
    pub url: String,
    /// The key to sign with.
    pub key: Key,
}

impl Endpoint {
    /// An endpoint at `url`; slashes at its end are dropped.
    pub fn new(url: impl AsRef<str>, key: Key) -> Self {
        Self { url: url.as_ref().trim_end_matches('/').to_owned(), key }
    }

    /// The value of the `Host` header: what stands behind the scheme.
    pub fn host(&self) -> &str {
        let authority = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        authority.split('/').next().unwrap_or_default()
    }
}

/// Why a client did not make a call.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("the client skips this call: {why}")]
pub struct Skipped {
    /// The client's own words.
    pub why: String,
}

impl Skipped {
    /// Skips, with a reason.
    pub fn because(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_stands_behind_the_scheme() {
        for (url, host) in [
            ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
            ("https://alidns.aliyuncs.com", "alidns.aliyuncs.com"),
            ("http://[::1]:80/base", "[::1]:80"),
        ] {
            assert_eq!(Endpoint::new(url, Key::test()).host(), host, "{url}");
        }
    }
}
