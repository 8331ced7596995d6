//! No response causes a panic, and every loop ends.

use std::collections::HashSet;
use std::time::Duration;

use eca_deploy::{
    ApiVersion, Archive, DeployApi, DeployOutcome, Deployment, Limits, ListQuery, PollPolicy,
    RetrieveOptions, describe_metadata, describe_value_type, list_metadata, read_metadata,
    recent_deploys, retrieve, upsert_metadata,
};
use eca_http::TransportErrorKind;
use eca_model::Manifest;
use proptest::prelude::*;

use crate::support::{DEPLOY, ScriptedOrg, fault, package, soap, started, status, zip_of};

/// Every operation against an org that always gives this response.
fn call_everything(status: u16, body: Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let rest = ScriptedOrg::always(status, "text/plain", body).client;
    let soap = rest.clone().with_deploy_api(DeployApi::Soap);
    runtime.block_on(async {
        let id = DEPLOY.parse().unwrap();
        for client in [&rest, &soap] {
            let _ = client.deploy(&package()).start().await;
            let _ = client.quick_deploy(&id).start().await;
            let deployment = Deployment::attach(client, id.clone());
            let _ = deployment.cancel().await;
            let _ = deployment.outcome().await;
        }
        let _ = recent_deploys(&rest, 1).await;
        let manifest = Manifest::new(ApiVersion::new(66));
        let _ = retrieve(&soap, &manifest, &RetrieveOptions::default()).await;
        let _ = list_metadata(&soap, &[ListQuery::new("Kind")], 1).await;
        let _ = describe_metadata(&soap).await;
        let _ = describe_value_type(&soap, "Kind").await;
        let _ = read_metadata(&soap, "Kind", &["name".to_owned()]).await;
        let _ = upsert_metadata(&soap, &[], true).await;
    });
}

/// What an org or a proxy may do with a request.
#[derive(Debug, Clone)]
enum Turn {
    Respond(u16, &'static str, String),
    Fail(TransportErrorKind),
}

fn turn() -> impl Strategy<Value = Turn> {
    let json = |status: u16, body: String| Turn::Respond(status, "application/json", body);
    prop_oneof![
        4 => prop_oneof!["Pending", "InProgress", "Finalizing", "Odd", ""]
            .prop_map(move |state| json(200, status(&state, false, false, "{}"))),
        1 => (prop_oneof!["Succeeded", "Failed", "SucceededPartial", "Canceled", "Odd"], any::<bool>())
            .prop_map(move |(state, success)| json(200, status(&state, true, success, "{}"))),
        1 => Just(json(201, started())),
        1 => prop_oneof![Just(400_u16), Just(401), Just(403), Just(404), Just(420), Just(500), Just(503)]
            .prop_map(move |code| json(code, r#"[{"errorCode":"SOME_CODE","message":"m"}]"#.to_owned())),
        1 => Just(Turn::Respond(502, "text/html", "<html>".to_owned())),
        1 => prop_oneof![
            Just(TransportErrorKind::Connect),
            Just(TransportErrorKind::Reset),
            Just(TransportErrorKind::ReadTimeout),
            Just(TransportErrorKind::Tls),
            Just(TransportErrorKind::BodyTooLarge(10)),
        ]
        .prop_map(Turn::Fail),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn responses_may_be_any_bytes(status in 200_u16..600, body in proptest::collection::vec(any::<u8>(), 0..400)) {
        call_everything(status, body);
    }

    #[test]
    fn responses_may_be_damaged(
        which in 0..4_usize,
        status_code in prop_oneof![Just(200_u16), Just(500)],
        cut in 0.0..1.0_f64,
        at in 0.0..1.0_f64,
        byte in any::<u8>(),
    ) {
        let body = match which {
            0 => status("Failed", true, false, r#"{"componentFailures":[{"problem":"p","lineNumber":-1}]}"#),
            1 => soap("checkRetrieveStatus", "<done>x</done><status>Succeeded</status><zipFile>AA=A</zipFile>"),
            2 => fault("sf:sf:CODE", "&lt;text&gt;"),
            _ => started(),
        };
        let mut body = body.into_bytes();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
        let index = |share: f64, of: usize| (share * of as f64) as usize;
        let position = index(at, body.len());
        body[position] = byte;
        body.truncate(index(cut, body.len()) + 1);
        call_everything(status_code, body);
    }

    #[test]
    fn archives_may_be_damaged(at in 0..400_usize, byte in any::<u8>(), cut in 0..400_usize) {
        let mut zip = zip_of(&[("unpackaged/package.xml", b"<Package/>"), ("unpackaged/a/b.eca", &[b'x'; 300])]);
        let position = at % zip.len();
        zip[position] = byte;
        zip.truncate(zip.len() - cut % 40);
        let _ = Archive::read(&zip, &Limits::default());
    }

    #[test]
    fn a_deploy_ends_within_the_time_limit_and_starts_at_most_once(turns in proptest::collection::vec(turn(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let org = ScriptedOrg::new();
            for turn in &turns {
                match turn {
                    Turn::Respond(status, kind, body) => org.transport.answer(*status, kind, body.clone()),
                    Turn::Fail(kind) => org.transport.fail(*kind),
                };
            }
            let policy = PollPolicy::default().with_wait(Duration::from_mins(2));
            let started = org.client.deploy(&package()).start().await;
            let after_start = org.requests().len();
            let known = started.is_ok();
            if let Ok(deployment) = started {
                let outcome = deployment.with_policy(policy).outcome().await;
                match &outcome {
                    DeployOutcome::Unknown(unknown) => prop_assert!(unknown.id.is_some()),
                    DeployOutcome::Failed(failure) => prop_assert!(!failure.problems().is_empty()),
                    _ => {}
                }
            }
            // Every start but the last one certainly started nothing.
            for turn in turns.iter().take(after_start.saturating_sub(1)) {
                let harmless = match turn {
                    Turn::Fail(kind) => matches!(kind, TransportErrorKind::Connect),
                    Turn::Respond(status, ..) => *status == 401,
                };
                prop_assert!(harmless, "{turn:?} was followed by another start");
            }
            let posts = org.requests().iter().filter(|line| line.starts_with("POST")).count();
            prop_assert_eq!(posts, after_start);
            let slept: Duration = org.timer.slept().iter().sum();
            prop_assert!(slept <= Duration::from_mins(4), "{slept:?} (started: {known})");
            Ok(())
        })?;
    }

    #[test]
    fn a_lost_start_is_never_sent_again(turns in proptest::collection::vec(turn(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let org = ScriptedOrg::new();
            org.transport.json(200, "{}").fail(TransportErrorKind::Reset);
            for turn in &turns {
                match turn {
                    Turn::Respond(status, kind, body) => org.transport.answer(*status, kind, body.clone()),
                    Turn::Fail(kind) => org.transport.fail(*kind),
                };
            }
            let package = package();
            let deploy = org.client.deploy(&package).recoverable().await.unwrap();
            let started = deploy.start(&HashSet::new()).await;
            // None of these responses is a list of deploys, so no deploy may match.
            prop_assert!(started.is_err_and(|error| error.is_unknown()));
            let posts = org.requests().iter().filter(|line| line.starts_with("POST")).count();
            prop_assert_eq!(posts, 1);
            let slept: Duration = org.timer.slept().iter().sum();
            prop_assert!(slept <= Duration::from_mins(10), "{slept:?}");
            Ok(())
        })?;
    }
}
