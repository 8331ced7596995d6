//! A job that dies between a start and its answer, and the lock of one that lives.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use eca_apply::{
    ApplyError, Backend as _, Event, LOCK_RENEWAL, Memory, OrgId, Put, StateError, StateStore,
};
use eca_deploy::recent_deploys;
use eca_model::ComponentName;
use serde_json::Value;

use crate::apply::fixture::{Fixture, app, holder, project, require_right};

/// The deploys that the org has seen.
async fn deploys(fixture: &Fixture) -> usize {
    let recent = recent_deploys(&fixture.client, 50).await.unwrap();
    recent.deploys.len()
}

/// Changes the journal as it would be if the job had died earlier.
async fn rewrite(fixture: &Fixture, change: impl FnOnce(&mut Value)) {
    let key = format!("{}/journal.json", fixture.id);
    let backend = fixture.store.backend();
    let (content, version) = backend.get(&key).await.unwrap().unwrap();
    let mut journal = serde_json::from_slice(&content).unwrap();
    change(&mut journal);
    let put = backend
        .replace(&key, journal.to_string().as_bytes(), &version)
        .await;
    assert!(matches!(put.unwrap(), Put::Stored(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_an_answer_is_found_again() {
    let project = project(&[app("Shop", "One")]);
    for reached in [true, false] {
        let fixture = Fixture::start().await;
        let file = fixture.plan(&project).await;
        let mut stop = |event: Event<'_>| match event {
            Event::Deploy { step: Some(_), .. } if reached => ControlFlow::Break(()),
            Event::Starting { .. } if !reached => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let killed = fixture.apply_as("killed", &file, &mut stop).await;
        assert!(matches!(killed, Err(ApplyError::Stopped)), "{killed:?}");
        rewrite(&fixture, |journal| {
            assert_eq!(journal["running"]["id"].is_null(), !reached, "{journal:#}");
            journal["running"]["id"] = Value::Null;
        })
        .await;
        // The check, and the deploy if it got there.
        assert_eq!(deploys(&fixture).await, 1 + usize::from(reached));
        fixture.now.fetch_add(1000, Ordering::SeqCst);
        let report = fixture.resume_as("b").await.unwrap();
        require_right(&report);
        // It was not deployed twice, and in the end once.
        assert_eq!(deploys(&fixture).await, 2, "{reached}");
        let component: ComponentName = "ExternalClientApplication:Shop".parse().unwrap();
        let changed = &report.steps[0].changed[0];
        assert_eq!(
            (changed.component.parse().unwrap(), &*changed.change),
            (component, "created")
        );
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_lock_is_renewed_while_its_job_works() {
    let org: OrgId = "00Dxx0000000001EAA".parse().unwrap();
    let store = StateStore::new(Memory::default());
    let start = tokio::time::Instant::now();
    let clock = move || SystemTime::UNIX_EPOCH + Duration::from_hours(500_000) + start.elapsed();
    let mut lock = store.lock(&org, holder("a"), clock()).await.unwrap();
    // Far longer than a silent lock lives.
    let long = 20 * LOCK_RENEWAL;
    let done = store.alive(&mut lock, &clock, async {
        tokio::time::sleep(long).await;
        store.held(&org).await.unwrap().unwrap()
    });
    let held = done.await.unwrap();
    let age = held.renewed.duration_since(held.since).unwrap();
    assert!(age + LOCK_RENEWAL >= long, "{age:?}");

    // Its job ends when the lock was broken.
    let reached = Mutex::new(false);
    let work = async {
        assert!(store.break_lock(&org, "a").await.unwrap());
        tokio::time::sleep(long).await;
        *reached.lock().unwrap() = true;
    };
    let lost = store.alive(&mut lock, &clock, work).await;
    assert!(matches!(lost, Err(StateError::LockLost { .. })), "{lost:?}");
    assert!(!*reached.lock().unwrap());
}
