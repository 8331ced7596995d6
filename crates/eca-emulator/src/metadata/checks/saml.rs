//! SAML policies (Metadata API Developer Guide, "ExtlClntAppSamlConfigurablePolicies"). The wording
//! of the refusals is inferred.

use eca_model::MetadataType;

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;

/// Members that belong together.
pub(super) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    let record = context.record;
    let is_custom = record.filled("subjectType") == Some("CustomAttribute");
    let has = |member: &str| record.filled(member).is_some();
    let missing = |member: &str| format!("Required field is missing: {member}");
    if is_custom != has("subjectCustomAttribute") {
        return Some(context.refuse(
            "subjectType",
            missing(if is_custom {
                "subjectCustomAttribute"
            } else {
                "subjectType"
            }),
        ));
    }
    let (kind, certificate) = ("encryptionType", "encryptionCertificate");
    if has(kind) != has(certificate) {
        let (present, absent) = if has(kind) {
            (kind, certificate)
        } else {
            (certificate, kind)
        };
        return Some(context.refuse(present, missing(absent)));
    }
    not_local(context)
}

/// Only local apps can use SAML, and only with the plugin on.
fn not_local(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "externalClientApplication";
    let app = context.record.text(ELEMENT)?;
    let header = context
        .draft
        .get(MetadataType::ExternalClientApplication, app)?;
    let state = header.record.filled("distributionState").unwrap_or("Local");
    if state != "Local" {
        return Some(context.refuse(ELEMENT, "Only local external client apps can use SAML"));
    }
    let policies = context
        .draft
        .of_app(MetadataType::ExtlClntAppConfigurablePolicies, app)?;
    (policies.1.record.flag("isSamlPluginEnabled") == Some(false))
        .then(|| context.refuse(ELEMENT, "The SAML plugin of the external client app is off"))
}
