//! Why a package cannot be built.

use std::fmt;

use eca_attest::EmbeddedKey;
use eca_model::fs::LoadError;
use eca_model::{ComponentName, FieldError, FieldPath, Position, SuspiciousFile, UnreadableFile};

use crate::limits::NearLimit;
use crate::package::component_set::ComponentSet;
use crate::package::rules::RemovalReason;
use crate::retrieve::archive::ZipFailure;

/// Why a package cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Files of the project cannot be parsed, so the package would be incomplete.
    #[error("{}", Unreadable(.files))]
    Unreadable {
        /// At least one.
        files: Vec<UnreadableFile>,
    },
    /// A file that no tool takes for metadata, and that was probably meant as such.
    #[error("{} would be left out: {}", .0.path, .0.suspicion)]
    LeftOut(SuspiciousFile),
    /// A value that nothing fills in.
    #[error("{path}:{position}: nothing fills in {value}")]
    Unfilled {
        /// The local file.
        path: String,
        /// The position of the element.
        position: Position,
        /// The placeholder.
        value: String,
    },
    /// A file of the folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Nothing to deploy.
    #[error("the project has no metadata that can be deployed")]
    Empty,
    /// Two files of one component.
    #[error("{first} and {second} are both {component}; Salesforce's names are not case-sensitive")]
    Duplicate {
        /// The component.
        component: ComponentName,
        /// One file.
        first: String,
        /// The other file.
        second: String,
    },
    /// The deploy would replace a key or secret, and this was not allowed by name.
    #[error(
        "{path}:{position}: {element} is true: deploying it makes the org replace the current key or secret of {component}"
    )]
    Rotation {
        /// The component; what
        /// [`PackageBuilder::allow_rotation`](super::PackageBuilder::allow_rotation) takes.
        component: ComponentName,
        /// The local file.
        path: String,
        /// The position of the field.
        position: Position,
        /// The element's name.
        element: &'static str,
    },
    /// A field that must not be in a package cannot be removed.
    #[error("{path}:{position}: {element}, {reason}, cannot be removed from the package")]
    CannotRemove {
        /// The local file.
        path: String,
        /// The position of the field.
        position: Position,
        /// The member.
        element: FieldPath,
        /// Why it must be removed.
        reason: RemovalReason,
        /// Why it cannot be.
        #[source]
        source: Box<FieldError>,
    },
    /// A file that would be in the package has a private key. It never leaves the machine.
    #[error("{path} has a private key in it ({key})")]
    PrivateKey {
        /// The local file.
        path: String,
        /// The first key.
        key: EmbeddedKey,
    },
    /// A secret cannot be put into a component.
    #[error("the secret {element} of {component} cannot be put into the package")]
    CannotInject {
        /// The component.
        component: ComponentName,
        /// The member.
        element: FieldPath,
        /// Why.
        #[source]
        source: Box<FieldError>,
    },
    /// Selected components that are not in the project.
    #[error("the project has no {components}")]
    NotInProject {
        /// At least one.
        components: ComponentSet,
    },
    /// Components that would be deployed and then deleted.
    #[error("deployed and deleted in one package: {components}")]
    DeployedAndDeleted {
        /// At least one.
        components: ComponentSet,
    },
    /// Two certificates with one name.
    #[error("there are two certificates {name}")]
    DuplicateCertificate {
        /// The name.
        name: String,
    },
    /// A component of two files without its content file.
    #[error("{component} has no content: there is no {expected} beside {path}")]
    NoContent {
        /// The component.
        component: ComponentName,
        /// The local metadata file.
        path: String,
        /// The missing file.
        expected: String,
    },
    /// A wildcard among the components to delete, which the Metadata API does not support.
    #[error("{kind}:* cannot be deleted: destructive changes name each component")]
    DestructiveWildcard {
        /// The type.
        kind: String,
    },
    /// The consumer is to be shared, but its `oauthLink` is missing: the org would create a new
    /// one.
    #[error(
        "{path}: there is no oauthLink, so the consumer of the app's source org cannot be shared"
    )]
    NothingToShare {
        /// The local file.
        path: String,
    },
    /// Org-bound fields of different orgs.
    #[error("{path}:{position}: {element} is bound to org {found}, {other_path} to org {other}")]
    SeveralOrgs {
        /// The local file.
        path: String,
        /// The position of the field.
        position: Position,
        /// The member.
        element: FieldPath,
        /// The org of the field.
        found: String,
        /// The file with another org.
        other_path: String,
        /// The other org.
        other: String,
    },
    /// A secret was given for a field that is not a secret of this package.
    #[error(
        "a secret was given for {element} of {component}, which is not a secret of this package"
    )]
    NoSuchSecret {
        /// The component.
        component: ComponentName,
        /// The member.
        element: FieldPath,
    },
    /// Above one of Salesforce's limits.
    #[error("the package has {} {}, more than the {} allowed", .0.used, .0.limit, .0.allowed)]
    TooLarge(NearLimit),
    /// The zip writer failed, such as on a file name longer than a zip can contain.
    #[error("the zip cannot be written")]
    Zip(#[source] ZipFailure),
}

struct Unreadable<'a>(&'a [UnreadableFile]);

impl fmt::Display for Unreadable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the project has files that cannot be read: ")?;
        for (index, file) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{file}")?;
        }
        Ok(())
    }
}
