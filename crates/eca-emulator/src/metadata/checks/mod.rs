//! What an org checks once a file has been read: everything that needs to know the other
//! components, the users and the org itself.

mod app;
mod certificate;
mod references;
mod scopes;

use eca_model::{ComponentId, Document, MetadataType, Position};

use crate::ids::RecordId;
use crate::metadata::job::problem::Problem;
use crate::state::components::Metadata;
use crate::state::record::Record;
use crate::state::users::Users;

/// The context of a check.
pub(crate) struct Scene<'a> {
    pub(crate) org_id: &'a RecordId,
    pub(crate) users: &'a Users,
    /// Permission sets that are there without having been deployed.
    pub(crate) permission_sets: &'a std::collections::BTreeSet<String>,
    /// The org as it would be with the package in it.
    pub(crate) draft: &'a Metadata,
    pub(crate) id: &'a ComponentId,
    pub(crate) record: &'a Record,
    pub(crate) document: &'a Document,
}

impl Scene<'_> {
    /// Where a member stands, or the root when it is absent.
    fn position(&self, element: &str) -> Position {
        let root = self.document.root();
        root.child(element)
            .map_or_else(|| root.position(), eca_model::Element::position)
    }

    fn refuse(&self, element: &str, text: impl Into<String>) -> Problem {
        Problem::at(self.position(element), text)
    }
}

/// The first problem of a component; an org reports one at a time.
pub(crate) fn check(scene: &Scene<'_>) -> Option<Problem> {
    references::check(scene).or_else(|| match scene.id.kind {
        MetadataType::ExternalClientApplication => app::header(scene),
        MetadataType::ExtlClntAppOauthSettings => scopes::check(scene)
            .or_else(|| certificate::client_assertion(scene))
            .or_else(|| app::oauth_link(scene))
            .or_else(|| app::only_one(scene)),
        MetadataType::ExtlClntAppGlobalOauthSettings => app::has_settings(scene)
            .or_else(|| certificate::jwt_bearer(scene))
            .or_else(|| app::consumer(scene))
            .or_else(|| app::only_one(scene))
            .or_else(|| app::rotation(scene)),
        MetadataType::ExtlClntAppOauthConfigurablePolicies => app::execution_user(scene)
            .or_else(|| app::jwt_policies(scene))
            .or_else(|| app::only_one(scene)),
        MetadataType::ExtlClntAppConfigurablePolicies => app::only_one(scene),
        _ => None,
    })
}
