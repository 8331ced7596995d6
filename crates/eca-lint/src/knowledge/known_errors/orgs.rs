//! Refusals for want of permissions, features and limits of an org, also of calls to its API.

use crate::knowledge::known_errors::{KnownError, deploy};
use crate::rule_id::RuleId;

pub(super) const ALL: &[KnownError] = &[
    deploy(
        "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
        &["use of the metadata api requires a user"],
        "the user of the token may not use the Metadata API; often it is the run-as user of the client credentials flow",
        "give that user a permission set with \"Modify Metadata Through Metadata API Functions\" (ModifyMetadata)",
        &[],
    ),
    deploy(
        "INSUFFICIENT_ACCESS",
        &["insufficient_access"],
        "the user may not do this; external client apps need \"Create, edit, and delete External Client Apps\" \
            (ExternalClientAppDeveloper), and consumer secrets over the Metadata API the special access rules \"Allow \
            Access to External Client App Consumer Secrets via Metadata API\" and \"View External Client Apps Consumer \
            Secrets in Metadata\"",
        "give the user a permission set with that permission",
        &[],
    ),
    deploy(
        "insufficient access rights on cross-reference id",
        &["insufficient access rights"],
        "the user may not change the component that the file names; external client apps need the permission \"Create, \
            edit, and delete External Client Apps\" (ExternalClientAppDeveloper)",
        "give the user a permission set with that permission",
        &[],
    ),
    deploy(
        "Not available for deploy for this organization",
        &["not available for deploy for this organization"],
        "the org's edition or its settings lack the feature; external client apps may be off in Setup, and OAuth security \
            settings come with API version 67.0",
        "turn the feature on in Setup, External Client Apps, Settings, and check the API version",
        &[RuleId(1005)],
    ),
    deploy(
        "Not available for retrieve for this organization",
        &["not available for", "for this organization"],
        "the org's edition or its settings lack the feature",
        "turn the feature on in Setup, and check the API version",
        &[RuleId(1005)],
    ),
    deploy(
        "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support.",
        &["can't create a connected app"],
        "new connected apps are off since Spring '26; often it is only a switch in Setup, External Client Apps, Settings, \
            \"Allow creation of connected apps\"",
        "create an external client app instead, or turn the switch on",
        &[],
    ),
    deploy(
        "External client apps that are created in ephemeral orgs can't be packaged.",
        &["ephemeral orgs can't be packaged"],
        "the app was created in a scratch org, and enablePackageEcaOauthFromDevOrg does not change that",
        "create the app in the Dev Hub or the packaging org, retrieve it, and package that",
        &[RuleId(1803)],
    ),
    deploy(
        "sObject type 'ExtlClntAppOauthPlcyCnfg' is not supported",
        &["sobject type '", "is not supported"],
        "the types of external client apps cannot be queried with SOQL",
        "read them with eca retrieve or eca list",
        &[],
    ),
    deploy(
        "REQUEST_LIMIT_EXCEEDED",
        &["request_limit_exceeded"],
        "the org has used up its API requests of the last 24 hours, or too many long requests run at once",
        "wait and try again; Setup, Company Information, shows API Requests, Last 24 Hours",
        &[],
    ),
    deploy(
        "TotalRequests Limit exceeded",
        &["totalrequests limit exceeded"],
        "the org has used up its API requests of the last 24 hours",
        "wait and try again; Setup, Company Information, shows API Requests, Last 24 Hours",
        &[],
    ),
    deploy(
        "ALREADY_IN_PROCESS",
        &["already_in_process"],
        "the org runs one deploy at a time, and another one has the lock of Setup",
        "wait for it: eca deploys list",
        &[],
    ),
    deploy(
        "UNABLE_TO_LOCK_ROW",
        &["unable_to_lock_row"],
        "two requests change the same record at once",
        "try again when the other deploy has ended: eca deploys list",
        &[],
    ),
    deploy(
        "SOAP API does not support JWT-based access tokens",
        &["soap", "does not support jwt"],
        "the app issues JWT-based access tokens, and SOAP takes opaque ones",
        "set isNamedUserJwtEnabled (Setup: Issue JSON Web Token (JWT)-based access tokens for named users) to false, or \
            deploy over REST",
        &[],
    ),
    deploy(
        "a metadata listing over SOAP is empty",
        &["jwt", "soap", "empty"],
        "SOAP does not take access tokens in JWT format below API version 68.0",
        "deploy over REST, or log in with an app that issues opaque tokens",
        &[],
    ),
    deploy(
        "UNSUPPORTED_API_VERSION",
        &["unsupported_api_version"],
        "the org does not have this API version",
        "set sourceApiVersion to a version of the org: eca doctor org shows its newest",
        &[RuleId(1017)],
    ),
    deploy(
        "INVALID_TYPE",
        &["invalid_type"],
        "the API version has no such metadata type, or the user may not see it",
        "raise the API version, or compare the name with eca describe",
        &[RuleId(1005)],
    ),
    deploy(
        "FIELD_INTEGRITY_EXCEPTION",
        &["field_integrity_exception"],
        "a value does not fit another one of the record; the rest of the message names both",
        "change one of the two; eca lint finds most of these without an org",
        &[],
    ),
    deploy(
        "FUNCTIONALITY_NOT_ENABLED: Access to client secrets through the REST API is not enabled for this org",
        &["client secrets through the rest api is not enabled"],
        "enableClientSecretInRestApiAccess of the org's ExternalClientApp settings is off",
        "turn it on in Setup, External Client Apps, Settings, while the secret is read, and off again afterwards",
        &[RuleId(1716)],
    ),
    deploy(
        "FUNCTIONALITY_NOT_ENABLED",
        &["functionality_not_enabled"],
        "the org's edition or its settings lack the feature",
        "turn the feature on in Setup",
        &[],
    ),
    deploy(
        "Credentials are already staged for this app",
        &["credentials are already staged"],
        "an earlier rotation of the consumer key or secret has not been finished",
        "rotate to the staged credentials, or delete them first",
        &[],
    ),
    deploy(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        &["all_or_none_operation_rolled_back"],
        "another record of the same request was refused, so this one was not written either",
        "read the errors of the other records",
        &[],
    ),
    deploy(
        "a deploy with oauthLink or orgScopedExternalApp that fails without a message (none is published)",
        &["oauthlink"],
        "an oauthLink that is wrong, or an orgScopedExternalApp of another org, fails without a specific message",
        "remove both from local apps; retrieve both from the owning org for packaged ones",
        &[RuleId(1501), RuleId(1502), RuleId(1504), RuleId(1505)],
    ),
];
