//! Salesforce's domains (Salesforce Help, "My Domain URL Formats" and "OAuth Endpoints").

/// The endings of the hosts that Salesforce serves itself. A custom domain of a site has none of
/// them.
const SALESFORCE: &[&str] = &[
    // Login hosts and My Domain; also its older forms, such as `na1.salesforce.com`.
    ".salesforce.com",
    // Lightning, Visualforce and content.
    ".force.com",
    ".my.salesforce-setup.com",
    // Experience Cloud sites and Salesforce Sites.
    ".my.site.com",
    ".my.salesforce-sites.com",
    // Government Cloud Plus - Defense.
    ".my.salesforce.mil",
    // An older My Domain suffix.
    ".cloudforce.com",
];

/// An org's own hosts: login and API, Lightning, Setup.
const ORGS: &[&str] = &[
    ".my.salesforce.com",
    ".lightning.force.com",
    ".my.salesforce-setup.com",
];

/// Whether this host serves an org's Lightning pages.
pub(crate) fn is_lightning_host(name: &str) -> bool {
    ends_in(name, &[".lightning.force.com"])
}

/// Whether Salesforce serves this host.
pub(crate) fn is_salesforce(name: &str) -> bool {
    ends_in(name, SALESFORCE)
}

/// Whether this is an org's own host.
pub(crate) fn is_org_host(name: &str) -> bool {
    ends_in(name, ORGS)
}

/// Whether this is an Experience Cloud site with Salesforce's own domain.
pub(crate) fn is_site_host(name: &str) -> bool {
    ends_in(name, &[".my.site.com"])
}

/// Whether every org shares this host.
pub(crate) fn is_login_host(name: &str) -> bool {
    matches!(
        name,
        "login.salesforce.com" | "test.salesforce.com" | "welcome.salesforce.com"
    )
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| name.ends_with(ending))
}
