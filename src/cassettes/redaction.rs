//! What must not be kept of an exchange, and what stands in for it.

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memmem;

use super::asked::Asked;
use super::base64_run::{Base64, runs};
use super::cassette::{Answers, Cassette, Interaction};
use super::coding::{Coding, Reading};
use super::needle::Needle;
use super::pattern::{ACCOUNT_BEGINS, PATTERNS, Pattern, StandInKind, is_stand_in_account};
use crate::signing::{Key, hex};
use crate::wire::{Headers, Response};

/// A rule of redaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RedactionRule {
    /// Never changes its meaning.
    pub id: &'static str,
    /// What it takes out, and what comes in its place.
    pub replaces: &'static str,
}

/// Every rule, in the order of the ids.
///
/// The first three look for what is known, however it is encoded. The others hold for a tape alone, where it is not
/// known whose credentials an old or edited file may hold. A secret is replaced too, not refused: it has no business in
/// an answer, but a file that holds it already has to be cleaned.
pub const REDACTION_RULES: &[RedactionRule] = &[
    RedactionRule { id: "R001", replaces: "the real access key id, by testid" },
    RedactionRule { id: "R002", replaces: "the real security token, by testtoken" },
    RedactionRule { id: "R003", replaces: "the real secret, by testsecret" },
    RedactionRule { id: "R004", replaces: "ids of accounts and users, each by a number of its own" },
    RedactionRule { id: "R005", replaces: "EncodedDiagnosticMessage, by testdiagnosis" },
    RedactionRule { id: "R006", replaces: "AuthPrincipalDisplayName, by testuser" },
    RedactionRule { id: "R007", replaces: "what is named or looks like an access key id, by testid" },
    RedactionRule { id: "R008", replaces: "what is named or looks like a token, by testtoken" },
    RedactionRule { id: "R009", replaces: "what is named AccessKeySecret, by testsecret" },
    RedactionRule { id: "R010", replaces: "a nonce that looks like a secret, by a hash of it" },
];

/// For whom the redacted text is.
#[derive(Clone, Copy, Debug)]
pub enum StandIn<'a> {
    /// The client that asked: its own id and token for the real ones, and else what was answered.
    Client {
        /// The id that the client signed with.
        id: &'a str,
        /// The token that it sent, if any.
        token: Option<&'a [u8]>,
    },
    /// A cassette: the public test key's id and token, and every other rule too.
    Tape,
}

/// Replaces credentials, and on a tape all that points to an account.
///
/// Works on any bytes: what is no JSON or XML is read as the text that it is. A value is found under percent-encoding,
/// the escapes of JSON, the entities of XML, in base64 and in hexadecimal, also in one another, and what replaces it
/// is encoded the same way; no other byte changes. The public test key is no secret and stays.
#[derive(Debug)]
pub struct Redaction {
    needles: Vec<Needle>,
    patterns: &'static [Pattern],
    codings: &'static [Coding],
    /// In fewer characters of base64 there is nothing to find.
    shortest_run: usize,
}

impl Redaction {
    /// Knows `real`, the key that the upstream saw, if there is one.
    pub fn new(real: Option<&Key>, stand_in: StandIn<'_>) -> Self {
        let (id, token, patterns) = match stand_in {
            StandIn::Client { id, token } => (id, token.unwrap_or(b"testtoken"), &[][..]),
            StandIn::Tape => ("testid", &b"testtoken"[..], PATTERNS),
        };
        let needles = real.map_or_else(Vec::new, |real| Needle::all_of(real, id.as_bytes(), token));
        let has_space = needles.iter().any(|needle| needle.bytes.contains(&b' '));
        let shortest =
            needles.iter().map(|needle| needle.bytes.len()).chain(patterns.first().map(|_| SHORTEST_PATTERN));
        let shortest_run = shortest.min().map_or(usize::MAX, |bytes| bytes * 4 / 3);
        Self { needles, patterns, codings: if has_space { SPACED } else { USUAL }, shortest_run }
    }

    /// The answer with stand-ins in its headers and its body.
    #[must_use = "the response itself is not changed"]
    pub fn response(&self, response: &Response) -> Response {
        Pass::new(self).response(response)
    }

    /// The text with stand-ins in it.
    #[must_use = "the text itself is not changed"]
    pub fn text(&self, text: &[u8]) -> Vec<u8> {
        Pass::new(self).value(b"", text)
    }

