//! Tokens, codes and sessions that the org has handed out.
//!
//! All of them are kept under the SHA-256 of their text: the org can recognise one but not repeat
//! it, and finding one takes no comparison whose time could tell anything.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};

/// How long an access token works: the default session timeout of an org (Setup, "Session
/// Settings").
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_hours(2);
/// How long an authorization code works. RFC 6749 section 4.1.2 recommends at most ten minutes; a
/// code that comes by JSON is redeemed at once, so this org gives a minute.
pub(crate) const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long a login may pause between two steps; this org's own choice.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_mins(10);
/// Wrong passwords that one login may collect; this org's own choice (the first-party draft asks
/// for a limit in its section 9 and names none).
pub(crate) const MAX_ATTEMPTS: u32 = 5;

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// What an access token stands for.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) username: String,
    /// The app it was issued to; `None` for the administrator's session.
    pub(crate) app: Option<String>,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    /// Whether it was issued on the Experience Cloud site.
    pub(crate) is_of_site: bool,
    pub(crate) expires: SystemTime,
}

/// An authorization code that was handed out.
pub(crate) struct Code {
    pub(crate) app: String,
    pub(crate) username: String,
    /// `code_challenge` of the login, always S256.
    pub(crate) challenge: Option<String>,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: SystemTime,
    /// The token that it was exchanged for. Kept so that a second use can revoke it (RFC 6749
    /// section 4.1.2).
    pub(crate) spent_on: Option<Fingerprint>,
}

/// A login that has begun: what an `auth_session` stands for.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) app: String,
    pub(crate) code_challenge: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) attempts: u32,
    pub(crate) expires: SystemTime,
}

#[derive(Default)]
pub(crate) struct Grants {
    tokens: HashMap<Fingerprint, AccessToken>,
    codes: HashMap<Fingerprint, Code>,
    sessions: HashMap<Fingerprint, Session>,
}

impl Grants {
    /// The live token with this text.
    pub(crate) fn token(&self, text: &str, now: SystemTime) -> Option<&AccessToken> {
        self.tokens
            .get(&Fingerprint::of(text))
            .filter(|token| now < token.expires)
    }

    pub(crate) fn add_token(&mut self, text: &str, token: AccessToken, now: SystemTime) {
        self.tokens.retain(|_, token| now < token.expires);
        self.tokens.insert(Fingerprint::of(text), token);
    }

    pub(crate) fn revoke(&mut self, token: Fingerprint) {
        self.tokens.remove(&token);
    }

    /// Ends every token of an app, as rotating its consumer key does.
    pub(crate) fn revoke_app(&mut self, app: &str) {
        self.tokens
            .retain(|_, token| token.app.as_deref() != Some(app));
    }

    pub(crate) fn add_code(&mut self, text: &str, code: Code, now: SystemTime) {
        // A spent or expired code is remembered for a while, so that its second use is told apart
        // from a code that never was.
        self.codes
            .retain(|_, code| now < code.expires + TOKEN_LIFETIME);
        self.codes.insert(Fingerprint::of(text), code);
    }

    pub(crate) fn code_mut(&mut self, text: &str) -> Option<&mut Code> {
        self.codes.get_mut(&Fingerprint::of(text))
    }

    pub(crate) fn add_session(&mut self, text: &str, session: Session, now: SystemTime) {
        self.sessions.retain(|_, session| now < session.expires);
        self.sessions.insert(Fingerprint::of(text), session);
    }

    /// Looks a session up without using it.
    pub(crate) fn session(&self, text: &str, now: SystemTime) -> Option<&Session> {
        self.sessions
            .get(&Fingerprint::of(text))
            .filter(|session| now < session.expires)
    }

    /// Uses a session up: each `auth_session` serves one step.
    pub(crate) fn take_session(&mut self, text: &str) {
        self.sessions.remove(&Fingerprint::of(text));
    }
}
