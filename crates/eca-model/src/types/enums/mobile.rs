//! Enumerations of mobile apps: devices, push, attestation.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// Apple's push services.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ApplePushEnvironmentType {
    /// For development.
    Sandbox,
    /// For released apps.
    Production,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// How strictly device attestation is enforced.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum AttestEnforceLevel {
    /// Not at all.
    None,
    /// `ClientControlled`.
    ClientControlled,
    /// `Strict`.
    Strict,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Services that attest devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum AttestServiceType {
    /// For Apple's devices.
    Apple,
    /// For Android devices.
    Android,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Platforms of devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum DevicePlatformType {
    /// iOS.
    #[value(name = "ios")]
    Ios,
    /// Android.
    #[value(name = "android")]
    Android,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Kinds of devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum DeviceType {
    /// `phone`.
    #[value(name = "phone")]
    Phone,
    /// `tablet`.
    #[value(name = "tablet")]
    Tablet,
    /// `minitablet`.
    #[value(name = "minitablet")]
    Minitablet,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Push services.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum PushServiceType {
    /// Apple Push Notification service.
    Apple,
    /// Firebase Cloud Messaging.
    Android,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// After how many minutes without use a screen locks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ScreenLockTimeout {
    /// It does not lock.
    Never,
    /// 1 minute.
    One,
    /// 5 minutes.
    Five,
    /// 10 minutes.
    Ten,
    /// 30 minutes.
    Thirty,
    /// 60 minutes.
    Sixty,
    /// 120 minutes.
    OneTwenty,
    /// 180 minutes.
    OneEighty,
    /// 240 minutes.
    TwoForty,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
