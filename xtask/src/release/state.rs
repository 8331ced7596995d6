//! The state of the repository, and whether it allows a release.

use std::path::Path;

use semver::Version;

use crate::failure::Failure;
use crate::program::output;

/// The branch that releases are made from.
const BRANCH: &str = "main";

/// Why nothing can be released from a branch that follows no other.
pub(super) const NO_UPSTREAM: &str = "the branch has no upstream to push the tag to; set it with \
                                      git branch --set-upstream-to=origin/main";

/// The state of the repository in git.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The commit that is checked out.
    commit: String,
    /// The branch; `None` for a detached HEAD.
    branch: Option<String>,
    /// The remote and the branch there that the branch follows.
    upstream: Option<(String, String)>,
    /// Commits that only the branch has, and that only its upstream has; `None` without an
    /// upstream.
    apart: Option<(u64, u64)>,
    /// The first file that differs from the commit.
    dirty: Option<String>,
    /// Every tag of a release, the highest version first.
    tags: Vec<String>,
}

impl State {
    /// Reads the state from git. It fetches nothing: the upstream is as of the last fetch.
    ///
    /// # Errors
    /// When git cannot be started.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let status = ["status", "--porcelain=v2", "--branch"];
        let status = output(root, "git", &status)?.text;
        let tags = ["tag", "--list", "v*", "--sort=-version:refname"];
        let tags = output(root, "git", &tags)?.text;
        Ok(Self::parse(&status, &tags))
    }

    /// Parses `git status --porcelain=v2 --branch` and a list of tags.
    fn parse(status: &str, tags: &str) -> Self {
        let mut state = Self {
            tags: tags.lines().map(str::to_owned).collect(),
            ..Self::default()
        };
        for line in status.lines() {
            if let Some(commit) = line.strip_prefix("# branch.oid ") {
                commit.clone_into(&mut state.commit);
            } else if let Some(name) = line.strip_prefix("# branch.head ") {
                state.branch = (name != "(detached)").then(|| name.to_owned());
            } else if let Some(upstream) = line.strip_prefix("# branch.upstream ") {
                let parts = upstream.split_once('/');
                state.upstream = parts.map(|(remote, name)| (remote.to_owned(), name.to_owned()));
            } else if let Some(counts) = line.strip_prefix("# branch.ab +") {
                state.apart = counts
                    .split_once(" -")
                    .and_then(|(ahead, behind)| Some((ahead.parse().ok()?, behind.parse().ok()?)));
            } else if !line.starts_with('#') && state.dirty.is_none() {
                state.dirty = path(line).map(str::to_owned);
            }
        }
        state
    }

    /// Why even a dry run is impossible.
    pub(super) fn refusal(&self, present: &Version, next: &Version) -> Option<String> {
        if let Some(reason) = self.unclean() {
            return Some(reason);
        }
        let tag = format!("v{next}");
        if self.tags.contains(&tag) {
            return Some(format!("the tag {tag} exists already"));
        }
        match self.tags.first() {
            Some(last) if *last != format!("v{present}") => Some(format!(
                "the last release is {last}, but the version in the manifest is {present}"
            )),
            _ => None,
        }
    }

    /// The file that makes the tree unclean.
    pub(super) fn unclean(&self) -> Option<String> {
        let file = self.dirty.as_ref()?;
        Some(format!("the tree is not clean: {file}"))
    }

    /// Why a release is impossible; a dry run continues.
    pub(super) fn misplaced(&self) -> Option<String> {
        match (self.branch.as_deref(), self.apart) {
            (None, _) => Some(format!(
                "no branch is checked out; releases come from {BRANCH}"
            )),
            (Some(branch), _) if branch != BRANCH => Some(format!(
                "the branch is {branch}; releases come from {BRANCH}"
            )),
            (_, Some((ahead, behind))) if (ahead, behind) != (0, 0) => Some(format!(
                "{BRANCH} is {ahead} commits ahead of its upstream and {behind} behind: CI has not seen this tree"
            )),
            _ if self.upstream.is_none() => Some(NO_UPSTREAM.to_owned()),
            _ => None,
        }
    }

    /// The remote and the branch there that releases are pushed to.
    pub(super) fn upstream(&self) -> Option<(&str, &str)> {
        let (remote, branch) = self.upstream.as_ref()?;
        Some((remote, branch))
    }

    /// The tag of the last release.
    pub(super) fn last_tag(&self) -> Option<&str> {
        self.tags.first().map(String::as_str)
    }
}

