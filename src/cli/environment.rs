//! What the environment of this process says; nothing else reads it.

use std::env;

use crate::recording::Credentials;

/// The variables of the access key, as they are set.
pub(super) fn credentials() -> Credentials {
    Credentials {
        id: env::var_os(Credentials::ID),
        secret: env::var_os(Credentials::SECRET),
        token: env::var_os(Credentials::TOKEN),
    }
}

/// Whether somebody asks for no colour: `NO_COLOR` is set to anything (<https://no-color.org>).
pub(super) fn refuses_colour() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
