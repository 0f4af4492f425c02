//! A cassette that may be stored.

use std::collections::BTreeSet;

use super::cassette::Cassette;
use super::redaction::{Redaction, StandIn};
use super::scan::{self, Leak};
use crate::signing::Key;

/// A cassette that has been redacted and scanned, with the very bytes that were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealed {
    cassette: Cassette,
    text: String,
    rules: BTreeSet<&'static str>,
}

impl Sealed {
    /// Redacts `cassette`, then scans what its file would hold; `real` is the key that the upstream saw, if any.
    ///
    /// # Errors
    /// [`Leak`], the first of the file, where a secret is left. Bytes that do not read back as a cassette are one too.
    pub fn new(cassette: Cassette, real: Option<&Key>) -> Result<Self, Leak> {
        let (redacted, rules) = Redaction::new(real, StandIn::Tape).cassette(&cassette);
        let text = redacted.text();
        if let Some(leak) = scan::leaks(&redacted.path, &text, real).into_iter().next() {
            return Err(leak);
        }
        match Cassette::parse(&redacted.path, text.as_bytes()) {
            Ok(cassette) => Ok(Self { cassette, text, rules }),
            Err(cause) => Err(Leak::unreadable(&redacted.path, cause)),
        }
    }

    /// As it reads from the file.
    pub fn cassette(&self) -> &Cassette {
        &self.cassette
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ids of the rules of redaction that changed something.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::library::Cassettes;
    use super::*;

    #[test]
    fn what_is_shipped_is_sealed_as_it_is() {
        for cassette in Cassettes::shipped().into_vec() {
            let text = cassette.text();

            let sealed = Sealed::new(cassette, None).expect("nothing secret is shipped");

            assert_eq!(sealed.text(), text);
            assert_eq!(sealed.rules().count(), 0);
        }
    }

    /// A shipped cassette whose answer has `body`, also in a header.
    fn answered(body: &[u8]) -> Cassette {
        let mut cassette = Cassettes::shipped().into_vec().swap_remove(0);
        cassette.interactions[0].answers.first.headers.push("X-Echo", body.to_vec());
        cassette.interactions[0].answers.first.body = body.to_vec();
        cassette
    }

    #[test]
    fn what_redaction_would_miss_is_refused_wherever_it_stands() {
        let key = Key::new("qid/+é=x", "q secret%");
        for body in [
            "a qid/+é=x b",
            r#"{"Message":"GET&%2F&AccessKeyId%3Dqid%252F%252B%25C3%25A9%253Dx%26"}"#,
            r#"{"Message":"qid\/\u002b\u00e9\u003dx"}"#,
            "{\n \"Message\": \"qid%2F%2B%C3%A9\\u003dx\"\n}",
            r#"{"Detail":"{\"Message\":\"qid\\/+\\u00e9=x\"}"}"#,
            "<Message>qid&#x2F;&#43;&#233;&#61;x</Message>",
            // printf 'qid/+é=x:q secret%%' | base64
            "Basic cWlkLyvDqT14OnEgc2VjcmV0JQ==",
        ] {
            let in_text = answered(body.as_bytes());
            let in_bytes = answered(&[body.as_bytes(), b"\xff"].concat());

            for cassette in [in_text, in_bytes] {
                let leaks = scan::leaks(&cassette.path, &cassette.text(), Some(&key));

                assert_eq!(leaks.first().map(|leak| leak.rule.id), Some("S002"), "{}", cassette.text());
            }
        }
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut cassette = answered(b"\x1f\x8b");
        cassette.interactions[0].answers.first.headers.push("content-encoding", "gzip");

        let leak = Sealed::new(cassette, None).expect_err("it cannot be looked into");

        assert_eq!(leak.rule.id, "S009");
    }

    #[test]
    fn what_does_not_read_back_is_refused() {
        let mut cassette = answered(b"{}");
        cassette.interactions[0].answers.first.status = 999;

        let leak = Sealed::new(cassette, None).expect_err("no answer has that status");

        assert_eq!(leak.rule.id, "S001");
    }
}
