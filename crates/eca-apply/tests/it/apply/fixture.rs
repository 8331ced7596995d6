//! An embedded org, generated projects, and a state in memory.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use eca_apply::{
    Apply, ApplyError, Holder, Memory, OrgId, OrgReading, PlanFile, PlanFor, ReadOptions, Report,
    StateStore, read_org,
};
use eca_deploy::{Client, Package, PollPolicy};
use eca_emulator::{Org, Pace};
use eca_model::{Project, Snapshot};
use eca_oauth::AccessToken;
use eca_plan::{Plan, PlanOptions, plan};

pub(crate) const PROJECT: &str = "shop-repo";

/// What a generated project has of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) callback: Option<&'static str>,
    pub(crate) permission_set: bool,
    pub(crate) scope: &'static str,
}

pub(crate) const fn app(name: &'static str, label: &'static str) -> App {
    App {
        name,
        label,
        callback: None,
        permission_set: false,
        scope: "Api",
    }
}

fn file(path: &str, root: &str, members: &str) -> (String, Vec<u8>) {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{root}>\n"
    );
    (
        format!("force-app/main/default/{path}-meta.xml"),
        text.into_bytes(),
    )
}

pub(crate) fn project(apps: &[App]) -> Project {
    let mut files = vec![(
        "sfdx-project.json".to_owned(),
        br#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#.to_vec(),
    )];
    for App {
        name,
        label,
        callback,
        permission_set,
        scope,
    } in apps
    {
        files.push(file(
            &format!("externalClientApps/{name}.eca"),
            "ExternalClientApplication",
            &format!("<contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>{label}</label>"),
        ));
        let of = format!("<externalClientApplication>{name}</externalClientApplication>");
        if let Some(callback) = callback {
            files.push(file(
                &format!("extlClntAppOauthSettings/{name}_oauth.ecaOauth"),
                "ExtlClntAppOauthSettings",
                &format!("<commaSeparatedOauthScopes>{scope}</commaSeparatedOauthScopes>{of}<label>{label}</label>"),
            ));
            files.push(file(
                &format!("extlClntAppGlobalOauthSets/{name}_glbl.ecaGlblOauth"),
                "ExtlClntAppGlobalOauthSettings",
                &format!("<callbackUrl>{callback}</callbackUrl>{of}<label>{label}</label>"),
            ));
        }
        if *permission_set {
            files.push(file(
                &format!("permissionsets/{name}_Users.permissionset"),
                "PermissionSet",
                &format!("<label>{label}</label>"),
            ));
        }
    }
    Project::from_entries(files)
}

pub(crate) fn holder(id: &str) -> Holder {
    Holder {
        id: id.to_owned(),
        who: "Ada".to_owned(),
        host: format!("machine of {id}"),
        command: "eca apply".to_owned(),
    }
}

/// The org answers at once.
fn fast() -> PollPolicy {
    let mut policy = PollPolicy::default();
    policy.first_interval = Duration::from_millis(1);
    policy
}

pub(crate) struct Fixture {
    pub(crate) org: Org,
    pub(crate) client: Client,
    pub(crate) id: OrgId,
    pub(crate) store: StateStore<Memory>,
    /// Seconds since 1970.
    pub(crate) now: AtomicU64,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let org = Org::builder().pace(Pace::Polls(1)).start().await.unwrap();
        let token = AccessToken::new(org.admin_access_token().expose_secret()).unwrap();
        Self {
            client: Client::connect(org.instance_url(), token).unwrap(),
            id: org.org_id().as_str().parse().unwrap(),
            org,
            store: StateStore::new(Memory::default()),
            now: AtomicU64::new(1_800_000_000),
        }
    }

    pub(crate) fn clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.now.load(Ordering::SeqCst))
    }

    pub(crate) async fn read(&self, project: &Project, last: Option<&Snapshot>) -> OrgReading {
        let mut options = ReadOptions::default();
        options.policy = fast();
        read_org(&self.client, project, last, &options)
            .await
            .unwrap()
    }

    /// A plan of now.
    pub(crate) async fn plan(&self, project: &Project) -> PlanFile {
        let loaded = self.store.load(&self.id).await.unwrap();
        let last = self.store.last(&loaded).await.unwrap();
        let last = last.map(|last| loaded.state.of_project(last, PROJECT));
        let reading = self.read(project, last.as_ref()).await;
        let plan = planned(project, last.as_ref(), &reading.snapshot(), &reading.facts);
        let of = PlanFor {
            program: "tests".to_owned(),
            org: self.id.clone(),
            instance: self.org.instance_url().to_owned(),
            project: PROJECT.to_owned(),
        };
        PlanFile::new(of, plan, project, &loaded.state, last.as_ref(), &reading).unwrap()
    }

    pub(crate) async fn apply(&self, file: &PlanFile) -> Result<Report, ApplyError> {
        self.apply_as("a", file, &mut |_| ControlFlow::Continue(()))
            .await
    }

    pub(crate) async fn apply_as(
        &self,
        id: &str,
        file: &PlanFile,
        observer: &mut eca_apply::Observer<'_>,
    ) -> Result<Report, ApplyError> {
        let clock = || self.clock();
        let apply = Apply::new(
            &self.client,
            &self.store,
            self.id.clone(),
            holder(id),
            &clock,
        );
        apply.with_policy(fast()).run(file, observer).await
    }

    pub(crate) async fn resume_as(&self, id: &str) -> Result<Report, ApplyError> {
        let clock = || self.clock();
        let apply = Apply::new(
            &self.client,
            &self.store,
            self.id.clone(),
            holder(id),
            &clock,
        );
        let apply = apply.with_policy(fast());
        apply.resume(&mut |_| ControlFlow::Continue(())).await
    }

    /// Somebody deploys behind the plan's back.
    pub(crate) async fn click(&self, project: &Project) {
        let package = Package::of(project).unwrap();
        let outcome = self.client.deploy(&package).await.unwrap();
        assert!(outcome.is_success(), "{outcome}");
    }

    /// The components that the org has of a project's apps, and what the state remembers.
    pub(crate) async fn everything(
        &self,
        project: &Project,
    ) -> (Snapshot, Option<Snapshot>, u64, Vec<String>) {
        let loaded = self.store.load(&self.id).await.unwrap();
        let last = self.store.last(&loaded).await.unwrap();
        let mut actual = self.read(project, last.as_ref()).await.snapshot();
        for component in actual.components.values_mut() {
            component.org_made.clear();
        }
        let apps = loaded.state.apps.into_keys().collect();
        (actual, last, loaded.state.serial, apps)
    }
}

fn planned(
    project: &Project,
    last: Option<&Snapshot>,
    actual: &Snapshot,
    facts: &eca_plan::Facts,
) -> Plan {
    plan(
        last,
        &project.snapshot(),
        actual,
        facts,
        &PlanOptions::default(),
    )
}

pub(crate) fn require_right(report: &Report) {
    assert!(report.different.is_empty(), "{:#?}", report.different);
    assert!(report.unverified.is_empty(), "{:#?}", report.unverified);
}