    /// The cassette with stand-ins in requests, answers and notes, and the ids of the rules that changed something.
    ///
    /// One account has one stand-in in all of a cassette. A request that was validly signed is signed anew.
    pub(super) fn cassette(&self, cassette: &Cassette) -> (Cassette, BTreeSet<&'static str>) {
        let mut pass = Pass::new(self);
        pass.learn(cassette);
        let redacted = Cassette {
            path: cassette.path.clone(),
            note: pass.note(cassette.note.as_deref()),
            provenance: cassette.provenance.clone(),
            interactions: cassette.interactions.iter().map(|interaction| pass.interaction(interaction)).collect(),
        };
        (redacted, pass.applied)
    }
}

/// What was found in a text: where, and what takes its place.
struct Match {
    rule: &'static str,
    range: Range<usize>,
    stand_in: Vec<u8>,
}

impl Match {
    /// The same in the text that `reading` is of; `home` is how that writes texts in the whole.
    fn in_text(self, reading: &Reading, home: Option<Coding>) -> Self {
        let spelled = reading.spell(&self.stand_in);
        let stand_in = match home {
            Some(coding) if !reading.is_under(coding) => coding.encode(&spelled),
            _ => spelled,
        };
        Self { rule: self.rule, range: reading.place(&self.range), stand_in }
    }
}

/// One way through an answer or a cassette.
struct Pass<'r> {
    redaction: &'r Redaction,
    nonces: Vec<Needle>,
    accounts: Vec<Vec<u8>>,
    accounts_before: usize,
    applied: BTreeSet<&'static str>,
}

impl<'r> Pass<'r> {
    fn new(redaction: &'r Redaction) -> Self {
        Self { redaction, nonces: Vec::new(), accounts: Vec::new(), accounts_before: 0, applied: BTreeSet::new() }
    }

    /// What has to be known before the first replacement: nonces, which refusals echo, and the numbers that are taken.
    fn learn(&mut self, cassette: &Cassette) {
        let requests = cassette.interactions.iter().filter_map(|interaction| interaction.asked.request());
        let nonces = requests.flat_map(|request| {
            request.values("SignatureNonce").chain(request.headers().all("x-acs-signature-nonce")).map(<[u8]>::to_vec)
        });
        self.nonces = nonces.filter_map(|nonce| Needle::of_nonce(&nonce)).collect();
        let text = cassette.text();
        let taken = text.split(|character: char| !character.is_ascii_digit());
        let taken = taken.filter(|number| is_stand_in_account(number.as_bytes()));
        self.accounts_before =
            taken.filter_map(|number| number[ACCOUNT_BEGINS.len()..].parse().ok()).max().unwrap_or(0);
    }

    fn interaction(&mut self, interaction: &Interaction) -> Interaction {
        Interaction {
            note: self.note(interaction.note.as_deref()),
            asked: self.asked(&interaction.asked),
            answers: Answers {
                first: self.response(&interaction.answers.first),
                then: interaction.answers.then.iter().map(|answer| self.response(answer)).collect(),
            },
            ..interaction.clone()
        }
    }

    fn note(&mut self, note: Option<&str>) -> Option<String> {
        note.map(|note| String::from_utf8_lossy(&self.value(b"", note.as_bytes())).into_owned())
    }

    fn asked(&mut self, asked: &Asked) -> Asked {
        let headers = self.headers(&asked.raw().headers);
        let body = self.value(b"", &asked.raw().body);
        match asked {
            Asked::Raw(_) => asked.with_target(self.value(b"", &asked.raw().target), headers, body),
            Asked::Request(request, _) => {
                let parameters = request.parameters().iter().map(|parameter| {
                    let mut redacted = parameter.clone();
                    redacted.name = self.value(b"", &parameter.name);
                    redacted.value = self.value(&[&parameter.name, &b"="[..]].concat(), &parameter.value);
                    redacted
                });
                asked.with_parameters(parameters.collect(), headers, &body)
            }
        }
    }

    fn response(&mut self, response: &Response) -> Response {
        let headers = self.headers(&response.headers);
        Response { status: response.status, headers, body: self.value(b"", &response.body) }
    }

    fn headers(&mut self, headers: &Headers) -> Headers {
        let redacted =
            headers.iter().map(|(name, value)| (name.to_owned(), self.value(format!("{name}: ").as_bytes(), value)));
        redacted.collect()
    }

