//! Object storage: what is refused before a lock is taken, and what the messages say.

use std::time::{Duration, SystemTime};

use eca_apply::{
    Applied, Backend, BackendError, BackendErrorKind, ETag, Holder, ObjectStorage, Put, StateStore,
};

use crate::bucket::{Behaviour, FakeS3, bucket, storage, variables};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// The message with its causes and the next step. It has nothing of the credentials.
fn told(error: &BackendError) -> String {
    let text = format!("{error}: {}; {}", error.source, error.remedy.unwrap_or("-"));
    for secret in ["AKIAEXAMPLE", "hunter2", "Signature", "Message"] {
        assert!(!format!("{text} {error:?}").contains(secret), "{error:?}");
    }
    text
}

#[test]
fn a_storage_that_ignores_conditions_is_refused() {
    for (behaviour, expected) in [
        (Behaviour::Right, None),
        (
            Behaviour::OverwritesOnCreate,
            Some("condition If-None-Match"),
        ),
        (Behaviour::OverwritesOnUpdate, Some("condition If-Match")),
    ] {
        let fake = FakeS3::new(behaviour);
        let result = block_on(storage(&fake).check());
        match (&result, expected) {
            (Ok(()), None) => {}
            (Err(error), Some(words)) => {
                assert_eq!(error.kind, BackendErrorKind::Conditions);
                assert!(told(error).contains(words), "{error:?}");
            }
            _ => panic!("{behaviour:?}: {result:?}"),
        }
        // The probe is removed.
        assert!(fake.keys().is_empty(), "{:?}", fake.keys());
    }
}

#[test]
fn problems_are_told_with_the_next_step() {
    use BackendErrorKind::{Denied, Missing, Other, Region, Unreachable};
    for (behaviour, kind, words) in [
        (
            Behaviour::Answers(403, "AccessDenied"),
            Denied,
            "s3://acme-state/eca/prod refuses these credentials (AccessDenied); the identity needs s3:GetObject",
        ),
        (
            Behaviour::Answers(400, "ExpiredToken"),
            Denied,
            "refuses these credentials (ExpiredToken)",
        ),
        (
            Behaviour::Answers(404, "NoSuchBucket"),
            Missing,
            "there is no bucket `acme-state` (NoSuchBucket); create it",
        ),
        (
            Behaviour::Answers(400, "AuthorizationHeaderMalformed"),
            Region,
            "is in another region (AuthorizationHeaderMalformed); set AWS_REGION",
        ),
        (Behaviour::OtherRegion, Region, "set AWS_REGION"),
        (
            Behaviour::Unreachable,
            Unreachable,
            "no trusted tls session; check the network",
        ),
        (
            Behaviour::Answers(418, "Teapot"),
            Other,
            "answered with status 418 (Teapot)",
        ),
    ] {
        let storage = storage(&FakeS3::new(behaviour));
        for error in [
            block_on(storage.get("x")).unwrap_err(),
            block_on(storage.create("x", b"1")).unwrap_err(),
            block_on(storage.folders()).unwrap_err(),
        ] {
            assert_eq!(error.kind, kind, "{behaviour:?}: {error:?}");
            assert!(told(&error).contains(words), "{}", told(&error));
        }
    }
}

#[test]
fn what_is_not_in_the_environment_is_named() {
    for (left_out, words) in [
        ("AWS_ACCESS_KEY_ID", "there are no AWS credentials"),
        ("AWS_SECRET_ACCESS_KEY", "contradict each other"),
    ] {
        let variables = variables().into_iter().filter(|(name, _)| name != left_out);
        let error = ObjectStorage::new(bucket(), variables, FakeS3::new(Behaviour::Right));
        let error = error.unwrap_err();
        assert!(told(&error).contains(words), "{}", told(&error));
    }
}

/// A request that is sent again meets what the first one wrote.
#[test]
fn a_lost_answer_costs_neither_lock_nor_commit() {
    let store = StateStore::new(storage(&FakeS3::new(Behaviour::LosesAnswers)));
    let org = "00Dxx0000000001EAA".parse().unwrap();
    let holder = |id: u64| Holder {
        id: id.to_string(),
        who: "Ada".to_owned(),
        host: "build-7".to_owned(),
        command: "eca apply".to_owned(),
    };
    block_on(async {
        for serial in 1..=30 {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(serial);
            let mut lock = store.lock(&org, holder(serial), now).await.unwrap();
            let loaded = store.load(&org).await.unwrap();
            let committed = store
                .commit(&mut lock, &loaded, Applied::default(), now)
                .await;
            assert_eq!(committed.unwrap().state.serial, serial);
            store.unlock(lock).await.unwrap();
            assert_eq!(store.held(&org).await.unwrap(), None);
        }
    });
}

/// A storage cannot remove a version: what is removed stays as an object without content, which
/// nobody sees.
#[test]
fn a_removed_object_is_not_there() {
    let fake = FakeS3::new(Behaviour::Right);
    let storage = storage(&fake);
    block_on(async {
        let Put::Stored(version) = storage.create("org/lock", b"1").await.unwrap() else {
            panic!("refused");
        };
        storage
            .remove("org/lock", &ETag::new("other\n"))
            .await
            .unwrap();
        assert!(storage.get("org/lock").await.unwrap().is_some());
        storage.remove("org/lock", &version).await.unwrap();
        assert!(storage.get("org/lock").await.unwrap().is_none());
        assert!(matches!(
            storage.create("org/lock", b"2").await.unwrap(),
            Put::Stored(_)
        ));
        assert_eq!(
            storage.create("org/lock", b"3").await.unwrap(),
            Put::Refused
        );
        assert_eq!(storage.folders().await.unwrap(), ["org"]);
        assert_eq!(fake.keys(), ["eca/prod/org/lock"]);
    });
}
