//! The cost of minting, compared with the signature alone:
//! `cargo bench -p eca-attest --features aws-lc-rs`.
//!
//! Each result is a ratio of two rates that are measured alternately in one run, so that load on
//! the machine affects both. The absolute rates are printed for orientation only.

use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use eca_attest::{AsyncMinter, ClientAttestation, Minter, OsIds, PrivateKey, Provider, Signer};
use futures_util::FutureExt as _;
use pkcs8::DecodePrivateKey as _;
use rsa::signature::{SignatureEncoding as _, Signer as _};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The number of turns of each side.
const TURNS: u32 = 21;
/// The time of one turn.
const TURN: Duration = Duration::from_millis(150);

fn main() -> Result<()> {
    let key = PrivateKey::read(include_bytes!("../tests/data/test-only-rsa-2048.pem"))?;
    let attestation = ClientAttestation::new(
        "3MVG9test.only.consumer.key_of_nobody".parse()?,
        "https://storefront.my.site.com".parse()?,
    );
    let now = SystemTime::now();
    let message = attestation.prepare(now, &OsIds)?;
    let message = message.signing_input().as_bytes();

    let aws: Arc<dyn Signer> = Arc::from(Provider::AwsLcRs.signer(&key)?);
    let aws_mint = || attestation.sign(&aws, now, &OsIds).is_ok();
    let bare = RsaKeyPair::from_pkcs8(key.expose_pkcs8_der())?;
    let random = SystemRandom::new();
    let mut signature = vec![0; bare.public_modulus_len()];
    let mut aws_bare = || {
        let signature = black_box(&mut signature);
        bare.sign(&RSA_PKCS1_SHA256, &random, message, signature)
            .is_ok()
    };
    Comparison::new(|| rate(aws_mint, TURN), || rate(&mut aws_bare, TURN))
        .report("aws-lc-rs: minting / bare signature", 0.95)?;
    if openssl_rate().is_some() {
        let openssl = || openssl_rate().unwrap_or(f64::NAN);
        Comparison::measure(5, || rate(aws_mint, Duration::from_secs(1)), openssl)
            .report("aws-lc-rs: minting / openssl speed rsa2048", 0.95)?;
    } else {
        line("openssl speed: not installed")?;
    }

    let pure = Provider::RustCrypto.signer(&key)?;
    let bare = rsa::PrivateKey::from_pkcs8_der(key.expose_pkcs8_der())?;
    let bare = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(bare);
    let pure_bare = || {
        let made = bare.try_sign(message);
        made.map(|made: rsa::pkcs1v15::Signature| black_box(made.to_vec()))
            .is_ok()
    };
    let pure_mint = || attestation.sign(&*pure, now, &OsIds).is_ok();
    Comparison::new(|| rate(pure_mint, TURN), || rate(pure_bare, TURN))
        .report("rustcrypto: minting / bare blinded signature", 0.95)?;

    let signer = Provider::AwsLcRs.signer(&key)?;
    let minter = Minter::new(attestation.clone(), signer, SystemTime::now, OsIds);
    let cached = || minter.mint().is_ok();
    Comparison::new(|| rate(cached, TURN), || 1e6)
        .report("cached: minting / a million a second", 1.0)?;

    Comparison::new(|| together(&aws_mint), || 2.0 * rate(aws_mint, TURN))
        .report("two threads: signing / twice one thread", 0.9)?;

    let signer = Provider::AwsLcRs.signer(&key)?;
    let minter = AsyncMinter::new(
        attestation.clone(),
        Box::new(signer),
        SystemTime::now,
        OsIds,
    );
    // Every call is ready at the first poll: the first one signs in this thread.
    let cached = || {
        minter
            .mint()
            .now_or_never()
            .is_some_and(|made| made.is_ok())
    };
    Comparison::new(|| rate(cached, TURN), || 1e6)
        .report("cached, async: minting / a million a second", 1.0)?;

    let parse = || Provider::AwsLcRs.signer(&key).is_ok();
    let parsed = rate(parse, TURN * 4);
    let cost = 1e6 / parsed;
    line(&format!(
        "reading the key for each token would cost {cost:.0} us"
    ))
}

/// Two rates, measured alternately. The ratio is the median of the turns, so that a disturbed turn
/// does not matter.
struct Comparison {
    ratios: Vec<f64>,
    last: (f64, f64),
}

impl Comparison {
    fn new(one: impl FnMut() -> f64, other: impl FnMut() -> f64) -> Comparison {
        Comparison::measure(TURNS, one, other)
    }

    fn measure(
        turns: u32,
        mut one: impl FnMut() -> f64,
        mut other: impl FnMut() -> f64,
    ) -> Comparison {
        let mut ratios = Vec::new();
        let mut last = (0.0, 0.0);
        for _ in 0..turns {
            last = (one(), other());
            ratios.push(last.0 / last.1);
        }
        ratios.sort_by(f64::total_cmp);
        Comparison { ratios, last }
    }

    fn report(&self, name: &str, at_least: f64) -> Result<()> {
        let median = self.ratios.get(self.ratios.len() / 2).copied();
        let ratio = median.unwrap_or(f64::NAN);
        let verdict = if ratio >= at_least {
            "ok"
        } else {
            "BELOW THE GOAL"
        };
        let (rate, other) = self.last;
        line(&format!(
            "{name}: {ratio:.3} (at least {at_least}: {verdict}; {rate:.0}/s and {other:.0}/s)"
        ))
    }
}

/// Calls per second, measured over about that time. The clock is read once per batch of calls.
fn rate(mut function: impl FnMut() -> bool, time: Duration) -> f64 {
    let start = Instant::now();
    let (mut calls, mut batch) = (0_u32, 1_u32);
    loop {
        for _ in 0..batch {
            assert!(function(), "a call failed");
        }
        calls = calls.saturating_add(batch);
        let elapsed = start.elapsed();
        if elapsed >= time {
            return f64::from(calls) / elapsed.as_secs_f64();
        }
        if elapsed < time / 100 {
            batch = batch.saturating_mul(2);
        }
    }
}

/// The sum of the rates of two threads.
fn together(function: &(impl Fn() -> bool + Sync)) -> f64 {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| rate(function, TURN));
        let here = rate(function, TURN);
        here + other.join().unwrap_or(f64::NAN)
    })
}

/// Signatures per second of `openssl speed`, from its machine-readable line
/// `+F2:…:rsa:bits:sign:verify`.
fn openssl_rate() -> Option<f64> {
    let output = Command::new("openssl")
        .args(["speed", "-mr", "-elapsed", "-seconds", "1", "rsa2048"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let fields = text.lines().find(|line| line.starts_with("+F2:"))?;
    let seconds: f64 = fields.split(':').nth(3)?.parse().ok()?;
    Some(if seconds < 1.0 {
        1.0 / seconds
    } else {
        seconds
    })
}

fn line(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
