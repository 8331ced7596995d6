//! Orgs that do not answer, and orgs that refuse: one sentence, the next step, the exit code.

use eca_deploy::Package;
use eca_emulator::Org;
use eca_model::Project;
use eca_tests::{FakeOrg, Run, clean_storefront_copy, find, replace, run_line, run_with};

use crate::embedded::EmbeddedOrg;
use crate::plan::World;

/// The last lines on stderr, for both commands.
fn check(run: impl Fn(&str) -> Run, code: i32, expected: &str) {
    for command in ["plan", "drift"] {
        let run = run(command);
        assert_eq!(run.code, code, "{command}: {run:?}");
        assert!(run.stderr.contains(expected), "{command}: {run:?}");
        assert_eq!(
            run.stderr.matches("error: ").count(),
            1,
            "{command}: {run:?}"
        );
        assert!(run.stderr.contains("\nhint: "), "{command}: {run:?}");
        assert_eq!(run.stdout, "", "{command}: {run:?}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let world = World::new();
    check(
        |command| world.run(&[command, "--app", "Storefrnt"]),
        3,
        "error: neither the project nor the org has an app Storefrnt\nhint: did you mean Storefront?\n",
    );
    check(
        |command| world.run(&[command, "--org", "nowhere"]),
        3,
        "error: unknown org `nowhere`",
    );
    for command in ["plan", "drift"] {
        let both = world.run(&[command, "--json", "--format", "markdown"]);
        assert_eq!(both.code, 3, "{both:?}");
        assert_eq!(both.json()["error"]["hint"], "leave one of them out");
    }
    let empty = tempfile::tempdir().unwrap();
    check(
        |command| run_with(empty.path(), &[command], world.org.environment()),
        3,
        "no External Client App metadata",
    );
}

#[test]
fn an_org_that_does_not_answer() {
    let project = clean_storefront_copy();
    check(|command| run_line(project.path(), command), 3, "no org");
    let gone = EmbeddedOrg::start();
    let environment = gone.environment();
    gone.stop();
    check(
        |command| run_with(project.path(), &[command], environment.clone()),
        7,
        "the org was not read",
    );
    let org = EmbeddedOrg::start();
    let url = org.instance_url().to_owned();
    let stale = [
        ("SF_ACCESS_TOKEN", "00D000000000001!FAKE".to_owned()),
        ("SF_ORG_INSTANCE_URL", url),
    ];
    check(
        |command| run_with(project.path(), &[command], stale.clone()),
        4,
        "the org was not read",
    );
    org.arm(r#"{"fault":"status","status":503,"path":"/services/data/","times":50}"#);
    check(
        |command| run_with(project.path(), &[command], org.environment()),
        7,
        "the org was not read",
    );
}

/// An org whose user may not read it. `grants` are user permissions.
struct Weak {
    org: EmbeddedOrg,
    project: tempfile::TempDir,
    token: String,
}

impl Weak {
    fn new(grants: &[&str], is_jwt: bool) -> Self {
        const BOT: &str = "bot@storefront.example";
        let org = EmbeddedOrg::start_with(Org::builder());
        org.create_integration_user(BOT).unwrap();
        let project = clean_storefront_copy();
        let root = project.path();
        let global = find(root, ".ecaGlblOauth-meta.xml");
        let flow = "isClientCredentialsFlowEnabled>";
        replace(&global, &format!("{flow}false"), &format!("{flow}true"));
        let policies = find(root, ".ecaOauthPlcy-meta.xml");
        replace(
            &policies,
            &format!("<{flow}false"),
            &format!("<clientCredentialsFlowUser>{BOT}</clientCredentialsFlowUser><{flow}true"),
        );
        if is_jwt {
            let named = "isNamedUserJwtEnabled>";
            replace(&global, &format!("{named}false"), &format!("{named}true"));
        }
        let set = find(root, ".permissionset-meta.xml");
        let permissions = grants.iter().fold(String::new(), |text, name| {
            text + "<userPermissions><enabled>true</enabled><name>"
                + name
                + "</name></userPermissions>"
        });
        replace(
            &set,
            "</PermissionSet>",
            &format!("{permissions}</PermissionSet>"),
        );
        let package = Package::of(&Project::load(root).unwrap()).unwrap();
        org.deploy(package.zip().as_bytes()).unwrap();
        org.assign_permission_set(BOT, "Storefront_Shopper")
            .unwrap();
        let toml = format!(
            "[orgs.weak]\ninstance-url = '{}'\nauth = {{ method = 'client-credentials', client-id = '{}', \
             client-secret = 'env:CONSUMER_SECRET' }}\n",
            org.instance_url(),
            org.consumer_key("Storefront").unwrap()
        );
        std::fs::write(root.join("eca.toml"), toml).unwrap();
        let token = org.secret();
        Self {
            org,
            project,
            token,
        }
    }

    fn run(&self, line: &[&str]) -> Run {
        let secret = [("CONSUMER_SECRET", self.token.as_str())];
        let line = [line, &["--org", "weak"]].concat();
        let run = run_with(self.project.path(), &line, secret);
        run.assert_hides(&[&self.token]);
        run
    }
}

/// What is unreadable is never called unchanged.
#[test]
fn an_org_that_refuses_to_be_read() {
    for (grants, is_jwt, reason, remedy) in [
        (
            &[][..],
            false,
            "INSUFFICIENT_ACCESS: use of the Metadata API requires",
            "Modify Metadata Through Metadata API Functions",
        ),
        (
            &["ModifyMetadata", "ViewSetup"],
            true,
            "the session's token is a JWT",
            "switch off",
        ),
    ] {
        let weak = Weak::new(grants, is_jwt);
        let drift = weak.run(&["drift"]);
        assert_eq!(drift.code, 6, "{drift:?}");
        assert!(drift.stdout.contains(reason), "{drift:?}");
        assert!(drift.stdout.contains(remedy), "{drift:?}");
        assert!(
            drift
                .stdout
                .contains("no drift as far as it can be read: 9 unreadable"),
            "{drift:?}"
        );
        for format in ["markdown", "sarif", "junit", "json", "github"] {
            let drift = weak.run(&["drift", "--format", format]);
            assert_eq!(drift.code, 6, "{drift:?}");
            assert!(
                drift.stdout.contains("unreadable") || drift.stdout.contains("<error"),
                "{drift:?}"
            );
        }
        // Without a state, a deploy would send what it cannot compare.
        let plan = weak.run(&["plan"]);
        assert_eq!(plan.code, 2, "{plan:?}");
        assert!(plan.stdout.contains("9 unreadable"), "{plan:?}");
        assert!(plan.stdout.contains("ours is sent"), "{plan:?}");
    }
}

/// Facts that cannot be read are said, and taken for nothing.
#[test]
fn an_org_that_refuses_queries() {
    let weak = Weak::new(&["ModifyMetadata"], false);
    let drift = weak.run(&["drift"]);
    assert_eq!(drift.code, 0, "{drift:?}");
    for said in [
        "how many users hold permission sets is not known",
        "which apps hold live tokens is not known",
        "hint: give the user of the session the permission \"View Setup and Configuration\"",
    ] {
        assert!(drift.stderr.contains(said), "{said}: {drift:?}");
    }
    let policies = find(weak.project.path(), ".ecaOauthPlcy-meta.xml");
    replace(
        &policies,
        "<sessionTimeoutInMinutes>30",
        "<sessionTimeoutInMinutes>45",
    );
    let plan = weak.run(&["plan"]);
    assert_eq!(plan.code, 2, "{plan:?}");
    let risk = "who has Storefront_Shopper is not known";
    assert!(plan.stdout.contains(risk), "{plan:?}");
    assert!(
        plan.stdout
            .contains("the session that would apply it comes through this very app"),
        "{plan:?}"
    );
    drop(weak.org);
}

/// A server that is no org says nothing about one.
#[test]
fn a_server_that_is_no_org() {
    let fake = FakeOrg::start(|_, _| (200, "<html>hello</html>".to_owned()));
    let project = clean_storefront_copy();
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!FAKE".to_owned()),
        ("SF_ORG_INSTANCE_URL", fake.url.clone()),
    ];
    for command in ["plan", "drift"] {
        let run = run_with(project.path(), &[command], environment.clone());
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("the org was not read"), "{run:?}");
    }
}
