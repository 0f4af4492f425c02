//! What a wrong signature comes from.

use super::check::{Breach, Check, Finding};
use super::harness::noted;
use super::registry::check_of_recipe;
use crate::signing::{Cause, Diagnosis, Keyring, Unverifiable, Verdict};
use crate::wire::Request;

/// Why a signature is wrong, and that a key is not known.
pub(crate) fn found_in_verdict(request: &Request, verdict: &Verdict, keys: &Keyring) -> Vec<Finding> {
    match verdict {
        Verdict::Invalid { claim, ours } if ours.canonical.as_bytes().len() <= DIAGNOSED_BYTES => {
            causes(&Diagnosis::of(request, claim, ours, keys, None))
        }
        Verdict::Unverifiable(Unverifiable::KeyNotKnown(claim)) => {
            let breach = Breach::new("testid, or testid-SCENARIO.LANE", format_args!("{:?}", claim.key_id));
            vec![noted("WIR-03", breach)]
        }
        _ => Vec::new(),
    }
}

/// The rules that a signer broke, as far as known mistakes give the very signature that it sent; each rule once.
fn causes(diagnosis: &Diagnosis) -> Vec<Finding> {
    let Diagnosis::Recipes(causes) = diagnosis else { return Vec::new() };
    let mut by_rule: Vec<(&Check, Vec<&Cause>)> = Vec::new();
    for cause in causes {
        let Some(rule) = check_of_recipe(cause.recipe.name) else { continue };
        match by_rule.iter_mut().find(|(known, _)| known.id == rule.id) {
            Some((_, causes)) => causes.push(cause),
            None => by_rule.push((rule, vec![cause])),
        }
    }
    by_rule.into_iter().map(|(rule, causes)| rule.finding(breach(&causes))).collect()
}

fn breach(causes: &[&Cause]) -> Breach {
    let fixes: Vec<&str> = causes.iter().map(|cause| cause.recipe.fix).collect();
    let names: Vec<&str> = causes.iter().map(|cause| cause.recipe.name).collect();
    Breach::new(fixes.join("; or: "), format_args!("the signature of {}", names.join(" or ")))
}

/// A longer request is not signed anew by every recipe: it would hold up the others.
const DIAGNOSED_BYTES: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Key, RECIPES, Scheme, sign, verify};
    use crate::wire::{Headers, Parameter};

    #[test]
    fn the_rule_that_was_broken_is_named_with_the_fix() {
        let parameters = vec![Parameter::query("AccessKeyId", "testid"), Parameter::query("Lang", "a b")];
        let unsigned = Request::compose("GET", parameters, Headers::new());
        let mistake = RECIPES.iter().find(|recipe| recipe.name == "space-as-plus").expect("a known mistake");
        let request = sign(&unsigned, Scheme::HmacSha1, &Key::test(), &mistake.style);
        let verdict = verify(&request, &Keyring::test());
        let Verdict::Invalid { claim, ours } = &verdict else { panic!("{verdict:?}") };

        let found = causes(&Diagnosis::of(&request, claim, ours, &Keyring::test(), None));

        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "error SIG-07: a space is signed as %20\n  expected sign a space as %20; or: after URLEncoder, turn + into %20, \
              * into %2A and %7E into ~; or: use rawurlencode\n  got      the signature of space-as-plus or java-url-encoder or \
              php-urlencode"
            ]
        );
    }
}
