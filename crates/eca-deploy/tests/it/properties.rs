//! Whatever comes, nothing panics and every loop ends.

use std::time::Duration;

use bytes::Bytes;
use eca_deploy::wire::{rest, soap};
use eca_deploy::{Archive, DeployOptions, DeployOutcome, Deployment, Limits, PollPolicy};
use eca_http::TransportErrorKind;
use http::Response;
use proptest::prelude::*;

use crate::support::{ScriptedOrg, fault, package, soap as envelope, started, status, zip_of};

fn parse_everything(status: u16, body: Bytes) {
    let response = Response::builder().status(status).body(body).unwrap();
    let _ = rest::parse_start(&response);
    let _ = rest::parse_status(&response)
        .map(|result| DeployOutcome::from_result(result, package().source_map()));
    let _ = rest::parse_cancel(&response);
    let _ = rest::parse_quick_deploy(&response);
    let _ = soap::parse_deploy(&response);
    let _ = soap::parse_check_deploy_status(&response);
    let _ = soap::parse_cancel_deploy(&response);
    let _ = soap::parse_retrieve(&response);
    let _ = soap::parse_check_retrieve_status(&response);
    let _ = soap::parse_list_metadata(&response);
    let _ = soap::parse_describe_metadata(&response);
    let _ = soap::parse_describe_value_type(&response);
    let _ = soap::parse_deploy_recent_validation(&response);
    let _ = soap::crud::parse_read_metadata("Kind", &response);
    let _ = soap::crud::parse_saved("upsertMetadata", &response);
}

/// What an org, or something in front of it, may answer.
#[derive(Debug, Clone)]
enum Turn {
    Answer(u16, &'static str, String),
    Fail(TransportErrorKind),
}

fn turn() -> impl Strategy<Value = Turn> {
    let json = |status: u16, body: String| Turn::Answer(status, "application/json", body);
    prop_oneof![
        4 => prop_oneof!["Pending", "InProgress", "Finalizing", "Odd", ""]
            .prop_map(move |state| json(200, status(&state, false, false, "{}"))),
        1 => (prop_oneof!["Succeeded", "Failed", "SucceededPartial", "Canceled", "Odd"], any::<bool>())
            .prop_map(move |(state, success)| json(200, status(&state, true, success, "{}"))),
        1 => Just(json(201, started())),
        1 => prop_oneof![Just(400_u16), Just(401), Just(403), Just(404), Just(420), Just(500), Just(503)]
            .prop_map(move |code| json(code, r#"[{"errorCode":"SOME_CODE","message":"m"}]"#.to_owned())),
        1 => Just(Turn::Answer(502, "text/html", "<html>".to_owned())),
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
    fn parsers_take_any_bytes(status in 200_u16..600, body in proptest::collection::vec(any::<u8>(), 0..400)) {
        parse_everything(status, body.into());
    }

    #[test]
    fn parsers_take_damaged_answers(
        which in 0..4_usize,
        status_code in prop_oneof![Just(200_u16), Just(500)],
        cut in 0.0..1.0_f64,
        at in 0.0..1.0_f64,
        byte in any::<u8>(),
    ) {
        let body = match which {
            0 => status("Failed", true, false, r#"{"componentFailures":[{"problem":"p","lineNumber":-1}]}"#),
            1 => envelope("checkRetrieveStatus", "<done>x</done><status>Succeeded</status><zipFile>AA=A</zipFile>"),
            2 => fault("sf:sf:CODE", "&lt;text&gt;"),
            _ => started(),
        };
        let mut body = body.into_bytes();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
        let index = |share: f64, of: usize| (share * of as f64) as usize;
        let position = index(at, body.len());
        body[position] = byte;
        body.truncate(index(cut, body.len()) + 1);
        parse_everything(status_code, body.into());
    }

    #[test]
    fn archives_take_damaged_zips(at in 0..400_usize, byte in any::<u8>(), cut in 0..400_usize) {
        let mut zip = zip_of(&[("unpackaged/package.xml", b"<Package/>"), ("unpackaged/a/b.eca", &[b'x'; 300])]);
        let position = at % zip.len();
        zip[position] = byte;
        zip.truncate(zip.len() - cut % 40);
        let _ = Archive::read(&zip, &Limits::default());
    }

    #[test]
    fn a_deploy_ends_within_its_budget_and_starts_at_most_once(turns in proptest::collection::vec(turn(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let stage = ScriptedOrg::new();
            for turn in &turns {
                match turn {
                    Turn::Answer(status, kind, body) => stage.transport.answer(*status, kind, body.clone()),
                    Turn::Fail(kind) => stage.transport.fail(*kind),
                };
            }
            let policy = PollPolicy::default().with_wait(Duration::from_mins(2));
            let started = Deployment::start(&stage.client, &package(), &DeployOptions::default()).await;
            let after_start = stage.requests().len();
            let known = started.is_ok();
            if let Ok(deployment) = started {
                let outcome = deployment.with_policy(policy).outcome().await;
                match &outcome {
                    DeployOutcome::Unknown(unknown) => prop_assert!(unknown.id.is_some()),
                    DeployOutcome::Failed(failure) => prop_assert!(!failure.problems().is_empty()),
                    _ => {}
                }
            }
            // Every start but the last one provably started nothing.
            for turn in turns.iter().take(after_start.saturating_sub(1)) {
                let harmless = match turn {
                    Turn::Fail(kind) => matches!(kind, TransportErrorKind::Connect),
                    Turn::Answer(status, ..) => *status == 401,
                };
                prop_assert!(harmless, "{turn:?} was followed by another start");
            }
            let posts = stage.requests().iter().filter(|line| line.starts_with("POST")).count();
            prop_assert_eq!(posts, after_start);
            let slept: Duration = stage.timer.slept().iter().sum();
            prop_assert!(slept <= Duration::from_mins(4), "{slept:?} (started: {known})");
            Ok(())
        })?;
    }

    #[test]
    fn a_lost_start_is_looked_for_and_never_sent_again(turns in proptest::collection::vec(turn(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let stage = ScriptedOrg::new();
            stage.transport.fail(TransportErrorKind::Reset);
            for turn in &turns {
                match turn {
                    Turn::Answer(status, kind, body) => stage.transport.answer(*status, kind, body.clone()),
                    Turn::Fail(kind) => stage.transport.fail(*kind),
                };
            }
            let options = DeployOptions::default();
            let started = Deployment::start_or_recover(&stage.client, &package(), &options, &[]).await;
            // Nothing in these answers is a list of deploys, so nothing may be taken for ours.
            prop_assert!(started.is_err_and(|error| error.is_unknown()));
            let posts = stage.requests().iter().filter(|line| line.starts_with("POST")).count();
            prop_assert_eq!(posts, 1);
            let slept: Duration = stage.timer.slept().iter().sum();
            prop_assert!(slept <= Duration::from_mins(10), "{slept:?}");
            Ok(())
        })?;
    }
}
