//! The client attestation of a step.

use std::time::SystemTime;

use http::StatusCode;

use crate::oauth::client::attestation;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::profile::AttestationCarrier;
use crate::server::call::Call;
use crate::state::components::App;
use crate::state::{OrgConfig, State};

/// The attestation in its header or parameter.
fn carried<'a>(
    carrier: &AttestationCarrier,
    call: &'a Call,
    form: &'a Form,
) -> Result<Option<&'a str>, OauthError> {
    match carrier {
        AttestationCarrier::Header { name } => {
            let mut values = call.headers.get_all(name.as_str()).iter();
            match (values.next(), values.next()) {
                (Some(_), Some(_)) => Err(refused(format!("more than one {name} header"))),
                (value, _) => Ok(value.and_then(|value| value.to_str().ok())),
            }
        }
        AttestationCarrier::Form {
            assertion,
            assertion_type,
            assertion_type_value,
        } => {
            let jwt = form.get(assertion);
            if jwt.is_some() && form.get(assertion_type) != Some(assertion_type_value) {
                return Err(refused(format!(
                    "{assertion_type} must be {assertion_type_value}"
                )));
            }
            Ok(jwt)
        }
    }
}

/// Verifies the attestation of the app.
pub(super) fn verify(
    call: &Call,
    form: &Form,
    config: &OrgConfig,
    state: &State,
    app: &App<'_>,
    now: SystemTime,
) -> Result<(), OauthError> {
    let jwt = carried(&config.profile.attestation, call, form)?
        .ok_or_else(|| refused("the client attestation is missing".to_owned()))?;
    attestation::verify(
        jwt.trim(),
        app.attestation_certificate(),
        &app.consumer.key,
        &config.site_url(),
        &state.replays,
        now,
    )
    .map_err(|refusal| {
        tracing::debug!(
            app = app.name,
            check = attestation::failed_check(&refusal),
            "client attestation refused"
        );
        refused(attestation::explain(&refusal))
    })
}

fn refused(text: String) -> OauthError {
    OauthError::new("invalid_client", text).status(StatusCode::UNAUTHORIZED)
}
