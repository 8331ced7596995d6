//! One component of a project.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::field::{FieldError, FieldPath, FieldValue, elements};
use crate::file::File;
use crate::graph::mention::{Mention, mentions};
use crate::project::component_name::ComponentName;
use crate::project::layout;
use crate::project::layout::Layout;
use crate::project::source::Source;
use crate::schema::{FieldKind, RecordSchema};
use crate::types::{APP_ELEMENT, MetadataType, Typed};
use crate::values::origin::Origin;
use crate::values::position::Position;
use crate::values::text::SecretText;
use crate::values::version::ApiVersion;
use crate::xml::{EditError, Element, SyntaxError, SyntaxErrorKind};

/// A component: its identity, the path of its file, and the file.
#[derive(Debug, Clone)]
pub struct Component {
    name: ComponentName,
    kind: MetadataType,
    path: String,
    file: File,
    app: Option<Box<str>>,
    mentions: OnceLock<Box<[Mention]>>,
    /// The file on the disk, where replacements or values of an org changed it.
    source: Option<Box<Source>>,
    content: Option<ContentFile>,
}

/// The content file of a component that is a pair of files, such as the `.crt` of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// The path of the file inside the project, with `/`.
    pub path: String,
    /// The content as it was read.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for ContentFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ContentFile")
            .field("path", &self.path)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Component {
    pub(crate) fn new(
        name: ComponentName,
        path: String,
        file: File,
        content: Option<ContentFile>,
    ) -> Self {
        let kind = file.value().metadata_type();
        Self {
            app: app_of(kind, &name.name, &file),
            name,
            kind,
            path,
            file,
            mentions: OnceLock::new(),
            source: None,
            content,
        }
    }

    /// Reads a component's file.
    pub(crate) fn parse(
        name: ComponentName,
        path: &str,
        bytes: Vec<u8>,
        content: Option<ContentFile>,
    ) -> Result<Self, SyntaxError> {
        let file: File = File::from_bytes(bytes)?;
        let kind = file.value().metadata_type();
        if name.kind == kind {
            return Ok(Self::new(name, path.to_owned(), file, content));
        }
        let error = SyntaxErrorKind::WrongRoot {
            found: kind.name().to_owned(),
            expected: format!("`{}`, the type of the file's suffix", name.kind),
        };
        Err(SyntaxError::new(error, file.document().root().position()))
    }

    /// Type and full name.
    pub fn name(&self) -> &ComponentName {
        &self.name
    }

    /// The type.
    pub fn kind(&self) -> MetadataType {
        self.kind
    }

    /// The full name, which is the file's base name.
    pub fn full_name(&self) -> &str {
        &self.name.name
    }

    /// The path of the file inside the project, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The way back to the disk; from here on, if there is none yet.
    pub(crate) fn source(&self) -> Source {
        let source = self.source.as_deref().cloned();
        source.unwrap_or_else(|| Source::new(self.file.clone()))
    }

    pub(crate) fn with_source(mut self, source: Source) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// The component with a value of an org, and where that is written.
    pub(crate) fn with_value(&self, edited: Self, path: FieldPath, origin: Origin) -> Self {
        let mut source = self.source();
        source.edited(self.file.text(), edited.file.text());
        source.origins.push((path, origin));
        edited.with_source(source)
    }

    /// The file on the disk. It differs from [`file`](Self::file) where `sfdx-project.json` or an
    /// org has other values; see [`Project::resolve`](crate::Project::resolve) and
    /// [`Project::with_overlay`](crate::Project::with_overlay).
    pub fn source_file(&self) -> &File {
        let source = self.source.as_ref();
        source.map_or(&self.file, |source| &source.file)
    }

    /// Whether the text is another one than on the disk.
    pub fn is_replaced(&self) -> bool {
        self.source.is_some()
    }

    /// The component as it is on the disk.
    pub fn on_disk(&self) -> Cow<'_, Self> {
        match &self.source {
            Some(source) => Cow::Owned(self.with_file(source.file.clone())),
            None => Cow::Borrowed(self),
        }
    }

    /// The place on the disk of a position in the file.
    pub fn source_position(&self, position: Position) -> Position {
        let Some(source) = &self.source else {
            return position;
        };
        let offset = position.offset_in(self.file.text());
        Position::from_offset(source.file.text(), source.offset(offset))
    }

    /// Where the value of the element at this position of the file is written, if it is that of an
    /// org.
    pub fn origin_at(&self, element: Position) -> Option<&Origin> {
        let root = self.file.document().root();
        let is_there = |path: &FieldPath| {
            let mut found = elements(root, path).into_iter();
            found.any(|found| found.position() == element)
        };
        let origins = self.source.as_ref()?.origins.iter();
        let mut found = origins.filter(|(path, _)| is_there(path));
        found.next().map(|(_, origin)| origin)
    }

    /// The first API version that has the type and every member of the file.
    pub fn needed_version(&self) -> ApiVersion {
        let schema = self.kind.schema();
        newest(self.file.document().root(), schema.record).max(schema.since)
    }

    /// The path in a package.
    pub fn package_path(&self) -> String {
        layout::package_path(&self.name).unwrap_or_default()
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The typed value, when the component is of this type.
    pub fn typed<T: Typed>(&self) -> Option<&T> {
        T::from_metadata(self.file.value())
    }

    /// The app that the component belongs to: the text of its `externalClientApplication` element,
    /// where its type has one; for an app header its own name. File names do not count.
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// The names in the file that refer to other components; collected once.
    pub(crate) fn mentions(&self) -> &[Mention] {
        let look = || mentions(&self.file, self.kind.schema().record);
        self.mentions.get_or_init(look)
    }

    /// The layout that the file's name shows. A pair has the same names in both layouts and looks
    /// like the source format; see [`Project::layout`](crate::project::Project::layout).
    pub fn layout(&self) -> Layout {
        layout::layout_of(&self.path)
    }

    /// The content file, where the type has one and it is beside the component's file.
    pub fn content(&self) -> Option<&ContentFile> {
        self.content.as_ref()
    }

    /// The component with a new text of its file.
    ///
    /// # Errors
    /// When the text cannot be read as this component's type.
    pub fn with_text(&self, text: impl Into<String>) -> Result<Self, SyntaxError> {
        let bytes = text.into().into_bytes();
        Self::parse(self.name.clone(), &self.path, bytes, self.content.clone())
    }

    /// The component after a change of its value; see [`File::edit`].
    ///
    /// # Errors
    /// When the component is of another type, or XML cannot carry the new value.
    pub fn edit<T: Typed>(&self, change: impl FnOnce(&mut T)) -> Result<Self, EditError> {
        if self.typed::<T>().is_none() {
            return Err(EditError::OtherType {
                found: self.kind.name().to_owned(),
                expected: T::TYPE.name().to_owned(),
            });
        }
        let file = self.file.edit(|metadata| {
            if let Some(value) = T::from_metadata_mut(metadata) {
                change(value);
            }
        })?;
        Ok(self.with_file(file))
    }

    /// The value of a member; see [`File::get`].
    ///
    /// # Errors
    /// As [`File::get`].
    pub fn get(&self, path: &FieldPath) -> Result<Option<FieldValue>, FieldError> {
        self.file.get(path)
    }

    /// The component with another value of a member; see [`File::set`].
    ///
    /// # Errors
    /// As [`File::set`].
    pub fn set(&self, path: &FieldPath, value: FieldValue) -> Result<Self, FieldError> {
        Ok(self.with_file(self.file.set(path, value)?))
    }

    /// The component with a secret in a member; see [`File::set_secret`].
    ///
    /// # Errors
    /// As [`File::set_secret`].
    pub fn set_secret(&self, path: &FieldPath, secret: &SecretText) -> Result<Self, FieldError> {
        Ok(self.with_file(self.file.set_secret(path, secret)?))
    }

    /// The component without a member; see [`File::remove`].
    ///
    /// # Errors
    /// As [`File::remove`].
    pub fn remove(&self, path: &FieldPath) -> Result<Self, FieldError> {
        Ok(self.with_file(self.file.remove(path)?))
    }

    fn with_file(&self, file: File) -> Self {
        let content = self.content.clone();
        Self::new(self.name.clone(), self.path.clone(), file, content)
    }
}

fn app_of(kind: MetadataType, name: &str, file: &File) -> Option<Box<str>> {
    if kind == MetadataType::ExternalClientApplication {
        return Some(name.into());
    }
    if !kind.is_of_apps() {
        return None;
    }
    let element = file.document().root().child(APP_ELEMENT)?;
    (!element.is_nil()).then(|| element.text().into())
}

/// The newest version that a member of an element comes with. A nil member is an absent one.
fn newest(element: Element<'_>, schema: &RecordSchema) -> ApiVersion {
    let members = element.children().filter(|child| !child.is_nil());
    let versions = members.filter_map(|child| {
        let field = schema.field(child.name())?;
        Some(match field.kind {
            FieldKind::Record(inner) => newest(child, inner).max(field.since),
            _ => field.since,
        })
    });
    versions.max().unwrap_or(ApiVersion::new(0))
}
