//! Headless logins at the site of the embedded org: a shopper registers, then logs in with a
//! one-time password and with the password, in every draft and with both carriers of the
//! attestation.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use eca_emulator::{AttestationCarrier, ChallengeProfile, DraftVintage, Org};
use eca_tests::{Run, find, replace, run, run_with, storefront_copy};
use tempfile::TempDir;

use crate::embedded::EmbeddedOrg;

/// The draft and the carrier of the attestation, as `eca emulate --profile` names them.
fn challenge_profile(name: &str) -> ChallengeProfile {
    let mut profile = ChallengeProfile::default();
    if name.starts_with("draft04") {
        profile.draft = DraftVintage::Draft04;
    }
    if name.ends_with("form") {
        profile.attestation = AttestationCarrier::form();
    }
    profile
}

const SHOPPER: &str = "mia@shoppers.example";
const PASSWORD: &str = "LEAK correct horse 7";

/// A project with a certificate, an org that has it, and an `eca.toml` between them.
struct Shop {
    org: Arc<EmbeddedOrg>,
    folder: TempDir,
}

impl Shop {
    fn open(profile: &str) -> Self {
        let folder = storefront_copy();
        for arguments in [
            "cert new --name x --key-out k.pem --cert-out c.pem",
            "cert register c.pem",
        ] {
            let arguments: Vec<_> = arguments.split(' ').collect();
            let made = run(folder.path(), &arguments);
            assert_eq!(made.code, 0, "{made:?}");
        }
        let global = find(folder.path(), ".ecaGlblOauth-meta.xml");
        let switch = "<isCodeCredFlowEnabled>";
        replace(&global, &format!("{switch}false"), &format!("{switch}true"));
        let org =
            EmbeddedOrg::start_with(Org::builder().challenge_profile(challenge_profile(profile)));
        org.seed(folder.path());
        let org = Arc::new(org);
        for name in ["asks", "answers"] {
            let made = Command::new("mkfifo")
                .arg(folder.path().join(name))
                .status();
            assert!(made.expect("mkfifo runs").success());
        }
        let shop = Self { org, folder };
        shop.configure(profile);
        shop
    }

