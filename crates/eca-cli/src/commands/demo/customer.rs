//! The app, and a customer who logs in to it.

use eca_attest::PrivateKey;
use eca_model::Project;
use eca_oauth::{ChallengeProfile, ClientId, Password, SiteUrl};

/// The deployed app, as its back end knows it.
pub(super) struct DeployedApp {
    pub(super) name: String,
    pub(super) project: Project,
    pub(super) key: PrivateKey,
    /// The consumer key that the org generated.
    pub(super) client_id: ClientId,
}

/// A customer of the site, and what the app needs to log them in.
pub(super) struct Customer {
    pub(super) username: String,
    pub(super) password: Password,
    pub(super) site: SiteUrl,
    pub(super) profile: ChallengeProfile,
}
