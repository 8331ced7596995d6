//! Apps as an org's retrieve writes them: five files each.

use super::Entries;

/// The files of that many apps, in the source format and in the order of a walk through folders.
pub(crate) fn entries(count: usize) -> Entries {
    let mut files: Entries = (0..count).flat_map(files_of).collect();
    files.sort();
    // In memory too they stand in that order.
    files
        .iter()
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}

/// The five files of one app.
pub(crate) fn files_of(number: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    TEMPLATES.iter().map(move |(folder, file, template)| {
        let path = format!("{folder}/App_{number}{file}-meta.xml");
        let text = template.replace("NUMBER", &number.to_string());
        (path, text.into_bytes())
    })
}

const TEMPLATES: [(&str, &str, &str); 5] = [
    ("externalClientApps", ".eca", include_str!("app.xml")),
    (
        "extlClntAppOauthSettings",
        "_oauth.ecaOauth",
        include_str!("oauth.xml"),
    ),
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
        "extlClntAppPolicies",
        "_plcy.ecaPlcy",
        include_str!("policies.xml"),
    ),
];
