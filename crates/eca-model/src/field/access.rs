//! Reading, setting and removing a member of a file by its path.

use crate::field::error::FieldError;
use crate::field::find::{children, elements, example, fields};
use crate::field::path::{FieldPath, Selector, Step};
use crate::field::value::FieldValue;
use crate::file::{Decode, File};
use crate::schema::{FieldKind, FieldSchema};
use crate::values::text::SecretText;
use crate::xml::{Content, EditError, Element, ElementEdit, Member, edit_element};

type Schema = &'static FieldSchema;

impl<T: Decode> File<T> {
    /// The value of a member; `None` where the file does not have it.
    ///
    /// A value that is not of the member's kind (`<isProtected>maybe</isProtected>`) is a
    /// [`FieldValue::Text`]. Of a member that may stand there once and repeats, the first counts.
    ///
    /// ```
    /// use eca_model::{File, types::ExtlClntAppOauthSettings};
    ///
    /// let file = File::<ExtlClntAppOauthSettings>::parse(r#"
    /// <ExtlClntAppOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    ///     <trustedIpRanges>
    ///         <description>Office</description>
    ///         <endIpAddress>10.0.0.9</endIpAddress>
    ///         <startIpAddress>10.0.0.1</startIpAddress>
    ///     </trustedIpRanges>
    /// </ExtlClntAppOauthSettings>"#.trim())?;
    /// let path = "trustedIpRanges[startIpAddress=10.0.0.1].description".parse()?;
    /// assert_eq!(file.get(&path)?, Some("Office".into()));
    /// let moved = file.set(&path, "Warehouse".into())?;
    /// assert_eq!(moved.text(), file.text().replace("Office", "Warehouse"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the type has no such member, or several records can be meant.
    pub fn get(&self, path: &FieldPath) -> Result<Option<FieldValue>, FieldError> {
        let (fields, field) = self.schema_of(path)?;
        let Some(last) = path.steps().last() else {
            return Ok(None);
        };
        let Some(parent) = self.parent(path, &fields)? else {
            return Ok(None);
        };
        let found = children(parent, last);
        let mut filled = found.iter().filter(|element| !element.is_nil());
        if let FieldKind::Record(_) = field.kind {
            return Ok(filled.next().map(|_| FieldValue::Record));
        }
        if field.list && last.selector == Selector::Any {
            let items: Vec<_> = filled.map(|item| item.text().trim().to_owned()).collect();
            return Ok((!items.is_empty()).then_some(FieldValue::List(items)));
        }
        let first = filled.next();
        Ok(first.map(|element| FieldValue::from_text(field, &element.text())))
    }

    /// The file with another value of a member. Only the lines of the member differ. A record that
    /// the path chooses by its key and the file does not have is made.
    ///
    /// # Errors
    /// As [`File::get`]; when the member takes no such value, or is a secret.
    pub fn set(&self, path: &FieldPath, value: FieldValue) -> Result<Self, FieldError> {
        let (fields, field) = self.schema_of(path)?;
        if field.is_secret() {
            return Err(FieldError::Secret { path: path.clone() });
        }
        let texts = texts(field, path, &value)?;
        let edited = self.put(path, &fields, texts)?;
        if edited.get(path)? == Some(value) {
            Ok(edited)
        } else {
            Err(FieldError::Edit {
                path: path.clone(),
                source: EditError::NotRepresentable,
            })
        }
    }

    /// The file with a secret in a member. For a package that goes to an org: no file on disk may
    /// have it.
    ///
    /// # Errors
    /// As [`File::set`]; when the member is no secret.
    pub fn set_secret(&self, path: &FieldPath, secret: &SecretText) -> Result<Self, FieldError> {
        let (fields, field) = self.schema_of(path)?;
        if field.is_secret() {
            let text = secret.expose_secret().to_owned();
            return self.put(path, &fields, Texts::Of(vec![text]));
        }
        Err(FieldError::Value {
            path: path.clone(),
            expected: "an ordinary value".to_owned(),
            found: "a secret".to_owned(),
        })
    }

