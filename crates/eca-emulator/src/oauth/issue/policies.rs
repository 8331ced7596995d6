//! Access policies of an app: addresses, authentication strength and session.
//!
//! Addresses (Salesforce Help, "Connected App IP Relaxation and Continuous IP Enforcement" and
//! "Refresh Token IP Allowlists"):
//!
//! | `ipRelaxationPolicyType` | the login IP ranges of the user's profile |
//! |---|---|
//! | `Enforce` | count in every flow |
//! | `Enforce_RelaxRefresh` | do not count for refresh tokens |
//! | `Bypass_2factor` | in the web server flow, do not count from the app's `trustedIpRanges`; if it has none, the user verifies the identity instead |
//! | `Bypass` | do not count |
//!
//! They always apply in the JWT bearer flow. The `tokenIpRanges` of the app's OAuth security
//! settings block every other address from the web server and refresh token flows.
//!
//! Authentication strength: with `requiredSessionLevel` `HIGH_ASSURANCE` a password is not enough
//! (Metadata API Developer Guide, "ExtlClntAppOauthConfigurablePolicies"). `policyAction` `Block`
//! refuses, any other value asks for a second factor. It is inferred that only flows with a user
//! are affected.

use std::net::IpAddr;

use crate::oauth::error::OauthError;
use crate::state::State;
use crate::state::components::App;
use crate::state::users::User;

/// Flows that policies distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The web server flow; whether the user proved more than a password.
    WebServer { is_verified: bool },
    /// The refresh token flow.
    Refresh,
    /// The JWT bearer flow.
    JwtBearer,
    /// All others.
    Other,
}

/// A login that a policy refuses: the error for the client, and the reason for the login history.
#[derive(Debug)]
pub(crate) struct PolicyViolation {
    pub(crate) error: OauthError,
    pub(crate) status: &'static str,
}

/// Checks user and address against the policies of the app.
pub(crate) fn check(
    state: &State,
    app: &App<'_>,
    user: &User,
    source: IpAddr,
    flow: Flow,
) -> Result<(), PolicyViolation> {
    if !user.is_active {
        return Err(PolicyViolation {
            error: OauthError::new("inactive_user", "user is inactive"),
            status: "User is Inactive",
        });
    }
    let allowed = app.refresh_token_addresses();
    let is_blocked = matches!(flow, Flow::WebServer { .. } | Flow::Refresh)
        && !allowed.is_empty()
        && !allowed.iter().any(|range| range.contains(&source));
    let is_restricted = state.network.is_restricted(&state.metadata, user, source)
        && !is_relaxed(app, source, flow);
    if is_blocked || is_restricted {
        return Err(PolicyViolation {
            // Salesforce Help, "OAuth 2.0 Error Codes"; it is inferred that the allowlist has the
            // same wording.
            error: OauthError::new("invalid_grant", "ip restricted or invalid login hours"),
            status: "Restricted IP",
        });
    }
    Ok(())
}

fn is_relaxed(app: &App<'_>, source: IpAddr, flow: Flow) -> bool {
    match (app.ip_relaxation(), flow) {
        (_, Flow::JwtBearer) => false,
        ("Bypass", _) | ("Enforce_RelaxRefresh", Flow::Refresh) => true,
        ("Bypass_2factor", Flow::WebServer { is_verified }) => {
            let trusted = app.trusted_addresses();
            trusted.iter().any(|range| range.contains(&source)) || trusted.is_empty() && is_verified
        }
        _ => false,
    }
}

/// Whether a password is enough for an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assurance {
    Enough,
    /// A second factor is needed.
    Raise,
    /// The login is refused.
    Block,
}

/// Whether a login with a password needs a second factor.
pub(crate) fn assurance(state: &State, app: &App<'_>, user: &User, source: IpAddr) -> Assurance {
    let verifies_address = app.ip_relaxation() == "Bypass_2factor"
        && app.trusted_addresses().is_empty()
        && state.network.is_restricted(&state.metadata, user, source);
    match (app.needs_high_assurance(), app.blocks_low_assurance()) {
        (true, true) => Assurance::Block,
        (true, false) => Assurance::Raise,
        (false, _) if verifies_address => Assurance::Raise,
        (false, _) => Assurance::Enough,
    }
}
