//! `.network` files, as far as they concern headless logins.

use eca_model_derive::Record;

use crate::values::text::SecretText;

/// An Experience Cloud site. Only its switches for headless flows are typed; all other members are
/// kept unchanged.
///
/// # Sources
/// Metadata WSDL 57.0 to 66.0, `Network`.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "networks",
    suffix = "network",
    since = 47,
    partial,
    free_names
)]
pub struct Network {
    /// The switches for headless flows.
    #[field(since = 60)]
    pub network_auth_api_settings: Option<NetworkAuthApiSettings>,
}

/// The switches of a site for headless flows (Setup: Digital Experiences, All Sites,
/// Administration, Login & Registration).
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct NetworkAuthApiSettings {
    /// Whether headless forgot password needs an authenticated client.
    #[field(since = 60)]
    pub does_forgot_password_require_auth: Option<bool>,
    /// Whether a login by user name and password needs an authenticated client.
    #[field(since = 62)]
    pub does_password_login_require_auth: Option<bool>,
    /// Whether a passwordless login needs an authenticated client.
    #[field(since = 60)]
    pub does_pwdless_login_require_auth: Option<bool>,
    /// Whether a registration needs an authenticated client.
    #[field(since = 60)]
    pub does_registration_require_auth: Option<bool>,
    /// The templates that mails of headless forgot password may use.
    #[field(since = 60, key = "emailTemplate")]
    pub email_tmpls_allowlist: Vec<NetworkEmailTmplAllowlist>,
    /// The user that the discovery handler runs as.
    #[field(since = 62)]
    pub headless_discovery_execution_user: Option<String>,
    /// The Apex class that finds the user of a login.
    #[field(since = 62, references = "ApexClass")]
    pub headless_discovery_handler: Option<String>,
    /// Whether apps may use OAuth 2.0 for First-Party Applications on this site.
    #[field(since = 62)]
    pub is_first_party_apps_allowed: Option<bool>,
    /// Whether headless forgot password is on.
    #[field(since = 60)]
    pub is_forgot_pwd_allowed: Option<bool>,
    /// Whether only the listed templates may be used.
    #[field(since = 60)]
    pub is_forgot_pwd_email_template_allowlisting_enabled: Option<bool>,
    /// Whether headless registration is on.
    #[field(since = 60)]
    pub is_headless_user_registration_allowed: Option<bool>,
    /// Whether headless passwordless login is on.
    #[field(since = 60)]
    pub is_pwdless_login_allowed: Option<bool>,
    /// Whether forgot password needs a reCAPTCHA token.
    #[field(since = 60)]
    pub is_recaptcha_required_forgot_pwd: Option<bool>,
    /// Whether a passwordless login needs a reCAPTCHA token.
    #[field(since = 60)]
    pub is_recaptcha_required_pwdless_login: Option<bool>,
    /// Whether a registration needs a reCAPTCHA token.
    #[field(since = 60)]
    pub is_recaptcha_required_rgstr: Option<bool>,
    /// For Salesforce's own use.
    #[field(since = 60)]
    pub is_universal_client_rgstr_allowed: Option<bool>,
    /// Whether forgot password may find a user by something else than the user name.
    #[field(since = 63)]
    pub is_user_disambiguation_allowed_forgot_pwd: Option<bool>,
    /// Whether a password login may find a user by something else than the user name.
    #[field(since = 63)]
    pub is_user_disambiguation_allowed_username_pwd: Option<bool>,
    /// How often a new password may be tried.
    #[field(since = 60)]
    pub max_password_reset_attempts: Option<i32>,
    /// The reCAPTCHA score from which on a request is let in, 0 to 1.
    #[field(since = 60)]
    pub recaptcha_score_threshold: Option<String>,
    /// The secret key of reCAPTCHA. Must never be in a file.
    #[field(since = 60, secret)]
    pub recaptcha_secret_key: Option<SecretText>,
    /// The user that the registration handler runs as.
    #[field(since = 60)]
    pub registration_execution_user: Option<String>,
    /// The Apex class that makes a user of a registration.
    #[field(since = 60, references = "ApexClass")]
    pub registration_handler: Option<String>,
    /// The profile of registered users.
    #[field(since = 60)]
    pub registration_user_default_profile: Option<String>,
}

/// A template that headless forgot password may use.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct NetworkEmailTmplAllowlist {
    /// The template.
    #[field(since = 60, required)]
    pub email_template: Option<String>,
}
