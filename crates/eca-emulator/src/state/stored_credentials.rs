//! What principals of external credentials have: names, without values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The parameters of each principal. Nothing here makes callouts, so their values are not kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoredCredentials(Vec<(Principal, BTreeMap<String, Parameter>)>);

/// A principal of an external credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Principal {
    pub(crate) external_credential: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// A parameter that has a value.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) is_encrypted: bool,
    /// Counts the values.
    pub(crate) revision: u64,
}

impl StoredCredentials {
    pub(crate) fn get(&self, principal: &Principal) -> Option<&BTreeMap<String, Parameter>> {
        let mut all = self.0.iter();
        all.find(|(one, _)| one == principal)
            .map(|(_, parameters)| parameters)
    }

    /// Stores parameters by name, and whether each is encrypted. Others are erased, or kept.
    pub(crate) fn store(
        &mut self,
        principal: Principal,
        given: impl IntoIterator<Item = (String, bool)>,
        keeps_others: bool,
    ) {
        let old = self.remove(&principal).unwrap_or_default();
        let mut new = if keeps_others {
            old.clone()
        } else {
            BTreeMap::new()
        };
        for (name, is_encrypted) in given {
            let revision = old.get(&name).map_or(1, |before| before.revision + 1);
            let parameter = Parameter {
                is_encrypted,
                revision,
            };
            new.insert(name, parameter);
        }
        self.0.push((principal, new));
    }

    pub(crate) fn remove(&mut self, principal: &Principal) -> Option<BTreeMap<String, Parameter>> {
        let at = self.0.iter().position(|(one, _)| one == principal)?;
        Some(self.0.swap_remove(at).1)
    }
}
