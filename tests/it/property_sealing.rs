//! No credential gets through sealing, whatever it is made of and however it is written; and nothing else is touched.

use alidns_contract::cassettes::{Answers, Asked, Cassette, Interaction, Provenance, Sealed, Signed};
use alidns_contract::signing::{Key, Scheme, Style, sign};
use alidns_contract::wire::{Headers, Parameter, Request, Response, percent};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

/// How a credential is written inside a text.
#[derive(Clone, Copy, Debug)]
enum Writing {
    Base64,
    Base64UrlSafe,
    Escaped,
    Form,
    Hex,
    Percent,
    PercentLower,
    PercentTwice,
    Plain,
    References,
}

/// What the text is a part of.
#[derive(Clone, Copy, Debug)]
enum Place {
    Binary,
    Header,
    Json,
    JsonInJson,
    Note,
    Parameter,
    SpacedJson,
    Text,
    Xml,
}

const WRITINGS: [Writing; 10] = [
    Writing::Base64,
    Writing::Base64UrlSafe,
    Writing::Escaped,
    Writing::Form,
    Writing::Hex,
    Writing::Percent,
    Writing::PercentLower,
    Writing::PercentTwice,
    Writing::Plain,
    Writing::References,
];

const PLACES: [Place; 9] = [
    Place::Binary,
    Place::Header,
    Place::Json,
    Place::JsonInJson,
    Place::Note,
    Place::Parameter,
    Place::SpacedJson,
    Place::Text,
    Place::Xml,
];

