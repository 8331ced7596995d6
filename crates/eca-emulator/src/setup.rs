//! What an administrator can do only in Setup.

use eca_model::MetadataType;
use thiserror::Error;

use crate::core::Core;
use crate::ids::RecordKind;
use crate::state::State;
use crate::state::token_hash::TokenHash;
use crate::state::users::{NewPassword, UserKind};

impl Core {
    /// Hashes the password of a new user.
    pub(crate) fn first_password(
        &self,
        password: Option<&str>,
    ) -> Result<Option<NewPassword>, SetupError> {
        match password {
            Some("") => Err(SetupError::Empty("password")),
            given => Ok(given.map(|password| self.hash(password))),
        }
    }
}

/// Why an administrator's step failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The user name is taken.
    #[error("a user named {0} already exists")]
    UserExists(String),
    /// There is no such user.
    #[error("no user is named {0}")]
    NoSuchUser(String),
    /// There is no such permission set; deploy it first.
    #[error("no permission set is named {0}")]
    NoSuchPermissionSet(String),
    /// A user needs a name and a password.
    #[error("the {0} must not be empty")]
    Empty(&'static str),
}

impl State {
    /// Creates a user.
    pub(crate) fn make_user(
        &mut self,
        username: &str,
        kind: UserKind,
        password: Option<NewPassword>,
    ) -> Result<(), SetupError> {
        if username.trim().is_empty() {
            return Err(SetupError::Empty("user name"));
        }
        if self.users.get(username).is_some() {
            return Err(SetupError::UserExists(username.to_owned()));
        }
        let id = self.ids.next(RecordKind::User);
        self.users.insert(id, username, kind, password);
        Ok(())
    }

    /// Sets the user of a foreign token.
    pub(crate) fn answer_exchange(
        &mut self,
        subject_token: &str,
        username: &str,
    ) -> Result<(), SetupError> {
        if subject_token.is_empty() {
            return Err(SetupError::Empty("subject token"));
        }
        let user = self.users.get(username);
        let user = user.ok_or_else(|| SetupError::NoSuchUser(username.to_owned()))?;
        let username = user.username.clone();
        self.exchanges
            .insert(TokenHash::new(subject_token), username);
        Ok(())
    }

    /// Whether there is such a permission set, deployed or present from the start.
    pub(crate) fn known_permission_set(&self, name: &str) -> Result<(), SetupError> {
        if self.permission_sets.contains(name)
            || self.metadata.has(MetadataType::PermissionSet, name)
        {
            Ok(())
        } else {
            Err(SetupError::NoSuchPermissionSet(name.to_owned()))
        }
    }

    /// Assigns a permission set to a user.
    pub(crate) fn assign(
        &mut self,
        username: &str,
        permission_set: &str,
    ) -> Result<(), SetupError> {
        self.known_permission_set(permission_set)?;
        self.users
            .get_mut(username)
            .ok_or_else(|| SetupError::NoSuchUser(username.to_owned()))?
            .permission_sets
            .insert(permission_set.to_owned());
        Ok(())
    }
}
