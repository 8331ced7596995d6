//! The users of the org.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;

/// The kind of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UserKind {
    /// Has every permission; deploys.
    Administrator,
    /// Runs integrations ("API Only"); has no password.
    Integration,
    /// A customer of the Experience Cloud site.
    External,
}

/// One user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: RecordId,
    pub(crate) username: String,
    /// The e-mail address, when it is not the user name.
    #[serde(default)]
    pub(crate) email: Option<String>,
    pub(crate) kind: UserKind,
    /// Whether the user may log in at all.
    pub(crate) is_active: bool,
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

    /// The profile as Setup shows it.
    pub(crate) fn profile_label(&self) -> &'static str {
        self.profile_names().last().copied().unwrap_or_default()
    }

    /// The e-mail address.
    pub(crate) fn email(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.username)
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

/// Salt and slow hash of a password.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct PasswordTag {
    salt: [u8; 16],
    tag: [u8; 32],
    /// How slow: iterations of PBKDF2-HMAC-SHA-256.
    iterations: NonZeroU32,
}

impl PasswordTag {
    fn new(password: &str, salt: [u8; 16], iterations: NonZeroU32) -> Self {
        let mut tag = [0; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            &salt,
            password.as_bytes(),
            &mut tag,
        );
        Self {
            salt,
            tag,
            iterations,
        }
    }

    /// Compares in constant time.
    fn fits(&self, password: &str) -> bool {
        pbkdf2::verify(
            pbkdf2::PBKDF2_HMAC_SHA256,
            self.iterations,
            &self.salt,
            password.as_bytes(),
            &self.tag,
        )
        .is_ok()
    }
}

impl fmt::Debug for PasswordTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordTag(..)")
    }
}

/// A new password: salted and hashed already, since that takes long, and the caller holds the lock
/// of the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NewPassword(PasswordTag);

impl NewPassword {
    pub(crate) fn derive(password: &str, salt: [u8; 16], cost: Cost) -> Self {
        Self(PasswordTag::new(password, salt, cost.iterations()))
    }
}

/// The tag to compare a password with: a copy, so that the slow comparison needs no lock.
pub(crate) struct Attempt(PasswordTag);

impl Attempt {
    /// Compares in constant time, with the cost of the hash.
    pub(crate) fn prove(self, password: &str) -> Proof {
        Proof(self.0.fits(password).then_some(self.0))
    }
}

/// The result of an attempt. It counts as long as the user has that password.
pub(crate) struct Proof(Option<PasswordTag>);

impl Proof {
    /// It proves nothing.
    pub(crate) const NONE: Self = Self(None);
}

/// The cost of a password's hash, in iterations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The tag never leaves this process, whose memory has more valuable secrets. Tests log in
    /// often.
    InMemory,
    /// The tag is on a disk: the iterations of the OWASP Password Storage Cheat Sheet for
    /// PBKDF2-HMAC-SHA-256.
    AtRest,
}

impl Cost {
    fn iterations(self) -> NonZeroU32 {
        const AT_REST: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
        match self {
            Self::InMemory => NonZeroU32::MIN,
            Self::AtRest => AT_REST,
        }
    }
}

/// All users, by user name ignoring case.
pub(crate) struct Users {
    cost: Cost,
    by_name: BTreeMap<String, User>,
}

impl Users {
    pub(crate) fn new(cost: Cost) -> Self {
        Self {
            cost,
            by_name: BTreeMap::new(),
        }
    }

    /// The cost of new hashes.
    pub(crate) fn cost(&self) -> Cost {
        self.cost
    }

    /// Adds a stored user.
    pub(crate) fn restore(&mut self, user: User) {
        self.by_name.insert(user.username.to_lowercase(), user);
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
        password: Option<NewPassword>,
    ) {
        self.by_name.insert(
            username.to_lowercase(),
            User {
                id,
                username: username.to_owned(),
                email: None,
                kind,
                is_active: true,
                permission_sets: BTreeSet::new(),
                password: password.map(|password| password.0),
            },
        );
    }