    /// The file without a member, or without a record. All elements at the path go, also where the
    /// schema allows one and the file has several, and where their values are none of the member's.
    ///
    /// # Errors
    /// When the type has no such member.
    pub fn remove(&self, path: &FieldPath) -> Result<Self, FieldError> {
        self.schema_of(path)?;
        let found = elements(self.document().root(), path);
        let edits: Vec<_> = found.into_iter().map(ElementEdit::Remove).collect();
        let edited = self.edited(path, &edits)?;
        // Packages rely on it that a secret is gone. Behind an index the next one moves up.
        let has_index = |step: &Step| matches!(step.selector, Selector::Index(_));
        let is_gone = elements(edited.document().root(), path).is_empty();
        if is_gone || path.steps().iter().any(has_index) {
            Ok(edited)
        } else {
            Err(FieldError::Edit {
                path: path.clone(),
                source: EditError::NotRepresentable,
            })
        }
    }

    /// The schema of each step, and that of the member.
    fn schema_of(&self, path: &FieldPath) -> Result<(Vec<Schema>, Schema), FieldError> {
        let fields = fields(self.type_schema().record, path)?;
        match fields.last() {
            Some(last) => Ok((fields.clone(), last)),
            // Only a path that was never parsed has no step.
            None => Err(FieldError::IsARecord { path: path.clone() }),
        }
    }

    /// The record around the member.
    fn parent(
        &self,
        path: &FieldPath,
        fields: &[Schema],
    ) -> Result<Option<Element<'_>>, FieldError> {
        let mut parent = self.document().root();
        for (step, field) in path.steps().iter().zip(fields).take(fields.len() - 1) {
            match one(parent, step, field, path)? {
                Some(child) => parent = child,
                None => return Ok(None),
            }
        }
        Ok(Some(parent))
    }

    fn put(&self, path: &FieldPath, fields: &[Schema], texts: Texts) -> Result<Self, FieldError> {
        let steps = path.steps();
        // A record is made like those on the way to a value.
        let records = match texts {
            Texts::Of(_) => steps.len() - 1,
            Texts::Record => steps.len(),
        };
        let mut parent = self.document().root();
        for (depth, step) in steps[..records].iter().enumerate() {
            match one(parent, step, fields[depth], path)? {
                Some(child) if !child.is_nil() => parent = child,
                nil => {
                    let name = fields[depth].element;
                    let content = new_record(path, fields, depth, texts)?;
                    let present = nil.into_iter().collect();
                    let insert = ElementEdit::Replace(parent, name, present, vec![content]);
                    return self.edited(path, &[insert]);
                }
            }
        }
        let Texts::Of(texts) = texts else {
            return Ok(self.clone());
        };
        let found = children(parent, &steps[records]);
        if let Selector::Index(_) = steps[records].selector
            && found.is_empty()
        {
            return Err(FieldError::NoSuchIndex { path: path.clone() });
        }
        let contents = texts.into_iter().map(Content::Text).collect();
        let edit = ElementEdit::Replace(parent, fields[records].element, found, contents);
        self.edited(path, &[edit])
    }

    fn edited(&self, path: &FieldPath, edits: &[ElementEdit<'_>]) -> Result<Self, FieldError> {
        let failed = |source| FieldError::Edit {
            path: path.clone(),
            source,
        };
        let text = edit_element(self.document(), edits).map_err(failed)?;
        Self::parse(text).map_err(|error| failed(EditError::Unreadable(error)))
    }
}

/// What is written into a member.
enum Texts {
    /// The texts of its elements.
    Of(Vec<String>),
    /// It is a record.
    Record,
}

/// The one record that a step means.
fn one<'a>(
    parent: Element<'a>,
    step: &Step,
    field: &FieldSchema,
    path: &FieldPath,
) -> Result<Option<Element<'a>>, FieldError> {
    match children(parent, step).as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        // A repeated element that is no list: the first counts, as everywhere.
        [first, ..] if !field.list => Ok(Some(*first)),
        several => Err(FieldError::Ambiguous {
            path: path.clone(),
            count: several.len(),
            example: example(field),
        }),
    }
}

/// The content of the record at `depth`, which is missing, with the records on the way to the
/// value.
fn new_record(
    path: &FieldPath,
    fields: &[Schema],
    depth: usize,
    texts: Texts,
) -> Result<Content, FieldError> {
    let (mut members, innermost) = match texts {
        Texts::Of(texts) => {
            let name = fields[fields.len() - 1].element;
            let texts = texts.into_iter().map(Content::Text);
            (
                texts.map(|text| member(name, text)).collect(),
                fields.len() - 1,
            )
        }
        Texts::Record => (Vec::new(), fields.len()),
    };
    for index in (depth..innermost).rev() {
        add_key(path, fields[index], &path.steps()[index], &mut members)?;
        members.sort_by(|a, b| a.name.cmp(b.name));
        if index > depth {
            members = vec![member(fields[index].element, Content::Members(members))];
        }
    }
    Ok(Content::Members(members))
}

