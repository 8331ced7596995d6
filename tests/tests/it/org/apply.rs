//! `eca apply`: exactly the plan, or nothing; and what a kill leaves.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use eca_emulator::{Org, Pace};
use eca_tests::{Run, clean_storefront_copy, eca, find, replace, run_with};

use crate::embedded::EmbeddedOrg;

const LOCKOUT: &str = "--allow=lockout";
const LINT: &str = "--allow=lint";

/// A project, and an org that answers at once.
struct World {
    org: EmbeddedOrg,
    project: tempfile::TempDir,
}

impl World {
    fn new(pace: Pace) -> Self {
        Self {
            org: EmbeddedOrg::start_with(Org::builder().pace(pace)),
            project: clean_storefront_copy(),
        }
    }

    fn root(&self) -> &Path {
        self.project.path()
    }

    fn run(&self, line: &str) -> Run {
        let words: Vec<_> = line.split(' ').collect();
        run_with(self.root(), &words, self.org.environment())
    }

    fn check(&self, line: &str, code: i32, expected: &[&str]) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, code, "{line}: {run:?}");
        let text = format!("{}{}", run.stdout, run.stderr);
        for words in expected {
            assert!(text.contains(words), "{line}: {words}: {text}");
        }
        run.assert_hides(&[self.org.token()]);
        run
    }

    /// A deploy of somebody who does not share the state.
    fn deploy_from_elsewhere(&self) {
        let elsewhere = tempfile::tempdir().unwrap();
        let home = elsewhere.path().to_str().unwrap().to_owned();
        let environment = self
            .org
            .environment()
            .into_iter()
            .chain([("XDG_STATE_HOME", home)]);
        let run = run_with(self.root(), &["deploy"], environment);
        assert_eq!(run.code, 0, "{run:?}");
    }

    fn label(&self, from: &str, to: &str) {
        let header = find(self.root(), ".eca-meta.xml");
        replace(
            &header,
            &format!("<label>{from}</label>"),
            &format!("<label>{to}</label>"),
        );
    }

    /// The folder of the org's state.
    fn state(&self) -> Option<PathBuf> {
        let orgs = self.root().join("state/eca/orgs");
        let mut entries = std::fs::read_dir(orgs).ok()?.flatten();
        let folder = entries.find(|entry| entry.file_name().to_string_lossy().starts_with("00D"));
        Some(folder?.path())
    }
}

