//! What is closest to a request that no stored answer fits.

use std::cmp::Ordering;
use std::fmt;

use super::player::Stored;
use crate::cassettes::semantic_parts;
use crate::gateway::Admitted;
use crate::signing::TestKeyId;

/// A request that no stored answer fits, and what is closest to it. Its `Display` is the whole report.
#[derive(Debug)]
pub struct Miss<'p> {
    /// The stored request that differs least; none where nothing can be played.
    pub nearest: Option<NearMiss<'p>>,
    /// Who holds exactly this request, where the key id chose another scenario.
    pub elsewhere: Option<Stored<'p>>,
    asked: String,
    signature: String,
}

/// A stored request, and how the one that was made differs from it.
#[derive(Debug)]
pub struct NearMiss<'p> {
    /// The stored one.
    pub stored: Stored<'p>,
    /// The names that either has, with both values; the equal ones too.
    pub parts: Vec<Difference>,
}

/// A name, with its value in the stored request and in the one that was made. Equal values are no difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The name.
    pub name: String,
    /// In the stored request.
    pub stored: Option<String>,
    /// In the request that was made.
    pub asked: Option<String>,
}

impl<'p> Miss<'p> {
    /// Compares with every one of `stored`: for those who have time, a miss.
    pub(super) fn new(
        admitted: &Admitted,
        stored: impl Iterator<Item = Stored<'p>>,
        elsewhere: Option<Stored<'p>>,
    ) -> Self {
        let parts = semantic_parts(admitted.request());
        Self {
            nearest: nearest(&parts, stored),
            elsewhere,
            asked: request_line(admitted.request().method(), &parts),
            signature: signature_line(admitted),
        }
    }

    /// The nearest request and the first difference, in one line.
    pub fn summary(&self) -> String {
        let nearest = match &self.nearest {
            None => "there is none that could".to_owned(),
            Some(near) => match near.differences().next() {
                None => format!("the closest is {}", near.stored),
                Some(first) => format!("the closest, {}, {}", near.stored, first.sentence()),
            },
        };
        let elsewhere = match &self.elsewhere {
            None => String::new(),
            Some(stored) => format!("; {stored} answers exactly this request"),
        };
        format!("{NO_ANSWER}: {nearest}{elsewhere}")
    }
}

impl fmt::Display for Miss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{NO_ANSWER}\n  {}\n", self.asked)?;
        match &self.nearest {
            None => writeln!(f, "  closest: none, no interaction can be played here")?,
            Some(near) => write!(f, "{near}")?,
        }
        writeln!(f, "  {}", self.signature)?;
        if let Some(stored) = &self.elsewhere {
            writeln!(f, "  also: {stored}, answers exactly this request, but the key id chose another scenario")?;
        }
        write!(f, "\n  help: {HELP}")
    }
}

impl NearMiss<'_> {
    /// The parts whose values differ.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.parts.iter().filter(|part| !part.is_equal())
    }
}

impl fmt::Display for NearMiss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.stored.cassette.provenance.kind();
        let (count, all) = (self.differences().count(), self.parts.len());
        writeln!(f, "  closest: {} ({kind}), differs in {count} of {all} semantic parameters", self.stored)?;
        let width = self.parts.iter().map(|part| part.name.chars().count()).max().unwrap_or_default();
        self.parts.iter().try_for_each(|part| part.write_lines(f, width))
    }
}

impl Difference {
    fn is_equal(&self) -> bool {
        self.stored == self.asked
    }

    fn sentence(&self) -> String {
        let name = &self.name;
        match (&self.stored, &self.asked) {
            (Some(stored), Some(asked)) => {
                format!("has {name} {} where the request has {}", clipped(stored, 0), clipped(asked, 0))
            }
            (Some(stored), None) => format!("has {name} {}, which the request has not", clipped(stored, 0)),
            (None, Some(asked)) => format!("has no {name}; the request has {}", clipped(asked, 0)),
            (None, None) => String::new(),
        }
    }

