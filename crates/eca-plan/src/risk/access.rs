//! Who can no longer log in.

use std::collections::BTreeMap;

use eca_model::{ComponentName, FieldPath, FieldValue, MetadataType};

use crate::change::{Action, ComponentChange};
use crate::facts::{Facts, UserState};
use crate::risk::app::After;
use crate::risk::{Affected, Risk, RiskKind};

const PRE_AUTHORIZED: &str = "AdminApprovedPreAuthorized";

pub(super) fn detect(
    change: &ComponentChange,
    after: &After<'_>,
    facts: &Facts,
    risks: &mut Vec<Risk>,
) {
    let mut access = Access {
        change,
        after,
        facts,
        risks,
    };
    let is_of_login = match change.component.kind.known() {
        Some(MetadataType::ExtlClntAppOauthConfigurablePolicies) => {
            access.policies();
            true
        }
        Some(MetadataType::ExtlClntAppGlobalOauthSettings) => {
            access.certificate("certificate");
            true
        }
        Some(MetadataType::ExtlClntAppOauthSettings) => {
            access.certificate("clientAssertionCertificate");
            access.scopes();
            true
        }
        Some(
            MetadataType::ExternalClientApplication | MetadataType::ExtlClntAppConfigurablePolicies,
        ) => true,
        _ => false,
    };
    if is_of_login && change.app.is_some() && change.app == facts.session_app {
        access.lockout(
            None,
            "the session that would apply it comes through this very app",
            None,
        );
    }
}

struct Access<'a> {
    change: &'a ComponentChange,
    after: &'a After<'a>,
    facts: &'a Facts,
    risks: &'a mut Vec<Risk>,
}

impl Access<'_> {
    fn component(&self) -> &ComponentName {
        &self.change.component
    }

    fn text_after(&self, name: &str) -> Option<&str> {
        match self.after.value(self.component(), &FieldPath::new(name)) {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The items of a list after and before.
    fn lists(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let path = FieldPath::new(name);
        let items = |value: Option<&FieldValue>| match value {
            Some(FieldValue::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        let after = self.after.value(self.component(), &path);
        let before = self.after.before(self.component(), &path);
        (items(after), items(before))
    }

    fn lockout(&mut self, path: Option<&str>, message: &str, affects: Option<Affected>) {
        self.risks.push(Risk {
            path: path.map(FieldPath::new),
            affects,
            ..Risk::of(self.change, RiskKind::Lockout, message)
        });
    }

    fn tokens(&self) -> Affected {
        let app = self.change.app.as_ref();
        Affected::tokens(app.and_then(|app| self.facts.tokens.get(app)))
    }

    /// Whether it is known that nobody uses the app.
    fn is_unused(&self) -> bool {
        let app = self.change.app.as_ref();
        let tokens = app.and_then(|app| self.facts.tokens.get(app));
        tokens.is_some_and(crate::facts::Tokens::are_none)
    }

    /// Whether the org does not have the app yet, so that there is nobody to shut out.
    fn is_new_app(&self) -> bool {
        let Some(app) = self.change.app.as_deref() else {
            return false;
        };
        let header = ComponentName::new(MetadataType::ExternalClientApplication, app);
        self.change.action == Action::Create
            && !self.after.actual.components.contains_key(&header)
            && !self.facts.unreadable.contains_key(&header)
            && self.is_unused()
    }

    fn policies(&mut self) {
        if self.change.action == Action::Delete {
            return;
        }
        for name in ["clientCredentialsFlowUser", "executeHandlerAs"] {
            let Some(user) = self.text_after(name).map(str::to_owned) else {
                continue;
            };
            let problem = match self.facts.users.get(&user) {
                Some(UserState::Missing) => "does not exist in the org",
                Some(UserState::Inactive) => "is not active",
                _ => continue,
            };
            let message = format!("the user {user} {problem}");
            self.lockout(Some(name), &message, Some(self.tokens()));
        }
        let is_closed = self.text_after("permittedUsersPolicyType") == Some(PRE_AUTHORIZED);
        if is_closed && !self.is_new_app() {
            self.holders();
        }
    }

    /// Only users whom an administrator pre-approved get in.
    fn holders(&mut self) {
        let sets = self.lists("commaSeparatedPermissionSet");
        let profiles = self.lists("commaSeparatedProfile");
        let (of_sets, of_profiles) = (
            &self.facts.permission_set_holders,
            &self.facts.profile_holders,
        );
        let all = count(&sets.0, of_sets)
            .zip(count(&profiles.0, of_profiles))
            .map(|(a, b)| a + b);
        let names: Vec<_> = sets.0.iter().chain(&profiles.0).cloned().collect();
        if names.is_empty() {
            let message =
                "only pre-approved users get in, and no permission set and no profile is named";
            let tokens = self.tokens();
            self.lockout(Some("permittedUsersPolicyType"), message, Some(tokens));
        } else if all == Some(0) {
            let message = format!(
                "only pre-approved users get in, and nobody has {}",
                names.join(" or ")
            );
            let tokens = self.tokens();
            self.lockout(Some("permittedUsersPolicyType"), &message, Some(tokens));
        } else if all.is_none() {
            let message = format!(
                "only pre-approved users get in, and who has {} is not known",
                names.join(" or ")
            );
            self.lockout(
                Some("permittedUsersPolicyType"),
                &message,
                Some(Affected::Unknown),
            );
        }
        let lists = [
            ("commaSeparatedPermissionSet", sets, of_sets),
            ("commaSeparatedProfile", profiles, of_profiles),
        ];
        for (path, (after, before), holders) in lists {
            let removed = before.into_iter().filter(|name| !after.contains(name));
            for name in removed {
                let users = holders.get(&name).copied();
                if users != Some(0) {
                    let message = format!("users with {name} are no longer pre-approved");
                    self.lockout(Some(path), &message, Some(Affected::users(users)));
                }
            }
        }
    }

    /// The org verifies assertions with one certificate only.
    fn certificate(&mut self, name: &str) {
        let path = FieldPath::new(name);
        let before = self.after.before(self.component(), &path);
        let after = self.after.value(self.component(), &path);
        if before.is_none() || before == after || self.is_unused() {
            return;
        }
        let message = match after {
            Some(_) => "clients that sign with the old certificate's key can no longer log in",
            None => {
                "the certificate is dropped, and clients that sign with its key can no longer log in"
            }
        };
        let tokens = self.tokens();
        self.lockout(Some(name), message, Some(tokens));
    }

    fn scopes(&mut self) {
        const SCOPES: &str = "commaSeparatedOauthScopes";
        let (after, before) = self.lists(SCOPES);
        let removed: Vec<_> = before
            .into_iter()
            .filter(|scope| !after.contains(scope))
            .collect();
        if removed.is_empty() || self.is_unused() {
            return;
        }
        let message = format!("live tokens lose {}", removed.join(", "));
        let tokens = self.tokens();
        self.lockout(Some(SCOPES), &message, Some(tokens));
    }
}

/// The users behind all names; `None` when one is not known.
fn count(names: &[String], holders: &BTreeMap<String, u64>) -> Option<u64> {
    names.iter().map(|name| holders.get(name).copied()).sum()
}
