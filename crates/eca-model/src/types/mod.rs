//! The metadata types: one struct a file, whose attributes are the schema.
//!
//! A struct says what the file says: a member that is left out is `None`, a repeated one is a `Vec`. Whether a member
//! is required, since when it exists and what an org takes in its place stands in the reflection table
//! ([`TypeSchema`]), which is read from the same attributes.

use std::fmt;
use std::str::FromStr;

use crate::decode::{Described, Reader, Record};
use crate::schema::TypeSchema;
use crate::xml::{Element, Member};

mod enums;
mod external_auth_identity_provider;
mod external_client_application;
mod external_credential;
mod extl_clnt_app_configurable_policies;
mod extl_clnt_app_global_oauth_settings;
mod extl_clnt_app_oauth_configurable_policies;
mod extl_clnt_app_oauth_settings;
mod named_credential;
mod permission_set;

pub use enums::*;
pub use external_auth_identity_provider::*;
pub use external_client_application::*;
pub use external_credential::*;
pub use extl_clnt_app_configurable_policies::*;
pub use extl_clnt_app_global_oauth_settings::*;
pub use extl_clnt_app_oauth_configurable_policies::*;
pub use extl_clnt_app_oauth_settings::*;
pub use named_credential::*;
pub use permission_set::*;

/// The one list of types. Everything that goes over all types is made from it.
macro_rules! metadata_types {
    ($($name:ident),* $(,)?) => {
        /// A metadata type of this field.
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

            pub(crate) fn decode(kind: MetadataType, root: Element<'_>, reader: &mut Reader) -> Self {
                match kind {
                    $(MetadataType::$name => Self::$name(Box::new(<$name as Record>::decode(root, reader))),)*
                }
            }
        }

        $(
            impl Typed for $name {
                const TYPE: MetadataType = MetadataType::$name;

                fn of(metadata: &Metadata) -> Option<&Self> {
                    match metadata {
                        Metadata::$name(value) => Some(value),
                        _ => None,
                    }
                }

                fn of_mut(metadata: &mut Metadata) -> Option<&mut Self> {
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
    ExternalAuthIdentityProvider,
    ExternalClientApplication,
    ExternalCredential,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
    NamedCredential,
    PermissionSet,
}

/// A struct that is one of the [`MetadataType`]s.
pub trait Typed: Described {
    /// Which one.
    const TYPE: MetadataType;

    /// The value, when it is of this type.
    fn of(metadata: &Metadata) -> Option<&Self>;

    /// The value, when it is of this type.
    fn of_mut(metadata: &mut Metadata) -> Option<&mut Self>;
}

impl Metadata {
    /// The typed value, when it is of this type.
    pub fn downcast_ref<T: Typed>(&self) -> Option<&T> {
        T::of(self)
    }
}

impl MetadataType {
    /// The type's name: that of the root element and of the manifest.
    pub fn name(self) -> &'static str {
        self.schema().name
    }

    /// The type with this file suffix in the metadata format, without the dot.
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.schema().suffix == suffix)
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
