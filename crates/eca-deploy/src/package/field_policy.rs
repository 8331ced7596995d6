//! Applies the rules for removed fields to a project.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use eca_attest::EmbeddedKey;
use eca_model::text::SecretText;
use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState};
use eca_model::{Component, ComponentName, FieldPath, MetadataType, Position};

use crate::package::error::PackageError;
use crate::package::report::{InjectedSecret, PackageReport, RemovedField, RetainedField};
use crate::package::rules::{RemovalReason, Rule, rules};

/// Secrets by component and element.
pub(super) type Secrets = BTreeMap<(ComponentName, FieldPath), SecretText>;

/// Which OAuth consumer the local apps of a package use in the target org (Salesforce Help, "Deploy
/// External Client Apps with Metadata API").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ConsumerChoice {
    /// Each org has its own consumer: global OAuth settings are deployed, links and keys of another
    /// org are not.
    #[default]
    OwnPerOrg,
    /// The target org uses the source org's consumer: `oauthLink` is deployed, the global OAuth
    /// settings are not.
    Share,
}

static LOCAL: ExtlClntAppDistState = ExtlClntAppDistState::Local;

/// The rules, applied to one project.
pub(super) struct FieldPolicy<'a> {
    states: HashMap<String, ExtlClntAppDistState>,
    consumer: ConsumerChoice,
    secrets: &'a Secrets,
}

/// What the rules make of one component.
#[derive(Default)]
pub(super) struct Applied<'a> {
    /// The component as it is packaged; `None` if nothing changed.
    pub(super) edited: Option<Component>,
    removed: Vec<RemovedField>,
    retained: Vec<RetainedField>,
    injected: Vec<InjectedSecret>,
    used_secrets: Vec<&'a (ComponentName, FieldPath)>,
    /// The org of each retained field that names one.
    orgs: Vec<(String, Position, &'static FieldPath)>,
}

/// What the rules made of all components.
#[derive(Default)]
pub(super) struct Outcome<'a> {
    used_secrets: BTreeSet<&'a (ComponentName, FieldPath)>,
    /// The org of the first org-bound field, and the file.
    org: Option<(String, String)>,
}

impl<'a> FieldPolicy<'a> {
    pub(super) fn new(consumer: ConsumerChoice, secrets: &'a Secrets) -> Self {
        Self {
            states: HashMap::new(),
            consumer,
            secrets,
        }
    }

    /// Reads the `distributionState` of an app's header, before the app's other components. A
    /// missing one means a local app. The first of several headers counts.
    pub(super) fn read_header(&mut self, component: &Component) {
        if let Some(app) = component.typed::<ExternalClientApplication>() {
            let state = app.distribution_state.clone().unwrap_or(LOCAL.clone());
            let name = component.full_name().to_owned();
            self.states.entry(name).or_insert(state);
        }
    }

    /// Whether the whole component is skipped: the global OAuth settings of an app that shares a
    /// consumer.
    pub(super) fn skips(&self, local: &Component) -> bool {
        self.consumer == ConsumerChoice::Share
            && local.kind() == MetadataType::ExtlClntAppGlobalOauthSettings
            && !self.is_packaged(local)
    }

