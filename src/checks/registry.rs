//! Every rule there is, and judging by all of them.

use super::check::{Check, Finding, Fold, Judge, Outcome, Subject};
use super::observation::Observation;
use super::{answer, dialogue, harness, reading, refusal, request, secrecy, signature, stamp, unjudged};

/// The rules, group by group.
///
/// A new rule is a row, a function and two examples in the file of its group, and its evidence in
/// `contracts/evidence.toml`. An id may stand a second time, for a rule that is judged in two ways.
pub const CHECKS: &[&[Check]] = &[
    signature::CHECKS,
    stamp::CHECKS,
    secrecy::CHECKS,
    request::CHECKS,
    answer::CHECKS,
    refusal::CHECKS,
    reading::CHECKS,
    dialogue::CHECKS,
    harness::CHECKS,
    unjudged::CHECKS,
];

/// Every rule, in the order of [`CHECKS`].
pub fn checks() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().copied().flatten()
}

/// The rule of that id, in its first way.
pub fn check(id: &str) -> Option<&'static Check> {
    checks().find(|check| check.id.as_str() == id)
}

/// The rule that a recipe's mistake breaks, as a cause of SIG-01.
pub fn check_of_recipe(name: &str) -> Option<&'static Check> {
    checks().find(|check| matches!(check.judge, Judge::Recipes(names) if names.contains(&name)))
}

/// What every rule about a single observation says of one. Those that do not apply are left out.
pub fn outcomes(observation: &Observation<'_>) -> impl Iterator<Item = (&'static Check, Outcome)> {
    let outcomes = checks().map(|check| (check, check.outcome(observation)));
    outcomes.filter(|(_, outcome)| *outcome != Outcome::DoesNotApply)
}

