//! Where the answers of a cassette come from.

use serde::{Deserialize, Serialize};

/// Where the answers of a cassette come from. Only [`Live`](Self::Live) counts as live coverage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Provenance {
    /// An example of the vendor's documentation.
    Documented {
        /// Where it stands.
        address: String,
        /// The day it was read, as `2026-11-24`.
        read: String,
    },
    /// The service itself answered.
    Live {
        /// The day of the recording, as `2026-11-24`.
        recorded: String,
        /// What recorded it, with its version.
        tool: String,
    },
    /// A body that someone quoted in public.
    Reported {
        /// Where it stands.
        address: String,
        /// The day it was read, as `2026-11-24`.
        read: String,
    },
    /// The embedded simulator answered.
    Simulated {
        /// What its world was made from.
        seed: u64,
    },
}

impl Provenance {
    /// The word on disk.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Documented { .. } => "documented",
            Self::Live { .. } => "live",
            Self::Reported { .. } => "reported",
            Self::Simulated { .. } => "simulated",
        }
    }

    /// Whose answer goes first where several cassettes hold one request: the lowest.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Live { .. } => 0,
            Self::Reported { .. } => 1,
            Self::Documented { .. } => 2,
            Self::Simulated { .. } => 3,
        }
    }

    /// The address of what was quoted.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Documented { address, .. } | Self::Reported { address, .. } => Some(address),
            Self::Live { .. } | Self::Simulated { .. } => None,
        }
    }

    /// The day on which it was read or recorded.
    pub fn day(&self) -> Option<&str> {
        match self {
            Self::Documented { read: day, .. }
            | Self::Live { recorded: day, .. }
            | Self::Reported { read: day, .. } => Some(day),
            Self::Simulated { .. } => None,
        }
    }
}