    /// Removes fields that are not deployed, and injects secrets. What remains of the file has no
    /// private key; an injected secret can be one. Org-bound fields of an app
    /// without a header in the project are retained: a wrong one fails the deploy with a clear
    /// message, while a missing one would silently give a packaged app another consumer.
    pub(super) fn apply(&self, local: &Component) -> Result<Applied<'a>, PackageError> {
        self.refuse_nothing_to_share(local)?;
        let mut applied = Applied::default();
        let mut edited: Option<Component> = None;
        let mut injected = Vec::new();
        for rule in rules(local.kind()) {
            let found = find(local, &rule.path);
            if let Some((position, text)) = &found {
                if rule.reason == RemovalReason::OrgBound && !self.removes_links(local) {
                    let org = org_of(text).map(|org| (org, *position, &rule.path));
                    applied.orgs.extend(org);
                    let retained = self.retained(local, rule, *position);
                    applied.retained.push(retained);
                    continue;
                }
                let removed = edited.as_ref().unwrap_or(local).remove(&rule.path);
                edited = Some(removed.map_err(|source| PackageError::CannotRemove {
                    path: local.path().to_owned(),
                    position: *position,
                    element: rule.path.clone(),
                    reason: rule.reason,
                    source: Box::new(source),
                })?);
            }
            let secret = self.secret(local, rule);
            if let Some((key, secret)) = secret {
                applied.used_secrets.push(key);
                injected.push((&rule.path, secret));
            } else if let Some((position, _)) = found {
                applied.removed.push(RemovedField {
                    component: local.name().clone(),
                    local_path: local.path().to_owned(),
                    element: rule.path.clone(),
                    position,
                    reason: rule.reason,
                });
            }
        }
        let remaining = edited.as_ref().unwrap_or(local);
        refuse_private_key(local.path(), remaining.file().text().as_bytes())?;
        for (path, secret) in injected {
            let base = edited.as_ref().unwrap_or(local);
            let with = base.set_secret(path, secret);
            edited = Some(with.map_err(|source| PackageError::CannotInject {
                component: local.name().clone(),
                element: path.clone(),
                source: Box::new(source),
            })?);
            applied.injected.push(InjectedSecret {
                component: local.name().clone(),
                local_path: local.path().to_owned(),
                element: path.clone(),
            });
        }
        applied.edited = edited;
        Ok(applied)
    }

    /// The secret to inject at a rule's path.
    fn secret(
        &self,
        local: &Component,
        rule: &Rule,
    ) -> Option<(&'a (ComponentName, FieldPath), &'a SecretText)> {
        if self.secrets.is_empty() || rule.reason != RemovalReason::Secret {
            return None;
        }
        let key = (local.name().clone(), rule.path.clone());
        self.secrets.get_key_value(&key)
    }

    /// Refuses secrets that were not used.
    pub(super) fn finish(&self, outcome: &Outcome<'_>) -> Result<(), PackageError> {
        let mut keys = self.secrets.keys();
        match keys.find(|key| !outcome.used_secrets.contains(key)) {
            None => Ok(()),
            Some((component, element)) => Err(PackageError::NoSuchSecret {
                component: component.clone(),
                element: element.clone(),
            }),
        }
    }

    /// The app's `distributionState`; `None` without a header in the project.
    fn state(&self, local: &Component) -> Option<&ExtlClntAppDistState> {
        local.app().and_then(|app| self.states.get(app))
    }

    /// Whether the header makes the app other than local.
    fn is_packaged(&self, local: &Component) -> bool {
        self.state(local).is_some_and(|state| *state != LOCAL)
    }

    fn removes_links(&self, local: &Component) -> bool {
        let is_local = self.state(local) == Some(&LOCAL);
        is_local && self.consumer == ConsumerChoice::OwnPerOrg
    }

    fn retained(&self, local: &Component, rule: &Rule, position: Position) -> RetainedField {
        RetainedField {
            component: local.name().clone(),
            local_path: local.path().to_owned(),
            element: rule.path.clone(),
            position,
            distribution_state: self.state(local).map(|state| state.as_str().to_owned()),
            shared: self.consumer == ConsumerChoice::Share && !self.is_packaged(local),
        }
    }

    fn refuse_nothing_to_share(&self, local: &Component) -> Result<(), PackageError> {
        let shares = self.consumer == ConsumerChoice::Share
            && local.kind() == MetadataType::ExtlClntAppOauthSettings
            && !self.is_packaged(local);
        if shares && local.file().locate("oauthLink").is_none() {
            return Err(PackageError::NothingToShare {
                path: local.path().to_owned(),
            });
        }
        Ok(())
    }
}

impl<'a> Outcome<'a> {
    /// Adds what was made of a component to the report. Retained fields must all be of one org.
    pub(super) fn add(
        &mut self,
        local: &Component,
        applied: Applied<'a>,
        report: &mut PackageReport,
    ) -> Result<(), PackageError> {
        for (found, position, element) in applied.orgs {
            match &self.org {
                None => self.org = Some((found, local.path().to_owned())),
                Some((other, other_path)) if *other != found => {
                    return Err(PackageError::SeveralOrgs {
                        path: local.path().to_owned(),
                        position,
                        element: element.clone(),
                        found,
                        other_path: other_path.clone(),
                        other: other.clone(),
                    });
                }
                Some(_) => {}
            }
        }
        report.removed.extend(applied.removed);
        report.retained.extend(applied.retained);
        report.injected.extend(applied.injected);
        self.used_secrets.extend(applied.used_secrets);
        Ok(())
    }
}

/// The org in `00D5g000004Abcd:…`; consumer keys have none. The last three of 18 characters are a
/// checksum.
fn org_of(text: &str) -> Option<String> {
    let (org, _) = text.trim().split_once(':')?;
    Some(org.chars().take(15).collect())
}

/// Refuses a file with a private key, also an encrypted one.
pub(super) fn refuse_private_key(path: &str, content: &[u8]) -> Result<(), PackageError> {
    match EmbeddedKey::find_all(content).first() {
        None => Ok(()),
        Some(key) => Err(PackageError::PrivateKey {
            path: path.to_owned(),
            key: *key,
        }),
    }
}

/// The first element at a path, in any of several parents.
pub(super) fn find(component: &Component, path: &FieldPath) -> Option<(Position, String)> {
    let found = component.file().find(path)?;
    Some((found.position(), found.text().into_owned()))
}
