//! Applying the rules on members that do not travel.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use eca_model::text::SecretText;
use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState};
use eca_model::{Component, ComponentId, Element, MetadataType, Position};

use crate::package::error::PackageError;
use crate::package::report::{InjectedSecret, PackageReport, RemovedField, RetainedField};
use crate::package::rules::{RULES, RemovalReason, Rule};

/// Secrets by component and element.
pub(super) type Secrets = BTreeMap<(ComponentId, String), SecretText>;

/// Whose OAuth consumer the local apps of a package use in the org that it is deployed to
/// (Salesforce Help, "Deploy External Client Apps with Metadata API").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ConsumerChoice {
    /// Each org makes a consumer of its own: the global OAuth settings go along, links and keys of
    /// another org do not.
    #[default]
    OwnPerOrg,
    /// The org uses the consumer of the org that the files came from: `oauthLink` goes along, the
    /// global OAuth settings do not.
    Share,
}

static LOCAL: ExtlClntAppDistState = ExtlClntAppDistState::Local;

/// The rules at work on one project.
pub(super) struct FieldPolicy<'a> {
    states: HashMap<String, ExtlClntAppDistState>,
    consumer: ConsumerChoice,
    secrets: &'a Secrets,
    used_secrets: BTreeSet<&'a (ComponentId, String)>,
    /// The first org that a member is bound to, and where.
    org: Option<(String, String)>,
}

impl<'a> FieldPolicy<'a> {
    pub(super) fn new(consumer: ConsumerChoice, secrets: &'a Secrets) -> Self {
        Self {
            states: HashMap::new(),
            consumer,
            secrets,
            used_secrets: BTreeSet::new(),
            org: None,
        }
    }

    /// Reads the `distributionState` of an app's header, before its satellites are looked at; one
    /// that is left out means a local app. Of several headers the first counts.
    pub(super) fn learn(&mut self, component: &Component) {
        if let Some(app) = component.typed::<ExternalClientApplication>() {
            let state = app.distribution_state.clone().unwrap_or(LOCAL.clone());
            let name = component.id().name.clone();
            self.states.entry(name).or_insert(state);
        }
    }

    /// Whether the component stays out as a whole: the global OAuth settings of an app that shares
    /// a consumer.
    pub(super) fn omits(&self, local: &Component) -> bool {
        self.consumer == ConsumerChoice::Share
            && local.id().kind == MetadataType::ExtlClntAppGlobalOauthSettings
            && !self.is_packaged(local)
    }

    /// Takes out what does not travel. An app without a `distributionState` is a local one; only of
    /// an app without a header in the project is nothing known, and then org-bound members
    /// stay: a wrong one fails the deploy in plain words, while a missing one would silently
    /// give a packaged app another consumer.
    pub(super) fn apply(
        &mut self,
        local: &Component,
        report: &mut PackageReport,
    ) -> Result<Option<Component>, PackageError> {
        self.refuse_nothing_to_share(local)?;
        let mut edited: Option<Component> = None;
        for rule in RULES.iter().filter(|rule| rule.kind == local.id().kind) {
            let found = find(local, rule.element);
            if let Some((position, text)) = found {
                if rule.reason == RemovalReason::OrgBound && !self.drops_links(local) {
                    self.check_org(local, rule, position, &text)?;
                    report.retained.push(self.retained(local, rule, position));
                    continue;
                }
                edited = Some(clear(local, edited.as_ref(), rule, position)?);
            }
            if let Some((key, secret)) = self
                .secrets
                .get_key_value(&(local.id().clone(), rule.element.to_owned()))
                && rule.reason == RemovalReason::Secret
            {
                self.used_secrets.insert(key);
                let set = rule.set(edited.as_ref().unwrap_or(local), secret.expose_secret());
                edited = Some(set.map_err(|source| PackageError::CannotRemove {
                    path: local.path().to_owned(),
                    position: found_at(local),
                    element: rule.element,
                    reason: rule.reason,
                    source: Some(source),
                })?);
                report.injected.push(InjectedSecret {
                    component: local.id().clone(),
                    local_path: local.path().to_owned(),
                    element: rule.element,
                });
            } else if let Some((position, _)) = find(local, rule.element) {
                report.removed.push(RemovedField {
                    component: local.id().clone(),
                    local_path: local.path().to_owned(),
                    element: rule.element,
                    position,
                    reason: rule.reason,
                });
            }
        }
        Ok(edited)
    }

