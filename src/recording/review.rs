//! The answers of a recording, judged.

use crate::cassettes::{Cassette, Interaction, Provenance};
use crate::checks::{Answer, AnswerSource, Asked, Finding, Observation, Run, Subject, findings, outcomes};
use crate::contract::{Call, Operation, decode};
use crate::signing::{Keyring, verify};
use crate::wire::Response;

/// What the answers of `cassette` break of the rules that judge the service, each with the id of its interaction.
pub fn review(cassette: &Cassette) -> Vec<(String, Finding)> {
    let source = match cassette.provenance {
        Provenance::Live { .. } => AnswerSource::Live,
        _ => AnswerSource::Stored,
    };
    let mut run = Run::of(Subject::Service);
    let mut found = Vec::new();
    for interaction in &cassette.interactions {
        for response in interaction.answers.iter() {
            let broken = judge(interaction, response, source, &mut run);
            found.extend(broken.into_iter().map(|finding| (interaction.id.clone(), finding)));
        }
    }
    found
}

fn judge(interaction: &Interaction, response: &Response, source: AnswerSource, run: &mut Run) -> Vec<Finding> {
    let request = interaction.asked.request();
    let call = request.map(Call::made_by);
    let Some(operation) = call.as_ref().and_then(|call| Operation::named(&call.action, &call.version)) else {
        return Vec::new();
    };
    let decoded = decode(response, operation);
    let verdict = request.map(|request| verify(request, &Keyring::test()));
    let asked = request.zip(verdict.as_ref()).zip(call.as_ref());
    let asked = asked.map(|((request, verdict), call)| Asked { request, verdict, call });
    let observation = Observation::Answered(Answer { response, decoded: &decoded, operation, asked, source });
    findings(outcomes(&observation).chain(run.step(&observation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassettes::Cassettes;

    #[test]
    fn a_broken_rule_is_found_with_the_interaction_that_breaks_it() {
        let shipped = Cassettes::shipped();
        let mut cassette = shipped.iter().find(|one| one.stem() == "polled-task").expect("it is shipped").clone();
        assert_eq!(review(&cassette), []);
        let answer = &mut cassette.interactions[0].answers.then[0];
        answer.body =
            String::from_utf8_lossy(&answer.body).replace("\"TotalCount\":5", "\"TotalCount\":1").into_bytes();

        let found = review(&cassette);

        let shown: Vec<(&str, &str)> =
            found.iter().map(|(id, finding)| (id.as_str(), finding.check.as_str())).collect();
        assert!(shown.contains(&("poll", "SCH-30")), "{shown:?}");
    }
}
