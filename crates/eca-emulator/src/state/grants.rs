//! Tokens, codes and sessions that the org has issued.
//!
//! All of them are stored under the SHA-256 of their text: the org can recognise a token but not
//! repeat it, and the lookup leaks nothing through its timing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::state::expiring::{Expires, Expiring};
use crate::state::pending::Pending;
use crate::state::token_hash::TokenHash;

/// How long an access token works: the default session timeout of an org (Setup, "Session
/// Settings").
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_hours(2);
/// How long an authorization code works. RFC 6749 section 4.1.2 recommends at most ten minutes; a
/// code in JSON is redeemed at once, so this org allows a minute.
pub(crate) const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long a login may pause between two steps; this org's own choice.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_mins(10);
/// The number of wrong passwords that ends a login; this org's own choice (section 9 of the
/// first-party draft requires a limit and names none).
pub(crate) const MAX_ATTEMPTS: u32 = 5;

/// The largest numbers of codes, of logins in progress and of waiting devices; more of them push
/// out the oldest. Clients that nobody knows can begin them.
const MAX_CODES: usize = 10_000;
const MAX_SESSIONS: usize = 10_000;
const MAX_DEVICES: usize = 1_000;

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub(crate) username: String,
    /// The app it was issued to; `None` for the administrator's session.
    pub(crate) app: Option<String>,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    /// Whether it was issued on the Experience Cloud site.
    pub(crate) is_of_site: bool,
    /// Its family of refresh tokens.
    pub(crate) family: Option<u64>,
    /// How long it works without use; `None` when use does not prolong it.
    pub(crate) idle: Option<Duration>,
    pub(crate) issued: SystemTime,
    pub(crate) expires: SystemTime,
}

/// A refresh token. All tokens from one login are a family.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) family: u64,
    pub(crate) app: String,
    pub(crate) username: String,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    pub(crate) is_of_site: bool,
    /// When the family began.
    pub(crate) issued: SystemTime,
    /// When it was last used.
    pub(crate) used: SystemTime,
    /// Whether rotation has replaced it.
    pub(crate) is_spent: bool,
}

/// An authorization code.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) app: String,
    pub(crate) username: String,
    /// `code_challenge` of the login, always S256.
    pub(crate) challenge: Option<String>,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    /// Whether it was issued on the Experience Cloud site.
    pub(crate) is_of_site: bool,
    /// `nonce` of the authorization request, for the ID token.
    pub(crate) nonce: Option<String>,
    /// The redirect URI, when a browser carried it.
    pub(crate) redirect_uri: Option<String>,
    /// Whether its user proved more than a password.
    pub(crate) is_verified: bool,
    pub(crate) expires: SystemTime,
    /// The token that it was exchanged for, so that a second use can revoke the token (RFC 6749
    /// section 4.1.2).
    pub(crate) spent_on: Option<TokenHash>,
}

impl Code {
    /// Ends the code without a token.
    pub(crate) fn spend(&mut self) {
        // No token has this hash.
        self.spent_on.get_or_insert(TokenHash::new(""));
    }
}

/// A login in progress, by its `auth_session`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) app: String,
    pub(crate) code_challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Vec<String>,
    /// The one-time password that it waits for.
    pub(crate) pending: Option<Pending>,
    pub(crate) attempts: u32,
    pub(crate) expires: SystemTime,
}

/// A device that waits for its user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) app: String,
    pub(crate) user_code: String,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    /// The user who connected it.
    pub(crate) username: Option<String>,
    pub(crate) expires: SystemTime,
}

impl Expires for AccessToken {
    fn keep_until(&self) -> SystemTime {
        self.expires
    }
}

impl Expires for Code {
    /// A used or expired code is remembered for a while, to distinguish its second use from an
    /// unknown code.
    fn keep_until(&self) -> SystemTime {
        self.expires + TOKEN_LIFETIME
    }
}

impl Expires for Session {
    fn keep_until(&self) -> SystemTime {
        self.expires
    }
}

impl Expires for Device {
    fn keep_until(&self) -> SystemTime {
        self.expires
    }
}

/// Everything that the org has issued.
#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct Grants {
    tokens: Expiring<AccessToken>,
    codes: Expiring<Code>,
    sessions: Expiring<Session>,
    refreshes: BTreeMap<TokenHash, Refresh>,
    families: u64,
    devices: Expiring<Device>,
    /// Users who approved an app on its approval page, which gave the app a refresh token.
    approvals: BTreeSet<(String, String)>,
}

impl Grants {
    /// The valid token with this text.
    pub(crate) fn token(&self, text: &str, now: SystemTime) -> Option<&AccessToken> {
        self.tokens
            .get(TokenHash::new(text))
            .filter(|token| now < token.expires)
    }

