//! `.eca` files.

use crate::types::{ExternalAppOauthConfig, ExtlClntAppDistState, ExtlClntAppManagedType};
use eca_model_derive::Record;

/// The header of an external client app: what it is called, whom to contact, and whether it may be
/// packaged.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "externalClientApps", suffix = "eca", since = 56)]
pub struct ExternalClientApplication {
    /// The e-mail address of the person responsible for the app. Setup demands it, the schema does
    /// not.
    pub contact_email: Option<String>,
    /// The telephone number of the person responsible.
    #[field(since = 57)]
    pub contact_phone: Option<String>,
    /// Free text for administrators.
    pub description: Option<String>,
    /// Whether the app lives in this org only (`Local`) or goes into a package (`Packaged`). Local
    /// and packaged apps treat their org-bound members in opposite ways. SAML needs a local
    /// app.
    #[field(since = 57)]
    pub distribution_state: Option<ExtlClntAppDistState>,
    /// The address of a small picture.
    pub icon_url: Option<String>,
    /// The address of a page about the app. The guide calls it reserved; orgs accept and return
    /// it.
    pub info_url: Option<String>,
    /// Historic: whether the app goes into a package. Now `distributionState`.
    #[field(until = 56)]
    pub is_distributed: Option<bool>,
    /// Whether subscribers of a package may refer to the app.
    #[field(default = "false", always_retrieved)]
    pub is_protected: Option<bool>,
    /// The name that people see.
    #[field(since = 57)]
    pub label: Option<String>,
    /// The address of the logo.
    pub logo_url: Option<String>,
    /// Internal to Salesforce; not to be written by hand.
    #[field(since = 60)]
    pub managed_type: Option<ExtlClntAppManagedType>,
    /// Historic: the name that people see. Now `label`.
    #[field(until = 56, required)]
    pub master_label: Option<String>,
    /// Historic: the OAuth configuration. Now types of its own.
    #[field(until = 56, required)]
    pub oauth_dev: Option<ExternalAppOauthConfig>,
    /// `<15-character org id>:<developer name>`, made by the org on the first deploy. Bound to
    /// that org: a local app must not carry it elsewhere.
    #[field(generated)]
    pub org_scoped_external_app: Option<String>,
}