#[test]
fn exactly_the_plan_is_applied() {
    let world = World::new(Pace::Polls(1));
    // An error of lint, of which the org knows nothing.
    let settings = find(world.root(), ".ecaOauth-meta.xml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.contains("<clientAssertionCertificate>"));
    std::fs::write(&settings, lines.collect::<Vec<_>>().join("\n")).unwrap();
    world.check(
        "plan -o p.eca",
        2,
        &["to apply exactly this: eca apply p.eca", "next: eca apply"],
    );
    let text = std::fs::read_to_string(world.root().join("p.eca")).unwrap();
    assert!(!text.contains(world.org.token()));

    // Risks are named, and nobody is asked here.
    world.check(
        "apply p.eca --yes",
        1,
        &[
            "not applied: the plan has what must be allowed by name",
            "lint: ExtlClntAppOauthSettings:Storefront_oauth: ECA1304",
            "--allow lint",
        ],
    );
    world.check(
        &format!("apply p.eca {LINT}"),
        3,
        &["not done without an answer: apply this to", "--yes"],
    );
    assert!(world.org.apps().is_empty());

    // The project may be another one by now.
    world.label("Storefront", "Later");
    let applied = world.check(
        &format!("apply p.eca --yes {LINT}"),
        0,
        &[
            "step 1 of 4: deploy 4 components: what apps refer to",
            "created ExternalClientApplication:Storefront",
            "Storefront has a new consumer",
            "by hand: assign the permission set Storefront_Shopper",
            "has serial 1",
        ],
    );
    let key = world.org.consumer_key("Storefront").unwrap();
    applied.assert_hides(&[&key]);
    world.check("state list", 0, &["serial 1", "  Storefront of "]);

    // It was for the state before.
    world.check(
        &format!("apply p.eca --yes {LINT}"),
        1,
        &["moved on from serial 0", "plan again"],
    );
    let done = world.check("apply --yes --json", 0, &[]).json();
    assert_eq!(done["serial"], 2, "{done:#}");
    assert_eq!(
        done["deploys"][0]["components"][0]["change"], "changed",
        "{done:#}"
    );
    world.check("plan", 0, &["nothing to do"]);
    world.check("apply --yes", 0, &["nothing to do", "has serial 2"]);
}

#[test]
fn a_plan_that_does_not_fit_any_more_is_refused() {
    let world = World::new(Pace::Polls(1));
    world.check(&format!("apply --yes {LOCKOUT}"), 0, &["has serial 1"]);
    world.label("Storefront", "Ours");
    world.check("plan -o p.eca", 2, &[]);
    // Somebody deploys something else.
    world.label("Ours", "Theirs");
    world.deploy_from_elsewhere();
    let words = "the org moved since the plan was made: ExternalClientApplication:Storefront/label is Theirs and not Storefront";
    world.check("apply p.eca --yes", 1, &[words, "plan again: eca plan"]);

    // One byte is another one.
    let path = world.root().join("p.eca");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    world.check(
        "apply p.eca --yes",
        1,
        &[
            "p.eca is not applied",
            "it was altered after it was written",
        ],
    );
    std::fs::write(&path, "{}").unwrap();
    world.check(
        "apply p.eca --yes",
        1,
        &["it is not a plan that `eca plan -o` wrote"],
    );
    world.check("apply nowhere.eca --yes", 3, &["cannot read nowhere.eca"]);
    world.check(
        "apply --allow everything",
        3,
        &["`everything` is not one of lockout, wipe"],
    );
    world.check(
        "apply --resume --yes",
        1,
        &["no apply of 00D", "was interrupted"],
    );

    // Another org.
    world.label("Theirs", "Ours");
    let line = "plan -o conflicts.eca";
    world.check(
        line,
        1,
        &["conflicts.eca is not written: nothing can be applied while there are conflicts"],
    );
    assert!(!world.root().join("conflicts.eca").exists());
    world.check("apply --yes", 1, &["the plan has conflicts"]);
    world.label("Ours", "Storefront");
    world.check("plan -o p.eca", 2, &[]);
    let other = EmbeddedOrg::start();
    let run = run_with(
        world.root(),
        &["apply", "p.eca", "--yes"],
        other.environment(),
    );
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stderr.contains("the plan is for the org 00D"),
        "{run:?}"
    );
}

#[test]
fn what_the_org_has_already_is_taken_over_on_purpose() {
    let world = World::new(Pace::Polls(1));
    world.label("Storefront", "Theirs");
    world.check("deploy", 0, &[]);
    world.label("Theirs", "Ours");
    world.check(
        "apply --yes",
        1,
        &[
            "adopt: ExternalClientApplication:Storefront",
            "--allow adopt",
        ],
    );
    world.check(
        "apply --yes --allow adopt",
        0,
        &["changed ExternalClientApplication:Storefront"],
    );
}

