//! The built program in bad weather, over sockets, and killed: what it tells is what the org knows,
//! no deploy is started twice or lost, and no file is torn.
//!
//! `cargo test` tries a few seeds; `cargo xtask torture weather` tries seeds for as long as it is
//! told. A failure names its seed, which repeats it up to the timing of threads.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

#[path = "../it/embedded.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod embedded;
mod proxy;

use std::collections::BTreeMap;
use std::env;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eca_emulator::{Org, Pace};
use eca_tests::{Run, configure, eca, replace, run_with, storefront_copy};
use fastrand::Rng;

use crate::embedded::EmbeddedOrg;
use crate::proxy::Proxy;

/// Seeds of a bounded run, and how many are tried at a time: most of the time is waiting.
const SEEDS: u64 = 16;
const THREADS: usize = 8;

/// No command may take longer: its `--wait`, the start and its search.
const LONGEST: Duration = Duration::from_mins(3);

/// A project, its org, and the weather between the two.
struct World {
    org: EmbeddedOrg,
    proxy: Proxy,
    project: tempfile::TempDir,
    random: Rng,
    seed: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let pace = Pace::Time(Duration::from_millis(random.u64(0..1500)));
        let org = EmbeddedOrg::start_with(Org::builder().pace(pace));
        let proxy = Proxy::new(org.address(), seed);
        let project = storefront_copy();
        let api = ["rest", "soap"][random.usize(..2)];
        let auth = format!(
            "deploy-api = '{api}'\nauth = {{ method = 'access-token', access-token = 'env:TOKEN' }}"
        );
        configure(project.path(), &proxy.url, &auth);
        Self {
            org,
            proxy,
            project,
            random,
            seed,
        }
    }

    fn environment(&self) -> [(&'static str, String); 1] {
        [("TOKEN", self.org.token().to_owned())]
    }

    /// Runs a command in the weather; `None` if it was killed on the way.
    fn try_run(&mut self, arguments: &[&str]) -> Option<Run> {
        let mut child = eca(self.project.path(), arguments)
            .envs(self.environment())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("eca runs");
        let kill_after = (self.random.u8(..3) == 0).then(|| self.random.u64(0..2500));
        let start = Instant::now();
        if !ends(
            &mut child,
            kill_after.map_or(LONGEST, Duration::from_millis),
        ) {
            assert!(
                kill_after.is_some(),
                "seed {}: {arguments:?} hangs",
                self.seed
            );
            child.kill().expect("it can be killed");
        }
        assert!(start.elapsed() <= LONGEST, "seed {}", self.seed);
        let output = child.wait_with_output().expect("it has ended");
        output.status.code().is_some().then(|| Run::from(output))
    }

    /// Runs a command in fair weather.
    fn run(&self, arguments: &[&str]) -> Run {
        run_with(self.project.path(), arguments, self.environment())
    }

    /// The deploys that the org has: id and final status.
    fn deploys(&self) -> Vec<(String, String)> {
        let listed = self.run(&["deploys", "list", "--json"]);
        assert_eq!(listed.code, 0, "{listed:?}");
        let ids = listed.json()["deploys"].as_array().expect("a list").clone();
        let ids = ids.iter().map(|deploy| text(&deploy["id"]));
        ids.map(|id| {
            let watched = self.run(&["deploys", "watch", &id, "--json"]);
            (id, text(&watched.json()["status"]))
        })
        .collect()
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a process ends within a time.
fn ends(child: &mut Child, within: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < within {
        if child.try_wait().expect("a child").is_some() {
            return true;
        }
        thread::sleep(Duration::from_millis(2));
    }
    false
}

/// A deploy, good or refused, over REST or SOAP; then the next command, in fair weather.
fn deploy(world: &mut World) {
    let seed = world.seed;
    let is_good = world.random.bool();
    if !is_good {
        let settings = eca_tests::find(world.project.path(), ".ecaOauth-meta.xml");
        replace(&settings, "<label>", "<label>x</label><label>");
    }
    let told = world.try_run(&["deploy", "--json", "--wait", "60s"]);
    world.proxy.clear();
    assert!(world.proxy.starts() <= 1, "seed {seed}: {told:?}");
    let deploys = world.deploys();
    let status = if is_good { "Succeeded" } else { "Failed" };
    assert!(deploys.len() <= 1, "seed {seed}: {deploys:?}");
    assert!(
        deploys.iter().all(|(_, known)| known == status),
        "seed {seed}: {deploys:?}"
    );
    match &told {
        Some(run) if run.code == 0 => assert!(is_good && deploys.len() == 1, "{seed}: {run:?}"),
        Some(run) if run.code == 1 => assert!(!is_good && deploys.len() == 1, "{seed}: {run:?}"),
        _ => {
            // The next command, in fair weather.
            let resumed = world.run(&["deploy", "--resume", "--json"]);
            match (&deploys[..], resumed.code) {
                // Nothing was started, so that there may be nothing to resume.
                ([], code) => assert_ne!(code, 0, "seed {seed}: {resumed:?}"),
                // What cannot be proven is said, with the id.
                ([(id, _)], 6) => assert!(
                    resumed
                        .stderr
                        .contains(&format!("{id} in the org may be it")),
                    "seed {seed}: {resumed:?}"
                ),
                ([_, ..], code) => {
                    assert_eq!(
                        code,
                        i32::from(!is_good),
                        "seed {seed}: {told:?} {resumed:?}"
                    );
                }
            }
        }
    }
}

/// A retrieve over changed files: each is the old one or the new one, all in one, and nothing is
/// left beside them.
fn retrieve(world: &mut World) {
    let seed = world.seed;
    world.org.seed(world.project.path());
    let new = files(world.project.path());
    let settings = eca_tests::find(world.project.path(), ".ecaOauth-meta.xml");
    let header = eca_tests::find(world.project.path(), ".eca-meta.xml");
    for file in [&settings, &header] {
        replace(file, "<label>", "<label>Old ");
    }
    let old = files(world.project.path());
    let told = world.try_run(&["retrieve", "--force", "--json", "--wait", "60s"]);
    world.proxy.clear();
    if let Some(run) = &told {
        let now = files(world.project.path());
        let expected = if run.code == 0 { &new } else { &old };
        assert_eq!(&now, expected, "seed {seed}: {run:?}");
    }
    // The next command completes or takes back what a kill has left.
    let listed = world.run(&["list", "--json"]);
    assert_eq!(listed.code, 0, "seed {seed}: {listed:?}");
    let now = files(world.project.path());
    assert!(now == new || now == old, "seed {seed}: {told:?}");
    let again = world.run(&["retrieve", "--force", "--json"]);
    assert_eq!(again.code, 0, "seed {seed}: {again:?}");
    assert_eq!(files(world.project.path()), new, "seed {seed}");
}

/// All files of the sources.
fn files(project: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![project.join("force-app")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                found.insert(path.display().to_string(), bytes);
            }
        }
    }
    found
}

#[test]
fn the_program_in_bad_weather() {
    let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
    let first = number("ECA_TORTURE_SEED").unwrap_or(1);
    let minutes = number("ECA_TORTURE_MINUTES");
    let start = Instant::now();
    let next = AtomicU64::new(0);
    let (faults, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let is_over = match minutes {
                        Some(minutes) => start.elapsed() >= Duration::from_secs(60 * minutes),
                        None => number >= SEEDS,
                    };
                    if is_over {
                        return;
                    }
                    let mut world = World::new(first + number);
                    if number % 3 == 2 {
                        retrieve(&mut world);
                    } else {
                        deploy(&mut world);
                    }
                    faults.fetch_add(world.proxy.faults(), Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    let (faults, done) = (faults.into_inner(), done.into_inner());
    let seconds = start.elapsed().as_secs();
    let line = format!("weather: {done} commands, {faults} faults in {seconds} s\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("stderr");
    assert!(faults >= done, "the weather was too good");
}
