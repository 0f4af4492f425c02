//! What the service asks of any action before it looks at the action itself.

mod admission;
mod envelope;
mod nonces;
mod operations;
mod refusal;
mod requirements;
mod system;

pub use admission::{Admitted, Enforcement, Examined, Gateway, Refused};
pub use envelope::{read, render, request_id};
pub use operations::Operations;
pub use refusal::{CODES, Code, Refusal, Source};
pub use system::{Class, Format, System};
