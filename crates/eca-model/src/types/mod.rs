//! The metadata types: one struct per file, whose attributes are the schema.
//!
//! A struct holds what the file holds: a member that is left out is `None`, a repeated one is a
//! `Vec`. Whether a member is required, since when it exists and which value an org uses in its
//! absence is in the reflection table ([`TypeSchema`]), which is built from the same attributes.

use std::fmt;
use std::str::FromStr;

use crate::file::decode::{Described, Reader, Record};
use crate::schema::TypeSchema;
use crate::xml::{Element, Member};

mod certificate;
mod custom_permission;
mod enums;
mod external_app_oauth_config;
mod external_auth_identity_provider;
mod external_client_app_settings;
mod external_client_application;
mod external_credential;
mod extl_clnt_app_attest_configurable_policies;
mod extl_clnt_app_attest_settings;
mod extl_clnt_app_canvas_settings;
mod extl_clnt_app_configurable_policies;
mod extl_clnt_app_global_oauth_settings;
mod extl_clnt_app_mobile_configurable_policies;
mod extl_clnt_app_mobile_settings;
mod extl_clnt_app_notification_settings;
mod extl_clnt_app_oauth_configurable_policies;
mod extl_clnt_app_oauth_security_settings;
mod extl_clnt_app_oauth_settings;
mod extl_clnt_app_push_configurable_policies;
mod extl_clnt_app_push_settings;
mod extl_clnt_app_saml_configurable_policies;
mod extl_clnt_app_sample_configurable_policies;
mod extl_clnt_app_sample_settings;
mod named_credential;
mod network;
mod oauth_custom_scope;
mod oauth_oidc_settings;
mod oauth_token_exchange_handler;
mod package;
mod permission_set;
mod profile;

pub use certificate::*;
pub use custom_permission::*;
pub use enums::*;
pub use external_app_oauth_config::*;
pub use external_auth_identity_provider::*;
pub use external_client_app_settings::*;
pub use external_client_application::*;
pub use external_credential::*;
pub use extl_clnt_app_attest_configurable_policies::*;
pub use extl_clnt_app_attest_settings::*;
pub use extl_clnt_app_canvas_settings::*;
pub use extl_clnt_app_configurable_policies::*;
pub use extl_clnt_app_global_oauth_settings::*;
pub use extl_clnt_app_mobile_configurable_policies::*;
pub use extl_clnt_app_mobile_settings::*;
pub use extl_clnt_app_notification_settings::*;
pub use extl_clnt_app_oauth_configurable_policies::*;
pub use extl_clnt_app_oauth_security_settings::*;
pub use extl_clnt_app_oauth_settings::*;
pub use extl_clnt_app_push_configurable_policies::*;
pub use extl_clnt_app_push_settings::*;
pub use extl_clnt_app_saml_configurable_policies::*;
pub use extl_clnt_app_sample_configurable_policies::*;
pub use extl_clnt_app_sample_settings::*;
pub use named_credential::*;
pub use network::*;
pub use oauth_custom_scope::*;
pub use oauth_oidc_settings::*;
pub use oauth_token_exchange_handler::*;
pub use package::*;
pub use permission_set::*;
pub use profile::*;

/// What the source format adds to a file's name.
const SOURCE_SUFFIX: &str = "-meta.xml";

/// The only list of types. Everything that covers all types is generated from it.
macro_rules! metadata_types {
    ($($name:ident),* $(,)?) => {
        /// A metadata type that this crate knows.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum MetadataType {
            $(#[doc = concat!("[`", stringify!($name), "`](struct@", stringify!($name), ").")] $name,)*
        }

        impl MetadataType {
            /// Every type, sorted by name.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The reflection table of the type.
            pub fn schema(self) -> &'static TypeSchema {
                match self {
                    $(Self::$name => <$name as Described>::TYPE_SCHEMA,)*
                }
            }
        }

        /// A decoded file of any type.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Metadata {
            $(#[doc = concat!("A `", stringify!($name), "`.")] $name(Box<$name>),)*
        }

        impl Metadata {
            /// The type.
            pub fn metadata_type(&self) -> MetadataType {
                match self {
                    $(Self::$name(_) => MetadataType::$name,)*
                }
            }

            /// The members in Salesforce's order.
            pub fn members(&self) -> Vec<Member> {
                match self {
                    $(Self::$name(value) => value.members(),)*
                }
            }

            /// The developer name of the app that this belongs to, from its
            /// `externalClientApplication` element. `None` when the element is missing, and for a
            /// type that is not a part of an app.
            pub fn external_client_application(&self) -> Option<&str> {
                match self {
                    $(Self::$name(value) => value.owner(),)*
                }
            }

            pub(crate) fn deserialize_as<'de, D: serde::Deserializer<'de>>(
                kind: MetadataType,
                deserializer: D,
            ) -> Result<Self, D::Error> {
                match kind {
                    $(MetadataType::$name => {
                        <$name as serde::Deserialize>::deserialize(deserializer).map(Self::from)
                    })*
                }
            }

            pub(crate) fn decode(kind: MetadataType, root: Element<'_>, reader: &mut Reader) -> Self {
                match kind {
                    $(MetadataType::$name => Self::$name(Box::new(<$name as Record>::decode(root, reader))),)*
                }
            }
        }

        $(
            impl Typed for $name {
                const TYPE: MetadataType = MetadataType::$name;

                fn from_metadata(metadata: &Metadata) -> Option<&Self> {
                    match metadata {
                        Metadata::$name(value) => Some(value),
                        _ => None,
                    }
                }

                fn from_metadata_mut(metadata: &mut Metadata) -> Option<&mut Self> {
                    match metadata {
                        Metadata::$name(value) => Some(value),
                        _ => None,
                    }
                }
            }

            impl From<$name> for Metadata {
                fn from(value: $name) -> Self {
                    Self::$name(Box::new(value))
                }
            }
        )*
    };
}

