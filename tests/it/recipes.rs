//! Every recipe's mistake is caught, named, and fixed by the one before it: signing rightly.

use std::sync::LazyLock;

use alidns_contract::signing::{
    Diagnosis, Digest, Key, Keyring, RECIPES, Recipe, Scheme, Style, Verdict, sign, verify,
};
use alidns_contract::wire::{Headers, Parameter, RawRequest, Request, Spelling};

#[test]
fn no_request_signed_by_mistake_verifies() {
    for trial in TRIALS.iter().filter(|trial| !trial.is_blind) {
        let verdict = verify(&trial.signed, &keys());

        assert!(matches!(verdict, Verdict::Invalid { .. }), "{}: {verdict:?}", trial.name());
    }
}

#[test]
fn every_mistake_is_among_the_causes_that_are_named() {
    for trial in TRIALS.iter().filter(|trial| !trial.is_blind) {
        let Verdict::Invalid { claim, ours } = verify(&trial.signed, &keys()) else { continue };

        let diagnosis = Diagnosis::of(&trial.signed, &claim, &ours, &keys(), None);

        let Diagnosis::Recipes(causes) = diagnosis else { panic!("{}: {diagnosis:?}", trial.name()) };
        assert!(causes.iter().any(|cause| cause.recipe.name == trial.recipe), "{}: {causes:?}", trial.name());
    }
}

#[test]
fn every_mistake_shows_on_some_request() {
    let shows = |recipe: &str| TRIALS.iter().any(|trial| trial.recipe == recipe && !trial.is_blind);

    let silent: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).filter(|recipe| !shows(recipe)).collect();

    assert_eq!(silent, [""; 0]);
}

#[test]
fn a_real_client_that_leaves_the_exclamation_mark_is_told_so() {
    let target = "/?RegionId=cn-hangzhou&AccessKeyId=testid&Format=JSON&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0\
        &SignatureNonce=179549282237424354775&Timestamp=2026-11-24T04%3A00%3A22.374Z&Version=2015-01-09\
        &Action=DescribeBatchResultCount&TaskId=123456&BatchType=DOMAIN_ADD\
        &Lang=%E4%B8%AD%20%2B%20~%25%2F%26%3D%3F%23%F0%9F%98%80%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%60%3B%3A%40%2C%24!%27%28%29\
        &Signature=sN%2FfC4JWzh6D15QAuMAGMud7kQ4%3D";

    // alidns-nodejs 1.0.2, captured on loopback on 2026-11-24.
    assert_eq!(causes_of(target), ["exclamation-unencoded"]);
}

#[test]
fn a_real_client_that_signs_a_space_as_plus_is_told_so() {
    let target = "/?Format=JSON&Version=2015-01-09&AccessKeyId=testid&Timestamp=2026-11-24T04%3A00%3A38Z\
        &SignatureMethod=HMAC-SHA1&SignatureNonce=f5404b461949402397607a54ac703f11&SignatureVersion=1.0\
        &Action=DescribeDomainRecords&DomainName=example.com&RRKeyWord=a+b&Type=A\
        &Signature=6eUdaYCiu6oVkQD0mPousNITdkk%3D";

    // aliyunddns 1.0, captured on loopback on 2026-11-24.
    assert_eq!(causes_of(target), ["space-as-plus", "java-url-encoder", "php-urlencode"]);
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let mut names: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();
    let kebab = |name: &str| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let odd: Vec<&str> = names.iter().copied().filter(|name| !kebab(name)).collect();

    names.sort();
    names.dedup();

    assert_eq!(names.len(), RECIPES.len());
    assert_eq!(odd, [""; 0]);
}

#[test]
fn the_score_is_as_reviewed() {
    let score: String = RECIPES.iter().map(|recipe| score(recipe.name)).collect();

    insta::with_settings!({
        snapshot_path => "../../snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("signing-recipes", score);
    });
}

