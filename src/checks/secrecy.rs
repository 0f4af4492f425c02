//! What must not be sent.

use std::borrow::Cow;
use std::{fmt, iter};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem::Finder;

use super::check::{Check, Judge, Outcome, must};
use super::observation::Asking;
use crate::signing::{Secret, hex};
use crate::wire::{Request, percent};

/// Looks for a secret under every spelling that it could be sent in.
///
/// Made once for a secret: every request that is served is searched.
pub struct SecretSearch {
    secret: Secret,
    spellings: Vec<(&'static str, Finder<'static>)>,
}

impl SecretSearch {
    /// A search for `secret`; one that is too short to be told from other text is found nowhere.
    pub fn new(secret: &Secret) -> Self {
        let bytes = secret.expose();
        let spellings = if bytes.len() < SHORTEST_SECRET { Vec::new() } else { spellings(bytes) };
        let finder = |text: Vec<u8>| Finder::new(&text).into_owned();
        let spellings = spellings.into_iter().map(|(how, text)| (how, finder(text))).collect();
        Self { secret: secret.clone(), spellings }
    }

    /// Whether it looks for `secret`.
    pub fn is_for(&self, secret: &Secret) -> bool {
        self.secret == *secret
    }

    /// How the secret is spelled in `bytes`.
    fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        let layers = layers(bytes);
        let found = self.spellings.iter().find(|(_, finder)| layers.iter().any(|layer| finder.find(layer).is_some()));
        found.map(|(how, _)| *how)
    }
}

impl fmt::Debug for SecretSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSearch(..)")
    }
}

pub(super) const CHECKS: &[Check] =
    &[must("SIG-38", "the secret is nowhere in the request, in no encoding", Judge::Request(secret_is_not_sent))];

fn secret_is_not_sent(asking: &Asking<'_>) -> Outcome {
    let Some(search) = asking.secret.filter(|search| !search.spellings.is_empty()) else {
        return Outcome::DoesNotApply;
    };
    let leak = parts(asking.request).find_map(|(place, bytes)| Some((place, search.find(bytes)?)));
    match leak {
        Some((place, how)) => {
            Outcome::broken("a request without the secret", format_args!("the secret, {how}")).at(place)
        }
        None => Outcome::Holds,
    }
}

fn parts(request: &Request) -> impl Iterator<Item = (&str, &[u8])> {
    let raw = request.raw();
    let headers = raw.headers.iter().flat_map(|(name, value)| [(name, name.as_bytes()), (name, value)]);
    [("the target", raw.target.as_slice()), ("the body", raw.body.as_slice())].into_iter().chain(headers)
}

/// As sent, and percent-decoded once and twice where that changes something; a leak need not be well formed.
fn layers(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let decoded = |layer: &Cow<'_, [u8]>| match percent::decode_leniently(layer) {
        Cow::Borrowed(_) => None,
        Cow::Owned(decoded) => Some(Cow::Owned(decoded)),
    };
    iter::successors(Some(Cow::Borrowed(bytes)), decoded).take(3).collect()
}

fn spellings(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = hex(secret);
    let mut all = vec![
        ("as it is", secret.to_vec()),
        ("in hexadecimal", hex.to_ascii_uppercase().into_bytes()),
        ("in hexadecimal", hex.into_bytes()),
    ];
    for text in (0..3).map(|offset| base64_at(secret, offset)) {
        if text.contains(['+', '/']) {
            all.push(("in base64", text.replace('+', "-").replace('/', "_").into_bytes()));
        }
        all.push(("in base64", text.into_bytes()));
    }
    all
}

/// The characters of base64 that are the secret's alone where `offset` bytes, from 0 to 2, stand before it.
fn base64_at(secret: &[u8], offset: usize) -> String {
    let whole = STANDARD_NO_PAD.encode([&[0; 2][..offset], secret].concat());
    let first = (offset * 8).div_ceil(6);
    let last = (offset + secret.len()) * 8 / 6;
    whole[first..last].to_owned()
}

/// A shorter one would be found where it is not.
const SHORTEST_SECRET: usize = 8;

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, request};

    let asked = |value: &str| Scene::asked(request(&[("Lang", value)]));
    vec![Example::new("SIG-38", asked("testsecre"), asked("testsecret"))]
}

#[cfg(test)]
mod tests {
    use super::super::example::{Scene, acs3, request};
    use super::super::registry::check;
    use super::*;
    use crate::signing::Key;
    use crate::wire::{Headers, Parameter};

    fn outcome(scene: &Scene) -> Outcome {
        scene.judge(check("SIG-38").expect("a rule"))
    }

    fn sent(value: &str) -> Outcome {
        outcome(&Scene::asked(request(&[("Lang", value)])))
    }

    #[test]
    fn the_secret_is_found_in_every_encoding() {
        for (how, value) in [
            ("as it is", "xtestsecret"),
            ("as it is", "%74estsecre%74"),
            ("as it is", "100% %74estsecret"),
            ("in hexadecimal", "74657374736563726574"),
            ("in hexadecimal", "x74657374736563726574"),
            ("in base64", "dGVzdHNlY3JldA=="),
            ("in base64", "dGVzdHNlY3JldDp6"),
            ("in base64", "dGVzdGlkOnRlc3RzZWNyZXQ="),
            ("in base64", "eHl0ZXN0c2VjcmV0eg"),
        ] {
            let found = Outcome::broken("a request without the secret", format_args!("the secret, {how}"));

            assert_eq!(sent(value), found.at("the target"), "{value}");
        }
    }

    #[test]
    fn hexadecimal_in_upper_case_and_url_safe_base64_are_found_too() {
        let key = Key::new("id", b"\xfb\xff\xfe\xaf\xef\xfb\xff\xfe".to_vec());
        let scene = |value: &str| Scene::Asked {
            request: request(&[("Lang", value)]),
            key: key.clone(),
            call: None,
            outcome: None,
        };

        for value in ["FBFFFEAFEFFBFFFE", "-__-r-_7__4=", "+//+r+/7//4="] {
            assert!(matches!(outcome(&scene(value)), Outcome::Broken(_)), "{value}");
        }
    }

    #[test]
    fn the_secret_is_found_in_headers_and_in_the_body() {
        let in_value = acs3(|headers| headers.push("X-Debug", "sign(testsecret&)"));
        let in_name = acs3(|headers| headers.push("X-testsecret", ""));
        let in_body = Request::compose("POST", vec![Parameter::form("Lang", "testsecret")], Headers::new());

        for (request, place) in [(in_value, "X-Debug"), (in_name, "X-testsecret"), (in_body, "the body")] {
            let found = Outcome::broken("a request without the secret", "the secret, as it is");

            assert_eq!(outcome(&Scene::asked(request)), found.at(place));
        }
    }

    #[test]
    fn a_good_request_of_either_scheme_keeps_the_secret() {
        assert_eq!(outcome(&Scene::asked(acs3(|_| {}))), Outcome::Holds);
        assert_eq!(sent("dGVzdHNlY3Jl"), Outcome::Holds);
    }

    #[test]
    fn a_search_does_not_show_what_it_looks_for() {
        assert_eq!(format!("{:?}", SecretSearch::new(&Key::test().secret)), "SecretSearch(..)");
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_told_from_other_text_is_not_looked_for() {
        let key = Key::new("testid", "test");
        let scene = Scene::Asked { request: request(&[]), key, call: None, outcome: None };

        assert_eq!(outcome(&scene), Outcome::DoesNotApply);
    }
}
