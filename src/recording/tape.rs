//! What was asked and answered while a recording runs.

use std::collections::BTreeMap;

use crate::cassettes::{Answers, Asked, Interaction, MatchKey, same_but_volatile, semantic_parts};
use crate::contract::{Name, Step};
use crate::gateway;
use crate::signing::{Digest, hex_digest};
use crate::wire::{Request, Response};

/// What was asked and answered, question by question, each with its answers lane by lane.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    questions: Vec<Question>,
    bytes: usize,
}

/// One exchange, as it goes onto a tape: signed with the public test key, and without anybody's credentials.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The request.
    pub request: Request,
    /// Whose it was: answers of two lanes are never mixed.
    pub lane: Option<String>,
    /// The answer.
    pub answer: Response,
    /// What a reader of the interaction should know.
    pub note: Option<String>,
}

impl Tape {
    /// Adds an exchange: the same question again is the next answer of a poll.
    ///
    /// False where it is too much for one cassette; then nothing is added.
    pub fn add(&mut self, taken: Taken) -> bool {
        let bytes = taken.answer.body.len() + taken.request.raw().target.len() + taken.request.raw().body.len();
        if self.bytes + bytes > TAPE_BYTES {
            return false;
        }
        self.bytes += bytes;
        let key = MatchKey::of(&taken.request);
        match self.questions.iter_mut().find(|question| question.key == key) {
            Some(question) => question.add(taken),
            None => self.questions.push(Question::first(key, taken)),
        }
        true
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// The interactions of a scenario's steps, which were taken in their order; none where another number of questions
    /// was asked than there are steps.
    pub fn interactions_of(self, steps: &[Step]) -> Option<Vec<Interaction>> {
        if self.questions.len() != steps.len() {
            return None;
        }
        let kept = |step: &Step| if step.poll.is_some() { Kept::All } else { Kept::Different };
        let named = self.questions.into_iter().zip(steps);
        Some(named.map(|(question, step)| question.interaction(step.id.to_string(), kept(step))).collect())
    }

    /// The interactions under ids made of what they ask, in the order of the ids: clients side by side ask in any order.
    pub fn interactions(self) -> Vec<Interaction> {
        let ids = ids(self.questions.iter().map(|question| &question.request));
        let named = self.questions.into_iter().zip(ids);
        let mut interactions: Vec<Interaction> =
            named.map(|(question, id)| question.interaction(id, Kept::Different)).collect();
        interactions.sort_by(|one, other| one.id.cmp(&other.id));
        interactions
    }
}

/// One question, and what each lane was answered.
#[derive(Clone, Debug)]
struct Question {
    key: MatchKey,
    request: Request,
    lanes: BTreeMap<Option<String>, Vec<Response>>,
    note: Option<String>,
}

impl Question {
    fn first(key: MatchKey, taken: Taken) -> Self {
        let lanes = BTreeMap::from([(taken.lane, vec![taken.answer])]);
        Self { key, request: taken.request, lanes, note: taken.note }
    }

    fn add(&mut self, taken: Taken) {
        self.lanes.entry(taken.lane).or_default().push(taken.answer);
        self.note = self.note.take().or(taken.note);
    }

    fn interaction(self, id: String, kept: Kept) -> Interaction {
        let mut answers = longest(self.lanes).into_iter();
        let first = answers.next().expect("a question is there since its first answer");
        let then: Vec<Response> = answers.collect();
        let asked = Asked::of(self.request.raw().clone()).expect("a tape's request is signed with the public test key");
        let answers = match kept {
            Kept::Different if then.iter().all(|answer| same_but_volatile(&first, answer)) => Answers::one(first),
            Kept::All | Kept::Different => Answers { first, then },
        };
        let exhibit = answers.iter().all(says_nothing_of_the_action);
        Interaction { id, note: self.note, exhibit, constructed: false, asked, answers }
    }
}

/// A refusal that depends on how it was asked, or on who asked, and not on what.
fn says_nothing_of_the_action(answer: &Response) -> bool {
    gateway::read(answer).is_some_and(|refusal| refusal.is_of_the_gateway() || refusal.is_of_the_account())
}

/// Which of several answers to one question are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kept {
    /// All of them: the question is a poll.
    All,
    /// All, unless they are equal but for what is new in each answer; then one is.
    Different,
}

/// The lane that was answered most often; of equal ones the one without a name, then the first by name.
fn longest(lanes: BTreeMap<Option<String>, Vec<Response>>) -> Vec<Response> {
    let lanes = lanes.into_values();
    lanes.reduce(|longest, lane| if lane.len() > longest.len() { lane } else { longest }).unwrap_or_default()
}

