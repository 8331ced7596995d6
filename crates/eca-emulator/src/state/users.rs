//! The people and integrations of the org.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{ids::RecordId, random::Random};

/// What a user may do in principle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    /// Has every permission; deploys.
    Administrator,
    /// Runs integrations ("API Only"); has no password.
    Integration,
    /// A customer of the Experience Cloud site.
    External,
}

/// One user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: RecordId,
    pub(crate) username: String,
    pub(crate) kind: UserKind,
    pub(crate) permission_sets: BTreeSet<String>,
    password: Option<PasswordTag>,
}

impl User {
    /// The profile, by API name and by label.
    pub(crate) fn profile_names(&self) -> &'static [&'static str] {
        match self.kind {
            UserKind::Administrator => &["Admin", "System Administrator"],
            UserKind::Integration => &["Minimum Access - API Only Integrations"],
            UserKind::External => &["Customer Community User"],
        }
    }

    /// The name shown beside `createdById` and in userinfo.
    pub(crate) fn display_name(&self) -> String {
        let local = self.username.split('@').next().unwrap_or_default();
        match self.kind {
            UserKind::Administrator => "Admin User".to_owned(),
            UserKind::Integration | UserKind::External => local.replace(['.', '_'], " "),
        }
    }
}

/// Salt and keyed hash of a password.
struct PasswordTag {
    salt: [u8; 16],
    tag: [u8; 32],
}

impl fmt::Debug for PasswordTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordTag(..)")
    }
}

/// All users, by user name without regard to case.
///
/// Passwords are kept as HMAC-SHA-256 under a random key that lives only in this process: the org
/// is in memory, so the tags never rest anywhere and mean nothing without the key. A deliberately
/// slow hash belongs where state is written to disk.
pub(crate) struct Users {
    key: Zeroizing<[u8; 32]>,
    by_name: BTreeMap<String, User>,
}

impl Users {
    pub(crate) fn new(random: &mut Random) -> Self {
        Self {
            key: Zeroizing::new(random.bytes()),
            by_name: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&self, username: &str) -> Option<&User> {
        self.by_name.get(&username.to_lowercase())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_name.values()
    }

    pub(crate) fn get_mut(&mut self, username: &str) -> Option<&mut User> {
        self.by_name.get_mut(&username.to_lowercase())
    }

    pub(crate) fn insert(
        &mut self,
        id: RecordId,
        username: &str,
        kind: UserKind,
        password: Option<&str>,
        random: &mut Random,
    ) {
        let password = password.map(|password| self.tag(password, random));
        self.by_name.insert(
            username.to_lowercase(),
            User {
                id,
                username: username.to_owned(),
                kind,
                permission_sets: BTreeSet::new(),
                password,
            },
        );
    }

    /// Gives users other names, where `rename` has one.
    pub(crate) fn rename(&mut self, rename: impl Fn(&User) -> Option<String>) {
        for (key, mut user) in std::mem::take(&mut self.by_name) {
            let key = match rename(&user) {
                Some(name) => {
                    user.username = name;
                    user.username.to_lowercase()
                }
                None => key,
            };
            self.by_name.insert(key, user);
        }
    }

    /// Takes permission sets away from everybody, but for those to be kept.
    pub(crate) fn retain_permission_sets(&mut self, keep: impl Fn(&str) -> bool) {
        for user in self.by_name.values_mut() {
            user.permission_sets.retain(|name| keep(name));
        }
    }

    /// Gives a customer another password; whether there is such a customer.
    pub(crate) fn set_password(
        &mut self,
        username: &str,
        password: &str,
        random: &mut Random,
    ) -> bool {
        let tag = self.tag(password, random);
        let user = self
            .get_mut(username)
            .filter(|user| user.kind == UserKind::External);
        user.is_some_and(|user| user.password.replace(tag).is_some())
    }

    fn tag(&self, password: &str, random: &mut Random) -> PasswordTag {
        let salt = random.bytes();
        let tag = self.hash(&salt, password).finalize().into_bytes().into();
        PasswordTag { salt, tag }
    }

    /// The external user with this name and password. A name that does not exist costs the same
    /// work as a wrong password.
    pub(crate) fn authenticate(&self, username: &str, password: &str) -> Option<&User> {
        self.check(username, password, |kind| kind == UserKind::External)
    }

    /// The user of the org itself with this name and password.
    pub(crate) fn authenticate_internal(&self, username: &str, password: &str) -> Option<&User> {
        self.check(username, password, |kind| kind != UserKind::External)
    }

    fn check(
        &self,
        username: &str,
        password: &str,
        is_welcome: impl FnOnce(UserKind) -> bool,
    ) -> Option<&User> {
        const NOBODY: PasswordTag = PasswordTag {
            salt: [0; 16],
            tag: [0; 32],
        };
        let user = self.get(username).filter(|user| is_welcome(user.kind));
        let expected = user
            .and_then(|user| user.password.as_ref())
            .unwrap_or(&NOBODY);
        // `verify_slice` compares in constant time.
        let matches = self
            .hash(&expected.salt, password)
            .verify_slice(&expected.tag)
            .is_ok();
        user.filter(|_| matches)
    }

    fn hash(&self, salt: &[u8; 16], password: &str) -> Hmac<Sha256> {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes keys of any length (RFC 2104 section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("any key length");
        mac.update(salt);
        mac.update(password.as_bytes());
        mac
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.by_name.values()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Ids, RecordKind};

    #[test]
    fn only_the_right_password_of_an_external_user_opens() {
        let mut random = Random::from_seed([9; 32]);
        let mut ids = Ids::new(&mut random);
        let mut users = Users::new(&mut random);
        for (name, kind, password) in [
            ("Ada@Example.com", UserKind::External, Some("pass-word-1")),
            ("admin@example.com", UserKind::Administrator, Some("root")),
            ("bot@example.com", UserKind::Integration, None),
        ] {
            users.insert(
                ids.next(RecordKind::User),
                name,
                kind,
                password,
                &mut random,
            );
        }
        assert!(
            users
                .authenticate("ada@example.com", "pass-word-1")
                .is_some()
        );
        assert!(
            users
                .authenticate("ada@example.com", "pass-word-2")
                .is_none()
        );
        assert!(users.authenticate("admin@example.com", "root").is_none());
        assert!(users.authenticate("bot@example.com", "").is_none());
        assert!(users.authenticate("nobody@example.com", "").is_none());
        let shown = format!("{users:?}");
        assert!(shown.contains("Ada@Example.com") && !shown.contains("pass-word-1"));
        assert!(shown.contains("PasswordTag(..)"));
    }
}
