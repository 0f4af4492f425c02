//! Rules about what the harness itself meets: nothing to answer with, nothing to read.

use super::check::{Check, Judge, must};

pub(super) const CHECKS: &[Check] = &[
    must("REP-01", "every request has an answer in the cassettes", Judge::Noted { by: "front" }),
    must("REP-02", "a poll is asked no more often than there are answers", Judge::Noted { by: "front" }),
    must("WIR-01", "every request can be parsed as HTTP", Judge::Noted { by: "front" }),
    must(
        "WIR-02",
        "every percent sign in a query or form is followed by two hexadecimal digits",
        Judge::Noted { by: "front" },
    ),
    must("WIR-03", "every access key id is one that is known", Judge::Noted { by: "front" }),
];
