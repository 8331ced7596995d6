//! What reading may cost.

/// What reading may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest text, in bytes. Default 16 MiB: the largest profiles in use are a few MiB.
    pub max_bytes: usize,
    /// The deepest nesting of elements. Default 64; metadata needs about ten.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_depth: 64,
        }
    }
}