fn causes_of(target: &str) -> Vec<&'static str> {
    let request = get(target);
    let verdict = verify(&request, &keys());
    let Verdict::Invalid { claim, ours } = verdict else { panic!("{verdict:?}") };
    match Diagnosis::of(&request, &claim, &ours, &keys(), None) {
        Diagnosis::Recipes(causes) => causes.iter().map(|cause| cause.recipe.name).collect(),
        other => panic!("{other:?}"),
    }
}

fn get(target: &str) -> Request {
    let raw = RawRequest {
        method: "GET".into(),
        target: target.into(),
        headers: Headers::new(),
        body: Vec::new(),
        spelling: Spelling::AsSent,
    };
    Request::parse(raw).expect("the request is well formed")
}

fn score(recipe: &str) -> String {
    let (blind, caught): (Vec<&Trial>, Vec<&Trial>) =
        TRIALS.iter().filter(|trial| trial.recipe == recipe).partition(|trial| trial.is_blind);
    let mut score = format!("{recipe}: caught on {}\n", cases_of(&caught));
    for alike in blind.chunk_by(|left, right| left.why_blind() == right.why_blind()) {
        let why = alike[0].why_blind();
        score.push_str(&format!("    equivalent on {}: {why}\n", cases_of(alike)));
    }
    score
}

fn cases_of(trials: &[&Trial]) -> String {
    trials.iter().map(|trial| trial.case).collect::<Vec<_>>().join(", ")
}

/// A request signed by one recipe.
struct Trial {
    case: &'static str,
    recipe: &'static str,
    signed: Request,
    /// Whether the mistake does not show: the request is the same as when signed rightly.
    is_blind: bool,
}

impl Trial {
    fn name(&self) -> String {
        format!("{} on {}", self.recipe, self.case)
    }

    /// Why the mistake does not show, by hand.
    fn why_blind(&self) -> &'static str {
        let explains = |recipes: &[&str]| recipes.is_empty() || recipes.contains(&self.recipe);
        let row = WHY_BLIND.iter().find(|(cases, recipes, _)| cases.contains(&self.case) && explains(recipes));
        row.expect("a mistake that does not show has its reason here").2
    }
}

static TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| cases().iter().flat_map(trials).collect());

