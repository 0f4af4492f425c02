//! What a request is stamped with: nonce, time, and the other system parameters.
//!
//! What is missing, malformed or out of time is the gateway's to say: here its codes become ids.

use std::fmt::Display;

use super::check::{Check, Judge, Outcome, info, must, should};
use super::observation::Asking;
use crate::gateway::System;
use crate::wire::Timestamp;

pub(super) const CHECKS: &[Check] = &[
    should("SIG-29", "a nonce is random, not short and not made of the time", Judge::Request(nonce_is_random)),
    info("SIG-30", "a nonce has a form that was seen to work", Judge::Request(nonce_has_known_form)),
    must("SIG-31", "the time is UTC and written yyyy-MM-ddTHH:mm:ssZ", Judge::Request(time_is_well_formed)),
    must("SIG-32", "the time is within fifteen minutes of the service's", Judge::Request(time_is_within_window)),
    must("SIG-33", "every system parameter stands exactly once", Judge::Request(system_parameters_stand_once)),
    must(
        "SIG-34",
        "SignatureMethod is HMAC-SHA1, SignatureVersion is 1.0, and Timestamp is spelled so",
        Judge::Request(fixed_parameters),
    ),
];

fn nonce_is_random(asking: &Asking<'_>) -> Outcome {
    let system = System::of(asking.request);
    let Some(nonce) = system.nonce() else { return Outcome::DoesNotApply };

    let said = system.timestamp().and_then(|text| Timestamp::parse(&text).ok());
    let times = [Some(asking.now), said];
    let outcome = if nonce.len() < SHORTEST_NONCE {
        Outcome::broken(format_args!("{SHORTEST_NONCE} characters or more"), format_args!("{nonce:?}"))
    } else {
        let clock = times.into_iter().flatten().any(|time| is_made_of(&nonce, time));
        Outcome::of(!clock, "at least 64 random bits", format_args!("{nonce:?}, made of the time"))
    };
    outcome.at("SignatureNonce")
}

/// Decimal, and its first ten digits are seconds since 1970 within a day of `time`: seconds, or a smaller unit, with
/// a few digits behind them at the most. Twenty random digits would be 64 bits.
fn is_made_of(nonce: &str, time: Timestamp) -> bool {
    let decimal = nonce.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = nonce.get(..10).and_then(|digits| digits.parse::<i64>().ok());
    let near = |seconds: i64| seconds.abs_diff(time.unix_seconds()) <= SECONDS_OF_A_DAY;
    decimal && nonce.len() < 10 + 20 && seconds.is_some_and(near)
}

fn nonce_has_known_form(asking: &Asking<'_>) -> Outcome {
    let Some(nonce) = System::of(asking.request).nonce() else { return Outcome::DoesNotApply };

    let hexadecimal = nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
    let decimal = !nonce.is_empty() && nonce.bytes().all(|byte| byte.is_ascii_digit());
    let groups = || nonce.split('-').map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let uuid = nonce.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && groups().all(|is_hexadecimal| is_hexadecimal);
    let known = decimal || uuid || hexadecimal && [32, 64].contains(&nonce.len());
    Outcome::of(known, "a UUID, decimal digits, or 32 or 64 hexadecimal ones", format_args!("{nonce:?}"))
        .at("SignatureNonce")
}

fn time_is_well_formed(asking: &Asking<'_>) -> Outcome {
    time_is_not_refused(asking, "InvalidTimeStamp.Format", "a time like 2026-11-24T03:45:00Z")
}

fn time_is_within_window(asking: &Asking<'_>) -> Outcome {
    let time = System::of(asking.request).timestamp().map(|text| Timestamp::parse(&text));
    let Some(Ok(_)) = time else { return Outcome::DoesNotApply };

    time_is_not_refused(asking, "InvalidTimeStamp.Expired", format_args!("a time near {}", asking.now))
}

fn time_is_not_refused(asking: &Asking<'_>, code: &str, expected: impl Display) -> Outcome {
    let system = System::of(asking.request);
    let Some(time) = system.timestamp().filter(|time| !time.is_empty()) else { return Outcome::DoesNotApply };

    let place = if system.in_headers() { "x-acs-date" } else { "Timestamp" };
    Outcome::of(!is_refused(asking, code), expected, format_args!("{time:?}")).at(place)
}

