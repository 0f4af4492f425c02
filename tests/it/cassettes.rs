//! Cassettes on disk: what comes back byte for byte, and what is refused with path, place and advice.

use std::fs;
use std::path::{Path, PathBuf};

use alidns_contract::cassettes::{
    Answers, Asked, Cassette, CassetteError, Cassettes, Interaction, Lint, Provenance, Signed, lint,
};
use alidns_contract::signing::{Digest, Key, Scheme, Style, sign};
use alidns_contract::wire::{Headers, Parameter, RawRequest, Request, Response};
use proptest::prelude::*;
use tempfile::TempDir;

fn shipped_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes")
}

fn shipped_text(path: &str) -> String {
    fs::read_to_string(shipped_folder().join(path)).expect("the cassette is shipped")
}

/// Two interactions, the second of them an exhibit.
fn base() -> String {
    let published = shipped_text("describe-batch-result-count/published-eight-fields.json");
    let refusal = shipped_text("refusals/missing-signature-2023.json");
    let (head, _) = published.rsplit_once("\n  ]\n}\n").expect("the list of interactions ends the file");
    let (_, exhibit) = refusal.split_once("\"interactions\": [\n").expect("the list of interactions begins");
    format!("{head},\n{exhibit}")
}

fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (path, bytes) in files {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().expect("the file has a folder")).expect("there is room for a folder");
        fs::write(file, bytes).expect("there is room for a file");
    }
    folder
}

/// Each error as `path: place: problem (cause)`, the folder's own path taken off.
fn messages(folder: &Path, error: &CassetteError) -> Vec<String> {
    let prefix = format!("{}", folder.display());
    let message = |file| {
        let cause = std::error::Error::source(file).map(|cause| format!(" ({cause})")).unwrap_or_default();
        format!("{file}{cause}").replace(&prefix, "")
    };
    error.files().iter().map(message).collect()
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    let folder = folder_with(&[("a.json", bytes.as_ref())]);
    let error = Cassettes::open(folder.path()).expect_err("the file is damaged");
    let [message] = messages(folder.path(), &error).try_into().expect("one file has one error");
    assert!(error.files()[0].help().len() > 5, "no advice for {message}");
    message
}

fn changed(from: &str, to: &str) -> String {
    let base = base();
    assert!(base.contains(from), "{from} is not in the base");
    base.replacen(from, to, 1)
}

#[test]
fn every_shipped_cassette_gives_its_bytes_back() {
    let cassettes = Cassettes::shipped();

    for cassette in &cassettes {
        assert_eq!(cassette.text(), shipped_text(&cassette.path), "{}", cassette.path);
    }
    assert!(cassettes.iter().count() >= 20, "the published examples and the quoted refusals are compiled in");
}

#[test]
fn what_is_compiled_in_is_what_stands_in_the_folder() {
    let opened = Cassettes::open(&shipped_folder()).expect("the shipped cassettes are whole");

    assert!(Cassettes::shipped().iter().eq(opened.iter()));
}

#[test]
fn the_shipped_cassettes_claim_nothing_that_they_are_not() {
    let lints = lint(&shipped_folder()).expect("the shipped cassettes are whole");

    assert_eq!(lints, []);
}

#[test]
fn a_damaged_text_is_refused_with_line_and_column() {
    let whole = base();
    let cut = &whole[..whole.len() / 2];

    assert!(refused(cut).contains(": the file is cut short (EOF while parsing"), "{}", refused(cut));
    assert_eq!(
        refused(""),
        "/a.json: line 1, column 0: the file is cut short (EOF while parsing a value at line 1 column 0)"
    );
    assert_eq!(refused(b"{\n  \"\xff\""), "/a.json: line 2, column 4: the file is not UTF-8");
    assert_eq!(
        refused(format!("\u{feff}{whole}")),
        "/a.json: line 1, column 1: the file begins with a byte order mark"
    );
    assert_eq!(refused(whole.replace('\n', "\r\n")), "/a.json: line 1, column 2: the file has carriage returns");
    assert_eq!(
        refused(changed("\"GET\"", "GET")),
        "/a.json: line 15, column 19: the text is no JSON (expected value at line 15 column 19)"
    );
}

#[test]
fn a_format_that_is_not_known_is_refused_before_anything_else() {
    let newer = changed("alidns-cassette/1", "alidns-cassette/2").replace("\"note\"", "\"remark\"");

    assert_eq!(
        refused(newer),
        "/a.json: /format: has format \"alidns-cassette/2\", the newest known is \"alidns-cassette/1\""
    );
    assert_eq!(refused("{\"http_interactions\": []}"), "/a.json: line 1, column 1: the file does not say its format");
}

