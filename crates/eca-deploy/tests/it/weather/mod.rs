//! Every operation in bad weather, against the embedded org: what is told is what the org knows, no
//! deploy is started twice, and none is lost.

mod sky;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use eca_deploy::{
    Client, DeployApi, DeployId, DeployMatch, DeployOutcome, DeployResult, DeployStatus,
    Deployment, Endpoint, Package, PollPolicy, RecoverableDeploy, RetrieveOptions, StartError,
    TestLevel, recent_deploys, retrieve,
};
use eca_emulator::{Org, Pace};
use eca_http::testing::ManualTimer;
use eca_http::{HttpClient, Timer as _};
use eca_model::{ApiVersion, Project};
use eca_oauth::{AccessToken, InstanceUrl, StaticToken};
use fastrand::Rng;

use crate::support::files;
use crate::weather::sky::{SharedClock, Sky};

/// `cargo test` tries so many seeds; `ECA_WEATHER_SEEDS=4000` tries more.
const SEEDS: u64 = 200;

const WAIT: Duration = Duration::from_mins(10);
/// What may pass beside [`WAIT`]: the start, its search, and a last request.
const BESIDE: Duration = Duration::from_mins(15);

/// One client in the weather, and one beside it in fair weather.
struct World {
    org: Org,
    timer: Arc<ManualTimer>,
    sky: Arc<Sky>,
    client: Client,
    fair: Client,
    random: Rng,
}

impl World {
    async fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let timer = Arc::new(ManualTimer::new());
        let org = Org::builder()
            .clock(Arc::new(SharedClock(timer.clone())))
            .pace(Pace::Time(Duration::from_secs(random.u64(0..90))))
            .start()
            .await
            .unwrap();
        let token = || AccessToken::new(org.admin_access_token().expose_secret()).unwrap();
        let api = [DeployApi::Rest, DeployApi::Soap][random.usize(..2)];
        let instance: InstanceUrl = org.instance_url().parse().unwrap();
        let endpoint = Endpoint::new(&instance, ApiVersion::new(66));
        let sky = Arc::new(Sky::new(timer.clone(), seed));
        let http = HttpClient::new(sky.clone(), timer.clone());
        let tokens = Arc::new(StaticToken::new(token()));
        let client = Client::new(endpoint, http, tokens).with_deploy_api(api);
        let fair = Client::connect(org.instance_url(), token()).unwrap();
        Self {
            org,
            timer,
            sky,
            client,
            fair,
            random,
        }
    }

    /// Deploys that the org has, but for those.
    async fn deploys_but(&self, others: &HashSet<DeployId>) -> Vec<DeployId> {
        let recent = recent_deploys(&self.fair, 50).await.unwrap();
        let ids = recent.deploys.into_iter().map(|deploy| deploy.id);
        ids.filter(|id| !others.contains(id)).collect()
    }

    /// What the org knows of a deploy, once it has ended.
    async fn truth(&self, id: &DeployId) -> DeployResult {
        self.timer.advance(Duration::from_hours(1));
        let deployment = Deployment::attach(&self.fair, id.clone());
        let result = deployment.status_with_retry().await.unwrap();
        assert!(result.done, "{result:?}");
        result
    }

    /// A deploy of another machine, which sends the zip as it is.
    async fn twin(&self, package: &Package) -> DeployId {
        let started = self.fair.deploy(package).start().await.unwrap();
        started.id().clone()
    }

    /// Starts a deploy in the weather and follows it; then holds what was told against the org.
    async fn deploy(&mut self, package: &Package, deploy: RecoverableDeploy<'_>, seed: u64) {
        let fingerprint = deploy.fingerprint().clone();
        let mut others: HashSet<_> = self
            .deploys_but(&HashSet::new())
            .await
            .into_iter()
            .collect();
        if self.random.bool() {
            others.insert(self.twin(package).await);
        }
        let begin = self.timer.monotonic();
        let started = deploy.start(&others).await;
        let outcome = match started {
            Ok(deployment) => {
                let id = deployment.id().clone();
                if self.random.bool() {
                    others.insert(self.twin(package).await);
                }
                let policy = PollPolicy::default().with_wait(WAIT);
                Ok((id, deployment.with_policy(policy).outcome().await))
            }
            Err(error) => Err(error),
        };
        let took = self.timer.monotonic().saturating_sub(begin);
        assert!(took <= WAIT + BESIDE, "seed {seed}: {took:?}");
        self.sky.clear();
        assert!(self.sky.starts() <= 1, "seed {seed}: {}", self.sky.starts());
        let ours = self.deploys_but(&others).await;
        assert!(ours.len() <= 1, "seed {seed}: {ours:?}");
        match outcome {
            Ok((id, outcome)) => {
                assert_eq!(ours, std::slice::from_ref(&id), "seed {seed}");
                let truth = self.truth(&id).await.status;
                match outcome {
                    DeployOutcome::Succeeded(_) => assert_eq!(truth, DeployStatus::Succeeded),
                    DeployOutcome::Failed(_) => assert_eq!(truth, DeployStatus::Failed),
                    DeployOutcome::Unknown(unknown) => assert_eq!(unknown.id, Some(id)),
                    other => unreachable!("seed {seed}: {other}"),
                }
            }
            Err(StartError::Lost(_)) => {
                // The next run looks for it, in fair weather.
                let found = Deployment::find_recent(&self.fair, &fingerprint, &others).await;
                match (found.unwrap(), &ours[..]) {
                    (DeployMatch::One(found), [ours]) => assert_eq!(found, *ours),
                    (DeployMatch::None { .. }, []) => {}
                    // A fingerprint without a size cannot tell twins apart, and says so.
                    (DeployMatch::Several(ids), [ours]) => assert!(ids.contains(ours)),
                    (found, ours) => unreachable!("seed {seed}: {found:?}, {ours:?}"),
                }
            }
            Err(error) => assert_eq!(ours, [], "seed {seed}: {error}"),
        }
    }
}

