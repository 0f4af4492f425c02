//! Why a signature is wrong: the cold path.

use super::claim::Claim;
use super::key::Keyring;
use super::quotation::Quotation;
use super::recipes::{RECIPES, Recipe};
use super::stages::{Stage, Stages};
use super::verify::payload_hash;
use crate::wire::Request;

/// What is known of a wrong signature.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// ACS3's payload hash is not that of the body.
    PayloadHash {
        /// As the request says.
        claimed: String,
        /// Of the body as received.
        actual: String,
    },
    /// What the other side signs, or takes for signed, differs from ours.
    QuotedDiffers(Difference),
    /// The other side's string to sign is ours, and yet no recipe gives the signature: canonicalised rightly,
    /// signed with another secret.
    QuotedIsOurs,
    /// Every mistake that gives this very signature; never empty.
    Recipes(Vec<Cause>),
    /// No known mistake gives this signature.
    Unexplained,
}

impl Diagnosis {
    /// Explains why `claim` is not what `ours` says.
    ///
    /// `quoted` is a string to sign as the other side has it: the bare string, a service's message or its body.
    /// It goes before the recipes where it differs from ours, and is not looked at where it holds no string to
    /// sign of the claim's scheme.
    pub fn of(request: &Request, claim: &Claim, ours: &Stages, keys: &Keyring, quoted: Option<&str>) -> Self {
        if let Some((claimed, actual)) = payload_hash(request, claim) {
            return Self::PayloadHash { claimed, actual };
        }
        let quotation = quoted.and_then(|text| Quotation::find(text, claim.scheme));
        if let Some(difference) = quotation.as_ref().and_then(|quotation| quotation.difference(ours)) {
            return Self::QuotedDiffers(difference);
        }
        let causes = causes(request, claim, ours, keys);
        match quotation {
            _ if !causes.is_empty() => Self::Recipes(causes),
            Some(_) => Self::QuotedIsOurs,
            None => Self::Unexplained,
        }
    }
}

/// A mistake that gives the signature of a request.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// The mistake.
    pub recipe: &'static Recipe,
    /// The first stage that it spoils.
    pub stage: Stage,
}

/// Recipes go by their names.
impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        (self.recipe.name, self.stage) == (other.recipe.name, other.stage)
    }
}

impl Eq for Cause {}

/// Where two texts part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// What the texts are.
    pub stage: Stage,
    /// The first byte in which they differ, from zero.
    pub at: usize,
    /// Ours from there, a few bytes; empty at its end.
    pub ours: String,
    /// Theirs from there, a few bytes; empty at its end.
    pub theirs: String,
}

impl Difference {
    /// Compares byte by byte; none where the texts are equal.
    pub(super) fn between(stage: Stage, ours: &[u8], theirs: &[u8]) -> Option<Self> {
        let common = ours.iter().zip(theirs).take_while(|(our, their)| our == their).count();
        let rest = |text: &[u8]| {
            let shown = &text[common..text.len().min(common + SHOWN)];
            String::from_utf8_lossy(shown).into_owned()
        };
        (ours != theirs).then(|| Self { stage, at: common, ours: rest(ours), theirs: rest(theirs) })
    }
}

fn causes(request: &Request, claim: &Claim, ours: &Stages, keys: &Keyring) -> Vec<Cause> {
    let Some(secret) = keys.secret(&claim.key_id) else { return Vec::new() };
    let cause = |recipe: &'static Recipe| {
        let theirs = Stages::claimed(request, claim, secret.expose(), &recipe.style);
        let stage = ours.first_difference(&theirs)?;
        let gives = theirs.signature.as_bytes() == claim.signature.as_bytes();
        gives.then_some(Cause { recipe, stage })
    };
    RECIPES.iter().filter_map(cause).collect()
}

