//! `.ecaMobile` files.

use crate::types::{DevicePlatformType, DeviceType};
use eca_model_derive::Record;

/// The developer's part of an app's mobile configuration: whether the app locks its screen. Until
/// API 58 the type was a sample with other members.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppMobileSettings",
    suffix = "ecaMobile",
    since = 57
)]
pub struct ExtlClntAppMobileSettings {
    /// Historic: the platform of the device.
    #[field(until = 58, required)]
    pub device_platform: Option<DevicePlatformType>,
    /// Historic: the kind of device.
    #[field(until = 58, required)]
    pub device_type: Option<DeviceType>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// Whether the app asks for a passcode or biometrics after a time without use; the policies
    /// set that time.
    #[field(since = 59, required)]
    pub is_screen_lock_enabled: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
    /// Historic: the oldest operating system.
    #[field(until = 58)]
    pub minimum_os_version: Option<String>,
    /// Historic: a sample policy.
    #[field(until = 58)]
    pub policy1: Option<String>,
    /// Historic: whether the developer manages that policy.
    #[field(until = 58)]
    pub policy1_dev_managed: Option<bool>,
    /// Historic: a sample policy.
    #[field(until = 58)]
    pub policy2: Option<String>,
    /// Historic: whether the developer manages that policy.
    #[field(until = 58)]
    pub policy2_dev_managed: Option<bool>,
    /// Historic: the app's version.
    #[field(until = 58)]
    pub version: Option<String>,
}
