//! A flow that waits for a one-time password, as a value that a session store can hold.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::challenge::parameter_name::ParameterName;
use crate::challenge::state_machine::{Challenge, Fields};
use crate::client::pkce::PkceVerifier;
use crate::secret::{AuthSession, AuthorizationCode};
use crate::wire::stored;
use crate::wire::stored::{InvalidPending, StoredText};

/// A flow that waits for the user's one-time password, for
/// [`HeadlessClient::verify`](crate::headless::HeadlessClient::verify).
///
/// It has the newest `auth_session` and the PKCE verifier, and survives every error that leaves the
/// session alive, such as a wrong one-time password or a request without a response.
///
/// A service that handles the two halves in two requests of its own stores it in between, as
/// [JSON](Self::expose_json), and again after each `verify`: a server may replace the session with
/// each response.
pub struct PendingVerification {
    pub(super) session: Option<AuthSession>,
    /// Whether the next request opens a challenge, since the server gave no session.
    pub(super) first: bool,
    pub(super) verifier: PkceVerifier,
    /// The fields of the last request, without the one-time password.
    pub(super) fields: Fields,
    pub(super) one_time_password: ParameterName,
    /// A code that is not redeemed yet.
    pub(super) code: Option<AuthorizationCode>,
    pub(super) over: bool,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    session: Option<StoredText>,
    first: bool,
    verifier: StoredText,
    fields: Vec<(String, StoredText)>,
    one_time_password: ParameterName,
    code: Option<StoredText>,
    over: bool,
}

impl PendingVerification {
    /// Whether no one-time password can continue this flow: it has its token, or its session is
    /// gone. The user starts again then.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// This flow as JSON, **with its secrets**: session, PKCE verifier, and what the user entered
    /// for the last request. Together with the one-time password it is a login, so it belongs where
    /// only the service reads and writes it, such as a session store on the server or an encrypted
    /// cookie, and no longer than a one-time password is valid; never in a URL or a log.
    pub fn expose_json(&self) -> Zeroizing<String> {
        let session = self.session.as_ref().map(AuthSession::expose_secret);
        let code = self.code.as_ref().map(AuthorizationCode::expose_secret);
        let fields = self.fields.iter();
        stored::to_json(&Stored {
            session: session.map(Into::into),
            first: self.first,
            verifier: self.verifier.expose_secret().into(),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            one_time_password: self.one_time_password.clone(),
            code: code.map(Into::into),
            over: self.over,
        })
    }

    /// The flow that [`expose_json`](Self::expose_json) gave, by the same version of this crate.
    ///
    /// # Errors
    ///
    /// [`InvalidPending`] for any other text.
    pub fn from_json(json: &str) -> Result<Self, InvalidPending> {
        let stored: Stored = stored::from_json(json)?;
        let session = stored.session.map(|text| text.read(AuthSession::new));
        let code = stored.code.map(|text| text.read(AuthorizationCode::new));
        let fields = stored.fields.into_iter();
        Ok(Self {
            session: session.transpose()?,
            first: stored.first,
            verifier: stored.verifier.read(PkceVerifier::new)?,
            fields: fields
                .map(|(name, StoredText(value))| (name, value))
                .collect(),
            one_time_password: stored.one_time_password,
            code: code.transpose()?,
            over: stored.over,
        })
    }

    /// Where the challenge is after a response.
    pub(super) fn continue_from(&mut self, challenge: Challenge) {
        self.first = challenge.is_first();
        self.session = challenge.into_session();
    }
}

impl fmt::Debug for PendingVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingVerification")
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