    /// When a token expires that is used now, if use prolongs it: a session is prolonged only when
    /// half of its time is over (Salesforce Help, "Modify Session Security Settings").
    pub(crate) fn prolonged(&self, text: &str, now: SystemTime) -> Option<SystemTime> {
        let token = self.token(text, now)?;
        let idle = token.idle?;
        let left = token.expires.duration_since(now).ok()?;
        (left <= idle / 2).then(|| now + idle)
    }

    pub(crate) fn prolong(&mut self, text: &str, expires: SystemTime) {
        if let Some(token) = self.tokens.get_mut(TokenHash::new(text)) {
            token.expires = expires;
        }
    }

    pub(crate) fn add_token(&mut self, text: &str, token: AccessToken, now: SystemTime) {
        self.tokens
            .insert(TokenHash::new(text), token, usize::MAX, now);
    }

    /// The number of a new family of refresh tokens.
    pub(crate) fn new_family(&mut self) -> u64 {
        self.families += 1;
        self.families
    }

    pub(crate) fn add_refresh(&mut self, text: &str, refresh: Refresh) {
        self.refreshes.insert(TokenHash::new(text), refresh);
    }

    pub(crate) fn refresh(&self, text: &str) -> Option<&Refresh> {
        self.refreshes.get(&TokenHash::new(text))
    }

    pub(crate) fn refresh_mut(&mut self, text: &str) -> Option<&mut Refresh> {
        self.refreshes.get_mut(&TokenHash::new(text))
    }

    /// The refresh tokens that rotation has not replaced.
    pub(crate) fn refreshes(&self) -> impl Iterator<Item = &Refresh> {
        self.refreshes.values().filter(|token| !token.is_spent)
    }

    /// Revokes a family: its refresh tokens and every access token from them.
    pub(crate) fn revoke_family(&mut self, family: u64) {
        self.refreshes.retain(|_, token| token.family != family);
        self.tokens.retain(|token| token.family != Some(family));
    }

    /// Whether the user has approved the app permanently: an approval without a refresh token ends
    /// with its session.
    pub(crate) fn has_approved(&self, username: &str, app: &str) -> bool {
        self.approvals
            .contains(&(username.to_lowercase(), app.to_owned()))
    }

    pub(crate) fn approve(&mut self, username: &str, app: &str, scopes: &[String]) {
        let lasts = |scope: &String| matches!(scope.as_str(), "refresh_token" | "offline_access");
        if !scopes.iter().any(lasts) {
            return;
        }
        self.approvals
            .insert((username.to_lowercase(), app.to_owned()));
    }

    pub(crate) fn add_device(&mut self, code: &str, device: Device, now: SystemTime) {
        self.devices
            .insert(TokenHash::new(code), device, MAX_DEVICES, now);
    }

    pub(crate) fn device(&self, code: &str) -> Option<&Device> {
        self.devices.get(TokenHash::new(code))
    }

    pub(crate) fn take_device(&mut self, code: &str) {
        self.devices.remove(TokenHash::new(code));
    }

    /// The device that shows this code to its user.
    pub(crate) fn device_by_user_code(
        &mut self,
        code: &str,
        now: SystemTime,
    ) -> Option<&mut Device> {
        self.devices
            .values_mut()
            .find(|device| device.user_code.eq_ignore_ascii_case(code) && now < device.expires)
    }

    pub(crate) fn revoke_text(&mut self, text: &str) {
        self.revoke(TokenHash::new(text));
    }

    pub(crate) fn revoke(&mut self, token: TokenHash) {
        self.tokens.remove(token);
    }

    /// Revokes every token of an app, as rotating its consumer key does.
    pub(crate) fn revoke_app(&mut self, app: &str) {
        self.tokens
            .retain(|token| token.app.as_deref() != Some(app));
        self.refreshes.retain(|_, refresh| refresh.app != app);
    }

    pub(crate) fn add_code(&mut self, text: &str, code: Code, now: SystemTime) {
        self.codes
            .insert(TokenHash::new(text), code, MAX_CODES, now);
    }

    pub(crate) fn code_mut(&mut self, text: &str) -> Option<&mut Code> {
        self.codes.get_mut(TokenHash::new(text))
    }

    pub(crate) fn add_session(&mut self, text: &str, session: Session, now: SystemTime) {
        self.sessions
            .insert(TokenHash::new(text), session, MAX_SESSIONS, now);
    }

    /// Looks up a session without consuming it.
    pub(crate) fn session(&self, text: &str, now: SystemTime) -> Option<&Session> {
        self.sessions
            .get(TokenHash::new(text))
            .filter(|session| now < session.expires)
    }

    /// Consumes a session: each `auth_session` is valid for one step.
    pub(crate) fn take_session(&mut self, text: &str) {
        self.sessions.remove(TokenHash::new(text));
    }
}
