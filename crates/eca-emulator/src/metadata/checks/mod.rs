//! Checks after a file has been read: everything that depends on other components, the users and
//! the org.

mod app;
mod certificate;
mod credentials;
mod limits;
mod references;
mod saml;
mod scopes;

use eca_model::{ApiVersion, Document, MetadataType, Position};

use crate::ids::RecordId;
use crate::metadata::job::problem::Problem;
use crate::state::component_key::ComponentKey;
use crate::state::components::Metadata;
use crate::state::record::Record;
use crate::state::users::Users;

/// The context of a check.
pub(crate) struct CheckContext<'a> {
    pub(crate) org_id: &'a RecordId,
    pub(crate) users: &'a Users,
    /// Permission sets that exist without a deploy.
    pub(crate) permission_sets: &'a std::collections::BTreeSet<String>,
    /// The version of the package.
    pub(crate) version: ApiVersion,
    /// The metadata with the package applied.
    pub(crate) draft: &'a Metadata,
    pub(crate) id: &'a ComponentKey,
    pub(crate) record: &'a Record,
    pub(crate) document: &'a Document,
}

impl CheckContext<'_> {
    /// The position of a member, or of the root when it is absent.
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
pub(crate) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    let first = references::check(context).or_else(|| limits::check(context));
    first.or_else(|| match context.id.kind {
        MetadataType::ExternalClientApplication => app::header(context),
        MetadataType::ExtlClntAppOauthSettings => scopes::check(context)
            .or_else(|| certificate::client_assertion(context))
            .or_else(|| app::oauth_link(context))
            .or_else(|| app::only_one(context)),
        MetadataType::ExtlClntAppGlobalOauthSettings => app::has_settings(context)
            .or_else(|| certificate::jwt_bearer(context))
            .or_else(|| app::consumer(context))
            .or_else(|| app::only_one(context))
            .or_else(|| app::rotation(context)),
        MetadataType::ExtlClntAppOauthConfigurablePolicies => app::execution_user(context)
            .or_else(|| app::jwt_policies(context))
            .or_else(|| app::only_one(context)),
        MetadataType::ExtlClntAppConfigurablePolicies => app::only_one(context),
        MetadataType::ExtlClntAppSamlConfigurablePolicies => saml::check(context),
        MetadataType::ExternalCredential => credentials::check(context),
        MetadataType::Profile => app::no_principals(context),
        _ => None,
    })
}
