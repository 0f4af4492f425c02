//! What follows from the definition of both signatures, over all of Unicode.

use std::collections::BTreeMap;

use alidns_contract::signing::{Digest, Key, Keyring, Scheme, Style, Verdict, sign, verify};
use alidns_contract::wire::{Headers, Parameter, Place, RawRequest, Request, Spelling, percent};
use proptest::prelude::*;
use proptest::sample::Index;

type Pairs = BTreeMap<String, String>;

fn compose(parameters: Vec<Parameter>) -> Request {
    let headers = [("Host", "alidns.aliyuncs.com"), ("x-acs-date", "2026-11-24T00:00:00Z"), ("User-Agent", "a")];
    Request::compose("POST", parameters, headers.into_iter().collect())
}

fn signed(parameters: Vec<Parameter>, scheme: Scheme) -> Request {
    sign(&compose(parameters), scheme, &Key::test(), &Style::SERVICE)
}

fn hmac_sha1(parameters: Vec<Parameter>) -> Vec<u8> {
    signed(parameters, Scheme::HmacSha1).value("Signature").expect("it is signed").to_vec()
}

fn claim(request: &Request) -> Vec<u8> {
    let claim = request.value("Signature").or_else(|| request.headers().get("Authorization"));
    claim.expect("it is signed").to_vec()
}

fn query(pairs: &Pairs) -> Vec<Parameter> {
    pairs.iter().map(|(name, value)| Parameter::query(name.as_str(), value.as_str())).collect()
}

fn is_valid(request: &Request) -> bool {
    matches!(verify(request, &Keyring::test()), Verdict::Valid(_))
}

fn with_body(body: &[u8]) -> Request {
    let headers =
        [("host", "alidns.aliyuncs.com"), ("content-type", "application/octet-stream"), ("x-acs-content-sha256", "")];
    let raw = RawRequest {
        method: "POST".into(),
        target: b"/?TaskId=1".to_vec(),
        headers: headers.into_iter().collect(),
        body: body.to_vec(),
        spelling: Spelling::AsSent,
    };
    Request::parse(raw).expect("the target is well formed")
}

/// The name or the value that `at` points into.
fn part(parameters: &mut [Parameter], at: Index) -> &mut Vec<u8> {
    let at = at.index(parameters.len() * 2);
    let parameter = &mut parameters[at / 2];
    if at.is_multiple_of(2) { &mut parameter.name } else { &mut parameter.value }
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    Add(u8),
    Change(u8),
    Remove,
}

/// False where there is no byte to change or remove.
fn edit(bytes: &mut Vec<u8>, edit: Edit, at: Index) -> bool {
    match edit {
        Edit::Add(byte) => bytes.insert(at.index(bytes.len() + 1), byte),
        Edit::Change(_) | Edit::Remove if bytes.is_empty() => return false,
        Edit::Change(mask) => *at.get_mut(bytes) ^= mask,
        Edit::Remove => drop(bytes.remove(at.index(bytes.len()))),
    }
    true
}

fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::btree_map(any::<String>(), any::<String>(), 1..6)
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![any::<u8>().prop_map(Edit::Add), (1..=255_u8).prop_map(Edit::Change), Just(Edit::Remove)]
}

