//! The order of publishing: a crate comes after those it depends on.

use crate::workspace::Crate;

/// The names of the published crates in the order of publishing; among equals by name. Development dependencies on
/// members count too: they are in the published manifest with their version.
///
/// # Errors
/// When crates depend on each other in a circle, or on one that is not published; in words for a person.
pub(crate) fn of(crates: &[Crate]) -> Result<Vec<String>, String> {
    let mut waiting: Vec<&Crate> = crates.iter().filter(|one| one.published).collect();
    let mut ordered: Vec<String> = Vec::new();
    for one in &waiting {
        let stray = one
            .arrows
            .iter()
            .find(|arrow| !waiting.iter().any(|other| other.name == arrow.to));
        if let Some(arrow) = stray {
            return Err(format!(
                "{} depends on {}, which is not published",
                one.name, arrow.to
            ));
        }
    }
    while !waiting.is_empty() {
        let ready = |one: &&Crate| {
            one.arrows
                .iter()
                .all(|arrow| arrow.to == one.name || ordered.contains(&arrow.to))
        };
        let Some(index) = waiting.iter().position(ready) else {
            let names: Vec<_> = waiting.iter().map(|one| one.name.as_str()).collect();
            return Err(format!(
                "these depend on each other in a circle: {}",
                names.join(", ")
            ));
        };
        ordered.push(waiting.remove(index).name.clone());
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Arrow, ArrowKind};

    fn a_crate(name: &str, arrows: &[&str]) -> Crate {
        let arrow = |to: &&str| Arrow {
            to: (*to).to_owned(),
            kind: ArrowKind::Normal,
        };
        Crate {
            arrows: arrows.iter().map(arrow).collect(),
            ..Crate::named(name)
        }
    }

    #[test]
    fn dependencies_first() {
        let crates = [
            a_crate("a", &["c", "b"]),
            a_crate("b", &["c"]),
            a_crate("c", &[]),
        ];
        assert_eq!(of(&crates).unwrap(), ["c", "b", "a"]);
    }

    #[test]
    fn circles_and_strays_are_named() {
        let circle = of(&[a_crate("a", &["b"]), a_crate("b", &["a"])]).unwrap_err();
        assert!(circle.ends_with("a, b"), "{circle}");
        let mut hidden = a_crate("b", &[]);
        hidden.published = false;
        let stray = of(&[a_crate("a", &["b"]), hidden]).unwrap_err();
        assert_eq!(stray, "a depends on b, which is not published");
    }
}
