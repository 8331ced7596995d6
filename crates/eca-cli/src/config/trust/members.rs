//! What a file can send or run, in a canonical form.
//!
//! Every member counts, except for the ones in [`is_harmless`]: a member that is added to the file
//! later counts until it is listed there. The form does not depend on formatting, comments or
//! order. It has the hash of a `cmd:` instead of its text, which may contain a secret.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use eca_model::Position;
use sha2::{Digest as _, Sha256};
use toml::de::{DeTable, DeValue};

/// The members of a file, by their paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members(BTreeMap<String, Member>);

#[derive(Debug, Clone)]
struct Member {
    /// Its canonical value.
    value: String,
    /// Its line in the file, from 1.
    line: usize,
}

/// The SHA-256 of the members, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest(String);

/// A text that is not a digest.
#[derive(Debug)]
pub(crate) struct InvalidDigest;

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let is_digit = |byte: u8| byte.is_ascii_hexdigit();
        if text.len() == 64 && text.bytes().all(is_digit) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(InvalidDigest)
    }
}

/// The start of a canonical value that stands for a command.
const COMMAND: &str = "\"cmd:sha256:";

/// Whether a member can neither send nor run anything.
fn is_harmless(path: &[&str]) -> bool {
    matches!(path, ["lint" | "environments"] | ["orgs", _, "values"])
}

impl Members {
    /// The members of a parsed file.
    pub(crate) fn of(text: &str, document: &DeTable<'_>) -> Self {
        let mut members = Self::default();
        members.add(text, document, &mut Vec::new());
        members
    }

    fn add<'a>(&mut self, text: &str, table: &'a DeTable<'_>, path: &mut Vec<&'a str>) {
        for (name, value) in table {
            path.push(name.get_ref());
            if !is_harmless(path) {
                match value.get_ref() {
                    DeValue::Table(inner) if !inner.is_empty() => self.add(text, inner, path),
                    leaf => {
                        let line = Position::from_offset(text, value.span().start).line;
                        let line = usize::try_from(line).unwrap_or(usize::MAX);
                        let value = canonical(leaf);
                        self.0.insert(joined(path), Member { value, line });
                    }
                }
            }
            path.pop();
        }
    }

    /// Whether the file can neither send nor run anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `eca trust` records.
    pub(crate) fn digest(&self) -> Digest {
        let mut text = "eca.toml 1\n".to_owned();
        for line in self.canonical_lines() {
            text.push_str(&line);
            text.push('\n');
        }
        Digest(hex(text.as_bytes()))
    }

    /// `path = value` of each member, sorted.
    pub(crate) fn canonical_lines(&self) -> Vec<String> {
        let lines = self.0.iter();
        lines
            .map(|(path, member)| format!("{path} = {}", member.value))
            .collect()
    }

    /// The same for a reader. A command is named by its line in the file.
    pub(crate) fn shown(&self) -> Vec<String> {
        let lines = self.0.iter();
        lines
            .map(|(path, member)| {
                if member.value.starts_with(COMMAND) {
                    format!("{path} = a command, eca.toml:{}", member.line)
                } else {
                    format!("{path} = {}", member.value)
                }
            })
            .collect()
    }

    /// What differs from earlier lines: these with `-`, then today's with `+`.
    pub(crate) fn difference(&self, earlier: &[String]) -> Vec<String> {
        let lines = self.canonical_lines();
        let gone = earlier.iter().filter(|line| !lines.contains(line));
        let gone = gone.map(|line| match line.split_once(&format!(" = {COMMAND}")) {
            Some((path, _)) => format!("- {path} = a command"),
            None => format!("- {line}"),
        });
        let new = lines.iter().zip(self.shown());
        let new = new.filter(|(line, _)| !earlier.contains(line));
        gone.chain(new.map(|(_, shown)| format!("+ {shown}")))
            .collect()
    }
}

fn joined(path: &[&str]) -> String {
    let is_bare = |name: &str| {
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !name.is_empty() && name.bytes().all(is_bare)
    };
    let names = path.iter().map(|name| {
        if is_bare(name) {
            (*name).to_owned()
        } else {
            quoted(name)
        }
    });
    names.collect::<Vec<_>>().join(".")
}

