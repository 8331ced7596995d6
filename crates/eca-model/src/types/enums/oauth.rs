//! Enumerations of OAuth settings.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// OAuth scopes in the vocabulary of connected apps. That of external client apps differs in one
/// word: SFApiPlatform instead of SFAP.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ConnectedAppOauthAccessScope {
    /// `Basic`.
    Basic,
    /// `Api`.
    Api,
    /// `Web`.
    Web,
    /// `Full`.
    Full,
    /// `Chatter`.
    Chatter,
    /// `CustomApplications`.
    CustomApplications,
    /// `RefreshToken`.
    RefreshToken,
    /// `OpenID`.
    #[value(name = "OpenID")]
    OpenId,
    /// `Profile`.
    Profile,
    /// `Email`.
    Email,
    /// `Address`.
    Address,
    /// `Phone`.
    Phone,
    /// `OfflineAccess`.
    OfflineAccess,
    /// `CustomPermissions`.
    CustomPermissions,
    /// `Wave`.
    Wave,
    /// `Eclair`.
    Eclair,
    /// `Pardot`.
    #[value(since = 49)]
    Pardot,
    /// `Lightning`.
    #[value(since = 51)]
    Lightning,
    /// `Content`.
    #[value(since = 51)]
    Content,
    /// `CDPIngest`.
    #[value(name = "CDPIngest", since = 52)]
    CdpIngest,
    /// `CDPProfile`.
    #[value(name = "CDPProfile", since = 53)]
    CdpProfile,
    /// `CDPQuery`.
    #[value(name = "CDPQuery", since = 53)]
    CdpQuery,
    /// `Chatbot`.
    #[value(since = 54)]
    Chatbot,
    /// `CDPSegment`.
    #[value(name = "CDPSegment", since = 55)]
    CdpSegment,
    /// `CDPIdentityResolution`.
    #[value(name = "CDPIdentityResolution", since = 57)]
    CdpIdentityResolution,
    /// `CDPCalculatedInsight`.
    #[value(name = "CDPCalculatedInsight", since = 57)]
    CdpCalculatedInsight,
    /// `ForgotPassword`.
    #[value(since = 57)]
    ForgotPassword,
    /// `UserRegistration`.
    #[value(since = 58)]
    UserRegistration,
    /// `SFAP`.
    #[value(name = "SFAP", since = 58)]
    Sfap,
    /// `Interaction`.
    #[value(since = 58)]
    Interaction,
    /// `CDP`.
    #[value(name = "CDP", since = 58)]
    Cdp,
    /// `EinsteinGPT`.
    #[value(name = "EinsteinGPT", since = 59)]
    EinsteinGpt,
    /// `PwdlessLogin`.
    #[value(since = 59)]
    PwdlessLogin,
    /// `MCP`.
    #[value(name = "MCP", since = 66)]
    Mcp,
    /// `SCRT`.
    #[value(name = "SCRT", since = 66)]
    Scrt,
    /// `DataCloudUserClaims`.
    #[value(since = 67)]
    DataCloudUserClaims,
    /// `A2A`.
    #[value(name = "A2A", since = 68)]
    A2a,
    /// `CmdbDiscovery`.
    #[value(since = 68)]
    CmdbDiscovery,
    /// `SemanticLayer`.
    #[value(since = 68)]
    SemanticLayer,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Which name in a TLS client certificate is checked (RFC 8705, section 2.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum TlsClientAuthCertParamType {
    /// The subject.
    #[value(name = "tls_client_auth_subject_dn")]
    SubjectDn,
    /// A DNS name.
    #[value(name = "tls_client_auth_san_dns")]
    SanDns,
    /// A URI.
    #[value(name = "tls_client_auth_san_uri")]
    SanUri,
    /// An IP address.
    #[value(name = "tls_client_auth_san_ip")]
    SanIp,
    /// An e-mail address.
    #[value(name = "tls_client_auth_san_email")]
    SanEmail,
    /// A SPIFFE id.
    #[value(name = "tls_client_auth_san_spiffe")]
    SanSpiffe,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
