//! A profile that cannot be used.

/// A name in a profile that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProfile {
    /// Empty, or one of the protocol's own.
    #[error("{0:?} cannot be the name of a parameter: it is empty or the protocol's own")]
    Parameter(String),
    /// Not a header name, or one that frames the request.
    #[error("{0:?} cannot be the header of a client attestation")]
    Header(String),
    /// Steps that no user could go through.
    #[error("the one-time password must stand in the last of two or more steps, and in no other")]
    Steps,
}