    /// The value behind `context`, which says what it is and stays as it is.
    fn value(&mut self, context: &[u8], value: &[u8]) -> Vec<u8> {
        let mut text = [context, value].concat();
        for round in 0..MOST_ROUNDS {
            let mut matches = self.matches(&text, round, 0);
            matches.retain(|found| found.range.start >= context.len());
            if matches.is_empty() {
                break;
            }
            text = self.replaced(&text, matches);
        }
        text.split_off(context.len())
    }

    /// Everything in `text` that has to go; some of it may overlap.
    fn matches(&mut self, text: &[u8], round: usize, depth: usize) -> Vec<Match> {
        let mut matches = Vec::new();
        let home = home(text);
        Reading::each(text, self.redaction.codings, |reading| {
            let lower = reading.bytes.to_ascii_lowercase();
            let known = self.known(&reading.bytes, &lower, round).into_iter();
            let found = known.chain(self.shaped(&reading.bytes, &lower));
            let found = found.chain(self.in_base64(&reading.bytes, round, depth));
            matches.extend(found.map(|found| found.in_text(reading, home)));
        });
        matches
    }

    fn known(&self, text: &[u8], lower: &[u8], round: usize) -> Vec<Match> {
        let needles = self.redaction.needles.iter().chain(&self.nonces);
        // A stand-in that holds what it stands for, `testid-x` for `x`, is not replaced again.
        let is_new = |needle: &&Needle| round == 0 || memmem::find(&needle.stand_in, &needle.bytes).is_none();
        let mut matches = Vec::new();
        for Needle { rule, bytes, stand_in } in needles.filter(is_new) {
            let (in_hex, stand_in_hex) = (hex(bytes), hex(stand_in));
            let found = |at, length, stand_in: &[u8]| Match { rule, range: at..at + length, stand_in: stand_in.into() };
            matches.extend(memmem::find_iter(text, bytes).map(|at| found(at, bytes.len(), stand_in)));
            let hexes = memmem::find_iter(lower, &in_hex);
            matches.extend(hexes.map(|at| found(at, in_hex.len(), stand_in_hex.as_bytes())));
        }
        matches
    }

    fn shaped(&mut self, text: &[u8], lower: &[u8]) -> Vec<Match> {
        let mut matches = Vec::new();
        for pattern in self.redaction.patterns {
            for range in pattern.find(text, lower) {
                let stand_in = match pattern.stand_in {
                    StandInKind::Account => self.account(&text[range.clone()]),
                    StandInKind::Text(text) => text.into(),
                };
                matches.push(Match { rule: pattern.rule, range, stand_in });
            }
        }
        matches
    }

    /// Runs of base64 whose bytes have to change, at whichever of their characters the encoding begins.
    fn in_base64(&mut self, text: &[u8], round: usize, depth: usize) -> Vec<Match> {
        let mut matches = Vec::new();
        let runs = if depth < MOST_BASE64 { runs(text, self.redaction.shortest_run) } else { Vec::new() };
        for run in runs {
            for start in run.start..run.start + 4 {
                let Some(base64) = Base64::decode(&text[start..run.end]) else { continue };
                let inner = self.matches(&base64.bytes, round, depth + 1);
                let Some(rule) = inner.first().map(|found| found.rule) else { continue };
                let stand_in = base64.encode(&self.replaced(&base64.bytes, inner));
                matches.push(Match { rule, range: start..start + base64.length, stand_in });
                break;
            }
        }
        matches
    }

    /// The longest first: a part of a value may look like a value of its own.
    fn replaced(&mut self, text: &[u8], mut matches: Vec<Match>) -> Vec<u8> {
        matches.sort_by_key(|found| (std::cmp::Reverse(found.range.len()), found.range.start));
        let mut chosen: Vec<Match> = Vec::new();
        for found in matches {
            if chosen.iter().all(|other| found.range.end <= other.range.start || other.range.end <= found.range.start) {
                chosen.push(found);
            }
        }
        chosen.sort_by_key(|found| found.range.start);
        let mut redacted = Vec::with_capacity(text.len());
        let mut at = 0;
        for Match { rule, range, stand_in } in chosen {
            redacted.extend_from_slice(&text[at..range.start]);
            redacted.extend(stand_in);
            at = range.end;
            self.applied.insert(rule);
        }
        redacted.extend_from_slice(&text[at..]);
        redacted
    }

