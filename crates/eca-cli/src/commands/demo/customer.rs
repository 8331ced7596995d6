//! Who logs in.

use eca_oauth::{ChallengeProfile, Password, SiteUrl};

/// A customer of the site, and what the app needs to log them in.
pub(super) struct Customer {
    pub(super) username: String,
    pub(super) password: Password,
    pub(super) site: SiteUrl,
    pub(super) profile: ChallengeProfile,
}
