//! `replacements` of `sfdx-project.json`: texts that a deploy fills in.
//!
//! Source: Salesforce DX Developer Guide, "Replace Strings in Code Before Deploying or Packaging".

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::project::Project;
use crate::project::component::Component;
use crate::project::source::Source;
use crate::values::position::Position;
use crate::xml::{Element, SyntaxError};

/// The largest text with values, as that of a file on the disk.
const MAX_BYTES: usize = 16 << 20;

/// How many replacements, and how many with a regular expression, are read, and the size of one in
/// memory: each costs memory and time, and a stranger writes the file.
const MAX_REPLACEMENTS: usize = 1000;
const MAX_PATTERNS: usize = 200;
const MAX_PATTERN_BYTES: usize = 256 << 10;

/// One of the `replacements`.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    files: GlobMatcher,
    find: Find,
    with: With,
    /// Variables and the values that they must have.
    when: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
enum Find {
    Text(String),
    Regex(Regex),
}

#[derive(Debug, Clone)]
enum With {
    Variable { name: String, allow_unset: bool },
    File(String),
}

/// What happens to a variable that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsetVariable {
    /// It is an error, as before a deploy.
    Refuse,
    /// `${NAME}` stands for its value, for checks that a value is not needed for.
    Keep,
}

/// Why the replacements cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplacementError {
    /// `sfdx-project.json` declares them in another form.
    #[error("sfdx-project.json: replacements[{index}] {reason}")]
    Invalid {
        /// The index in the list.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// A variable is not set.
    #[error(
        "{path}:{position}: sfdx-project.json fills {found} in from the environment variable {name}, which is not set"
    )]
    Unset {
        /// The file.
        path: String,
        /// The position of the text to replace.
        position: Position,
        /// The text to replace.
        found: String,
        /// The variable.
        name: String,
    },
    /// A file with a value does not exist.
    #[error(
        "{path}:{position}: sfdx-project.json fills {found} in from the file {file}, which is not in the project"
    )]
    NoFile {
        /// The file with the text to replace.
        path: String,
        /// The position of that text.
        position: Position,
        /// The text to replace.
        found: String,
        /// The missing file.
        file: String,
    },
    /// The text becomes larger than any file that is read.
    #[error(
        "{path}: with the values of sfdx-project.json the file is larger than {} MiB",
        MAX_BYTES >> 20
    )]
    TooLarge {
        /// The file.
        path: String,
    },
    /// The file cannot be read any more.
    #[error("{path}: with the values of sfdx-project.json the file cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: SyntaxError,
    },
}

/// The texts of the files that replacements take their values from, by path. `Debug` shows no text:
/// it may be a secret.
#[derive(Clone, Default)]
pub(crate) struct ValueFiles(pub(crate) HashMap<String, String>);

impl fmt::Debug for ValueFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The declared replacements, or why they cannot be applied.
pub(crate) type Declared = Result<Vec<Replacement>, ReplacementError>;

pub(crate) fn parse(project_file: &Value) -> Declared {
    let list = project_file.get("replacements").and_then(Value::as_array);
    let mut patterns = 0;
    let parse = |(index, entry): (usize, &Value)| {
        patterns += usize::from(entry.get("regexToReplace").is_some());
        for (count, most, what) in [
            (index + 1, MAX_REPLACEMENTS, "replacements"),
            (patterns, MAX_PATTERNS, "regular expressions"),
        ] {
            if count > most {
                let reason = format!("is one too many: at most {most} {what} are read");
                return Err(ReplacementError::Invalid { index, reason });
            }
        }
        let parsed = Replacement::parse(entry);
        parsed.map_err(|reason| ReplacementError::Invalid { index, reason })
    };
    let list = list.into_iter().flatten();
    list.enumerate().map(parse).collect()
}

impl Replacement {
    fn parse(entry: &Value) -> Result<Self, String> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let one_of = |names: [&'static str; 2]| match names.map(text) {
            [Some(value), None] => Ok((names[0], value)),
            [None, Some(value)] => Ok((names[1], value)),
            _ => Err(format!("needs either {} or {}", names[0], names[1])),
        };
        let (kind, files) = one_of(["filename", "glob"])?;
        let files = files.replace('\\', "/");
        let files = files.strip_prefix("./").unwrap_or(&files);
        let files = if kind == "filename" {
            globset::escape(files)
        } else {
            files.to_owned()
        };
        let glob = GlobBuilder::new(&files).literal_separator(true).build();
        let files = glob.map_err(|error| format!("has a glob that cannot be read: {error}"))?;
        let find = match one_of(["stringToReplace", "regexToReplace"])? {
            (_, "") => return Err("replaces an empty text".to_owned()),
            ("stringToReplace", text) => Find::Text(text.to_owned()),
            (_, text) => Find::Regex(
                RegexBuilder::new(text)
                    .size_limit(MAX_PATTERN_BYTES)
                    .build()
                    .map_err(|error| format!("has an invalid regexToReplace: {error}"))?,
            ),
        };
        let with = match one_of(["replaceWithEnv", "replaceWithFile"])? {
            ("replaceWithEnv", name) => With::Variable {
                name: name.to_owned(),
                allow_unset: entry.get("allowUnsetEnvVariable") == Some(&Value::Bool(true)),
            },
            (_, path) => With::File(path.strip_prefix("./").unwrap_or(path).to_owned()),
        };
        let conditions = entry.get("replaceWhenEnv").and_then(Value::as_array);
        let condition = |condition: &Value| {
            let env = condition.get("env")?.as_str()?.to_owned();
            let value = match condition.get("value")? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((env, value))
        };
        let conditions = conditions.into_iter().flatten().map(condition);
        Ok(Self {
            files: files.compile_matcher(),
            find,
            with,
            when: conditions
                .collect::<Option<_>>()
                .ok_or("has a replaceWhenEnv without env and value")?,
        })
    }

    /// The file with the value, inside of the project.
    pub(crate) fn value_file(&self) -> Option<&str> {
        match &self.with {
            With::File(path) => Some(path),
            With::Variable { .. } => None,
        }
    }

    fn find_in(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        match &self.find {
            Find::Text(wanted) => text
                .match_indices(wanted.as_str())
                .map(|(at, found)| at..at + found.len())
                .collect(),
            Find::Regex(regex) => {
                let found = regex.find_iter(text).map(|found| found.range());
                found.filter(|range| !range.is_empty()).collect()
            }
        }
    }
}

