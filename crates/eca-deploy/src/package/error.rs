//! Why there is no package.

use std::fmt;

use eca_model::fs::LoadError;
use eca_model::{ComponentId, EditError, Position, UnreadableFile};

use crate::limits::NearLimit;
use crate::package::component_set::ComponentSet;
use crate::package::rules::RemovalReason;
use crate::retrieve::archive::ZipFailure;

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Files of the project cannot be read, so a package would be incomplete.
    #[error("{}", Unreadable(.files))]
    Unreadable {
        /// At least one.
        files: Vec<UnreadableFile>,
    },
    /// A file of a folder cannot be read at all.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Nothing to deploy.
    #[error("the project has no metadata that can be deployed")]
    Empty,
    /// Two files of one component: whichever went in, the other one would be lost.
    #[error(
        "{first} and {second} are both {component}; Salesforce's names do not tell upper from lower case"
    )]
    Duplicate {
        /// The component.
        component: ComponentId,
        /// The one file.
        first: String,
        /// The other file.
        second: String,
    },
    /// A deploy would replace a key or secret, and nobody asked for it by name.
    #[error(
        "{path}:{position}: {element} is true: deploying it makes the org replace what {component} holds now"
    )]
    Rotation {
        /// The component; what
        /// [`PackageBuilder::allow_rotation`](super::PackageBuilder::allow_rotation) takes.
        component: ComponentId,
        /// The local file.
        path: String,
        /// Where the member stands.
        position: Position,
        /// The element's name.
        element: &'static str,
    },
    /// A member has to be left out and cannot be, such as when it stands there twice.
    #[error("{path}:{position}: {element}, {reason}, cannot be left out of the package")]
    CannotRemove {
        /// The local file.
        path: String,
        /// Where the member stands.
        position: Position,
        /// The element's name.
        element: &'static str,
        /// Why it would have to be left out.
        reason: RemovalReason,
        /// The editor's words, if it tried.
        #[source]
        source: Option<EditError>,
    },
    /// Components that were asked for and are not in the project.
    #[error("the project has no {components}")]
    NotInProject {
        /// At least one.
        components: ComponentSet,
    },
    /// Components that would be deployed and deleted right after.
    #[error("deployed and deleted in one package: {components}")]
    DeployedAndDeleted {
        /// At least one.
        components: ComponentSet,
    },
    /// Two certificates of one name.
    #[error("there are two certificates {name}")]
    DuplicateCertificate {
        /// The name.
        name: String,
    },
    /// A component that is a pair of files, and only the one with the members is there.
    #[error("{component} has no content: there is no {expected} beside {path}")]
    NoContent {
        /// The component.
        component: ComponentId,
        /// The local file with the members.
        path: String,
        /// The file that is missing.
        expected: String,
    },
    /// A wildcard among what is to be deleted; the Metadata API does not take them there.
    #[error("{kind}:* cannot be deleted: destructive changes name each component")]
    DestructiveWildcard {
        /// The type.
        kind: String,
    },
    /// A consumer is to be shared, and nothing says which one: the org would make a new one.
    #[error(
        "{path}: there is no oauthLink, so the consumer of the org that the app came from cannot be shared"
    )]
    NothingToShare {
        /// The local file.
        path: String,
    },
    /// Org-bound members that are true in different orgs.
    #[error("{path}:{position}: {element} is bound to org {found}, {other_path} to org {other}")]
    SeveralOrgs {
        /// The local file.
        path: String,
        /// Where the member stands.
        position: Position,
        /// The element's name.
        element: &'static str,
        /// The org that it names.
        found: String,
        /// The file that names another one.
        other_path: String,
        /// The other org.
        other: String,
    },
    /// A secret was given for a place where the package has none.
    #[error("a secret was given for {element} of {component}, which is no secret of this package")]
    NoSuchSecret {
        /// The component.
        component: ComponentId,
        /// The element's name.
        element: String,
    },
    /// Past one of Salesforce's limits.
    #[error("the package has {} {}, more than the {} allowed", .0.used, .0.limit, .0.allowed)]
    TooLarge(NearLimit),
    /// The zip writer failed, such as on a file name longer than a zip can hold.
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
