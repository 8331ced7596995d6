//! `.ecaNotifications` files.

use eca_model_derive::Record;

/// Which custom notifications an app receives. Needs the OAuth plugin.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppNotifSettings",
    suffix = "ecaNotifications",
    since = 60
)]
pub struct ExtlClntAppNotificationSettings {
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// The notification types.
    #[field(key = "notificationType")]
    pub notification_types: Vec<ExtlClntAppNotificationType>,
}

/// One notification type of an app.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppNotificationType {
    /// The API name of a custom notification type that is enabled for mobile.
    #[field(since = 60, required, references = "CustomNotificationType")]
    pub notification_type: Option<String>,
    /// Whether users get it as a push notification unless they choose otherwise. The guide
    /// requires it, the schema does not.
    #[field(since = 62)]
    pub push_by_default: Option<bool>,
}
