//! From a live exchange to a cassette.

mod credentials;
mod upstream;

pub use credentials::{Credentials, CredentialsError, Problem};
pub use upstream::{Address, AddressError, Upstream};
