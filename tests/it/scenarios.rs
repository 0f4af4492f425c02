//! The scenarios against the runbook that explains them.

use alidns_contract::contract::{Scenario, Scenarios};

const RUNBOOK: &str = include_str!("../../docs/recording-live.md");

fn row(scenario: &Scenario) -> String {
    let code = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (records, settles) = (scenario.records.join(", "), scenario.settles.join(", "));
    format!("| `{}` | {records} | {} | {settles} |", scenario.name, code(&scenario.needs))
}

/// The rows of the table under the heading that starts with `head`.
fn table(head: &str) -> Vec<&'static str> {
    let start = RUNBOOK.find(head).expect("the runbook has the table");
    RUNBOOK[start..].lines().skip(2).take_while(|line| line.starts_with('|')).collect()
}

#[test]
fn the_runbook_lists_each_scenario_with_what_it_needs_and_settles() {
    let expected: Vec<String> = Scenarios::shipped().all.iter().map(row).collect();

    assert_eq!(table("| scenario |"), expected, "expected:\n{}", expected.join("\n"));
}

#[test]
fn the_runbook_explains_each_variable() {
    let variables = &Scenarios::shipped().variables;
    let expected: Vec<String> = variables.iter().map(|(name, meaning)| format!("| `{name}` | {meaning} |")).collect();

    assert_eq!(table("| variable |"), expected);
}

#[test]
fn the_commands_of_the_runbook_name_scenarios_and_variables_that_there_are() {
    let scenarios = Scenarios::shipped();
    let after = |flag: &'static str| RUNBOOK.split(flag).skip(1).filter_map(|rest| rest.split_whitespace().next());

    let selected: Vec<&str> = after("--select ").collect();
    let given: Vec<&str> = after("--var ").filter_map(|pair| pair.split('=').next()).collect();

    assert!(!selected.is_empty() && !given.is_empty());
    for name in selected {
        assert!(scenarios.named(name).is_some(), "{name}");
    }
    for name in given {
        assert!(scenarios.variables.contains_key(name), "{name}");
    }
}

#[test]
fn the_policy_of_the_runbook_is_json_and_allows_one_action() {
    let start = RUNBOOK.find("```json\n").expect("the runbook has a policy") + "```json\n".len();
    let text = RUNBOOK[start..].split("```").next().unwrap_or_default();

    let policy: serde_json::Value = serde_json::from_str(text).expect("the policy is JSON");

    assert_eq!(policy["Version"], "1");
    assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(1));
    assert_eq!(policy["Statement"][0]["Action"], "alidns:DescribeBatchResultCount");
}