    fn account(&mut self, id: &[u8]) -> Vec<u8> {
        let known = self.accounts.iter().position(|known| known == id);
        let at = known.unwrap_or_else(|| {
            self.accounts.push(id.to_vec());
            self.accounts.len() - 1
        });
        format!("{ACCOUNT_BEGINS}{:04}", self.accounts_before + at + 1).into_bytes()
    }
}

/// How texts are written in the whole: stand-ins have to be, too.
fn home(text: &[u8]) -> Option<Coding> {
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => Some(Coding::Json),
        Some(b'<') => Some(Coding::Xml),
        _ => None,
    }
}

const USUAL: &[Coding] = &[Coding::Json, Coding::Percent, Coding::Xml];
const SPACED: &[Coding] = &[Coding::Json, Coding::Percent, Coding::Form, Coding::Xml];

/// What is replaced may uncover what it overlapped.
const MOST_ROUNDS: usize = 3;

/// What is told by its shape or its name alone is longer.
const SHORTEST_PATTERN: usize = 12;

/// How deep base64 in base64 is looked into.
const MOST_BASE64: usize = 2;

#[cfg(test)]
mod tests {
    use super::super::asked::Signed;
    use super::super::provenance::Provenance;
    use super::*;
    use crate::signing::{Digest, Keyring, Scheme, Style, Verdict, sign, verify};
    use crate::wire::{Parameter, RawRequest, Request, Spelling};

    fn real() -> Key {
        Key::new("real+id/%é", "real secret&=").with_token("tok/en+==")
    }

    fn response(body: &str) -> Response {
        Response { status: 400, headers: [("X-Echo", body)].into_iter().collect(), body: body.into() }
    }

    fn on_tape(body: &str) -> Response {
        Redaction::new(Some(&real()), StandIn::Tape).response(&response(body))
    }

