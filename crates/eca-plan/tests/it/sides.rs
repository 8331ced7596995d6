//! Sides of a plan as text.

use std::fmt::Write as _;

use eca_model::{ComponentName, Project, Snapshot};
use eca_plan::{Facts, Heading, Plan, PlanOptions, plan, text};

pub(crate) const POLICIES: &str = "ExtlClntAppOauthConfigurablePolicies:Shop_policy";
pub(crate) const GLOBAL: &str = "ExtlClntAppGlobalOauthSettings:Shop_global";
pub(crate) const OAUTH: &str = "ExtlClntAppOauthSettings:Shop_oauth";
pub(crate) const APP: &str = "ExternalClientApplication:Shop";

/// A project from lines of `Type:Name <members/>`. A part of an app belongs to the app before the
/// first `_` of its name. `@66` in the first line is the API version.
pub(crate) fn project(side: &str) -> Project {
    let mut entries = Vec::new();
    let mut lines = side.trim().lines().map(str::trim).peekable();
    if let Some(version) = lines.peek().and_then(|line| line.strip_prefix('@')) {
        let file = format!(
            r#"{{"packageDirectories":[{{"path":"app","default":true}}],"sourceApiVersion":"{version}.0"}}"#
        );
        entries.push(("sfdx-project.json".to_owned(), file.into_bytes()));
        lines.next();
    }
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, members) = line.split_once(' ').unwrap_or((line, ""));
        let name: ComponentName = name.parse().unwrap();
        let schema = name.kind.known().unwrap().schema();
        let mut members = members.replace("\\n", "\n");
        if schema.owner().is_some() && !members.contains("externalClientApplication") {
            let app = name.name.split('_').next().unwrap();
            write!(
                members,
                "<externalClientApplication>{app}</externalClientApplication>"
            )
            .unwrap();
        }
        let root = schema.name;
        let text =
            format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{root}>");
        let path = format!("app/{}.{}-meta.xml", name.name, schema.suffix);
        if schema.content {
            let content = format!("app/{}.{}", name.name, schema.suffix);
            entries.push((content, members.into_bytes()));
        }
        entries.push((path, text.into_bytes()));
    }
    Project::from_entries(entries)
}

pub(crate) fn snapshot(side: &str) -> Snapshot {
    let project = project(side);
    assert!(
        project.unreadable().is_empty(),
        "{:?}",
        project.unreadable()
    );
    project.snapshot()
}

/// A plan of the sides. `-` as what was applied last is none.
pub(crate) fn planned(
    last: &str,
    desired: &str,
    actual: &str,
    facts: &Facts,
    options: &PlanOptions,
) -> Plan {
    let last = (last != "-").then(|| snapshot(last));
    plan(
        last.as_ref(),
        &snapshot(desired),
        &snapshot(actual),
        facts,
        options,
    )
}

/// The plan of the sides as text.
pub(crate) fn shown(last: &str, desired: &str, actual: &str, facts: &Facts) -> String {
    let plan = planned(last, desired, actual, facts, &PlanOptions::default());
    text(&plan, &Heading::new())
}
