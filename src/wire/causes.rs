//! An error of a library, with what it comes from.

use std::error::Error;

/// The error and its causes in one line: libraries of HTTP say the least at the top.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Malformed, Place, percent};

    #[test]
    fn causes_stand_behind_what_they_caused() {
        let cause = percent::decode(b"%N").expect_err("%N is no encoding");
        let error = Malformed::Percent { place: Place::Query, parameter: "a=%N".into(), cause };

        assert_eq!(
            with_causes(&error),
            "the query has a malformed parameter \"a=%N\": \"%N\" at byte 0 is no percent-encoding"
        );
    }
}