/// The findings among outcomes.
pub fn findings(outcomes: impl IntoIterator<Item = (&'static Check, Outcome)>) -> Vec<Finding> {
    let broken = outcomes.into_iter().filter_map(|(check, outcome)| match outcome {
        Outcome::Broken(breach) => Some(check.finding(breach)),
        Outcome::DoesNotApply | Outcome::Holds => None,
    });
    broken.collect()
}

/// The rules over several exchanges that judge one subject, under way.
///
/// For a client, start one with each client; for the service, one with each cassette, as what two cassettes say
/// need not belong together.
pub struct Run(Vec<(&'static Check, Box<dyn Fold>)>);

impl Run {
    /// Starts every rule over several exchanges that judges `subject`.
    pub fn of(subject: Subject) -> Self {
        let folds = checks().filter_map(|check| match check.judge {
            Judge::Run(whom, start) if whom == subject => Some((check, start())),
            _ => None,
        });
        Self(folds.collect())
    }

    /// Takes in what happened next. Rules that do not apply to it are left out.
    pub fn step(&mut self, observation: &Observation<'_>) -> Vec<(&'static Check, Outcome)> {
        let outcomes = self.0.iter_mut().map(|(check, fold)| (*check, fold.step(observation)));
        outcomes.filter(|(_, outcome)| *outcome != Outcome::DoesNotApply).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::example::Example;
    use super::*;
    use crate::contract::Evidence;

    /// Every id, in the way that it is judged.
    const WAYS: &[(&str, &str)] = &[
        (
            "request",
            "SIG-01 SIG-21 SIG-22 SIG-29 SIG-30 SIG-31 SIG-32 SIG-33 SIG-34 SIG-36 SIG-37 SIG-38 SIG-43 SIG-44 SIG-45 \
             SIG-50 SCH-01 SCH-02 SCH-04 SCH-05 SCH-07 SCH-08 SCH-09 SCH-10",
        ),
        (
            "cause of SIG-01",
            "SIG-03 SIG-04 SIG-06 SIG-07 SIG-08 SIG-09 SIG-10 SIG-11 SIG-12 SIG-13 SIG-14 SIG-17 SIG-18 SIG-19 SIG-20 \
             SIG-24 SIG-25 SIG-26 SIG-40 SIG-41 SIG-47 SIG-49",
        ),
        ("property test", "SIG-02 SIG-05 SIG-15 SIG-16 SIG-23 SIG-35 SIG-42 SIG-46 SIG-48 SIG-52"),
        ("several exchanges", "SIG-27 SIG-28 SIG-51 SCH-22 SCH-44 SCH-45 SCH-48 SCH-70"),
        (
            "answer",
            "SCH-20 SCH-21 SCH-23 SCH-29 SCH-30 SCH-31 SCH-33 SCH-34 SCH-35 SCH-37 SCH-38 SCH-41 SCH-46 SCH-47 SCH-60 \
             SCH-61 SCH-67 SCH-68",
        ),
        ("reading", "SCH-24 SCH-25 SCH-26 SCH-27 SCH-28 SCH-36 SCH-41 SCH-42 SCH-43 SCH-62 SCH-63 SCH-64 SCH-71"),
        ("not judged", "SCH-03 SCH-06 SCH-32 SCH-39 SCH-40 SCH-49 SCH-65 SCH-66 SIG-39 SCH-69"),
        ("noted", "REP-01 REP-02 REP-03 WIR-01 WIR-02 WIR-03"),
    ];

    fn examples() -> Vec<Example> {
        let groups = [
            signature::examples(),
            stamp::examples(),
            secrecy::examples(),
            request::examples(),
            answer::examples(),
            refusal::examples(),
            reading::examples(),
            dialogue::examples(),
        ];
        groups.into_iter().flatten().collect()
    }

    #[test]
    fn the_rules_are_these_and_are_judged_so() {
        let mut expected: Vec<(&str, &str)> =
            WAYS.iter().flat_map(|(way, ids)| ids.split_whitespace().map(|id| (id, *way))).collect();
        expected.sort_unstable();

        let mut found: Vec<(&str, &str)> = checks().map(|check| (check.id.as_str(), check.judge.way())).collect();
        found.sort_unstable();

        assert_eq!(found, expected);
    }

    #[test]
    fn every_rule_has_evidence_and_no_evidence_is_left_over() {
        let registered: BTreeSet<&str> = checks().map(|check| check.id.as_str()).collect();

        let evident: BTreeSet<&str> = Evidence::ids().collect();

        assert_eq!(registered, evident);
    }

    #[test]
    fn ids_and_claims_are_well_formed() {
        for check in checks() {
            let (group, number) = check.id.as_str().split_once('-').expect("an id has a hyphen");
            let id_is_well_formed = ["REP", "SCH", "SIG", "WIR"].contains(&group)
                && number.len() == 2
                && number.bytes().all(|byte| byte.is_ascii_digit());

            assert!(id_is_well_formed, "{}", check.id);
            assert!(!check.claim.is_empty() && !check.claim.ends_with('.'), "{}: {}", check.id, check.claim);
        }
    }

    #[test]
    fn every_judged_rule_has_an_example_and_no_other_rule_has() {
        let judged = checks().filter(|check| {
            matches!(check.judge, Judge::Answer(_) | Judge::Reading(_) | Judge::Request(_) | Judge::Run(..))
        });
        let judged: BTreeSet<_> = judged.map(|check| (check.id.as_str(), check.judge.way())).collect();

        let with_example: BTreeSet<_> = examples().iter().map(|example| (example.id, example.holds.way())).collect();

        assert_eq!(with_example, judged);
    }

    #[test]
    fn every_example_holds_and_breaks_as_it_says() {
        for Example { id, holds, breaks } in examples() {
            let mut rules = checks().filter(|check| check.id.as_str() == id && check.judge.way() == holds.way());
            let rule = rules.next().expect("an example names a rule");

            assert_eq!(holds.judge(rule), Outcome::Holds, "{id}");
            assert!(matches!(breaks.judge(rule), Outcome::Broken(_)), "{id}: {:?}", breaks.judge(rule));
        }
    }

    #[test]
    fn a_rule_is_found_by_its_id_alone() {
        assert_eq!(check("SCH-23").map(|check| check.judge.way()), Some("answer"));
        assert!(check("sch-23").is_none());
    }
}
