//! Invalid client ids and scopes.

/// Text that cannot be a client id or a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// RFC 6749 appendix A.1: a client id is printable ASCII, and here not empty.
    #[error("client id is empty or has a character outside printable ascii")]
    ClientId,
    /// RFC 6749 section 3.3: a scope is printable ASCII without space, quote and backslash.
    #[error("scope {0:?} is not a scope token")]
    Scope(String),
}
