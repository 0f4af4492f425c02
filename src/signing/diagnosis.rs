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
    /// `quoted` is a string to sign as the other side has it: the bare string, a service's message or its body. It goes before the recipes where it differs from ours, and is not looked at where it holds no string
    /// to sign of the claim's scheme.
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