fn schemes() -> impl Strategy<Value = Scheme> {
    prop::sample::select(vec![Scheme::HmacSha1, Scheme::Acs3(Digest::Sha256), Scheme::Acs3(Digest::Sm3)])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_parameters_does_not_change_the_signature(
        (pairs, shuffled) in pairs().prop_flat_map(|pairs| (Just(query(&pairs)), Just(query(&pairs)).prop_shuffle())),
        scheme in schemes(),
    ) {
        prop_assert_eq!(claim(&signed(pairs, scheme)), claim(&signed(shuffled, scheme)));
    }

    #[test]
    fn every_byte_of_a_name_or_value_changes_the_signature(
        pairs in pairs(), scheme in schemes(), change in edits(), which: Index, at: Index,
    ) {
        let mut edited = query(&pairs);
        prop_assume!(edit(part(&mut edited, which), change, at));
        let mut sorted = edited.clone();
        sorted.sort_by(|left, right| left.name.cmp(&right.name));
        prop_assume!(sorted != query(&pairs));

        prop_assert_ne!(claim(&signed(query(&pairs), scheme)), claim(&signed(edited, scheme)));
    }

    #[test]
    fn decoding_undoes_encoding(bytes: Vec<u8>, text: String) {
        for original in [bytes, text.into_bytes()] {
            let encoded = percent::encode(&original);

            prop_assert_eq!(percent::decode(encoded.as_bytes()), Ok(original.clone()));
            prop_assert_eq!(percent::decode_form(encoded.as_bytes()), Ok(original));
        }
    }

    #[test]
    fn encoding_twice_is_not_encoding_once(text in "[A-Za-z0-9._~-]{0,8}[^A-Za-z0-9._~-].{0,8}") {
        let once = percent::encode(text.as_bytes());

        prop_assert_ne!(percent::encode(once.as_bytes()), once);
    }

    #[test]
    fn the_same_request_is_signed_the_same_each_time(pairs in pairs(), scheme in schemes()) {
        prop_assert_eq!(signed(query(&pairs), scheme), signed(query(&pairs), scheme));
    }

    #[test]
    fn the_place_of_parameters_does_not_change_the_hmac_sha1_signature(
        pairs in pairs(), places in prop::collection::vec(prop::sample::select(vec![Place::Form, Place::Query]), 6),
    ) {
        let split = query(&pairs).into_iter().zip(places).map(|(parameter, place)| Parameter { place, ..parameter });
        let form = query(&pairs).into_iter().map(|parameter| Parameter { place: Place::Form, ..parameter });

        let in_query = hmac_sha1(query(&pairs));

        prop_assert_eq!(&hmac_sha1(form.collect()), &in_query);
        prop_assert_eq!(&hmac_sha1(split.collect()), &in_query);
    }

    #[test]
    fn headers_do_not_enter_the_hmac_sha1_signature(pairs in pairs(), host in "[a-z0-9.:]{1,20}", value in "[ -~]{0,20}") {
        let signed = signed(query(&pairs), Scheme::HmacSha1);
        let headers: Headers = [("Host", host), ("X-Forwarded-Proto", value)].into_iter().collect();

        prop_assert!(is_valid(&signed));
        prop_assert!(is_valid(&signed.with_headers(headers)));
    }

    #[test]
    fn every_byte_of_the_body_changes_the_acs3_signature(
        body: Vec<u8>, change in edits(), at: Index, digest in prop::sample::select(vec![Digest::Sha256, Digest::Sm3]),
    ) {
        let mut other = body.clone();
        prop_assume!(edit(&mut other, change, at) && other != body);
        let sign = |body: &[u8]| sign(&with_body(body), Scheme::Acs3(digest), &Key::test(), &Style::SERVICE);
        let signed = sign(&body);
        let swapped = RawRequest { body: other.clone(), ..signed.raw().clone() };

        prop_assert_ne!(claim(&sign(&other)), claim(&signed));
        prop_assert!(!is_valid(&Request::parse(swapped).expect("the target is well formed")));
    }

    #[test]
    fn only_listed_headers_enter_the_acs3_signature(pairs in pairs(), value in "[!-~]{1,20}") {
        let signed = signed(query(&pairs), Scheme::Acs3(Digest::Sha256));
        prop_assume!(value != "a" && value != "2026-11-24T00:00:00Z");
        let changed = |name: &str| {
            let mut headers = signed.headers().clone();
            headers.set(name, value.as_bytes());
            signed.with_headers(headers)
        };

        prop_assert!(is_valid(&signed));
        prop_assert!(!is_valid(&changed("x-acs-date")));
        prop_assert!(is_valid(&changed("User-Agent")));
    }

    #[test]
    fn every_flipped_bit_is_noticed_and_forgiven(pairs in pairs(), which: Index, at: Index, bit in 0..8_u32) {
        let signed = signed(query(&pairs), Scheme::HmacSha1);
        let flip = |parameters: &mut Vec<Parameter>| edit(part(parameters, which), Edit::Change(1 << bit), at);
        let mut parameters = signed.parameters().to_vec();

        prop_assume!(flip(&mut parameters));
        let flipped = Request::compose("POST", parameters.clone(), Headers::new());
        flip(&mut parameters);
        let flipped_back = Request::compose("POST", parameters, Headers::new());

        prop_assert!(!is_valid(&flipped));
        prop_assert!(is_valid(&flipped_back));
    }
}
