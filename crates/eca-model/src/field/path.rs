//! The path of a member.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The path of a member below the root of a file, such as `idTokenConfig.idTokenAudience` or
/// `trustedIpRanges[startIpAddress=10.0.0.1].description`.
///
/// A record of a list is chosen by members that tell it from the others, or by its index from 0.
/// Inside the brackets `\` takes its meaning from the character behind it: `[key=a\,b]`.
///
/// ```
/// use eca_model::FieldPath;
///
/// let path: FieldPath = "namedCredentialParameters[parameterName=Url].parameterValue".parse()?;
/// assert_eq!(path.steps().len(), 2);
/// assert_eq!(path.to_string(), "namedCredentialParameters[parameterName=Url].parameterValue");
/// # Ok::<(), eca_model::InvalidFieldPath>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    steps: Box<[Step]>,
}

/// One element on a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The element's name.
    pub element: String,
    /// Which of several elements of that name.
    pub selector: Selector,
}

/// Which of several elements of one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The only one, or all of them.
    Any,
    /// The one at this index, from 0.
    Index(usize),
    /// The one whose members have these texts, by the members' names.
    Key(Vec<(String, String)>),
}

/// A text that is not the path of a member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the path of a member: {reason}")]
pub struct InvalidFieldPath {
    text: String,
    reason: &'static str,
}

impl FieldPath {
    /// The path of a member of the root element.
    pub fn new(element: impl Into<String>) -> Self {
        Self::from_steps(Vec::new()).join(element)
    }

    pub(crate) fn from_steps(steps: Vec<Step>) -> Self {
        let steps = steps.into_boxed_slice();
        Self { steps }
    }

    /// The path of a member of the record at this path.
    #[must_use]
    pub fn join(self, element: impl Into<String>) -> Self {
        let mut steps = self.steps.into_vec();
        steps.push(Step {
            element: element.into(),
            selector: Selector::Any,
        });
        Self::from_steps(steps)
    }

    /// The path with this selector on its last element.
    #[must_use]
    pub fn select(mut self, selector: Selector) -> Self {
        if let Some(last) = self.steps.last_mut() {
            last.selector = selector;
        }
        self
    }

    /// The elements, from the outermost.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The path of the record around the member; `None` for a member of the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, parents) = self.steps.split_last()?;
        (!parents.is_empty()).then(|| Self::from_steps(parents.to_vec()))
    }

    /// The names of the elements with dots between them, without selectors: the path in the schema.
    pub fn elements(&self) -> String {
        let names: Vec<_> = self
            .steps
            .iter()
            .map(|step| step.element.as_str())
            .collect();
        names.join(".")
    }

    /// Whether the member is this one, or stands inside the record at this path.
    pub fn is_within(&self, outer: &Self) -> bool {
        self.steps.starts_with(&outer.steps)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(&step.element)?;
            match &step.selector {
                Selector::Any => {}
                Selector::Index(index) => write!(f, "[{index}]")?,
                Selector::Key(members) => {
                    for (index, (name, text)) in members.iter().enumerate() {
                        f.write_str(if index == 0 { "[" } else { "," })?;
                        write!(f, "{name}=")?;
                        for character in text.chars() {
                            if matches!(character, ',' | ']' | '\\') {
                                f.write_str("\\")?;
                            }
                            write!(f, "{character}")?;
                        }
                    }
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the text writes this path.
impl PartialEq<str> for FieldPath {
    fn eq(&self, text: &str) -> bool {
        text.parse::<Self>().is_ok_and(|path| path == *self)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FieldPath {
    type Err = InvalidFieldPath;

    fn from_str(text: &str) -> Result<Self, InvalidFieldPath> {
        let wrong = |reason| InvalidFieldPath {
            text: text.to_owned(),
            reason,
        };
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (element, tail) = rest.split_at(end);
            if !is_name(element) {
                return Err(wrong("an element's name is missing, or is no name"));
            }
            let (selector, tail) = match tail.strip_prefix('[') {
                Some(inside) => selector(inside).map_err(wrong)?,
                None => (Selector::Any, tail),
            };
            let element = element.to_owned();
            steps.push(Step { element, selector });
            if tail.is_empty() {
                return Ok(Self::from_steps(steps));
            }
            let behind = tail.strip_prefix('.');
            rest = behind.ok_or_else(|| wrong("a dot belongs behind `]`"))?;
        }
    }
}

/// What stands behind `[`: the selector, and what follows its `]`.
fn selector(inside: &str) -> Result<(Selector, &str), &'static str> {
    const OPEN: &str = "`]` is missing";
    if inside.starts_with(|first: char| first.is_ascii_digit()) {
        let (index, tail) = inside.split_once(']').ok_or(OPEN)?;
        let index = index.parse().map_err(|_| "an index is a number")?;
        return Ok((Selector::Index(index), tail));
    }
    let mut members = Vec::new();
    let mut rest = inside;
    loop {
        let (name, tail) = rest
            .split_once('=')
            .filter(|(name, _)| is_name(name))
            .ok_or("a record is chosen by its index, or by name=text")?;
        let mut text = String::new();
        let mut characters = tail.char_indices();
        let end = loop {
            match characters.next().ok_or(OPEN)? {
                (at, ',' | ']') => break at,
                (_, '\\') => text.push(characters.next().ok_or(OPEN)?.1),
                (_, character) => text.push(character),
            }
        };
        members.push((name.to_owned(), text));
        let (separator, tail) = tail[end..].split_at(1);
        if separator == "]" {
            return Ok((Selector::Key(members), tail));
        }
        rest = tail;
    }
}

/// Whether a text can be the name of a metadata element.
fn is_name(text: &str) -> bool {
    let is_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.chars().all(is_of_a_name) && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
