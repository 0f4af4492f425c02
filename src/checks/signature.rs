//! Whether a request is signed rightly, and written down as its scheme wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::check::{Check, Judge, Outcome, must, should};
use super::observation::Asking;
use crate::signing::{Claim, MalformedClaim, Scheme, Verdict, payload_hash};

pub(super) const CHECKS: &[Check] = &[
    must(
        "SIG-01",
        "recomputing the signature from what was received gives the one that was sent",
        Judge::Request(signature_recomputes),
    ),
    must(
        "SIG-03",
        "parameters are sorted by name, upper case before lower case",
        Judge::Recipes(&["unsorted", "sort-ignores-case", "sort-by-pair", "sort-by-encoded-name", "sort-by-number"]),
    ),
    must("SIG-04", "names outside ASCII are sorted by code point", Judge::Recipes(&["sort-by-utf-16"])),
    must(
        "SIG-06",
        "every parameter that is sent is signed under its name, but for Signature",
        Judge::Recipes(&[
            "common-parameters-alone-signed",
            "empty-signature-signed",
            "form-unsigned",
            "query-unsigned",
            "time-stamp-spelling",
        ]),
    ),
    must(
        "SIG-07",
        "a space is signed as %20",
        Judge::Recipes(&["space-as-plus", "java-url-encoder", "php-urlencode", "second-pass-turns-plus-to-space"]),
    ),
    must(
        "SIG-08",
        "letters, digits and -_.~ are left as they are, and ~ and * are not mixed up",
        Judge::Recipes(&[
            "asterisk-unencoded",
            "asterisk-unencoded-in-first-pass",
            "java-url-encoder-plus-repaired",
            "second-pass-encodes-tilde",
            "tilde-encoded",
        ]),
    ),
    must(
        "SIG-09",
        "every other ASCII character is encoded in values",
        Judge::Recipes(&[
            "ampersand-unencoded",
            "at-sign-unencoded",
            "colon-unencoded",
            "colon-unencoded-in-first-pass",
            "comma-unencoded",
            "encode-uri",
            "encode-uri-component",
            "equals-unencoded",
            "exclamation-unencoded",
            "percent-unencoded",
            "plus-unencoded",
            "slash-unencoded",
            "slash-unencoded-in-first-pass",
        ]),
    ),
    must("SIG-10", "names are encoded like values", Judge::Recipes(&["names-unencoded", "unencoded-before-joining"])),
    must("SIG-11", "hexadecimal digits of an encoding are in upper case", Judge::Recipes(&["lower-case-hex"])),
    must(
        "SIG-12",
        "what is not ASCII is encoded as its UTF-8 bytes",
        Judge::Recipes(&["escape", "latin-1", "non-ascii-unencoded", "utf-8-read-as-latin-1"]),
    ),
    must(
        "SIG-13",
        "a character of four bytes is encoded as one, not as two surrogates",
        Judge::Recipes(&["surrogates-encoded"]),
    ),
    must(
        "SIG-14",
        "a value is signed as it is sent: not trimmed, cut, or turned to another case",
        Judge::Recipes(&[
            "cut-at-nul",
            "format-in-upper-case",
            "line-breaks-dropped",
            "values-in-lower-case",
            "values-trimmed",
        ]),
    ),
    must(
        "SIG-17",
        "the joined pairs are encoded a second time, as a whole",
        Judge::Recipes(&[
            "second-pass-misses-ampersand",
            "second-pass-misses-percent",
            "second-pass-of-colons-alone",
            "second-pass-missing",
            "values-encoded-twice",
        ]),
    ),
    must(
        "SIG-18",
        "the string to sign begins with the method and the encoded path",
        Judge::Recipes(&["method-missing", "method-undefined", "path-missing", "path-of-the-other-scheme"]),
    ),
    must(
        "SIG-19",
        "the method that is sent is the one that is signed",
        Judge::Recipes(&["method-get", "method-in-lower-case", "method-post"]),
    ),
    must(
        "SIG-20",
        "the HMAC is taken with SHA-1 under the secret and &, of the string to sign and nothing else",
        Judge::Recipes(&[
            "hash-of-the-other-scheme",
            "key-and-text-swapped",
            "key-of-the-other-scheme",
            "line-feed-signed",
        ]),
    ),
    must(
        "SIG-21",
        "an HMAC-SHA1 signature is base64 of twenty bytes",
        Judge::Request(signature_is_base64_of_twenty_bytes),
    ),
    must(
        "SIG-22",
        "Signature is percent-encoded once, so that its +, / and = arrive",
        Judge::Request(signature_survives_decoding),
    ),
    must("SIG-24", "an empty value is signed as Name=", Judge::Recipes(&["empty-values-dropped"])),
    must(
        "SIG-25",
        "whole numbers are signed digit by digit, zero and negative ones too",
        Judge::Recipes(&["negative-dropped", "number-as-32-bits", "number-as-float", "zero-dropped"]),
    ),
    must(
        "SIG-26",
        "parameters of no meaning to the action are signed too",
        Judge::Recipes(&["extra-parameters-unsigned"]),
    ),
    must(
        "SIG-40",
        "the secret is used as it is: not trimmed, extended, encoded or exchanged",
        Judge::Recipes(&[
            "key-id-as-secret",
            "secret-encoded",
            "secret-in-lower-case",
            "secret-in-quotes",
            "secret-missing",
            "secret-trimmed",
            "secret-with-newline",
            "secret-with-space",
        ]),
    ),
    must(
        "SIG-41",
        "the token of a temporary key is signed as it was issued",
        Judge::Recipes(&["token-encoded-twice", "token-unsigned"]),
    ),
    must(
        "SIG-43",
        "the Authorization header has Credential, SignedHeaders and a Signature of 64 digits 0-9 and a-f",
        Judge::Request(authorization_is_well_formed),
    ),
    must(
        "SIG-44",
        "SignedHeaders is in lower case and sorted, and lists host and every x-acs-* header",
        Judge::Request(signed_headers_are_listed),
    ),
    must("SIG-45", "x-acs-content-sha256 is the digest of the body", Judge::Request(payload_hash_is_of_the_body)),
    must(
        "SIG-47",
        "header names are signed in lower case and their values trimmed, otherwise as they are sent",
        Judge::Recipes(&["header-names-as-sent", "header-values-untrimmed", "host-without-port"]),
    ),
    must(
        "SIG-49",
        "the canonical request has method, path, query, headers, their list and the hash of the body, and is hashed",
        Judge::Recipes(&[
            "blank-line-left-out",
            "canonical-request-unhashed",
            "empty-query-left-out",
            "form-signed-as-query",
            "hash-in-upper-case",
            "list-left-out",
            "payload-left-out",
            "payload-of-nothing",
        ]),
    ),
    should("SIG-50", "a request is signed in one scheme only", Judge::Request(one_scheme)),
];

