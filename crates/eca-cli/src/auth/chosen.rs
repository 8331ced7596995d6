//! The line that says which org a command talks to, and why.

use std::path::Path;

use eca_http::is_loopback;
use eca_oauth::InstanceUrl;

use crate::context::Context;

/// Endings of host names and the kinds of org that have them (Salesforce Help, "My Domain URL
/// Formats"), special ones first.
const KINDS: [(&str, &str); 8] = [
    (".sandbox.my.salesforce.com", "sandbox"),
    (".scratch.my.salesforce.com", "scratch org"),
    (".develop.my.salesforce.com", "developer org"),
    ("-dev-ed.my.salesforce.com", "developer org"),
    (".trailblaze.my.salesforce.com", "Trailhead playground"),
    (".demo.my.salesforce.com", "demo org"),
    (".patch.my.salesforce.com", "patch org"),
    (".my.salesforce.com", "production"),
];

/// Prints the org of this command, once. `choice` is the option, variable or file that named it.
pub(super) fn announce(
    context: &Context,
    name: Option<&str>,
    instance: &InstanceUrl,
    choice: &str,
) {
    let name = name.map_or_else(String::new, |name| format!(" {name}"));
    let kind = kind(instance).map_or_else(String::new, |kind| format!(", {kind}"));
    context.announce_org(format!(
        "org{name}: {}{kind}, chosen by {choice}",
        instance.as_str()
    ));
}

/// What an org of eca.toml was chosen by.
pub(super) fn choice(context: &Context, config: &Path) -> String {
    match (context.org_name(), context.org_is_from_environment()) {
        (Some(_), false) => "--org".to_owned(),
        (Some(_), true) => "ECA_ORG".to_owned(),
        (None, _) => format!("default-org of {}", config.display()),
    }
}

/// The kind of org, as far as the host's name tells.
fn kind(instance: &InstanceUrl) -> Option<&'static str> {
    let url: http::Uri = instance.as_str().parse().ok()?;
    if is_loopback(&url) {
        return Some("local org");
    }
    let host = url.host()?.to_ascii_lowercase();
    // Before enhanced domains, a sandbox had no part of its own: `acme--uat.my.salesforce.com`.
    let is_older_sandbox = host.contains("--") && !host.contains(".scratch.");
    let (_, kind) = KINDS.iter().find(|(end, _)| host.ends_with(end))?;
    Some(if is_older_sandbox { "sandbox" } else { kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_host_name() {
        for (host, expected) in [
            ("https://acme.my.salesforce.com", Some("production")),
            (
                "https://acme--uat.sandbox.my.salesforce.com",
                Some("sandbox"),
            ),
            ("https://acme--uat.my.salesforce.com", Some("sandbox")),
            (
                "https://a-b-1.scratch.my.salesforce.com",
                Some("scratch org"),
            ),
            (
                "https://acme-dev-ed.develop.my.salesforce.com",
                Some("developer org"),
            ),
            (
                "https://acme-dev-ed.my.salesforce.com",
                Some("developer org"),
            ),
            (
                "https://acme.trailblaze.my.salesforce.com",
                Some("Trailhead playground"),
            ),
            ("http://127.0.0.1:4701", Some("local org")),
            ("https://na1.salesforce.com", None),
            ("https://my.salesforce.com.example", None),
        ] {
            let instance = host.parse().unwrap();
            assert_eq!(kind(&instance), expected, "{host}");
        }
    }
}
