//! No command prints a secret, at any verbosity, or leaves one in a file, or gives one to a program
//! that it starts.

mod grammar;
mod traces;

use std::fs;
use std::path::Path;

use eca_tests::{Run, find, replace, run, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;
use crate::keys::attest::data;

/// Secrets in environment variables. Each text occurs nowhere else.
const VARIABLES: [(&str, &str); 6] = [
    ("INJECTED", "LEAK-injected"),
    ("KEY_PASSWORD", "test-only"),
    ("NEW_KEY_PASSWORD", "LEAK-new-key-password"),
    ("PASSWORD", "LEAK correct horse 7"),
    ("RECAPTCHA", "LEAK-solved"),
    ("SUBJECT", "LEAK.subject.token"),
];

/// A command, and the secrets that it prints on stdout by design.
struct Case {
    arguments: &'static str,
    codes: &'static [i32],
    prints: &'static [&'static str],
}

const fn case(arguments: &'static str, codes: &'static [i32]) -> Case {
    Case {
        arguments,
        codes,
        prints: &[],
    }
}

const TOKEN: &[&str] = &["access token"];
const JWT: &[&str] = &["jwt"];

/// Every command that handles a secret, with every kind of login. Some are refused: error messages
/// are the most likely place of a leak.
const CASES: &[Case] = &[
    Case {
        arguments: "token",
        codes: &[0],
        prints: TOKEN,
    },
    Case {
        arguments: "token --json",
        codes: &[0],
        prints: TOKEN,
    },
    case("token --org wrong-secret", &[4]),
    case("token --org jwt", &[4]),
    case("token --org exchange", &[4]),
    case("token --org signed", &[4]),
    case("token --org sfdx", &[4]),
    case("token --org kept", &[3, 4]),
    case("login", &[0]),
    case("login --json", &[0]),
    case("login --org wrong-secret", &[4]),
    case("login --org jwt", &[4]),
    case("login --org exchange", &[4]),
    case("login --org signed", &[4]),
    case("login --org sfdx", &[4]),
    case(
        "login --flow headless --username mia --password env:PASSWORD",
        &[4],
    ),
    case(
        "login --flow passwordless --username mia --otp env:PASSWORD",
        &[0, 4],
    ),
    case(
        "login --flow register --user-data email=mia@x.example --password env:PASSWORD --otp env:PASSWORD",
        &[4],
    ),
    case(
        "login --api identity --flow headless --username mia --password env:PASSWORD",
        &[4],
    ),
    case(
        "login --api identity --flow passwordless --username mia --otp env:PASSWORD",
        &[4],
    ),
    case(
        "login --api identity --flow forgot-password --username mia --password env:PASSWORD --otp env:PASSWORD",
        &[4],
    ),
    Case {
        arguments: "token --org command",
        codes: &[0],
        prints: TOKEN,
    },
    case("list --org command", &[0]),
    case("list --org sf", &[0]),
    case("doctor login --org sf", &[0, 1]),
    case("trust", &[0]),
    case("trust --show", &[0]),
    case("trust --digest", &[0]),
    case("logout --org kept", &[0, 3]),
    case("plan", &[0, 2]),
    case("plan --json", &[0, 2]),
    case("plan --format markdown", &[0, 2, 3]),
    case("plan --org wrong-secret", &[4]),
    case("drift", &[0, 2]),
    case("drift --json", &[0, 2]),
    case("drift --format sarif --org command", &[0, 2, 3]),
    case("drift --org jwt", &[4]),
    case("state list", &[0]),
    case("state show", &[3]),
    case("state unlock 0", &[1]),
    case("state forget", &[3]),
    case("doctor org", &[0]),
    case("doctor org --json", &[0]),
    case("doctor login", &[0, 1]),
    case("doctor login --org wrong-secret", &[1]),
    case("doctor login --org jwt", &[1]),
    case("doctor login --org exchange", &[1]),
    case("doctor login --org signed --json", &[1]),
    case("doctor headless", &[0, 1]),
    case("deploy", &[0]),
    case("deploy --json", &[0]),
    case(
        "deploy --secret ExtlClntAppGlobalOauthSettings:Storefront_glbloauth.consumerSecret=env:INJECTED",
        &[0, 1],
    ),
    case("deploys list", &[0]),
    case("deploys show DEPLOY", &[0]),
    case("deploys watch DEPLOY", &[0]),
    case("plan --output plan.eca", &[0, 2]),
    case("drift", &[0, 2, 6]),
    case(
        "apply plan.eca --yes --allow lockout,wipe,reset,consumer,irreversible,lint,adopt",
        &[0],
    ),
    case("apply --yes --json", &[0, 1]),
    case("apply --resume --yes", &[1]),
    case("state list", &[0]),
    case("state show --json", &[0]),
    case("state unlock 4f1 --yes", &[1]),
    case("state forget --yes", &[0]),
    case("schema diff", &[0, 1]),
    case("retrieve --json", &[0]),
    case("list", &[0]),
    case("describe", &[0]),
    case("package --output p.zip", &[0]),
    case(
        "package --output injected.secret --secret ExtlClntAppGlobalOauthSettings:Storefront_glbloauth.consumerSecret=env:INJECTED",
        &[0],
    ),
    case("lint", &[0, 1]),
    case("lint --json", &[0, 1]),
    case("show", &[0]),
    case("show --json", &[0]),
    case("diff . force-app", &[0, 1]),
    case("fmt --check", &[0, 1]),
    case("graph", &[0]),
    case("cert new --name x --key-out k2.pem --cert-out c2.pem", &[0]),
    case("cert inspect store.jks --password-env KEY_PASSWORD", &[0]),
    case(
        "cert inspect c.pem --key store.jks --password-env KEY_PASSWORD",
        &[0, 1],
    ),
    case("cert check store.jks --password-env KEY_PASSWORD", &[0, 1]),
    case(
        "cert match c.pem --key store.jks --password-env KEY_PASSWORD",
        &[1],
    ),
    case("cert match c.pem --key k.pem", &[0]),
    case(
        "cert register c.pem --key store.jks --password-env KEY_PASSWORD",
        &[3],
    ),
    case(
        "cert new --name x --key-out k4.pem --cert-out c4.pem --out-password-env NEW_KEY_PASSWORD",
        &[0],
    ),
    case("cert register c.pem", &[0]),
    case(
        "key convert store.jks --password-env KEY_PASSWORD --out k3.pem --out-password-env NEW_KEY_PASSWORD",
        &[0],
    ),
    Case {
        arguments: "attest mint --key k.pem --client-id 3MVG9abc --audience https://x.my.site.com",
        codes: &[0],
        prints: JWT,
    },
    Case {
        arguments: "attest mint --key store.jks --password-env KEY_PASSWORD --client-id 3MVG9abc --audience https://x.my.site.com",
        codes: &[0],
        prints: JWT,
    },
    case("attest inspect JWT", &[0]),
    case(
        "attest verify JWT --cert c.pem --audience https://x.my.site.com --issuer 3MVG9abc",
        &[0, 1],
    ),
    case(
        "attest verify JWT --cert store.jks --password-env KEY_PASSWORD --audience https://x.my.site.com",
        &[0, 1],
    ),
    case("demo", &[0]),
    Case {
        arguments: "emulate --json -- true",
        codes: &[0],
        prints: &[],
    },
];

