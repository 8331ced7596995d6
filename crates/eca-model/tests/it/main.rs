//! Tests of the public API of `eca-model`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod edit;
mod every_type;
mod field;
mod format;
mod generated;
mod json;
mod json_schema;
mod locality;
mod lossless;
mod manifests;
mod meaning;
mod oracle;
mod overlay;
mod project;
mod project_edit;
mod references;
mod refusal;
mod schema;
mod tables;
mod write;

/// The namespace attribute that every metadata file carries.
const XMLNS: &str = r#"xmlns="http://soap.sforce.com/2006/04/metadata""#;

/// A file of OAuth settings around these members.
fn oauth_settings(members: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ExtlClntAppOauthSettings {XMLNS}>\n{members}</ExtlClntAppOauthSettings>\n"
    )
}