    fn write_lines(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        let name = &self.name;
        let same = common_prefix(self.stored.as_deref(), self.asked.as_deref());
        let skipped = same.saturating_sub(SHOWN_BEFORE);
        if let (true, Some(value)) = (self.is_equal(), &self.stored) {
            return writeln!(f, "      {name:width$}  {}", clipped(value, 0));
        }
        if let Some(value) = &self.stored {
            writeln!(f, "    - {name:width$}  {}", clipped(value, skipped))?;
        }
        if let Some(value) = &self.asked {
            writeln!(f, "    + {name:width$}  {}", clipped(value, skipped))?;
        }
        if self.stored.is_some() && self.asked.is_some() {
            let ellipsis = usize::from(skipped > 0);
            writeln!(f, "{:indent$}^", "", indent = width + 8 + same - skipped + ellipsis)?;
        }
        Ok(())
    }

    /// How far apart two values are: a wrong action is further off than anything else can be.
    fn weight(&self) -> usize {
        if self.is_equal() {
            return 0;
        }
        let (stored, asked) = (self.stored.as_deref(), self.asked.as_deref());
        match (self.name.as_str(), stored.zip(asked)) {
            ("Action", _) => 1_000_000,
            ("Version", _) => 10_000,
            (_, None) => 100,
            (_, Some((one, other))) => {
                let longer = one.chars().count().max(other.chars().count());
                90 - 40 * common_prefix(stored, asked) / longer.max(1)
            }
        }
    }
}

/// Ties go to the one that answers first.
fn nearest<'p>(asked: &[(String, String)], stored: impl Iterator<Item = Stored<'p>>) -> Option<NearMiss<'p>> {
    let compared = stored.filter_map(|stored| {
        let parts = compare(&semantic_parts(stored.interaction.playable()?), asked);
        Some(NearMiss { stored, parts })
    });
    compared.min_by_key(|near| near.parts.iter().map(Difference::weight).sum::<usize>())
}

/// Pairs the parts of two requests by name, those of one name in their order.
fn compare(stored: &[(String, String)], asked: &[(String, String)]) -> Vec<Difference> {
    let (fixed_stored, mut stored) = stored.split_at(FIXED.min(stored.len()));
    let (fixed_asked, mut asked) = asked.split_at(FIXED.min(asked.len()));
    let mut parts: Vec<Difference> =
        fixed_stored.iter().zip(fixed_asked).map(|(one, other)| difference(Some(one), Some(other))).collect();
    loop {
        let order = match (stored.first(), asked.first()) {
            (None, None) => return parts,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) => one.0.cmp(&other.0),
        };
        let one = if order.is_le() { stored.split_off_first() } else { None };
        let other = if order.is_ge() { asked.split_off_first() } else { None };
        parts.push(difference(one, other));
    }
}

fn difference(stored: Option<&(String, String)>, asked: Option<&(String, String)>) -> Difference {
    let value = |part: Option<&(String, String)>| part.map(|(_, value)| value.clone());
    let name = stored.or(asked).map(|(name, _)| name.clone()).unwrap_or_default();
    Difference { name, stored: value(stored), asked: value(asked) }
}

/// In characters.
fn common_prefix(one: Option<&str>, other: Option<&str>) -> usize {
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

/// A value from the character `from` on, in the length that fits a line.
fn clipped(value: &str, from: usize) -> String {
    let start = if from > 0 { "…" } else { "" };
    let mut rest = value.chars().skip(from);
    let shown: String = rest.by_ref().take(SHOWN).collect();
    let end = if rest.next().is_some() { "…" } else { "" };
    format!("{start}{shown}{end}")
}

fn request_line(method: &str, parts: &[(String, String)]) -> String {
    let pairs: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} /?{}", clipped(method, 0), clipped(&pairs.join("&"), 0))
}

fn signature_line(admitted: &Admitted) -> String {
    if !admitted.waived().is_empty() {
        let codes: Vec<&str> = admitted.waived().iter().map(|refusal| refusal.code.as_str()).collect();
        return format!("the service would refuse it all the same: {}", codes.join(", "));
    }
    let Some(claim) = admitted.claim() else { return "signature: none".to_owned() };
    let key = if TestKeyId::parse(&claim.key_id).is_some() { "test key" } else { "another key" };
    format!("signature: valid ({}, {key}); nonce and time: well formed, not compared", claim.scheme)
}

const NO_ANSWER: &str = "no recorded exchange answers this request";
const HELP: &str = "call the scenario's own parameters, or name another by the access key id testid-SCENARIO";

/// Action, Version and Format, which every request has here.
const FIXED: usize = 3;

/// How much of a value a line shows, and how much of it before the first difference.
const SHOWN: usize = 100;
const SHOWN_BEFORE: usize = 40;
