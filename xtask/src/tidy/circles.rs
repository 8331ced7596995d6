//! Modules of a crate that use each other in a circle: none of them can be understood, or moved,
//! without the others.

use crate::tidy::modules::Modules;
use crate::tidy::problem::Problem;

/// Intended circles.
const INTENDED: &[Circle<'_>] = &[
    Circle {
        source: "crates/eca-lint/src",
        modules: &["engine::finding", "engine::findings", "rule"],
        reason: "a rule reports findings, and a finding names its rule",
    },
    Circle {
        source: "crates/eca-lint/src",
        modules: &["engine::ignore", "rules", "rules::comments"],
        reason: "comments name rules, and one of the rules is about such comments",
    },
    Circle {
        source: "crates/eca-model/src",
        modules: &["file::decode", "schema", "types"],
        reason: "the derived types are their schema and their decoder",
    },
    Circle {
        source: "crates/eca-model/src",
        modules: &["xml::document", "xml::element"],
        reason: "an element is a place in its document",
    },
];

/// An intended circle.
struct Circle<'a> {
    /// The folder of the crate's files.
    source: &'a str,
    /// Sorted.
    modules: &'a [&'a str],
    /// Why it is intended.
    reason: &'a str,
}

/// Every circle that is not listed, and every listed circle that is gone.
pub(crate) fn check(source: &str, modules: &Modules) -> Vec<Problem> {
    compare(source, modules, INTENDED)
}

fn compare(source: &str, modules: &Modules, intended: &[Circle<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let circles = modules.circles();
    let listed = intended.iter().filter(|circle| circle.source == source);
    for circle in &circles {
        if !listed.clone().any(|exception| exception.modules == circle) {
            let names = circle.join(", ");
            problems.push(Problem::of_file(
                source,
                format!("a circle of {names}: move the shared part into a module of its own, or list the circle with a reason in xtask/src/tidy/circles.rs"),
            ));
        }
    }
    for gone in listed.filter(|listed| !circles.iter().any(|circle| listed.modules == circle)) {
        let (names, reason) = (gone.modules.join(", "), gone.reason);
        problems.push(Problem::of_file(
            source,
            format!(
                "no circle of {names} any more ({reason}): remove it from xtask/src/tidy/circles.rs"
            ),
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    fn check(files: &[(&str, &str)], intended: &[&str]) -> Vec<String> {
        let (modules, broken) = Modules::read("src", files.iter().copied());
        assert!(broken.is_empty());
        let intended = Circle {
            source: "src",
            modules: intended,
            reason: "a reason",
        };
        let intended = if intended.modules.is_empty() {
            &[][..]
        } else {
            &[intended]
        };
        let found = lines(&compare("src", &modules, intended));
        let short = |line: String| line.split(": move").next().unwrap_or_default().to_owned();
        found.into_iter().map(short).collect()
    }

    #[test]
    fn circles_through_every_kind_of_path() {
        let lib = (
            "src/lib.rs",
            "mod a; mod b; mod c; pub use a::{A, other::C as Z}; pub(crate) use b::B;",
        );
        for (a, b, c, expected) in [
            ("use crate::b::B;", "use crate::c::C;", "", None),
            ("use crate::b::B;", "use super::a::A;", "", Some("a, b")),
            (
                "use crate::{c, b::B};",
                "",
                "use crate::{A, Z};",
                Some("a, c"),
            ),
            (
                "fn f(b: crate::B) {}",
                "const C: u8 = crate::c::C;",
                "type A = super::A;",
                Some("a, b, c"),
            ),
            // Imports of tests, of other crates and of the root do not count.
            (
                "use crate::b::B;",
                "#[cfg(test)] mod tests { use crate::a::A; }",
                "",
                None,
            ),
            (
                "use crate::b::B;",
                "use a::A; use std::a; use crate::VALUE;",
                "",
                None,
            ),
            // A re-export does not count as a use.
            ("use crate::b::B;", "pub use crate::a::A;", "", None),
        ] {
            let files = [lib, ("src/a.rs", a), ("src/b.rs", b), ("src/c.rs", c)];
            let expected: Vec<_> = expected
                .iter()
                .map(|names| format!("src: a circle of {names}"))
                .collect();
            assert_eq!(check(&files, &[]), expected, "{a} {b} {c}");
        }
    }

    #[test]
    fn a_module_and_its_children_count_as_one() {
        let parts = [
            ("src/main.rs", "mod a; mod b;"),
            (
                "src/a/mod.rs",
                "mod x; mod y; pub(crate) use x::X; use y::Y;",
            ),
            ("src/a/x.rs", "use super::A; use super::y::Y;"),
            ("src/a/y.rs", "use super::super::a::A;"),
            ("src/b.rs", "use crate::a::X;"),
        ];
        assert_eq!(check(&parts, &[]), [""; 0]);
        let mut parts = parts;
        parts[2].1 = "use crate::b;";
        assert_eq!(check(&parts, &[]), ["src: a circle of a::x, b"]);
    }

    #[test]
    fn listed_circles_that_are_gone_are_reported() {
        let circle = [
            ("src/a.rs", "use crate::b::B;"),
            ("src/b.rs", "use crate::a::A;"),
        ];
        assert_eq!(check(&circle, &["a", "b"]), [""; 0]);
        assert_eq!(
            check(&circle[..1], &["a", "b"]),
            [
                "src: no circle of a, b any more (a reason): remove it from xtask/src/tidy/circles.rs"
            ]
        );
    }
}