fn system_parameters_stand_once(asking: &Asking<'_>) -> Outcome {
    let repeated = PARAMETERS.iter().find(|name| asking.request.values(name).count() > 1);
    match (missing(asking), repeated) {
        (Some(name), _) => Outcome::broken("one", "none").at(name),
        (None, Some(name)) => Outcome::broken("one", asking.request.values(name).count()).at(name),
        (None, None) => Outcome::Holds,
    }
}

/// Without a Version the service does not say that it is missing, but that it is not valid.
fn missing<'a>(asking: &Asking<'a>) -> Option<&'a str> {
    let is_without_version = System::of(asking.request).version().is_none_or(|version| version.is_empty());
    asking.refusals.iter().find_map(|refusal| match refusal.code.as_str() {
        "InvalidVersion" if is_without_version => Some("Version"),
        code => code.strip_prefix("Missing").filter(|name| PARAMETERS.contains(name)),
    })
}

fn fixed_parameters(asking: &Asking<'_>) -> Outcome {
    if System::of(asking.request).in_headers() {
        return Outcome::DoesNotApply;
    }
    let value = |name| asking.request.text(name).unwrap_or_default();
    if is_refused(asking, "InvalidSignatureMethod") {
        Outcome::broken("HMAC-SHA1", value("SignatureMethod")).at("SignatureMethod")
    } else if is_refused(asking, "InvalidSignatureVersion") {
        Outcome::broken("1.0", value("SignatureVersion")).at("SignatureVersion")
    } else {
        Outcome::of(asking.request.value("TimeStamp").is_none(), "Timestamp", "TimeStamp")
    }
}

fn is_refused(asking: &Asking<'_>, code: &str) -> bool {
    asking.refusals.iter().any(|refusal| refusal.code == code)
}

const PARAMETERS: &[&str] = &[
    "Action",
    "Version",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
];
const SECONDS_OF_A_DAY: u64 = 86_400;
const SHORTEST_NONCE: usize = 11;

