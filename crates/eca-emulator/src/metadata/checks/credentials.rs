//! The parameters of external credentials (Metadata API Developer Guide, "ExternalCredential";
//! Salesforce Help, "Create or Edit an OAuth External Credential with the Client Credentials Flow
//! Managed by an External Identity Provider"). The wording of the refusals is inferred.

use eca_model::Element;

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;

/// The member that a type of parameter needs, and that no other type takes.
const OWN_MEMBERS: [(&str, &str); 3] = [
    ("AuthProvider", "authProvider"),
    ("SigningCertificate", "certificate"),
    (
        "ExternalAuthIdentityProvider",
        "externalAuthIdentityProvider",
    ),
];

pub(super) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    let root = context.document.root();
    root.children_named("externalCredentialParameters")
        .find_map(parameter)
}

fn parameter(parameter: Element<'_>) -> Option<Problem> {
    let text = |name: &str| {
        let text = parameter
            .child(name)
            .map(|child| child.text().trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let kind = text("parameterType")?;
    let refuse = |member: &str, reason: String| {
        let place = parameter.child(member).unwrap_or(parameter);
        Some(Problem::at(place.position(), reason))
    };
    for (owner, member) in OWN_MEMBERS {
        match (text(member).is_some(), kind == owner) {
            (false, true) => return refuse(member, format!("Required field is missing: {member}")),
            (true, false) => {
                return refuse(
                    member,
                    format!("{member} isn't valid for parameters of type {kind}"),
                );
            }
            _ => {}
        }
    }
    if kind == "AuthHeader" && text("parameterValue").is_none() {
        return refuse(
            "parameterValue",
            "Required field is missing: parameterValue".to_owned(),
        );
    }
    if kind == "AdditionalRefreshStatusCode" {
        let value = text("parameterValue").unwrap_or_default();
        if !matches!(value.parse::<u16>(), Ok(400..=499 | 600..=999)) {
            return refuse(
                "parameterValue",
                format!("{value} is not a valid status code"),
            );
        }
    }
    None
}
