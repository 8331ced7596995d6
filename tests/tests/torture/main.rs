//! Hostile input for everything that reads what strangers wrote: many small random cases.
//!
//! Each area makes cases from a seed and checks what must hold for any input. `cargo test` runs a
//! fixed number of cases; `cargo xtask torture` runs for as long as it is told. A failure names
//! area, seed and case, and the same seed repeats it.

#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod answers;
mod callbacks;
mod checkouts;
mod customer;
mod damage;
#[path = "../it/embedded.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod embedded;
mod endpoints;
mod keys;
mod output;
mod plans;
mod tokens;
mod xml;
mod zips;

use std::env;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use fastrand::Rng;

/// Rounds of a bounded run.
const ROUNDS: u64 = 4;
/// A bounded run ends here, also when a round is missing.
const LONGEST: Duration = Duration::from_mins(2);

/// What became of a case that broke nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Accepted,
    Refused,
}

impl End {
    fn of<T, E>(result: &Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(_) => Self::Refused,
        }
    }
}

/// Runs one case. It panics when something does not hold.
type Case = Box<dyn FnMut(&mut Rng) -> End>;

struct Area {
    name: &'static str,
    case: Case,
    /// Cases of each round: more where they are quick.
    cases: u64,
    accepted: u64,
    refused: u64,
}

impl Area {
    fn new(name: &'static str, cases: u64, case: Case) -> Self {
        Self {
            name,
            case,
            cases,
            accepted: 0,
            refused: 0,
        }
    }

    fn run(&mut self, seed: u64, round: u64) {
        for number in round * self.cases..(round + 1) * self.cases {
            let mut rng = Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            match catch_unwind(AssertUnwindSafe(|| (self.case)(&mut rng))) {
                Ok(End::Accepted) => self.accepted += 1,
                Ok(End::Refused) => self.refused += 1,
                Err(panic) => {
                    say(&format!(
                        "torture: {} failed at seed {seed}, case {number}",
                        self.name
                    ));
                    resume_unwind(panic);
                }
            }
        }
    }
}

/// Writes to standard error, also under the test harness.
fn say(line: &str) {
    let written = std::io::stderr().write_all(format!("{line}\n").as_bytes());
    written.expect("stderr can be written");
}

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

#[test]
fn hostile_input_breaks_nothing() {
    let seed = number("ECA_TORTURE_SEED").unwrap_or(1);
    let minutes = number("ECA_TORTURE_MINUTES");
    let start = Instant::now();
    let is_over = |round| match minutes {
        Some(minutes) => start.elapsed() >= Duration::from_secs(60 * minutes),
        None => round == ROUNDS || start.elapsed() >= LONGEST,
    };
    let mut areas = [
        Area::new("zips, unpacked", 200, zips::unpacked()),
        Area::new("zips, deployed", 20, zips::deployed()),
        Area::new("plan files, forged", 40, plans::forged()),
        Area::new("states", 200, plans::states()),
        Area::new("metadata files", 40, xml::files()),
        Area::new("tokens", 100, tokens::verified()),
        Area::new("keys and certificates", 60, keys::files()),
        Area::new("key derivations", 20, keys::derivations()),
        Area::new("checkouts, eca.toml", 3, checkouts::configurations()),
        Area::new("checkouts, file names", 3, checkouts::names()),
        Area::new("answers of an org", 6, answers::of_an_org()),
        Area::new("callbacks of a login", 1, callbacks::of_a_login()),
        Area::new("endpoints, no token", 60, endpoints::without_a_token()),
        Area::new(
            "endpoints, a user's token",
            60,
            endpoints::with_a_users_token(),
        ),
    ];
    let mut rounds = 0;
    while !is_over(rounds) {
        for area in &mut areas {
            area.run(seed, rounds);
        }
        rounds += 1;
    }
    let took = start.elapsed().as_secs();
    say(&format!(
        "torture: seed {seed}, {rounds} rounds in {took} s, nothing broke"
    ));
    for area in &areas {
        say(&format!(
            "  {:<26} {:>9} cases, {:>9} accepted, {:>9} refused",
            area.name,
            area.accepted + area.refused,
            area.accepted,
            area.refused
        ));
    }
    // Cases that all end alike would test one line of the program.
    for area in &areas {
        assert!(area.refused > 0, "{}: nothing was refused", area.name);
    }
}
