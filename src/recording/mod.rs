//! From a live exchange to a cassette.

mod acceptance;
mod credentials;
mod embedded;
mod error;
mod outcome;
mod probing;
mod recorder;
mod review;
mod session;
mod tape;
mod twin;
mod upstream;

pub use acceptance::{NotAccepted, accept};
pub use credentials::{Credentials, CredentialsError, Problem};
pub use embedded::{Embedded, world_of};
pub use error::RecordError;
pub use outcome::{Outcome, Recorded, Skip};
pub use recorder::{Recorder, Reels};
pub use review::review;
pub use session::{Session, Waiting, day};
pub use tape::{Taken, Tape};
pub use upstream::{Address, AddressError, Upstream};
