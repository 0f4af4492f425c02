//! The vectors recompute, stage by stage, and hold to their schema.

use alidns_contract::signing::{Claim, Diagnosis, Digest, Key, Keyring, Scheme, Stages, Style, Verdict, sign, verify};
use alidns_contract::wire::{Headers, Parameter, Place, RawRequest, Request, Spelling, percent};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[test]
fn every_file_holds_to_the_schema() {
    let schema = jsonschema::validator_for(&read("schema.json")).expect("the schema is one");

    for file in ["hmac-sha1.json", "acs3.json", "percent.json", "misprinted.json"] {
        let broken: Vec<String> = schema.iter_errors(&read(file)).map(|error| error.to_string()).collect();

        assert_eq!(broken, [""; 0], "{file}");
    }
}

#[test]
fn the_schema_refuses_an_unknown_field() {
    let schema = jsonschema::validator_for(&read("schema.json")).expect("the schema is one");
    let mut file: serde_json::Value = read("percent.json");
    file["encode"][0]["comment"] = "unknown".into();

    assert!(!schema.is_valid(&file));
}

#[test]
fn hmac_sha1_recomputes_stage_by_stage() {
    for vector in read::<HmacSha1File>("hmac-sha1.json").vectors {
        for place in [Place::Query, Place::Form] {
            let request = vector.request(place);

            let stages = stages(&request, hmac_sha1_claim(), vector.secret.as_deref().unwrap_or_default());

            assert_eq!(stages.canonical.to_string(), vector.canonical, "{} {place:?}", vector.name);
            assert_eq!(stages.string_to_sign.to_string(), vector.string_to_sign, "{} {place:?}", vector.name);
            if let Some(signature) = &vector.signature {
                assert_eq!(&stages.signature.to_string(), signature, "{} {place:?}", vector.name);
            }
        }
    }
}

#[test]
fn hmac_sha1_vectors_verify_and_are_signed_alike() {
    let file: HmacSha1File = read("hmac-sha1.json");
    let signed = |vector: &&HmacSha1Vector| vector.signature.is_some() && vector.value("AccessKeyId").is_some();
    for vector in file.vectors.iter().filter(signed) {
        let key = vector.key();
        let mut parameters = vector.request(Place::Query).parameters().to_vec();
        parameters.push(Parameter::query("Signature", vector.signature.clone().unwrap_or_default()));
        let received = Request::compose(&vector.method, parameters, Headers::new());

        let signed = sign(&vector.request(Place::Query), Scheme::HmacSha1, &key, &Style::SERVICE);

        assert!(matches!(verify(&received, &Keyring::test().with(key)), Verdict::Valid(_)), "{}", vector.name);
        assert_eq!(signed.text("Signature"), vector.signature, "{}", vector.name);
    }
}

#[test]
fn acs3_recomputes_stage_by_stage() {
    for vector in read::<Acs3File>("acs3.json").vectors {
        let stages = stages(&vector.request(), vector.claim(), &vector.secret);

        assert_eq!(stages.canonical.to_string(), vector.canonical_request, "{}", vector.name);
        assert_eq!(
            (Style::SERVICE.hash)(vector.digest(), stages.canonical.as_bytes()),
            vector.hashed_canonical_request,
            "{}",
            vector.name
        );
        assert_eq!(stages.string_to_sign.to_string(), vector.string_to_sign, "{}", vector.name);
        assert_eq!(stages.signature.to_string(), vector.signature, "{}", vector.name);
    }
}

#[test]
fn acs3_vectors_verify() {
    for vector in read::<Acs3File>("acs3.json").vectors {
        let mut headers = vector.request().headers().clone();
        headers.push(
            "Authorization",
            format!(
                "{} Credential=someid,SignedHeaders={},Signature={}",
                vector.algorithm,
                vector.signed_headers.join(";"),
                vector.signature
            ),
        );
        let received = vector.request().with_headers(headers);

        let verdict = verify(&received, &Keyring::test().with(Key::new("someid", vector.secret.as_str())));

        assert!(matches!(verdict, Verdict::Valid(_)), "{}: {verdict:?}", vector.name);
    }
}

