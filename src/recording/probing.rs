//! The requests of probes: recording signs them itself, for a front would turn them down.

use std::collections::BTreeMap;

use super::twin::{Side, Twin};
use crate::clients::{Bundled, Endpoint, Stamp};
use crate::contract::{Call, Probe, Step, TokenUse};
use crate::signing::{Key, sign};
use crate::wire::Request;

/// The request of a probe for the upstream, and that for the tape: the same edits and style, each with its key.
pub fn probing(
    step: &Step,
    probe: &Probe,
    variables: &BTreeMap<String, String>,
    stamp: &Stamp,
    by: &Bundled,
    upstream: Side<'_>,
) -> Twin {
    let call = step.call(variables);
    Twin::made_by(upstream, |side| probed(step, probe, &call, stamp, by, side))
}

fn probed(step: &Step, probe: &Probe, call: &Call, stamp: &Stamp, by: &Bundled, side: Side<'_>) -> Request {
    let key = match probe.token {
        TokenUse::LeftOut => Key { token: None, ..side.key.clone() },
        TokenUse::Sent => side.key.clone(),
    };
    let sound = by.request(&Endpoint::new(format!("https://{}", side.host), key.clone()), call, stamp);
    let edited = probe.before_signing.iter().fold(sound, |request, edit| edit.apply(&request, side.host));
    let signed = sign(&edited, step.scheme, &key, &probe.style.style());
    probe.after_signing.iter().fold(signed, |request, edit| edit.apply(&request, side.host))
}