#[test]
fn unknown_and_repeated_fields_are_refused_with_their_place() {
    assert_eq!(
        refused(changed("\"signature\": \"valid\"", "\"signature\": \"valid\", \"port\": 80")),
        "/a.json: line 27, column 36: the text does not follow the format of a cassette (unknown field `port`, expected \
         one of `method`, `target`, `query`, `headers`, `form`, `body`, `signature` at line 27 column 36)"
    );
    assert!(refused(changed("\"id\"", "\"id\": \"x\", \"id\"")).contains("(duplicate field `id` at line 11"));
    assert!(
        refused(changed("\"format\"", "\"format\": \"alidns-cassette/1\", \"format\"")).contains("duplicate field")
    );
    assert!(refused(changed("\"read\":", "\"seed\": 1, \"read\":")).contains("unknown field `seed`"));
    assert!(refused(changed("\"read\":", "\"read\": \"\", \"read\":")).contains("duplicate field `read`"));
}

#[test]
fn two_interactions_that_ask_the_same_are_refused_and_both_are_named() {
    let whole = base();
    let (head, interactions) = whole.split_once("\"interactions\": [\n").expect("the list of interactions begins");
    let (first, _) = interactions.split_once("\n    },\n").expect("the first interaction ends");
    let again = first.replace("\"latest\"", "\"again\"");
    let twice = format!("{head}\"interactions\": [\n{first}\n    }},\n{again}\n    }}\n  ]\n}}\n");

    assert_eq!(refused(&twice), "/a.json: interaction again, /interactions/1: asks the same as interaction \"latest\"");
    assert_eq!(
        refused(twice.replace("\"again\"", "\"latest\"")),
        "/a.json: interaction latest, /interactions/1: the id \"latest\" stands twice"
    );
}

#[test]
fn a_body_of_another_length_or_hash_is_refused_with_both() {
    let place = "/a.json: interaction latest, /interactions/0/answers/0/body";

    assert_eq!(
        refused(changed("\"length\": 219", "\"length\": 220")),
        format!("{place}: length says 220, the body has 219 bytes")
    );
    assert_eq!(
        refused(changed("\"TotalCount\": 4", "\"TotalCount\": 5")),
        format!(
            "{place}: sha256 says c9f12c4883da8e999c05c3429540825bea7573ef37fd7b9f730d5682cd9e7e1e, the body has \
             261918effa668420d838fe42173ad56dfd8df6bdc200fa853375edd962a94b3f"
        )
    );
}

#[test]
fn a_signature_that_is_not_what_it_says_is_refused() {
    let place = "/interactions/0/request/signature";

    assert_eq!(
        refused(changed("SignatureNonce=5", "SignatureNonce=6")),
        format!("/a.json: interaction latest, {place}: signature says valid, but it is wrong")
    );
    assert_eq!(
        refused(changed("AccessKeyId=testid", "AccessKeyId=LTAIx")),
        format!("/a.json: interaction latest, {place}: signature says valid, but it is one that cannot be verified")
    );
    assert_eq!(
        refused(changed("\"signature\": \"absent\"", "\"signature\": \"wrong\"")),
        "/a.json: interaction refused, /interactions/1/request/signature: signature says wrong, but it is absent"
    );
}

#[test]
fn a_request_that_is_not_valid_stands_as_an_exhibit_or_not_at_all() {
    assert_eq!(
        refused(changed("\"exhibit\": true,", "")),
        "/a.json: interaction refused, /interactions/1: the request's signature is absent, so it cannot be replayed"
    );
}

#[test]
fn what_http_cannot_carry_is_refused() {
    let answer = "/a.json: interaction latest, /interactions/0/answers/0";

    assert_eq!(
        refused(changed("Content-Type: a", "Content-Type: \\na")),
        format!("{answer}/headers/0: the header's value has outer white space or a control character")
    );
    assert_eq!(
        refused(changed("Content-Type: application/json;charset=utf-8", "content-LENGTH: 219")),
        format!("{answer}/headers: the answer holds the connection's own header \"content-LENGTH\"")
    );
    for status in [99, 199, 600] {
        assert_eq!(
            refused(changed("\"status\": 200", &format!("\"status\": {status}"))),
            format!("{answer}/status: {status} is no status of an answer")
        );
    }
    assert_eq!(
        refused(changed("\"method\": \"GET\"", "\"method\": \"GET /\"")),
        "/a.json: interaction latest, /interactions/0/request/method: \"GET /\" is no method"
    );
}