#[test]
fn quirks_of_published_tests_follow_from_the_text_that_they_sign() {
    for quirk in read::<Acs3File>("acs3.json").quirks {
        // The tests of the SDKs are published for SM3 payload hashes, but hash and sign with SHA-256.
        let scheme = Scheme::Acs3(Digest::Sha256);

        let hash = (Style::SERVICE.hash)(Digest::Sha256, quirk.canonical_request.as_bytes());
        let mac = (Style::SERVICE.mac)(scheme, quirk.secret.as_bytes(), quirk.string_to_sign.as_bytes());

        assert_eq!(hash, quirk.hashed_canonical_request, "{}", quirk.name);
        assert_eq!(quirk.string_to_sign, format!("ACS3-HMAC-SHA256\n{hash}"), "{}", quirk.name);
        assert_eq!((Style::SERVICE.print)(scheme, &mac), quirk.signature, "{}", quirk.name);
    }
}

#[test]
fn hashes_and_macs_alone_recompute() {
    for primitive in read::<HmacSha1File>("hmac-sha1.json").primitives {
        let mac = (Style::SERVICE.mac)(Scheme::HmacSha1, primitive.key.as_bytes(), primitive.text.as_bytes());

        assert_eq!((Style::SERVICE.print)(Scheme::HmacSha1, &mac), primitive.hmac_sha1_base64, "{}", primitive.name);
    }
    for primitive in read::<Acs3File>("acs3.json").primitives {
        let text = primitive.text.as_bytes();

        let (actual, expected) = match primitive.kind {
            PrimitiveKind::Digest { digest, hex } => ((Style::SERVICE.payload)(digest_by_name(&digest), text), hex),
            PrimitiveKind::Mac { key, hmac_sm3_hex } => {
                let scheme = Scheme::Acs3(Digest::Sm3);
                let mac = (Style::SERVICE.mac)(scheme, key.as_bytes(), text);
                ((Style::SERVICE.print)(scheme, &mac), hmac_sm3_hex)
            }
        };

        assert_eq!(actual, expected, "{}", primitive.name);
    }
}

#[test]
fn percent_encoding_is_as_published_and_comes_back() {
    for row in read::<PercentFile>("percent.json").encode {
        assert_eq!(percent::encode(row.decoded.as_bytes()), row.encoded, "{}", row.name);
        assert_eq!(percent::decode(row.encoded.as_bytes()).as_deref(), Ok(row.decoded.as_bytes()), "{}", row.name);
    }
}

#[test]
fn misprinted_signatures_are_invalid_and_the_right_ones_recompute() {
    for misprint in read::<MisprintedFile>("misprinted.json").misprints {
        let request = misprint.request();

        let stages = stages(&request, hmac_sha1_claim(), &misprint.secret);
        let verdict = verify(&misprint.as_printed(), &Keyring::test());

        assert_eq!(stages.string_to_sign.to_string(), misprint.right_string_to_sign, "{}", misprint.name);
        assert_eq!(stages.signature.to_string(), misprint.right_signature, "{}", misprint.name);
        assert!(matches!(verdict, Verdict::Invalid { .. }), "{}: {verdict:?}", misprint.name);
    }
}

#[test]
fn every_misprint_is_a_known_mistake() {
    for misprint in read::<MisprintedFile>("misprinted.json").misprints {
        let request = misprint.as_printed();
        let Verdict::Invalid { claim, ours } = verify(&request, &Keyring::test()) else { panic!("{}", misprint.name) };

        let diagnosis = Diagnosis::of(&request, &claim, &ours, &Keyring::test(), None);

        let named = format!("{diagnosis:?}");
        let expected =
            if misprint.name.contains("time-stamp") { "time-stamp-spelling" } else { "second-pass-misses-ampersand" };
        assert!(named.contains(expected), "{}: {named}", misprint.name);
    }
}

fn stages(request: &Request, claim: Claim, secret: &str) -> Stages {
    Stages::claimed(request, &claim, secret.as_bytes(), &Style::SERVICE)
}

fn hmac_sha1_claim() -> Claim {
    let empty = String::new();
    Claim { scheme: Scheme::HmacSha1, key_id: empty.clone(), signature: empty, signed_headers: Vec::new() }
}

fn digest_by_name(name: &str) -> Digest {
    match name {
        "sha256" | "ACS3-HMAC-SHA256" => Digest::Sha256,
        "sm3" | "ACS3-HMAC-SM3" => Digest::Sm3,
        other => panic!("the schema knows no digest {other}"),
    }
}

