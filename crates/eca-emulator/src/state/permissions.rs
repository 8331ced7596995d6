//! User permissions, which permission sets and profiles grant in `userPermissions` (Metadata API
//! Developer Guide, "PermissionSet").

use eca_model::MetadataType;

use crate::state::State;
use crate::state::components::Component;
use crate::state::users::{User, UserKind};

/// A user permission that this org checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserPermission {
    /// "View all External Client Apps".
    ExternalClientAppViewer,
    /// "Create, edit, and delete External Client Apps".
    ExternalClientAppDeveloper,
    /// "View Client Secret".
    ViewClientSecret,
    /// "Modify Metadata Through Metadata API Functions".
    ModifyMetadata,
    /// "View Setup and Configuration".
    ViewSetup,
    /// "Customize Application".
    CustomizeApplication,
}

impl UserPermission {
    /// The API names that grant it: its own, and those of permissions that include it.
    fn granted_by(self) -> &'static [&'static str] {
        match self {
            Self::ExternalClientAppViewer => &[
                "ExternalClientAppViewer",
                "ExternalClientAppAdmin",
                "ExternalClientAppDeveloper",
            ],
            Self::ExternalClientAppDeveloper => &["ExternalClientAppDeveloper"],
            Self::ViewClientSecret => &["ViewClientSecret"],
            Self::ModifyMetadata => &["ModifyMetadata", "ModifyAllData"],
            Self::ViewSetup => &["ViewSetup", "CustomizeApplication"],
            Self::CustomizeApplication => &["CustomizeApplication"],
        }
    }

    pub(crate) fn is_granted_in(self, component: &Component) -> bool {
        let mut all = component.record.records("userPermissions");
        all.any(|permission| {
            let name = permission.filled("name").unwrap_or_default();
            permission.flag("enabled") == Some(true) && self.granted_by().contains(&name)
        })
    }
}

impl State {
    /// Whether the user has the permission: administrators have all, others those of their deployed
    /// permission sets and of their profile, where it is deployed.
    pub(crate) fn may(&self, user: &User, permission: UserPermission) -> bool {
        let sets = user.permission_sets.iter().map(String::as_str);
        let sets = sets.filter_map(|name| self.metadata.get(MetadataType::PermissionSet, name));
        let profiles = user.profile_names().iter();
        let profiles = profiles.filter_map(|name| self.metadata.get(MetadataType::Profile, name));
        user.kind == UserKind::Administrator
            || sets
                .chain(profiles)
                .any(|component| permission.is_granted_in(component))
    }
}
