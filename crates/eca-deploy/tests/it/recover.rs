//! A start whose response was lost, beside deploys of other machines; and deploys that stall.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use bytes::Bytes;
use eca_deploy::{
    Client, DeployApi, DeployFingerprint, DeployId, DeployMatch, Deployment, PollPolicy,
    StartError, Update,
};
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{HttpClient, Timer as _, TransportError, TransportErrorKind};
use eca_oauth::StaticToken;
use expect_test::expect;
use http::{Request, Response};

use crate::support::{DEPLOY, ScriptedOrg, brief, endpoint, package, soap, status, token};

const USER: &str = "005000000000001AAA";
const SOMEBODY: &str = "005000000000002AAA";

/// How far the org's clock is ahead of the local one.
const SKEW: Duration = Duration::from_hours(3);

/// A deploy that the org has, or will have.
#[derive(Clone)]
struct Listed {
    id: DeployId,
    created: SystemTime,
    zip_size: usize,
    user: &'static str,
    check_only: bool,
    validated: Option<&'static str>,
}

/// An org that loses the response to every start. Its clock is the timer's, [`SKEW`] ahead.
struct LossyOrg {
    timer: Arc<ManualTimer>,
    client: Client,
    deploys: Arc<Mutex<Vec<Listed>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl LossyOrg {
    /// A start arrives after `delay`, or never.
    fn new(api: DeployApi, delay: Option<Duration>) -> Self {
        let timer = Arc::new(ManualTimer::new());
        let deploys = Arc::<Mutex<Vec<Listed>>>::default();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let transport = {
            let (timer, deploys, requests) =
                (timer.clone(), Arc::clone(&deploys), Arc::clone(&requests));
            ScriptedTransport::with_handler(move |request| {
                let now = timer.now() + SKEW;
                let mut deploys = deploys.lock().unwrap();
                requests.lock().unwrap().push(brief(request));
                Some(match sent_zip(request) {
                    Some((zip_size, validated)) => {
                        if let Some(delay) = delay {
                            deploys.push(Listed {
                                id: DEPLOY.parse().unwrap(),
                                created: now + delay,
                                zip_size,
                                user: USER,
                                check_only: false,
                                validated,
                            });
                        }
                        let (method, uri) = (request.method(), request.uri());
                        Err(TransportError::new(TransportErrorKind::Reset, method, uri))
                    }
                    None => Ok(answer(request, &deploys, now)),
                })
            })
        };
        let http = HttpClient::new(Arc::new(transport), timer.clone());
        let client = Client::new(endpoint(66), http, Arc::new(StaticToken::new(token())));
        Self {
            timer,
            client: client.with_deploy_api(api),
            deploys,
            requests,
        }
    }

    /// Adds a deploy of another machine, created this many seconds from now.
    fn twin(&self, seconds: i64, zip_size: usize, user: &'static str) -> Listed {
        let now = self.timer.now() + SKEW;
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let mut deploys = self.deploys.lock().unwrap();
        let twin = Listed {
            id: format!("0Af5g00000TWIN{:04}", deploys.len())
                .parse()
                .unwrap(),
            created: if seconds < 0 {
                now - distance
            } else {
                now + distance
            },
            zip_size,
            user,
            check_only: false,
            validated: None,
        };
        deploys.push(twin.clone());
        twin
    }

    fn starts(&self) -> usize {
        let requests = self.requests.lock().unwrap();
        let starts = requests.iter().filter(|line| {
            line.ends_with(" deploy")
                || line.ends_with(" deployRecentValidation")
                || line.starts_with("POST /services/data")
        });
        starts.count()
    }
}

/// The size of the zip that a start has, or the validation of a quick deploy with its size.
fn sent_zip(request: &Request<Bytes>) -> Option<(usize, Option<&'static str>)> {
    let body = request.body();
    let between = |from: &[u8], to: &[u8]| {
        let at = |text: &[u8]| body.windows(text.len()).position(|window| window == text);
        let start = at(from)? + from.len();
        Some(
            &body[start
                ..start
                    + body[start..]
                        .windows(to.len())
                        .position(|window| window == to)?],
        )
    };
    if between(b"validatedDeployRequestId", b"}").is_some() {
        return Some((VALIDATED_SIZE, Some(VALIDATED)));
    }
    if between(b"<validationId>", b"<").is_some() {
        return Some((VALIDATED_SIZE, None));
    }
    if let Some(zip) = between(b"<ZipFile>", b"</ZipFile>") {
        let zip = base64::engine::general_purpose::STANDARD
            .decode(zip)
            .unwrap();
        return Some((zip.len(), None));
    }
    let zip = between(
        b"Content-Type: application/zip\r\n\r\n",
        b"\r\n--eca-deploy-",
    )?;
    Some((zip.len(), None))
}

const VALIDATED: &str = "0Af5g00000VALIDATE";
const VALIDATED_SIZE: usize = 41_234;

/// The answer to a request that starts nothing.
fn answer(request: &Request<Bytes>, deploys: &[Listed], now: SystemTime) -> Response<Bytes> {
    let timestamp = |time| {
        let text = humantime(time);
        format!("{text}.000+0000")
    };
    let there = || deploys.iter().filter(|deploy| deploy.created <= now);
    let path = request.uri().path();
    let text = if path.ends_with("/v66.0") {
        format!(r#"{{"identity":"https://login.salesforce.com/id/00D5g000004AbcdEAC/{USER}"}}"#)
    } else if path.ends_with("/query") {
        let mut deploys: Vec<_> = there().collect();
        deploys.sort_by_key(|deploy| std::cmp::Reverse(deploy.created));
        let records = deploys.iter().map(|deploy| {
            format!(
                r#"{{"Id":"{}","Status":"Pending","CheckOnly":{},"CreatedDate":"{}"}}"#,
                deploy.id,
                deploy.check_only,
                timestamp(deploy.created)
            )
        });
        let records = records.collect::<Vec<_>>().join(",");
        format!(r#"{{"totalSize":0,"done":true,"records":[{records}]}}"#)
    } else {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let named = |id: &str| path.ends_with(id) || body.contains(id);
        let members = |deploy: &Listed, member: fn(&str, &str) -> String| {
            [
                ("status", "Pending".to_owned()),
                ("done", "false".to_owned()),
                ("checkOnly", deploy.check_only.to_string()),
                ("ignoreWarnings", "false".to_owned()),
                ("rollbackOnError", "true".to_owned()),
                ("runTestsEnabled", "false".to_owned()),
                ("createdBy", deploy.user.to_owned()),
                ("createdDate", timestamp(deploy.created)),
                ("zipSize", deploy.zip_size.to_string()),
            ]
            .map(|(name, value)| member(name, &value))
            .into_iter()
        };
        let validation = Listed {
            id: VALIDATED.parse().unwrap(),
            created: now,
            zip_size: VALIDATED_SIZE,
            user: USER,
            check_only: true,
            validated: None,
        };
        let mut known = there().chain([&validation]);
        let deploy = known.find(|deploy| named(deploy.id.as_str())).unwrap();
        if path.contains("/Soap/") {
            let members = members(deploy, |name, value| format!("<{name}>{value}</{name}>"));
            soap("checkDeployStatus", &members.collect::<String>())
        } else {
            let members = members(deploy, |name, value| format!("\"{name}\":\"{value}\""));
            let members = members.collect::<Vec<_>>().join(",");
            let validated = deploy.validated.unwrap_or_default();
            format!(
                r#"{{"id":"{}","validatedDeployRequestId":"{validated}","deployResult":{{{members}}}}}"#,
                deploy.id
            )
        }
    };
    let response = Response::builder()
        .header("content-type", "text/plain")
        .header("date", httpdate::fmt_http_date(now));
    response.body(text.into()).unwrap()
}

/// `2025-01-01T03:00:00`.
fn humantime(time: SystemTime) -> String {
    let http = httpdate::HttpDate::from(time).to_string();
    let parts: Vec<_> = http.split(' ').collect();
    let (day, month, year, clock) = (parts[1], parts[2], parts[3], parts[4]);
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.iter().position(|name| *name == month).unwrap() + 1;
    format!("{year}-{month:02}-{day}T{clock}")
}

/// Numbers that look random, the same for each seed.
fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

/// Another machine deploys the same project up to 40 s before or after ours, whose response is
/// lost: ours arrives at once, late or never. Whatever happens, only ours is taken, by the start
/// and by a later search with the stored fingerprint.
#[tokio::test]
async fn the_deploy_of_another_machine_is_never_taken() {
    let mut taken = 0;
    let trials = (0..20).flat_map(|seed| [DeployApi::Rest, DeployApi::Soap].map(|api| (seed, api)));
    for (seed, api) in trials {
        let mut random = random(seed + 1);
        let delay = match random(3) {
            0 => None,
            1 => Some(Duration::ZERO),
            _ => Some(Duration::from_secs(random(25))),
        };
        let org = LossyOrg::new(api, delay);
        let nonce = u32::try_from(random(1 << 32)).unwrap();
        let client = org.client.clone().with_random(move || Some(nonce));
        let package = package();
        let size = usize::try_from(package.zip().length()).unwrap();
        // Of eca, or of a client that sends the zip as it is; of this user or another one.
        for _ in 0..=random(2) {
            let theirs = size + usize::try_from(random(2) * random(65_536)).unwrap();
            let seconds = i64::try_from(random(81)).unwrap() - 40;
            org.twin(
                seconds,
                theirs,
                [USER, USER, SOMEBODY][usize::try_from(random(3)).unwrap()],
            );
        }
        // And one by somebody else that has our size, at our time.
        org.twin(
            0,
            size + usize::from(u16::try_from(nonce & 0xFFFF).unwrap()),
            SOMEBODY,
        );

        let deploy = client.deploy(&package).recoverable().await.unwrap();
        let stored = serde_json::to_string(deploy.fingerprint()).unwrap();
        let arrives_in_time = delay.is_some_and(|delay| delay < Duration::from_secs(17));
        match deploy.start(&HashSet::new()).await {
            Ok(deployment) => {
                assert_eq!(deployment.id().as_str(), DEPLOY, "seed {seed} {api:?}");
                assert!(deployment.was_recovered() && arrives_in_time);
                taken += 1;
            }
            Err(error) => {
                assert!(error.is_unknown(), "{error}");
                assert!(!arrives_in_time, "seed {seed} {api:?}");
            }
        }
        org.timer.advance(Duration::from_secs(40));
        let fingerprint: DeployFingerprint = serde_json::from_str(&stored).unwrap();
        let found = Deployment::find_recent(&client, &fingerprint, &HashSet::new()).await;
        let expected = match delay {
            Some(_) => DeployMatch::One(DEPLOY.parse().unwrap()),
            None => DeployMatch::None { may_be_there: true },
        };
        assert_eq!(found.unwrap(), expected, "seed {seed} {api:?}");
        assert_eq!(org.starts(), 1, "a start is never sent again");
    }
    assert!(taken > 10, "{taken}");
}

/// The size may be equal by chance: then nothing is taken.
#[tokio::test]
async fn a_twin_of_the_same_size_leaves_it_unknown() {
    let org = LossyOrg::new(DeployApi::Rest, Some(Duration::ZERO));
    let client = org.client.clone().with_random(|| Some(1234));
    let package = package();
    let size = usize::try_from(package.zip().length()).unwrap() + 1234;
    org.twin(1, size, USER);
    let deploy = client.deploy(&package).recoverable().await.unwrap();
    let fingerprint = deploy.fingerprint().clone();
    // The lost deploy is there before the other one.
    let lost = deploy.start(&HashSet::new()).await;
    assert!(lost.is_ok_and(|found| found.id().as_str() == DEPLOY));
    org.timer.advance(Duration::from_secs(5));
    let both = Deployment::find_recent(&client, &fingerprint, &HashSet::new()).await;
    assert!(matches!(both.unwrap(), DeployMatch::Several(ids) if ids.len() == 2));
    // A known deploy is another one.
    let known = HashSet::from([DEPLOY.parse().unwrap()]);
    let other = Deployment::find_recent(&client, &fingerprint, &known).await;
    assert!(matches!(other.unwrap(), DeployMatch::One(id) if id.as_str() != DEPLOY));
}

/// Without a random size, a user or the org's clock, nothing is taken.
#[tokio::test]
async fn an_unrecognizable_start_is_never_found() {
    let org = LossyOrg::new(DeployApi::Rest, Some(Duration::ZERO));
    let client = org.client.clone().with_random(|| None);
    let package = package();
    let deploy = client.deploy(&package).recoverable().await.unwrap();
    assert!(!deploy.fingerprint().is_recognizable());
    let lost = deploy.start(&HashSet::new()).await;
    assert!(matches!(lost, Err(StartError::Lost(_))));
}

#[tokio::test]
async fn a_lost_quick_deploy_is_found() {
    let validated: DeployId = VALIDATED.parse().unwrap();
    for api in [DeployApi::Rest, DeployApi::Soap] {
        for (delay, found) in [(Some(Duration::from_secs(3)), true), (None, false)] {
            let org = LossyOrg::new(api, delay);
            // Other deploys of the same user and time.
            org.twin(0, VALIDATED_SIZE + 1, USER);
            org.twin(1, VALIDATED_SIZE, SOMEBODY);
            org.twin(-20, VALIDATED_SIZE, USER);
            let deploy = org.client.quick_deploy(&validated);
            let deploy = deploy.recoverable().await.unwrap();
            let started = deploy.start(&HashSet::new()).await;
            let id = started.ok().map(|deploy| deploy.id().to_string());
            assert_eq!(id, found.then(|| DEPLOY.to_owned()), "{api:?}");
            assert_eq!(org.starts(), 1);
        }
    }
}

#[tokio::test]
async fn a_search_asks_for_the_status_of_those_in_question() {
    let org = LossyOrg::new(DeployApi::Rest, Some(Duration::ZERO));
    let client = org.client.clone().with_random(|| Some(9));
    org.twin(-3000, 1, USER);
    org.twin(0, 1, USER);
    let package = package();
    let deploy = client.deploy(&package).recoverable().await.unwrap();
    assert!(deploy.start(&HashSet::new()).await.is_ok());
    let requests = org.requests.lock().unwrap().join("\n");
    expect![[r#"
        GET /services/data/v66.0
        POST /services/data/v66.0/metadata/deployRequest
        GET /services/data/v66.0/tooling/query?q=SELECT+Id,+Status,+CheckOnly,+CreatedDate,+CreatedBy.Name,+StartDate,+CompletedDate,+StateDetail,+NumberComponentsTotal,+NumberComponentsDeployed,+NumberComponentErrors,+NumberTestsTotal,+NumberTestsCompleted,+NumberTestErrors,+ErrorMessage+FROM+DeployRequest+ORDER+BY+CreatedDate+DESC+NULLS+LAST+LIMIT+100
        GET /services/data/v66.0/metadata/deployRequest/0Af5g00000TWIN0001?includeDetails=true
        GET /services/data/v66.0/metadata/deployRequest/0Af5g00000AAAAAAAA?includeDetails=true"#]]
    .assert_eq(&requests);
}

#[tokio::test]
async fn a_refused_start_is_not_searched_for() {
    let org = ScriptedOrg::new();
    let refusal = r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]"#;
    // The first request asks for the user and the time: a refusal of that stops nothing.
    org.transport.json(403, refusal).json(403, refusal);
    let package = package();
    let deploy = org.client.deploy(&package).recoverable().await.unwrap();
    let refused = deploy.start(&HashSet::new()).await;
    assert!(matches!(refused, Err(StartError::NotStarted(_))));
    assert_eq!(org.requests().len(), 2);
}

#[tokio::test]
async fn a_stall_is_reported_once() {
    let org = ScriptedOrg::new();
    for _ in 0..200 {
        org.transport
            .json(200, status("InProgress", false, false, "{}"));
    }
    let policy = PollPolicy::default().with_wait(Duration::from_mins(20));
    let mut deployment =
        Deployment::attach(&org.client, DEPLOY.parse().unwrap()).with_policy(policy);
    let mut stalls = Vec::new();
    while let Some(update) = deployment.next_update().await {
        if let Update::Stalled { unchanged, last } = update {
            stalls.push((unchanged, last.number_components_deployed));
        }
    }
    let [(unchanged, 1)] = stalls[..] else {
        panic!("{stalls:?}");
    };
    assert!(unchanged >= Duration::from_mins(5) && unchanged < Duration::from_mins(6));
}
