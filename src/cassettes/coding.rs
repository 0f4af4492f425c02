//! What a text says under the codings that it may have gone through, and where in the text it says so.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use crate::wire::percent;

/// A way in which one text is written inside another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Coding {
    /// Percent-encoding in which `+` is a space.
    Form,
    /// The escapes of a JSON string.
    Json,
    /// Percent-encoding.
    Percent,
    /// The entities of XML, and character references.
    Xml,
}

/// A text with some codings taken off.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// What it says.
    pub bytes: Vec<u8>,
    /// Where each byte begins in the text; one more for the end.
    starts: Vec<usize>,
    /// From the outermost in.
    codings: Vec<Coding>,
}

impl Reading {
    /// Visits the text itself, then all that it says under `codings` and under those in one another.
    ///
    /// What is malformed stands for itself: any bytes can be read. Readings that say the same are visited once.
    pub(super) fn each(text: &[u8], codings: &[Coding], mut visit: impl FnMut(&Self)) {
        let starts = (0..=text.len()).collect();
        let plain = Self { bytes: text.to_vec(), starts, codings: Vec::new() };
        plain.visit(codings, &mut HashSet::from([fingerprint(text)]), &mut visit);
    }

    /// Where in the text the bytes at `range` are said.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.starts[range.start]..self.starts[range.end]
    }

    /// Writes `bytes` as they would have to stand in the text.
    pub(super) fn spell(&self, bytes: &[u8]) -> Vec<u8> {
        self.codings.iter().rev().fold(bytes.to_vec(), |text, coding| coding.encode(&text))
    }

    /// Whether `coding` is the outermost that was taken off.
    pub(super) fn is_under(&self, coding: Coding) -> bool {
        self.codings.first() == Some(&coding)
    }

    fn visit(&self, codings: &[Coding], seen: &mut HashSet<u64>, visit: &mut impl FnMut(&Self)) {
        visit(self);
        for &coding in codings.iter().filter(|_| self.codings.len() < MOST_CODINGS) {
            let deeper = self.without(coding).filter(|deeper| seen.insert(fingerprint(&deeper.bytes)));
            if let Some(deeper) = deeper {
                deeper.visit(codings, seen, visit);
            }
        }
    }

    /// None where that changes nothing.
    fn without(&self, coding: Coding) -> Option<Self> {
        coding.begins().iter().find(|begins| self.bytes.contains(begins))?;
        let mut decoded = Self { bytes: Vec::new(), starts: Vec::new(), codings: self.codings.clone() };
        decoded.codings.push(coding);
        let mut changed = false;
        let mut at = 0;
        while at < self.bytes.len() {
            let start = self.starts[at];
            if let Some((length, means)) = coding.unescape(&self.bytes[at..]) {
                decoded.starts.extend(means.iter().map(|_| start));
                decoded.bytes.extend(means);
                at += length;
                changed = true;
            } else {
                decoded.starts.push(start);
                decoded.bytes.push(self.bytes[at]);
                at += 1;
            }
        }
        decoded.starts.push(self.starts[at]);
        changed.then_some(decoded)
    }
}

impl Coding {
    /// Writes `bytes` under this coding.
    pub(super) fn encode(self, bytes: &[u8]) -> Vec<u8> {
        let text = || String::from_utf8_lossy(bytes);
        match self {
            Self::Form | Self::Percent => percent::encode(bytes).into_bytes(),
            Self::Json => {
                let quoted = serde_json::to_string(&text()).expect("a text is always JSON");
                quoted[1..quoted.len() - 1].into()
            }
            Self::Xml => quick_xml::escape::escape(text()).into_owned().into_bytes(),
        }
    }

    /// What its escapes begin with.
    fn begins(self) -> &'static [u8] {
        match self {
            Self::Form => b"+%",
            Self::Json => b"\\",
            Self::Percent => b"%",
            Self::Xml => b"&",
        }
    }

    /// The escape that `text` begins with: how long it is, and what it means.
    fn unescape(self, text: &[u8]) -> Option<(usize, Vec<u8>)> {
        match (self, text.first()?) {
            (Self::Form, b'+') => Some((1, vec![b' '])),
            (Self::Form | Self::Percent, b'%') => percent::decode(text.get(..3)?).ok().map(|byte| (3, byte)),
            (Self::Json, b'\\') => unescape_json(text),
            (Self::Xml, b'&') => unescape_xml(text),
            _ => None,
        }
    }
}