/// Commands that handle no secret.
const WITHOUT_SECRETS: [&str; 3] = ["completions", "explain", "schema"];

/// The parameters of the headless flows in `eca.toml`.
const PARAMETERS: &str = "[orgs.shop.headless.profile.login]
username = 'username'
password = 'password'
first_step = ['username']
[orgs.shop.headless.profile.passwordless]
identifier = 'username'
one_time_password = 'otp'
steps = [['identifier'], ['one_time_password']]
[orgs.shop.headless.profile.registration]
user_data = { parameters = { email = 'username' } }
password = 'password'
fixed = { registration = 'true' }
one_time_password = 'otp'
steps = [['user_data', 'password'], ['one_time_password']]";

/// An org, and a project whose `eca.toml` has every kind of login into it.
struct Place {
    org: EmbeddedOrg,
    folder: tempfile::TempDir,
    /// `PATH`, with the stand-ins.
    path_variable: Option<(String, String)>,
}

impl Place {
    fn new() -> Self {
        let folder = storefront_copy();
        let here = folder.path();
        for arguments in [
            "cert new --name x --key-out k.pem --cert-out c.pem",
            "cert register c.pem",
        ] {
            let made = run(here, &arguments.split(' ').collect::<Vec<_>>());
            assert_eq!(made.code, 0, "{made:?}");
        }
        fs::copy(data("test-only.jks"), here.join("store.jks")).unwrap();
        let global = find(here, ".ecaGlblOauth-meta.xml");
        replace(
            &global,
            "<isCodeCredFlowEnabled>false",
            "<isCodeCredFlowEnabled>true",
        );
        let org = EmbeddedOrg::start();
        org.seed(here);
        // A secret in a metadata file.
        replace(
            &global,
            "    <externalClientApplication>",
            "    <consumerSecret>LEAKEDCONSUMERSECRET0123456789</consumerSecret>\n    <externalClientApplication>",
        );
        #[cfg(unix)]
        let path_variable = Some(("PATH".to_owned(), traces::stand_ins(here)));
        #[cfg(not(unix))]
        let path_variable = None;
        // Git is asked only in a repository.
        fs::create_dir(here.join(".git")).unwrap();
        let place = Self {
            org,
            folder,
            path_variable,
        };
        fs::write(place.path().join("eca.toml"), place.configuration()).unwrap();
        let url = place.org.instance_url();
        let kept = serde_json::json!({
            "token_endpoint": format!("{url}/services/oauth2/token"),
            "client_id": place.org.consumer_key("Storefront").unwrap(),
            "instance_url": url,
            "refresh_token": "5Aep_LEAK_kept_refresh",
        });
        fs::write(place.path().join("kept.token"), kept.to_string()).unwrap();
        let token = place.org.token();
        fs::write(place.path().join("admin.secret"), token).unwrap();
        let sf = serde_json::json!({"result": {"accessToken": token, "instanceUrl": url}});
        fs::write(place.path().join("sf.json"), sf.to_string()).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configuration(&self) -> String {
        let site = self.org.site_url();
        let id = self.org.consumer_key("Storefront").unwrap();
        let client = format!("client-id = '{id}'");
        let first = self.org_section(
            "shop",
            "method = 'access-token', access-token = 'env:ADMIN'",
        );
        let mut text = format!(
            "default-org = 'shop'\n{first}
             [orgs.shop.identity]
             site-url = '{site}'
             {client}
             client-secret = 'env:SECRET'
             redirect-uri = 'https://www.storefront.example/oauth/callback'
             gate = {{ recaptcha = 'env:RECAPTCHA' }}
             [orgs.shop.headless]
             site-url = '{site}'
             {client}
             client-secret = 'env:SECRET'
             key = 'k.pem'
             certificate = 'c.pem'
             audience = '{site}'
             [orgs.shop.headless.profile]
             endpoint = 'discover'
             attestation = {{ header = 'OAuth-Client-Attestation' }}
             {PARAMETERS}\n"
        );
        text.push_str(&self.other_orgs());
        text
    }

    fn org_section(&self, name: &str, auth: &str) -> String {
        let url = self.org.instance_url();
        format!(
            "[orgs.{name}]\ninstance-url = '{url}'\naudience = 'https://login.salesforce.com'\nauth = {{ {auth} }}\n"
        )
    }

    fn other_orgs(&self) -> String {
        let id = self.org.consumer_key("Storefront").unwrap();
        let client = format!("client-id = '{id}'");
        let key = "key = 'store.jks', key-password = 'env:KEY_PASSWORD'";
        let signed = format!("client-assertion = {{ {key} }}");
        let mut text = String::new();
        for (name, auth) in [
            (
                "wrong-secret",
                format!("method = 'client-credentials', {client}, client-secret = 'env:PASSWORD'"),
            ),
            (
                "signed",
                format!("method = 'client-credentials', {client}, {signed}"),
            ),
            (
                "jwt",
                format!(
                    "method = 'jwt', {client}, username = 'mia', {key}, certificate = 'store.jks'"
                ),
            ),
            (
                "exchange",
                format!(
                    "method = 'token-exchange', {client}, {signed}, subject-token = 'env:SUBJECT', subject-token-type = 'jwt'"
                ),
            ),
            (
                "sfdx",
                "method = 'sfdx-auth-url', sfdx-auth-url = 'env:SFDX_AUTH_URL'".to_owned(),
            ),
            (
                "command",
                "method = 'access-token', access-token = 'cmd:./bin/child admin.secret'".to_owned(),
            ),
            ("sf", "method = 'sf'".to_owned()),
            (
                "kept",
                format!("method = 'login', {client}, token-file = 'kept.token'"),
            ),
        ] {
            text.push_str(&self.org_section(name, &auth));
        }
        text
    }

    /// The environment of the program, apart from that of the tests.
    fn environment(&self) -> Vec<(String, String)> {
        let host = self.org.instance_url().trim_start_matches("http://");
        let url = format!("force://PlatformCLI::5Aep_LEAK_refresh@{host}");
        let orgs = [
            ("ADMIN", self.org.token().to_owned()),
            ("SECRET", self.org.secret()),
            ("SFDX_AUTH_URL", url),
            ("RUST_LOG", "trace".to_owned()),
        ];
        let variables = VARIABLES.map(|(name, value)| (name, value.to_owned()));
        let all = orgs.into_iter().chain(variables);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut environment = self.environment();
        environment.extend(self.path_variable.clone());
        run_with(self.path(), arguments, environment)
    }

    /// The texts that no command may print, each with the name under which a case allows it.
    fn secrets(&self) -> Vec<(&'static str, String)> {
        let mut secrets = vec![
            ("access token", self.org.token().to_owned()),
            ("client secret", self.org.secret()),
            ("jwt", "eyJ".to_owned()),
            ("secret", "LEAK".to_owned()),
            ("secret", "correct horse".to_owned()),
            ("secret", "correct+horse".to_owned()),
            ("secret", "correct%20horse".to_owned()),
            ("key password", "test-only\"".to_owned()),
        ];
        // A line of each private key. The first lines are the same in every key.
        for key in ["k.pem", "k2.pem", "k4.pem"] {
            if let Ok(pem) = fs::read_to_string(self.path().join(key)) {
                secrets.extend(
                    pem.lines()
                        .nth(5)
                        .map(|line| ("private key", line.to_owned())),
                );
            }
        }
        let pem = fs::read_to_string(data("test-only-rsa-2048.pem")).unwrap();
        secrets.extend(
            pem.lines()
                .nth(5)
                .map(|line| ("private key", line.to_owned())),
        );
        secrets
    }
}

/// Runs every case with this flag.
fn check(flag: Option<&str>) {
    let place = Place::new();
    let mint = "attest mint --key k.pem --client-id 3MVG9abc --audience https://x.my.site.com";
    let minted = place.run(&mint.split(' ').collect::<Vec<_>>()).stdout;
    let mut deploy = String::new();
    for Case {
        arguments,
        codes,
        prints,
    } in CASES
    {
        if *arguments == "deploys list" {
            let list = place.run(&["deploys", "list", "--json"]).json();
            list["deploys"][0]["id"]
                .as_str()
                .unwrap()
                .clone_into(&mut deploy);
        }
        let mut words: Vec<_> = arguments
            .split(' ')
            .map(|word| match word {
                "JWT" => minted.trim(),
                "DEPLOY" => &deploy,
                word => word,
            })
            .collect();
        // The arguments after `--` belong to another program.
        let end = words.iter().position(|word| *word == "--");
        let end = end.unwrap_or(words.len());
        if let Some(flag) = flag.filter(|flag| !words.contains(flag)) {
            words.insert(end, flag);
        }
        let run = place.run(&words);
        assert!(codes.contains(&run.code), "{arguments}: {run:?}");
        for (name, secret) in place.secrets() {
            assert!(
                !run.stderr.contains(&secret),
                "{arguments} prints a {name}: {}",
                run.stderr
            );
            let printed = run.stdout.contains(&secret);
            assert_eq!(
                printed,
                prints.contains(&name),
                "{arguments}, {name}: {}",
                run.stdout
            );
        }
    }
    let doctor = place.run(&["doctor", "login", "--org", "jwt"]);
    // Key and certificate from one encrypted key store.
    let line = "ok      key matches certificate: ";
    assert!(doctor.stdout.contains(line), "{doctor:?}");
    traces::check_files(place.path(), &place.secrets());
    #[cfg(unix)]
    traces::check_children(place.path(), &place.environment(), &place.secrets());
}

#[test]
fn no_command_prints_or_keeps_a_secret() {
    check(None);
}

#[test]
fn no_document_has_a_secret() {
    check(Some("--json"));
}

#[test]
fn no_log_has_a_secret() {
    check(Some("-vvv"));
}

#[cfg(unix)]
#[test]
fn a_crash_leaves_no_core_dump() {
    let folder = tempfile::tempdir().unwrap();
    // The limit of the program is that of the command which it runs.
    let script = "ulimit -S -c unlimited && exec \"$0\" emulate --quiet -- sh -c 'ulimit -S -c'";
    let run = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(eca_tests::program())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let run = Run::from(run);
    if run.stderr.contains("ulimit") {
        // The limit cannot be raised here: there are no dumps anyway.
        return;
    }
    assert_eq!(run.stdout.lines().last(), Some("0"), "{run:?}");
}
