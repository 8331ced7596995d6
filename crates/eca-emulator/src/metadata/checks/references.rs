//! Names of other components.

use eca_model::{Element, FieldKind, MetadataType, RecordSchema};

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;

/// Every member that names a component of a known type must name one that is in the org or in the
/// package. Names of other things (Apex classes, profiles, certificates) are accepted unchecked.
pub(super) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    let root = context.document.root();
    walk(context, root, context.id.kind.schema().record).or_else(|| principals(context, root))
}

fn walk(
    context: &CheckContext<'_>,
    element: Element<'_>,
    schema: &RecordSchema,
) -> Option<Problem> {
    element.children().find_map(|child| {
        let field = schema.field(child.name())?;
        if let FieldKind::Record(inner) = field.kind {
            return walk(context, child, inner);
        }
        let kind = field.references?.parse::<MetadataType>().ok()?;
        // `principals` looks at texts that name a part of a component.
        if is_outside(kind) || field.part.is_some() {
            return None;
        }
        let names = child.items(field.list_in_text);
        let mut names = names.iter().map(|(_, name)| name);
        names.find(|name| !exists(context, kind, name)).map(|name| {
            let place = format!("In field: {} - no {kind} named {name} found", field.element);
            let text = if kind == MetadataType::ExternalClientApplication {
                // Only the code is reported by users; the rest is inferred from other types.
                format!("INVALID_CROSS_REFERENCE_KEY: {place}")
            } else {
                place
            };
            Problem::at(child.position(), text)
        })
    })
}

/// Types whose components exist in an org without a deploy (standard profiles) or come from
/// elsewhere (certificates).
fn is_outside(kind: MetadataType) -> bool {
    matches!(kind, MetadataType::Profile | MetadataType::Certificate)
}

fn exists(context: &CheckContext<'_>, kind: MetadataType, name: &str) -> bool {
    context.draft.has(kind, name)
        || (kind == MetadataType::PermissionSet
            && (context.permission_sets.contains(name)
                || context.draft.permission_set_by_id(name).is_some()))
}

/// `externalCredentialPrincipal` of a permission set is `<ExternalCredential>-<principal>`. Names
/// of credentials have no hyphen, names of principals may.
fn principals(context: &CheckContext<'_>, root: Element<'_>) -> Option<Problem> {
    if context.id.kind != MetadataType::PermissionSet {
        return None;
    }
    root.children_named("externalCredentialPrincipalAccesses")
        .filter_map(|access| access.child("externalCredentialPrincipal"))
        .find_map(|element| {
            let text = element.text();
            let value = text.trim();
            let is_there = value.split_once('-').is_some_and(|(credential, principal)| {
                context
                    .draft
                    .get(MetadataType::ExternalCredential, credential)
                    .is_some_and(|credential| {
                        credential
                            .record
                            .records("externalCredentialParameters")
                            .any(|parameter| {
                                parameter.text("parameterName") == Some(principal)
                                    && parameter
                                        .text("parameterType")
                                        .is_some_and(|kind| kind.ends_with("Principal"))
                            })
                    })
            });
            (!is_there).then(|| {
                Problem::at(
                    element.position(),
                    format!(
                        "In field: externalCredentialPrincipal - no ExternalCredentialParameter named {value} found"
                    ),
                )
            })
        })
}
