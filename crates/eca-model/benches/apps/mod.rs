//! Apps as an org's retrieve writes them: five files each.

use super::Entries;

/// The files of that many apps, in the source format and in the order of a walk through folders. Nothing else is kept
/// in memory on the way.
pub(crate) fn entries(count: usize) -> Entries {
    let mut numbers: Vec<_> = (0..count).map(|number| number.to_string()).collect();
    let mut entries = Vec::with_capacity(count * TEMPLATES.len());
    for template in &TEMPLATES {
        numbers.sort_by_cached_key(|number| file_name(template, number));
        entries.extend(numbers.iter().map(|number| file(template, number)));
    }
    entries
}

/// The five files of one app.
pub(crate) fn files_of(number: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    TEMPLATES
        .iter()
        .map(move |template| file(template, &number.to_string()))
}

/// Folder, end of the name, text.
type Template = (&'static str, &'static str, &'static str);

fn file_name((folder, end, _): &Template, number: &str) -> String {
    format!("{folder}/App_{number}{end}-meta.xml")
}

fn file(template: &Template, number: &str) -> (String, Vec<u8>) {
    let mut bytes = template.2.replace("NUMBER", number).into_bytes();
    bytes.shrink_to_fit();
    (file_name(template, number), bytes)
}

const TEMPLATES: [Template; 5] = [
    ("externalClientApps", ".eca", include_str!("app.xml")),
    (
        "extlClntAppGlobalOauthSets",
        "_glbloauth.ecaGlblOauth",
        include_str!("global.xml"),
    ),
    (
        "extlClntAppOauthPolicies",
        "_oauthPlcy.ecaOauthPlcy",
        include_str!("oauth_policies.xml"),
    ),
    (
        "extlClntAppOauthSettings",
        "_oauth.ecaOauth",
        include_str!("oauth.xml"),
    ),
    (
        "extlClntAppPolicies",
        "_plcy.ecaPlcy",
        include_str!("policies.xml"),
    ),
];
