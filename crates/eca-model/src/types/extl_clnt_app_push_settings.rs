//! `.ecaPush` files.

use crate::types::{ApplePushEnvironmentType, PushServiceType};
use crate::values::text::SecretText;
use eca_model_derive::Record;

/// How the org reaches the push service of an app's platform: credentials of its own for Apple or
/// Android, or a link to those of another org; exactly one of the three. Needs the OAuth plugin.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "extlClntAppPushSettings", suffix = "ecaPush", since = 62)]
pub struct ExtlClntAppPushSettings {
    /// The credentials for Firebase Cloud Messaging.
    pub android_push_config: Option<ExtlClntAppAndroidPushConfig>,
    /// The credentials for the Apple Push Notification service.
    pub apple_push_config: Option<ExtlClntAppApplePushConfig>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// `<15-character org id>:<15-character id of the configuration>`, made by the org: whose
    /// credentials are used.
    #[field(generated)]
    pub push_config_link: Option<String>,
    /// The push service; has to agree with the credentials.
    #[field(required)]
    pub push_service_type: Option<PushServiceType>,
}

/// Credentials for Firebase Cloud Messaging.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppAndroidPushConfig {
    /// The id of the Firebase project.
    #[field(since = 62, required)]
    pub fcm_project: Option<String>,
    /// The key file of the service account, in base64. Must never be in a file.
    #[field(since = 62, required, secret, max_length = 8000)]
    pub service_account: Option<SecretText>,
}

/// Credentials for the Apple Push Notification service: either a signing key with its two
/// identifiers, or a certificate with its password.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppApplePushConfig {
    /// The bundle identifier of the app.
    #[field(since = 62)]
    pub application_bundle: Option<String>,
    /// The PKCS #12 archive in base64; it holds the private key too. Must never be in a file.
    #[field(since = 62, secret)]
    pub certificate: Option<SecretText>,
    /// Apple's sandbox or its production service.
    #[field(since = 62, required)]
    pub environment: Option<ApplePushEnvironmentType>,
    /// The identifier of the signing key.
    #[field(since = 62)]
    pub key_identifier: Option<String>,
    /// The password of the archive. Must never be in a file.
    #[field(since = 62, secret)]
    pub password: Option<SecretText>,
    /// The signing key. Must never be in a file.
    #[field(since = 62, secret)]
    pub signing_key: Option<SecretText>,
    /// The identifier of the developer's team, with a signing key.
    #[field(since = 62)]
    pub team_identifier: Option<String>,
}
