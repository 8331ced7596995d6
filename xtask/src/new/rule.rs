//! `cargo xtask new rule`: a lint rule. It compiles and fires in its pair of projects; a test of
//! `eca-lint` names each text that still has to be written.

use std::path::Path;

use clap::{Args, ValueEnum};
use fs_err as fs;

use crate::failure::Failure;

/// The crate of the rules.
const CRATE: &str = "crates/eca-lint";
/// The longest name, in characters: findings and lists have it in each line.
const MAX_NAME: usize = 24;
/// Texts of the repository that name rules, also those that are gone: an id is never used again.
const NAMED_IN: [&str; 2] = ["CHANGELOG.md", "docs/rules.md"];

/// The rule.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The name, in kebab case, such as scopes-known
    name: String,
    /// What the rule is about
    #[arg(long)]
    area: Area,
}

/// The first two digits of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Area {
    /// 10: files and schema
    Files = 10,
    /// 11: files that belong together
    Graph = 11,
    /// 12: OAuth settings and policies
    Oauth = 12,
    /// 13: certificates
    Certificates = 13,
    /// 14: secrets
    Secrets = 14,
    /// 15: portability between orgs
    Portability = 15,
    /// 16: outbound credentials
    Outbound = 16,
    /// 17: requirements of security reviews
    Reviews = 17,
    /// 18: packages
    Packages = 18,
    /// 19: plugins other than OAuth
    Plugins = 19,
}

/// Writes the rule; `false` when its name or id cannot be used.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    let name = arguments.name.as_str();
    let rules = root.join(CRATE).join("src/rules");
    let module = name.replace('-', "_");
    let file = rules.join(format!("{module}.rs"));
    let is_name = name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !is_name {
        eprintln!(
            "new: a name has at most {MAX_NAME} lower-case letters and hyphens, such as scopes-known"
        );
        return Ok(false);
    }
    let sources = sources(&rules)?;
    let is_taken = sources.contains(&format!("name: \"{name}\","));
    if file.exists() || is_taken {
        eprintln!("new: {name} is the name of a rule or of a file of rules; choose another one");
        return Ok(false);
    }
    let mut named = sources;
    for text in NAMED_IN {
        named.push_str(&fs::read_to_string(root.join(text))?);
    }
    let Some(id) = next_id(&named, arguments.area as u16) else {
        eprintln!("new: every id of this area is used");
        return Ok(false);
    };

    let registry = rules.join("mod.rs");
    let text = registered(&fs::read_to_string(&registry)?, &rules, &module, id)?;
    let pair = root.join(CRATE).join(format!("pairs/ECA{id}-{name}.txt"));
    let filled = |template: &str| {
        template
            .replace("NAME", &module.to_uppercase())
            .replace("module_name", &module)
            .replace("rule-name", name)
            .replace("9999", &id.to_string())
    };
    for (path, text) in [
        (&file, filled(RULE)),
        (&pair, PAIR.to_owned()),
        (&registry, text),
    ] {
        fs::write(path, text)?;
        let shown = path.strip_prefix(root).unwrap_or(path);
        println!("{}", shown.display());
    }
    eprintln!(
        "new: ECA{id} {name}; `cargo test -p eca-lint` names what is to be filled in (CONTRIBUTING.md, \
         \"Adding a lint rule\")"
    );
    Ok(true)
}

/// The text of all files of rules.
fn sources(rules: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    for entry in fs::read_dir(rules)? {
        text.push_str(&fs::read_to_string(entry?.path())?);
    }
    Ok(text)
}

/// The id after the last one of the area that is named anywhere.
fn next_id(named: &str, area: u16) -> Option<u16> {
    let written = ["ECA", "RuleId("].map(|before| {
        let texts = named.split(before).skip(1);
        texts.filter_map(|text| text.get(..4)?.parse::<u16>().ok())
    });
    let used = written.into_iter().flatten().filter(|id| id / 100 == area);
    let next = used.max().map_or(area * 100 + 1, |id| id + 1);
    (next / 100 == area).then_some(next)
}

