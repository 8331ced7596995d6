//! A plan for people.

mod apps;
mod escape;
mod lines;
mod markdown;
mod text;

pub use markdown::{MARKDOWN_LIMIT, markdown};
pub use text::text;

/// What a rendering says beside the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heading {
    /// The org that the plan is for.
    pub org: Option<String>,
    /// The command that goes on from here.
    pub next: Option<String>,
}

impl Heading {
    /// Says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the org.
    #[must_use]
    pub fn org(mut self, org: impl Into<String>) -> Self {
        self.org = Some(org.into());
        self
    }

    /// Names the command that goes on.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }
}
