//! How much of the contract was exercised, of how much there is.

use std::collections::{BTreeMap, BTreeSet};

use super::covering::{Factors, Producer, Tuple};
use super::judgement::Judgement;
use crate::contract::Reading;
use crate::gateway::{CODES, System};
use crate::wire::{Place, Request};

/// What was reached of what can be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Coverage {
    /// Levels of two factors together.
    pub pairs: Reached,
    /// Levels of three factors together.
    pub triples: Reached,
}

/// Which refusals of the gateway were read, and which never were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Codes {
    /// In the order of the gateway's table.
    pub read: Vec<&'static str>,
    /// Likewise.
    pub never: Vec<&'static str>,
}

impl Codes {
    /// Looks at every reading of `judgement`.
    pub fn of(judgement: &Judgement) -> Self {
        let is_read = |text: &str| {
            judgement.exchanges().any(
                |(_, exchange)| matches!(&exchange.read, Ok(Reading::Refused { code: Some(code), .. }) if code == text),
            )
        };
        let (read, never) = CODES.iter().map(|code| code.text).partition(|text| is_read(text));
        Self { read, never }
    }
}

/// A count with its denominator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reached {
    /// How many were seen.
    pub reached: usize,
    /// How many can be.
    pub of: usize,
    /// How many of these no client can produce.
    pub beyond_clients: usize,
}

impl Coverage {
    /// Counts what `requests` brought together, as they arrived: what a client was asked for and did not send does
    /// not count.
    pub fn of(factors: &Factors<'_>, requests: &[Request]) -> Self {
        let seen: BTreeSet<Vec<Option<usize>>> = requests.iter().map(|request| levels(factors, request)).collect();
        let count = |size| {
            let tuples = factors.tuples(size);
            let beyond_clients = tuples.iter().filter(|tuple| !factors.allows(tuple, Producer::Client)).count();
            Reached { reached: reached(&tuples, &seen), of: tuples.len(), beyond_clients }
        };
        Self { pairs: count(2), triples: count(3) }
    }
}

fn reached(tuples: &BTreeSet<Tuple>, seen: &BTreeSet<Vec<Option<usize>>>) -> usize {
    let holds = |row: &[Option<usize>], tuple: &Tuple| tuple.iter().all(|&(factor, level)| row[factor] == Some(level));
    let is_reached = |tuple: &&Tuple| seen.iter().any(|row| holds(row, tuple));
    tuples.iter().filter(is_reached).count()
}

/// The level of each factor in a request; none where it has a value that is none of the levels.
fn levels(factors: &Factors<'_>, request: &Request) -> Vec<Option<usize>> {
    let named = named_levels(request);
    factors.names().iter().map(|name| factors.level_place(name, named.get(*name).copied(), request)).collect()
}

/// The levels of the factors that are no parameters of the operation.
fn named_levels(request: &Request) -> BTreeMap<&'static str, &'static str> {
    let system = System::of(request);
    let in_form = request.parameters().iter().any(|parameter| parameter.place == Place::Form);
    let method = match (request.method(), in_form) {
        ("GET", _) => "GET",
        (_, true) => "POST form",
        (_, false) => "POST query",
    };
    let signature = if system.in_headers() { "ACS3-HMAC-SHA256" } else { "HMAC-SHA1" };
    let token = if system.token().is_some() { "yes" } else { "no" };
    let raw = request.raw();
    let space = if raw.target.contains(&b'+') || (in_form && raw.body.contains(&b'+')) { "+" } else { "%20" };
    let format = match request.value("Format") {
        None => "absent",
        Some(b"JSON") => "JSON",
        Some(b"json") => "json",
        Some(_) => "XML",
    };
    [("method", method), ("signature", signature), ("SecurityToken", token), ("space", space), ("Format", format)]
        .into()
}
