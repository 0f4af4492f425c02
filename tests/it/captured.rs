//! Requests of official SDKs, captured on loopback on 2026-11-24 and signed with the public test key.

use std::path::PathBuf;

use alidns_contract::signing::{Digest, Keyring, Scheme, Verdict, verify};
use alidns_contract::wire::{RawRequest, Request, read_requests};

#[test]
fn every_captured_request_verifies() {
    let mut schemes = Vec::new();
    for (file, raw) in captured() {
        let verdict = verify(&parsed(raw), &Keyring::test());

        let Verdict::Valid(claim) = verdict else { panic!("{file}: {verdict:?}") };
        assert_eq!(claim.key_id, "testid", "{file}");
        schemes.push(claim.scheme);
    }
    let acs3 = schemes.iter().filter(|scheme| **scheme == Scheme::Acs3(Digest::Sha256)).count();
    assert_eq!((acs3, schemes.len()), (5, 14));
}

#[test]
fn no_captured_request_verifies_with_another_byte_in_its_target() {
    for (file, raw) in captured() {
        let right = parsed(raw.clone());
        for at in 2..raw.target.len() {
            let spoiled = with_other_byte(&raw, |raw| &mut raw.target, at);
            let Ok(spoiled) = Request::parse(spoiled) else { continue };
            if spoiled.parameters() == right.parameters() {
                continue;
            }

            let verdict = verify(&spoiled, &Keyring::test());

            assert!(!matches!(verdict, Verdict::Valid(_)), "{file}, byte {at} of the target");
        }
    }
}

#[test]
fn no_captured_request_verifies_with_another_byte_in_its_body() {
    for (file, raw) in captured() {
        for at in 0..raw.body.len() {
            let Ok(spoiled) = Request::parse(with_other_byte(&raw, |raw| &mut raw.body, at)) else { continue };

            let verdict = verify(&spoiled, &Keyring::test());

            assert!(!matches!(verdict, Verdict::Valid(_)), "{file}, byte {at} of the body");
        }
    }
}

#[test]
fn a_signed_header_with_another_value_spoils_acs3_and_an_unsigned_one_nothing() {
    for (file, raw) in captured() {
        let Verdict::Valid(claim) = verify(&parsed(raw.clone()), &Keyring::test()) else { panic!("{file}") };
        for name in raw.headers.iter().map(|(name, _)| name.to_owned()).filter(|name| name != "Authorization") {
            // Content-Type says whether the body holds parameters.
            if name.eq_ignore_ascii_case("content-type") {
                continue;
            }
            let mut spoiled = raw.clone();
            let value = [spoiled.headers.get(&name).unwrap_or_default(), b"x"].concat();
            spoiled.headers.set(&name, value);

            let verdict = verify(&parsed(spoiled), &Keyring::test());

            let is_signed = claim.signed_headers.contains(&name.to_ascii_lowercase());
            assert_eq!(matches!(verdict, Verdict::Valid(_)), !is_signed, "{file}: {name}");
        }
    }
}

fn captured() -> Vec<(String, RawRequest)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captured");
    let files = std::fs::read_dir(folder).expect("the folder is in the project");
    files
        .map(|file| {
            let path = file.expect("the folder can be listed").path();
            let bytes = std::fs::read(&path).expect("the file can be read");
            let request = read_requests(&bytes).pop().expect("there is one").expect("it can be read");
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), request)
        })
        .collect()
}

fn parsed(raw: RawRequest) -> Request {
    Request::parse(raw).expect("a captured request is well formed")
}

fn with_other_byte(raw: &RawRequest, part: fn(&mut RawRequest) -> &mut Vec<u8>, at: usize) -> RawRequest {
    let mut spoiled = raw.clone();
    let byte = &mut part(&mut spoiled)[at];
    *byte = if *byte == b'x' { b'y' } else { b'x' };
    spoiled
}