#[test]
fn a_parameter_that_stands_in_two_places_is_refused() {
    let twice = changed("\"signature\": \"valid\"", "\"form\": [\"Format=JSON\"], \"signature\": \"valid\"");

    assert_eq!(
        refused(&twice),
        "/a.json: interaction latest, /interactions/0/request: a parameter stands in query and form"
    );
    assert_eq!(
        refused(twice.replace("[\"Format=JSON\"]", "[\"Format=XML\"]")),
        "/a.json: interaction latest, /interactions/0/request: the parameters of the request cannot be told (parameter \
         \"Format\" has one value in the query and another in the form)"
    );
}

#[test]
fn a_request_has_one_spelling_and_one_body() {
    let valid = "\"signature\": \"valid\"";
    let body = "\"body\": {\"text\": [\"\"], \"length\": 0, \"sha256\": \"\"}";
    let place = "/a.json: interaction latest, /interactions/0/request";

    for more in ["\"target\": \"/%\"".to_owned(), format!("\"form\": [\"a=b\"], {body}")] {
        assert_eq!(
            refused(changed(valid, &format!("{more}, {valid}"))),
            format!("{place}: the request needs either target, or query and form, and either form or body")
        );
    }
}

#[test]
fn an_interaction_without_an_answer_is_refused() {
    let base = base();
    let (head, rest) = base.split_once("\"answers\": [").expect("the first answers begin");
    let (_, tail) = rest.split_once("\n      ]").expect("the first answers end");

    assert_eq!(
        refused(format!("{head}\"answers\": [{tail}").replacen("[\n    }", "[]\n    }", 1)),
        "/a.json: interaction latest, /interactions/0/answers: an interaction needs an answer"
    );
}

#[test]
fn bytes_that_cannot_be_read_back_are_refused() {
    let whole = base();
    let (_, from_body) = whole.split_once("\"body\": ").expect("the first body begins");
    let (body, _) = from_body.split_once("\n        }\n      ]").expect("the first body ends");
    let target = shipped_text("refusals/request-parameter-malformed-2021.json").replace("146%N&", "146%中&");

    assert_eq!(
        refused(whole.replace(body, "{\"base64\": \"/w=\", \"length\": 1, \"sha256\": \"\"}")),
        "/a.json: interaction latest, /interactions/0/answers/0/body: the body is no base64 (Invalid padding)"
    );
    assert_eq!(refused(target), "/a.json: interaction refused, /interactions/0/request/target: '中' is beyond Latin-1");
}

#[test]
fn a_target_that_can_be_decoded_is_refused() {
    let text = shipped_text("refusals/request-parameter-malformed-2021.json").replace("146%N&", "146%4E&");

    assert_eq!(
        refused(text),
        "/a.json: interaction refused, /interactions/0/request/target: the target can be decoded"
    );
}

#[test]
fn nesting_without_bound_is_refused_in_and_outside_of_bodies() {
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let body = changed("\"Status\": 0", &format!("\"Status\": {}", deep(100_000)));
    let outside = changed("\"note\":", &format!("\"remark\": {}, \"note\":", deep(100_000)));

    assert!(refused(body).ends_with("/answers/0/body: the JSON body nests too deep"));
    assert!(refused(outside).contains("unknown field `remark`"));
}

#[test]
fn all_damaged_files_are_reported_together_and_in_order() {
    let base = base();
    let folder =
        folder_with(&[("b/z.json", b"{"), ("whole.json", base.as_bytes()), ("a.json", b"[]"), ("read.me", b"x")]);
    fs::create_dir(folder.path().join("c.json")).expect("there is room for a folder");

    let error = Cassettes::open(folder.path()).expect_err("three are damaged");

    assert_eq!(
        messages(folder.path(), &error),
        [
            "/a.json: line 1, column 2: the text does not follow the format of a cassette (invalid length 0, expected a \
             cassette at line 1 column 2)",
            "/b/z.json: line 1, column 1: the file is cut short (EOF while parsing an object at line 1 column 1)",
            "/c.json: is no regular file",
        ]
    );
}

#[test]
fn a_folder_without_cassettes_is_an_error_and_not_an_empty_success() {
    let folder = folder_with(&[("deep/read.me", b"x")]);

    let empty = Cassettes::open(folder.path()).expect_err("there is nothing to play");
    let missing = Cassettes::open(&folder.path().join("gone")).expect_err("there is no such folder");

    assert_eq!(messages(folder.path(), &empty), [": the folder holds no cassette"]);
    assert_eq!(messages(folder.path(), &missing), ["/gone: there is no such file or folder"]);
}

