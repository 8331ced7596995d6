//! `eca deploy --format github`.

use eca_tests::{find, replace, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

/// In a repository, with a summary file and a file name that tries to be Markdown.
#[test]
fn annotations_and_a_summary_for_github() {
    let org = EmbeddedOrg::start();
    let repository = tempfile::tempdir().unwrap();
    std::fs::create_dir(repository.path().join(".git")).unwrap();
    let project = storefront_copy();
    let root = repository.path().join("sf");
    std::fs::rename(project.path(), &root).unwrap();
    let settings = find(&root, ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic, @all|`Everything`,");
    let summary = root.join("summary.md");
    let deploy = |arguments: &[&str]| {
        let environment = org.environment().into_iter();
        let file = ("GITHUB_STEP_SUMMARY", summary.display().to_string());
        run_with(&root, arguments, environment.chain([file]))
    };
    let junit = ["deploy", "--format", "github", "--junit", "report.xml"];
    let failed = deploy(&junit);
    assert_eq!(failed.code, 1, "{failed:?}");
    let path =
        "sf/force-app/main/default/extlClntAppOauthSettings/Storefront_oauth.ecaOauth-meta.xml";
    let mut lines = failed.stdout.lines();
    let annotation = lines.find(|line| line.contains("scope(s)")).unwrap();
    let start = format!(
        "::error file={path},line=5,col=5,title=ExtlClntAppOauthSettings%3AStorefront_oauth::"
    );
    assert!(annotation.starts_with(&start), "{failed:?}");
    assert!(annotation.contains("%0Ahint: "), "{annotation}");
    let report = std::fs::read_to_string(root.join("report.xml")).unwrap();
    assert!(
        report.contains(&format!("message=\"{path}:5:5: ")),
        "{report}"
    );
    assert!(report.contains("\nhint: "), "{report}");
    assert!(!report.contains("failures=\"0\""), "{report}");

    let shown = std::fs::read_to_string(&summary).unwrap();
    assert!(shown.starts_with("### eca deploy: Failed\n"), "{shown}");
    let row = shown
        .lines()
        .find(|line| line.contains("Everything"))
        .unwrap();
    assert_eq!(row.matches('|').count(), 4, "{row}");
    assert!(row.contains("&#64;all&#124;&#96;Everything&#96;"), "{row}");
    assert!(!shown.contains('@'), "{shown}");

    replace(&settings, "@all|`Everything`", "Api");
    let deployed = deploy(&["deploy", "--format", "github", "--path-prefix", "x/"]);
    assert_eq!(
        deployed.stdout,
        "deploy Succeeded: 9 components: 9 created\n"
    );
    let both = std::fs::read_to_string(&summary).unwrap();
    assert!(both.starts_with(&shown), "a summary is added");
    assert!(both.contains("### eca deploy: Succeeded\n"), "{both}");

    let unwritable = root.join("none/summary.md").display().to_string();
    let environment = org.environment().into_iter();
    let file = ("GITHUB_STEP_SUMMARY", unwritable);
    let unwritten = run_with(
        &root,
        &["deploy", "--format", "github"],
        environment.chain([file]),
    );
    assert_eq!(unwritten.code, 1, "{unwritten:?}");
    assert!(
        unwritten.stderr.contains("GITHUB_STEP_SUMMARY"),
        "{unwritten:?}"
    );
}
