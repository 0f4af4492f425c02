//! What the gateway turns a request down with.

/// An answer by which the gateway turns a request down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The `Code` of the answer.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The `Message` of the answer.
    pub message: String,
}
