//! A Salesforce org in a box for External Client Apps.
//!
//! [`Org::start`] opens an HTTP server on the loopback interface that behaves like an org as far as
//! external client apps go: it takes deploys over the REST and SOAP Metadata API and checks them as
//! an org does, keeps what was deployed and gives it back by retrieve, mints consumer keys and
//! secrets, issues tokens, and logs external users in headless through an authorization challenge
//! endpoint that really verifies client attestations against the certificate that was deployed.
//!
//! # What it is not
//!
//! It shares no wire code with the clients of this workspace, so that their mistakes do not cancel
//! out here. It is for development and tests, in memory or in a folder
//! ([`Builder::state_dir`]): no Apex, no records. And it
//! is not Salesforce: behaviour that no public page documents is marked as inferred or as this org's
//! own where it is implemented, above all in [`ChallengeProfile`].
//!
//! # Example
//!
//! ```
//! use eca_emulator::{Org, Pace};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let org = Org::builder().pace(Pace::Polls(1)).start().await?;
//! assert!(org.instance_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(org.site_url(), format!("{}/storefront", org.instance_url()));
//! org.create_external_user("ada@example.com", "correct horse battery")?;
//! assert!(org.components().is_empty());
//! org.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it answers
//!
//! | path | what |
//! |---|---|
//! | `/services/data`, `/services/data/vNN.0` | versions 58.0 and later |
//! | `/services/data/vNN.0/metadata/deployRequest[/ID]` | deploy, status, cancel, quick deploy |
//! | `/services/data/vNN.0/[tooling/]query`, `…/sobjects/…` | the few objects that clients look into when they log in |
//! | `/services/data/vNN.0/apps/oauth/…` | reading, staging and rotating credentials |
//! | `/services/Soap/m/NN.0[/…]` | every operation of the Metadata API, the legacy checkStatus included |
//! | `/services/oauth2/token` | client credentials, JWT bearer, authorization code with PKCE, refresh, device, token exchange |
//! | `/services/oauth2/authorize`, `/setup/connect` | plain login pages |
//! | `/services/oauth2/revoke`, `/services/oauth2/introspect`, `/id/keys` | what RFC 7009, 7662 and 7517 say |
//! | `{site}/services/oauth2/authorization_challenge` | headless login, passwordless login, registration (path by [`ChallengeProfile`]) |
//! | `{site}/services/auth/headless/…` | Headless Identity APIs: registration, passwordless login, forgot password |
//! | `{site}/services/oauth2/…` | the same for customers of the site |
//! | `/_org/clock`, `/_org/pace`, `/_org/faults`, `/_org/outbox`, `/_org/site`, `/_org/users` | the knobs of this org |
//! | `[{site}]/services/oauth2/userinfo`, `/id/ORG/USER` | who a token belongs to |
//! | `/.well-known/oauth-authorization-server[{site}]`, `[{site}]/.well-known/openid-configuration` | discovery |
//!
//! # Features
//!
//! None.

mod builder;
mod call;
mod clock;
mod control;
mod credentials;
mod data;
mod faults;
mod ids;
mod kind;
mod metadata;
mod oauth;
mod org;
mod profile;
mod random;
mod router;
mod secret;
mod server;
mod site;
mod state;
mod store;

pub use builder::{Builder, StartError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use ids::RecordId;
pub use kind::{OrgKind, UnknownOrgKind};
pub use org::{
    DeployRefused, DeployedComponent, Org, Pace, Production, RefreshRefused, SetupError,
};
pub use profile::{AttestationCarrier, ChallengeProfile, DraftVintage};
pub use secret::Secret;
pub use site::{HeadlessApi, SiteSettings};
pub use store::StoreError;
