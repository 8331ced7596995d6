//! `eca plan` and `eca drift`.

mod bad_input;
mod clicks;
mod drift;
mod show;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_apply::{Applied, Folder, Holder, OrgId, StateStore};
use eca_deploy::{Client, MetadataRecord, Package, delete_metadata, update_metadata};
use eca_emulator::{ManualClock, Org, Pace};
use eca_model::{ComponentName, FieldPath, FieldValue, Project};
use eca_oauth::AccessToken;
use eca_tests::{Run, clean_storefront_copy, run_with};

use crate::embedded::EmbeddedOrg;

/// Noon of a day, so that what is printed does not change.
const NOON: Duration = Duration::from_hours(499_092);

/// A project, and an org that has it.
struct World {
    org: EmbeddedOrg,
    project: tempfile::TempDir,
}

impl World {
    /// An org that has the example project.
    fn new() -> Self {
        let world = Self::empty();
        world.deploy();
        world
    }

    /// An org that has nothing.
    fn empty() -> Self {
        let clock = Arc::new(ManualClock::new(SystemTime::UNIX_EPOCH + NOON));
        Self {
            org: EmbeddedOrg::start_with(
                Org::builder()
                    .clock(clock)
                    .pace(Pace::Polls(1))
                    .seed([7; 32]),
            ),
            project: clean_storefront_copy(),
        }
    }

    fn root(&self) -> &Path {
        self.project.path()
    }

    fn load(&self) -> Project {
        Project::load(self.root()).unwrap()
    }

    /// Deploys the project, as another client.
    fn deploy(&self) {
        let package = Package::of(&self.load()).unwrap();
        self.org.deploy(package.zip().as_bytes()).unwrap();
    }

    /// Records the project as applied by it.
    fn record(&self) {
        let folder = self.root().join("state/eca/orgs");
        let name = self.root().file_name().unwrap().to_str().unwrap();
        let snapshot = self.load().snapshot();
        let mut applied = Applied::new(snapshot.clone(), BTreeMap::new());
        for (component, one) in snapshot.components {
            match one.app {
                Some(app) => applied.apps.insert(app, name.to_owned()),
                None => applied.others.insert(component, name.to_owned()),
            };
        }
        let org: OrgId = self.org.org_id().as_str().parse().unwrap();
        block_on(async {
            let store = StateStore::new(Folder::new(folder));
            let holder = Holder {
                id: "1".to_owned(),
                who: "Ada".to_owned(),
                host: "build-7".to_owned(),
                command: "test".to_owned(),
            };
            let now = SystemTime::now();
            let mut lock = store.lock(&org, holder, now).await.unwrap();
            let loaded = store.load(&org).await.unwrap();
            store
                .commit(&mut lock, &loaded, applied, now)
                .await
                .unwrap();
            store.unlock(lock).await.unwrap();
        });
    }

    fn client(&self) -> Client {
        let token = AccessToken::new(self.org.token().to_owned()).unwrap();
        Client::connect(self.org.instance_url(), token).unwrap()
    }

    /// Sets members of a component in the org, as somebody in Setup.
    fn click(&self, component: &str, members: &[(&str, FieldValue)]) {
        let name: ComponentName = component.parse().unwrap();
        let project = self.load();
        let mut clicked = project.component(&name).unwrap().clone();
        for (path, value) in members {
            let path: FieldPath = path.parse().unwrap();
            clicked = clicked.set(&path, value.clone()).unwrap();
        }
        let records = [MetadataRecord::from_component(&clicked)];
        let client = self.client();
        let saved = block_on(async { update_metadata(&client, &records, true).await });
        let saved = saved.unwrap();
        assert!(saved[0].success, "{saved:?}");
    }

    /// Deletes a component in the org.
    fn delete(&self, component: &str) {
        let name: ComponentName = component.parse().unwrap();
        let client = self.client();
        let names = [name.name];
        let kind = name.kind.as_str();
        let deleted = block_on(async { delete_metadata(&client, kind, &names, true).await });
        let deleted = deleted.unwrap();
        assert!(deleted[0].success, "{deleted:?}");
    }

    fn run(&self, line: &[&str]) -> Run {
        run_with(self.root(), line, self.org.environment())
    }

    /// Runs a command, checks its exit code, and returns stdout with fixed names for what differs
    /// from run to run.
    fn check(&self, line: &[&str], code: i32) -> String {
        let run = self.run(line);
        assert_eq!(run.code, code, "{line:?}: {run:?}");
        self.steady(&run.stdout)
    }

    fn steady(&self, text: &str) -> String {
        let id = self.org.org_id();
        text.replace(self.org.instance_url(), "ORG")
            .replace(
                &self
                    .org
                    .instance_url()
                    .replace(':', "&#58;")
                    .replace('.', "&#46;"),
                "ORG",
            )
            .replace(id.as_str(), "ORG_ID")
            .replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

const HEADER: &str = "ExternalClientApplication:Storefront";
const SETTINGS: &str = "ExtlClntAppOauthSettings:Storefront_oauth";
const POLICIES: &str = "ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy";