/// An id for each request: the words of what it asks, and a hash where those do not tell it from the others.
fn ids<'a>(requests: impl Iterator<Item = &'a Request>) -> Vec<String> {
    let named: Vec<(String, String)> = requests.map(|request| (words(request), fingerprint(request))).collect();
    let is_alone = |words: &String| named.iter().filter(|(other, _)| other == words).count() == 1;
    let id = |(words, hash): &(String, String)| match Name::parse(words) {
        Ok(name) if is_alone(words) => name.to_string(),
        _ => format!("{}{hash}", shortened(words)),
    };
    named.iter().map(id).collect()
}

/// `task-id-7-lang-en`; the action where nothing else is asked.
fn words(request: &Request) -> String {
    let parts = semantic_parts(request);
    let value = |name: &str| parts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let asked = parts.iter().filter(|(name, _)| !matches!(name.as_str(), "Action" | "Version" | "Format"));
    let mut words: Vec<String> = asked.flat_map(|(name, value)| [hyphenated(name), hyphenated(value)]).collect();
    if words.is_empty() {
        words.push(hyphenated(value("Action")));
    }
    if value("Format") == "XML" {
        words.push("xml".to_owned());
    }
    words.retain(|word| !word.is_empty());
    words.join("-")
}

/// Lower-case words of letters and digits, with hyphens between them: `TaskId` becomes `task-id`.
fn hyphenated(text: &str) -> String {
    let mut hyphenated = String::new();
    let mut before = ' ';
    for letter in text.chars() {
        let begins_a_word = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins_a_word || !letter.is_ascii_alphanumeric() {
            hyphenated.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            hyphenated.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    let words = hyphenated.split('-').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// With a hyphen at its end, and room for a hash behind it.
fn shortened(words: &str) -> String {
    let short: String = words.chars().take(WORDS).collect();
    let short = short.trim_matches('-');
    if short.is_empty() { String::new() } else { format!("{short}-") }
}

fn fingerprint(request: &Request) -> String {
    let parts = semantic_parts(request);
    let text: Vec<u8> = parts.iter().flat_map(|(name, value)| format!("{name:?}={value:?}").into_bytes()).collect();
    hex_digest(Digest::Sha256, &text)[..8].to_owned()
}

/// Half of what can be read back as one file.
const TAPE_BYTES: usize = 32 << 20;
const WORDS: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Scenarios;
    use crate::signing::{Key, Scheme, Style, sign};
    use crate::wire::{Headers, Parameter};

    fn request(business: &[(&str, &str)]) -> Request {
        let system = [("Action", "DescribeBatchResultCount"), ("Version", "2015-01-09"), ("Format", "JSON")];
        let parameters =
            system.iter().filter(|(name, _)| business.iter().all(|(other, _)| other != name)).chain(business);
        let parameters = parameters.map(|&(name, value)| Parameter::query(name, value)).collect();
        let unsigned = Request::compose("GET", parameters, Headers::new());
        sign(&unsigned, Scheme::HmacSha1, &Key::test(), &Style::SERVICE)
    }

    fn status(status: i64, request_id: &str) -> Response {
        let body = format!("{{\"RequestId\":\"{request_id}\",\"Status\":{status}}}");
        Response { status: 200, headers: Headers::new(), body: body.into() }
    }

    fn taken(business: &[(&str, &str)], lane: &str, answer: Response) -> Taken {
        let lane = (!lane.is_empty()).then(|| lane.to_owned());
        Taken { request: request(business), lane, answer, note: None }
    }

    fn tape(taken: impl IntoIterator<Item = Taken>) -> Tape {
        let mut tape = Tape::default();
        taken.into_iter().for_each(|taken| assert!(tape.add(taken)));
        tape
    }

    fn statuses(interaction: &Interaction) -> Vec<char> {
        let last = |answer: &Response| answer.body.iter().rev().nth(1).map(|&byte| char::from(byte));
        interaction.answers.iter().filter_map(last).collect()
    }

    const ID: &[&str] = &["8D47C1A5-0DE8-5F0C-9D0B-7B8B4F1B0D11", "1B2C0E7A-3F7B-5C55-A2C3-0A4D6B8E9F22"];

    #[test]
    fn the_same_question_again_is_the_next_answer_of_a_poll() {
        let tape = tape([
            taken(&[("TaskId", "7")], "", status(0, ID[0])),
            taken(&[("TaskId", "8")], "", status(2, ID[0])),
            taken(&[("TaskId", "7")], "", status(0, ID[1])),
            taken(&[("TaskId", "7")], "", status(1, ID[0])),
        ]);

        let interactions = tape.interactions();

        assert_eq!(interactions.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["task-id-7", "task-id-8"]);
        assert_eq!(statuses(&interactions[0]), ['0', '0', '1']);
        assert_eq!(statuses(&interactions[1]), ['2']);
    }

    #[test]
    fn equal_answers_are_kept_once_unless_the_step_is_a_poll() {
        let twice = || tape([taken(&[], "", status(0, ID[0])), taken(&[], "", status(0, ID[1]))]);
        let poll = Scenarios::shipped().named("polled-task").expect("it is shipped");
        let once = Scenarios::shipped().named("processing-task").expect("it is shipped");
        let kept = |steps| statuses(&twice().interactions_of(steps).expect("one question, one step")[0]).len();

        assert_eq!(statuses(&twice().interactions()[0]).len(), 1);
        assert_eq!(kept(&once.steps), 1);
        assert_eq!(kept(&poll.steps), 2);
    }

    #[test]
    fn answers_of_two_lanes_are_not_mixed_and_the_longest_lane_is_kept() {
        let tape = tape([
            taken(&[], "a", status(0, ID[0])),
            taken(&[], "b", status(0, ID[0])),
            taken(&[], "b", status(0, ID[0])),
            taken(&[], "a", status(1, ID[0])),
            taken(&[], "b", status(1, ID[0])),
        ]);

        assert_eq!(statuses(&tape.interactions()[0]), ['0', '0', '1']);
    }

    #[test]
    fn of_lanes_as_long_the_first_by_name_is_kept_whoever_came_first() {
        let tape = tape([taken(&[], "b", status(1, ID[0])), taken(&[], "a", status(2, ID[0]))]);

        assert_eq!(statuses(&tape.interactions()[0]), ['2']);
    }

    #[test]
    fn questions_get_the_names_of_the_steps_and_none_where_one_was_not_asked() {
        let scenario = Scenarios::shipped().named("unknown-task").expect("it is shipped");
        let one = taken(&[("TaskId", "1")], "", status(-1, ID[0]));
        let other = taken(&[("TaskId", "2")], "", status(-1, ID[0]));

        let named = tape([one.clone(), other]).interactions_of(&scenario.steps).expect("two questions, two steps");

        assert_eq!(named.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["one", "largest"]);
        assert_eq!(tape([one]).interactions_of(&scenario.steps), None);
    }

    #[test]
    fn an_id_is_made_of_what_is_asked_and_holds_nothing_that_names_forbid() {
        let id = |business: &[(&str, &str)]| ids([request(business)].iter()).remove(0);

        assert_eq!(id(&[]), "describe-batch-result-count");
        assert_eq!(id(&[("Format", "XML")]), "describe-batch-result-count-xml");
        assert_eq!(id(&[("TaskId", "7"), ("Lang", "en")]), "lang-en-task-id-7");
        assert_eq!(id(&[("BatchType", "RR__ADD /../")]), "batch-type-rr-add");
        assert_eq!(id(&[("TaskId", "")]), "task-id");
        assert_eq!(id(&[("TaskId", "-1")]), "task-id-1");
        assert_eq!(id(&[("测试", "域名")]).len(), 8, "nothing but a hash can be said");
    }

    #[test]
    fn ids_that_would_be_equal_or_too_long_end_in_a_hash_of_what_is_asked() {
        let long = "x".repeat(200);
        let requests = [
            request(&[("BatchType", "RR_ADD")]),
            request(&[("BatchType", "rr_add")]),
            request(&[("BatchType", &long)]),
        ];

        let ids = ids(requests.iter());

        let without_hash: Vec<&str> = ids.iter().map(|id| &id[..id.len() - 8]).collect();
        assert_eq!(without_hash[..2], ["batch-type-rr-add-", "batch-type-rr-add-"]);
        assert_ne!(ids[0], ids[1]);
        assert!(ids.iter().all(|id| Name::parse(id).is_ok()), "{ids:?}");
        assert_eq!(ids[2], super::ids([requests[2].clone()].iter())[0], "the others have no part in it");
    }

    #[test]
    fn nothing_but_refusals_of_the_gateway_is_an_exhibit() {
        let refused = |code: &str| {
            let body = format!("{{\"Code\":\"{code}\"}}");
            Response { status: 400, headers: Headers::new(), body: body.into() }
        };
        let is_exhibit = |answers: &[Response]| {
            let asked = answers.iter().map(|answer| taken(&[], "", answer.clone()));
            tape(asked).interactions()[0].exhibit
        };

        assert!(is_exhibit(&[refused("InvalidTimeStamp.Expired")]));
        assert!(is_exhibit(&[refused("Forbidden.RAM")]));
        assert!(!is_exhibit(&[refused("InvalidTaskId")]));
        assert!(!is_exhibit(&[status(0, ID[0]), refused("Throttling.User")]));
    }

    #[test]
    fn a_tape_takes_no_more_than_can_be_read_back() {
        let half = || Response { status: 200, headers: Headers::new(), body: vec![b' '; TAPE_BYTES / 2] };
        let mut tape = Tape::default();

        assert!(tape.add(taken(&[], "", half())));
        assert!(!tape.add(taken(&[], "", half())));
    }
}
