//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::wire::{Clock, Timestamp};

/// The time of this machine.
pub fn system_clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_unix(seconds).expect("the system's clock shows a year of four digits")
    })
}
