//! A call that comes back, whatever the client does.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use crate::clients::{Client, Endpoint, Skipped};
use crate::contract::{Call, Reading};

/// What came of a call.
#[derive(Clone, Debug)]
pub(super) enum Ended {
    Hung(Duration),
    Panicked(String),
    Returned(Result<Reading, Skipped>),
}

/// Makes `call`, and waits `limit` for it.
///
/// A client that blocks its thread cannot be stopped, only one that waits.
pub(super) async fn call(client: &impl Client, endpoint: &Endpoint, call: &Call, limit: Duration) -> Ended {
    let mut calling = pin!(client.call(endpoint, call));
    let unwinding = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| calling.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(read)) => Poll::Ready(Ended::Returned(read)),
        Err(panic) => Poll::Ready(Ended::Panicked(words(panic.as_ref()))),
    });
    timeout(limit, unwinding).await.unwrap_or(Ended::Hung(limit))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}
