//! Kinds of values that name nothing in the project.

/// Whether a value is filled in at deploy time, as the replacements of the Salesforce CLI do.
pub(crate) fn is_placeholder(text: &str) -> bool {
    text.contains("${")
}

/// Whether a full name carries a package namespace, as in `acme__Billing`. The names that a team
/// gives itself cannot: two consecutive underscores are not allowed in them.
pub(crate) fn is_namespaced(name: &str) -> bool {
    name.split_once("__")
        .is_some_and(|(namespace, rest)| !namespace.is_empty() && !rest.is_empty())
}
