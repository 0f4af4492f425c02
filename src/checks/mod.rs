//! What must hold, and what can be said of one request.

mod explanation;

pub use explanation::{ExplainedParameter, ExplainedStages, Explanation, Known, Standing};
