//! Facts about single members.

/// Who decides the value of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecidedBy {
    /// The project.
    Project,
    /// The project, when the org makes the component. A later value is not taken.
    ProjectOnce,
    /// The org. Its value is bound to it.
    Org,
    /// A secret: an org takes it and does not show it, and it must not stand in a file.
    Secret,
}

/// What a certificate in a member is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CertificateUse {
    /// It verifies what an app signs with RS256: client attestations and JWT bearer assertions.
    Assertions,
    /// It signs asset tokens. The guide calls the value the id of a certificate of the org.
    AssetTokens,
    /// It verifies the requests of a SAML service provider. Without it the org takes unsigned ones.
    SamlRequests,
    /// SAML assertions are encrypted to it. The guide wants a certificate of the org's Certificate
    /// and Key Management, and does not say whether its name or its text.
    SamlEncryption,
    /// It signs in at the Apple Push Notification service: a PKCS #12 archive with its key.
    Push,
    /// It is a certificate of the org: the `.crt` file of `Certificate` metadata. No member holds
    /// one.
    Org,
}

/// How several items stand in one text. An org reads white space around them as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListInText {
    /// With commas; an org writes `A,B`.
    Commas,
    /// With commas; an org writes `A, B`.
    SpacedCommas,
    /// One a line.
    Lines,
}

impl ListInText {
    /// The items, without the white space around them. Empty items are left out.
    pub fn items(self, text: &str) -> impl Iterator<Item = &str> {
        let separator = match self {
            Self::Commas | Self::SpacedCommas => [','].as_slice(),
            Self::Lines => &['\n', '\r'],
        };
        text.split(separator)
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// What an org writes between two items.
    pub fn separator(self) -> &'static str {
        match self {
            Self::Commas => ",",
            Self::SpacedCommas => ", ",
            Self::Lines => "\n",
        }
    }
}
