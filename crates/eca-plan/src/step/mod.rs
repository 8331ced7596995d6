//! What is done, in order.

mod build;
mod human;

use std::fmt;

use eca_model::ComponentName;
use serde::{Deserialize, Serialize};

pub(crate) use build::steps;

use crate::facts::Switch;

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// What somebody has to do by hand, before or after the rest.
    ByHand {
        /// What.
        task: Task,
    },
    /// One deploy.
    Deploy {
        /// What the components have in common.
        stage: Stage,
        /// The components.
        components: Vec<ComponentName>,
    },
    /// One deploy that deletes.
    Delete {
        /// The components. Each was applied from this project.
        components: Vec<ComponentName>,
    },
}

/// What the components of a deploy have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stage {
    /// What apps refer to, and what must be there before a policy shuts users out.
    Prerequisites,
    /// The parts of apps. Those of one app are in one deploy.
    Apps,
    /// What refers to apps.
    Dependents,
}

/// What somebody has to do by hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Task {
    /// Turn a switch of the org on, before anything is applied.
    TurnOn {
        /// The switch.
        switch: Switch,
    },
    /// Give a permission set to the users of an app. A plan assigns nobody.
    AssignPermissionSet {
        /// The permission set.
        permission_set: String,
        /// The app.
        app: String,
    },
    /// Store the credentials of a principal, by a login in the browser or in Setup.
    StoreCredentials {
        /// The external credential.
        external_credential: String,
        /// The principal.
        principal: String,
    },
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TurnOn { switch } => write!(f, "turn on {switch} in Setup first"),
            Self::AssignPermissionSet {
                permission_set,
                app,
            } => write!(
                f,
                "assign the permission set {permission_set} to the users of {app}: no active user has it"
            ),
            Self::StoreCredentials {
                external_credential,
                principal,
            } => write!(
                f,
                "store the credentials of the principal {principal} of the external credential {external_credential} (Setup, Named Credentials)"
            ),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prerequisites => "what apps refer to",
            Self::Apps => "apps",
            Self::Dependents => "what refers to apps",
        })
    }
}
