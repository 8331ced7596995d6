//! What every command prints with `--json`, validated by the schema that the program prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use eca_emulator::ChallengeProfile;
use eca_tests::{Emulated, FakeOrg, Run, configure, run, run_with, store_token, storefront_copy};
use serde_json::Value;

use crate::auth::site::World;
use crate::embedded::EmbeddedOrg;

/// The schemas of all documents, and those of which a result was validated.
struct Validator {
    schemas: Schemas,
    indexes: Vec<(String, SchemaIndex)>,
    seen: BTreeSet<String>,
}

impl Validator {
    fn new() -> Self {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        let indexes = names().into_iter().map(|name| {
            let url = format!("schema:/{name}.json");
            compiler.add_resource(&url, schema(&name)).unwrap();
            let index = compiler.compile(&url, &mut schemas).unwrap();
            (name, index)
        });
        let indexes = indexes.collect();
        Self {
            schemas,
            indexes,
            seen: BTreeSet::new(),
        }
    }

    /// Validates the one document of a run; the command's name is in it.
    fn check(&mut self, command: &str, run: &Run) {
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{command}: {error}: {run:?}"));
        self.check_document(command, &document);
    }

    fn check_document(&mut self, command: &str, document: &Value) {
        let name = document["schema"].as_str().unwrap();
        let name = name
            .strip_prefix("eca/")
            .and_then(|name| name.strip_suffix("/1"));
        let name = name.unwrap_or_else(|| panic!("{command}: {document:#}"));
        let index = self.indexes.iter().find(|(known, _)| known == name);
        let (_, index) = index.unwrap_or_else(|| panic!("{command}: no schema {name}"));
        let judged = self.schemas.validate(document, *index);
        if let Err(error) = judged {
            panic!("{command}: {error:#}\n{document:#}");
        }
        if document.get("error").is_none() {
            self.seen.insert(name.to_owned());
        }
        // A schema that accepts everything would prove nothing.
        let mut wrong = document.clone();
        wrong["unheard_of"] = true.into();
        assert!(self.schemas.validate(&wrong, *index).is_err(), "{name}");
    }

    /// Runs lines in a folder and validates each document.
    fn run(&mut self, folder: &Path, environment: &[(&str, String)], lines: &[&str]) {
        for line in lines {
            let words = line.split(' ').chain(["--json"]).collect::<Vec<_>>();
            let run = run_with(folder, &words, environment.iter().cloned());
            self.check(line, &run);
        }
    }
}

