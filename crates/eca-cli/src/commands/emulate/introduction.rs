//! The document that describes an org to clients.

use std::fmt;
use std::path::Path;

use eca_emulator::Org;
use schemars::JsonSchema;
use serde::Serialize;

/// What `eca emulate` prints on start; the members of its JSON document.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Introduction {
    pub(super) instance_url: String,
    site_url: String,
    org_id: String,
    api_version: String,
    username: String,
    password: String,
    pub(super) access_token: String,
    /// The authority that clients have to trust, when the org made its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_file: Option<String>,
    apps: Vec<App>,
}

#[derive(Serialize, JsonSchema)]
struct App {
    name: String,
    client_id: String,
    client_secret: String,
}

impl Introduction {
    /// Describes an org and its present apps.
    pub(super) fn new(org: &Org, ca_file: Option<&Path>) -> Self {
        let apps = org
            .apps()
            .into_iter()
            .filter_map(|name| {
                Some(App {
                    client_id: org.consumer_key(&name)?,
                    client_secret: org.consumer_secret(&name)?.expose_secret().to_owned(),
                    name,
                })
            })
            .collect();
        Self {
            instance_url: org.instance_url().to_owned(),
            site_url: org.site_url(),
            org_id: org.org_id().to_string(),
            api_version: org.api_version().to_string(),
            username: org.admin_username().to_owned(),
            password: org.admin_password().expose_secret().to_owned(),
            access_token: org.admin_access_token().expose_secret().to_owned(),
            ca_file: ca_file.map(|path| path.display().to_string()),
            apps,
        }
    }
}

impl fmt::Display for Introduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |label: &str, value: &str| writeln!(f, "{label:<14}{value}");
        line("instance URL", &self.instance_url)?;
        line("site URL", &self.site_url)?;
        line("org id", &self.org_id)?;
        line("API version", &self.api_version)?;
        line("user name", &self.username)?;
        line("password", &self.password)?;
        line("access token", &self.access_token)?;
        if let Some(file) = &self.ca_file {
            line("CA file", file)?;
        }
        for app in &self.apps {
            line("app", &app.name)?;
            line("client id", &app.client_id)?;
            line("client secret", &app.client_secret)?;
        }
        Ok(())
    }
}
