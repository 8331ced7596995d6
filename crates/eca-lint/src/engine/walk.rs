//! A walk over a file together with its schema.

use eca_model::schema::{FieldKind, FieldSchema, RecordSchema};
use eca_model::{Component, Element};

/// One step of a walk.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A record is entered: the root element, or an element whose members the schema describes.
    Record(Element<'a>, &'static RecordSchema),
    /// An element that is in the record's schema.
    Field(Element<'a>, &'static FieldSchema),
    /// An element that its parent cannot have, with the names that the parent can have.
    Unknown {
        element: Element<'a>,
        parent: &'static str,
        known: &'static [FieldSchema],
    },
}

/// Calls `visit` for every element of a component's file that has a schema, in document order.
/// Unmodelled parts of a record are skipped.
pub(crate) fn walk<'a>(component: &'a Component, visit: &mut dyn FnMut(Step<'a>)) {
    let schema = component.kind().schema().record;
    record(component.file().document().root(), schema, visit);
}

fn record<'a>(
    element: Element<'a>,
    schema: &'static RecordSchema,
    visit: &mut dyn FnMut(Step<'a>),
) {
    visit(Step::Record(element, schema));
    for child in element.children() {
        let Some(field) = schema.field(child.name()) else {
            if !schema.partial && !is_inherited(child) {
                visit(Step::Unknown {
                    element: child,
                    parent: schema.name,
                    known: schema.fields,
                });
            }
            continue;
        };
        visit(Step::Field(child, field));
        if let FieldKind::Record(inner) = field.kind {
            record(child, inner, visit);
        } else {
            for inner in child.children() {
                visit(Step::Unknown {
                    element: inner,
                    parent: field.element,
                    known: &[],
                });
            }
        }
    }
}

/// Every metadata type inherits these members (metadata WSDL, type Metadata).
fn is_inherited(element: Element<'_>) -> bool {
    matches!(element.name(), "fullName" | "module")
        && element
            .parent()
            .is_some_and(|parent| parent.parent().is_none())
}