/// The names of all documents.
fn names() -> Vec<String> {
    let listed = run(&std::env::temp_dir(), &["schema", "--json-output"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    listed.stdout.lines().map(str::to_owned).collect()
}

fn schema(name: &str) -> Value {
    let printed = run(&std::env::temp_dir(), &["schema", "--json-output", name]);
    assert_eq!(printed.code, 0, "{printed:?}");
    serde_json::from_str(&printed.stdout).unwrap()
}

#[test]
fn every_document_is_as_its_schema_says() {
    let mut validator = Validator::new();
    let project = storefront_copy();
    let root = project.path();

    // Files alone.
    validator.run(
        root,
        &[],
        &[
            "lint",
            "lint --profile first-party --deny info --bump 68.0",
            "lint nowhere",
            "show",
            "show Nobody",
            "fmt --check",
            "fmt",
            "graph",
            "diff . .",
            "schema",
            "schema ExternalClientApplication",
            "schema Nothing",
            "schema --json-output deploy",
            "schema --json-output deploys-lst",
            "schema --json-output",
            "explain ECA1201",
            "explain INVALID_SESSION_ID",
            "explain invalid_client",
            "explain",
            "package --output p.zip",
            "package --app Nobody --output p.zip",
            "completions bash",
            "manual --page environment",
            "cert new --name x --key-out k.pem --cert-out c.pem",
            "cert new --name x --key-out k.pem --cert-out c.pem",
            "cert inspect c.pem",
            "cert match c.pem --key k.pem",
            "cert register c.pem --app Storefront",
            "cert check",
            "cert check --within 9999d",
            "key convert k.pem --to public-pem --out public.pem",
            "key convert k.pem --to jwk --out k.jwk",
            "attest mint --key k.pem --client-id 3MVG9 --audience https://a.example",
            "attest verify x --cert c.pem --audience https://a.example",
            "deploy",
            "list",
        ],
    );
    let mint = "attest mint --key k.pem --client-id 3MVG9 --audience https://a.example";
    let minted = run(root, &mint.split(' ').collect::<Vec<_>>());
    let jwt = minted.stdout.trim();
    for line in [
        format!("attest inspect {jwt}"),
        format!("attest verify {jwt} --cert c.pem --audience https://a.example"),
        format!("attest verify {jwt} --cert c.pem --audience https://b.example"),
    ] {
        validator.run(root, &[], &[&line]);
    }

    let (applied, _lock) = crate::org::state::applied();
    validator.run(
        applied.path(),
        &[],
        &[
            "state list",
            "state show",
            "state unlock 4f2 --yes",
            "state unlock 4f1 --yes",
            "state forget --yes",
        ],
    );

    with_an_org(&mut validator);
    with_logins(&mut validator);

    let names: BTreeSet<_> = names().into_iter().collect();
    assert_eq!(validator.seen, names, "every document was printed");
}

fn with_an_org(validator: &mut Validator) {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let environment = org.environment();
    validator.run(
        root,
        &environment,
        &[
            "diff",
            "deploy --check-only --tests local",
            "deploy",
            "deploy --delete ExternalClientApplication:Nobody --yes",
            "deploy --resume 0Af000000000000AAA",
            "deploys list",
            "deploys show",
            "deploys watch",
            "deploys show 0Af000000000000AAA",
            "list",
            "list Nothing",
            "list --apps",
            "describe",
            "describe ExtlClntAppOauthSettings",
            "describe Nothing",
            "schema diff",
            "diff --all --same",
            "plan",
            "drift",
            "plan --app Nobody",
            "drift --app Nobody",
            "retrieve --dry-run",
            "retrieve --app Storefront",
            "retrieve --app Nobody",
            "apply --yes --allow lockout,lint,adopt",
            "apply --resume",
            "token",
            "login",
            "doctor org",
        ],
    );
    let settings = eca_tests::find(root, ".ecaOauth-meta.xml");
    eca_tests::replace(&settings, "Basic, Api,", "Basic, Everything,");
    let changed = [
        "deploy",
        "diff",
        "lint",
        "plan",
        "drift",
        "plan --no-values",
    ];
    validator.run(root, &environment, &changed);
    let emulated = Emulated::start_with(&["--seed", storefront_copy().path().to_str().unwrap()]);
    validator.check_document("emulate", &emulated.document);
    validator.run(root, &[], &["demo", "demo --project nowhere"]);
}

fn with_logins(validator: &mut Validator) {
    let world = World::new(ChallengeProfile::default());
    let doctor = world.run(&["doctor", "headless", "--json"]);
    validator.check("doctor headless", &doctor);
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeOrg::start_generous();
    configure(
        folder.path(),
        &fake.url,
        "auth = { method = 'login', client-id = '3MVG9', token-file = 'stored' }",
    );
    store_token(folder.path(), &fake.url, "LEAK-r0");
    let lines = ["doctor login", "trust --show", "trust", "logout", "logout"];
    validator.run(folder.path(), &[], &lines);
    fs::write(folder.path().join("eca.toml"), "[orgs").unwrap();
    validator.run(folder.path(), &[], &["trust --show", "login"]);
}

/// Also a command that the test above does not know of.
#[test]
fn every_command_has_a_schema() {
    let page = eca_tests::repository().join("docs/reference/commands.md");
    let page = fs::read_to_string(page).unwrap();
    let headings = page
        .lines()
        .filter_map(|line| line.strip_prefix("## `eca "));
    let commands: Vec<_> = headings.map(|line| line.trim_end_matches('`')).collect();
    let names = names();
    for command in &commands {
        let above = format!("{command} ");
        let is_group = commands.iter().any(|other| other.starts_with(&above));
        if !is_group || *command == "schema" {
            let name = command.replace(' ', "-");
            assert!(names.contains(&name), "{command}: {names:?}");
        }
    }
    assert!(commands.len() > 30, "{commands:?}");
}

/// One spelling in all documents, apart from values whose members others define (claims, facts).
#[test]
fn members_are_written_in_snake_case() {
    fn check(schema: &Value, names: &mut usize) {
        match schema {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties") {
                    for name in properties.keys() {
                        let is_snake =
                            |c: char| c.is_ascii_lowercase() || "0123456789_".contains(c);
                        assert!(name.chars().all(is_snake), "{name}");
                        *names += 1;
                    }
                }
                members.values().for_each(|value| check(value, names));
            }
            Value::Array(items) => items.iter().for_each(|value| check(value, names)),
            _ => {}
        }
    }
    let mut members = 0;
    for name in names() {
        check(&schema(&name), &mut members);
    }
    assert!(members > 300, "{members}");
}
