//! Headless logins at the site of an embedded org.

use std::fs;
use std::path::Path;

use eca_emulator::{AttestationCarrier, ChallengeProfile, DraftVintage, Org};

use eca_tests::{Run, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

const USER: &str = "shopper@storefront.example";
const PASSWORD: &str = "LEAK-correct horse 7";

/// The example project with a certificate of its own, deployed into an org with one customer.
pub(crate) struct World {
    pub(crate) org: EmbeddedOrg,
    folder: tempfile::TempDir,
}

impl World {
    /// Starts an org with this profile and sets it up.
    pub(crate) fn new(profile: ChallengeProfile) -> Self {
        let builder = Org::builder().challenge_profile(profile);
        Self::with_org(EmbeddedOrg::start_with(builder))
    }

    /// Sets up this org.
    pub(crate) fn with_org(org: EmbeddedOrg) -> Self {
        let world = Self {
            org,
            folder: storefront_copy(),
        };
        world.good(&[
            "cert",
            "new",
            "--name",
            "x",
            "--key-out",
            "k.pem",
            "--cert-out",
            "c.pem",
        ]);
        world.good(&["cert", "register", "c.pem"]);
        world.configure("", "username", "k.pem");
        world.good(&["deploy"]);
        world.configure("", "username", "k.pem");
        world.org.create_external_user(USER, PASSWORD).unwrap();
        world
            .org
            .assign_permission_set(USER, "Storefront_Shopper")
            .unwrap();
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn good(&self, arguments: &[&str]) {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    }

    pub(crate) fn configure(&self, more: &str, username: &str, key: &str) {
        let carrier = match &self.org.challenge_profile().attestation {
            AttestationCarrier::Header { name } => format!("{{ header = '{name}' }}"),
            AttestationCarrier::Form {
                assertion,
                assertion_type,
                assertion_type_value,
            } => format!(
                "{{ form_fields = {{ assertion = '{assertion}', assertion_type = '{assertion_type}', assertion_type_value = '{assertion_type_value}' }} }}"
            ),
            other => panic!("{other:?}"),
        };
        let (url, site) = (self.org.instance_url(), self.org.site_url());
        let id = self
            .org
            .consumer_key("Storefront")
            .unwrap_or("3MVG9".to_owned());
        let text = format!(
            "default-org = 'a'\n[orgs.a]\ninstance-url = '{url}'\n\
             auth = {{ method = 'access-token', access-token = 'env:ADMIN' }}\n\
             [orgs.a.headless]\nsite-url = '{site}'\nclient-id = '{id}'\nclient-secret = 'env:SECRET'\n\
             key = '{key}'\ncertificate = 'c.pem'\naudience = '{site}'\n{more}\n\
             [orgs.a.headless.profile]\nendpoint = 'discover'\nattestation = {carrier}\n\
             [orgs.a.headless.profile.login]\nusername = '{username}'\npassword = 'password'\nfirst_step = ['username']\n"
        );
        fs::write(self.path().join("eca.toml"), text).unwrap();
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let admin = self.org.admin_access_token();
        let secret = self.org.consumer_secret("Storefront");
        let environment = [
            ("ADMIN", admin.expose_secret()),
            (
                "SECRET",
                secret.as_ref().map_or("none", |s| s.expose_secret()),
            ),
            ("PASSWORD", PASSWORD),
        ];
        let run = run_with(self.path(), arguments, environment);
        run.assert_hides(&["LEAK", "eyJ"]);
        if let Some(secret) = secret {
            run.assert_hides(&[secret.expose_secret(), admin.expose_secret()]);
        }
        run
    }
}

const LOGIN: [&str; 8] = [
    "login",
    "--flow",
    "headless",
    "--username",
    USER,
    "--password",
    "env:PASSWORD",
    "-vvv",
];

#[test]
fn a_login_in_every_draft_with_both_carriers() {
    for draft in [DraftVintage::Draft00, DraftVintage::Draft04] {
        for carrier in [AttestationCarrier::default(), AttestationCarrier::form()] {
            let mut profile = ChallengeProfile::default();
            profile.draft = draft;
            profile.attestation = carrier;
            let world = World::new(profile);
            let login = world.run(&LOGIN);
            assert_eq!(login.code, 0, "{}", login.stderr);
            let expected = format!("logged in as {USER} at {}", world.org.site_url());
            assert!(login.stdout.contains(&expected), "{}", login.stdout);
            let doctor = world.run(&["doctor", "headless", "-vvv"]);
            assert_eq!(doctor.code, 0, "{}", doctor.stdout);
            for check in [
                "ok      attestation: RS256",
                "ok      key matches certificate",
                "ok      app: `Storefront`",
                "ok      first-party",
                "ok      certificate registered",
                "ok      pre-authorisation: users with the permission set",
                "ok      clock",
                "ok      challenge: the site accepts app and attestation",
            ] {
                assert!(doctor.stdout.contains(check), "{check}: {}", doctor.stdout);
            }
            let doctor = world.run(&["doctor", "org", "--json"]);
            assert_eq!(doctor.code, 0, "{}", doctor.stdout);
        }
    }
}

#[test]
fn another_key_is_refused_and_found() {
    let world = World::new(ChallengeProfile::default());
    let make = "cert new --name y --key-out k2.pem --cert-out c2.pem";
    world.good(&make.split(' ').collect::<Vec<_>>());
    world.configure("", "username", "k2.pem");
    let login = world.run(&LOGIN);
    assert_eq!(login.code, 4, "{login:?}");
    let hint = "hint: the org has another certificate";
    assert!(login.stderr.contains(hint), "{login:?}");
    let doctor = world.run(&["doctor", "headless"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    let failed = "FAILED  key matches certificate";
    assert!(doctor.stdout.contains(failed), "{doctor:?}");
    assert!(!doctor.stdout.contains("challenge:"), "{doctor:?}");
}

#[test]
fn wrong_input_of_a_headless_login() {
    let world = World::new(ChallengeProfile::default());
    for (arguments, words) in [
        (&LOGIN[..5], "--password"),
        (
            &["login", "--flow", "passwordless", "--username", USER],
            "no `passwordless` section",
        ),
        (&["doctor", "headless", "--org", "nobody"], "org `nobody`"),
    ] {
        let refused = world.run(arguments);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    world.configure("scope = 'web'", "username", "k.pem");
    let doctor = world.run(&["doctor", "headless"]);
    let failed = "FAILED  scopes: `web` is not selected";
    assert!(doctor.stdout.contains(failed), "{doctor:?}");
}
