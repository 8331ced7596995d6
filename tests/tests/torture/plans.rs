//! Plan files with a right digest and a wrong content, and states that somebody else wrote.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eca_apply::{Backend as _, Memory, OrgId, PlanFile, StateStore, missing_gates};
use eca_plan::{Heading, MARKDOWN_LIMIT, markdown, text};
use eca_tests::{run_with, storefront_copy};
use sha2::{Digest as _, Sha256};

use crate::damage::{damage, damaged_text};
use crate::embedded::EmbeddedOrg;
use crate::{Case, End};

/// A plan of the example project, without its digest.
fn plan() -> Vec<u8> {
    let (org, project) = (EmbeddedOrg::start(), storefront_copy());
    let line = ["plan", "--output", "p.eca"];
    let made = run_with(project.path(), &line, org.environment());
    assert_eq!(made.code, 2, "{made:?}");
    let bytes = std::fs::read(project.path().join("p.eca")).expect("the plan");
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    bytes[..end].to_vec()
}

/// Whoever can write a plan can give it a digest.
fn signed(mut json: Vec<u8>) -> Vec<u8> {
    json.push(b'\n');
    let digest = Sha256::digest(&json);
    let hex = digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    json.extend_from_slice(format!("sha256:{hex}\n").as_bytes());
    json
}

/// A forged plan is refused, or is a plan: it is shown, and its package is read within the limits.
pub(crate) fn forged() -> Case {
    let plan = plan();
    assert!(PlanFile::from_bytes(&signed(plan.clone())).is_ok());
    Box::new(move |rng| {
        let mut json = plan.clone();
        damage(rng, &mut json);
        let read = PlanFile::from_bytes(&signed(json));
        if let Ok(file) = &read {
            drop(file.project());
            drop(file.sent());
            drop(missing_gates(file, &BTreeSet::new()));
            drop(text(&file.plan, &Heading::new()));
            let comment = markdown(&file.plan, &Heading::new());
            assert!(
                comment.chars().count() <= MARKDOWN_LIMIT,
                "{}",
                comment.len()
            );
            let again = file.to_bytes().expect("it fits");
            assert_eq!(&PlanFile::from_bytes(&again).expect("it was written"), file);
        }
        End::of(&read)
    })
}

const STATE: &str = r#"{"schema":"eca/state/1","org":"00Dxx0000000001","serial":3,"apps":{"Shop":"shop"},
"others":{"PermissionSet:Shop":"shop"},"instance":"https://acme.my.salesforce.com",
"last":{"at":1800000000,"by":{"id":"4f1","who":"Ada","host":"build-7","command":"eca apply"}},"snapshots":[1,2,3]}"#;

/// A stored state is refused, or is that of an org.
pub(crate) fn states() -> Case {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let org: OrgId = "00Dxx0000000001".parse().expect("an id");
    Box::new(move |rng| {
        let memory = Memory::default();
        let key = format!("{org}/state.json");
        let content = damaged_text(rng, STATE);
        let loaded = runtime.block_on(async {
            let put = memory.create(&key, content.as_bytes()).await;
            put.expect("memory takes it");
            let store = StateStore::new(memory);
            let loaded = store.load(&org).await;
            if let Ok(loaded) = &loaded {
                assert!(store.last(loaded).await.is_ok_and(|last| last.is_none()));
            }
            loaded
        });
        End::of(&loaded)
    })
}