fn trials((case, scheme, request): &(&'static str, Scheme, Request)) -> Vec<Trial> {
    let right = sign(request, *scheme, &key(), &Style::SERVICE);
    let trial = |recipe: &Recipe| {
        let signed = sign(request, *scheme, &key(), &recipe.style);
        Trial { case, recipe: recipe.name, is_blind: signed == right, signed }
    };
    RECIPES.iter().map(trial).collect()
}

/// A secret and a token in which every way of spoiling them shows.
fn key() -> Key {
    Key::new("odd", " S/+=%& ").with_token("CAIS+/==")
}

fn keys() -> Keyring {
    Keyring::test().with(key())
}

fn cases() -> [(&'static str, Scheme, Request); 4] {
    let acs3 = Scheme::Acs3(Digest::Sha256);
    [
        ("hmac-sha1-get", Scheme::HmacSha1, hmac_sha1_get()),
        ("hmac-sha1-post", Scheme::HmacSha1, hmac_sha1_post()),
        ("acs3-bare-get", acs3, acs3_request("GET", "/", "")),
        ("acs3-post", acs3, acs3_request("POST", &acs3_target(), "PageSize=20")),
    ]
}

fn hmac_sha1_get() -> Request {
    let common = COMMON.iter().chain(&TELLING).map(|&(name, value)| Parameter::query(name, value)).collect();
    Request::compose("GET", common, Headers::new())
}

fn hmac_sha1_post() -> Request {
    let query = COMMON.iter().map(|&(name, value)| Parameter::query(name, value));
    let form = TELLING.iter().map(|&(name, value)| Parameter::form(name, value));
    Request::compose("POST", query.chain(form).collect(), Headers::new())
}

fn acs3_target() -> String {
    let parameters = TELLING.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
    let target = Request::compose("POST", parameters, Headers::new()).raw().target.clone();
    String::from_utf8(target).expect("a composed target is ASCII")
}

fn acs3_request(method: &str, target: &str, body: &str) -> Request {
    let headers = [
        ("Host", "127.0.0.1:18102"),
        ("X-Acs-Action", "DescribeBatchResultCount"),
        ("X-Acs-Date", "2023-10-26T10:22:32Z"),
        ("X-Acs-Version", " 2015-01-09 "),
        ("X-Acs-Signature-Nonce", "3156853299f313e23d1673dc12e1703d"),
    ];
    let raw = RawRequest {
        method: method.into(),
        target: target.into(),
        headers: headers.into_iter().collect(),
        body: body.into(),
        spelling: Spelling::AsSent,
    };
    Request::parse(raw).expect("the request is well formed")
}

/// What every HMAC-SHA1 request has; the nonce is one that puts + and / into both right signatures.
const COMMON: [(&str, &str); 9] = [
    ("Version", "2015-01-09"),
    ("Action", "DescribeBatchResultCount"),
    ("Format", "json"),
    ("RegionId", "cn-hangzhou"),
    ("SignatureMethod", "HMAC-SHA1"),
    ("SignatureNonce", "n8"),
    ("SignatureType", ""),
    ("SignatureVersion", "1.0"),
    ("Timestamp", "2016-02-23T12:46:24Z"),
];

/// Parameters in which every mistake of encoding, keeping and ordering shows.
const TELLING: [(&str, &str); 19] = [
    ("BatchType", "RR_ADD"),
    ("Zero", "0"),
    ("Negative", "-1"),
    ("Large", "9223372036854775807"),
    ("Empty", ""),
    ("Reserved", "a b!*'();:@&=+$,/?#[]%~-_."),
    ("Text", "解析é𝒳😀"),
    ("Outer", " x\r\n"),
    ("Nul", "a\0b"),
    ("a b!*'();:@&=+$,/?#[]%~", "1"),
    ("aé𝒳", "2"),
    ("Tag", "z"),
    ("Tag.1.Key", "a"),
    ("tag", "b"),
    ("TAG", "c"),
    ("Key.2", "2"),
    ("Key.10", "10"),
    ("\u{ff5e}", "1"),
    ("\u{1f600}", "2"),
];

type WhyBlind = (&'static [&'static str], &'static [&'static str], &'static str);

/// Cases, recipes (none: all others), reason.
const WHY_BLIND: &[WhyBlind] = &[
    (HMAC_SHA1, &["form-signed-as-query"], "HMAC-SHA1 signs both"),
    (HMAC_SHA1, &["signature-in-upper-case"], "base64 has both cases"),
    (&["hmac-sha1-get"], &["method-get"], "the method is GET"),
    (&["hmac-sha1-get"], &["form-unsigned"], "there is no form"),
    (&["hmac-sha1-post"], &["method-post"], "the method is POST"),
    (HMAC_SHA1, &[], "HMAC-SHA1 signs no header and no hash of the body"),
    (
        ACS3,
        &[
            "base64-unpadded",
            "base64-url-safe",
            "signature-encoded-twice",
            "signature-unencoded",
            "signature-with-newline",
        ],
        "the signature is hexadecimal, in a header",
    ),
    (
        ACS3,
        &[
            "second-pass-encodes-tilde",
            "second-pass-misses-ampersand",
            "second-pass-misses-percent",
            "second-pass-missing",
            "second-pass-of-colons-alone",
        ],
        "ACS3 encodes once",
    ),
    (
        ACS3,
        &["extra-parameters-unsigned", "format-in-upper-case", "time-stamp-spelling", "token-unsigned"],
        "ACS3 sends the common parameters as headers",
    ),
    (ACS3, &["form-unsigned"], "ACS3 signs the form as body"),
    (&["acs3-bare-get"], &["method-get"], "the method is GET"),
    (&["acs3-bare-get"], &["payload-of-nothing"], "the body is empty"),
    (&["acs3-bare-get"], &[], "there is no parameter"),
    (&["acs3-post"], &["method-post"], "the method is POST"),
    (&["acs3-post"], &["empty-query-left-out"], "the query is not empty"),
];

const HMAC_SHA1: &[&str] = &["hmac-sha1-get", "hmac-sha1-post"];
const ACS3: &[&str] = &["acs3-bare-get", "acs3-post"];
