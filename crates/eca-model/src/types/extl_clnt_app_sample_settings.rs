//! `.ecaSmpl` files.

use crate::types::{DevicePlatformType, DeviceType};
use eca_model_derive::Record;

/// Historic: a sample plugin, internal to Salesforce.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppSampleSettings",
    suffix = "ecaSmpl",
    since = 59,
    until = 66
)]
pub struct ExtlClntAppSampleSettings {
    /// The platform of the device.
    #[field(required)]
    pub device_platform: Option<DevicePlatformType>,
    /// The kind of device.
    #[field(required)]
    pub device_type: Option<DeviceType>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    #[field(required)]
    pub label: Option<String>,
    /// The oldest operating system.
    pub minimum_os_version: Option<String>,
    /// A sample policy.
    pub policy1: Option<String>,
    /// Whether the developer manages that policy.
    pub policy1_dev_managed: Option<bool>,
    /// A sample policy.
    pub policy2: Option<String>,
    /// Whether the developer manages that policy.
    pub policy2_dev_managed: Option<bool>,
    /// The app's version.
    pub version: Option<String>,
}
