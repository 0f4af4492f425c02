//! The wire's time stamps.

use std::fmt;
use std::sync::Arc;

use jiff::tz::Offset;
use thiserror::Error;

/// A point in time, to the second.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// From seconds since 1970.
    ///
    /// # Errors
    /// [`TimestampError`] outside the years that the wire can write.
    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        let writable = (EARLIEST..=LATEST).contains(&seconds);
        let time = writable.then(|| jiff::Timestamp::from_second(seconds).ok()).flatten();
        time.map(Self).ok_or_else(|| TimestampError(seconds.to_string()))
    }

    /// Reads `2026-11-24T03:45:00Z`, the one spelling that the service takes.
    ///
    /// # Errors
    /// [`TimestampError`] for every other spelling: fractions, offsets, lower case, dates that are none.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        Self::from_wire(text).ok_or_else(|| TimestampError(text.to_owned()))
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// How far two times lie apart, whichever is later.
    pub fn distance_seconds(self, other: Self) -> u64 {
        self.unix_seconds().abs_diff(other.unix_seconds())
    }

    fn from_wire(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
        if bytes.len() != 20 || marks.iter().any(|&(at, mark)| bytes[at] != mark) {
            return None;
        }
        let number = |from: usize, to: usize| {
            let digits = bytes[from..to].iter().all(u8::is_ascii_digit);
            digits.then(|| text[from..to].parse::<i16>().ok()).flatten()
        };
        let small = |from: usize| number(from, from + 2).and_then(|number| i8::try_from(number).ok());
        let (year, month, day) = (number(0, 4)?, small(5)?, small(8)?);
        let (hour, minute, second) = (small(11)?, small(14)?, small(17)?);
        let day = jiff::civil::Date::new(year, month, day).ok()?;
        let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
        Offset::UTC.to_timestamp(day.to_datetime(time)).ok().map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Offset::UTC.to_datetime(self.0);
        write!(f, "{}", time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// A time that is not spelled as the service spells it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0:?} is no time stamp of the form 2026-11-24T03:45:00Z")]
pub struct TimestampError(String);

/// Tells the time: the system's, or one that stands still.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Asks `now` each time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Stands still at `time`.
    pub fn fixed(time: Timestamp) -> Self {
        Self::new(move || time)
    }

    /// The time it shows now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

// The first second of year 0, which four digits can write, and the last that jiff knows.
const EARLIEST: i64 = -62_167_219_200;
const LATEST: i64 = 253_402_207_200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_spelling_is_read_and_written() {
        let time = Timestamp::parse("2016-02-23T12:46:24Z").expect("a documented time stamp");

        assert_eq!(time.unix_seconds(), 1_456_231_584);
        assert_eq!(time.to_string(), "2016-02-23T12:46:24Z");
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for text in [
            "",
            "2016-02-23T12:46:24",
            "2016-02-23 12:46:24Z",
            "2016-02-23t12:46:24z",
            "2016-02-23T12:46:24.000Z",
            "2016-02-23T12:46:24+00:00",
            "2016-02-30T12:46:24Z",
            "2016-02-23T24:00:00Z",
            "2016-02-23T12:60:24Z",
            "2016-02-23T12:46:60Z",
            "2016-2-023T12:46:24Z",
            "+016-02-23T12:46:24Z",
            "２０16-02-23T12:46:2Z",
            "1456231584",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_edges_of_the_calendar_are_written_as_they_are_read() {
        for text in ["0000-01-01T00:00:00Z", "9999-12-30T22:00:00Z"] {
            let time = Timestamp::parse(text).expect("a date that exists");

            assert_eq!(Timestamp::from_unix(time.unix_seconds()).map(|time| time.to_string()).as_deref(), Ok(text));
        }
        assert!(Timestamp::from_unix(EARLIEST - 1).is_err());
        assert!(Timestamp::from_unix(LATEST + 1).is_err());
        assert!(Timestamp::from_unix(i64::MAX).is_err());
    }

    #[test]
    fn distance_is_the_same_both_ways() {
        let early = Timestamp::from_unix(100).expect("a small number");
        let late = Timestamp::from_unix(1_000).expect("a small number");

        assert_eq!(early.distance_seconds(late), 900);
        assert_eq!(late.distance_seconds(early), 900);
    }
}
