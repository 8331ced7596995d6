//! Enumerations of SAML policies.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// Formats of a SAML subject's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppNameIdFormatType {
    /// `Unspecified`.
    Unspecified,
    /// `EmailAddress`.
    EmailAddress,
    /// `Persistent`.
    Persistent,
    /// `Transient`.
    Transient,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// How SAML logout requests are sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppSamlBindingType {
    /// In the query of a redirect.
    RedirectBinding,
    /// In a form that the browser posts.
    PostBinding,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Ciphers of SAML assertions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppSamlEncryptType {
    /// AES with a key of 128 bits.
    #[value(name = "AES_128")]
    Aes128,
    /// AES with a key of 256 bits.
    #[value(name = "AES_256")]
    Aes256,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Algorithms that sign SAML assertions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppSamlSignAlgoType {
    /// RSA with SHA-1, which is weak.
    #[value(name = "SHA1")]
    Sha1,
    /// RSA with SHA-256.
    #[value(name = "SHA256")]
    Sha256,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What identifies the user in SAML assertions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppSamlSubjectType {
    /// `Username`.
    Username,
    /// `FederationId`.
    FederationId,
    /// `UserId`.
    UserId,
    /// `SpokeId`.
    SpokeId,
    /// The custom attribute that the policies name.
    CustomAttribute,
    /// `PersistentId`.
    PersistentId,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
