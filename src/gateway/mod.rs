//! What the service asks of any action before it looks at the action itself.

mod admission;
mod refusal;
mod system;

pub use admission::Admitted;
pub use refusal::Refusal;
pub use system::{Class, Format, System};