/// Of a large body there are many readings: they are told apart without being kept.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn unescape_json(text: &[u8]) -> Option<(usize, Vec<u8>)> {
    let length = match (text.get(1)?, text.get(6..8)) {
        (b'u', Some(b"\\u")) if is_high_surrogate(text) => 12,
        (b'u', _) => 6,
        _ => 2,
    };
    let escape = std::str::from_utf8(text.get(..length)?).ok()?;
    let means: String = serde_json::from_str(&format!("\"{escape}\"")).ok()?;
    Some((length, means.into_bytes()))
}

fn is_high_surrogate(text: &[u8]) -> bool {
    text.get(2).is_some_and(|digit| digit.eq_ignore_ascii_case(&b'd'))
        && text.get(3).is_some_and(|digit| b"89abAB".contains(digit))
}

fn unescape_xml(text: &[u8]) -> Option<(usize, Vec<u8>)> {
    let end = text.iter().take(LONGEST_ENTITY).position(|&byte| byte == b';')? + 1;
    let entity = std::str::from_utf8(&text[..end]).ok()?;
    let means = quick_xml::escape::unescape(entity).ok()?;
    (means != entity).then(|| (end, means.into_owned().into_bytes()))
}

/// Real answers have three: a JSON string that quotes a string to sign, in which values are encoded twice.
const MOST_CODINGS: usize = 4;

/// As in `&#x10ffff;`, with some leading zeros.
const LONGEST_ENTITY: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const CODINGS: &[Coding] = &[Coding::Json, Coding::Percent, Coding::Xml];

    fn readings(text: &str) -> Vec<Reading> {
        let mut all = Vec::new();
        Reading::each(text.as_bytes(), CODINGS, |reading| all.push(reading.clone()));
        all
    }

    fn find(text: &str, part: &str) -> Option<(Reading, Range<usize>)> {
        readings(text).into_iter().find_map(|reading| {
            let at = reading.bytes.windows(part.len()).position(|window| window == part.as_bytes())?;
            let place = reading.place(&(at..at + part.len()));
            Some((reading, place))
        })
    }

    #[test]
    fn what_stands_under_codings_is_found_in_its_place() {
        for (text, place) in [
            ("xa+é=y", 1..6),
            ("xa%2b%C3%a9%3Dy", 1..14),
            ("xa%252B%25C3%25A9%253Dy", 1..22),
            (r"xa\u002b\u00E9=y", 1..15),
            (r"xa%2B%C3%A9\u003dy", 1..17),
            ("xa&#43;&#xe9;=y", 1..14),
            ("xa&amp;#43;&#xe9;=y", 1..18),
        ] {
            let found = find(text, "a+é=").map(|(_, place)| place);

            assert_eq!(found, Some(place), "{text}");
        }
    }

    #[test]
    fn what_is_put_in_is_spelled_as_what_was_there() {
        for (text, spelled) in [
            ("a+b", r#"a" &"#),
            ("a%2Bb", "a%22%20%26"),
            ("a%252Bb", "a%2522%2520%2526"),
            (r"a\u002bb", r#"a\" &"#),
            ("a&#43;b", "a&quot; &amp;"),
        ] {
            let (reading, _) = find(text, "a+b").expect("it is there");

            assert_eq!(reading.spell(br#"a" &"#), spelled.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_pair_of_surrogates_is_one_character_and_half_a_pair_stands_for_itself() {
        assert_eq!(find(r"x\uD83D\ude00y", "😀").map(|(_, place)| place), Some(1..13));
        assert_eq!(find(r"\ud83d\n", r"\ud83d").map(|(_, place)| place), Some(0..6));
    }

    #[test]
    fn a_text_without_escapes_has_one_reading() {
        assert_eq!(readings(r#"{"a":"100% & more \q &x;"}"#).len(), 1);
    }
}
