//! `.ecaOauthPlcy` files.

use crate::types::{
    JWTSessionTimeoutType, PermittedUsersPolicyType, PolicyAction, RefreshTokenPolicyType,
    SessionSecurityLevel,
};
use crate::values::text::NameList;
use eca_model_derive::Record;

/// The administrator's part of an app's OAuth configuration: who may use the app, and for how long.
/// The org creates a default record on the first deploy; there is one per app.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppOauthPolicies",
    suffix = "ecaOauthPlcy",
    since = 57,
    org_made
)]
pub struct ExtlClntAppOauthConfigurablePolicies {
    /// The Apex class that customises authorization.
    #[field(since = 61, references = "ApexClass")]
    pub apex_handler: Option<String>,
    /// The user name that the client credentials flow runs as; should be an API-only user of the
    /// target org.
    #[field(since = 60, references = "User")]
    pub client_credentials_flow_user: Option<String>,
    /// Custom scopes by developer name.
    #[field(since = 61, references = "OauthCustomScope")]
    pub comma_separated_custom_scopes: Option<NameList>,
    /// The permission sets whose users are pre-approved. Names in practice, although the guide
    /// states ids; an org writes commas without spaces.
    #[field(since = 58, references = "PermissionSet")]
    pub comma_separated_permission_set: Option<NameList>,
    /// The profiles whose users are pre-approved, by name.
    #[field(since = 62, references = "Profile")]
    pub comma_separated_profile: Option<NameList>,
    /// Attributes that the administrator adds. Their keys are unique.
    #[field(since = 59, max_items = 128, key = "key")]
    pub custom_attributes: Vec<ExtlClntAppOauthPoliciesAttribute>,
    /// The user name that the Apex handler runs as.
    #[field(since = 61, references = "User")]
    pub execute_handler_as: Option<String>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// What sets the lifetime of guest JWTs.
    #[field(since = 65)]
    pub guest_jwt_session_timeout_type: Option<JWTSessionTimeoutType>,
    /// The lifetime of guest JWTs in minutes; one of a fixed set.
    #[field(since = 61)]
    pub guest_jwt_timeout: Option<i32>,
    /// How strictly the IP ranges of users' profiles are enforced.
    #[field(values = "Enforce, Bypass, Bypass_2factor, Enforce_RelaxRefresh")]
    pub ip_relaxation_policy_type: Option<String>,
    /// Whether the client credentials flow is enabled in this org.
    #[field(since = 60, default = "false")]
    pub is_client_credentials_flow_enabled: Option<bool>,
    /// Whether guests may use the Authorization Code and Credentials flow. Needs JWT-format
    /// tokens.
    #[field(since = 61, default = "false")]
    pub is_guest_code_cred_flow_enabled: Option<bool>,
    /// Historic: whether users get JWT-format tokens. Now a member of the global settings.
    #[field(since = 61, until = 63, default = "false")]
    pub is_named_user_jwt_enabled: Option<bool>,
    /// Whether the token exchange flow is enabled in this org.
    #[field(since = 60, default = "false")]
    pub is_token_exchange_flow_enabled: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
    /// What sets the lifetime of users' JWTs.
    #[field(since = 65)]
    pub named_user_jwt_session_timeout_type: Option<JWTSessionTimeoutType>,
    /// The lifetime of users' JWTs in minutes; one of a fixed set.
    #[field(since = 61)]
    pub named_user_jwt_timeout: Option<i32>,
    /// Whether every user may authorize the app, or only those whom an administrator pre-approved.
    /// A change to pre-approval logs users out.
    pub permitted_users_policy_type: Option<PermittedUsersPolicyType>,
    /// What happens to a session below the required level.
    #[field(since = 58)]
    pub policy_action: Option<PolicyAction>,
    /// How long refresh tokens live.
    pub refresh_token_policy_type: Option<RefreshTokenPolicyType>,
    /// The number of units of the refresh policy.
    #[field(range = 1..=2_147_483_647)]
    pub refresh_token_validity_period: Option<i32>,
    /// The unit of that number.
    #[field(values = "Days, Hours, Months")]
    pub refresh_token_validity_unit: Option<String>,
    /// The session security level that the app requires.
    #[field(since = 58, default = "STANDARD", always_retrieved)]
    pub required_session_level: Option<SessionSecurityLevel>,
    /// The session timeout for opaque tokens.
    #[field(since = 58)]
    pub session_timeout_in_minutes: Option<i32>,
    /// Where the org sends a logout request.
    pub single_logout_url: Option<String>,
    /// The page that the app opens with.
    pub start_url: Option<String>,
}

/// A custom attribute of the OAuth policies.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppOauthPoliciesAttribute {
    /// The field that gives the value.
    #[field(since = 59, required)]
    pub formula: Option<String>,
    /// The attribute's name, unique in the file.
    #[field(since = 59, required)]
    pub key: Option<String>,
}