fn package() -> Package {
    Package::of(&Project::from_entries(files("Local"))).unwrap()
}

/// A package that the org refuses: the app's settings without its header.
fn refused() -> Package {
    let mut files = files("Local");
    files.retain(|(path, _)| !path.contains("externalClientApps/"));
    Package::of(&Project::from_entries(files)).unwrap()
}

async fn try_seed(seed: u64) -> usize {
    let mut world = World::new(seed).await;
    let (good, bad) = (package(), refused());
    match seed % 7 {
        0 => recoverable(&mut world, &good, seed, |client| client.deploy(&good)).await,
        1 => recoverable(&mut world, &bad, seed, |client| client.deploy(&bad)).await,
        2 => {
            recoverable(&mut world, &good, seed, |client| {
                client.deploy(&good).check_only()
            })
            .await;
            world.timer.advance(Duration::from_hours(1));
            // A validation leaves nothing; only another machine's deploy does.
            let is_there = !world.org.apps().is_empty();
            assert_eq!(is_there, world.has_twin().await, "seed {seed}");
        }
        3 => quick(&mut world, &good, seed).await,
        4 => watch(&mut world, &good, seed).await,
        5 => retrieve_all(&world, &good, seed).await,
        _ => cancel(&world, &good, seed).await,
    }
    world.sky.faults()
}

impl World {
    /// Whether a deploy that is not check-only has succeeded.
    async fn has_twin(&self) -> bool {
        let recent = recent_deploys(&self.fair, 50).await.unwrap();
        recent.deploys.iter().any(|deploy| !deploy.check_only)
    }
}

/// Makes a deploy recoverable in the weather, and starts it if that succeeds.
async fn recoverable<'a>(
    world: &mut World,
    package: &Package,
    seed: u64,
    deploy: impl Fn(&Client) -> eca_deploy::Deploy<'a>,
) {
    match deploy(&world.client).recoverable().await {
        Ok(ready) => world.deploy(package, ready, seed).await,
        Err(_) => assert_eq!(world.sky.starts(), 0, "seed {seed}"),
    }
}

async fn quick(world: &mut World, package: &Package, seed: u64) {
    let validation = world.fair.deploy(package).check_only();
    let validation = validation.test_level(TestLevel::RunLocalTests);
    let id = validation.start().await.unwrap().id().clone();
    assert_eq!(world.truth(&id).await.status, DeployStatus::Succeeded);
    recoverable(world, package, seed, |client| client.quick_deploy(&id)).await;
}

async fn watch(world: &mut World, package: &Package, seed: u64) {
    let id = world.twin(package).await;
    let begin = world.timer.monotonic();
    let policy = PollPolicy::default().with_wait(WAIT);
    let watched = Deployment::attach(&world.client, id.clone()).with_policy(policy);
    let outcome = watched.outcome().await;
    let took = world.timer.monotonic().saturating_sub(begin);
    assert!(took <= WAIT + BESIDE, "seed {seed}: {took:?}");
    let truth = world.truth(&id).await.status;
    if outcome.is_success() {
        assert_eq!(truth, DeployStatus::Succeeded, "seed {seed}");
    } else {
        assert!(outcome.is_unknown(), "seed {seed}: {outcome}");
    }
    assert_eq!(world.sky.starts(), 0, "seed {seed}");
}

async fn retrieve_all(world: &World, package: &Package, seed: u64) {
    let id = world.twin(package).await;
    assert_eq!(world.truth(&id).await.status, DeployStatus::Succeeded);
    let mut options = RetrieveOptions::default();
    options.policy = options.policy.with_wait(WAIT);
    let begin = world.timer.monotonic();
    let retrieved = retrieve(&world.client, package.manifest(), &options).await;
    let took = world.timer.monotonic().saturating_sub(begin);
    assert!(took <= WAIT + BESIDE, "seed {seed}: {took:?}");
    // All or nothing.
    if let Ok(retrieved) = retrieved {
        assert_eq!(
            retrieved.into_project().components().len(),
            3,
            "seed {seed}"
        );
    }
}

async fn cancel(world: &World, package: &Package, seed: u64) {
    let id = world.twin(package).await;
    let told = Deployment::attach(&world.client, id.clone()).cancel().await;
    world.sky.clear();
    let truth = world.truth(&id).await.status;
    if let Ok(status) = told {
        let is_canceled = matches!(status, DeployStatus::Canceled | DeployStatus::Canceling);
        assert!(is_canceled, "seed {seed}: {status}");
        assert_eq!(truth, DeployStatus::Canceled, "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_weather() {
    let seeds = std::env::var("ECA_WEATHER_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    let mut faults = 0;
    for seed in 0..seeds {
        faults += try_seed(seed).await;
    }
    assert!(faults > 500, "{faults}");
}
