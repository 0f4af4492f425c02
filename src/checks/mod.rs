//! What must hold, and what can be said of one request.

mod answer;
mod cause;
mod check;
mod comparison;
mod dialogue;
#[cfg(test)]
mod example;
mod explanation;
mod harness;
mod memory;
mod observation;
mod reading;
mod refusal;
mod registry;
mod request;
mod secrecy;
mod signature;
mod stamp;
mod unjudged;

pub(crate) use cause::found_in_verdict;
pub use check::{Breach, Check, Finding, Fold, Grade, Judge, Outcome, Severity, Subject};
pub use explanation::{ExplainedParameter, ExplainedStages, Explanation, Known, Standing};
pub use harness::malformed_encoding;
pub(crate) use harness::noted;
pub use observation::{Answer, AnswerSource, Asked, Asking, Observation, Understood};
pub use registry::{CHECKS, Run, check, check_of_recipe, checks, findings, outcomes};
pub use secrecy::SecretSearch;