    /// Gives users other names, where `rename` has one, and addresses that cannot receive mail.
    pub(crate) fn rename(&mut self, rename: impl Fn(&User) -> Option<String>) {
        for (key, mut user) in std::mem::take(&mut self.by_name) {
            let key = match rename(&user) {
                Some(name) => {
                    let email = user.email().trim_end_matches(".invalid");
                    user.email = Some(format!("{email}.invalid"));
                    user.username = name;
                    user.username.to_lowercase()
                }
                None => key,
            };
            self.by_name.insert(key, user);
        }
    }

    /// Retains the permission sets of users that `keep` accepts.
    pub(crate) fn retain_permission_sets(&mut self, keep: impl Fn(&str) -> bool) {
        for user in self.by_name.values_mut() {
            user.permission_sets.retain(|name| keep(name));
        }
    }

    /// Sets a customer's password; returns whether there is such a customer.
    pub(crate) fn set_password(&mut self, username: &str, password: &NewPassword) -> bool {
        let user = self
            .get_mut(username)
            .filter(|user| user.kind == UserKind::External);
        user.is_some_and(|user| user.password.replace(password.0).is_some())
    }

    /// The tag to compare a password of this user with. A name that does not exist costs the same
    /// work as a wrong password.
    pub(crate) fn attempt(&self, username: &str) -> Attempt {
        let nobody = PasswordTag {
            salt: [0; 16],
            tag: [0; 32],
            iterations: self.cost.iterations(),
        };
        let hash = self.get(username).and_then(|user| user.password);
        Attempt(hash.unwrap_or(nobody))
    }

    /// The external user with this name, who has proved the password.
    pub(crate) fn authenticate(&self, username: &str, proof: &Proof) -> Option<&User> {
        self.check(username, proof, |kind| kind == UserKind::External)
    }

    /// The user of the org with this name, who has proved the password.
    pub(crate) fn authenticate_internal(&self, username: &str, proof: &Proof) -> Option<&User> {
        self.check(username, proof, |kind| kind != UserKind::External)
    }

    fn check(
        &self,
        username: &str,
        proof: &Proof,
        is_welcome: impl FnOnce(UserKind) -> bool,
    ) -> Option<&User> {
        let user = self.get(username).filter(|user| is_welcome(user.kind));
        // Both exist and are equal: the salt makes tags of different users differ.
        user.filter(|user| user.password.is_some() && user.password == proof.0)
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
    use crate::random::Random;

    #[test]
    fn only_the_right_password_of_an_external_user_opens() {
        for cost in [Cost::InMemory, Cost::AtRest] {
            only_the_right_password(cost);
        }
    }

    fn only_the_right_password(cost: Cost) {
        let mut random = Random::from_seed([9; 32]);
        let mut ids = Ids::new(&mut random);
        let mut users = Users::new(cost);
        for (name, kind, password) in [
            ("Ada@Example.com", UserKind::External, Some("pass-word-1")),
            ("admin@example.com", UserKind::Administrator, Some("root")),
            ("bot@example.com", UserKind::Integration, None),
        ] {
            let password =
                password.map(|password| NewPassword::derive(password, random.bytes(), cost));
            users.insert(ids.next(RecordKind::User), name, kind, password);
        }
        let is_let_in = |name: &str, password: &str| {
            let proof = users.attempt(name).prove(password);
            users.authenticate(name, &proof).is_some()
        };
        assert!(is_let_in("ada@example.com", "pass-word-1"));
        assert!(!is_let_in("ada@example.com", "pass-word-2"));
        assert!(!is_let_in("admin@example.com", "root"));
        assert!(!is_let_in("bot@example.com", ""));
        assert!(!is_let_in("nobody@example.com", ""));
        // A proof is valid for one user, and for the password at its time.
        let proof = users.attempt("ada@example.com").prove("pass-word-1");
        assert!(users.authenticate("bot@example.com", &proof).is_none());
        let same = NewPassword::derive("pass-word-1", random.bytes(), cost);
        assert!(users.set_password("ada@example.com", &same));
        assert!(users.authenticate("ada@example.com", &proof).is_none());
        let shown = format!("{users:?}");
        assert!(shown.contains("Ada@Example.com") && !shown.contains("pass-word-1"));
        assert!(shown.contains("PasswordTag(..)"));
    }
}
