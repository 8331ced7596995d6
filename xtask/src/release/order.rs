//! The order of publishing: a crate comes after those it depends on.

use crate::workspace::{ArrowKind, Crate};

/// The names of the published crates in the order of publishing; among equals by name. Development
/// dependencies on members count too, unless they have no version: those are not in the published
/// manifest.
///
/// # Errors
/// When crates depend on each other in a circle, or on one that is not published; in words for a
/// person.
pub(crate) fn of(crates: &[Crate]) -> Result<Vec<String>, String> {
    let published = |one: &Crate| -> Vec<String> {
        let arrows = one.arrows.iter();
        let kept = arrows.filter(|arrow| arrow.kind != ArrowKind::DevelopmentHere);
        kept.map(|arrow| arrow.to.clone()).collect()
    };
    let mut waiting: Vec<&Crate> = crates.iter().filter(|one| one.published).collect();
    let mut ordered: Vec<String> = Vec::new();
    for one in &waiting {
        let stray = published(one)
            .into_iter()
            .find(|to| !waiting.iter().any(|other| other.name == *to));
        if let Some(to) = stray {
            return Err(format!(
                "{} depends on {to}, which is not published",
                one.name
            ));
        }
    }
    while !waiting.is_empty() {
        let ready = |one: &&Crate| {
            let mut before = published(one).into_iter();
            before.all(|to| to == one.name || ordered.contains(&to))
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
    use crate::workspace::Arrow;

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
    fn what_is_not_published_makes_no_circle() {
        let mut macros = a_crate("a", &["b"]);
        macros.arrows[0].kind = ArrowKind::DevelopmentHere;
        assert_eq!(of(&[macros, a_crate("b", &["a"])]).unwrap(), ["a", "b"]);
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
