//! Compares `docs/configuration.md` with the code: each example has every member once, and marks
//! the optional ones correctly.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::config::Config;

/// The page, with letters instead of the ellipsis in ids.
static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("../../../../docs/configuration.md").replace('…', "x"));

const ORG: &str = "[orgs.staging]\ninstance-url = 'https://acme.my.salesforce.com'\n";

/// The lines before an example with this head: only the example itself can then be wrong.
fn before(head: &str) -> String {
    match head {
        "[orgs.staging]" => String::new(),
        "[orgs.staging.auth]" => ORG.to_owned(),
        "[orgs.staging.auth.client-assertion]" => {
            format!("{ORG}[orgs.staging.auth]\nmethod = 'client-credentials'\nclient-id = 'x'\n")
        }
        "[orgs.staging.identity.gate.recaptcha-event]" => format!(
            "{ORG}auth = {{ method = 'sf' }}\n[orgs.staging.identity]\nsite-url = 'https://acme.my.site.com'\nclient-id = 'x'\nredirect-uri = 'x'\n"
        ),
        _ => format!("{ORG}auth = {{ method = 'sf' }}\n"),
    }
}

fn read(text: &str) -> Result<Config, String> {
    Config::parse("eca.toml".into(), text).map_err(|failure| failure.to_string())
}

/// The expected names in an error.
fn expected(text: &str) -> BTreeSet<String> {
    let error = read(text).unwrap_err();
    let (_, names) = error
        .split_once("expected ")
        .unwrap_or_else(|| panic!("{error}\n{text}"));
    let quoted = names.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// The examples of the page, with head and lines.
fn examples() -> Vec<(&'static str, Vec<&'static str>)> {
    let blocks = PAGE.split("```toml\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let mut examples = Vec::new();
    for block in blocks {
        let mut lines = block.lines();
        examples.push((lines.next().unwrap(), lines.collect()));
    }
    examples
}

fn name(line: &str) -> &str {
    let line = line.trim_start_matches("# ");
    line.split(" = ").next().unwrap()
}

#[test]
fn every_example_has_every_member() {
    let examples = examples();
    assert!(examples.len() > 10, "the page was not read");
    for (head, lines) in &examples {
        let before = before(head);
        let with = |lines: &[&str]| format!("{before}{head}\n{}\n", lines.join("\n"));
        let method: Vec<_> = lines
            .iter()
            .copied()
            .filter(|l| name(l) == "method")
            .collect();
        let nonsense = [&["nonsense = 1"], method.as_slice()].concat();
        let named: Vec<_> = lines
            .iter()
            .map(|line| name(line))
            .filter(|name| *name != "method")
            .collect();
        let documented: BTreeSet<_> = named.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            documented.len(),
            named.len(),
            "{head}: a member occurs twice"
        );
        assert_eq!(documented, expected(&with(&nonsense)), "{head} {method:?}");

        let all: Vec<_> = lines
            .iter()
            .map(|line| line.trim_start_matches("# "))
            .collect();
        read(&with(&all)).unwrap();
        read(&with(lines)).unwrap();
        for (index, line) in lines.iter().enumerate() {
            let mut fewer = all.clone();
            let left_out = fewer.remove(index);
            let optional = line.starts_with('#');
            let result = read(&with(&fewer));
            assert_eq!(result.is_ok(), optional, "{head} without {left_out}");
        }
    }
}

#[test]
fn every_method_and_section_is_documented() {
    let methods = examples()
        .iter()
        .flat_map(|(_, lines)| lines.clone())
        .filter(|line| name(line) == "method")
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .collect::<BTreeSet<_>>();
    let known = expected(&format!("{ORG}auth = {{ method = 'nonsense' }}\n"));
    assert_eq!(methods, known);
    for method in &methods {
        assert!(PAGE.contains(&format!("\n## `method = \"{method}\"`\n")));
    }
    let gates = expected(&format!(
        "{ORG}auth = {{ method = 'sf' }}\n[orgs.staging.identity]\ngate = {{ nonsense = 1 }}\n"
    ));
    for gate in gates {
        assert!(PAGE.contains(&gate), "{gate}");
    }
}