/// Adds the members by which a new record of a list is known.
fn add_key(
    path: &FieldPath,
    field: &'static FieldSchema,
    step: &Step,
    members: &mut Vec<Member>,
) -> Result<(), FieldError> {
    let FieldKind::Record(record) = field.kind else {
        return Ok(());
    };
    let given: &[(String, String)] = match &step.selector {
        Selector::Any => &[],
        Selector::Key(given) => given,
        Selector::Index(_) => return Err(FieldError::NoSuchIndex { path: path.clone() }),
    };
    let is_given = |name: &&str| given.iter().any(|(member, _)| member == name);
    let is_required = |name: &&str| record.field(name).is_some_and(|member| member.required);
    let missing = field
        .key
        .iter()
        .any(|name| is_required(name) && !is_given(name));
    if field.list && (missing || given.is_empty()) {
        return Err(FieldError::IncompleteKey {
            path: path.clone(),
            key: example(field),
        });
    }
    for (name, text) in given {
        let Some(key) = record.field(name) else {
            continue;
        };
        if !members.iter().any(|member| member.name == key.element) {
            members.push(member(key.element, Content::Text(text.clone())));
        }
    }
    Ok(())
}

fn member(name: &'static str, content: Content) -> Member {
    Member {
        name,
        list: false,
        content,
    }
}

/// The texts of the elements that hold a value.
fn texts(field: &FieldSchema, path: &FieldPath, value: &FieldValue) -> Result<Texts, FieldError> {
    let wrong = |expected: String| FieldError::Value {
        path: path.clone(),
        expected,
        found: value.to_string(),
    };
    let texts = match (field.kind, value) {
        (FieldKind::Record(_), FieldValue::Record) => return Ok(Texts::Record),
        (FieldKind::Record(_), _) => {
            return Err(FieldError::IsARecord { path: path.clone() });
        }
        (FieldKind::Boolean, FieldValue::Boolean(value)) => vec![value.to_string()],
        (FieldKind::Boolean, _) => return Err(wrong("true or false".to_owned())),
        (FieldKind::Integer, FieldValue::Integer(number)) => {
            if let Some((least, most)) = field.range
                && !(least..=most).contains(number)
            {
                return Err(wrong(format!("a number from {least} to {most}")));
            }
            vec![number.to_string()]
        }
        (FieldKind::Integer, _) => return Err(wrong("a number".to_owned())),
        (_, FieldValue::List(items)) => match field.list_in_text {
            Some(list) => {
                let splits = |item: &String| list.items(item).collect::<Vec<_>>() != [item];
                if items.is_empty() || items.iter().any(splits) {
                    return Err(wrong("a list of items, none of them empty".to_owned()));
                }
                vec![items.join(list.separator())]
            }
            None if field.list && !items.is_empty() => items.clone(),
            None => return Err(wrong("one text".to_owned())),
        },
        (_, FieldValue::Text(_)) if field.list_in_text.is_some() => {
            return Err(wrong("a list".to_owned()));
        }
        (_, FieldValue::Text(_)) if field.list && has_no_index(path) => {
            return Err(wrong("a list".to_owned()));
        }
        (_, FieldValue::Text(text)) => vec![text.clone()],
        _ => return Err(wrong("a text".to_owned())),
    };
    let known: Vec<&str> = match field.kind {
        FieldKind::Enumeration(values) => values.values.iter().map(|value| value.text).collect(),
        _ => field.values.to_vec(),
    };
    if !known.is_empty() && texts.iter().any(|text| !known.contains(&text.as_str())) {
        return Err(wrong(format!("one of {}", known.join(", "))));
    }
    if let Some(most) = field.max_length
        && texts
            .iter()
            .any(|text| text.chars().count() > most as usize)
    {
        return Err(wrong(format!("at most {most} characters")));
    }
    if let Some(most) = field.max_items
        && texts.len() > most as usize
    {
        return Err(wrong(format!("at most {most} items")));
    }
    Ok(Texts::Of(texts))
}

fn has_no_index(path: &FieldPath) -> bool {
    let last = path.steps().last();
    last.is_none_or(|step| step.selector == Selector::Any)
}
