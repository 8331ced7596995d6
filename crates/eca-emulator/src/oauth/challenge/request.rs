//! A request to the endpoint: its client, and the login that it belongs to.

use std::time::SystemTime;

use crate::core::Core;
use crate::oauth::challenge::attest;
use crate::oauth::challenge::step::ChallengeStep;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::issue::{id_token, scopes};
use crate::oauth::{client, one_time, pkce};
use crate::profile::DraftVintage;
use crate::server::call::{Call, Reply};
use crate::state::State;
use crate::state::components::App;
use crate::state::grants::{SESSION_LIFETIME, Session};
use crate::state::users::{NewPassword, Proof};

/// A request, and the result of the work on its password.
pub(super) struct ChallengeRequest<'a> {
    call: &'a Call,
    form: &'a Form,
    proof: Proof,
    /// The password of a registration.
    registration: Option<NewPassword>,
}

impl<'a> ChallengeRequest<'a> {
    /// Hashes or compares the password, before the state is locked.
    pub(super) fn new(core: &Core, call: &'a Call, form: &'a Form) -> Self {
        let profile = &core.config.profile;
        let given = |name: &str| form.get(name).unwrap_or_default();
        let registration = one_time::registration_password(form, profile);
        let proof = match registration {
            Some(_) => Proof::NONE,
            None => core.prove(
                given(&profile.username_parameter),
                given(&profile.password_parameter),
            ),
        };
        let registration = registration
            .filter(|password| one_time::is_acceptable(password))
            .map(|password| core.hash(password));
        Self {
            call,
            form,
            proof,
            registration,
        }
    }

    /// Checks client, attestation and session, and performs the step.
    pub(super) fn answer(
        self,
        core: &Core,
        state: &mut State,
        now: SystemTime,
    ) -> Result<Reply, OauthError> {
        let (form, profile) = (self.form, &core.config.profile);
        let continued = match form.get("auth_session") {
            Some(text) => {
                let session = state.grants.session(text, now).cloned();
                Some(session.ok_or_else(invalid_session)?)
            }
            None => None,
        };
        let app = match (form.get("client_id"), &continued) {
            (Some(id), _) => client::find(state, id, now)?,
            // A live session identifies the client (draft section 5.1).
            (None, Some(session)) => state
                .metadata
                .app(&session.app)
                .ok_or_else(invalid_session)?,
            (None, None) => return Err(OauthError::missing("client_id")),
        };
        let allowed = state.metadata.sites_allow_first_party();
        if !state.site.first_party_apps || allowed == Some(false) {
            return Err(OauthError::new(
                "unauthorized_client",
                "this site does not allow apps to access the authorization challenge endpoint",
            ));
        }
        if !app.is_first_party() {
            return Err(OauthError::new(
                "unauthorized_client",
                "this external client app is not enabled for the authorization challenge endpoint",
            ));
        }
        attest::verify(self.call, form, &core.config, state, &app, now)?;
        if profile.draft == DraftVintage::Draft04 && form.get("response_type") != Some("code") {
            return Err(OauthError::new(
                "invalid_request",
                "response_type must be code",
            ));
        }
        let session = match continued {
            Some(session) => {
                let same_challenge = form
                    .get("code_challenge")
                    .is_none_or(|given| session.code_challenge.as_deref() == Some(given));
                if session.app != app.name || !same_challenge {
                    return Err(invalid_session());
                }
                session
            }
            None => start_session(form, &app, now)?,
        };
        let is_preauthorized = app.is_preauthorized();
        let permission_sets = app.permission_sets().map(str::to_owned).collect();
        if let Some(text) = form.get("auth_session") {
            state.grants.take_session(text);
        }
        let source = state.network.source(self.call);
        let step = ChallengeStep {
            state,
            source,
            profile,
            form,
            proof: &self.proof,
            session,
            is_preauthorized,
            permission_sets,
            now,
        };
        step.log_in(self.registration)
    }
}

/// The session of a first step: later steps are bound to it.
fn start_session(form: &Form, app: &App<'_>, now: SystemTime) -> Result<Session, OauthError> {
    let code_challenge = form.get("code_challenge");
    let method = form.get("code_challenge_method");
    pkce::check_challenge(code_challenge, method, app.is_pkce_required())?;
    let nonce = id_token::check_nonce(form.get("nonce"))?;
    let scopes = scopes::choose(app, form.get("scope"))?;
    Ok(Session {
        app: app.name.to_owned(),
        code_challenge: code_challenge.map(str::to_owned),
        nonce: nonce.map(str::to_owned),
        scopes,
        pending: None,
        attempts: 0,
        expires: now + SESSION_LIFETIME,
    })
}

fn invalid_session() -> OauthError {
    OauthError::new("invalid_session", "the auth_session is not valid")
}
