//! The bytes of a plan file.

use eca_apply::PlanFile;

use crate::apply::fixture::{Fixture, app, project};

/// A byte that is changed, left out or added anywhere is found.
#[tokio::test(flavor = "multi_thread")]
async fn an_altered_plan_file_is_refused() {
    let fixture = Fixture::start().await;
    let file = fixture.plan(&project(&[app("Shop", "One")])).await;
    let bytes = file.to_bytes().unwrap();
    assert_eq!(bytes, file.to_bytes().unwrap());
    assert!(
        !String::from_utf8_lossy(&bytes).contains(fixture.org.admin_access_token().expose_secret())
    );
    assert_eq!(file.fingerprints().len(), file.actual.components.len());
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(PlanFile::from_bytes(&altered).is_err(), "{at}");
        // Letters of the digest in another case are other bytes, too.
        altered[at] = bytes[at] ^ 0x20;
        assert!(PlanFile::from_bytes(&altered).is_err(), "{at}");
        let mut shorter = bytes.clone();
        shorter.remove(at);
        assert!(PlanFile::from_bytes(&shorter).is_err(), "{at}");
        assert!(PlanFile::from_bytes(&bytes[..at]).is_err(), "{at}");
    }
    let more = [&bytes[..], b"\n"].concat();
    assert!(PlanFile::from_bytes(&more).is_err());
    let text = String::from_utf8(bytes).unwrap();
    let other = text.replace("eca/plan-file/1", "eca/plan-file/2");
    assert_eq!(
        PlanFile::from_bytes(other.as_bytes())
            .unwrap_err()
            .to_string(),
        "it was altered after it was written: its digest does not fit"
    );
}
