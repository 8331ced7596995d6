//! Who may have written a file: the rule of git's `safe.directory` and of OpenSSH.
//!
//! Windows has access lists instead of these bits. There nothing is checked.

use std::fmt;
#[cfg(unix)]
use std::fs::Metadata;

/// Why a file does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(unix, test)),
    expect(dead_code, reason = "Windows has no owner and mode bits to check")
)]
pub(crate) enum OwnerProblem {
    /// It belongs to another user, with this id.
    Foreign(u32),
    /// Everybody can write it.
    WritableByAll,
    /// The users of this group can write it, and it is not the user's private group.
    WritableByGroup(u32),
}

impl OwnerProblem {
    /// The command that puts it right, for a path in quotes.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::Foreign(_) => "chown \"$USER\"",
            Self::WritableByAll => "chmod o-w",
            Self::WritableByGroup(_) => "chmod g-w",
        }
    }
}

impl fmt::Display for OwnerProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(user) => write!(formatter, "it belongs to another user (id {user})"),
            Self::WritableByAll => formatter.write_str("every user of this machine can change it"),
            Self::WritableByGroup(group) => {
                write!(formatter, "the group with id {group} can change it")
            }
        }
    }
}

/// Owner, group and mode of a file.
#[cfg(any(unix, test))]
#[derive(Debug, Clone, Copy)]
struct Access {
    user: u32,
    group: u32,
    mode: u32,
}

#[cfg(any(unix, test))]
fn problem(
    file: Access,
    user: u32,
    is_private_group: impl Fn(u32) -> bool,
) -> Option<OwnerProblem> {
    if file.user != user && file.user != 0 {
        Some(OwnerProblem::Foreign(file.user))
    } else if file.mode & 0o002 != 0 {
        Some(OwnerProblem::WritableByAll)
    } else if file.mode & 0o020 != 0 && !is_private_group(file.group) {
        Some(OwnerProblem::WritableByGroup(file.group))
    } else {
        None
    }
}

/// Whether a group has the name of the user and no other member, by the texts of `/etc/passwd` and
/// `/etc/group`. Users and groups of a directory service are not in these files: their groups do
/// not count as private.
#[cfg(any(unix, test))]
fn is_private_group(passwd: &str, groups: &str, user: u32, group: u32) -> bool {
    let fields = |line: &str| -> Vec<String> { line.split(':').map(str::to_owned).collect() };
    let users: Vec<_> = passwd.lines().map(fields).collect();
    let has = |fields: &[String], at: usize, id: u32| {
        fields.get(at).and_then(|text| text.parse().ok()) == Some(id)
    };
    let Some(name) = users.iter().find(|fields| has(fields, 2, user)) else {
        return false;
    };
    let name = &name[0];
    let others = users.iter().filter(|fields| has(fields, 3, group));
    if others.clone().any(|fields| !has(fields, 2, user)) {
        return false;
    }
    let mut groups = groups.lines().map(fields);
    groups
        .find(|fields| has(fields, 2, group))
        .is_some_and(|fields| {
            let members = fields.get(3).map_or("", String::as_str).split(',');
            fields[0] == *name && members.into_iter().all(|m| m.is_empty() || m == name)
        })
}

/// Whether this is the private group of a user of this machine.
#[cfg(unix)]
fn is_private(user: u32, group: u32) -> bool {
    let read = |path: &str| {
        let path = std::path::Path::new(path);
        crate::files::input::file_text(path, crate::files::input::SMALL).unwrap_or_default()
    };
    is_private_group(&read("/etc/passwd"), &read("/etc/group"), user, group)
}

/// Whether others than its owner can change a file.
#[cfg(unix)]
pub(crate) fn check_writers(file: &Metadata) -> Option<OwnerProblem> {
    use std::os::unix::fs::MetadataExt as _;

    let user = file.uid();
    let access = Access {
        user,
        group: file.gid(),
        mode: file.mode(),
    };
    problem(access, user, |group| is_private(user, group))
}

/// Whether others than its owner can read a file.
#[cfg(unix)]
pub(crate) fn is_readable_by_others(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    file.mode() & 0o004 != 0 || file.mode() & 0o040 != 0 && !is_private(file.uid(), file.gid())
}

/// Why a file does not count. Both its own metadata and that of a link to it are checked.
#[cfg(unix)]
pub(crate) fn check(file: &Metadata, link: &Metadata) -> Option<OwnerProblem> {
    use std::os::unix::fs::MetadataExt as _;

    let user = rustix::process::geteuid().as_raw();
    let private = |group| is_private(user, group);
    [file, link].into_iter().find_map(|metadata| {
        // The bits of a link itself mean nothing.
        let mode = if metadata.is_symlink() {
            0
        } else {
            metadata.mode()
        };
        let access = Access {
            user: metadata.uid(),
            group: metadata.gid(),
            mode,
        };
        problem(access, user, private)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_modes() {
        use OwnerProblem::{Foreign, WritableByAll, WritableByGroup};
        for (user, group, mode, expected) in [
            (1000, 1000, 0o644, None),
            (0, 0, 0o644, None),
            (1000, 1000, 0o600, None),
            (1000, 1000, 0o664, None),
            (1000, 100, 0o664, Some(WritableByGroup(100))),
            (0, 100, 0o664, Some(WritableByGroup(100))),
            (1000, 1000, 0o646, Some(WritableByAll)),
            (1000, 1000, 0o666, Some(WritableByAll)),
            (1001, 1000, 0o600, Some(Foreign(1001))),
            (65534, 1000, 0o666, Some(Foreign(65534))),
        ] {
            let file = Access { user, group, mode };
            let found = problem(file, 1000, |group| group == 1000);
            assert_eq!(found, expected, "{file:?}");
        }
    }

    #[test]
    fn private_groups() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nmia:x:1000:1000::/u/mia:/bin/sh\nodd\n\
            bob:x:1001:100::/u/bob:/bin/sh\n";
        let groups = "root:x:0:\nusers:x:100:mia\nmia:x:1000:\nteam:x:50:\nshared:x:51:bob\n";
        for (user, group, expected) in [
            (1000, 1000, true),
            (0, 0, true),
            (1000, 100, false),
            (1001, 100, false),
            (1000, 50, false),
            (1000, 999, false),
            (7, 1000, false),
        ] {
            let found = is_private_group(passwd, groups, user, group);
            assert_eq!(found, expected, "{user} {group}");
        }
        let joined = groups.replace("mia:x:1000:", "mia:x:1000:mia,bob");
        assert!(!is_private_group(passwd, &joined, 1000, 1000));
        let primary = passwd.replace("1001:100", "1001:1000");
        assert!(!is_private_group(&primary, groups, 1000, 1000));
    }
}
