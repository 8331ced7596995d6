//! Rust lines for the types, members and values that `eca-model` does not have. They compile, but a
//! person has to look up and write what a member does and whether it is a secret.

use std::collections::BTreeSet;

use eca_model::ApiVersion;

use crate::schema::compare::{Difference, Place};
use crate::schema::first;
use crate::schema::wsdl::{Member, Wsdl, local};

/// The placeholder for a description.
const DOC: &str = "/// Say what it does.";

/// The lines to add, each group below the place for it.
pub(crate) fn render(differences: &[Difference], wsdls: &[Wsdl]) -> String {
    let places: BTreeSet<_> = differences
        .iter()
        .filter(|one| one.missing)
        .map(|one| one.place.clone())
        .collect();
    let mut text = String::new();
    let mut place = String::new();
    for missing in &places {
        let (head, lines) = match missing {
            Place::Type(name) => (
                format!(
                    "crates/eca-model/src/types/{}.rs, and the list in mod.rs",
                    snake(name)
                ),
                record(name, wsdls, Kind::Type),
            ),
            Place::Member(record, name) => (
                format!("struct {record}"),
                newest_member(record, name, wsdls)
                    .map(|member| field(record, member, wsdls))
                    .unwrap_or_default(),
            ),
            Place::Value(enumeration, value) => (
                format!("enum {enumeration}"),
                variant(
                    value,
                    first(wsdls, |wsdl| has_value(wsdl, enumeration, value)).as_ref(),
                ),
            ),
        };
        if head != place {
            text.extend([format!("// {head}\n")]);
            place = head;
        }
        text.push_str(&lines);
    }
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Type,
    Nested,
}

/// A struct with its nested records and enumerations.
fn record(name: &str, wsdls: &[Wsdl], kind: Kind) -> String {
    let Some(record) = wsdls.iter().rev().find_map(|wsdl| wsdl.records.get(name)) else {
        return String::new();
    };
    let mut text = format!("{DOC}\n#[derive(Clone, Debug, Default, PartialEq, Record)]\n");
    if kind == Kind::Type {
        let since = first(wsdls, |wsdl| wsdl.records.contains_key(name));
        let since = since.map(ApiVersion::major).unwrap_or_default();
        // The WSDL does not have folder and suffix; the registry of the Salesforce CLI does.
        text.extend([format!(
            "#[metadata(directory = \"?\", suffix = \"?\", since = {since})]\n"
        )]);
    }
    text.extend([format!("pub struct {name} {{\n")]);
    for member in &record.members {
        text.push_str(&field(name, member, wsdls));
    }
    text.push_str("}\n");
    for member in &record.members {
        let nested = local(&member.kind);
        if let Some(values) = values(wsdls, nested) {
            text.extend([format!(
                "\n{DOC}\n#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]\n#[non_exhaustive]\npub enum {nested} {{\n"
            )]);
            text.extend(values.iter().map(|value| variant(value, None)));
            text.push_str(
                "    /// A value that this crate does not know.\n    Unknown(UnknownValue),\n}\n",
            );
        } else if member.kind.starts_with("tns:") && nested != name {
            text.push('\n');
            text.push_str(&self::record(nested, wsdls, Kind::Nested));
        }
    }
    text
}

fn field(record: &str, member: &Member, wsdls: &[Wsdl]) -> String {
    let rust = match (member.kind.as_str(), local(&member.kind)) {
        ("xsd:boolean", _) => "bool",
        ("xsd:int", _) => "i32",
        (kind, name) if kind.starts_with("tns:") => name,
        _ => "String",
    };
    let rust = if member.list {
        format!("Vec<{rust}>")
    } else {
        format!("Option<{rust}>")
    };
    let name = snake(&member.name);
    let mut attributes = Vec::new();
    if camel(&name) != member.name {
        attributes.push(format!("name = \"{}\"", member.name));
    }
    let has = |wsdl: &Wsdl| member_of(wsdl, record, &member.name).is_some();
    if let Some(since) = first(wsdls, has) {
        attributes.push(format!("since = {}", since.major()));
    }
    if member.required {
        attributes.push("required".to_owned());
    }
    let attributes = attributes.join(", ");
    format!("    {DOC}\n    #[field({attributes})]\n    pub {name}: {rust},\n")
}