/// The registry with the module and the rule in their places.
fn registered(registry: &str, rules: &Path, module: &str, id: u16) -> Result<String, Failure> {
    let declaration = format!("pub(crate) mod {module};");
    let entry = format!("    &{module}::{},", module.to_uppercase());
    let (mut declaration, mut entry) = (Some(declaration), Some(entry));
    let mut text = String::new();
    for line in registry.lines() {
        let is_later_module = |new: &String| {
            let ends = line.is_empty() && !text.ends_with("\n\n") && text.contains("mod ");
            ends || (line.starts_with("pub(crate) mod ") && line > new.as_str())
        };
        if let Some(new) = declaration.take_if(|new| is_later_module(new)) {
            text.extend([&new, "\n"]);
        }
        let is_later_rule = match line.trim().strip_prefix('&') {
            Some(rule) if line.ends_with(',') => id_of(registry, rules, rule)? > id,
            _ => line == "];",
        };
        if let Some(new) = entry.take_if(|_| is_later_rule) {
            text.extend([&new, "\n"]);
        }
        text.extend([line, "\n"]);
    }
    Ok(text)
}

/// The id of a rule, given as `module::NAME,`.
fn id_of(registry: &str, rules: &Path, rule: &str) -> Result<u16, Failure> {
    let unknown = || {
        let text = format!("src/rules/mod.rs: the id of {rule} is not found");
        Failure::from(std::io::Error::other(text))
    };
    let (module, name) = rule
        .trim_end_matches(',')
        .split_once("::")
        .ok_or_else(unknown)?;
    let text = fs::read_to_string(rules.join(format!("{module}.rs")))?;
    let after = |text: &str, start: &str, end: char| {
        let (_, rest) = text.split_once(start)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let id = text.split_once(&format!("static {name}: Rule"));
    let id = id
        .and_then(|(_, rest)| after(rest, "id: ", ','))
        .ok_or_else(unknown)?;
    let id = match id.strip_prefix("RuleId(") {
        Some(number) => Some(number.trim_end_matches(')').to_owned()),
        None => after(registry, &format!("const {id}: RuleId = RuleId("), ')'),
    };
    id.and_then(|id| id.parse().ok()).ok_or_else(unknown)
}

/// The file of the rule.
const RULE: &str = r#"//! TODO: what the rules of this file are about.

use eca_model::types::ExternalClientApplication;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static NAME: Rule = Rule {
    id: RuleId(9999),
    name: "rule-name",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "TODO: what must hold, in one line",
    explanation: "TODO: what happens to the user otherwise, in more than a hundred characters. The page of rules and \
        `eca explain` print it below the summary.",
    source: "TODO: the page of Salesforce, the type of the Metadata API Developer Guide, or the RFC",
    pair: include_str!("../../pairs/ECA9999-rule-name.txt"),
    check: module_name,
};

fn module_name(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, app) in context.project.of_type::<ExternalClientApplication>() {
        if app.label.as_deref() == Some("TODO") {
            findings.at_element(component, "label", "TODO: what is wrong here");
        }
    }
}
"#;

/// The pair of projects.
const PAIR: &str = "== fires
-- externalClientApps/Shop.eca
<ExternalClientApplication>
    $0<label>TODO</label>