fn signature_recomputes(asking: &Asking<'_>) -> Outcome {
    match asking.verdict {
        Verdict::Invalid { claim, ours } if ours.signature.as_bytes() == claim.signature.as_bytes() => {
            Outcome::broken("a signature of the body that was sent", "one of another body").at("x-acs-content-sha256")
        }
        Verdict::Invalid { claim, ours } => {
            Outcome::broken(&ours.signature, format_args!("{:?}", claim.signature)).at("Signature")
        }
        Verdict::Valid(_) => Outcome::Holds,
        Verdict::Malformed(_) | Verdict::Unsigned | Verdict::Unverifiable(_) => Outcome::DoesNotApply,
    }
}

fn signature_is_base64_of_twenty_bytes(asking: &Asking<'_>) -> Outcome {
    let Some(Claim { scheme: Scheme::HmacSha1, signature, .. }) = asking.verdict.claim() else {
        return Outcome::DoesNotApply;
    };

    let fits = STANDARD.decode(signature).is_ok_and(|bytes| bytes.len() == 20);
    Outcome::of(fits, "28 characters of base64, the last one =", format_args!("{signature:?}")).at("Signature")
}

/// A raw `/` or `=` arrives as well, and works.
fn signature_survives_decoding(asking: &Asking<'_>) -> Outcome {
    let Some(Claim { scheme: Scheme::HmacSha1, signature, .. }) = asking.verdict.claim() else {
        return Outcome::DoesNotApply;
    };

    let broken = if signature.contains(' ') {
        Some("a space, which a raw + arrives as")
    } else if signature.contains('%') {
        Some("a percent sign, encoded twice")
    } else {
        None
    };
    Outcome::of(broken.is_none(), "base64 once decoded", broken.unwrap_or_default()).at("Signature")
}