fn variant(value: &str, since: Option<&ApiVersion>) -> String {
    let name: String = value
        .split(['_', '-', ' '])
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect();
    let mut attributes = Vec::new();
    if name != value {
        attributes.push(format!("name = \"{value}\""));
    }
    attributes.extend(since.map(|since| format!("since = {}", since.major())));
    let attributes = if attributes.is_empty() {
        String::new()
    } else {
        format!("    #[value({})]\n", attributes.join(", "))
    };
    format!("    /// `{value}`.\n{attributes}    {name},\n")
}

fn member_of<'a>(wsdl: &'a Wsdl, record: &str, name: &str) -> Option<&'a Member> {
    let members = &wsdl.records.get(record)?.members;
    members.iter().find(|one| one.name == name)
}

fn newest_member<'a>(record: &str, name: &str, wsdls: &'a [Wsdl]) -> Option<&'a Member> {
    let mut newest_first = wsdls.iter().rev();
    newest_first.find_map(|wsdl| member_of(wsdl, record, name))
}

fn values<'a>(wsdls: &'a [Wsdl], enumeration: &str) -> Option<&'a Vec<String>> {
    let mut newest_first = wsdls.iter().rev();
    newest_first.find_map(|wsdl| wsdl.enumerations.get(enumeration))
}

fn has_value(wsdl: &Wsdl, enumeration: &str, value: &str) -> bool {
    let values = wsdl.enumerations.get(enumeration);
    values.is_some_and(|values| values.iter().any(|one| one == value))
}

/// `isDPopEnabled` → `is_d_pop_enabled`. A run of capitals is one word, without its last letter
/// when a small letter follows.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let is_start = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if is_start {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The element's name that the derive macro derives from a field's name.
fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::super::tests::CUT;
    use super::*;

    #[test]
    fn names() {
        for (element, name) in [
            ("isDPopEnabled", "is_d_pop_enabled"),
            ("isEnforceRefreshTokenTTL", "is_enforce_refresh_token_ttl"),
            ("policy1DevManaged", "policy1_dev_managed"),
            ("ExtlClntAppSaml", "extl_clnt_app_saml"),
        ] {
            assert_eq!(snake(element), name);
        }
        assert_eq!(camel("is_d_pop_enabled"), "isDPopEnabled");
    }

    #[test]
    fn lines_for_missing_items() {
        let text = CUT
            .replacen(
                r#"<xsd:element name="isFullContent""#,
                r#"<xsd:element name="isURLShown" type="xsd:boolean"/><xsd:element name="isFullContent""#,
                1,
            )
            .replacen(
                r#"<xsd:enumeration value="AllSelfAuthorized"/>"#,
                r#"<xsd:enumeration value="AllSelfAuthorized"/><xsd:enumeration value="by_invitation"/>"#,
                1,
            )
            .replacen(
                r#"complexType name="ExtlClntAppNotificationSettings""#,
                r#"complexType name="ExtlClntAppNoteSettings""#,
                1,
            );
        let wsdls = [Wsdl::parse(&text).unwrap()];
        let differences = compare::compare(&wsdls[0]);
        let expected = r#"// crates/eca-model/src/types/extl_clnt_app_note_settings.rs, and the list in mod.rs
/// Say what it does.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "?", suffix = "?", since = 66)]
pub struct ExtlClntAppNoteSettings {
    /// Say what it does.
    #[field(since = 66, required)]
    pub external_client_application: Option<String>,
    /// Say what it does.
    #[field(since = 66)]
    pub label: Option<String>,
    /// Say what it does.
    #[field(since = 66)]
    pub notification_types: Vec<ExtlClntAppNotificationType>,
}

/// Say what it does.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppNotificationType {
    /// Say what it does.
    #[field(since = 66, required)]
    pub notification_type: Option<String>,
    /// Say what it does.
    #[field(since = 66)]
    pub push_by_default: Option<bool>,
}
// struct ExtlClntAppPushConfigurablePolicies
    /// Say what it does.
    #[field(name = "isURLShown", since = 66, required)]
    pub is_url_shown: Option<bool>,
// enum PermittedUsersPolicyType
    /// `by_invitation`.
    #[value(name = "by_invitation", since = 66)]
    ByInvitation,
"#;
        assert_eq!(render(&differences, &wsdls), expected);
    }
}
