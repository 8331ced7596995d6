//! Plans are applied to the embedded org: exactly them, or not at all.

pub(crate) mod fixture;
mod lost;
mod plan_file;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use eca_apply::{Apply, ApplyError, Event, Gate, PlanFile, StateError, missing_gates};
use eca_model::ComponentName;
use eca_plan::Outcome;

use crate::apply::fixture::{Fixture, app, holder, project, require_right};

/// Every project of a chain is applied over the one before it: the org means it then, planning
/// again finds nothing, and the bytes of the plan are what is applied.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_is_there_and_nothing_is_left_to_do() {
    let names = ["Shop", "Till", "Kiosk"];
    let mut random = fastrand::Rng::with_seed(7);
    for chain in 0..4 {
        let fixture = Fixture::start().await;
        for serial in 1..=5 {
            let mut apps = Vec::new();
            for name in names {
                if random.u8(..4) == 0 {
                    continue;
                }
                let mut app = app(name, random.choice(["One", "Two"]).unwrap());
                app.callback = *random
                    .choice(
                        [
                            None,
                            Some("https://a.example/x"),
                            Some("https://b.example/x"),
                        ]
                        .as_slice(),
                    )
                    .unwrap();
                app.permission_set = random.bool();
                apps.push(app);
            }
            let project = project(&apps);
            let file = fixture.plan(&project).await;
            let bytes = file.to_bytes().unwrap();
            let read = PlanFile::from_bytes(&bytes).unwrap();
            assert_eq!(read, file);
            let report = fixture.apply(&read).await;
            let report =
                report.unwrap_or_else(|error| panic!("{chain} {serial} {apps:?}: {error:?}"));
            require_right(&report);
            let again = fixture.plan(&project).await;
            assert_eq!(
                again.plan.outcome(),
                Outcome::Nothing,
                "{apps:?}: {:#?}",
                again.plan.changes
            );
            let (actual, last, recorded, owned) = fixture.everything(&project).await;
            let wanted = project.snapshot().components;
            for name in wanted.keys() {
                assert!(actual.components.contains_key(name), "{name}");
            }
            // An org makes policies of its own.
            let is_own = |name: &&ComponentName| name.name.ends_with("defaultPolicy");
            let more = actual
                .components
                .keys()
                .filter(|name| !wanted.contains_key(name));
            assert_eq!(more.filter(|name| !is_own(name)).count(), 0, "{actual:?}");
            assert_eq!(last.unwrap(), project.snapshot());
            assert_eq!(owned.len(), apps.len());
            // Nothing is recorded twice.
            let nothing = fixture.apply(&again).await.unwrap();
            assert_eq!(nothing.serial, recorded);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_stale_never_applies() {
    let fixture = Fixture::start().await;
    let (old, new) = (
        project(&[app("Shop", "One")]),
        project(&[app("Shop", "Two")]),
    );
    fixture.apply(&fixture.plan(&old).await).await.unwrap();
    let planned = fixture.plan(&new).await;

    // Somebody clicks.
    let mut clicked = app("Shop", "Clicked");
    clicked.callback = Some("https://c.example/x");
    fixture.click(&project(&[clicked])).await;
    let before = fixture.everything(&new).await;
    let refused = fixture.apply(&planned).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("the org moved since the plan was made: ExternalClientApplication:Shop/label is Clicked and not One"),
        "{text}"
    );
    assert!(
        text.contains("ExtlClntAppOauthSettings:Shop_oauth is there"),
        "{text}"
    );
    assert_eq!(fixture.everything(&new).await, before);

    // The state moves on.
    fixture.click(&old).await;
    let fixture = Fixture::start().await;
    let (first, second) = (fixture.plan(&old).await, fixture.plan(&old).await);
    fixture.apply(&first).await.unwrap();
    let refused = fixture.apply(&second).await.unwrap_err();
    assert!(
        matches!(
            refused,
            ApplyError::State(StateError::Moved { serial: 0, .. })
        ),
        "{refused:?}"
    );

    // Another org, and an app of another project.
    let other = Fixture::start().await;
    let elsewhere = Apply::new(
        &other.client,
        &other.store,
        "00Dxx0000000009".parse().unwrap(),
        holder("a"),
        &SystemTime::now,
    )
    .run(&first, &mut |_| ControlFlow::Continue(()))
    .await;
    assert!(
        matches!(elsewhere, Err(ApplyError::OtherOrg { .. })),
        "{elsewhere:?}"
    );
    let mut theirs = fixture.plan(&new).await;
    theirs.project = "till-repo".to_owned();
    let refused = fixture.apply(&theirs).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the app Shop belongs to the project shop-repo"
    );
    // No lock and no journal is left.
    assert_eq!(fixture.store.held(&fixture.id).await.unwrap(), None);
    let keys = fixture.store.backend().keys();
    assert!(
        keys.iter()
            .all(|key| key.contains("/applied/") || key.ends_with("state.json")),
        "{keys:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_applies_one_wins() {
    let fixture = Fixture::start().await;
    let file = fixture.plan(&project(&[app("Shop", "One")])).await;
    let (mut one, mut two) = (
        |_: Event<'_>| ControlFlow::Continue(()),
        |_: Event<'_>| ControlFlow::Continue(()),
    );
    let (first, second) = tokio::join!(
        fixture.apply_as("a", &file, &mut one),
        fixture.apply_as("b", &file, &mut two)
    );
    let (won, lost) = match (first, second) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        other => panic!("{other:?}"),
    };
    assert_eq!(won.serial, 1);
    match lost {
        ApplyError::State(StateError::Locked { lock, .. }) => {
            assert_eq!(lock.holder.who, "Ada");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_org_refuses_changes_nothing() {
    let fixture = Fixture::start().await;
    let mut apps = [app("Shop", "One"), app("Till", "One")];
    apps[0].permission_set = true;
    apps[1].callback = Some("https://a.example/x");
    apps[1].scope = "Nonsense";
    let project = project(&apps);
    let file = fixture.plan(&project).await;
    assert!(file.plan.steps.len() > 1, "{:#?}", file.plan.steps);
    let refused = fixture.apply(&file).await.unwrap_err();
    assert!(
        matches!(refused, ApplyError::Refused { step: None, .. }),
        "{refused:?}"
    );
    let (actual, last, serial, _) = fixture.everything(&project).await;
    assert_eq!((actual.components.len(), last, serial), (0, None, 0));
    assert!(fixture.store.backend().keys().is_empty());
}

/// A job that is killed anywhere is taken up by another one, and then everything is as if nothing
/// had happened.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_apply_goes_on_elsewhere() {
    let mut before = [app("Shop", "One"), app("Kiosk", "One")];
    before[1].callback = Some("https://a.example/x");
    let mut after = [app("Shop", "Two"), app("Till", "One")];
    after[0].permission_set = true;
    after[1].callback = Some("https://a.example/x");
    let (before, after) = (project(&before), project(&after));

    let fixture = Fixture::start().await;
    fixture.apply(&fixture.plan(&before).await).await.unwrap();
    let mut events = 0;
    let mut count = |event: Event<'_>| {
        events += usize::from(!matches!(event, Event::Status(_)));
        ControlFlow::Continue(())
    };
    let file = fixture.plan(&after).await;
    let whole = fixture.apply_as("a", &file, &mut count).await.unwrap();
    require_right(&whole);
    let expected = fixture.everything(&after).await;
    assert!(events >= 14, "{events}");

    for kill in 0..events {
        let fixture = Fixture::start().await;
        fixture.apply(&fixture.plan(&before).await).await.unwrap();
        let file = fixture.plan(&after).await;
        let mut left = kill;
        let mut name = String::new();
        let mut observer = |event: Event<'_>| {
            if matches!(event, Event::Status(_)) {
                return ControlFlow::Continue(());
            }
            let Some(fewer) = left.checked_sub(1) else {
                name = format!("{event:?}");
                return ControlFlow::Break(());
            };
            left = fewer;
            ControlFlow::Continue(())
        };
        let killed = fixture.apply_as("killed", &file, &mut observer).await;
        assert!(
            matches!(killed, Err(ApplyError::Stopped)),
            "{kill}: {killed:?}"
        );
        // Its lock is still there.
        let refused = fixture.resume_as("b").await.unwrap_err();
        match refused {
            ApplyError::State(StateError::Locked { lock, .. }) => {
                assert_eq!(lock.holder.id, "killed");
            }
            other => panic!("{name}: {other:?}"),
        }
        fixture.now.fetch_add(1000, Ordering::SeqCst);
        // A new apply does not start over an interrupted one.
        let report = match fixture.apply(&file).await {
            Err(ApplyError::Interrupted { by, .. }) => {
                assert_eq!(by.id, "killed");
                fixture.resume_as("b").await
            }
            // Nothing had begun, or all was over.
            other => {
                let nothing = fixture.resume_as("b").await;
                assert!(
                    matches!(nothing, Err(ApplyError::NothingInterrupted(_))),
                    "{name}: {nothing:?}"
                );
                other
            }
        };
        let report = report.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        require_right(&report);
        assert_eq!(report.serial, whole.serial, "{name}");
        assert_eq!(fixture.everything(&after).await, expected, "{name}");
        assert_eq!(fixture.store.held(&fixture.id).await.unwrap(), None);
        let keys = fixture.store.backend().keys();
        assert!(
            !keys
                .iter()
                .any(|key| key.ends_with("journal.json") || key.ends_with("plan.eca")),
            "{keys:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_apply_can_be_abandoned() {
    let fixture = Fixture::start().await;
    let project = project(&[app("Shop", "One")]);
    let file = fixture.plan(&project).await;
    let mut stop = |event: Event<'_>| match event {
        Event::StepDone { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let killed = fixture.apply_as("killed", &file, &mut stop).await;
    assert!(matches!(killed, Err(ApplyError::Stopped)), "{killed:?}");
    fixture.now.fetch_add(1000, Ordering::SeqCst);
    let clock = || fixture.clock();
    let apply = Apply::new(
        &fixture.client,
        &fixture.store,
        fixture.id.clone(),
        holder("b"),
        &clock,
    );
    let found = apply.interrupted().await.unwrap().unwrap();
    assert_eq!(
        (found.by.id.as_str(), found.done, &found.plan),
        ("killed", 1, &file)
    );
    apply.abandon().await.unwrap();
    assert_eq!(apply.interrupted().await.unwrap(), None);
    // What it did is found there, and recorded by the next one.
    let report = fixture.apply(&fixture.plan(&project).await).await.unwrap();
    assert_eq!((report.serial, report.steps.len()), (1, 0));
    assert_eq!(
        fixture
            .store
            .load(&fixture.id)
            .await
            .unwrap()
            .state
            .apps
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn risks_and_adoptions_need_to_be_allowed_by_name() {
    let fixture = Fixture::start().await;
    fixture.click(&project(&[app("Shop", "Clicked")])).await;
    let file = fixture.plan(&project(&[app("Shop", "One")])).await;
    let component: ComponentName = "ExternalClientApplication:Shop".parse().unwrap();
    assert_eq!(file.adopted, BTreeSet::from([component]));
    let missing = missing_gates(&file, &BTreeSet::new());
    assert_eq!(
        missing.keys().copied().collect::<Vec<_>>(),
        [Gate::Adopt],
        "{missing:?}"
    );
    assert!(missing_gates(&file, &BTreeSet::from([Gate::Adopt])).is_empty());
    fixture.apply(&file).await.unwrap();

    // Deleting an app is irreversible.
    let file = fixture.plan(&project(&[])).await;
    let missing = missing_gates(&file, &BTreeSet::from([Gate::Adopt]));
    let names: Vec<_> = missing.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["consumer", "irreversible"], "{missing:?}");
    require_right(&fixture.apply(&file).await.unwrap());
    assert!(fixture.org.apps().is_empty());
    assert_eq!(
        fixture
            .store
            .load(&fixture.id)
            .await
            .unwrap()
            .state
            .apps
            .len(),
        0
    );
    for (text, is_one) in [
        ("adopt", true),
        ("lockout", true),
        ("lint", true),
        ("all", false),
        ("", false),
    ] {
        assert_eq!(text.parse::<Gate>().is_ok(), is_one, "{text}");
    }
}
