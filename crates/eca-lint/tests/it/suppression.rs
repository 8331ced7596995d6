//! Comments, options and baselines that remove findings or change their severity.

use eca_lint::{Baseline, Exclude, Finding, Level, Severity, explain, lint};

use crate::fixture;

/// The names of the rules that fire on an app with this body.
fn fire(body: &str) -> Vec<&'static str> {
    let (project, _) = fixture::project(&app(body));
    let report = lint(&project, &fixture::options());
    report
        .findings()
        .iter()
        .map(|finding| finding.rule.name())
        .collect()
}

fn app(body: &str) -> String {
    format!(
        "-- externalClientApps/Shop.eca\n<ExternalClientApplication>\n{body}\n</ExternalClientApplication>\n"
    )
}

#[test]
fn comments() {
    const LABEL: &str = "<label>Shop</label><lable/>";
    for (body, rules) in [
        (LABEL, &["unknown-element"][..]),
        ("<!-- eca-ignore ECA1002: a test --><lable/>", &[]),
        (
            "<!-- eca-ignore unknown-element, ECA1011: a test -->\n<!-- more -->\n<lable>\n</lable>",
            &["unused-ignore"],
        ),
        ("<lable/> <!-- eca-ignore ECA1002: on its own line -->", &[]),
        (
            "<!-- eca-ignore ECA1002: a test -->\n<label/>\n<lable/>",
            &["unused-ignore", "unknown-element"],
        ),
        (
            "<!-- eca-ignore ECA1001: another rule -->\n<lable/>",
            &["unused-ignore", "unknown-element"],
        ),
        // These rules need another profile, git, and a target API version.
        (
            "<!-- eca-ignore ECA1701, ECA1404, ECA1014: not in this run --><label/>",
            &[],
        ),
        (
            "<!-- eca-ignore ECA1002 -->\n<lable/>",
            &["ignore-comment", "unknown-element"],
        ),
        (
            "<!-- eca-ignore ECA9999: no rule -->\n<lable/>",
            &["ignore-comment", "unknown-element"],
        ),
        (
            "<lable/><!-- eca-ignore ECA1002: the last",
            &["unreadable-file"],
        ),
    ] {
        assert_eq!(fire(body), rules, "{body}");
    }
}

#[test]
fn a_file_that_git_does_not_track_yet_keeps_its_comment() {
    let body = "<!-- eca-ignore ECA1404: holds no secret --><label/>";
    let (project, _) = fixture::project(&app(body));
    let mut options = fixture::options();
    options.tracked = Some(std::collections::BTreeSet::new());
    assert!(lint(&project, &options).is_clean());
}

#[test]
fn options() {
    let (project, _) = fixture::project(&app("<lable/>"));
    let id = explain("unknown-element").unwrap().id();
    let mut options = fixture::options();
    options.levels.insert(id, Level::At(Severity::Info));
    let report = lint(&project, &options);
    assert_eq!(report.count(Severity::Info), 1);
    options.levels.insert(id, Level::Off);
    assert!(lint(&project, &options).is_clean());
    options.levels.clear();
    options.excludes.push(Exclude {
        path: "externalClientApps/*.eca".to_owned(),
        rules: vec![id],
        reason: "a test".to_owned(),
    });
    assert!(lint(&project, &options).is_clean());
}

#[test]
fn baselines() {
    let (old, _) = fixture::project(&app("<lable/>"));
    let report = lint(&old, &fixture::options());
    let baseline = Baseline::parse(&Baseline::new(report.findings()).to_json()).unwrap();
    // The old finding has moved, and there is a second one of the same kind.
    let (new, _) = fixture::project(&app("\n\n<lable/><lable/>"));
    let report = lint(&new, &fixture::options());
    let (left, known) = baseline.split(report.findings());
    let left: Vec<_> = left
        .into_iter()
        .map(|finding: &Finding| finding.position.column)
        .collect();
    assert_eq!((left, known), (vec![9], 1));
    for text in [
        "",
        "[]",
        "{\"schema\":\"eca/lint-baseline/9\",\"findings\":[]}",
    ] {
        assert!(Baseline::parse(text).is_err(), "{text}");
    }
}

#[test]
fn certificates_within() {
    let text = "-- externalClientApps/Soon.eca
<ExternalClientApplication/>
-- extlClntAppOauthSettings/Soon.ecaOauth
<ExtlClntAppOauthSettings>
    <clientAssertionCertificate>@cert:expires-soon@</clientAssertionCertificate>
    <externalClientApplication>Soon</externalClientApplication>
</ExtlClntAppOauthSettings>";
    let (project, _) = fixture::project(text);
    let mut options = fixture::options();
    for (days, found) in [(30, 1), (9, 1), (8, 0)] {
        options.within = std::time::Duration::from_hours(24 * days);
        assert_eq!(lint(&project, &options).findings().len(), found, "{days}");
    }
}

proptest::proptest! {
    #[test]
    fn any_comment_is_read(comment in "(eca-ignore|ECA1002|:| |,|<!--|-->|<a>|</a>|<a/>|\n|ü){0,12}") {
        fire(&format!("<!-- {comment} --><lable/>"));
    }
}