fn json_escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn json_string(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lower_percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

fn written(credential: &str, writing: Writing) -> String {
    let once = percent::encode(credential.as_bytes());
    match writing {
        Writing::Base64 => STANDARD.encode(format!("{credential}:x")),
        Writing::Base64UrlSafe => URL_SAFE_NO_PAD.encode(format!("ab{credential}")),
        Writing::Escaped => json_escaped(credential),
        Writing::Form => once.replace("%20", "+"),
        Writing::Hex => hex(credential.as_bytes()),
        Writing::Percent => once,
        Writing::PercentLower => lower_percent(credential),
        Writing::PercentTwice => percent::encode(once.as_bytes()),
        Writing::Plain => credential.to_owned(),
        Writing::References => credential.chars().map(|letter| format!("&#{};", u32::from(letter))).collect(),
    }
}

fn xml_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A cassette whose only mention of a credential is `text`.
fn cassette(text: &str, place: Place) -> Cassette {
    let json = format!(
        r#"{{"RequestId":"75446CC1-FC9A-4595-8D96-089D73D7A63D","Message":{},"N":1.0,"N":2}}"#,
        json_string(text)
    );
    let body: Vec<u8> = match place {
        Place::Binary => [b"\xff\xfe", text.as_bytes(), b"\x00\xff"].concat(),
        Place::Json => json.into_bytes(),
        Place::JsonInJson => format!(r#"{{"Detail":{}}}"#, json_string(&json)).into_bytes(),
        Place::SpacedJson => format!("{{\n  \"Message\": {}\n}}\n", json_string(text)).into_bytes(),
        Place::Text => text.as_bytes().to_vec(),
        Place::Xml => format!("<Error><Message a='1'>{}</Message></Error>", xml_text(text)).into_bytes(),
        Place::Header | Place::Note | Place::Parameter => b"{}".to_vec(),
    };
    let mut headers = Headers::from_iter([("Content-Type", "application/json;charset=utf-8")]);
    if matches!(place, Place::Header) {
        headers.push("X-Echo", text);
    }
    let lang = if matches!(place, Place::Parameter) { text } else { "en" };
    let unsigned =
        Request::compose("GET", vec![Parameter::query("Action", "A"), Parameter::query("Lang", lang)], Headers::new());
    let request = sign(&unsigned, Scheme::HmacSha1, &Key::test(), &Style::SERVICE);
    let interaction = Interaction {
        id: "one".into(),
        note: matches!(place, Place::Note).then(|| text.to_owned()),
        exhibit: false,
        constructed: false,
        asked: Asked::Request(request, Signed::Valid),
        answers: Answers::one(Response { status: 200, headers, body }),
    };
    let provenance = Provenance::Simulated { seed: 0 };
    Cassette { path: "a/b.json".into(), note: None, provenance, interactions: vec![interaction] }
}

/// Everything of a cassette that somebody could read, and the file itself.
fn texts(sealed: &Sealed) -> Vec<Vec<u8>> {
    let mut texts = vec![sealed.text().as_bytes().to_vec()];
    for interaction in &sealed.cassette().interactions {
        let request = interaction.asked.request().expect("it is signed");
        texts.extend(request.parameters().iter().map(|parameter| parameter.value.clone()));
        texts.extend(interaction.note.iter().map(|note| note.as_bytes().to_vec()));
        for answer in interaction.answers.iter() {
            texts.push(answer.body.clone());
            texts.extend(answer.headers.iter().map(|(_, value)| value.to_vec()));
        }
    }
    texts
}

/// Every way of writing, written out and looked for: nothing is decoded.
fn finds(text: &[u8], credential: &str) -> bool {
    let mut forms: Vec<Vec<u8>> = vec![credential.into(), json_string(credential).trim_matches('"').into()];
    for writing in WRITINGS {
        let form = match writing {
            // What of it does not depend on what stands before and behind.
            Writing::Base64 => STANDARD.encode(credential)[..credential.len() * 4 / 3 - 1].to_owned(),
            Writing::Base64UrlSafe => {
                URL_SAFE_NO_PAD.encode(format!("ab{credential}"))[3..credential.len() * 4 / 3].to_owned()
            }
            other => written(credential, other),
        };
        forms.push(json_string(&form).trim_matches('"').into());
        forms.push(form.into_bytes());
    }
    forms.push(xml_text(credential).into_bytes());
    forms.push(percent::encode(credential.as_bytes()).into_bytes());
    let text = text.to_ascii_lowercase();
    forms.iter().any(|form| text.windows(form.len()).any(|window| *window == form.to_ascii_lowercase()))
}

fn credentials() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        6 => proptest::char::range('a', 'z'),
        3 => proptest::char::range('A', 'Z'),
        3 => proptest::char::range('0', '9'),
        4 => prop::sample::select(vec!['+', '/', '=', '%', '&', ' ', '.', '-']),
        2 => prop::sample::select(vec!['é', '中', '😀', '\u{301}', '"', '\\', '<', '\'']),
    ];
    let inner = prop::collection::vec(letters, 10..40).prop_map(String::from_iter);
    // A header value has no outer white space, and a single letter many times is found in anything.
    inner.prop_map(|inner| format!("q{inner}Z7"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_credential_is_left_in_any_writing(
        credentials in (credentials(), credentials(), credentials()),
        which in 0_usize..3,
        writing in prop::sample::select(WRITINGS.to_vec()),
        place in prop::sample::select(PLACES.to_vec()),
        around in ("[a-zA-Z0-9 .,:/-]{0,5}", "[a-zA-Z0-9 .,:/-]{0,5}"),
    ) {
        let (id, secret, token) = credentials;
        prop_assume!(id != secret && secret != token && token != id);
        let credential = [&id, &secret, &token][which];
        let text = format!("x{}{}{}x", around.0, written(credential, writing), around.1);
        let key = Key::new(id.as_str(), secret.as_str()).with_token(token.as_str());

        let sealed = Sealed::new(cassette(&text, place), Some(&key));

        // What stands around a stand-in may make thirty letters and digits of it, and is refused then.
        prop_assume!(!sealed.as_ref().is_err_and(|leak| leak.rule.id == "S008"));
        let sealed = sealed.map_err(|leak| TestCaseError::fail(format!("{leak} in {text}")))?;
        for left in texts(&sealed) {
            for credential in [&id, &secret, &token] {
                prop_assert!(!finds(&left, credential), "{}", String::from_utf8_lossy(&left));
            }
        }
        prop_assert_eq!(sealed.rules().collect::<Vec<_>>(), [["R001", "R003", "R002"][which]]);
    }

    #[test]
    fn what_holds_no_credential_stays_byte_for_byte(
        text in "\\PC{0,60}",
        writing in prop::sample::select(WRITINGS.to_vec()),
        place in prop::sample::select(PLACES.to_vec()),
        key in (credentials(), credentials(), credentials()),
    ) {
        let cassette = cassette(&format!("x{}x", written(&text, writing)), place);
        let key = Key::new(key.0, key.1).with_token(key.2);

        let sealed = Sealed::new(cassette.clone(), Some(&key));

        // Base64 may have thirty letters and digits between two of its marks, and is refused then.
        let by_chance = matches!(writing, Writing::Base64 | Writing::Base64UrlSafe);
        prop_assume!(!sealed.as_ref().is_err_and(|leak| by_chance && leak.rule.id == "S008"));
        let sealed = sealed.map_err(|leak| TestCaseError::fail(leak.to_string()))?;
        prop_assert_eq!(sealed.text(), cassette.text());
    }
}
