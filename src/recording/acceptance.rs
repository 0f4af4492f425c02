//! What is stored has to replay.

use std::thread;

use thiserror::Error;

use crate::cassettes::{Cassette, Cassettes, FileError, Interaction};
use crate::contract::Order;
use crate::gateway::{Admitted, Enforcement, Gateway, System};
use crate::playback::{Decision, Player};
use crate::signing::{Claim, Key, Keyring, Scheme, Style, sign};
use crate::wire::{Request, Timestamp};

/// Replays a recording three times: in its order, in another one where that must not matter, and to several clients side
/// by side. Every stored request has to get its stored answers, each poll its own sequence in every lane.
///
/// `text` is what would be stored, read anew as the file `path`; exhibits are not replayed.
///
/// # Errors
/// [`NotAccepted`], naming the interaction.
pub fn accept(path: &str, text: &str, order: Order) -> Result<(), NotAccepted> {
    let cassette = Cassette::parse(path, text.as_bytes())?;
    let played: Vec<&Interaction> = cassette.interactions.iter().filter(|one| one.playable().is_some()).collect();
    let turns: Vec<Turn> = turns(&played);
    Replays::of(&cassette)?.lane("in-order", &turns)?;
    let shuffled = match order {
        Order::Any => shuffled(&turns, played.len()),
        Order::Fixed => turns.clone(),
    };
    Replays::of(&cassette)?.lane("shuffled", &shuffled)?;
    let side_by_side = Replays::of(&cassette)?;
    thread::scope(|scope| {
        let lane = |name| {
            let (side_by_side, turns) = (&side_by_side, &turns);
            scope.spawn(move || side_by_side.lane(name, turns))
        };
        let lanes = LANES.map(lane);
        lanes.into_iter().try_for_each(|lane| lane.join().expect("a replay does not panic"))
    })
}

/// Why a recording is not stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotAccepted {
    /// It got another answer than the stored one, or none.
    #[error("interaction {interaction} does not replay: {why}")]
    DoesNotReplay {
        /// Its id.
        interaction: String,
        /// What happened.
        why: String,
    },
    /// The text is no cassette.
    #[error("what was recorded cannot be read back")]
    Unreadable(#[from] FileError),
}

impl NotAccepted {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::DoesNotReplay { .. } => {
                "record the scenario alone, with one client; please report it if that fails too"
            }
            Self::Unreadable(error) => error.help(),
        }
    }
}

/// One call of a replay, and which of the stored answers is due.
#[derive(Clone, Copy, Debug)]
struct Turn<'a> {
    interaction: &'a Interaction,
    due: usize,
}

/// A player of one cassette, behind a gateway that remembers nonces.
struct Replays {
    player: Player,
    gateway: Gateway,
    stem: String,
}

impl Replays {
    fn of(cassette: &Cassette) -> Result<Self, NotAccepted> {
        let alone: Cassettes = [cassette.clone()].into_iter().collect();
        let gateway = Gateway::new(Keyring::test(), alone.operations());
        let player = Player::new(alone).expect("one cassette shares its name with none");
        Ok(Self { player, gateway, stem: cassette.stem().to_owned() })
    }

    fn lane(&self, lane: &str, turns: &[Turn<'_>]) -> Result<(), NotAccepted> {
        for (number, turn) in turns.iter().enumerate() {
            self.take(lane, number, *turn).map_err(|why| {
                let interaction = turn.interaction.id.clone();
                NotAccepted::DoesNotReplay { interaction, why }
            })?;
        }
        Ok(())
    }

    fn take(&self, lane: &str, number: usize, turn: Turn<'_>) -> Result<(), String> {
        let stored = turn.interaction.playable().ok_or("it has no request")?;
        let admitted = self.admit(stored, lane, number)?;
        let due = turn.interaction.answers.nth(turn.due);
        match self.player.decide(&admitted) {
            Decision::Hit { stored, answer } if Some(answer) == due && stored.interaction.id == turn.interaction.id => {
                Ok(())
            }
            Decision::Hit { stored, .. } => Err(format!("{stored} answers in place of answer {}", turn.due + 1)),
            other => Err(other.refusal().map(|refusal| refusal.message).unwrap_or_default()),
        }
    }

    /// The stored request as a client of this lane would send it: with its own key id and a nonce of its own.
    fn admit(&self, stored: &Request, lane: &str, number: usize) -> Result<Admitted, String> {
        let claim = Claim::found_in(stored).ok_or("its request is not signed")?;
        let system = System::of(stored);
        let time = system.timestamp().and_then(|time| Timestamp::parse(&time).ok()).ok_or("its request has no time")?;
        let key = Key { id: format!("testid-{}.{lane}", self.stem), token: token(system), ..Key::test() };
        let request = sign(&with_nonce(stored, claim.scheme, number), claim.scheme, &key, &Style::SERVICE);
        self.gateway
            .admit(request, time, Enforcement::Enforce)
            .map_err(|refusal| format!("it is refused: {}", refusal.code))
    }
}

fn token(system: System<'_>) -> Option<crate::signing::Secret> {
    system.token().map(|token| crate::signing::Secret::new(token.as_bytes()))
}

fn with_nonce(stored: &Request, scheme: Scheme, number: usize) -> Request {
    let nonce = format!("replay-{number:08}");
    match scheme {
        Scheme::Acs3(_) => {
            let mut headers = stored.headers().clone();
            headers.set("x-acs-signature-nonce", nonce);
            stored.with_headers(headers)
        }
        Scheme::HmacSha1 => {
            let mut parameters = stored.parameters().to_vec();
            parameters
                .iter_mut()
                .filter(|one| one.is("SignatureNonce"))
                .for_each(|one| one.value = nonce.clone().into());
            Request::compose(stored.method(), parameters, stored.headers().clone())
        }
    }
}

/// Each interaction as often as it has answers.
fn turns<'a>(played: &[&'a Interaction]) -> Vec<Turn<'a>> {
    let turns = |interaction: &&'a Interaction| {
        let interaction = *interaction;
        (0..interaction.answers.count()).map(move |due| Turn { interaction, due })
    };
    played.iter().flat_map(turns).collect()
}

