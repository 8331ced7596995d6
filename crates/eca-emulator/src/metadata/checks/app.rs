//! Checks across the components of one app.

use eca_model::{ApiVersion, MetadataType};

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;
use crate::state::component_key::ComponentKey;
use crate::state::users::UserKind;

/// `orgScopedExternalApp` names this org and this app, or is absent. It is documented that a deploy
/// fails otherwise (Salesforce Help, "Deploy an External Client App with a Global Settings File");
/// the wording is not.
pub(super) fn header(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "orgScopedExternalApp";
    let given = context.record.filled(ELEMENT)?;
    let expected = format!("{}:{}", context.org_id.short(), context.id.name);
    if given == expected {
        return None;
    }
    Some(context.refuse(
        ELEMENT,
        format!("The orgScopedExternalApp must be in the format OrgId:DeveloperName and belong to this org: {given}"),
    ))
}

/// `oauthLink` names the consumer of this app, or is absent. The wording is inferred.
pub(super) fn oauth_link(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "oauthLink";
    let given = context.record.filled(ELEMENT)?;
    let consumer = context
        .draft
        .consumers
        .get(context.record.text("externalClientApplication")?);
    let expected =
        consumer.map(|consumer| format!("{}:{}", context.org_id.short(), consumer.id.short()));
    if expected.as_deref() == Some(given) {
        return None;
    }
    Some(context.refuse(
        ELEMENT,
        format!(
            "The oauthLink doesn't identify an OAuth consumer of this app in this org: {given}"
        ),
    ))
}

/// Global settings need OAuth settings of the same app.
pub(super) fn has_settings(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "externalClientApplication";
    let app = context.record.text(ELEMENT)?;
    if context
        .draft
        .of_app(MetadataType::ExtlClntAppOauthSettings, app)
        .is_some()
    {
        return None;
    }
    Some(context.refuse(
        ELEMENT,
        "The external client app configured in your global OAuth Settings doesn't have a valid \
         OAuth settings configuration.",
    ))
}

/// A new consumer may have a given consumer key; it cannot be changed afterwards and no two apps
/// can have the same. The wording is inferred.
pub(super) fn consumer(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "consumerKey";
    let given = context.record.filled(ELEMENT)?;
    let app = context.record.text("externalClientApplication")?;
    match context.draft.consumers.get(app) {
        Some(consumer) if consumer.key == given => None,
        Some(_) => Some(context.refuse(ELEMENT, "You can't change the consumer key")),
        None if context
            .draft
            .consumers
            .values()
            .any(|other| other.key == given) =>
        {
            Some(context.refuse(ELEMENT, "The consumer key is already taken"))
        }
        None => None,
    }
}

/// Rotating is a warning (Metadata API Developer Guide, "ExtlClntAppGlobalOauthSettings").
pub(super) fn rotation(context: &CheckContext<'_>) -> Option<Problem> {
    ["shouldRotateConsumerKey", "shouldRotateConsumerSecret"]
        .into_iter()
        .find(|element| context.record.flag(element) == Some(true))
        .map(|element| Problem {
            // Inferred wording.
            text: format!("{element} replaces the credentials that clients use now"),
            position: Some(context.position(element)),
            is_warning: true,
        })
}

/// The run-as user of the client credentials flow exists and is not a customer.
pub(super) fn execution_user(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "clientCredentialsFlowUser";
    let given = context.record.filled(ELEMENT);
    if given.is_none() && context.record.flag("isClientCredentialsFlowEnabled") != Some(true) {
        return None;
    }
    let exists = given
        .and_then(|name| context.users.get(name))
        .is_some_and(|user| user.kind != UserKind::External);
    if exists {
        return None;
    }
    Some(context.refuse(
        ELEMENT,
        "Enter a valid execution user for the OAuth client credentials flow.",
    ))
}

/// Lifetimes of JWTs require an app that issues JWTs, and guests one with the authorization code
/// and credentials flow; lifetimes are those of a list (Metadata API Developer Guide,
/// "ExtlClntAppOauthConfigurablePolicies"). The sentence is reported for the first of these.
pub(super) fn jwt_policies(context: &CheckContext<'_>) -> Option<Problem> {
    let app = context.record.text("externalClientApplication")?;
    let global = context
        .draft
        .of_app(MetadataType::ExtlClntAppGlobalOauthSettings, app);
    let is_on = |switch| global.is_some_and(|(_, global)| global.record.flag(switch) == Some(true));
    let refuse = |element| Some(context.refuse(element, "Invalid plugin settings"));
    for element in ["namedUserJwtSessionTimeoutType", "namedUserJwtTimeout"] {
        if context.record.filled(element).is_some() && !is_on("isNamedUserJwtEnabled") {
            return refuse(element);
        }
    }
    let guests = "isGuestCodeCredFlowEnabled";
    if context.record.flag(guests) == Some(true) && !is_on("isCodeCredFlowEnabled") {
        return refuse(guests);
    }
    for (kind, element) in [
        ("guestJwtSessionTimeoutType", "guestJwtTimeout"),
        ("namedUserJwtSessionTimeoutType", "namedUserJwtTimeout"),
    ] {
        let minutes = context.record.filled(element);
        let is_listed = |minutes: &str| {
            let minutes = minutes.parse().unwrap_or_default();
            JWT_MINUTES.contains(&minutes)
                || (context.version >= ApiVersion::new(65) && MORE_JWT_MINUTES.contains(&minutes))
        };
        if minutes.is_some_and(|minutes| !is_listed(minutes)) {
            return refuse(element);
        }
        let needs_minutes = match context.record.filled(kind) {
            Some("Custom") => true,
            Some("UserSession") => false,
            _ => continue,
        };
        if minutes.is_some() != needs_minutes {
            return refuse(kind);
        }
    }
    None
}

/// The lifetimes of JWT-based access tokens, in minutes, and those since API version 65.0.
const JWT_MINUTES: [u16; 5] = [1, 5, 10, 15, 30];
const MORE_JWT_MINUTES: [u16; 6] = [60, 90, 120, 240, 480, 720];

/// Profiles grant no principals of external credentials (metadata WSDL, type Profile, which this
/// org reads only in part). The wording is that for any unknown element.
pub(super) fn no_principals(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "externalCredentialPrincipalAccesses";
    context.record.has(ELEMENT).then(|| {
        context.refuse(
            ELEMENT,
            format!(
                "Error parsing file: Element {ELEMENT} invalid at this location in type Profile"
            ),
        )
    })
}

/// An app has one component of each type, whatever its name. The sentence has the form of every
/// DUPLICATE_VALUE; the field's name is inferred.
pub(super) fn only_one(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "externalClientApplication";
    let app = context.record.text(ELEMENT)?;
    let (_, other) = context
        .draft
        .of_type(context.id.kind)
        .filter(|(id, _)| is_other(id, context.id))
        .find(|(_, other)| other.record.text(ELEMENT) == Some(app))?;
    Some(context.refuse(
        ELEMENT,
        format!(
            "DUPLICATE_VALUE: duplicate value found: ExternalClientApplicationId duplicates value \
             on record with id: {}",
            other.id.short()
        ),
    ))
}

fn is_other(one: &ComponentKey, two: &ComponentKey) -> bool {
    one.name != two.name
}