fn authorization_is_well_formed(asking: &Asking<'_>) -> Outcome {
    let outcome = match (asking.verdict, asking.verdict.claim()) {
        (Verdict::Malformed(MalformedClaim::BothSchemes | MalformedClaim::Repeated("Signature")), _) => {
            return Outcome::DoesNotApply;
        }
        (Verdict::Malformed(error), _) => Outcome::broken("the form of ACS3", error),
        (_, Some(Claim { scheme: Scheme::Acs3(_), signature, .. })) => {
            let fits = signature.len() == 64 && signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            Outcome::of(fits, "64 digits of 0-9 and a-f", format_args!("{signature:?}"))
        }
        _ => return Outcome::DoesNotApply,
    };
    outcome.at("Authorization")
}

fn signed_headers_are_listed(asking: &Asking<'_>) -> Outcome {
    let Some(Claim { scheme: Scheme::Acs3(_), signed_headers, .. }) = asking.verdict.claim() else {
        return Outcome::DoesNotApply;
    };

    let list = signed_headers.join(";");
    let sent = asking.request.headers().iter().map(|(name, _)| name.to_ascii_lowercase());
    let to_list = sent.filter(|name| name.starts_with("x-acs-")).chain(["host".to_owned()]);
    let missing = to_list.filter(|name| !signed_headers.contains(name)).collect::<Vec<_>>();
    let outcome = if list.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Outcome::broken("names in lower case", &list)
    } else if !signed_headers.is_sorted() {
        Outcome::broken("names in alphabetical order", &list)
    } else {
        Outcome::of(missing.is_empty(), format_args!("{} in the list", missing.join(", ")), &list)
    };
    outcome.at("SignedHeaders")
}

fn payload_hash_is_of_the_body(asking: &Asking<'_>) -> Outcome {
    let Some(claim) = asking.verdict.claim().filter(|_| asking.request.headers().get("x-acs-content-sha256").is_some())
    else {
        return Outcome::DoesNotApply;
    };
    match payload_hash(asking.request, claim) {
        Some((claimed, actual)) => Outcome::broken(actual, claimed).at("x-acs-content-sha256"),
        None if claim.scheme == Scheme::HmacSha1 => Outcome::DoesNotApply,
        None => Outcome::Holds,
    }
}