/// The turns in an order that `seed` decides; those of one poll stay in theirs.
fn shuffled<'a>(turns: &[Turn<'a>], seed: usize) -> Vec<Turn<'a>> {
    let mut left: Vec<Turn<'a>> = turns.to_vec();
    let mut shuffled = Vec::with_capacity(left.len());
    let mut state = seed;
    while !left.is_empty() {
        state = state.wrapping_mul(31).wrapping_add(17);
        let chosen = left[state % left.len()].interaction.id.clone();
        let at = left.iter().position(|turn| turn.interaction.id == chosen).unwrap_or_default();
        shuffled.push(left.remove(at));
    }
    shuffled
}

const LANES: [&str; 4] = ["a", "b", "c", "d"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassettes::{Answers, Asked, Provenance};
    use crate::wire::{Headers, Parameter, Response};

    fn request(parameters: &[(&str, &str)]) -> Request {
        let system = [
            ("Action", "DescribeBatchResultCount"),
            ("Version", "2015-01-09"),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", "3156853299f313e23d1673dc12e1703d"),
        ];
        let parameters = system.iter().chain(parameters).map(|&(name, value)| Parameter::query(name, value)).collect();
        sign(&Request::compose("GET", parameters, Headers::new()), Scheme::HmacSha1, &Key::test(), &Style::SERVICE)
    }

    fn interaction(id: &str, parameters: &[(&str, &str)], statuses: &[&str]) -> Interaction {
        let answer = |status: &&str| {
            let body = format!("{{\"Status\":{status}}}");
            Response { status: 200, headers: Headers::new(), body: body.into() }
        };
        let mut answers = statuses.iter().map(answer);
        let first = answers.next().expect("there is an answer");
        let answers = Answers { first, then: answers.collect() };
        let asked = Asked::of(request(parameters).raw().clone()).expect("it is signed with the test key");
        Interaction { id: id.into(), note: None, exhibit: false, constructed: false, asked, answers }
    }

    fn text(interactions: Vec<Interaction>) -> String {
        let provenance = Provenance::Simulated { seed: 0 };
        Cassette { path: PATH.into(), note: None, provenance, interactions }.text()
    }

    fn refused(text: &str) -> String {
        accept(PATH, text, Order::Any).expect_err("it does not replay").to_string()
    }

    #[test]
    fn polls_and_single_answers_replay() {
        let poll = interaction("poll", &[TIME], &["0", "0", "1"]);
        let once = interaction("once", &[TIME, ("TaskId", "7")], &["2"]);
        let text = text(vec![poll, once]);

        assert!(accept(PATH, &text, Order::Any).is_ok());
        assert!(accept(PATH, &text, Order::Fixed).is_ok());
    }

    #[test]
    fn what_the_gateway_would_turn_down_in_a_replay_is_named() {
        let late = interaction("late", &[("Timestamp", "2026-11-24 03:45:00")], &["1"]);
        let mut methodless = interaction("methodless", &[TIME], &["1"]);
        let kept = request(&[TIME]).parameters().iter().filter(|one| !one.is("SignatureMethod")).cloned().collect();
        let unsigned = Request::compose("GET", kept, Headers::new());
        let signed = sign(&unsigned, Scheme::HmacSha1, &Key::test(), &Style::SERVICE);
        methodless.asked = Asked::of(signed.raw().clone()).expect("it is signed with the test key");

        assert_eq!(refused(&text(vec![late])), "interaction late does not replay: its request has no time");
        let why = "interaction methodless does not replay: it is refused: MissingSignatureMethod";
        assert_eq!(refused(&text(vec![methodless])), why);
    }

    #[test]
    fn a_text_that_is_no_cassette_is_refused() {
        let text = text(vec![interaction("once", &[TIME], &["1"])]);

        assert_eq!(refused(&text[..text.len() / 2]), "what was recorded cannot be read back");
        assert_eq!(refused(&text.replace("Status\": 1", "Status\": 2")), "what was recorded cannot be read back");
    }

    #[test]
    fn another_order_is_another_and_keeps_each_poll_in_its_own() {
        let interactions: Vec<Interaction> = (0..6)
            .map(|number| interaction(&format!("i{number}"), &[TIME, ("TaskId", &number.to_string())], &["0", "1"]))
            .collect();
        let turns = turns(&interactions.iter().collect::<Vec<_>>());
        let shown = |turns: &[Turn<'_>]| -> Vec<String> {
            turns.iter().map(|turn| format!("{} {}", turn.interaction.id, turn.due)).collect()
        };

        let shuffled = shown(&shuffled(&turns, 7));

        assert_ne!(shuffled, shown(&turns));
        let place = |turn: &str| shuffled.iter().position(|other| other == turn).expect("no turn is lost");
        assert!((0..6).all(|number| place(&format!("i{number} 0")) < place(&format!("i{number} 1"))), "{shuffled:?}");
    }

    const PATH: &str = "f/s.json";
    const TIME: (&str, &str) = ("Timestamp", "2026-11-24T03:45:00Z");
}
