//! Texts with a meaning: lists in one string, secrets, unknown values.

use std::fmt;

use crate::schema::ListInText;
use crate::values::scope::{Scope, lookup};

/// The value of an open enumeration that this crate does not know. Its text can be read and is
/// written back. It cannot be matched on, so a variant that is added later does not silently break
/// code.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(String);

impl UnknownValue {
    /// Used by the derived decoder.
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// A list of names in one string, such as `commaSeparatedPermissionSet`. An org writes `A,B`; the
/// original spelling is kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NameList(String);

impl NameList {
    /// The names, without the white space around them. Empty items are left out.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        ListInText::Commas.items(&self.0)
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The spelling in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The list as an org writes it: commas without spaces.
impl<S: Into<String>> FromIterator<S> for NameList {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self(names.join(","))
    }
}

impl From<String> for NameList {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A list of OAuth scopes in one string (`commaSeparatedOauthScopes`). An org writes `A, B` in the
/// order of its own enumeration; the original spelling is kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ScopeList(String);

impl ScopeList {
    /// The scopes' tokens, without the white space around them. Empty items are left out.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        ListInText::SpacedCommas.items(&self.0)
    }

    /// The scopes.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.iter().map(Scope::from)
    }

    /// The names of the scopes in OAuth requests, of those that are known and have one.
    pub fn runtime_names(&self) -> impl Iterator<Item = &'static str> {
        self.iter().filter_map(|token| lookup(token)?.runtime)
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The spelling in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The list as an org writes it: a comma and a space.
impl FromIterator<Scope> for ScopeList {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let scopes: Vec<_> = scopes.into_iter().map(|scope| scope.to_string()).collect();
        Self(scopes.join(", "))
    }
}

impl From<String> for ScopeList {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A list in one string with one item a line, such as `callbackUrl`; the spelling that was read is
/// kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LineList(String);

impl LineList {
    /// The items, without the white space around them. Empty lines are left out.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        ListInText::Lines.items(&self.0)
    }

    /// Whether no item is listed.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The spelling in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Into<String>> FromIterator<S> for LineList {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        let items: Vec<String> = items.into_iter().map(Into::into).collect();
        Self(items.join("\n"))
    }
}

impl From<String> for LineList {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// The text of a secret member, such as `consumerSecret`. `Debug` shows a constant.
///
/// Unlike a token it can be cloned and compared, because it is part of a value that can; the text
/// of its file is in memory anyway.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// The secret itself.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_spelling() {
        let list = NameList::from("A , B,,C".to_owned());
        assert_eq!(list.iter().collect::<Vec<_>>(), ["A", "B", "C"]);
        assert_eq!(list.as_str(), "A , B,,C");
        assert_eq!(NameList::from_iter(["A", "B"]).as_str(), "A,B");
        assert!(NameList::from(" , ".to_owned()).is_empty());
    }

    #[test]
    fn secrets_do_not_show() {
        let secret = SecretText::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "SecretText(***)");
    }
}