fn one_scheme(asking: &Asking<'_>) -> Outcome {
    match asking.verdict {
        Verdict::Malformed(MalformedClaim::BothSchemes) => {
            Outcome::broken("one signature", "a Signature parameter and an ACS3 Authorization header")
        }
        Verdict::Unsigned => Outcome::DoesNotApply,
        _ => Outcome::Holds,
    }
}

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, acs3, acs3_claiming, request, with_value};
    use crate::wire::Parameter;
    use crate::wire::Request;

    let signed = |signature: &str| Scene::asked(with_value(request(&[]), "Signature", signature));
    let both_schemes = {
        let request = acs3(|_| {});
        Request::compose("POST", vec![Parameter::query("Signature", "AAAA")], request.headers().clone())
    };
    let good = || Scene::asked(request(&[]));
    let good_acs3 = || Scene::asked(acs3(|_| {}));
    vec![
        Example::new("SIG-01", good(), signed("mZsMVfQKuVHVyB8uZVkcrYlk9zI=")),
        Example::new("SIG-21", signed("mZsMVfQKuVHVyB8uZVkcrYlk9zI="), signed("mZsMVfQKuVHVyB8uZVkcrYlk9zI")),
        Example::new("SIG-22", signed("a/b+c="), signed("a/b c=")),
        Example::new("SIG-43", good_acs3(), Scene::asked(acs3_claiming(",Signature=", ",Signature=A"))),
        Example::new("SIG-44", good_acs3(), Scene::asked(acs3_claiming("SignedHeaders=host;", "SignedHeaders="))),
        Example::new(
            "SIG-45",
            good_acs3(),
            Scene::asked(acs3(|headers| headers.set("x-acs-content-sha256", "UNSIGNED-PAYLOAD"))),
        ),
        Example::new("SIG-50", good_acs3(), Scene::asked(both_schemes)),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::example::{Scene, acs3, acs3_claiming, request, with_value, without};
    use super::super::registry::check;
    use super::*;
    use crate::signing::{Digest, Key, RECIPES, Style, sign};
    use crate::wire::{Headers, Parameter, Request};

    fn outcome(id: &str, request: Request) -> Outcome {
        Scene::asked(request).judge(check(id).expect("a rule"))
    }

    /// Recipes of how a signature is written, which SIG-21, SIG-22 and SIG-43 judge by what arrives.
    const WRITING: &[&str] = &[
        "base64-of-hex",
        "base64-unpadded",
        "base64-url-safe",
        "printed-as-the-other-scheme",
        "signature-encoded-twice",
        "signature-in-upper-case",
        "signature-unencoded",
        "signature-with-newline",
    ];

    #[test]
    fn every_recipe_is_a_cause_in_one_row_and_no_row_names_another() {
        let mut named: Vec<&str> = WRITING.to_vec();
        for check in CHECKS {
            if let Judge::Recipes(recipes) = check.judge {
                named.extend(recipes);
            }
        }
        let distinct: BTreeSet<&str> = named.iter().copied().collect();

        let known: BTreeSet<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();

        assert_eq!(distinct, known);
        assert_eq!(named.len(), distinct.len());
    }

    #[test]
    fn recipes_of_writing_are_met_by_the_rules_about_writing() {
        for (signature, id) in [
            ("994b305503ca955d4", "SIG-21"),
            ("mZsMVfQKuVHVyB8uZVkcrYlk", "SIG-21"),
            ("mZsMVfQKuVHVyB8uZVkcrYlk9_I=", "SIG-21"),
            ("mZsMVfQKuVHVyB8uZVkcrYlk9zI=\n", "SIG-21"),
            ("mZsMVfQKuVHVyB8uZVkcrYlk9zI%3D", "SIG-22"),
        ] {
            let outcome = outcome(id, with_value(request(&[]), "Signature", signature));

            assert!(matches!(outcome, Outcome::Broken(_)), "{signature}");
        }
        let upper = acs3(|headers| {
            let text = headers.text("Authorization").expect("the request is signed").to_owned();
            let (before, signature) = text.rsplit_once('=').expect("a signature stands last");
            headers.set("Authorization", format!("{before}={}", signature.to_ascii_uppercase()));
        });
        let short = acs3(|headers| {
            let text = headers.text("Authorization").expect("the request is signed").to_owned();
            headers.set("Authorization", &text[..text.len() - 1]);
        });
        assert!(matches!(outcome("SIG-43", upper), Outcome::Broken(_)));
        assert!(matches!(outcome("SIG-43", short), Outcome::Broken(_)));
    }

    #[test]
    fn what_cannot_be_verified_is_not_called_wrong() {
        let unknown = with_value(request(&[]), "AccessKeyId", "other");

        for request in [unknown, without(request(&[]), "Signature"), acs3_claiming("SignedHeaders=", "Headers=")] {
            assert_eq!(outcome("SIG-01", request), Outcome::DoesNotApply);
        }
        assert_eq!(outcome("SIG-50", without(request(&[]), "Signature")), Outcome::DoesNotApply);
    }

    #[test]
    fn a_wrong_signature_shows_both() {
        let request = with_value(request(&[]), "Signature", "AAAA");

        let Outcome::Broken(breach) = outcome("SIG-01", request) else { panic!("the signature is wrong") };

        assert_eq!((breach.expected.len(), breach.got.as_str()), (28, "\"AAAA\""));
        assert_eq!(breach.place.as_deref(), Some("Signature"));
    }

    #[test]
    fn a_hash_of_another_body_beside_a_signature_that_recomputes_is_said_to_be_wrong() {
        let list = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let short_list = acs3_claiming(list, "host");
        let signed = sign(&short_list, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
        let mut headers = signed.headers().clone();
        headers.set("x-acs-content-sha256", "00");
        let request = signed.with_headers(headers);

        let expected = Outcome::broken("a signature of the body that was sent", "one of another body");
        assert_eq!(outcome("SIG-01", request.clone()), expected.at("x-acs-content-sha256"));
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(outcome("SIG-45", request), Outcome::broken(of_nothing, "00").at("x-acs-content-sha256"));
    }

    #[test]
    fn a_claim_that_cannot_be_read_breaks_the_rule_of_its_kind_alone() {
        let part = || acs3_claiming("SignedHeaders=", "Headers=");
        let both = || {
            let headers = acs3(|_| {}).headers().clone();
            Request::compose("POST", vec![Parameter::query("Signature", "AAAA")], headers)
        };

        let repeated = {
            let parameters = ["AAAA", "BBBB"].map(|value| Parameter::query("Signature", value));
            Request::compose("GET", parameters.to_vec(), Headers::new())
        };

        assert!(matches!(outcome("SIG-43", part()), Outcome::Broken(_)));
        assert_eq!(outcome("SIG-50", part()), Outcome::Holds);
        assert_eq!(outcome("SIG-43", both()), Outcome::DoesNotApply);
        assert_eq!(outcome("SIG-43", repeated), Outcome::DoesNotApply);
    }

    #[test]
    fn signed_headers_out_of_order_in_upper_case_or_short_of_one_are_told_apart() {
        let list = |new: &str| outcome("SIG-44", acs3_claiming("SignedHeaders=host;x-acs-action", new));
        let expected = |outcome| match outcome {
            Outcome::Broken(breach) => breach.expected,
            other => format!("{other:?}"),
        };

        assert_eq!(expected(list("SignedHeaders=x-acs-action;host")), "names in alphabetical order");
        assert_eq!(expected(list("SignedHeaders=Host;x-acs-action")), "names in lower case");
        assert_eq!(expected(list("SignedHeaders=host")), "x-acs-action in the list");
        assert_eq!(expected(list("SignedHeaders=accept;host;x-acs-action")), "Holds");
    }

    #[test]
    fn rules_about_one_scheme_say_nothing_of_the_other() {
        let beside = [("x-acs-content-sha256", "00")].into_iter().collect();
        let hmac_sha1 = request(&[]).with_headers(beside);

        for id in ["SIG-43", "SIG-44", "SIG-45"] {
            assert_eq!(outcome(id, hmac_sha1.clone()), Outcome::DoesNotApply, "{id}");
        }
        for id in ["SIG-21", "SIG-22"] {
            assert_eq!(outcome(id, acs3(|_| {})), Outcome::DoesNotApply, "{id}");
        }
    }
}