const SHOWN: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::claim::Claimed;
    use crate::signing::{Digest, Key, Scheme, Style, sign, verify};
    use crate::signing::{Secret, Verdict};
    use crate::wire::{Headers, Parameter, Request};

    fn request() -> Request {
        let parameters = [("Action", "A b"), ("SignatureNonce", "n")];
        let parameters = parameters.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        Request::compose("GET", parameters, Headers::new())
    }

    fn signed_with(secret: &str, style: &Style) -> Request {
        sign(&request(), Scheme::HmacSha1, &Key::new("testid", secret), style)
    }

    fn diagnosis(request: &Request, quoted: Option<&str>) -> Diagnosis {
        let verdict = verify(request, &Keyring::test());
        let Verdict::Invalid { claim, ours } = verdict else { panic!("{verdict:?}") };
        Diagnosis::of(request, &claim, &ours, &Keyring::test(), quoted)
    }

    fn causes_of(diagnosis: Diagnosis) -> Vec<(&'static str, Stage)> {
        let Diagnosis::Recipes(causes) = diagnosis else { panic!("{diagnosis:?}") };
        causes.iter().map(|cause| (cause.recipe.name, cause.stage)).collect()
    }

    fn style_of(name: &str) -> &'static Style {
        let recipe = RECIPES.iter().find(|recipe| recipe.name == name);
        &recipe.expect("there is such a recipe").style
    }

    #[test]
    fn a_cause_names_the_first_stage_that_it_spoils() {
        for (name, stage) in [
            ("space-as-plus", Stage::Canonical),
            ("second-pass-misses-ampersand", Stage::StringToSign),
            ("method-post", Stage::StringToSign),
            ("key-id-as-secret", Stage::Signature),
            ("base64-of-hex", Stage::Signature),
        ] {
            let found = causes_of(diagnosis(&signed_with("testsecret", style_of(name)), None));

            assert!(found.contains(&(name, stage)), "{name}: {found:?}");
        }
    }

    #[test]
    fn every_recipe_that_gives_the_signature_is_named_and_no_other() {
        let found = causes_of(diagnosis(&signed_with("testsecret", style_of("space-as-plus")), None));

        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["space-as-plus", "java-url-encoder", "php-urlencode"]);
    }

    #[test]
    fn causes_are_equal_by_recipe_and_stage() {
        let cause = |at: usize, stage| Cause { recipe: &RECIPES[at], stage };

        assert_eq!(cause(0, Stage::Canonical), cause(0, Stage::Canonical));
        assert_ne!(cause(0, Stage::Canonical), cause(1, Stage::Canonical));
        assert_ne!(cause(0, Stage::Canonical), cause(0, Stage::Signature));
    }

    #[test]
    fn another_secret_is_unexplained_until_the_string_to_sign_is_quoted() {
        let request = signed_with("another", &Style::SERVICE);
        let quoted = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DA%2520b%26SignatureNonce%3Dn";

        assert_eq!(diagnosis(&request, None), Diagnosis::Unexplained);
        assert_eq!(diagnosis(&request, Some("no string to sign in here")), Diagnosis::Unexplained);
        assert_eq!(diagnosis(&request, Some(quoted)), Diagnosis::QuotedIsOurs);
    }

    #[test]
    fn a_mistake_behind_the_string_to_sign_is_named_though_the_quoted_string_is_ours() {
        let request = signed_with("testsecret", style_of("key-of-the-other-scheme"));
        let quoted = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DA%2520b%26SignatureNonce%3Dn";

        assert_eq!(causes_of(diagnosis(&request, Some(quoted))), [("key-of-the-other-scheme", Stage::Signature)]);
    }

    #[test]
    fn a_quoted_string_that_differs_is_shown_at_its_first_other_byte() {
        let request = signed_with("testsecret", style_of("space-as-plus"));
        let quoted = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DA%2Bb%26SignatureNonce%3Dn";

        let expected = Difference {
            stage: Stage::StringToSign,
            at: 43,
            ours: "520b%26SignatureNonce%3D".into(),
            theirs: "Bb%26SignatureNonce%3Dn".into(),
        };
        assert_eq!(diagnosis(&request, Some(quoted)), Diagnosis::QuotedDiffers(expected));
    }

    #[test]
    fn one_text_that_begins_another_differs_at_its_end() {
        let difference = |ours: &str, theirs: &str| {
            let found = Difference::between(Stage::Canonical, ours.as_bytes(), theirs.as_bytes());
            found.map(|found| (found.at, found.ours, found.theirs))
        };

        assert_eq!(difference("ab", "abc"), Some((2, String::new(), "c".into())));
        assert_eq!(difference("abc", "ab"), Some((2, "c".into(), String::new())));
        assert_eq!(difference("ab", "ab"), None);
    }

    #[test]
    fn a_payload_hash_that_is_not_the_bodys_goes_before_all_else() {
        let headers: Headers = [("host", "a"), ("content-type", "text/plain")].into_iter().collect();
        let unsigned = Request::compose("POST", Vec::new(), headers);
        let signed = sign(&unsigned, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
        let mut headers = signed.headers().clone();
        headers.set("x-acs-content-sha256", "0000");

        let found = diagnosis(&signed.with_headers(headers), Some("ACS3-HMAC-SHA256\nx"));

        let actual = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(found, Diagnosis::PayloadHash { claimed: "0000".into(), actual: actual.into() });
    }

    #[test]
    fn without_a_secret_no_recipe_is_tried() {
        let request = signed_with("testsecret", style_of("space-as-plus"));
        let Claimed::With(claim) = Claim::of(&request) else { panic!("it is signed") };
        let ours = Stages::claimed(&request, &claim, b"", &Style::SERVICE);
        let claim = Claim { key_id: "unknown".into(), ..claim };

        let known = Keyring::test().with_any_other(Secret::new("testsecret"));

        assert_eq!(Diagnosis::of(&request, &claim, &ours, &Keyring::test(), None), Diagnosis::Unexplained);
        assert_ne!(Diagnosis::of(&request, &claim, &ours, &known, None), Diagnosis::Unexplained);
    }
}
