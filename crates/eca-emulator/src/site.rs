//! The switches of the Experience Cloud site for off-platform apps.

/// The switches that headless flows need, of the site's "Login & Registration" page and of the org.
///
/// In an org they are the fields of `NetworkAuthApiSettings` (Object Reference) and the switch
/// "Allow Authorization Code and Credentials Flows" of Setup. There all of them are off until an
/// administrator turns them on. Here all flows are on, since an org that is started for a test has
/// no administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteSettings {
    /// Whether apps may use the authorization challenge endpoint (`isFirstPartyAppsAllowed`).
    pub first_party_apps: bool,
    /// The org's switch "Allow Authorization Code and Credentials Flows".
    pub code_and_credentials: bool,
    /// Headless registration (`IsHeadlessUserRegistrationAllowed`).
    pub registration: HeadlessApi,
    /// Headless passwordless login.
    pub passwordless_login: HeadlessApi,
    /// Headless forgot password (`IsForgotPwdAllowed`).
    pub forgot_password: HeadlessApi,
    /// "Require reCAPTCHA for Username Password" (`DoesPasswordLoginRequireAuth`, whose name
    /// suggests something else), for the challenge endpoint and the authorization request of a
    /// login. The parameter's name there is not published; this org uses `recaptcha`.
    pub password_login_needs_recaptcha: bool,
    /// The only reCAPTCHA response that counts as solved. This org does not ask Google: with
    /// `None` every response that is not empty counts.
    pub recaptcha_response: Option<String>,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            first_party_apps: true,
            code_and_credentials: true,
            registration: HeadlessApi::Recaptcha,
            passwordless_login: HeadlessApi::Recaptcha,
            forgot_password: HeadlessApi::Recaptcha,
            password_login_needs_recaptcha: false,
            recaptcha_response: None,
        }
    }
}

/// Whether a Headless Identity API is on, and what proves that a request comes from an app
/// (Salesforce Help, "Headless Identity APIs": authentication or reCAPTCHA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadlessApi {
    /// It is off.
    Off,
    /// A reCAPTCHA response in the request.
    Recaptcha,
    /// The access token of an integration user, with the scope for the API.
    Authentication,
}

impl HeadlessApi {
    /// Its name in `/_org/site`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Recaptcha => "recaptcha",
            Self::Authentication => "authentication",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Off, Self::Recaptcha, Self::Authentication]
            .into_iter()
            .find(|api| api.name() == name)
    }
}