/// The path in a line about one file. The number of fields before it depends on the kind of line.
fn path(line: &str) -> Option<&str> {
    let fields = match line.as_bytes().first()? {
        b'1' => 8,
        b'2' => 9,
        b'u' => 10,
        _ => 1,
    };
    let path = line.splitn(fields + 1, ' ').last()?;
    // A rename has two paths, the new one first.
    path.split('\t').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# branch.oid 0123\n# branch.head main\n";
    const LEVEL: &str = "# branch.oid 0123\n# branch.head main\n# branch.upstream origin/main\n\
                         # branch.ab +0 -0\n";

    fn check(status: &str, tags: &str, refusal: Option<&str>, misplaced: Option<&str>) {
        let state = State::parse(status, tags);
        let (present, next) = (Version::new(0, 1, 9), Version::new(0, 2, 0));
        let words = |reason: Option<String>, wanted: Option<&str>| match (reason, wanted) {
            (Some(reason), Some(wanted)) => assert!(reason.contains(wanted), "{reason}"),
            (reason, wanted) => assert_eq!(reason.as_deref(), wanted, "{status} {tags}"),
        };
        words(state.refusal(&present, &next), refusal);
        words(state.misplaced(), misplaced);
    }

    #[test]
    fn a_clean_tree_is_not_refused() {
        check(LEVEL, "", None, None);
        check(LEVEL, "v0.1.9\nv0.1.8\n", None, None);
        assert_eq!(State::parse(LEVEL, "").upstream(), Some(("origin", "main")));
    }

    #[test]
    fn states_of_different_commits_differ() {
        let other = HEAD.replace("0123", "4567");
        assert_ne!(State::parse(HEAD, ""), State::parse(&other, ""));
        assert_ne!(State::parse(HEAD, ""), State::parse(HEAD, "v0.1.0\n"));
    }

    #[test]
    fn reasons_against_any_release() {
        let changed = "1 .M N... 100644 100644 100644 0123 0123 src/a.rs\n";
        check(
            &format!("{LEVEL}{changed}? b\n"),
            "",
            Some("not clean: src/a.rs"),
            None,
        );
        check(
            &format!("{LEVEL}? my new.txt\n"),
            "",
            Some("not clean: my new.txt"),
            None,
        );
        let renamed = "2 R. N... 100644 100644 100644 0123 0123 R100 to b.rs\tfrom a.rs\n";
        check(
            &format!("{LEVEL}{renamed}"),
            "",
            Some("not clean: to b.rs"),
            None,
        );
        check(
            LEVEL,
            "v0.2.0\nv0.1.9\n",
            Some("v0.2.0 exists already"),
            None,
        );
        check(
            LEVEL,
            "v0.1.10\nv0.1.9\n",
            Some("the last release is v0.1.10, but the version in the manifest is 0.1.9"),
            None,
        );
    }

    #[test]
    fn reasons_against_a_release_from_this_branch() {
        check(HEAD, "", None, Some("the branch has no upstream"));
        check(
            "# branch.head topic\n",
            "",
            None,
            Some("the branch is topic"),
        );
        check(
            "# branch.head (detached)\n",
            "",
            None,
            Some("no branch is checked out"),
        );
        for apart in ["+2 -0", "+0 -1"] {
            let status = format!("{HEAD}# branch.ab {apart}\n");
            check(&status, "", None, Some("CI has not seen this tree"));
        }
    }
}
