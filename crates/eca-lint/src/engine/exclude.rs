//! Files that are excluded from rules.

use crate::rule_id::RuleId;

/// Files that are excluded from some rules, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    /// A file, or a folder with everything in it, spelled as in
    /// [`Finding::path`](crate::engine::finding::Finding::path); `*` stands for any characters
    /// except `/`.
    pub path: String,
    /// The rules; empty for every rule.
    pub rules: Vec<RuleId>,
    /// The reason, for the next reader.
    pub reason: String,
}

impl Exclude {
    /// Whether it excludes the findings of a rule in a file.
    pub fn covers(&self, rule: RuleId, path: &str) -> bool {
        (self.rules.is_empty() || self.rules.contains(&rule)) && self.covers_path(path)
    }

    fn covers_path(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        self.path
            .trim_end_matches('/')
            .split('/')
            .filter(|pattern| *pattern != ".")
            .all(|pattern| parts.next().is_some_and(|part| matches(pattern, part)))
    }
}

/// Whether a segment of a path matches a pattern with `*`.
fn matches(pattern: &str, part: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == part;
    };
    let Some(part) = part.strip_prefix(start) else {
        return false;
    };
    (0..=part.len())
        .filter_map(|from| part.get(from..))
        .any(|tail| matches(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::Exclude;

    #[test]
    fn paths() {
        for (pattern, path, covered) in [
            ("a", "a/b.eca", true),
            ("a/", "a/b.eca", true),
            ("./a/b.eca", "a/b.eca", true),
            ("a", "ab/b.eca", false),
            ("*/b.eca", "a/b.eca", true),
            ("a/*.eca", "a/b.eca", true),
            ("a/*.eca", "a/c/b.eca", false),
            ("a/*b*a", "a/xb.eca", true),
        ] {
            let exclude = Exclude {
                path: pattern.to_owned(),
                rules: Vec::new(),
                reason: String::new(),
            };
            assert_eq!(exclude.covers_path(path), covered, "{pattern} {path}");
        }
    }
}
