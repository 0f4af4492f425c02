//! What one request costs, without any network: verifying it, and finding its answer.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use alidns_contract::Request;
use alidns_contract::front::Service;
use alidns_contract::gateway::{Admitted, Enforcement, Gateway};
use alidns_contract::playback::{Decision, Player};
use alidns_contract::signing::{Claim, Keyring, Stages, Style, Verdict, verify};

use support::{ACTION, SIZES, VERSION};

/// The whole of verifying beside the one step of it that cannot be left out.
fn verifying(criterion: &mut Criterion) {
    let (request, keys) = (support::request(1, 1), Keyring::test());
    let text = string_to_sign(&request, &keys);
    assert!(matches!(verify(&request, &keys), Verdict::Valid(_)), "the request is signed rightly");

    let mut group = criterion.benchmark_group("verify");
    group.bench_function("bare HMAC-SHA1", |bencher| bencher.iter(|| hmac_sha1(black_box(&text))));
    group.bench_function("verify", |bencher| bencher.iter(|| verify(black_box(&request), &keys)));
    group.finish();
}

/// The player alone: what it costs must not grow with what is stored.
fn deciding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    for size in SIZES {
        let player = Player::new(support::cassettes(size)).expect("there is one cassette");
        let admitted = admitted(size / 2);
        assert!(matches!(player.decide(&admitted), Decision::Hit { .. }), "an answer is stored");
        group.bench_with_input(BenchmarkId::from_parameter(size), &admitted, |bencher, admitted| {
            bencher.iter(|| matches!(player.decide(black_box(admitted)), Decision::Hit { .. }));
        });
    }
    group.finish();
}

/// All that a front asks for: parsing, the gateway, every rule, the player, the receipt.
fn answering(criterion: &mut Criterion) {
    let service = Service::playing(support::cassettes(1_000), support::clock()).expect("there is one cassette");
    let mut numbers = 0..;
    let mut fresh = || {
        let number = numbers.next().expect("there is always one more");
        support::request(number % 1_000, number).raw().clone()
    };
    assert_eq!(service.answer(fresh()), support::answer());
    criterion.bench_function("answer", |bencher| {
        bencher.iter_batched(&mut fresh, |raw| service.answer(raw), BatchSize::SmallInput);
    });
}

fn string_to_sign(request: &Request, keys: &Keyring) -> Vec<u8> {
    let claim = Claim::found_in(request).expect("the request is signed");
    let secret = keys.secret(&claim.key_id).expect("it is signed with the test key");
    Stages::claimed(request, &claim, secret.expose(), &Style::SERVICE).string_to_sign.as_bytes().to_vec()
}

fn hmac_sha1(text: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(b"testsecret&").expect("HMAC accepts any key length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn admitted(task: usize) -> Admitted {
    let gateway = Gateway::new(Keyring::test(), [(ACTION, VERSION)].into_iter().collect());
    let now = support::clock().now();
    gateway.admit(support::request(task, 0), now, Enforcement::Enforce).expect("the request is sound")
}

criterion_group! {
    name = decisions;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = verifying, deciding, answering
}
criterion_main!(decisions);
