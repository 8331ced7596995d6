//! `package.xml` and the destructive-changes files.

use crate::types::APIAccessLevel;
use eca_model_derive::Record;

/// A manifest: what a package deploys or deletes, or what a retrieve asks for (Metadata API
/// Developer Guide, "Sample package.xml Manifest Files" and "Deleting Components from an
/// Organization"). `package.xml` and the destructive-changes files have the same members.
/// [`Manifest`](crate::project::manifest::Manifest) is their content without the spelling.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "", suffix = "xml", fixed_name = "package", since = 47)]
pub struct Package {
    /// Which objects an installed package may access over the API.
    pub api_access_level: Option<APIAccessLevel>,
    /// The purpose of the package.
    pub description: Option<String>,
    /// The namespace of the developer org that the package comes from.
    pub namespace_prefix: Option<String>,
    /// Access to objects, where `apiAccessLevel` is `Restricted`.
    #[field(key = "object")]
    pub object_permissions: Vec<ProfileObjectPermissions>,
    /// The kind of package. Not documented.
    pub package_type: Option<String>,
    /// The Apex class that runs after an installation.
    pub post_install_class: Option<String>,
    /// The web link that opens after an installation.
    pub setup_weblink: Option<String>,
    /// The components, by type. A type may stand here more than once.
    #[field(key = "name")]
    pub types: Vec<PackageTypeMembers>,
    /// The Apex class that runs when the package is removed.
    pub uninstall_class: Option<String>,
    /// The API version whose schema the files are written for, such as `66.0`.
    #[field(required)]
    pub version: Option<String>,
}

/// Components of one type.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct PackageTypeMembers {
    /// Full names, or `*` for all. Which components `*` covers differs by type, and a
    /// destructive-changes file accepts none.
    pub members: Vec<String>,
    /// The type's name in manifests. Any type may occur, not only those that this crate knows.
    #[field(required)]
    pub name: Option<String>,
}

/// What a package may do with the records of one object.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ProfileObjectPermissions {
    /// Create records.
    pub allow_create: Option<bool>,
    /// Delete records.
    pub allow_delete: Option<bool>,
    /// Change records.
    pub allow_edit: Option<bool>,
    /// Read records.
    pub allow_read: Option<bool>,
    /// Not documented. The WSDLs up to 66.0 have it, later public types do not.
    pub customize_setup: Option<bool>,
    /// Not documented. The WSDLs up to 66.0 have it, later public types do not.
    pub delete_setup: Option<bool>,
    /// Read, change and delete every record, regardless of sharing.
    pub modify_all_records: Option<bool>,
    /// The object.
    #[field(required)]
    pub object: Option<String>,
    /// Read every field.
    #[field(since = 63)]
    pub view_all_fields: Option<bool>,
    /// Read every record, regardless of sharing.
    pub view_all_records: Option<bool>,
    /// Not documented. The WSDLs up to 66.0 have it, later public types do not.
    pub view_setup: Option<bool>,
}
