//! Rows that bring every two levels of the contract's factors together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::contract::Operation;
use crate::wire::Request;

/// The factors of an operation, and the levels that can stand together.
#[derive(Debug)]
pub struct Factors<'o> {
    operation: &'o Operation,
    names: Vec<&'o str>,
    levels: Vec<Vec<&'o str>>,
}

/// One level of each factor, by its place in the list of the factor's levels.
pub type Row = Vec<usize>;

/// Levels of several factors, by places: of factor and level.
pub type Tuple = Vec<(usize, usize)>;

/// Who can produce a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Producer {
    /// Anybody who may spell requests by hand: the verifier and the player are tried with it.
    Anybody,
    /// A client, through its calls.
    Client,
}

impl<'o> Factors<'o> {
    /// The parameters of `operation`, then its other factors.
    pub fn of(operation: &'o Operation) -> Self {
        let parameters = operation.parameters.iter().map(|parameter| parameter.name.as_str());
        let names: Vec<&str> = parameters.chain(operation.factors.iter().map(|factor| factor.name.as_str())).collect();
        let levels = names.iter().map(|name| operation.levels_of(name)).collect();
        Self { operation, names, levels }
    }

    /// The names, in order.
    pub fn names(&self) -> &[&'o str] {
        &self.names
    }

    /// The name of a row's level of `factor`; none where there is no such factor.
    pub fn level(&self, row: &[usize], factor: &str) -> Option<&'o str> {
        let at = self.names.iter().position(|name| *name == factor)?;
        self.levels[at].get(*row.get(at)?).copied()
    }

    /// The place of the level that `request` has of `factor`: a parameter's by its value, another's by `named`.
    pub(super) fn level_place(&self, factor: &str, named: Option<&str>, request: &Request) -> Option<usize> {
        match self.operation.parameter(factor) {
            Some(parameter) => {
                let value = request.value(factor);
                parameter.levels.iter().position(|level| level.value.as_deref().map(str::as_bytes) == value)
            }
            None => self.operation.levels_of(factor).iter().position(|level| Some(*level) == named),
        }
    }

    /// Whether a client can produce `row`.
    pub fn producer(&self, row: &[usize]) -> Producer {
        let row: Tuple = row.iter().copied().enumerate().collect();
        if self.is_for_verifier(&row) { Producer::Anybody } else { Producer::Client }
    }

    /// Rows that cover every pair that can stand together: first those of clients, which cover by themselves what
    /// clients can reach, then the rest. Always the same.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.cover(self.tuples(2), Producer::Client);
        let mut left = self.tuples(2);
        left.retain(|pair| !rows.iter().any(|row| holds(row, pair)));
        rows.extend(self.cover(left, Producer::Anybody));
        rows
    }

    /// Every choice of levels of `count` factors that can stand together.
    pub fn tuples(&self, count: usize) -> BTreeSet<Tuple> {
        let mut tuples: Vec<Tuple> = vec![Vec::new()];
        for _ in 0..count {
            tuples = tuples.iter().flat_map(|tuple| self.longer(tuple)).collect();
        }
        tuples.retain(|tuple| self.can_stand(tuple));
        tuples.into_iter().collect()
    }

    /// The table as text: a line a row, levels divided by tabs.
    pub fn table(&self, rows: &[Row]) -> String {
        let mut text = self.names.join("\t") + "\n";
        for row in rows {
            let levels: Vec<&str> = row.iter().zip(&self.levels).map(|(&at, levels)| levels[at]).collect();
            writeln!(text, "{}", levels.join("\t")).expect("a text takes all that is written");
        }
        text
    }

    /// Reads what [`table`](Self::table) writes; none where a line is not one of its rows.
    pub fn read(&self, table: &str) -> Option<Vec<Row>> {
        let mut lines = table.lines();
        (lines.next()? == self.names.join("\t")).then_some(())?;
        lines.map(|line| self.read_row(line)).collect()
    }

    fn read_row(&self, line: &str) -> Option<Row> {
        let names: Vec<&str> = line.split('\t').collect();
        let same_length = names.len() == self.names.len();
        let places = names.iter().zip(&self.levels).map(|(name, levels)| levels.iter().position(|level| level == name));
        same_length.then(|| places.collect()).flatten()
    }

    fn longer(&self, tuple: &[(usize, usize)]) -> Vec<Tuple> {
        let first = tuple.last().map_or(0, |(factor, _)| factor + 1);
        let with = |factor, level| [tuple, &[(factor, level)]].concat();
        (first..self.names.len())
            .flat_map(|factor| (0..self.levels[factor].len()).map(move |level| with(factor, level)))
            .collect()
    }

    /// Greedy: each row starts with the first pair that is left, and each other factor takes the level that covers most.
    fn cover(&self, mut left: BTreeSet<Tuple>, producer: Producer) -> Vec<Row> {
        left.retain(|pair| self.allows(pair, producer));
        let mut rows = Vec::new();
        while let Some(pair) = left.first().cloned() {
            let row = self.grow(pair, &left, producer);
            left.retain(|pair| !holds(&row, pair));
            rows.push(row);
        }
        rows
    }

    fn grow(&self, mut chosen: Tuple, left: &BTreeSet<Tuple>, producer: Producer) -> Row {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by_key(|&factor| std::cmp::Reverse(self.levels[factor].len()));
        for factor in order {
            if chosen.iter().any(|(known, _)| *known == factor) {
                continue;
            }
            let candidates = (0..self.levels[factor].len()).map(|level| (factor, level));
            let fitting =
                candidates.filter(|&candidate| self.allows(&[chosen.as_slice(), &[candidate]].concat(), producer));
            let gain = |candidate: &(usize, usize)| {
                chosen.iter().filter(|other| left.contains(&sorted(*candidate, **other))).count()
            };
            let best = fitting.max_by_key(|candidate| (gain(candidate), std::cmp::Reverse(candidate.1)));
            chosen.push(best.expect("a constraint leaves each factor a level"));
        }
        chosen.sort_unstable();
        chosen.into_iter().map(|(_, level)| level).collect()
    }

    pub(super) fn allows(&self, tuple: &[(usize, usize)], producer: Producer) -> bool {
        self.can_stand(tuple) && (producer == Producer::Anybody || !self.is_for_verifier(tuple))
    }

    fn can_stand(&self, tuple: &[(usize, usize)]) -> bool {
        self.operation.constraints.iter().all(|constraint| {
            let required = |name: &str| constraint.requires.get(name);
            let kept = tuple.iter().all(|&(factor, level)| {
                required(self.names[factor])
                    .is_none_or(|levels| levels.iter().any(|one| one == self.levels[factor][level]))
            });
            kept || !self.is_where(tuple, &constraint.when)
        })
    }

    fn is_for_verifier(&self, tuple: &[(usize, usize)]) -> bool {
        self.operation.verifier_only.iter().any(|only| self.is_where(tuple, &only.when))
    }

    fn is_where(&self, tuple: &[(usize, usize)], when: &BTreeMap<String, String>) -> bool {
        when.iter().all(|(name, wanted)| {
            tuple.iter().any(|&(factor, level)| self.names[factor] == name && self.levels[factor][level] == wanted)
        })
    }
}

