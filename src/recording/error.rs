//! Why a scenario was not recorded.

use thiserror::Error;

use super::acceptance::NotAccepted;
use crate::cassettes::{Leak, StoreError};
use crate::clients::{Skipped, TransportError};
use crate::front::ListenError;
use crate::wire::with_causes;

/// Why a scenario was not recorded. What was stored of it before is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It would not be replayed as it was recorded.
    #[error(transparent)]
    Accepted(#[from] NotAccepted),
    /// Content coding: the bytes cannot be searched for secrets.
    #[error("the upstream answered with an encoded body")]
    Encoded,
    /// The requests could not be made.
    #[error("the requests of the scenario cannot be made")]
    Client(#[from] Skipped),
    /// A secret stands in it.
    #[error(transparent)]
    Leak(#[from] Leak),
    /// There is no place to record at.
    #[error("no front on this machine")]
    Listen(#[from] ListenError),
    /// An answer that no operation gives.
    #[error("the upstream answered with status {status} and neither JSON nor XML")]
    NoAnswer {
        /// The status.
        status: u16,
    },
    /// The signature of HMAC-SHA1 does not cover such a body.
    #[error("the body is no form, and HMAC-SHA1 cannot sign it")]
    OpaqueBody,
    /// The upstream knows another key, or another secret, or lets the key do less.
    #[error("step {step}: the upstream does not take the credentials: {code}")]
    NotTaken {
        /// The step.
        step: String,
        /// What it answered.
        code: String,
    },
    /// The upstream turned the request down, whatever was asked.
    #[error("step {step}: the upstream turned the request down: {code}")]
    TurnedDown {
        /// The step.
        step: String,
        /// What it answered.
        code: String,
    },
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file would become too large to be read back.
    #[error("the scenario has more answers than a cassette can hold")]
    TooMuch,
    /// The simulator begins in the world of a scenario, and it has none of that name.
    #[error("the simulator has no such scenario")]
    NoWorld,
    /// No whole answer came back.
    #[error("the upstream gave no whole answer")]
    Transport(#[source] TransportError),
    /// An answer that cannot be read.
    #[error("step {step}: the answer cannot be read: {why}")]
    Unreadable {
        /// The step.
        step: String,
        /// What is wrong with it.
        why: String,
    },
    /// The upstream knows the key, and the scenario is about one that it turns down.
    #[error("step {step}: the upstream takes the credentials, and the scenario is about others")]
    Taken {
        /// The step.
        step: String,
    },
    /// There are not as many questions as steps.
    #[error("two steps of the scenario ask the same")]
    Unasked,
}

impl RecordError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Accepted(error) => error.help(),
            Self::Client(_) => "check that this machine gives random numbers",
            Self::Encoded => "let the client sign no Accept-Encoding",
            Self::Leak(leak) => leak.help(),
            Self::Listen(error) => error.help(),
            Self::NoAnswer { .. } | Self::Unreadable { .. } => "check that the URL is that of the service",
            Self::NoWorld => "give the scenario with --scenario, or take one that docs/recording-live.md lists",
            Self::NotTaken { .. } => {
                "check key id, secret and token in the environment, and that the key may call the operation"
            }
            Self::OpaqueBody => "send parameters as a form, or sign with ACS3",
            Self::Store(error) => error.help(),
            Self::Taken { .. } => "give the credentials that the scenario is about",
            Self::TooMuch => "record fewer calls into one scenario",
            Self::Transport(error) => error.help(),
            Self::TurnedDown { .. } => "check the clock of this machine, and record again later",
            Self::Unasked => "give each variable a value that no step has of its own",
        }
    }

    /// Whether the file was refused because a secret stood in it.
    pub fn is_a_leak(&self) -> bool {
        matches!(self, Self::Leak(_))
    }

    /// What it comes from, the nearest first.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        causes
    }

    /// The error with its causes, on one line.
    pub fn in_full(&self) -> String {
        with_causes(self)
    }
}
