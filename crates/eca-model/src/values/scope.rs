//! OAuth scopes and their two vocabularies.

use std::fmt;

use crate::values::version::ApiVersion;

/// The facts about one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeSchema {
    /// The token in `commaSeparatedOauthScopes`.
    pub token: &'static str,
    /// The name in OAuth requests and in the public OpenID discovery document; `None` where none
    /// is confirmed.
    pub runtime: Option<&'static str>,
    /// The first API version whose scope enumeration has it.
    pub since: ApiVersion,
    /// Whether an org at API 67.0 listed the token as valid when it refused another one. The
    /// others are in the schema of 68.0 only, and no org has been observed to accept or refuse
    /// them.
    pub confirmed: bool,
}

/// An OAuth scope as metadata files write it: known or not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scope(Known);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Known {
    /// An index of [`ALL`].
    Listed(usize),
    Other(String),
}

impl Scope {
    /// The token in the file.
    pub fn token(&self) -> &str {
        match &self.0 {
            Known::Listed(index) => ALL[*index].token,
            Known::Other(token) => token,
        }
    }

    /// The facts about it; `None` for a token that is in no list.
    pub fn schema(&self) -> Option<&'static ScopeSchema> {
        match self.0 {
            Known::Listed(index) => Some(&ALL[index]),
            Known::Other(_) => None,
        }
    }
}

impl From<&str> for Scope {
    fn from(token: &str) -> Self {
        let listed = ALL.iter().position(|scope| scope.token == token);
        Self(listed.map_or_else(|| Known::Other(token.to_owned()), Known::Listed))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.token())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.token(), formatter)
    }
}

/// The scope with this metadata token. Tokens are case-sensitive.
pub fn lookup(token: &str) -> Option<&'static ScopeSchema> {
    ALL.iter().find(|scope| scope.token == token)
}

const fn scope(
    token: &'static str,
    runtime: Option<&'static str>,
    since: u16,
    confirmed: bool,
) -> ScopeSchema {
    ScopeSchema {
        token,
        runtime,
        since: ApiVersion::new(since),
        confirmed,
    }
}

/// Every scope, in the order of the server's list (metadata WSDL 66.0,
/// `ConnectedAppOauthAccessScope`, and the list that an org at 67.0 prints when it refuses a
/// token). ECA files use `SFApiPlatform` where the enumeration of connected apps has `SFAP`.
pub const ALL: &[ScopeSchema] = &[
    scope("Basic", Some("id"), 47, true),
    scope("Api", Some("api"), 47, true),
    scope("Web", Some("web"), 47, true),
    scope("Full", Some("full"), 47, true),
    scope("Chatter", Some("chatter_api"), 47, true),
    scope("CustomApplications", Some("visualforce"), 47, true),
    scope("RefreshToken", Some("refresh_token"), 47, true),
    scope("OpenID", Some("openid"), 47, true),
    scope("Profile", Some("profile"), 47, true),
    scope("Email", Some("email"), 47, true),
    scope("Address", Some("address"), 47, true),
    scope("Phone", Some("phone"), 47, true),
    scope("OfflineAccess", Some("offline_access"), 47, true),
    scope("CustomPermissions", Some("custom_permissions"), 47, true),
    scope("Wave", Some("wave_api"), 47, true),
    scope("Eclair", Some("eclair_api"), 47, true),
    scope("Pardot", Some("pardot_api"), 49, true),
    scope("Lightning", Some("lightning"), 51, true),
    scope("Content", Some("content"), 51, true),
    scope("CDPIngest", Some("cdp_ingest_api"), 52, true),
    scope("CDPProfile", Some("cdp_profile_api"), 53, true),
    scope("CDPQuery", Some("cdp_query_api"), 53, true),
    scope("Chatbot", Some("chatbot_api"), 54, true),
    scope("CDPSegment", Some("cdp_segment_api"), 55, true),
    scope(
        "CDPIdentityResolution",
        Some("cdp_identityresolution_api"),
        57,
        true,
    ),
    scope(
        "CDPCalculatedInsight",
        Some("cdp_calculated_insight_api"),
        57,
        true,
    ),
    scope("ForgotPassword", Some("forgot_password"), 57, true),
    scope("UserRegistration", Some("user_registration_api"), 58, true),
    scope("SFApiPlatform", Some("sfap_api"), 58, true),
    scope("Interaction", Some("interaction_api"), 58, true),
    scope("CDP", Some("cdp_api"), 58, true),
    scope("EinsteinGPT", Some("einstein_gpt_api"), 59, true),
    scope("PwdlessLogin", Some("pwdless_login_api"), 59, true),
    scope("MCP", Some("mcp_api"), 66, true),
    scope("SCRT", Some("scrt_api"), 66, true),
    scope("DataCloudUserClaims", None, 67, true),
    scope("A2A", None, 68, false),
    scope("CmdbDiscovery", None, 68, false),
    scope("SemanticLayer", None, 68, false),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::text::ScopeList;

    #[test]
    fn two_vocabularies() {
        assert_eq!(
            lookup("SFApiPlatform").and_then(|s| s.runtime),
            Some("sfap_api")
        );
        assert_eq!(lookup("SFAP"), None);
        assert_eq!(Scope::from("Api").token(), "Api");
        assert!(Scope::from("api").schema().is_none());
        assert_eq!(Scope::from("api").token(), "api");
        let list = ScopeList::from("RefreshToken, Api,api ,, A2A,Basic".to_owned());
        let names: Vec<_> = list.runtime_names().collect();
        assert_eq!(names, ["refresh_token", "api", "id"]);
    }
}
