//! Restructures a parsed file for serde.
//!
//! Serde would buffer members that share a section (`#[serde(tag)]`, `#[serde(flatten)]`), and a
//! buffer loses the positions of values. So these members get their own section first:
//! `{ method = "jwt", … }` becomes `{ jwt = { … } }`, and the members of a key become a section
//! `key`.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::Error as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// The members of a `KeyConfig`. The first names its section, too.
pub(super) const KEY_MEMBERS: [&str; 3] = ["key", "key-password", "key-alias"];
const METHOD: &str = "method";

/// A table without a `method`, or with one that is not a string; and its position.
pub(super) type Misshapen = (Range<usize>, Error);

/// Nests the members of each org.
pub(super) fn nest(document: &mut DeTable<'_>) -> Result<(), Misshapen> {
    let Some(orgs) = section(document, "orgs") else {
        return Ok(());
    };
    for (_, org) in orgs.iter_mut() {
        let DeValue::Table(org) = org.get_mut() else {
            continue;
        };
        if let Some(headless) = section(org, "headless") {
            nest_key(headless);
        }
        if let Some(auth) = org.get_mut("auth") {
            let span = auth.span();
            if let DeValue::Table(members) = auth.get_mut() {
                nest_key(members);
                if let Some(assertion) = section(members, "client-assertion") {
                    nest_key(assertion);
                }
                nest_method(members, span)?;
            }
        }
    }
    Ok(())
}

fn section<'a, 'i>(table: &'a mut DeTable<'i>, name: &str) -> Option<&'a mut DeTable<'i>> {
    match table.get_mut(name)?.get_mut() {
        DeValue::Table(section) => Some(section),
        _ => None,
    }
}

fn nest_key(table: &mut DeTable<'_>) {
    let mut key = DeTable::new();
    for name in KEY_MEMBERS {
        key.extend(table.remove_entry(name));
    }
    if let Some(span) = key.values().next().map(Spanned::span) {
        let name = Spanned::new(span.clone(), Cow::Borrowed(KEY_MEMBERS[0]));
        table.insert(name, Spanned::new(span, DeValue::Table(key)));
    }
}

fn nest_method(table: &mut DeTable<'_>, span: Range<usize>) -> Result<(), Misshapen> {
    let Some(method) = table.remove(METHOD) else {
        return Err((span, Error::missing_field(METHOD)));
    };
    let method_span = method.span();
    let DeValue::String(method) = method.into_inner() else {
        return Err((method_span, Error::custom("expected a string")));
    };
    let members = std::mem::take(table);
    table.insert(
        Spanned::new(method_span, method),
        Spanned::new(span, DeValue::Table(members)),
    );
    Ok(())
}