/// A text in quotes, on one line.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn canonical(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.starts_with("cmd:") => {
            format!("{COMMAND}{}\"", hex(text.as_bytes()))
        }
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(values) => {
            let values = values.iter().map(|value| canonical(value.get_ref()));
            format!("[{}]", values.collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(table) => {
            let members: BTreeMap<_, _> = table
                .iter()
                .map(|(name, value)| (quoted(name.get_ref()), canonical(value.get_ref())))
                .collect();
            let members = members
                .iter()
                .map(|(name, value)| format!("{name} = {value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The SHA-256 in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Members {
        Members::of(text, DeTable::parse(text).unwrap().get_ref())
    }

    const FILE: &str = "default-org = 'a'
[orgs.a]
instance-url = 'https://acme.example'
auth = { method = 'access-token', access-token = 'cmd:print-token --password hunter2' }
[orgs.a.values.Shop]
label = 'Acme'
[environments.emea]
orgs = ['a']
values = { Shop = { contactEmail = 'emea' } }
[lint]
deny = 'warning'
";

    #[test]
    fn ordinary_edits_leave_the_digest() {
        let digest = members(FILE).digest();
        for (from, to, same) in [
            ("'Acme'", "'Other'", true),
            ("'emea' }", "'other' }", true),
            ("'warning'", "'error'", true),
            ("[lint]", "[lint.rules]\nECA1 = 'off'\n[lint]", true),
            ("[orgs.a]", "# a comment\n\n[ orgs . 'a' ]", true),
            ("'https://acme.example'", "\"https://acme.example\"", true),
            ("auth = { method", "auth = { \"method\"", true),
            ("'https://acme.example'", "'https://evil.example'", false),
            ("default-org = 'a'", "default-org = 'b'", false),
            ("default-org = 'a'", "", false),
            ("hunter2", "hunter3", false),
            ("default-org", "allow-instance = ['x']\ndefault-org", false),
            ("default-org", "later = 1\ndefault-org", false),
            ("[lint]", "[state]\nurl = 's3://x'\n[lint]", false),
            ("[lint]", "[orgs.b]\n[lint]", false),
        ] {
            assert!(FILE.contains(from), "{from}");
            let edited = members(&FILE.replacen(from, to, 1)).digest();
            assert_eq!(edited == digest, same, "{from} -> {to}");
        }
    }

    #[test]
    fn values_of_every_type_are_canonical() {
        for (one, other) in [
            ("a = 16", "a = 0x10"),
            ("a = 1_000", "a = 1000"),
            ("a = [1, 'x']", "a = [\n  1, # one\n  \"x\",\n]"),
            ("a = [{ c = 1, b = 2 }]", "[[a]]\nb = 2\nc = 1"),
            ("a.b = true", "[a]\nb = true"),
        ] {
            assert_eq!(members(one).digest(), members(other).digest(), "{one}");
        }
        // A name with a dot is not two names.
        assert_ne!(members("'a.b' = 1").digest(), members("a.b = 1").digest());
        // The canonical form of a command is not a way around it.
        let text = "a = 'cmd:x'";
        let forged = members(text).canonical_lines()[0].replace('"', "'");
        assert_ne!(members(text).digest(), members(&forged).digest());
    }

    #[test]
    fn a_command_is_shown_by_its_line_and_never_by_its_text() {
        let (before, after) = (members(FILE), FILE.replace("hunter2", "hunter3"));
        let after = members(&after);
        let difference = after.difference(&before.canonical_lines());
        assert_eq!(
            difference,
            [
                "- orgs.a.auth.access-token = a command",
                "+ orgs.a.auth.access-token = a command, eca.toml:4",
            ]
        );
        let shown = [before.shown(), before.canonical_lines(), difference].concat();
        let shown = shown.join("\n");
        assert!(shown.contains("orgs.a.instance-url = \"https://acme.example\""));
        for secret in ["hunter", "print-token"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn lint_settings_alone_can_send_nothing() {
        assert!(members("[lint]\ndeny = 'error'").is_empty());
        assert!(!members("[orgs.a]").is_empty());
    }

    #[test]
    fn digests() {
        let digest = members(FILE).digest().to_string();
        assert_eq!(digest.to_uppercase().parse::<Digest>().unwrap().0, digest);
        for text in [
            "",
            "1",
            &digest[1..],
            &format!("{digest}0"),
            &"g".repeat(64),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
