//! Certificates in OAuth settings.

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;
use crate::oauth::client::attestation;

/// The certificate of client attestations: X.509, RSA, at most 4 KB (Metadata API Developer Guide,
/// "ExtlClntAppOauthSettings"; Salesforce Help, "OAuth 2.0 for First-Party Applications: Generate a
/// Client Attestation JWT"). The wording of a refusal is not published.
pub(super) fn client_assertion(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "clientAssertionCertificate";
    let text = context.record.filled(ELEMENT)?;
    let reason = attestation::check_certificate(text).err()?;
    Some(context.refuse(ELEMENT, reason.to_string()))
}

/// The certificate of the JWT bearer flow only has to be valid: its key type is not documented
/// here.
pub(super) fn jwt_bearer(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "certificate";
    let text = context.record.filled(ELEMENT)?;
    let reason = attestation::check_certificate(text).err()?;
    Some(context.refuse(ELEMENT, reason.to_string()))
}