    #[test]
    fn what_is_known_is_replaced_under_every_encoding_in_body_and_headers() {
        for (was, is) in [
            ("a real+id/%é b", "a testid b"),
            ("AccessKeyId%3Dreal%2Bid%2F%25%C3%A9%26", "AccessKeyId%3Dtestid%26"),
            ("AccessKeyId%3Dreal%252bid%252F%2525%25C3%25a9%26", "AccessKeyId%3Dtestid%26"),
            (r#"{"a":"real+id\/%\u00e9"}"#, r#"{"a":"testid"}"#),
            (r#"{"a":"real\u002Bid/%é","b":1.0}"#, r#"{"a":"testid","b":1.0}"#),
            ("<A>real&#43;id/%&#xE9;</A>", "<A>testid</A>"),
            // printf 'x:real+id/%%é' | base64
            ("Basic eDpyZWFsK2lkLyXDqQ==", "Basic eDp0ZXN0aWQ="),
            // printf 'real+id/%%é' | xxd -p
            ("7265616C2b69642f25c3a9", "746573746964"),
            ("tok/en+== tok%2Fen%2B%3D%3D", "testtoken testtoken"),
            ("real+secret%26%3D", "testsecret"),
        ] {
            let redacted = on_tape(was);

            assert_eq!(redacted, response(is), "{was}");
        }
    }

    #[test]
    fn the_documented_rules_are_these() {
        let page = include_str!("../../docs/sealing.md");
        let (_, table) = page.split_once("| rule | replaces |\n|---|---|\n").expect("the page has the table");

        let rows: Vec<String> =
            REDACTION_RULES.iter().map(|rule| format!("| {} | {} |", rule.id, rule.replaces)).collect();

        assert_eq!(table.lines().take(rows.len() + 1).collect::<Vec<_>>(), [rows, vec![String::new()]].concat());
    }

    fn real_id_of(shape: &str) -> String {
        format!("{shape}5tNotReal0000000")
    }

    #[test]
    fn every_rule_for_a_tape_takes_out_what_it_is_for() {
        let id = real_id_of("LTAI");
        let token = real_id_of("CAIS") + "/+";
        let rows = [
            ("R004", r#"{"OwnerId":1234567890123456}"#, r#"{"OwnerId":1000000000000001}"#),
            ("R004", "<AccountId>26842</AccountId>", "<AccountId>1000000000000001</AccountId>"),
            ("R004", "no user 1234567890123456.", "no user 1000000000000001."),
            ("R004", "acs:ram::1234567890123456:user/a", "acs:ram::1000000000000001:user/a"),
            ("R004", "acs%3Aalidns%3A%2A%3A1234567890%3Ax", "acs%3Aalidns%3A%2A%3A1000000000000001%3Ax"),
            (
                "R005",
                r#"{"EncodedDiagnosticMessage":"AQAB\/+x\u003d"}"#,
                r#"{"EncodedDiagnosticMessage":"testdiagnosis"}"#,
            ),
            ("R005", "EncodedDiagnosticMessage%3DAQAB%252Fxxx%253D%26", "EncodedDiagnosticMessage%3Dtestdiagnosis%26"),
            ("R006", r#"{"AuthPrincipalDisplayName":"jo doe"}"#, r#"{"AuthPrincipalDisplayName":"testuser"}"#),
            ("R007", "AccessKeyId%3DAbcdefgh12345678%26", "AccessKeyId%3Dtestid%26"),
            ("R007", &format!("id ({id})"), "id (testid)"),
            ("R008", "SecurityToken%3Dabcdefgh%252Fijkl12345678%26", "SecurityToken%3Dtesttoken%26"),
            ("R008", &format!("{{\"t\":\"{token}=\"}}"), r#"{"t":"testtoken"}"#),
            ("R009", r#"{"AccessKeySecret":"abcdefgh12345678"}"#, r#"{"AccessKeySecret":"testsecret"}"#),
        ];
        for (rule, was, is) in rows {
            let redaction = Redaction::new(None, StandIn::Tape);
            let mut pass = Pass::new(&redaction);

            let redacted = pass.value(b"", was.as_bytes());

            assert_eq!(String::from_utf8_lossy(&redacted), is);
            assert_eq!(Vec::from_iter(pass.applied), [rule], "{was}");
        }
    }

    #[test]
    fn words_masks_and_stand_ins_are_no_values() {
        for text in [
            "SecurityToken is mandatory for this action.",
            r#"{"Code":"InvalidAccessKeyId.NotFound","AccessKeyId":null}"#,
            r#"{"TaskId":1234567890123456,"RequestId":"75446CC1-FC9A-4595-8D96-089D73D7A63D"}"#,
            r#"{"AuthPrincipalOwnerId":"19****","EncodedDiagnosticMessage":"<base64>","AuthPrincipalDisplayName":"20****"}"#,
            "AccessKeyId=testid-a.b, LTAI****************",
            "OwnerId=1000000000000001 acs:ram::*:x acs:1",
        ] {
            let redacted = Redaction::new(None, StandIn::Tape).response(&response(text));

            assert_eq!(redacted, response(text));
        }
    }

    #[test]
    fn one_account_has_one_stand_in_and_no_number_is_given_twice() {
        let answer = r#"{"a":"acs:ram::111111:x","b":"acs:ram::222222:x","c":"acs:ram::111111:x"}"#;
        let taken = "acs:ram::1000000000000007:x";
        let cassette = cassette(request(&[("Lang", taken)]), answer);

        let (redacted, _) = Redaction::new(None, StandIn::Tape).cassette(&cassette);

        let body = String::from_utf8_lossy(&redacted.interactions[0].answers.first.body).into_owned();
        let expected = r#"{"a":"acs:ram::1000000000000008:x","b":"acs:ram::1000000000000009:x","c":"acs:ram::1000000000000008:x"}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn a_request_that_changes_is_signed_anew_under_its_own_scheme() {
        let token = real_id_of("CAIS");
        let key = Key::test().with_token(token.clone());
        for scheme in [Scheme::Acs3(Digest::Sha256), Scheme::HmacSha1] {
            let signed = sign(&request(&[("Lang", "real+id/%é")]), scheme, &key, &Style::SERVICE);
            let cassette = cassette(signed, "{}");

            let (redacted, rules) = Redaction::new(Some(&real()), StandIn::Tape).cassette(&cassette);

            let asked = redacted.interactions[0].asked.request().expect("it can be decoded");
            assert!(matches!(verify(asked, &Keyring::test()), Verdict::Valid(_)), "{scheme}");
            assert_eq!(asked.text("Lang").as_deref(), Some("testid"));
            assert!(!redacted.text().contains(&token), "{scheme}");
            assert_eq!(Vec::from_iter(rules), ["R001", "R008"]);
        }
    }

    #[test]
    fn a_nonce_that_looks_like_a_secret_is_replaced_where_it_stands_and_where_it_is_echoed() {
        let nonce = "abcdefghijABCDEFGHIJ0123456789";
        let signed = sign(&request(&[("SignatureNonce", nonce)]), Scheme::HmacSha1, &Key::test(), &Style::SERVICE);
        let cassette = cassette(signed, &format!("SignatureNonce%3D{nonce}%26"));

        let (redacted, rules) = Redaction::new(None, StandIn::Tape).cassette(&cassette);

        // printf abcdefghijABCDEFGHIJ0123456789 | sha256sum | cut -c1-32
        let stand_in = "36b7f9b4ffb26f05129e7c52a594117c";
        let interaction = &redacted.interactions[0];
        let asked = interaction.asked.request().expect("it can be decoded");
        assert_eq!(asked.text("SignatureNonce").as_deref(), Some(stand_in));
        assert_eq!(interaction.answers.first.body, format!("SignatureNonce%3D{stand_in}%26").as_bytes());
        assert_eq!(Vec::from_iter(rules), ["R010"]);
    }

    #[test]
    fn notes_and_requests_that_cannot_be_decoded_are_redacted_too() {
        let raw = RawRequest {
            method: "GET".into(),
            target: "/?%zz&Lang=real%2Bid/%25%C3%A9".into(),
            headers: Headers::new(),
            body: b"real+id/%\xc3\xa9".to_vec(),
            spelling: Spelling::AsSent,
        };
        let mut cassette = cassette(request(&[]), "{}");
        cassette.note = Some("as real+id/%é".into());
        cassette.interactions[0].note = Some("real+id/%é".into());
        cassette.interactions[0].asked = Asked::Raw(raw);

        let (redacted, _) = Redaction::new(Some(&real()), StandIn::Tape).cassette(&cassette);

        let interaction = &redacted.interactions[0];
        assert_eq!(redacted.note.as_deref(), Some("as testid"));
        assert_eq!(interaction.note.as_deref(), Some("testid"));
        assert_eq!(interaction.asked.raw().target, b"/?%zz&Lang=testid");
        assert_eq!(interaction.asked.raw().body, b"testid");
    }

    fn request(parameters: &[(&str, &str)]) -> Request {
        let parameters = parameters.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        Request::compose("GET", parameters, [("host", "alidns.aliyuncs.com")].into_iter().collect())
    }

    fn cassette(request: Request, body: &str) -> Cassette {
        let interaction = Interaction {
            id: "one".into(),
            note: None,
            exhibit: false,
            constructed: false,
            asked: Asked::Request(request, Signed::Valid),
            answers: Answers::one(response(body)),
        };
        let provenance = Provenance::Simulated { seed: 0 };
        Cassette { path: "a/b.json".into(), note: None, provenance, interactions: vec![interaction] }
    }

    #[test]
    fn a_client_gets_its_own_id_and_token_and_every_other_byte() {
        let stand_in = StandIn::Client { id: "testid-a.b", token: Some(b"my\"token") };
        let body = r#"{"Message":"id real+id/%é%26tok%2Fen%2B%3D%3D tok/en+==","OwnerId":"1234567890123456"}"#;

        let answer = Redaction::new(Some(&real()), stand_in).response(&response(body));

        let expected = r#"{"Message":"id testid-a.b%26my%22token my\"token","OwnerId":"1234567890123456"}"#;
        assert_eq!(String::from_utf8_lossy(&answer.body), expected);
    }

    #[test]
    fn the_public_test_key_stays() {
        let body = "testid testsecret testtoken testid-a.b";
        let key = Key::new("testid-a.b", "testsecret").with_token("testtoken");

        let answer = Redaction::new(Some(&key), StandIn::Tape).response(&response(body));

        assert_eq!(answer, response(body));
    }

    #[test]
    fn a_stand_in_that_holds_what_it_stands_for_is_put_in_once() {
        let stand_in = StandIn::Client { id: "testid-canary", token: None };

        let answer = Redaction::new(Some(&Key::new("canary", "s")), stand_in).response(&response("{\"a\":\"canary\"}"));

        assert_eq!(answer.body, b"{\"a\":\"testid-canary\"}");
    }
}