/// Whether `row` has all levels of `tuple`.
pub fn holds(row: &[usize], tuple: &[(usize, usize)]) -> bool {
    tuple.iter().all(|&(factor, level)| row.get(factor) == Some(&level))
}

fn sorted(one: (usize, usize), other: (usize, usize)) -> Tuple {
    if one < other { vec![one, other] } else { vec![other, one] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors() -> Factors<'static> {
        Factors::of(&Operation::all()[0])
    }

    #[test]
    fn of_764_pairs_754_can_stand() {
        let factors = factors();
        let levels: Vec<usize> = factors.levels.iter().map(Vec::len).collect();
        let all: usize = (0..9)
            .flat_map(|one| (one + 1..9).map(move |other| (one, other)))
            .map(|(one, other)| levels[one] * levels[other])
            .sum();

        assert_eq!((all, factors.tuples(2).len()), (764, 754));
    }

    #[test]
    fn the_rows_cover_every_pair_and_break_no_constraint() {
        let factors = factors();
        let rows = factors.rows();

        let bare: Vec<Tuple> =
            factors.tuples(2).into_iter().filter(|pair| !rows.iter().any(|row| holds(row, pair))).collect();

        assert_eq!(bare, Vec::<Tuple>::new());
        assert!(rows.iter().all(|row| factors.can_stand(&row.iter().copied().enumerate().collect::<Tuple>())));
    }

    #[test]
    fn rows_of_clients_come_first_and_cover_all_that_clients_reach() {
        let factors = factors();
        let rows = factors.rows();
        let clients = rows.iter().take_while(|row| factors.producer(row) == Producer::Client).count();

        let reached = factors.tuples(2).into_iter().filter(|pair| factors.allows(pair, Producer::Client));
        let bare = reached.filter(|pair| !rows[..clients].iter().any(|row| holds(row, pair))).count();

        assert_eq!(bare, 0);
        assert!(rows[clients..].iter().all(|row| factors.producer(row) == Producer::Anybody));
    }

    #[test]
    fn a_table_reads_back_and_a_strange_one_does_not() {
        let factors = factors();
        let rows = factors.rows();
        let table = factors.table(&rows);

        assert_eq!(factors.read(&table), Some(rows));
        assert_eq!(factors.read(&table.replace("absent", "apsent")), None);
        assert_eq!(factors.read(&table.replace("Lang\t", "")), None);
    }
}
