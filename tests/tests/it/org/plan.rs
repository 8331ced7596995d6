//! What `eca-plan` says, with the embedded org as judge: a plan that is applied leaves what it
//! expects, and planning again sends nothing.

use std::path::Path;

use eca_model::{ComponentName, Project, Snapshot};
use eca_plan::{Action, Facts, Outcome, Plan, PlanOptions, Verdict, plan};
use eca_tests::{Run, find, replace, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

const APP: &str = "ExternalClientApplication:Storefront";
const SETTINGS: &str = "ExtlClntAppOauthSettings:Storefront_oauth";

struct Fixture {
    org: EmbeddedOrg,
}

impl Fixture {
    fn eca(&self, folder: &Path, line: &[&str]) -> Run {
        let run = run_with(folder, line, self.org.environment());
        assert_eq!(run.code, 0, "{line:?}: {run:?}");
        run
    }

    fn deploy(&self, folder: &Path) {
        self.eca(folder, &["deploy"]);
    }

    /// What the org has of a project's components.
    fn retrieved(&self, project: &Path) -> Snapshot {
        let folder = tempfile::tempdir().unwrap();
        let file = project.join("sfdx-project.json");
        std::fs::copy(file, folder.path().join("sfdx-project.json")).unwrap();
        let names = Project::load(project).unwrap();
        let names = names.components().iter();
        let names: Vec<_> = names
            .map(|component| component.name().to_string())
            .collect();
        let into = folder.path().to_str().unwrap();
        let mut line = vec!["retrieve", "--into", into];
        line.extend(names.iter().flat_map(|name| ["-m", name]));
        self.eca(project, &line);
        Project::load(folder.path()).unwrap().snapshot()
    }

    /// Deploys what a plan sends, and returns what the org has then.
    fn apply(&self, plan: &Plan, project: &Path) -> Snapshot {
        assert_ne!(plan.outcome(), Outcome::Conflicts, "{:#?}", plan.conflicts);
        let sent = storefront_copy();
        let package = plan.package(&Project::load(project).unwrap()).unwrap();
        for component in package.components() {
            let path = sent.path().join(component.path());
            std::fs::write(path, component.file().text()).unwrap();
        }
        self.deploy(sent.path());
        self.retrieved(project)
    }
}

fn snapshot(folder: &Path) -> Snapshot {
    Project::load(folder).unwrap().snapshot()
}

fn verdict(plan: &Plan, component: &str, member: &str) -> Option<Verdict> {
    let component: ComponentName = component.parse().unwrap();
    let mut changes = plan.changes.iter();
    let change = changes.find(|change| change.component == component)?;
    let mut members = change.members.iter();
    let found = members.find(|found| found.path == *member);
    found.map(|member| member.verdict)
}

#[test]
fn a_plan_keeps_what_others_did_and_comes_true() {
    let fixture = Fixture {
        org: EmbeddedOrg::start(),
    };
    let ours = storefront_copy();
    let root = ours.path();
    fixture.deploy(root);
    let last = snapshot(root);

    // Somebody works in the org: one member of ours, one that nobody set, and a record of a list.
    let clicks = storefront_copy();
    let header = find(clicks.path(), ".eca-meta.xml");
    let email = "<contactEmail>clicked@acme.example</contactEmail>";
    let text = std::fs::read_to_string(&header).unwrap();
    let (start, rest) = text.split_once("<contactEmail>").unwrap();
    let (_, rest) = rest.split_once("</contactEmail>").unwrap();
    let icon = "<iconUrl>https://acme.example/i.png</iconUrl>";
    let clicked = format!("{start}{email}{rest}");
    let clicked = clicked.replace(
        "</ExternalClientApplication>",
        &format!("{icon}</ExternalClientApplication>"),
    );
    std::fs::write(&header, clicked).unwrap();
    let range = "<trustedIpRanges><description>theirs</description><endIpAddress>192.0.2.9</endIpAddress>\
                 <startIpAddress>192.0.2.1</startIpAddress></trustedIpRanges>";
    let settings = find(clicks.path(), ".ecaOauth-meta.xml");
    let end = "</ExtlClntAppOauthSettings>";
    replace(&settings, end, &format!("{range}{end}"));
    fixture.deploy(clicks.path());

    // The project changes another member of both.
    replace(
        &find(root, ".eca-meta.xml"),
        "<label>Storefront",
        "<label>Our shop",
    );
    replace(
        &find(root, ".ecaOauth-meta.xml"),
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    let (desired, actual) = (snapshot(root), fixture.retrieved(root));
    let options = PlanOptions::default();
    let first = plan(Some(&last), &desired, &actual, &Facts::new(), &options);
    for (component, member, expected) in [
        (APP, "label", Some(Verdict::Update)),
        (APP, "contactEmail", Some(Verdict::Drift)),
        (APP, "iconUrl", Some(Verdict::Unmanaged)),
        (APP, "description", None),
        (SETTINGS, "isFirstPartyAppEnabled", Some(Verdict::Update)),
        (
            SETTINGS,
            "trustedIpRanges[startIpAddress=192.0.2.1].description",
            Some(Verdict::Unmanaged),
        ),
    ] {
        assert_eq!(verdict(&first, component, member), expected, "{member}");
    }
    let sent = first
        .changes
        .iter()
        .filter(|change| change.action != Action::Keep);
    assert_eq!(sent.count(), 2, "{:#?}", first.changes);

    // It comes true, member by member; what others did is still there.
    let after = fixture.apply(&first, root);
    let expected = first.expected(&desired, &actual);
    assert_eq!(after.components, expected.components);
    let again = plan(Some(&desired), &desired, &after, &Facts::new(), &options);
    assert_eq!(again.steps, []);
    assert_eq!(verdict(&again, APP, "contactEmail"), Some(Verdict::Drift));

    // Ours is put back where it is asked for, and then nothing is left to do.
    let options = PlanOptions::default().restore_all_drift();
    let restoring = plan(Some(&desired), &desired, &after, &Facts::new(), &options);
    let after = fixture.apply(&restoring, root);
    let last = plan(Some(&desired), &desired, &after, &Facts::new(), &options);
    assert_eq!(last.outcome(), Outcome::Nothing, "{:#?}", last.changes);
    assert_eq!(verdict(&last, APP, "iconUrl"), Some(Verdict::Unmanaged));
}

#[test]
fn a_first_plan_creates_everything_and_then_nothing() {
    let fixture = Fixture {
        org: EmbeddedOrg::start(),
    };
    let ours = storefront_copy();
    let desired = snapshot(ours.path());
    let options = PlanOptions::default();
    let first = plan(
        None,
        &desired,
        &Snapshot::default(),
        &Facts::new(),
        &options,
    );
    assert_eq!(first.counts().create, desired.components.len());
    let after = fixture.apply(&first, ours.path());
    for last in [None, Some(&desired)] {
        let again = plan(last, &desired, &after, &Facts::new(), &options);
        assert_eq!(again.outcome(), Outcome::Nothing, "{:#?}", again.changes);
    }
}