fn read<T: DeserializeOwned>(file: &str) -> T {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let text = std::fs::read_to_string(path).expect("the file is in the project");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[derive(Deserialize)]
struct HmacSha1File {
    vectors: Vec<HmacSha1Vector>,
    primitives: Vec<HmacSha1Primitive>,
}

#[derive(Deserialize)]
struct HmacSha1Vector {
    name: String,
    method: String,
    parameters: Vec<(String, String)>,
    secret: Option<String>,
    canonical: String,
    string_to_sign: String,
    signature: Option<String>,
}

impl HmacSha1Vector {
    fn request(&self, place: Place) -> Request {
        let parameter = |(name, value): &(String, String)| Parameter {
            name: name.as_bytes().to_vec(),
            value: value.as_bytes().to_vec(),
            place,
        };
        Request::compose(&self.method, self.parameters.iter().map(parameter).collect(), Headers::new())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn key(&self) -> Key {
        let key = Key::new(self.value("AccessKeyId").unwrap_or_default(), self.secret.clone().unwrap_or_default());
        match self.value("SecurityToken") {
            Some(token) => key.with_token(token),
            None => key,
        }
    }
}

#[derive(Deserialize)]
struct HmacSha1Primitive {
    name: String,
    key: String,
    text: String,
    hmac_sha1_base64: String,
}

#[derive(Deserialize)]
struct Acs3File {
    vectors: Vec<Acs3Vector>,
    quirks: Vec<Acs3Quirk>,
    primitives: Vec<Acs3Primitive>,
}

#[derive(Deserialize)]
struct Acs3Vector {
    name: String,
    algorithm: String,
    method: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    signed_headers: Vec<String>,
    body: String,
    secret: String,
    canonical_request: String,
    hashed_canonical_request: String,
    string_to_sign: String,
    signature: String,
}

impl Acs3Vector {
    fn digest(&self) -> Digest {
        digest_by_name(&self.algorithm)
    }

    fn claim(&self) -> Claim {
        let scheme = Scheme::Acs3(self.digest());
        let empty = String::new();
        Claim { scheme, key_id: empty.clone(), signature: empty, signed_headers: self.signed_headers.clone() }
    }

    fn request(&self) -> Request {
        let pair = |(name, value): &(String, String)| {
            [percent::encode(name.as_bytes()), percent::encode(value.as_bytes())].join("=")
        };
        let query: Vec<String> = self.query.iter().map(pair).collect();
        let raw = RawRequest {
            method: self.method.clone(),
            target: format!("/?{}", query.join("&")).into_bytes(),
            headers: self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            body: self.body.clone().into_bytes(),
            spelling: Spelling::AsSent,
        };
        Request::parse(raw).expect("a composed request is well formed")
    }
}

#[derive(Deserialize)]
struct Acs3Quirk {
    name: String,
    secret: String,
    canonical_request: String,
    hashed_canonical_request: String,
    string_to_sign: String,
    signature: String,
}

#[derive(Deserialize)]
struct Acs3Primitive {
    name: String,
    text: String,
    #[serde(flatten)]
    kind: PrimitiveKind,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PrimitiveKind {
    Digest { digest: String, hex: String },
    Mac { key: String, hmac_sm3_hex: String },
}

#[derive(Deserialize)]
struct PercentFile {
    encode: Vec<Encoding>,
}

#[derive(Deserialize)]
struct Encoding {
    name: String,
    decoded: String,
    encoded: String,
}

#[derive(Deserialize)]
struct MisprintedFile {
    misprints: Vec<Misprint>,
}

#[derive(Deserialize)]
struct Misprint {
    name: String,
    method: String,
    parameters: Vec<(String, String)>,
    secret: String,
    printed_signature: String,
    right_string_to_sign: String,
    right_signature: String,
}

impl Misprint {
    fn request(&self) -> Request {
        let parameters = self.parameters.iter().map(|(name, value)| Parameter::query(name.as_str(), value.as_str()));
        Request::compose(&self.method, parameters.collect(), Headers::new())
    }

    fn as_printed(&self) -> Request {
        let mut parameters = self.request().parameters().to_vec();
        parameters.push(Parameter::query("Signature", self.printed_signature.as_str()));
        Request::compose(&self.method, parameters, Headers::new())
    }
}
