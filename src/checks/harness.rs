//! Rules about what the harness itself meets: nothing to answer with, nothing to read.

use super::check::{Breach, Check, Finding, Judge, must};
use super::registry::check;
use crate::wire::Malformed;

/// The finding that bad percent-encoding is.
///
/// No rule is about query and form that contradict each other: what the service makes of them is not known.
pub fn malformed_encoding(malformed: &Malformed) -> Option<Finding> {
    let Malformed::Percent { parameter, cause, .. } = malformed else { return None };
    let breach =
        Breach::new("two hexadecimal digits", format_args!("{:?}", cause.found)).at(format_args!("{parameter:?}"));
    Some(noted("WIR-02", breach))
}

/// A finding that no rule makes by itself: the harness met it.
pub(crate) fn noted(id: &str, breach: Breach) -> Finding {
    check(id).expect("a test holds that every rule noted here is registered").finding(breach)
}

pub(super) const CHECKS: &[Check] = &[
    must("REP-01", "every request has an answer in the cassettes", Judge::Noted { by: "front" }),
    must("REP-02", "a poll is asked no more often than there are answers", Judge::Noted { by: "front" }),
    must("REP-03", "a call comes back with a reading, in time and without a panic", Judge::Noted { by: "judge" }),
    must("WIR-01", "every request can be parsed as HTTP", Judge::Noted { by: "front" }),
    must(
        "WIR-02",
        "every percent sign in a query or form is followed by two hexadecimal digits",
        Judge::Noted { by: "front" },
    ),
    must("WIR-03", "every access key id is one that is known", Judge::Noted { by: "front" }),
];
