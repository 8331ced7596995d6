//! The rows of an object, and who looks at them.

use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::state::permissions::UserPermission;
use crate::state::users::User;
use crate::state::{OrgConfig, State};

/// The rows of an object, each with all of its fields.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
    pub(crate) rows: Vec<Map<String, Value>>,
    /// Fields that no query can filter or sort by.
    pub(super) only_shown: &'static [&'static str],
    /// The rows that a page has at most, whatever the query asks for.
    pub(super) largest_page: usize,
    /// The rows that all pages of a query have at most.
    pub(super) most_rows: usize,
}

/// Who looks at the org, and when.
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) config: &'a OrgConfig,
    pub(crate) user: Option<&'a User>,
    pub(crate) now: SystemTime,
}

impl View<'_> {
    /// Whether the user has the permission.
    pub(super) fn may(&self, permission: UserPermission) -> bool {
        let user = self.user;
        user.is_some_and(|user| self.state.may(user, permission))
    }
}

impl Table {
    /// Whether it has a field, ignoring case.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| field.eq_ignore_ascii_case(name))
    }

    /// Whether no query can filter or sort by a field.
    pub(crate) fn is_only_shown(&self, name: &str) -> bool {
        let mut fields = self.only_shown.iter();
        fields.any(|field| field.eq_ignore_ascii_case(name))
    }
}

/// The API of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Data,
    Tooling,
}

impl Api {
    /// The part of the path that selects it.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Data => "",
            Self::Tooling => "tooling/",
        }
    }
}

pub(super) fn build(
    name: &'static str,
    fields: &'static [&'static str],
    rows: Vec<Vec<Value>>,
) -> Table {
    let rows = rows
        .into_iter()
        .map(|row| {
            fields
                .iter()
                .map(|field| (*field).to_owned())
                .zip(row)
                .collect()
        })
        .collect();
    Table {
        name,
        fields,
        rows,
        only_shown: &[],
        largest_page: usize::MAX,
        most_rows: usize::MAX,
    }
}