    fn configure(&self, profile: &str) {
        let carrier = match profile.split_once('-') {
            Some((_, "header")) => "{ header = 'OAuth-Client-Attestation' }",
            _ => {
                "{ form_fields = { assertion = 'client_assertion', assertion_type = 'client_assertion_type', assertion_type_value = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' } }"
            }
        };
        let (url, site) = (self.org.instance_url(), self.org.site_url());
        let id = self.org.consumer_key("Storefront").expect("the app");
        let text = format!(
            "default-org = 'shop'
             [orgs.shop]
             instance-url = '{url}'
             auth = {{ method = 'access-token', access-token = 'env:ADMIN' }}
             [orgs.shop.identity]
             site-url = '{site}'
             client-id = '{id}'
             client-secret = 'env:SECRET'
             redirect-uri = 'https://www.storefront.example/oauth/callback'
             gate = {{ recaptcha = 'env:RECAPTCHA' }}
             [orgs.shop.headless]
             site-url = '{site}'
             client-id = '{id}'
             client-secret = 'env:SECRET'
             key = 'k.pem'
             certificate = 'c.pem'
             audience = '{site}'
             [orgs.shop.headless.profile]
             endpoint = 'discover'
             attestation = {carrier}
             [orgs.shop.headless.profile.login]
             username = 'username'
             password = 'password'
             first_step = ['username']
             [orgs.shop.headless.profile.passwordless]
             identifier = 'username'
             method = {{ name = 'verification_method', email = 'email', sms = 'sms' }}
             one_time_password = 'otp'
             steps = [['identifier', 'method'], ['one_time_password']]
             [orgs.shop.headless.profile.registration]
             user_data = {{ parameters = {{ email = 'username' }} }}
             password = 'password'
             fixed = {{ registration = 'true' }}
             one_time_password = 'otp'
             steps = [['user_data', 'password'], ['one_time_password']]
            "
        );
        fs::write(self.path().join("eca.toml"), text).expect("a file");
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program at full verbosity and asserts that it prints no secret.
    fn run(&self, arguments: &[&str]) -> Run {
        let (secret, admin) = (self.org.secret(), self.org.token());
        let environment = [
            ("SECRET", secret.as_str()),
            ("ADMIN", admin),
            ("PASSWORD", PASSWORD),
            ("NEW_PASSWORD", "LEAK another horse 8"),
            ("RECAPTCHA", "LEAK-solved"),
        ];
        let arguments = [arguments, &["-vvv"]].concat();
        let run = run_with(self.path(), &arguments, environment);
        let mail = self.org.one_time_password(SHOPPER);
        let otp = mail.as_deref().map(|otp| format!(" {otp}"));
        for secret in [&*secret, admin, "LEAK", "eyJ"]
            .into_iter()
            .chain(otp.as_deref())
        {
            assert!(!run.stdout.contains(secret), "{secret}: {run:?}");
            assert!(!run.stderr.contains(secret), "{secret}: {run:?}");
        }
        run
    }

    /// The same, with a thread that reads the mail once the program asks for the one-time password.
    fn run_with_mail(&self, arguments: &[&str]) -> Run {
        let (org, folder) = (Arc::clone(&self.org), self.path().to_owned());
        // Opening either pipe waits for the other side, so the mail is there.
        std::thread::spawn(move || {
            let mut asked = String::new();
            let asks = File::open(folder.join("asks"));
            asks.expect("a pipe")
                .read_to_string(&mut asked)
                .expect("a question");
            let otp = org
                .one_time_password(SHOPPER)
                .unwrap_or("000000".to_owned());
            let answers = File::options().write(true).open(folder.join("answers"));
            answers
                .expect("a pipe")
                .write_all(otp.as_bytes())
                .expect("an answer");
        });
        let otp = ["--otp", "cmd:echo > asks; cat answers"];
        self.run(&[arguments, &otp].concat())
    }
}

const REGISTER: [&str; 7] = [
    "login",
    "--flow",
    "register",
    "--user-data",
    "email=mia@shoppers.example",
    "--password",
    "env:PASSWORD",
];
const PASSWORDLESS: [&str; 5] = ["login", "--flow", "passwordless", "--username", SHOPPER];
const LOGIN: [&str; 7] = [
    "login",
    "--flow",
    "headless",
    "--username",
    SHOPPER,
    "--password",
    "env:PASSWORD",
];

#[test]
fn registration_and_both_logins_in_every_draft() {
    for profile in [
        "draft00-header",
        "draft00-form",
        "draft04-header",
        "draft04-form",
    ] {
        let shop = Shop::open(profile);
        let unregistered = shop.run(&LOGIN);
        assert_eq!(unregistered.code, 4, "{unregistered:?}");
        assert!(
            unregistered.stderr.contains("authentication failure"),
            "{unregistered:?}"
        );
        let expected = format!("logged in as {SHOPPER} at {}\n", shop.org.site_url());
        for arguments in [&REGISTER[..], &PASSWORDLESS] {
            let login = shop.run_with_mail(arguments);
            assert_eq!(login.code, 0, "{profile}: {login:?}");
            assert_eq!(login.stdout, expected);
        }
        let login = shop.run(&LOGIN);
        assert_eq!(login.code, 0, "{login:?}");
        assert_eq!(login.stdout, expected);
        // Without --save, nothing is stored.
        assert!(!shop.path().join("state").exists());
        // The token of a site is one of its org, and of no other.
        let (actual, other) = (shop.org.instance_url(), "https://acme.my.salesforce.com");
        let instance = |url: &str| format!("instance-url = '{url}'");
        let file = shop.path().join("eca.toml");
        replace(&file, &instance(actual), &instance(other));
        for api in [&[][..], &["--api", "identity"]] {
            let login = shop.run(&[&LOGIN[..], api].concat());
            assert_eq!(login.code, 4, "{login:?}");
            for words in ["not a token of org `shop`", actual, other, "allow-instance"] {
                assert!(login.stderr.contains(words), "{words}: {login:?}");
            }
        }
    }
}

/// The same flows over the older Headless Identity APIs.
#[test]
fn the_same_flows_over_the_identity_apis() {
    let shop = Shop::open("draft00-header");
    let expected = format!("logged in as {SHOPPER} at {}\n", shop.org.site_url());
    let api = ["--api", "identity"];
    let mut register = [&REGISTER[..], &api].concat();
    for user_data in [
        "username=mia@shoppers.example",
        "lastName=Wong",
        "firstName=Mia",
    ] {
        register.extend(["--user-data", user_data]);
    }
    for arguments in [register, [&PASSWORDLESS[..], &api].concat()] {
        let login = shop.run_with_mail(&arguments);
        assert_eq!(login.code, 0, "{login:?}");
        assert_eq!(login.stdout, expected);
    }
    let password = |name| {
        let source = ["--username", SHOPPER, "--password", name];
        [&["login", "--flow", "headless"][..], &source, &api].concat()
    };
    assert_eq!(shop.run(&password("env:PASSWORD")).stdout, expected);
    let mut forgot = password("env:NEW_PASSWORD");
    forgot[2] = "forgot-password";
    let set = shop.run_with_mail(&[&forgot[..], &["--json"]].concat());
    assert_eq!(set.code, 0, "{set:?}");
    assert_eq!(set.json()["password_set"], true);
    assert_eq!(shop.run(&password("env:NEW_PASSWORD")).stdout, expected);
    let old = shop.run(&password("env:PASSWORD"));
    assert_eq!(old.code, 4, "{old:?}");
    let doctor = shop.run(&["doctor", "headless"]);
    assert_eq!(doctor.code, 0, "{doctor:?}");
    for check in [
        "ok      challenge: ",
        "ok      flow: isCodeCredFlowEnabled is on",
    ] {
        assert!(doctor.stdout.contains(check), "{check}: {doctor:?}");
    }
    let wrong_api = shop.run(&forgot[..7]);
    assert_eq!(wrong_api.code, 3, "{wrong_api:?}");
    assert!(
        wrong_api.stderr.contains("give --api identity"),
        "{wrong_api:?}"
    );
}

#[test]
fn logins_that_are_refused() {
    let shop = Shop::open("draft04-form");
    let wrong = shop.run(&[&PASSWORDLESS[..], &["--otp", "cmd:echo 999999999"]].concat());
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(
        wrong
            .stderr
            .contains("the one-time password was not accepted"),
        "{wrong:?}"
    );
    for (arguments, expected) in [
        (PASSWORDLESS.to_vec(), "--otp cmd:COMMAND"),
        (
            [&PASSWORDLESS[..], &["--otp", "env:NOBODY"]].concat(),
            "environment variable NOBODY is not set",
        ),
        (LOGIN[..5].to_vec(), "--password env:NAME"),
        (LOGIN[..3].to_vec(), "give --username"),
        (REGISTER[..3].to_vec(), "give --user-data"),
        (
            [&REGISTER[..], &["--user-data", "shoe-size=41"]].concat(),
            "no parameter for `shoe-size`",
        ),
        (
            [&REGISTER[..3], &["--user-data", "x"]].concat(),
            "not NAME=VALUE",
        ),
        ([&LOGIN[..], &["--save"]].concat(), "nothing to save"),
        (
            [&LOGIN[..], &["--verify-by", "pigeon"]].concat(),
            "neither email nor sms",
        ),
    ] {
        let run = shop.run(&arguments);
        assert!(matches!(run.code, 3 | 4), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{expected}: {run:?}");
    }
}