    /// Refuses secrets that found no place.
    pub(super) fn finish(self) -> Result<(), PackageError> {
        let mut keys = self.secrets.keys();
        match keys.find(|key| !self.used_secrets.contains(key)) {
            None => Ok(()),
            Some((component, element)) => Err(PackageError::NoSuchSecret {
                component: component.clone(),
                element: element.clone(),
            }),
        }
    }

    /// What the app's header says; `None` without a header in the project.
    fn state(&self, local: &Component) -> Option<&ExtlClntAppDistState> {
        local.app().and_then(|app| self.states.get(app))
    }

    /// Whether the header says that the app is anything but a local one.
    fn is_packaged(&self, local: &Component) -> bool {
        self.state(local).is_some_and(|state| *state != LOCAL)
    }

    fn drops_links(&self, local: &Component) -> bool {
        let is_local = self.state(local) == Some(&LOCAL);
        is_local && self.consumer == ConsumerChoice::OwnPerOrg
    }

    fn retained(&self, local: &Component, rule: &Rule, position: Position) -> RetainedField {
        RetainedField {
            component: local.id().clone(),
            local_path: local.path().to_owned(),
            element: rule.element,
            position,
            distribution_state: self.state(local).map(|state| state.as_str().to_owned()),
            shared: self.consumer == ConsumerChoice::Share && !self.is_packaged(local),
        }
    }

    fn refuse_nothing_to_share(&self, local: &Component) -> Result<(), PackageError> {
        let shares = self.consumer == ConsumerChoice::Share
            && local.id().kind == MetadataType::ExtlClntAppOauthSettings
            && !self.is_packaged(local);
        if shares && find(local, "oauthLink").is_none() {
            return Err(PackageError::NothingToShare {
                path: local.path().to_owned(),
            });
        }
        Ok(())
    }

    /// What stays is bound to one org, and all of it to the same one.
    fn check_org(
        &mut self,
        local: &Component,
        rule: &Rule,
        position: Position,
        text: &str,
    ) -> Result<(), PackageError> {
        // `00D5g000004Abcd:…`; consumer keys name no org.
        let Some((org, _)) = text.trim().split_once(':') else {
            return Ok(());
        };
        // The last three of 18 characters only repeat the case of the others.
        let found: String = org.chars().take(15).collect();
        match &self.org {
            None => self.org = Some((found, local.path().to_owned())),
            Some((other, other_path)) if *other != found => {
                return Err(PackageError::SeveralOrgs {
                    path: local.path().to_owned(),
                    position,
                    element: rule.element,
                    found,
                    other_path: other_path.clone(),
                    other: other.clone(),
                });
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// The component without a member.
fn clear(
    local: &Component,
    edited: Option<&Component>,
    rule: &Rule,
    position: Position,
) -> Result<Component, PackageError> {
    let cannot_drop = |position, source| PackageError::CannotRemove {
        path: local.path().to_owned(),
        position,
        element: rule.element,
        reason: rule.reason,
        source,
    };
    let cleared = (rule.clear)(edited.unwrap_or(local))
        .map_err(|source| cannot_drop(position, Some(source)))?;
    // A value that the schema cannot read, or a second one, is not touched by a typed edit.
    match find(&cleared, rule.element) {
        Some((left, _)) => Err(cannot_drop(left, None)),
        None => Ok(cleared),
    }
}

/// The first element at a path below the root, whichever of several parents it stands in.
pub(super) fn find(component: &Component, path: &str) -> Option<(Position, String)> {
    let found = find_below(component.file().document().root(), path)?;
    Some((found.position(), found.text().into_owned()))
}

fn find_below<'a>(parent: Element<'a>, path: &str) -> Option<Element<'a>> {
    match path.split_once('.') {
        Some((name, rest)) => parent
            .children_named(name)
            .find_map(|child| find_below(child, rest)),
        None => parent.children_named(path).next(),
    }
}

fn found_at(component: &Component) -> Position {
    Element::position(component.file().document().root())
}
