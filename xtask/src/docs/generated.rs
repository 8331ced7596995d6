//! The generated pages.

use std::collections::BTreeMap;
use std::path::Path;

use eca_model::MetadataType;
use eca_model::schema::{json_schema, markdown};

use crate::failure::Failure;

use crate::docs::printed;

/// Their folder in the book. It has no other pages.
pub(super) const FOLDER: &str = "reference/";

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
        page("fields.md", fields()),
        page("json-schemas.md", schemas()),
    ]);
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

#[cfg(test)]
mod tests {
    use super::*;

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