#[cfg(test)]
pub(super) fn examples() -> Vec<super::example::Example> {
    use super::example::{Example, Scene, request, without};

    let asked = |name: &str, value: &str| Scene::asked(request(&[(name, value)]));
    let nonce = |value: &str| asked("SignatureNonce", value);
    let time = |value: &str| asked("Timestamp", value);
    vec![
        Example::new("SIG-29", nonce("5def276445f565a51014b6f36ba17404"), nonce("1795478400123456789")),
        Example::new("SIG-30", nonce("1702352063288845221"), nonce("0a20241b9f5dbs706e7f933551c2140b")),
        Example::new("SIG-31", time("2026-11-24T00:00:00Z"), time("2026-11-24T00:00:00.000Z")),
        Example::new("SIG-32", time("2026-11-23T23:45:00Z"), time("2026-11-24T08:00:00Z")),
        Example::new("SIG-33", Scene::asked(request(&[])), Scene::asked(without(request(&[]), "SignatureNonce"))),
        Example::new("SIG-34", asked("SignatureMethod", "HMAC-SHA1"), asked("SignatureMethod", "HMAC-SHA256")),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::example::{Scene, acs3, acs3_claiming, as_sent, request, without};
    use super::super::registry::check;
    use super::*;
    use crate::wire::Request;

    fn outcome(id: &str, request: Request) -> Outcome {
        Scene::asked(request).judge(check(id).expect("a rule"))
    }

    fn is_broken(id: &str, name: &str, value: &str) -> bool {
        matches!(outcome(id, request(&[(name, value)])), Outcome::Broken(_))
    }

    #[test]
    fn a_nonce_of_the_clock_is_known_in_every_unit_and_with_some_digits_behind() {
        for nonce in [
            "",
            "123456",
            "5def276445",
            "1795478400",
            "17954784001",
            "1795478400123",
            "179547840023742435477",
            "1795392000999",
        ] {
            assert!(is_broken("SIG-29", "SignatureNonce", nonce), "{nonce}");
        }
    }

    #[test]
    fn a_nonce_of_random_digits_is_not_taken_for_the_clock() {
        for nonce in
            ["5def2764455", "8140029684790513", "1795391999999", "179547840012345678901234567890", "1795478400abc"]
        {
            assert!(!is_broken("SIG-29", "SignatureNonce", nonce), "{nonce}");
        }
    }

    #[test]
    fn a_nonce_of_the_clock_of_a_request_that_says_another_time_is_known_by_that_time() {
        let request = request(&[("SignatureNonce", "1600000000123"), ("Timestamp", "2020-09-13T12:26:40Z")]);

        assert!(matches!(outcome("SIG-29", request), Outcome::Broken(_)));
    }

    #[test]
    fn nonces_of_official_clients_have_known_forms() {
        let sixty_four = "8d7cef6b40031da791b1e3d04318c5a3ba00c5d76c0118602dd7126002fcc785";
        for nonce in [sixty_four, "f59ed6a9-83fc-473b-9cc6-99c95df3856e", "9940e80aea42ddacac24b74949c88b50", "1"] {
            assert!(!is_broken("SIG-30", "SignatureNonce", nonce), "{nonce}");
        }
        for nonce in ["", "abcdef", "f59ed6a9-83fc-473b-9cc6-99c95df3856g", "f59ed6a9-83fc-473b-9cc699c9-5df3856e"] {
            assert!(is_broken("SIG-30", "SignatureNonce", nonce), "{nonce}");
        }
    }

    #[test]
    fn a_time_out_of_form_is_not_called_out_of_time_and_a_missing_one_is_neither() {
        let fraction = || request(&[("Timestamp", "2020-01-01T00:00:00.5Z")]);

        assert_eq!(outcome("SIG-32", fraction()), Outcome::DoesNotApply);
        let broken = Outcome::broken("a time like 2026-11-24T03:45:00Z", "\"2020-01-01T00:00:00.5Z\"");
        assert_eq!(outcome("SIG-31", fraction()), broken.at("Timestamp"));
        for id in ["SIG-31", "SIG-32"] {
            assert_eq!(outcome(id, without(request(&[]), "Timestamp")), Outcome::DoesNotApply, "{id}");
            assert_eq!(outcome(id, request(&[("Timestamp", "")])), Outcome::DoesNotApply, "{id}");
        }
    }

    #[test]
    fn acs3_has_its_time_in_a_header() {
        let broken = Outcome::broken("a time near 2026-11-24T00:00:00Z", "\"2020-01-01T00:00:00Z\"");

        let late = acs3(|headers| headers.set("x-acs-date", "2020-01-01T00:00:00Z"));

        assert_eq!(outcome("SIG-32", late), broken.at("x-acs-date"));
    }

    #[test]
    fn each_system_parameter_that_is_missing_is_named() {
        for name in PARAMETERS {
            let expected = Outcome::broken("one", "none").at(name);

            assert_eq!(outcome("SIG-33", without(request(&[]), name)), expected, "{name}");
        }
        assert_eq!(
            outcome("SIG-33", acs3(|headers| headers.remove("x-acs-action"))),
            Outcome::broken("one", "none").at("Action")
        );
    }

    #[test]
    fn a_system_parameter_that_stands_twice_is_named() {
        let target = String::from_utf8(request(&[]).raw().target.clone()).expect("a composed target is ASCII");

        let twice = as_sent(&request(&[]), &format!("{target}&Timestamp=2026-11-24T00%3A00%3A00Z"));

        assert_eq!(outcome("SIG-33", twice), Outcome::broken("one", "2").at("Timestamp"));
    }

    #[test]
    fn a_part_of_the_authorization_is_no_system_parameter() {
        let list =
            ",SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

        assert_eq!(outcome("SIG-33", acs3_claiming(list, "")), Outcome::Holds);
    }

    #[test]
    fn a_version_that_is_not_known_is_not_called_missing() {
        assert_eq!(outcome("SIG-33", request(&[("Version", "2014-01-01")])), Outcome::Holds);
    }

    #[test]
    fn fixed_values_and_the_old_spelling_of_the_time_are_told_apart_and_acs3_has_neither() {
        let spelled = Outcome::broken("Timestamp", "TimeStamp");

        assert_eq!(outcome("SIG-34", request(&[("TimeStamp", "2026-11-24T00:00:00Z")])), spelled);
        assert!(is_broken("SIG-34", "SignatureVersion", "2.0"));
        assert_eq!(outcome("SIG-34", acs3(|_| {})), Outcome::DoesNotApply);
    }
}
