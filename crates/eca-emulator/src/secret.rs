//! Values that must not leak by accident.

use std::fmt;

use zeroize::Zeroizing;

/// An access token, a consumer secret or another value that gives access.
///
/// It is neither `Clone`, `PartialEq` nor serializable, its memory is wiped when it is dropped, and
/// `Debug` prints a constant. [`Secret::expose_secret`] is the only way to the text.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Do not log it.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// A copy of the same text, for this crate only.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Secrets in the rows of the store, the only place where they are serialized.
pub(crate) mod at_rest {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose_secret())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }

    /// A secret with several owners.
    pub(crate) mod shared {
        use std::sync::Arc;

        use serde::{Deserializer, Serializer};

        use super::super::Secret;

        pub(crate) fn serialize<S: Serializer>(
            secret: &Arc<Secret>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            super::serialize(secret, to)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Arc<Secret>, D::Error> {
            super::deserialize(from).map(Arc::new)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only its derived Debug is of interest")]
        struct Holder {
            secret: Secret,
        }
        let secret = Secret::new("s3cr3t");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert!(!format!("{:?}", Holder { secret }).contains("s3cr3t"));
    }
}
