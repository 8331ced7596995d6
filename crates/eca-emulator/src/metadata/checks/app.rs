//! Checks across the components of one app.

use eca_model::MetadataType;

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

/// Lifetimes of JWTs require an app that issues JWTs.
pub(super) fn jwt_policies(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "namedUserJwtSessionTimeoutType";
    context.record.filled(ELEMENT)?;
    let app = context.record.text("externalClientApplication")?;
    let issues_jwts = context
        .draft
        .of_app(MetadataType::ExtlClntAppGlobalOauthSettings, app)
        .is_some_and(|(_, global)| global.record.flag("isNamedUserJwtEnabled") == Some(true));
    if issues_jwts {
        return None;
    }
    Some(context.refuse(ELEMENT, "Invalid plugin settings"))
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
