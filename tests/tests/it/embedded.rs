//! Embedded orgs in the process of the tests. The built program connects to them.

use std::ops::Deref;
use std::path::Path;

use eca_emulator::{Builder, Org};
use eca_tests::{post, run_with};
use tokio::runtime::{self, Runtime};

/// An embedded org on its own thread: a test may block while the program runs.
pub(crate) struct EmbeddedOrg {
    org: Org,
    // Dropped after the org.
    runtime: Runtime,
}

impl EmbeddedOrg {
    /// Starts an org with the default settings.
    pub(crate) fn start() -> Self {
        Self::start_with(Org::builder())
    }

    /// Starts an org with these settings.
    pub(crate) fn start_with(builder: Builder) -> Self {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let org = runtime.block_on(builder.start()).expect("an org");
        Self { org, runtime }
    }

    /// The access token of the administrator.
    pub(crate) fn token(&self) -> &str {
        self.org.admin_access_token().expose_secret()
    }

    /// The environment variables that select this org.
    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("SF_ACCESS_TOKEN", self.token().to_owned()),
            ("SF_ORG_INSTANCE_URL", self.instance_url().to_owned()),
        ]
    }

    /// Deploys a project; the state of that run is not in the project's `state` folder.
    pub(crate) fn seed(&self, project: &Path) {
        let state = project.join(".seed").display().to_string();
        let environment = self.environment().into_iter();
        let environment = environment.chain([("XDG_STATE_HOME", state)]);
        let deployed = run_with(project, &["deploy"], environment);
        assert_eq!(deployed.code, 0, "{deployed:?}");
    }

    /// The consumer secret of the example project's app.
    pub(crate) fn secret(&self) -> String {
        let secret = self.org.consumer_secret("Storefront").expect("the app");
        secret.expose_secret().to_owned()
    }

    /// The newest one-time password that was mailed to this address.
    pub(crate) fn one_time_password(&self, to: &str) -> Option<String> {
        let outbox = self.org.outbox();
        let mail = outbox.iter().rfind(|mail| mail.to == to)?;
        Some(mail.otp.expose_secret().to_owned())
    }

    /// Arms a fault; `docs/emulator.md` describes `/_org/faults`.
    pub(crate) fn arm(&self, fault: &str) {
        let armed = post(self.instance_url(), self.token(), "/_org/faults", fault);
        assert!(armed["faults"].is_array(), "{armed}");
    }

    /// Stops it and waits until its port is free.
    pub(crate) fn stop(self) {
        self.runtime.block_on(self.org.stop());
    }
}

impl Deref for EmbeddedOrg {
    type Target = Org;

    fn deref(&self) -> &Org {
        &self.org
    }
}
