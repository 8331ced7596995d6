//! Enumerations of outbound credentials.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// Protocols of external and named credentials.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum AuthenticationProtocol {
    /// `NoAuthentication`.
    NoAuthentication,
    /// `Oauth`.
    Oauth,
    /// `Password`.
    Password,
    /// `AwsSv4`.
    AwsSv4,
    /// `Jwt`.
    Jwt,
    /// `JwtExchange`.
    JwtExchange,
    /// `C2c`.
    C2c,
    /// `Certificate`.
    #[value(since = 51)]
    Certificate,
    /// `NTLM`.
    #[value(name = "NTLM", since = 51)]
    Ntlm,
    /// `ApiKey`.
    #[value(since = 51)]
    ApiKey,
    /// `Custom`.
    #[value(since = 56)]
    Custom,
    /// `InternalOAuth`.
    #[value(since = 57)]
    InternalOAuth,
    /// `OrgJwt`.
    #[value(since = 59)]
    OrgJwt,
    /// `Basic`.
    #[value(since = 60)]
    Basic,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Whether callouts are allowed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum CalloutStatus {
    /// `Enabled`.
    Enabled,
    /// `Disabled`.
    Disabled,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What a parameter of an external credential sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExternalCredentialParamType {
    /// `ParameterGroup`.
    ParameterGroup,
    /// `AuthProviderUrl`.
    AuthProviderUrl,
    /// `AuthProviderUrlQueryParameter`.
    AuthProviderUrlQueryParameter,
    /// `AuthProviderHttpHeader`.
    #[value(until = 60)]
    AuthProviderHttpHeader,
    /// `AuthProviderHttpCookie`.
    #[value(until = 60)]
    AuthProviderHttpCookie,
    /// `AuthProviderClientCertificate`.
    #[value(until = 60)]
    AuthProviderClientCertificate,
    /// `AuthProviderServerCertificate`.
    #[value(until = 60)]
    AuthProviderServerCertificate,
    /// `FormulaVariable`.
    FormulaVariable,
    /// `AuthProviderAuthParameter`.
    AuthProviderAuthParameter,
    /// `AuthParameter`.
    AuthParameter,
    /// `NamedPrincipal`.
    NamedPrincipal,
    /// `PerUserPrincipal`.
    PerUserPrincipal,
    /// `AuthContext`.
    AuthContext,
    /// `AuthQueryParameter`.
    AuthQueryParameter,
    /// `AuthHeader`.
    AuthHeader,
    /// `AuthProvider`.
    #[value(since = 55)]
    AuthProvider,
    /// `AwsStsPrincipal`.
    #[value(since = 56)]
    AwsStsPrincipal,
    /// `AuthProtocolVariant`.
    #[value(since = 56)]
    AuthProtocolVariant,
    /// `SigningCertificate`.
    #[value(since = 57)]
    SigningCertificate,
    /// `JwtBodyClaim`.
    #[value(since = 57)]
    JwtBodyClaim,
    /// `JwtHeaderClaim`.
    #[value(since = 57)]
    JwtHeaderClaim,
    /// `CreatedByNamespace`.
    #[value(since = 59)]
    CreatedByNamespace,
    /// `ExternalAuthIdentityProvider`.
    #[value(since = 61)]
    ExternalAuthIdentityProvider,
    /// `AdditionalRefreshStatusCode`.
    #[value(since = 61)]
    AdditionalRefreshStatusCode,
    /// `GlobalNamedPrincipal`.
    #[value(since = 62)]
    GlobalNamedPrincipal,
    /// `SystemUserPrincipal`.
    #[value(since = 62)]
    SystemUserPrincipal,
    /// `ManagedByFeature`.
    #[value(since = 64)]
    ManagedByFeature,
    /// `ManagedByComponent`.
    #[value(since = 64)]
    ManagedByComponent,
    /// `SfHttpRequestExtensionName`.
    #[value(since = 65)]
    SfHttpRequestExtensionName,
    /// `TenantPrincipal`.
    #[value(since = 66)]
    TenantPrincipal,
    /// `CustomPrincipal`.
    #[value(since = 67)]
    CustomPrincipal,
    /// `PrincipalIdentityAlias`.
    #[value(since = 67)]
    PrincipalIdentityAlias,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// The identity under which callouts run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExternalPrincipalType {
    /// `Anonymous`.
    Anonymous,
    /// `PerUser`.
    PerUser,
    /// `NamedUser`.
    NamedUser,
    /// `UserWithImpersonation`.
    #[value(since = 51)]
    UserWithImpersonation,
    /// `NamedCustomPrincipal`.
    #[value(since = 67)]
    NamedCustomPrincipal,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What a parameter of an external auth identity provider sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlIdentityProviderParmType {
    /// `AuthorizeUrl`.
    AuthorizeUrl,
    /// `TokenUrl`.
    TokenUrl,
    /// `UrlQueryParameter`.
    UrlQueryParameter,
    /// `HttpHeader`.
    HttpHeader,
    /// `ClientCertificate`.
    ClientCertificate,
    /// `SigningCertificate`.
    SigningCertificate,
    /// `RequestBodyParameter`.
    RequestBodyParameter,
    /// `JwtBodyClaim`.
    JwtBodyClaim,
    /// `JwtHeaderClaim`.
    JwtHeaderClaim,
    /// `CreatedByNamespace`.
    CreatedByNamespace,
    /// `UserInfoUrl`.
    #[value(since = 62)]
    UserInfoUrl,
    /// `ClientAuthentication`.
    #[value(since = 63)]
    ClientAuthentication,
    /// `IdentityProviderOptions`.
    #[value(since = 63)]
    IdentityProviderOptions,
    /// `AuthorizeRequestQueryParameter`.
    #[value(since = 63)]
    AuthorizeRequestQueryParameter,
    /// `TokenRequestQueryParameter`.
    #[value(since = 63)]
    TokenRequestQueryParameter,
    /// `TokenRequestBodyParameter`.
    #[value(since = 63)]
    TokenRequestBodyParameter,
    /// `TokenRequestHttpHeader`.
    #[value(since = 63)]
    TokenRequestHttpHeader,
    /// `RefreshRequestQueryParameter`.
    #[value(since = 63)]
    RefreshRequestQueryParameter,
    /// `RefreshRequestBodyParameter`.
    #[value(since = 63)]
    RefreshRequestBodyParameter,
    /// `RefreshRequestHttpHeader`.
    #[value(since = 63)]
    RefreshRequestHttpHeader,
    /// `StandardExternalIdentityProvider`.
    #[value(since = 63)]
    StandardExternalIdentityProvider,
    /// `ManagedByFeature`.
    #[value(since = 64)]
    ManagedByFeature,
    /// `ManagedByComponent`.
    #[value(since = 64)]
    ManagedByComponent,
    /// `SfHttpRequestExtensionName`.
    #[value(since = 67)]
    SfHttpRequestExtensionName,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// OAuth flows of external auth identity providers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum IdentityProviderAuthFlow {
    /// `AuthorizationCode`.
    AuthorizationCode,
    /// `ClientCredentials`.
    ClientCredentials,
    /// `JwtBearer`.
    JwtBearer,
    /// `SalesforceDefined`.
    #[value(since = 63)]
    SalesforceDefined,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Protocols of external auth identity providers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum IdentityProviderAuthProtocol {
    /// `OAuth`.
    OAuth,
    /// `SalesforceDefined`.
    #[value(since = 63)]
    SalesforceDefined,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What a parameter of a named credential sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum NamedCredentialParamType {
    /// `Url`.
    Url,
    /// `UrlQueryParameter`.
    UrlQueryParameter,
    /// `HttpHeader`.
    HttpHeader,
    /// `HttpCookie`.
    HttpCookie,
    /// `ClientCertificate`.
    ClientCertificate,
    /// `ServerCertificate`.
    ServerCertificate,
    /// `FormulaVariable`.
    FormulaVariable,
    /// `Authentication`.
    Authentication,
    /// `OutboundNetworkConnection`.
    OutboundNetworkConnection,
    /// `AllowedManagedPackageNamespaces`.
    #[value(since = 56)]
    AllowedManagedPackageNamespaces,
    /// `CreatedByNamespace`.
    #[value(since = 59)]
    CreatedByNamespace,
    /// `CustomParameter`.
    #[value(since = 60)]
    CustomParameter,
    /// `StandardNamedCredentialType`.
    #[value(since = 60)]
    StandardNamedCredentialType,
    /// `ManagedByFeature`.
    #[value(since = 61)]
    ManagedByFeature,
    /// `ManagedByComponent`.
    #[value(since = 61)]
    ManagedByComponent,
    /// `ConnectionStatus`.
    #[value(since = 61)]
    ConnectionStatus,
    /// `SfHttpRequestExtensionName`.
    #[value(since = 65)]
    SfHttpRequestExtensionName,
    /// `NamedCredentialOptions`.
    #[value(since = 66)]
    NamedCredentialOptions,
    /// `ManagedByNamespace`.
    #[value(since = 66)]
    ManagedByNamespace,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// The models of named credentials.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum NamedCredentialType {
    /// `Legacy`.
    Legacy,
    /// `AnonymousEndpoint`.
    AnonymousEndpoint,
    /// `SecuredEndpoint`.
    SecuredEndpoint,
    /// `PrivateEndpoint`.
    PrivateEndpoint,
    /// `Credentials`.
    Credentials,
    /// `Standard`.
    #[value(since = 60)]
    Standard,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
