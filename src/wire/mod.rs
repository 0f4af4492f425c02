//! What a message is: bytes as they came, and the parameters in them. No I/O, no meaning.

mod causes;
mod document;
mod input;
mod json;
mod message;
mod parameter;
pub mod percent;
mod request;
mod time;
mod xml;

pub(crate) use causes::with_causes;
pub use document::{Document, DocumentError, Node, Syntax};
pub use input::{BodyError, InputError, read_requests};
pub(crate) use message::is_of_a_connection;
pub use message::{Headers, RawRequest, Response, Spelling};
pub use parameter::{Parameter, Place};
pub use request::{Malformed, Request};
pub use time::{Clock, Timestamp, TimestampError};
