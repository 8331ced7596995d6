//! Kinds of values that refer to nothing in the project.

/// Whether a value is filled in at deploy time, as the replacements of the Salesforce CLI do.
pub(crate) fn is_placeholder(text: &str) -> bool {
    text.contains("${")
}

/// Whether a full name has a package namespace, as in `acme__Billing`. Names without one have no
/// two consecutive underscores.
pub(crate) fn is_namespaced(name: &str) -> bool {
    name.split_once("__")
        .is_some_and(|(namespace, rest)| !namespace.is_empty() && !rest.is_empty())
}
