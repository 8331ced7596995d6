//! Conversion between elements and typed values.

use crate::file::problem::{Problem, ProblemKind};
use crate::schema::{FieldKind, ListInText, RecordSchema, TypeSchema};
use crate::values::text::{LineList, NameList, ScopeList, SecretText};
use crate::xml::{Content, Element, Member};

/// A struct whose fields are the members of a metadata type or of a nested type; derived.
pub trait Record: Default + Clone + PartialEq + Sized {
    /// The struct's schema.
    const SCHEMA: &'static RecordSchema;

    /// Reads the element's children. Lenient: a child that does not fit is reported and left out.
    fn decode(element: Element<'_>, reader: &mut Reader) -> Self;

    /// The members in Salesforce's order.
    fn members(&self) -> Vec<Member>;
}

/// A record that is a whole metadata type; derived from `#[metadata(…)]`.
pub trait Described: Record {
    /// The type's name, folder, suffix, versions and members.
    const TYPE_SCHEMA: &'static TypeSchema;

    /// The full name of the component that this one belongs to: the text of the member marked as
    /// owner ([`FieldSchema::owner`](crate::schema::FieldSchema::owner)). `None` also for a type
    /// that belongs to nothing.
    fn owner(&self) -> Option<&str> {
        None
    }
}

/// The value of one element.
pub trait Value: Sized {
    /// The kind, for the reflection table.
    const KIND: FieldKind;
    /// How several items stand in the text.
    const LIST_IN_TEXT: Option<ListInText> = None;

    /// Reads an element; `None`, and a report, when the text is not such a value.
    fn decode(element: Element<'_>, reader: &mut Reader) -> Option<Self>;

    /// The element's content.
    fn content(&self) -> Content;
}

/// A field of a record: `Option<V>` for one element, `Vec<V>` for a repeated one.
pub trait Slot {
    /// The kind of the value.
    const KIND: FieldKind;
    /// Whether the element may repeat.
    const LIST: bool;
    /// How several items stand in the text of one element.
    const LIST_IN_TEXT: Option<ListInText>;

    /// Reads one element into the field.
    fn fill(&mut self, element: Element<'_>, reader: &mut Reader);

    /// Adds the elements to be written.
    fn members(&self, name: &'static str, members: &mut Vec<Member>);
}

impl<V: Value> Slot for Option<V> {
    const KIND: FieldKind = V::KIND;
    const LIST: bool = false;
    const LIST_IN_TEXT: Option<ListInText> = V::LIST_IN_TEXT;

    fn fill(&mut self, element: Element<'_>, reader: &mut Reader) {
        if self.is_some() {
            reader.report(element, ProblemKind::Duplicate);
        } else if !element.is_nil() {
            *self = V::decode(element, reader);
        }
    }

    fn members(&self, name: &'static str, members: &mut Vec<Member>) {
        members.extend(self.iter().map(|value| Member {
            name,
            list: false,
            content: value.content(),
        }));
    }
}

impl<V: Value> Slot for Vec<V> {
    const KIND: FieldKind = V::KIND;
    const LIST: bool = true;
    const LIST_IN_TEXT: Option<ListInText> = V::LIST_IN_TEXT;

    fn fill(&mut self, element: Element<'_>, reader: &mut Reader) {
        self.extend(V::decode(element, reader));
    }

    fn members(&self, name: &'static str, members: &mut Vec<Member>) {
        members.extend(self.iter().map(|value| Member {
            name,
            list: true,
            content: value.content(),
        }));
    }
}

/// The white space of XML 1.0 (section 2.3).
const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

impl Value for bool {
    const KIND: FieldKind = FieldKind::Boolean;

    fn decode(element: Element<'_>, reader: &mut Reader) -> Option<Self> {
        let text = element.text();
        // XML Schema part 2, 3.2.2: `1` and `0` are booleans too.
        match text.trim_matches(WHITE_SPACE) {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            other => {
                reader.report(element, ProblemKind::NotABoolean(other.to_owned()));
                None
            }
        }
    }

    fn content(&self) -> Content {
        Content::Text(self.to_string())
    }
}

impl Value for i32 {
    const KIND: FieldKind = FieldKind::Integer;

    fn decode(element: Element<'_>, reader: &mut Reader) -> Option<Self> {
        let text = element.text();
        let text = text.trim_matches(WHITE_SPACE);
        let value = text.parse().ok();
        if value.is_none() {
            reader.report(element, ProblemKind::NotAnInteger(text.to_owned()));
        }
        value
    }

    fn content(&self) -> Content {
        Content::Text(self.to_string())
    }
}

/// Values whose text is used unchanged.
macro_rules! text_value {
    ($($ty:ty, $get:ident $(, $list:ident)?;)*) => {$(
        impl Value for $ty {
            const KIND: FieldKind = FieldKind::Text;
            $(const LIST_IN_TEXT: Option<ListInText> = Some(ListInText::$list);)?

            fn decode(element: Element<'_>, reader: &mut Reader) -> Option<Self> {
                reader.forbid_children(element);
                Some(Self::from(element.text().into_owned()))
            }

            fn content(&self) -> Content {
                Content::Text(self.$get().to_owned())
            }
        }
    )*};
}

text_value! {
    String, as_str;
    SecretText, expose_secret;
    ScopeList, as_str, SpacedCommas;
    NameList, as_str, Commas;
    LineList, as_str, Lines;
}

/// Collects the problems of a file while it is read.
#[derive(Default)]
pub struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    /// An element that the record does not have.
    pub fn unknown_element(&mut self, element: Element<'_>, partial: bool) {
        // The inherited members can occur in every type (metadata WSDL, type Metadata).
        let inherited = matches!(element.name(), "fullName" | "module")
            && element.parent().is_some_and(|p| p.parent().is_none());
        if !partial && !inherited {
            self.report(element, ProblemKind::UnknownElement);
        }
    }

    /// Text between the members of a record.
    pub fn stray_text(&mut self, record: Element<'_>) {
        if let Some(text) = record.stray_text() {
            let text = text.trim_matches(WHITE_SPACE).to_owned();
            self.report(record, ProblemKind::StrayText(text));
        }
    }

    /// Reports a problem at an element.
    pub fn report(&mut self, element: Element<'_>, kind: ProblemKind) {
        self.problems.push(Problem {
            kind,
            path: element.path(),
            position: element.position(),
        });
    }

    fn forbid_children(&mut self, element: Element<'_>) {
        if let Some(child) = element.children().next() {
            self.report(child, ProblemKind::UnknownElement);
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}
