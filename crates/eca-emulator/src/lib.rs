#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! [`Org::start`] opens an HTTP server on the loopback interface. Undocumented behaviour is mostly
//! in [`ChallengeProfile`].
//!
//! # In tests
//!
//! Use one org per test: each has its own port and stops when it is dropped. An [`Expectation`]
//! states what a client must send. [`Org::verify`] checks it, and so does dropping the org if the
//! test does not.
//!
//! ```
//! use eca_emulator::{Expectation, Org};
//! use http::Method;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let org = Org::start().await?;
//! org.expect(Expectation::request(Method::POST, "/services/oauth2/token").answered(200).times(1..=1));
//! // Here your client would log in to org.instance_url(), and retry no more than it should.
//! let unmet = org.verify().unwrap_err();
//! assert_eq!(
//!     unmet.unmet,
//!     ["POST …/services/oauth2/token answered with 200: expected 1 times, came 0 times"],
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Endpoints
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
//! | `/services/oauth2/revoke`, `/services/oauth2/introspect`, `/id/keys` | RFC 7009, 7662 and 7517 |
//! | `{site}/services/oauth2/authorization_challenge` | headless login, passwordless login, registration (path by [`ChallengeProfile`]) |
//! | `{site}/services/auth/headless/…` | Headless Identity APIs: registration, passwordless login, forgot password |
//! | `{site}/services/oauth2/…` | the same for customers of the site |
//! | `/_org/clock`, `/_org/pace`, `/_org/propagation`, `/_org/faults`, `/_org/outbox`,
//! `/_org/site`, `/_org/network`, `/_org/lockout`, `/_org/users`, `/_org/exchange`, `/_org/refresh`
//! | the controls of this org |
//! | `[{site}]/services/oauth2/userinfo`, `/id/ORG/USER` | the user of a token |
//! | `/.well-known/oauth-authorization-server[{site}]`, `[{site}]/.well-known/openid-configuration` | discovery |

mod control;
mod core;
mod credentials;
mod data;
mod ids;
mod kind;
mod launch;
mod metadata;
mod named_credentials;
mod oauth;
mod org;
mod profile;
mod random;
mod refresh;
mod secret;
mod server;
mod setup;
mod site;
mod state;
mod store;
mod testing;

pub use ids::RecordId;
pub use kind::{OrgKind, UnknownOrgKind};
pub use launch::Builder;
pub use launch::start_error::StartError;
pub use launch::tls::{Tls, TlsError};
pub use org::{DeployRefused, DeployedComponent, Org};
pub use profile::{AttestationCarrier, ChallengeProfile, DraftVintage};
pub use refresh::{Production, RefreshRefused};
pub use secret::Secret;
pub use setup::SetupError;
pub use site::{HeadlessApi, SiteSettings};
pub use state::lockouts::LockoutSettings;
pub use store::error::StoreError;
pub use testing::clock::{Clock, ManualClock, SystemClock};
pub use testing::expectation::{AnsweredRequest, Expectation, ExpectationsUnmet};
pub use testing::observe::{LoginRecord, SentMail};
pub use testing::pace::Pace;