impl Project {
    /// The project with the values that `sfdx-project.json` fills in before a deploy. Its
    /// components know their text on the disk: [`Component::source_position`].
    ///
    /// # Errors
    /// [`ReplacementError`]
    pub fn resolve(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
        unset: UnsetVariable,
    ) -> Result<Cow<'_, Self>, ReplacementError> {
        let replacements = self.replacements.as_ref().map_err(Clone::clone)?;
        if replacements.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        let mut resolved = self.clone();
        for component in &mut resolved.components {
            if let Some(replaced) = replaced(
                component,
                replacements,
                environment,
                unset,
                &self.value_files,
            )? {
                *component = replaced;
            }
        }
        Ok(Cow::Owned(resolved))
    }

    /// The values of a component that nothing fills in: `${NAME}`, or a text that
    /// `sfdx-project.json` declares and does not replace now. With their positions in the
    /// component's file.
    pub fn unfilled(&self, component: &Component) -> Vec<(Position, String)> {
        let declared = self.replacements.as_ref().ok();
        let declared = declared.into_iter().flatten();
        let declared: Vec<_> = declared
            .filter(|replacement| replacement.files.is_match(component.path()))
            .collect();
        let mut found = Vec::new();
        let text = component.file().text();
        // Most files have none. The characters may be references.
        if declared.is_empty() && !text.contains("${") && !text.contains("&#") {
            return found;
        }
        unfilled(component.file().document().root(), &declared, &mut found);
        found
    }
}

fn unfilled(element: Element<'_>, declared: &[&Replacement], found: &mut Vec<(Position, String)>) {
    let mut children = element.children().peekable();
    if children.peek().is_some() {
        children.for_each(|child| unfilled(child, declared, found));
        return;
    }
    let text = element.text();
    for (start, _) in text.match_indices("${") {
        let rest = &text[start..];
        let Some(end) = rest.find('}') else { continue };
        let (token, name) = (&rest[..=end], &rest[2..end]);
        let is_kept = declared.iter().any(
            |one| matches!(&one.with, With::Variable { name: variable, .. } if variable == name),
        );
        if !is_kept {
            found.push((element.position(), token.to_owned()));
        }
    }
    for one in declared {
        if let Find::Text(wanted) = &one.find
            && text.contains(wanted.as_str())
            && !wanted.starts_with("${")
        {
            found.push((element.position(), wanted.clone()));
        }
    }
}

fn replaced(
    component: &Component,
    replacements: &[Replacement],
    environment: &dyn Fn(&str) -> Option<String>,
    unset: UnsetVariable,
    files: &ValueFiles,
) -> Result<Option<Component>, ReplacementError> {
    let before = component.file().text();
    let mut source = None;
    let mut text = Cow::Borrowed(before);
    for replacement in replacements {
        let holds = |(name, value): &(String, String)| environment(name).as_ref() == Some(value);
        let is_meant = replacement.files.is_match(component.path());
        // Without values, a text that is replaced under a condition is one, too.
        let applies = unset == UnsetVariable::Keep || replacement.when.iter().all(holds);
        if !is_meant || !applies {
            continue;
        }
        let ranges = replacement.find_in(&text);
        let Some(first) = ranges.first() else {
            continue;
        };
        let place = |range: &std::ops::Range<usize>| {
            let source = source.as_ref();
            let offset = source.map_or(range.start, |source: &Source| source.offset(range.start));
            let position = Position::from_offset(before, offset);
            (
                component.path().to_owned(),
                position,
                text[range.clone()].to_owned(),
            )
        };
        let value = match &replacement.with {
            With::Variable { name, allow_unset } => match (environment(name), unset) {
                (Some(value), _) => value,
                (None, _) if *allow_unset => String::new(),
                (None, UnsetVariable::Keep) => format!("${{{name}}}"),
                (None, UnsetVariable::Refuse) => {
                    let (path, position, found) = place(first);
                    let name = name.clone();
                    return Err(ReplacementError::Unset {
                        path,
                        position,
                        found,
                        name,
                    });
                }
            },
            With::File(file) => files.0.get(file).cloned().ok_or_else(|| {
                let (path, position, found) = place(first);
                let file = file.clone();
                ReplacementError::NoFile {
                    path,
                    position,
                    found,
                    file,
                }
            })?,
        };
        // A few bytes of a stranger's file may ask for a long value many times.
        let added = value.len().saturating_mul(ranges.len());
        if text.len().saturating_add(added) > MAX_BYTES {
            let path = component.path().to_owned();
            return Err(ReplacementError::TooLarge { path });
        }
        let source = source.get_or_insert_with(|| component.source());
        text = Cow::Owned(source.replace(&text, &ranges, &value));
    }
    let Some(source) = source.filter(|_| text != before) else {
        return Ok(None);
    };
    let replaced = component.with_text(text);
    let replaced = replaced.map_err(|error| ReplacementError::Unreadable {
        path: component.path().to_owned(),
        source: error,
    })?;
    Ok(Some(replaced.with_source(source)))
}