#[test]
fn the_org_says_no_before_anything_is_changed() {
    let world = World::new(Pace::Polls(1));
    let settings = find(world.root(), ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic, Everything,");
    let run = world.check(
        "apply --yes --allow lockout,lint",
        5,
        &["the org refuses the plan; nothing was changed"],
    );
    assert!(run.stderr.contains("Everything"), "{run:?}");
    assert!(world.org.apps().is_empty());
    world.check("apply --resume --yes", 1, &["was interrupted"]);
}

#[test]
fn a_deploy_of_an_applied_app_is_recorded() {
    let world = World::new(Pace::Polls(1));
    // Nothing was applied: a deploy knows of no state.
    world.check("deploy", 0, &[]);
    assert!(world.state().is_none());
    world.check("apply --yes", 0, &["has serial 1"]);
    world.label("Storefront", "Deployed");
    world.check("deploy --check-only", 0, &[]);
    world.check("state list", 0, &["serial 1"]);
    world.check("deploy", 0, &[]);
    world.check("state list", 0, &["serial 2", "(eca deploy)"]);
    // It is no drift, and nothing is left to do.
    world.check("drift", 0, &[]);
    world.check("plan", 0, &["nothing to do"]);

    // A deploy waits for nobody who applies.
    let lock = world.state().unwrap().join("lock.json");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    let held = format!(
        r#"{{"holder":{{"id":"4f1","who":"Ada","host":"build-7","command":"eca apply"}},"since":{now},"renewed":{now}}}"#
    );
    std::fs::write(&lock, held).unwrap();
    world.check(
        "deploy",
        1,
        &[
            "is locked by Ada on build-7 (eca apply)",
            "eca state unlock 4f1",
        ],
    );
    std::fs::remove_file(lock).unwrap();
    world.check("deploy", 0, &[]);
}

/// Runs `eca apply` until a step runs in the org.
fn begun(world: &World) -> Child {
    let mut command = eca(world.root(), &["apply", "--yes", LOCKOUT]);
    command.envs(world.org.environment());
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        let journal = world.state().map(|folder| folder.join("journal.json"));
        let journal = journal.and_then(|path| std::fs::read_to_string(path).ok());
        if journal
            .is_some_and(|text| text.contains("\"step\": 1") && text.contains("\"id\": \"0Af"))
        {
            break;
        }
        assert_eq!(child.try_wait().unwrap(), None, "it ended before the kill");
        std::thread::yield_now();
    }
    child
}

#[test]
fn ctrl_c_leaves_the_journal_and_no_lock() {
    let world = World::new(Pace::Polls(6));
    let mut child = begun(&world);
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    world.check("apply --resume --yes", 0, &["has serial 1"]);
    world.check("plan", 0, &["nothing to do"]);
}

#[test]
fn an_app_of_another_project_is_left_to_it() {
    let world = World::new(Pace::Polls(1));
    let toml = world.root().join("eca.toml");
    std::fs::write(&toml, "[state]\nproject = 'shop'\n").unwrap();
    world.check(&format!("apply --yes {LOCKOUT}"), 0, &["has serial 1"]);
    std::fs::write(&toml, "[state]\nproject = 'till'\n").unwrap();
    world.label("Storefront", "Theirs");
    world.check(
        "plan",
        2,
        &["Storefront belongs to the project shop, by the state in file:"],
    );
    world.check(
        "apply --yes --allow adopt",
        1,
        &[
            "the app Storefront belongs to the project shop",
            "eca state forget --app Storefront",
        ],
    );
    world.check(
        "deploy",
        0,
        &["Storefront belongs to the project shop, which finds this deploy as drift"],
    );
    std::fs::write(&toml, "[state]\nproject = 'shop'\n").unwrap();
    world.check("drift", 2, &["label: Storefront -> Theirs"]);
    std::fs::write(&toml, "[state]\nproject = 'till'\n").unwrap();
    world.check(
        "state forget --app Storefront --yes",
        0,
        &["forgot Storefront"],
    );
    world.check("apply --yes --allow adopt", 0, &["has serial 3"]);
    world.check("state list", 0, &["  Storefront of till"]);
}

#[test]
fn a_killed_apply_goes_on() {
    let world = World::new(Pace::Polls(6));
    let mut child = begun(&world);
    child.kill().unwrap();
    child.wait().unwrap();
    let locked = world.check(
        "apply --resume --yes",
        1,
        &["is locked by", "eca state unlock"],
    );
    let (_, id) = locked.stderr.split_once("eca state unlock ").unwrap();
    world.check(
        &format!("state unlock {} --yes", id.trim()),
        0,
        &["is unlocked"],
    );
    world.check(
        &format!("apply --yes {LOCKOUT}"),
        1,
        &[
            "was interrupted after 1 of its steps",
            "to go on: eca apply --resume",
            "eca apply --abandon",
        ],
    );
    world.check(
        "apply --resume",
        3,
        &["of which 1 steps are done?", "--yes"],
    );
    world.check(
        "apply --resume --yes",
        0,
        &[
            "created ExternalClientApplication:Storefront",
            "has serial 1",
        ],
    );
    world.check("plan", 0, &["nothing to do"]);
    world.check("state list", 0, &["serial 1"]);
    assert!(!world.state().unwrap().join("journal.json").exists());
}