</ExternalClientApplication>
== quiet
-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// A copy of what the command reads, and the files that it writes there.
    fn copy() -> tempfile::TempDir {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let copy = tempfile::tempdir().unwrap();
        let folders = ["src/rules", "pairs"].map(|folder| PathBuf::from(CRATE).join(folder));
        for folder in folders {
            fs::create_dir_all(copy.path().join(&folder)).unwrap();
            for entry in fs::read_dir(root.join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let to = copy.path().join(&folder).join(entry.file_name());
                fs::copy(entry.path(), to).unwrap();
            }
        }
        fs::create_dir(copy.path().join("docs")).unwrap();
        for text in NAMED_IN {
            fs::copy(root.join(text), copy.path().join(text)).unwrap();
        }
        copy
    }

    fn new(root: &Path, name: &str, area: Area) -> bool {
        let name = name.to_owned();
        run(root, &Arguments { name, area }).unwrap()
    }

    #[test]
    fn a_rule_is_written_in_its_place() {
        let copy = copy();
        let rules = copy.path().join(CRATE).join("src/rules");
        let before = fs::read_to_string(rules.join("mod.rs")).unwrap();
        for (name, area) in [
            ("aaa-first", Area::Files),
            ("mmm", Area::Graph),
            ("zzz-last", Area::Plugins),
        ] {
            assert!(new(copy.path(), name, area), "{name}");
            assert!(!new(copy.path(), name, area), "{name} exists");
        }
        let registry = fs::read_to_string(rules.join("mod.rs")).unwrap();
        let ids: Vec<u16> = registry
            .lines()
            .filter_map(|line| line.trim().strip_prefix('&'))
            .map(|rule| id_of(&registry, &rules, rule).unwrap())
            .collect();
        let count = before
            .lines()
            .filter(|line| line.starts_with("    &"))
            .count();
        assert_eq!(ids.len(), count + 3);
        assert!(ids.is_sorted(), "{ids:?}");
        let modules: Vec<_> = registry
            .lines()
            .filter(|line| line.starts_with("pub(crate) mod "))
            .collect();
        assert!(modules.is_sorted(), "{modules:?}");
        // Nothing but the new lines.
        let kept: Vec<_> = registry
            .lines()
            .filter(|line| {
                !["aaa_first", "mmm", "zzz_last"]
                    .iter()
                    .any(|name| line.contains(name))
            })
            .collect();
        assert_eq!(kept, before.lines().collect::<Vec<_>>());

        for name in ["aaa_first", "mmm", "zzz_last"] {
            let file = rules.join(format!("{name}.rs"));
            let text = fs::read_to_string(&file).unwrap();
            syn::parse_file(&text).unwrap();
            let pair = text.split("include_str!(\"../../").nth(1).unwrap();
            let pair = pair.split('"').next().unwrap();
            assert!(copy.path().join(CRATE).join(pair).is_file(), "{pair}");
            let mut format = Command::new("rustfmt");
            format.args(["--check", "--edition", "2024", "--config"]);
            format
                .arg("wrap_comments=true,comment_width=100")
                .arg(&file);
            let output = format.output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }

    #[test]
    fn a_name_that_is_taken_or_wrong_is_refused() {
        let copy = copy();
        for name in [
            "scopes-known",
            "limits",
            "Scopes",
            "scopes_known",
            "../x",
            "a--",
            "-a",
            "",
            "a1",
            "a-name-of-more-than-twenty-four",
        ] {
            assert!(!new(copy.path(), name, Area::Oauth), "{name}");
        }
    }

    #[test]
    fn the_areas_are_in_the_contributing_guide() {
        let guide = include_str!("../../../CONTRIBUTING.md");
        for area in Area::value_variants() {
            let name = area.to_possible_value().unwrap();
            let row = format!("| {} | `{}` |", *area as u16, name.get_name());
            assert!(guide.contains(&row), "{row}");
        }
    }

    #[test]
    fn an_id_is_never_used_again() {
        let named = "ECA1203 was removed; RuleId(1201) ECA1202-x.txt ECA1301 ECA12 RuleId(n)";
        assert_eq!(next_id(named, 12), Some(1204));
        assert_eq!(next_id(named, 13), Some(1302));
        assert_eq!(next_id(named, 14), Some(1401));
        assert_eq!(next_id("ECA1299", 12), None);
    }
}
