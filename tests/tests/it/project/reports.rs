//! Reports of `eca lint` for machines: their paths, and that they agree with the exit code.

use std::fs;
use std::path::Path;

use eca_tests::{Run, clean_storefront_copy, find, replace, run};
use serde_json::Value;

/// A repository with a project below it that has an error, a warning and an info.
fn monorepo() -> tempfile::TempDir {
    let repository = tempfile::tempdir().unwrap();
    fs::create_dir(repository.path().join(".git")).unwrap();
    let project = repository.path().join("apps/crm 1");
    copy(clean_storefront_copy().path(), &project);
    replace(&find(&project, ".ecaOauth-meta.xml"), "OpenID", "OpenId");
    replace(
        &find(&project, ".ecaGlblOauth-meta.xml"),
        "https://www",
        "http://www",
    );
    fs::write(
        project.join("eca.toml"),
        "[lint.rules]\nscope-full = \"info\"\n",
    )
    .unwrap();
    repository
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn lint(folder: &Path, format: &str, more: &[&str]) -> Run {
    run(folder, &[&["lint", "--format", format], more].concat())
}

/// The paths in a report.
fn paths(format: &str, report: &str) -> Vec<String> {
    let between = |start: &str, end: &str| {
        let parts = report.split(start).skip(1);
        let paths = parts.map(|part| part.split(end).next().unwrap_or_default().to_owned());
        paths.collect::<Vec<_>>()
    };
    match format {
        "github" => between("::error file=", ","),
        "junit" => between("classname=\"", "\""),
        "gitlab" | "sarif" => {
            let report: Value = serde_json::from_str(report).unwrap();
            let pointer = match format {
                "gitlab" => "/location/path",
                _ => "/locations/0/physicalLocation/artifactLocation/uri",
            };
            let findings = report.pointer("/runs/0/results").unwrap_or(&report);
            let findings = findings.as_array().unwrap().iter();
            let paths = findings.map(|finding| finding.pointer(pointer).unwrap().as_str());
            paths.map(|path| path.unwrap().to_owned()).collect()
        }
        "markdown" => between("<code>apps/", "&#58;")
            .iter()
            .map(|path| format!("apps/{}", path.replace("&#46;", ".")))
            .collect(),
        _ => report
            .lines()
            .filter_map(|line| Some(line.split_once(".ecaOauth-meta.xml:")?.0.to_owned()))
            .collect(),
    }
}

#[test]
fn paths_are_relative_to_the_repository() {
    let repository = monorepo();
    let project = repository.path().join("apps/crm 1");
    let inside = project.join("force-app/main");
    for format in ["github", "gitlab", "sarif", "junit", "markdown"] {
        let prefix = match format {
            "sarif" => "apps/crm%201/force-app/",
            _ => "apps/crm 1/force-app/",
        };
        for (folder, more) in [
            (&project, &[][..]),
            (&inside, &[]),
            (&repository.path().to_owned(), &["--project", "apps/crm 1"]),
        ] {
            let report = lint(folder, format, more);
            assert_eq!(report.code, 1, "{report:?}");
            let paths = paths(format, &report.stdout);
            assert!(!paths.is_empty(), "{format}: {report:?}");
            for path in paths {
                assert!(path.starts_with(prefix), "{format}: {path}");
            }
        }
    }
    let given = lint(&project, "github", &["--path-prefix", "x"]);
    assert!(
        given.stdout.contains("::error file=x/force-app/"),
        "{given:?}"
    );
    let none = lint(&project, "github", &["--path-prefix", ""]);
    assert!(none.stdout.contains("::error file=force-app/"), "{none:?}");
    fs::remove_dir(repository.path().join(".git")).unwrap();
    let apart = lint(&project, "github", &[]);
    assert!(
        apart.stdout.contains("::error file=force-app/"),
        "{apart:?}"
    );
}

/// Editors and terminals open these paths from the current folder.
#[test]
fn short_paths_are_relative_to_the_current_folder() {
    let repository = monorepo();
    let project = repository.path().join("apps/crm 1");
    for (folder, more, start) in [
        (project.clone(), &[][..], "force-app/main/"),
        (project.join("force-app/main"), &[], "../../force-app/main/"),
        (
            repository.path().to_owned(),
            &["--project", "apps/crm 1"],
            "apps/crm 1/force-app/",
        ),
    ] {
        let report = lint(&folder, "short", more);
        let [path] = &paths("short", &report.stdout)[..] else {
            panic!("{report:?}");
        };
        assert!(path.starts_with(start), "{path}");
        assert!(folder.join(format!("{path}.ecaOauth-meta.xml")).is_file());
    }
}

/// Every format with every `--deny`: the exit code is the same, and a report that has failures has
/// them when the run fails.
#[test]
fn every_format_agrees_with_the_exit_code() {
    let repository = monorepo();
    let project = repository.path().join("apps/crm 1");
    let settings = find(&project, ".ecaOauth-meta.xml");
    let global = find(&project, ".ecaGlblOauth-meta.xml");
    let steps: [(&str, &dyn Fn(), i32); 3] = [
        ("error", &|| {}, 3),
        ("warning", &|| replace(&settings, "OpenId", "OpenID"), 2),
        ("info", &|| replace(&global, "http://www", "https://www"), 1),
    ];
    for (worst, mend, rank) in steps {
        mend();
        for (deny, wanted) in [("info", 1), ("warning", 2), ("error", 3)] {
            let code = i32::from(rank >= wanted);
            for format in [
                "text", "short", "json", "sarif", "junit", "github", "gitlab", "markdown",
            ] {
                // A version bump always has an info.
                let report = lint(&project, format, &["--deny", deny, "--bump", "68.0"]);
                let context = format!("{worst}, --deny {deny}, {format}: {report:?}");
                assert_eq!(report.code, code, "{context}");
                if format == "junit" {
                    let passes = report
                        .stdout
                        .contains("failures=\"0\" errors=\"0\">\n    <testsuite");
                    assert_eq!(passes, code == 0, "{context}");
                    assert_eq!(report.stdout.contains("<failure"), code == 1, "{context}");
                }
            }
        }
    }
}

/// A comment that a stranger's files fill.
#[test]
fn a_comment_stays_below_the_limit() {
    let repository = monorepo();
    let project = repository.path().join("apps/crm 1");
    let folder = project.join("force-app/main/default/extlClntAppOauthSettings");
    let item = "<commaSeparatedOauthScopes>@all|`x`&lt;/code&gt;#1 ![a](b), full</commaSeparatedOauthScopes>\n";
    let text = format!(
        "<ExtlClntAppOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{}</ExtlClntAppOauthSettings>\n",
        item.repeat(10)
    );
    for number in 0..400 {
        let name = format!("@all `|` #{number} <b> [a](http:x).ecaOauth-meta.xml");
        fs::write(folder.join(name.replace('/', "_")), &text).unwrap();
    }
    let report = lint(&project, "markdown", &[]);
    assert_eq!(report.code, 1);
    let comment = &report.stdout;
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    assert!(comment.starts_with("### eca lint: "), "{comment}");
    assert!(comment.contains(" more are not shown."), "{comment}");
    assert!(
        comment.contains("| ECA1201 scopes-known | error | "),
        "{comment}"
    );
    for line in comment.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.matches('|').count(), 4, "{line}");
    }
    assert_eq!(
        comment.matches("<code>").count(),
        comment.matches("</code>").count()
    );
    let outside = comment.replace("<code>", "").replace("</code>", "");
    let outside = outside.replace("<br>", "").replace("&#", "");
    let outside = outside.trim_start_matches('#');
    for sign in ['@', '`', '<', '[', '#', '!', '*', '_'] {
        assert!(!outside.contains(sign), "{sign}");
    }
}
