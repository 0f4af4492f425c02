//! A front of its own for each case, and what was seen there.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Builder, Runtime};

use super::case::Answers;
use super::mutation::PLAIN;
use crate::front::{Answered, Front, Handler, ListenError, Origin, Service, Unreadable};
use crate::gateway::{Admitted, Format, System};
use crate::playback::Script;
use crate::wire::{RawRequest, Response, Timestamp};

/// Where fronts run: on a thread of their own, so that a client that blocks the judge's thread is answered too.
pub(super) struct House(Option<Runtime>);

impl House {
    pub(super) fn open() -> Self {
        Self(Builder::new_multi_thread().worker_threads(1).enable_all().build().ok())
    }

    /// Puts `service` on a free port.
    pub(super) async fn stage<O: Origin>(&self, service: Service<O>) -> Result<Stage<O>, ListenError> {
        let observed = Arc::new(Observed { service, seen: Mutex::default() });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let handler = observed.clone();
        let opening = async move { Front::open(address, handler).await };
        let front = match &self.0 {
            Some(runtime) => runtime.spawn(opening).await.expect("opening a front does not panic")?,
            None => opening.await?,
        };
        Ok(Stage { front, observed })
    }
}

impl Drop for House {
    /// A runtime must not wait for its end inside another.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A front, and what it is asked.
pub(super) struct Stage<O> {
    pub(super) front: Front,
    observed: Arc<Observed<O>>,
}

impl<O> Stage<O> {
    /// What came since this was last asked.
    pub(super) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.observed.seen())
    }
}

/// Something that came to a front.
pub(super) enum Seen {
    Exchange(RawRequest, Response),
    Unreadable(Unreadable),
}

impl Seen {
    pub(super) fn response(&self) -> Option<&Response> {
        match self {
            Self::Exchange(_, response) => Some(response),
            Self::Unreadable(_) => None,
        }
    }
}

/// A service that keeps what it was asked, one call at a time.
struct Observed<O> {
    service: Service<O>,
    seen: Mutex<Vec<Seen>>,
}

impl<O> Observed<O> {
    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: Origin> Handler for Observed<O> {
    async fn answer(&self, request: RawRequest) -> Response {
        let response = self.service.answer(request.clone());
        self.seen().push(Seen::Exchange(request, response.clone()));
        response
    }

    fn note(&self, unreadable: Unreadable) {
        self.seen().push(Seen::Unreadable(unreadable));
    }
}

/// The answers of a case as an origin.
#[derive(Debug)]
pub(super) struct Scripted {
    script: Script,
    last: Option<Response>,
}

impl Scripted {
    pub(super) fn new(answers: &Answers) -> Self {
        let answers = match answers {
            Answers::InFormat => Vec::new(),
            Answers::InTurn(answers) => answers.clone(),
        };
        Self { last: answers.last().cloned(), script: Script::new(answers) }
    }
}

impl Origin for Scripted {
    fn answer(&self, admitted: &Admitted, _now: Timestamp) -> Answered {
        let due = self.script.next_answer().or(self.last.as_ref()).cloned();
        let response = due.unwrap_or_else(|| match System::of(admitted.request()).format() {
            Some(Format::Xml) => PLAIN[1].response(),
            Some(Format::Json) | None => PLAIN[0].response(),
        });
        Answered::Stored { interaction: "scripted".to_owned(), response }
    }
}