#[test]
fn one_file_can_be_opened_by_itself() {
    let cassettes = Cassettes::open(&shipped_folder().join("describe-batch-result-count/published-xml.json"));

    let names: Vec<String> =
        cassettes.expect("the file is whole").iter().map(|cassette| cassette.name().to_owned()).collect();
    assert_eq!(names, ["published-xml"]);
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let folder = folder_with(&[("a.json", b"{")]);
    let file = fs::File::options().write(true).open(folder.path().join("a.json")).expect("the file is there");
    file.set_len(1 << 40).expect("a hole needs no room");

    let error = Cassettes::open(folder.path()).expect_err("the file is a terabyte");

    assert_eq!(messages(folder.path(), &error), ["/a.json: the file is larger than 67108864 bytes"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_or_nowhere_is_refused() {
    let base = base();
    let folder = folder_with(&[("a/x.json", base.as_bytes())]);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.path().join(name)).expect("links can be made");
    };
    link("..", "a/back");
    link("nowhere", "gone.json");
    link("self.json", "self.json");

    let error = Cassettes::open(folder.path()).expect_err("three links lead nowhere good");

    let messages = messages(folder.path(), &error);
    assert_eq!(messages[0], "/a/back: is the folder  again, through a link");
    assert_eq!(messages[1], "/gone.json: there is no such file or folder");
    assert!(messages[2].starts_with("/self.json: cannot be read ("), "{messages:?}");
    assert_eq!(messages.len(), 3);
}

#[cfg(unix)]
#[test]
fn of_two_ways_into_a_folder_the_first_by_name_counts() {
    let base = base();
    let folder = folder_with(&[("m/x.json", base.as_bytes())]);
    for name in ["a", "b", "y", "z"] {
        std::os::unix::fs::symlink("m", folder.path().join(name)).expect("links can be made");
    }

    let error = Cassettes::open(folder.path()).expect_err("one folder is there five times");

    let expected = ["b", "m", "y", "z"].map(|name| format!("/{name}: is the folder /a again, through a link"));
    assert_eq!(messages(folder.path(), &error), expected);
}

#[test]
fn the_header_of_a_form_stays_where_there_is_no_form() {
    let text = changed(
        "\"signature\": \"valid\"",
        "\"headers\": [\"Content-Type: application/x-www-form-urlencoded\"], \"signature\": \"valid\"",
    );

    let cassette = Cassette::parse("a.json", text.as_bytes()).expect("a header more changes no signature of HMAC-SHA1");

    assert!(
        cassette
            .text()
            .contains("\"Content-Type: application/x-www-form-urlencoded\"\n        ],\n        \"signature\"")
    );
}

#[test]
fn the_operations_are_those_that_are_replayed() {
    let operations = Cassettes::shipped().operations();

    assert!(operations.has("DescribeBatchResultCount", "2015-01-09"));
    assert!(!operations.has("DescribeDomainRecords", "2015-01-09"), "exhibits alone ask for it");
}

fn lints(path: &str, text: &str) -> Vec<String> {
    let folder = folder_with(&[(path, text.as_bytes())]);
    let lints = lint(folder.path()).expect("the file can be read");
    shown(folder.path(), &lints)
}

fn shown(folder: &Path, lints: &[Lint]) -> Vec<String> {
    let prefix = format!("{}/", folder.display());
    lints.iter().map(|lint| lint.to_string().replace(&prefix, "")).collect()
}

#[test]
fn a_base_that_is_as_it_claims_has_no_lints() {
    assert_eq!(lints("a.json", &base()), [""; 0]);
}

#[test]
fn a_text_that_would_be_saved_otherwise_is_found_with_its_line() {
    assert_eq!(
        lints("a.json", &base().replace("\"status\": 200", "\"status\":  200")),
        ["a.json: line 31 is not laid out as a cassette is"]
    );
    assert_eq!(lints("a.json", base().trim_end()), ["a.json: line 93 is not laid out as a cassette is"]);
    assert_eq!(
        lints("a.json", &changed("\"Action=D", "\"Action=%44")),
        ["a.json: line 18 is not laid out as a cassette is"]
    );
}

#[test]
fn claims_that_are_not_so_are_found() {
    assert_eq!(lints("a.b.json", &base()), ["a.b.json: no access key id can name the scenario \"a.b\""]);
    assert_eq!(
        lints("a.json", &changed("\"latest\"", "\"la__test\"")),
        ["a.json: interaction la__test: the id cannot be part of a snapshot's name"]
    );
    assert_eq!(lints("a.json", &changed("https://www", "http://www"))[0][..27], *"a.json: the address \"http:/");
    assert_eq!(lints("a.json", &changed("2026-11-24\"", "2026-11-31\"")), ["a.json: \"2026-11-31\" is no day"]);
    assert_eq!(lints("a.json", &changed("https://www", "https:///www")).len(), 1);
    assert_eq!(lints("a--b.json", &base()), ["a--b.json: no access key id can name the scenario \"a--b\""]);
}

#[test]
fn a_cassette_without_interactions_is_found() {
    let provenance = r#"{ "kind": "simulated", "seed": 7 }"#;
    let text = format!(
        "{{\n  \"format\": \"alidns-cassette/1\",\n  \"provenance\": {provenance},\n  \"interactions\": []\n}}\n"
    );

    assert_eq!(lints("a.json", &text).last().map(String::as_str), Some("a.json: there is no interaction in it"));
}

#[test]
fn a_refusal_of_the_gateway_that_is_replayed_is_found() {
    let text = shipped_text("refusals/forbidden-ram-2024.json");
    let refused = shipped_text("refusals/signature-nonce-used-2018.json").replace("      \"exhibit\": true,\n", "");

    assert_eq!(
        lints("a.json", &refused),
        ["a.json: interaction refused: every answer is a refusal of the gateway, and it is no exhibit"]
    );
    assert_eq!(lints("a.json", &text.replace("      \"exhibit\": true,\n", "")), [""; 0]);
}

#[test]
fn a_refusal_in_xml_is_one_too() {
    let refused = shipped_text("refusals/invalid-version-2017.json").replace("      \"exhibit\": true,\n", "");

    assert_eq!(
        lints("a.json", &refused),
        ["a.json: interaction refused: every answer is a refusal of the gateway, and it is no exhibit"]
    );
}

#[test]
fn a_made_request_without_a_note_is_found() {
    let base = base();
    let note = base.lines().find(|line| line.contains("\"note\": \"Made for")).expect("the first one has a note");

    assert_eq!(
        lints("a.json", &base.replace(&format!("{note}\n"), "")),
        ["a.json: interaction latest: the request is constructed, and no note says which parts are"]
    );
}

#[test]
fn a_stem_that_two_files_share_is_found() {
    let base = base();
    let folder = folder_with(&[("one/a.json", base.as_bytes()), ("two/a.json", base.as_bytes())]);

    let lints = lint(folder.path()).expect("both files can be read");

    assert_eq!(shown(folder.path(), &lints), ["two/a.json: the file has the same stem as one/a.json"]);
}

fn validator() -> jsonschema::Validator {
    let schema =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cassette.schema.json")).expect("it is shipped");
    let schema = serde_json::from_slice(&schema).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

fn follows_schema(validator: &jsonschema::Validator, text: &str) -> bool {
    validator.is_valid(&serde_json::from_str(text).expect("the text is JSON"))
}

#[test]
fn the_shipped_cassettes_follow_the_published_schema() {
    let validator = validator();

    for cassette in &Cassettes::shipped() {
        assert!(follows_schema(&validator, &cassette.text()), "{}", cassette.path);
    }
    assert!(follows_schema(&validator, &base()));
}

#[test]
fn the_published_schema_refuses_what_is_no_cassette() {
    let validator = validator();

    for (from, to) in [
        ("alidns-cassette/1", "alidns-cassette/2"),
        ("\"format\": \"alidns-cassette/1\",", ""),
        ("\"note\": \"The example", "\"remark\": \"The example"),
        ("\"documented\"", "\"recorded\""),
        ("\"read\"", "\"recorded\""),
        ("https://www", "http://www"),
        ("2026-11-24\"", "today\""),
        ("\"latest\"", "\"la__test\""),
        ("\"GET\"", "\"get\""),
        ("\"Format=JSON\"", "\"Format\""),
        ("\"Format=JSON\"", "\"Format=%4\""),
        ("\"signature\": \"valid\"", "\"signature\": \"good\""),
        ("\"signature\": \"valid\"", "\"signature\": \"wrong\""),
        ("\"signature\": \"valid\"", "\"target\": \"/\", \"signature\": \"valid\""),
        ("\"exhibit\": true", "\"exhibit\": false"),
        ("\"status\": 200", "\"status\": 99"),
        ("\"Content-Type: application", "\"Content-Length: application"),
        ("\"Content-Type: application", "\"Content Type: application"),
        ("\"length\": 219", "\"length\": -1"),
        ("\"sha256\": \"c9", "\"sha256\": \"C9"),
        ("\"json\"", "\"yaml\""),
        ("\"length\"", "\"text\": [\"\"], \"length\""),
    ] {
        assert!(!follows_schema(&validator, &changed(from, to)), "{from} -> {to}");
    }
}

fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    let name =
        prop_oneof![prop::collection::vec(any::<u8>(), 1..8), "[a-zA-Z.%= é\u{85}]{1,8}".prop_map(String::into_bytes)];
    let value = prop_oneof![prop::collection::vec(any::<u8>(), 0..16), any::<String>().prop_map(String::into_bytes)];
    let parameter = (name, value, any::<bool>()).prop_map(|(name, value, in_form)| {
        // A prefix for each place: one name must not stand in both.
        if in_form {
            Parameter::form([b"f".as_slice(), &name].concat(), value)
        } else {
            Parameter::query([b"q".as_slice(), &name].concat(), value)
        }
    });
    prop::collection::vec(parameter, 0..8).prop_map(|mut parameters| {
        parameters.sort_by_key(|parameter| parameter.name[0] == b'f');
        parameters
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let schemes = [Scheme::HmacSha1, Scheme::Acs3(Digest::Sha256), Scheme::Acs3(Digest::Sm3)];
    (parameters(), prop::sample::select(schemes.to_vec())).prop_map(|(parameters, scheme)| {
        let headers: Headers = match scheme {
            Scheme::HmacSha1 => Headers::new(),
            Scheme::Acs3(_) => [("host", "alidns.aliyuncs.com"), ("x-acs-action", "A")].into_iter().collect(),
        };
        let request = sign(&Request::compose("POST", parameters, headers), scheme, &Key::test(), &Style::SERVICE);
        Asked::Request(request, Signed::Valid)
    })
}

/// A request of ACS3 whose body is no form.
fn asked_with_body() -> impl Strategy<Value = Asked> {
    (prop::collection::vec(any::<u8>(), 0..64), any::<bool>()).prop_map(|(body, is_json)| {
        let content_type = if is_json { "application/json" } else { "application/octet-stream" };
        let headers = [("host", "alidns.aliyuncs.com"), ("content-type", content_type)].into_iter().collect();
        let query = vec![Parameter::query("TaskId", "1")];
        let raw = RawRequest { body, ..Request::compose("PUT", query, headers).raw().clone() };
        let request = Request::parse(raw).expect("what is no form is not decoded");
        let request = sign(&request, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
        Asked::Request(request, Signed::Valid)
    })
}

fn responses() -> impl Strategy<Value = Vec<Response>> {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        any::<String>().prop_map(String::into_bytes),
        any::<String>()
            .prop_map(|text| serde_json::json!({ "a b": [text, { "": [] }, -0.5e-7] }).to_string().into_bytes()),
        "[\r\n{}\\[\\]\": a]{0,16}".prop_map(String::into_bytes),
    ];
    let headers = prop::collection::vec(("[A-Za-z-]{1,8}x", "([!-~\u{a0}]([ -~]{0,8}[!-~])?)?"), 0..4);
    let headers = headers.prop_map(|headers| headers.into_iter().collect());
    let response = (200..600_u16, headers, body).prop_map(|(status, headers, body)| Response { status, headers, body });
    prop::collection::vec(response, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn a_cassette_reads_back_as_it_was_and_saves_the_same_bytes(asked in prop_oneof![3 => asked(), 1 => asked_with_body()], responses in responses(), seed: u64) {
        let mut responses = responses.into_iter();
        let first = responses.next().expect("there is one at least");
        let interaction = Interaction {
            id: "one".to_owned(),
            note: Some("é \" \\ \u{7f}\u{2028}".to_owned()),
            exhibit: false,
            constructed: false,
            asked,
            answers: Answers { first, then: responses.collect() },
        };
        let cassette = Cassette {
            path: "a/b.json".to_owned(),
            note: None,
            provenance: Provenance::Simulated { seed },
            interactions: vec![interaction],
        };

        let text = cassette.text();
        let back = Cassette::parse("a/b.json", text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;

        prop_assert_eq!(&back, &cassette);
        prop_assert_eq!(back.text(), text.clone());
        prop_assert!(follows_schema(&validator(), &text));
    }
}
