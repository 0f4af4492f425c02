//! A cassette in memory.

use std::collections::HashMap;
use std::path::Path;

use super::asked::{self, Asked, Signed};
use super::body::Body;
use super::error::{FileError, Flaw, Problem};
use super::file::{AnswerFile, CassetteFile, InteractionFile, current_format};
use super::match_key::MatchKey;
use super::provenance::Provenance;
use crate::gateway;
use crate::wire::{Request, Response, is_of_a_connection};

/// One scenario: its interactions, and where their answers come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cassette {
    /// The file below the folder of cassettes, with `/` between its parts.
    pub path: String,
    /// What the scenario is.
    pub note: Option<String>,
    /// Where its answers come from.
    pub provenance: Provenance,
    /// In the order of the file.
    pub interactions: Vec<Interaction>,
}

/// One request and its answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interaction {
    /// Its name in the file.
    pub id: String,
    /// What a reader should know of it.
    pub note: Option<String>,
    /// Kept to be read, not replayed.
    pub exhibit: bool,
    /// Whether the request was made for an answer that came without it.
    pub constructed: bool,
    /// The request.
    pub asked: Asked,
    /// What it was answered.
    pub answers: Answers,
}

/// What a request was answered: once for ever, or, asked again and again, one after the other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answers {
    /// The only one, or the first of a poll.
    pub first: Response,
    /// The others of a poll.
    pub then: Vec<Response>,
}

impl Cassette {
    /// Reads the bytes of a file that is named `path` below its folder.
    ///
    /// # Errors
    /// [`FileError`] for everything that is not a whole cassette of this format: also a body that has another
    /// length or hash than the file says, or a signature that is not what the file says.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, FileError> {
        let file = CassetteFile::parse(bytes)
            .map_err(|(spot, problem)| FileError::new(Path::new(path), Some(spot), problem))?;
        Self::from_file(path, file).map_err(|flaw| flaw.in_file(Path::new(path)))
    }

    /// The text of the file: the same cassette always gives the same bytes.
    pub fn text(&self) -> String {
        let interactions = self.interactions.iter().map(Interaction::to_file).collect();
        let (note, provenance) = (self.note.clone(), self.provenance.clone());
        CassetteFile { format: current_format(), note, provenance, interactions }.text()
    }

    /// The path without `.json`, as reports name it.
    pub fn name(&self) -> &str {
        self.path.strip_suffix(".json").unwrap_or(&self.path)
    }

    /// The file's name without folders and `.json`: the SCENARIO of a test key id.
    pub fn stem(&self) -> &str {
        self.name().rsplit('/').next().unwrap_or_default()
    }

    fn from_file(path: &str, file: CassetteFile) -> Result<Self, Flaw> {
        let mut interactions = Vec::with_capacity(file.interactions.len());
        for (at, interaction) in file.interactions.iter().enumerate() {
            let located = |flaw: Flaw| flaw.under(at).under("interactions").of_interaction(&interaction.id);
            interactions.push(Interaction::from_file(interaction).map_err(located)?);
        }
        check_unique(&interactions)?;
        Ok(Self { path: path.to_owned(), note: file.note, provenance: file.provenance, interactions })
    }
}

impl Interaction {
    /// The key that a request finds it by; none for an exhibit.
    pub fn key(&self) -> Option<MatchKey> {
        self.playable().map(MatchKey::of)
    }

    /// The request, where it is there to be replayed.
    pub fn playable(&self) -> Option<&Request> {
        self.asked.request().filter(|_| !self.exhibit)
    }

    fn from_file(file: &InteractionFile) -> Result<Self, Flaw> {
        let asked = Asked::from_file(&file.request).map_err(|flaw| flaw.under("request"))?;
        if asked.signed() != Signed::Valid && !file.exhibit {
            return Err(Problem::NotAnExhibit(asked.signed()).into());
        }
        let answer = |(at, answer)| answer_from_file(answer).map_err(|flaw| flaw.under(at).under("answers"));
        let mut answers = file.answers.iter().enumerate().map(answer).collect::<Result<Vec<_>, Flaw>>()?.into_iter();
        let first = answers.next().ok_or_else(|| Flaw::from(Problem::NoAnswer).under("answers"))?;
        Ok(Self {
            id: file.id.clone(),
            note: file.note.clone(),
            exhibit: file.exhibit,
            constructed: file.constructed,
            asked,
            answers: Answers { first, then: answers.collect() },
        })
    }

    fn to_file(&self) -> InteractionFile {
        InteractionFile {
            id: self.id.clone(),
            note: self.note.clone(),
            exhibit: self.exhibit,
            constructed: self.constructed,
            request: self.asked.to_file(),
            answers: self.answers.iter().map(answer_to_file).collect(),
        }
    }
}

impl Answers {
    /// Answers for ever.
    pub fn one(first: Response) -> Self {
        Self { first, then: Vec::new() }
    }

    /// In the order in which they are given.
    pub fn iter(&self) -> impl Iterator<Item = &Response> {
        std::iter::once(&self.first).chain(&self.then)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        1 + self.then.len()
    }

    /// Whether each call takes the next one.
    pub fn is_poll(&self) -> bool {
        !self.then.is_empty()
    }

    /// Whether the gateway turned every request down: none of them says what the action does.
    pub fn are_refusals_of_the_gateway(&self) -> bool {
        self.iter().all(|answer| gateway::read(answer).is_some_and(|refusal| refusal.is_of_the_gateway()))
    }

    /// The answer at `at`, from zero.
    pub fn nth(&self, at: usize) -> Option<&Response> {
        at.checked_sub(1).map_or(Some(&self.first), |at| self.then.get(at))
    }
}

fn check_unique(interactions: &[Interaction]) -> Result<(), Flaw> {
    let mut ids = HashMap::new();
    let mut keys = HashMap::new();
    for (at, interaction) in interactions.iter().enumerate() {
        let located = |problem| Flaw::from(problem).under(at).under("interactions").of_interaction(&interaction.id);
        if ids.insert(&interaction.id, at).is_some() {
            return Err(located(Problem::RepeatedId(interaction.id.clone())));
        }
        let Some(key) = interaction.key() else { continue };
        if let Some(first) = keys.insert(key, &interaction.id) {
            return Err(located(Problem::EqualKeys { first: first.clone() }));
        }
    }
    Ok(())
}

fn answer_from_file(file: &AnswerFile) -> Result<Response, Flaw> {
    if !(200..600).contains(&file.status) {
        return Err(Flaw::from(Problem::Status(file.status)).under("status"));
    }
    let headers = asked::headers(&file.headers)?;
    if let Some((name, _)) = headers.iter().find(|(name, _)| is_of_a_connection(name)) {
        return Err(Flaw::from(Problem::ConnectionHeader(name.to_owned())).under("headers"));
    }
    let body = file.body.bytes().map_err(|problem| Flaw::from(problem).under("body"))?;
    Ok(Response { status: file.status, headers, body })
}

fn answer_to_file(response: &Response) -> AnswerFile {
    let headers = response.headers.iter().map(|(name, value)| super::line::header_line(name, value)).collect();
    AnswerFile { status: response.status, headers, body: Body::of(&response.body) }
}
