//! The generated pages.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use eca_model::MetadataType;
use eca_model::schema::{json_schema, markdown};
use serde_json::Value;

use crate::failure::Failure;

use crate::docs::printed;

/// The folder in the book of all but one. It has no other pages.
pub(super) const FOLDER: &str = "reference/";

/// The page whose address scripts and issues have.
const EXIT_CODES: &str = "exit-codes.md";

/// The pages by their path in the book.
///
/// # Errors
/// When the program cannot be built or run.
pub(super) fn pages(root: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut pages = BTreeMap::from([
        page(
            "commands.md",
            printed(root, &["manual", "--page", "commands"])?,
        ),
        page(
            "environment.md",
            printed(root, &["manual", "--page", "environment"])?,
        ),
        (
            EXIT_CODES.to_owned(),
            printed(root, &["manual", "--page", "exit-codes"])?,
        ),
        page("fields.md", fields()),
        page("json-schemas.md", schemas()),
    ]);
    let documents = printed(root, &["schema", "--json-output", "--json"])?;
    let outcomes = pages.get(EXIT_CODES).map_or("", String::as_str);
    let documents = documents_of(&documents, outcomes)?;
    pages.extend(documents);
    pages.extend(MetadataType::ALL.iter().map(|kind| {
        let schema = kind.schema();
        let name = format!("schemas/{}.json", schema.name);
        page(&name, format!("{:#}\n", json_schema(schema)))
    }));
    Ok(pages)
}

fn page(name: &str, text: String) -> (String, String) {
    (format!("{FOLDER}{name}"), text)
}

/// The page with the tables of all types.
fn fields() -> String {
    let mut text = String::from(
        "# Fields\n\nThe members of every metadata type. `eca schema TYPE --markdown` prints the table of one type.\n",
    );
    for kind in MetadataType::ALL {
        for line in markdown(kind.schema()).trim_end().lines() {
            // One level below the heading of the page.
            text.push('\n');
            if line.starts_with('#') {
                text.push('#');
            }
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

fn schemas() -> String {
    let mut text = String::from(
        "# JSON Schemas\n\nThe JSON Schema of each metadata type. `eca schema TYPE` prints the same.\n\n| Type | Schema |\n|---|---|\n",
    );
    for kind in MetadataType::ALL {
        let name = kind.schema().name;
        text.extend([
            "| ",
            name,
            " | [",
            name,
            ".json](schemas/",
            name,
            ".json) |\n",
        ]);
    }
    text
}

/// The page about the documents of `--json`, with the table of the page `exit_codes`, and the
/// schema of each document.
fn documents_of(printed: &str, exit_codes: &str) -> Result<Vec<(String, String)>, Failure> {
    let document: Value = serde_json::from_str(printed).map_err(io::Error::from)?;
    let schemas = document["documents"].as_object();
    let schemas = schemas.ok_or_else(|| io::Error::other("eca lists no documents"))?;
    let table: Vec<_> = exit_codes
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    let mut text = DOCUMENTS.replace("OUTCOMES", &table.join("\n"));
    let mut pages = Vec::new();
    for (name, schema) in schemas {
        text.extend([
            "| [`",
            name,
            "`](documents/",
            name,
            ".json) | ",
            &members(schema),
            " |\n",
        ]);
        pages.push(page(
            &format!("documents/{name}.json"),
            format!("{schema:#}\n"),
        ));
    }
    pages.push(page("documents.md", text));
    Ok(pages)
}

/// The members of a document that are its own, for each of its forms but that of a failure.
fn members(schema: &Value) -> String {
    let forms = schema["anyOf"].as_array().into_iter().flatten();
    let forms = forms.filter_map(|form| form["properties"].as_object());
    let lists = forms.map(|members| {
        let own = members
            .keys()
            .filter(|name| *name != "schema" && *name != "outcome");
        let quoted: Vec<_> = own.map(|name| format!("`{name}`")).collect();
        quoted.join(", ")
    });
    let lists = lists.filter(|list| list != "`error`");
    lists.collect::<Vec<_>>().join("; or ")
}

/// The beginning of the page about documents.
const DOCUMENTS: &str = "# Documents of `--json`

With `--json` a command prints one JSON document on stdout. Each has these members:

- `schema`: the command and the version of the document, such as `eca/deploys-list/1` for `eca deploys list`. New
  members may be added to a version; a member that is removed or means something else makes a new one.
- `outcome`: the name of the [exit code](../exit-codes.md), below.

The other members are those of the command. A command that fails before it has a result prints `error` in their place:
its `message`, `causes` and, where a next step is known, `hint`. Names are in snake case; only values that others define
(claims of a token, members of metadata) keep their own. `eca emulate` prints its document on one line and keeps running.
A call that cannot be parsed prints no document.

## Outcomes

OUTCOMES

## Documents

The JSON Schema of each document, and the members of its own. `eca schema --json-output deploys-list` prints the same
schema. `; or` separates the forms of a document.

| Document | Members |
|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_of_each_form_are_listed() {
        let form = |name: &str| serde_json::json!({ "properties": { "schema": {}, "outcome": {}, name: {} } });
        let schema =
            serde_json::json!({ "anyOf": [form("types"), form("members"), form("error")] });
        assert_eq!(members(&schema), "`types`; or `members`");
    }

    #[test]
    fn each_type_has_its_table_and_its_schema() {
        let (fields, schemas) = (fields(), schemas());
        for kind in MetadataType::ALL {
            let name = kind.schema().name;
            assert!(fields.contains(&format!("\n## {name}\n")), "{name}");
            assert!(schemas.contains(&format!("schemas/{name}.json")), "{name}");
        }
        assert!(!fields.contains("\n\n\n"), "one empty line between blocks");
    }
}
