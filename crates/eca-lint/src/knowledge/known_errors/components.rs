//! Refusals of components: apps, certificates, names and references.

use crate::knowledge::known_errors::{KnownError, deploy};
use crate::rule_id::RuleId;

pub(super) const ALL: &[KnownError] = &[
    // Apps.
    deploy(
        "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.",
        &[
            "global oauth settings",
            "valid oauth settings configuration",
        ],
        "the deploy has the global OAuth settings but not the OAuth settings of the same app",
        "deploy the .ecaOauth file of the app together with its .ecaGlblOauth file",
        &[RuleId(1103)],
    ),
    deploy(
        "There's a problem with your scope(s): …",
        &["problem with your scope"],
        "commaSeparatedOauthScopes has a token that is not a metadata scope; the message lists the valid ones",
        "use the metadata tokens: RefreshToken instead of refresh_token, SFApiPlatform instead of \
            SFAP, MCP instead of mcp_api",
        &[RuleId(1201)],
    ),
    deploy(
        "Enter a valid execution user for the OAuth client credentials flow.",
        &["valid execution user", "client credentials"],
        "the client credentials flow is on, and clientCredentialsFlowUser (Setup: Run As) is missing, unknown in this \
            org, or not a username",
        "set it to the username of an active API-only user of the target org; sandbox usernames have a suffix",
        &[RuleId(1207)],
    ),
    deploy(
        "In field: clientCredentialsFlowUser - no User named … found",
        &["clientcredentialsflowuser", "no user named"],
        "the run-as user does not exist in the target org; often it is an email address, or the username of another org",
        "set clientCredentialsFlowUser to a username of that org; sandbox usernames have a suffix. A replacement in \
            sfdx-project.json can fill it in for each org",
        &[RuleId(1207)],
    ),
    deploy(
        "Enter the name of the parent external client app",
        &["enter the name of the parent external client app"],
        "the org did not read externalClientApplication: it is missing, or it stands out of the documented order, and one \
            org was seen to drop elements that do",
        "add externalClientApplication, and sort the elements with eca fmt; deploy all parts of a new app in one deploy",
        &[RuleId(1003), RuleId(1011)],
    ),
    deploy(
        "The orgScopedExternalApp must be in the format OrgId:DeveloperName and belong to this org: …",
        &["orgscopedexternalapp"],
        "orgScopedExternalApp names another org or another app than the deploy's",
        "remove it from local apps (eca lint --fix); retrieve it from the owning org for packaged ones",
        &[RuleId(1502), RuleId(1505)],
    ),
    deploy(
        "The oauthLink doesn't identify an OAuth consumer of this app in this org: …",
        &["oauthlink doesn't identify"],
        "oauthLink names the consumer of another org, or of another app",
        "remove it from local apps (eca lint --fix); retrieve it from the owning org for packaged ones",
        &[RuleId(1501), RuleId(1504)],
    ),
    deploy(
        "You can't change the consumer key",
        &["can't change the consumer key"],
        "consumerKey is fixed when the app's consumer is created, and the deploy has another one",
        "remove consumerKey, or delete the global OAuth settings in the org first: all clients then need the new key",
        &[RuleId(1503)],
    ),
    deploy(
        "The consumer key is already taken",
        &["consumer key is already taken"],
        "another app, in this or in another org, has this consumerKey",
        "remove consumerKey: each org generates its own. To move a consumer, delete the app that has it first",
        &[RuleId(1503)],
    ),
    deploy(
        "DUPLICATE_VALUE: duplicate value found: ExternalClientApplicationId duplicates value on record with id: …",
        &["externalclientapplicationid duplicates value"],
        "the app already has settings or policies of this type under another name; in a subscriber org its default policy \
            has no namespace",
        "retrieve the app, and rename your file to the name that the org uses, such as <App>_oauth_defaultPolicy",
        &[RuleId(1102)],
    ),
    deploy(
        "DUPLICATE_VALUE",
        &["duplicate_value"],
        "the app already has settings or policies of this type under another name; the org creates \
            default policies itself",
        "retrieve the app, and rename your file to the name that the org uses",
        &[RuleId(1102)],
    ),
    deploy(
        "duplicate value found: …",
        &["duplicate value found"],
        "a component with another name already has this value",
        "retrieve the component that the message names, and change that one",
        &[RuleId(1102)],
    ),
    deploy(
        "DUPLICATE_DEVELOPER_NAME",
        &["duplicate_developer_name"],
        "the org has a component with this API name already",
        "update it instead of creating it, or choose another name",
        &[],
    ),
    deploy(
        "Invalid plugin settings",
        &["invalid plugin settings"],
        "the policies set a lifetime of JWT-based access tokens, or a session timeout, that the \
            global OAuth settings do not allow",
        "set isNamedUserJwtEnabled to true in the global OAuth settings, or remove the lifetimes from the policies",
        &[RuleId(1216), RuleId(1217)],
    ),
    deploy(
        "duplicate key value violates unique constraint \"ak3tl_setup_entity_data\"",
        &["duplicate key value violates unique constraint"],
        "Setup saves a record that a deploy of OAuth policies or OAuth security settings has already created",
        "save the app once in Setup before the first deploy of these files, or delete the deployed ones and start again",
        &[RuleId(1102)],
    ),
    deploy(
        "Cannot invoke \"String.split(String)\" because \"oauthLink\" is null",
        &["oauthlink", "is null"],
        "Setup cannot show an app whose OAuth settings have no oauthLink; also seen for packaged apps after a sandbox refresh",
        "deploy the global OAuth settings of a local app; retrieve oauthLink of a packaged app from the org that owns it",
        &[RuleId(1104), RuleId(1803)],
    ),
    deploy(
        "a warning about shouldRotateConsumerKey or shouldRotateConsumerSecret that needs ignoreWarnings",
        &["shouldrotateconsumer"],
        "shouldRotateConsumerKey or shouldRotateConsumerSecret is true",
        "set both to false in source, and rotate as a step of its own",
        &[RuleId(1204)],
    ),
    deploy(
        "isPkceRequired false turns true again",
        &["ispkcerequired", "true again"],
        "one org at API version 67.0 silently set isPkceRequired (Setup: Require PKCE) back to true",
        "support PKCE; every current client library has it",
        &[RuleId(1701)],
    ),
    deploy(
        "Only local external client apps can use SAML",
        &["local external client apps can use saml"],
        "the app's distributionState is not Local",
        "set distributionState to Local, or log in by OAuth",
        &[RuleId(1903)],
    ),
    deploy(
        "The SAML plugin of the external client app is off",
        &["saml plugin", "is off"],
        "the app has SAML policies, and isSamlPluginEnabled of its policies is false",
        "set isSamlPluginEnabled to true in the .ecaPlcy file",
        &[RuleId(1903)],
    ),
    // Certificates.
    deploy(
        "The certificate can't be read: …",
        &["certificate can't be read"],
        "the element holds no certificate: often its name, its path, or a text with literal \\n in it",
        "give the base64 body of the certificate; eca cert register writes it",
        &[RuleId(1302)],
    ),
    deploy(
        "The certificate has a … key; an RSA key is required",
        &["an rsa key is required"],
        "client attestations are verified with RSA only",
        "make an RSA key of 2048 bits or more: eca cert new",
        &[RuleId(1302)],
    ),
    deploy(
        "The certificate has … bytes; the limit is 4096",
        &["the certificate has", "the limit is"],
        "clientAssertionCertificate takes 4 KB",
        "register the certificate alone, without its chain",
        &[RuleId(1301)],
    ),
    deploy(
        "The certificate is not valid: …",
        &["certificate is not valid"],
        "the content of a Certificate component is no X.509 certificate",
        "compare the .crt file with eca cert inspect",
        &[RuleId(1302), RuleId(1307)],
    ),
    deploy(
        "The certificate's key can't verify signatures: …",
        &["certificate's key can't verify"],
        "the key of the certificate is too short or of another kind",
        "make an RSA key of 2048 bits or more: eca cert new",
        &[RuleId(1302)],
    ),
    // Names and references.
    deploy(
        "In field: externalClientApplication - no ExternalClientApplication named … found",
        &["no externalclientapplication named"],
        "externalClientApplication names an app that is neither in the deploy nor in the org; often it is the label",
        "use the API name, which is the file name of the .eca file, and deploy both together",
        &[RuleId(1101)],
    ),
    deploy(
        "INVALID_CROSS_REFERENCE_KEY",
        &["invalid_cross_reference_key"],
        "externalClientApplication (or another reference) names a component that is neither in the \
         deploy nor in the org; often it is the app's label in place of its API name",
        "use the API name, which is the file name of the .eca file, and deploy both together",
        &[RuleId(1101), RuleId(1603), RuleId(1604)],
    ),
    deploy(
        "In field: commaSeparatedPermissionSet - no PermissionSet named … found",
        &["no permissionset named"],
        "the policies list a permission set that is not in the org: its label, its id in another org, or one that is \
            deployed later",
        "list the API name, and deploy the permission set with the policies or before them",
        &[RuleId(1219), RuleId(1108)],
    ),
    deploy(
        "In field: externalCredentialPrincipal - no ExternalCredentialParameter named … found",
        &["no externalcredentialparameter named"],
        "a permission set grants a principal that its external credential does not have",
        "write <ExternalCredential>-<Principal> without spaces, and deploy the credential first",
        &[RuleId(1605)],
    ),
    deploy(
        "In field: externalCredential - no ExternalCredential named … found",
        &["no externalcredential named"],
        "a named credential names an external credential that is neither in the deploy nor in the org",
        "correct the name, and deploy both together",
        &[RuleId(1603)],
    ),
    deploy(
        "In field: externalAuthIdentityProvider - no ExternalAuthIdentityProvider named … found",
        &["no externalauthidentityprovider named"],
        "an external credential names an identity provider that is neither in the deploy nor in the org",
        "correct the name, and deploy both together",
        &[RuleId(1604)],
    ),
    deploy(
        "In field: … - no … named … found",
        &["in field:", " named ", " found"],
        "the element names a component that is neither in the deploy nor in the org",
        "correct the name, or deploy that component with this one",
        &[RuleId(1108)],
    ),
    deploy(
        "The … API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, …",
        &["can only contain underscores and alphanumeric characters"],
        "the file's name is the API name, and it has a character that API names cannot have, or two underscores in a row",
        "rename the file, and every reference to it",
        &[RuleId(1008)],
    ),
    deploy(
        "Cannot create a new component with the namespace: …. Only components in the same namespace as the organization can be created through the API",
        &["cannot create a new component with the namespace"],
        "the component's name begins with the namespace of a package; in a subscriber org the policies of a packaged app \
            have names without it",
        "rename the file to the name without the namespace, such as <App>_oauth_defaultPolicy, or install the package first",
        &[RuleId(1008)],
    ),
];