metadata_types! {
    Certificate,
    CustomPermission,
    ExternalAuthIdentityProvider,
    ExternalClientAppSettings,
    ExternalClientApplication,
    ExternalCredential,
    ExtlClntAppAttestConfigurablePolicies,
    ExtlClntAppAttestSettings,
    ExtlClntAppCanvasSettings,
    ExtlClntAppCanvasStngs,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppMobileSettings,
    ExtlClntAppNotificationSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSecuritySettings,
    ExtlClntAppOauthSettings,
    ExtlClntAppPushConfigurablePolicies,
    ExtlClntAppPushSettings,
    ExtlClntAppSamlConfigurablePolicies,
    ExtlClntAppSampleConfigurablePolicies,
    ExtlClntAppSampleSettings,
    NamedCredential,
    Network,
    OauthCustomScope,
    OauthOidcSettings,
    OauthTokenExchangeHandler,
    PermissionSet,
    Profile,
}

/// A struct that is one of the [`MetadataType`]s.
pub trait Typed: Described {
    /// The type.
    const TYPE: MetadataType;

    /// The value, when it is of this type.
    fn from_metadata(metadata: &Metadata) -> Option<&Self>;

    /// The value, when it is of this type.
    fn from_metadata_mut(metadata: &mut Metadata) -> Option<&mut Self>;
}

impl Metadata {
    /// The typed value, when it is of this type.
    pub fn downcast_ref<T: Typed>(&self) -> Option<&T> {
        T::from_metadata(self)
    }
}

/// The element that names the app of a component.
pub(crate) const APP_ELEMENT: &str = "externalClientApplication";

impl MetadataType {
    /// Whether a component of this type is an app, or names the app that it belongs to.
    pub fn is_of_apps(self) -> bool {
        self == Self::ExternalClientApplication || self.schema().record.field(APP_ELEMENT).is_some()
    }

    /// The type's own name, which is that of its root element.
    pub fn name(self) -> &'static str {
        self.schema().name
    }

    /// The name in manifests, which the Metadata API uses too: `Settings` for each type of
    /// settings, else the type's own.
    pub fn manifest_name(self) -> &'static str {
        self.schema().manifest_name
    }

    /// The type whose files have this root element.
    pub fn from_root(root: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.schema().name == root)
    }

    /// The types that a line of a manifest means, by the type's name and the member's: one, or
    /// several for the member `*` of `Settings`. None when this crate does not know the type or the
    /// settings.
    ///
    /// ```
    /// use eca_model::MetadataType;
    ///
    /// let types: Vec<_> = MetadataType::by_manifest_name("Settings", "OauthOidc").collect();
    /// assert_eq!(types, [MetadataType::OauthOidcSettings]);
    /// assert_eq!(MetadataType::by_manifest_name("Settings", "*").count(), 2);
    /// assert_eq!(MetadataType::by_manifest_name("Settings", "Security").count(), 0);
    /// assert_eq!(MetadataType::by_manifest_name("Profile", "Admin").count(), 1);
    /// ```
    pub fn by_manifest_name(type_name: &str, member: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |kind| {
            let schema = kind.schema();
            let fixed = schema.fixed_name;
            schema.manifest_name == type_name
                && fixed.is_none_or(|fixed| fixed == member || member == "*")
        })
    }

    /// The type whose files are the only ones with this suffix (without the dot, in the metadata
    /// format). It does not find types that share a suffix (settings), or whose suffix is that of
    /// the content beside them (certificates); [`MetadataType::from_file_name`] does.
    pub(crate) fn from_suffix(suffix: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| {
            let schema = kind.schema();
            schema.suffix == suffix
                && !suffix.is_empty()
                && schema.fixed_name.is_none()
                && !schema.content
        })
    }

    /// Type and full name of the component whose members a file holds, by the file's name in either
    /// format.
    ///
    /// ```
    /// use eca_model::MetadataType;
    ///
    /// for (file, found) in [
    ///     ("Shop.eca", Some((MetadataType::ExternalClientApplication, "Shop"))),
    ///     ("Shop.eca-meta.xml", Some((MetadataType::ExternalClientApplication, "Shop"))),
    ///     // The content of a certificate has no members.
    ///     ("Login.crt", None),
    ///     ("Login.crt-meta.xml", Some((MetadataType::Certificate, "Login"))),
    ///     // An org has many settings files; this crate knows some of them.
    ///     ("Security.settings-meta.xml", None),
    ///     ("ExternalClientApp.settings", Some((MetadataType::ExternalClientAppSettings, "ExternalClientApp"))),
    /// ] {
    ///     assert_eq!(MetadataType::from_file_name(file), found, "{file}");
    /// }
    /// ```
    pub fn from_file_name(file: &str) -> Option<(Self, &str)> {
        let source = file.strip_suffix(SOURCE_SUFFIX);
        let (name, suffix) = source.unwrap_or(file).rsplit_once('.')?;
        let mut all = Self::ALL.iter().copied();
        let kind = all.find(|kind| {
            let schema = kind.schema();
            schema.suffix == suffix
                && !suffix.is_empty()
                && schema.fixed_name.is_none_or(|fixed| fixed == name)
                && (!schema.content || source.is_some())
        })?;
        (!name.is_empty()).then_some((kind, name))
    }
}

impl fmt::Display for MetadataType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl fmt::Debug for MetadataType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A name that is none of the [`MetadataType`]s.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a metadata type that this program knows")]
pub struct UnknownMetadataType(String);

impl FromStr for MetadataType {
    type Err = UnknownMetadataType;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownMetadataType(name.to_owned()))
    }
}
