//! Values that the org adds to deployed components: links, keys, default policies, spellings.

use std::sync::Arc;
use std::time::SystemTime;

use eca_model::{MetadataType, scope};

use crate::ids::{Ids, RecordId, RecordKind};
use crate::random::Random;
use crate::secret::Secret;
use crate::state::component_key::ComponentKey;
use crate::state::components::{Component, Consumer, Metadata};
use crate::state::record::{Record, Value};

const APP: &str = "externalClientApplication";

/// Changes a checked record into the form that the org stores.
pub(crate) fn normalize(kind: MetadataType, record: &mut Record) {
    match kind {
        MetadataType::ExtlClntAppOauthSettings => {
            // Retrieved files list scopes in the order of the enumeration, with ", ".
            respell(record, "commaSeparatedOauthScopes", |record, name| {
                let given: Vec<_> = record.list(name).collect();
                let known = scope::ALL.iter().map(|scope| scope.token);
                known
                    .filter(|token| given.contains(token))
                    .collect::<Vec<_>>()
                    .join(", ")
            });
            respell(record, "clientAssertionCertificate", |record, name| {
                without_armour(record.text(name).unwrap_or_default())
            });
        }
        MetadataType::ExtlClntAppGlobalOauthSettings => {
            respell(record, "certificate", |record, name| {
                without_armour(record.text(name).unwrap_or_default())
            });
        }
        MetadataType::ExtlClntAppOauthConfigurablePolicies => {
            for name in ["commaSeparatedPermissionSet", "commaSeparatedProfile"] {
                respell(record, name, |record, name| {
                    record.list(name).collect::<Vec<_>>().join(",")
                });
            }
        }
        MetadataType::ExternalCredential => {
            for (name, value) in record.members_mut() {
                if let ("externalCredentialParameters", Value::Record(parameter)) = (name, value)
                    && parameter.filled("parameterGroup").is_none()
                {
                    let group = match (
                        parameter.text("parameterType"),
                        parameter.text("parameterName"),
                    ) {
                        (Some("NamedPrincipal" | "PerUserPrincipal"), Some(name)) => {
                            name.to_owned()
                        }
                        _ => "DefaultGroup".to_owned(),
                    };
                    parameter.set("parameterGroup", group);
                }
            }
        }
        _ => {}
    }
}

fn respell(record: &mut Record, name: &str, spelling: impl FnOnce(&Record, &str) -> String) {
    if record.filled(name).is_some() {
        let text = spelling(record, name);
        record.set(name, text);
    }
}

/// A certificate as the org returns it: the base64 body, with its line breaks if it had any.
fn without_armour(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("-----"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Generates the values of every app in `names`.
pub(crate) fn complete<'a>(
    org_id: &RecordId,
    draft: &mut Metadata,
    ids: &mut Ids,
    random: &mut Random,
    names: impl IntoIterator<Item = &'a str>,
    now: SystemTime,
) {
    for app in names {
        if !draft.has(MetadataType::ExternalClientApplication, app) {
            continue;
        }
        consumer(draft, ids, random, app, now);
        links(org_id, draft, app);
        default_policies(draft, ids, app, now);
    }
}

/// The consumer of the global settings: created when they first appear, and rotated on request.
fn consumer(draft: &mut Metadata, ids: &mut Ids, random: &mut Random, app: &str, now: SystemTime) {
    let Some(id) = draft
        .of_app(MetadataType::ExtlClntAppGlobalOauthSettings, app)
        .map(|(id, _)| id.clone())
    else {
        return;
    };
    let Some(global) = draft.components.get_mut(&id) else {
        return;
    };
    let record = &mut global.record;
    let (new_key, new_secret) = (
        record.flag("shouldRotateConsumerKey") == Some(true),
        record.flag("shouldRotateConsumerSecret") == Some(true),
    );
    let old = draft.consumers.get(app).map(Arc::clone);
    let consumer = match old {
        Some(old) if !new_key && !new_secret => old,
        Some(old) => Arc::new(Consumer {
            id: old.id.clone(),
            key: if new_key {
                random.consumer_key()
            } else {
                old.key.clone()
            },
            secret: if new_secret {
                random.consumer_secret()
            } else {
                old.secret.duplicate()
            },
        }),
        None => Arc::new(Consumer {
            id: ids.next(RecordKind::Consumer),
            key: record
                .filled("consumerKey")
                .map_or_else(|| random.consumer_key(), str::to_owned),
            secret: record
                .filled("consumerSecret")
                .map_or_else(|| random.consumer_secret(), Secret::new),
        }),
    };
    record.set("consumerKey", consumer.key.as_str());
    // The secret belongs to the consumer; no file ever shows it.
    record.remove("consumerSecret");
    // It is inferred that the flags read `false` after the rotation.
    for flag in ["shouldRotateConsumerKey", "shouldRotateConsumerSecret"] {
        if record.has(flag) {
            record.set(flag, "false");
        }
    }
    let is_new = draft
        .consumers
        .get(app)
        .is_none_or(|old| old.key != consumer.key);
    if is_new {
        draft.key_births.insert(consumer.key.clone(), now);
    }
    draft.consumers.insert(app.to_owned(), consumer);
}

fn links(org_id: &RecordId, draft: &mut Metadata, app: &str) {
    let link = draft
        .consumers
        .get(app)
        .map(|consumer| format!("{}:{}", org_id.short(), consumer.id.short()));
    for (id, component) in &mut draft.components {
        match id.kind {
            MetadataType::ExternalClientApplication if id.name == app => component
                .record
                .set("orgScopedExternalApp", format!("{}:{app}", org_id.short())),
            MetadataType::ExtlClntAppOauthSettings if component.record.text(APP) == Some(app) => {
                if let Some(link) = &link {
                    component.record.set("oauthLink", link.as_str());
                }
            }
            _ => {}
        }
    }
}

/// Policies that were not deployed, with the documented defaults (Salesforce Help, "Verify OAuth
/// Policy Settings Field Generation"; Metadata API Developer Guide).
fn default_policies(draft: &mut Metadata, ids: &mut Ids, app: &str, now: SystemTime) {
    let missing = |draft: &Metadata, kind| draft.of_app(kind, app).is_none();
    let settings = draft
        .of_app(MetadataType::ExtlClntAppOauthSettings, app)
        .map(|(id, _)| id.name.clone());
    if let Some(settings) = settings
        && missing(draft, MetadataType::ExtlClntAppOauthConfigurablePolicies)
    {
        add(
            draft,
            ids,
            MetadataType::ExtlClntAppOauthConfigurablePolicies,
            format!("{settings}_defaultPolicy"),
            &[
                (APP, app),
                ("ipRelaxationPolicyType", "Enforce"),
                ("permittedUsersPolicyType", "AllSelfAuthorized"),
                ("refreshTokenPolicyType", "SpecificLifetime"),
                ("refreshTokenValidityPeriod", "365"),
                ("refreshTokenValidityUnit", "Days"),
                ("requiredSessionLevel", "STANDARD"),
            ],
            now,
        );
    }
    if missing(draft, MetadataType::ExtlClntAppConfigurablePolicies) {
        add(
            draft,
            ids,
            MetadataType::ExtlClntAppConfigurablePolicies,
            format!("{app}_defaultPolicy"),
            &[
                (APP, app),
                ("isEnabled", "true"),
                ("isOauthPluginEnabled", "true"),
                ("startPage", "None"),
            ],
            now,
        );
    }
}

fn add(
    draft: &mut Metadata,
    ids: &mut Ids,
    kind: MetadataType,
    name: String,
    members: &[(&str, &str)],
    now: SystemTime,
) {
    let mut record = Record::default();
    for (element, text) in members {
        record.set(element, *text);
    }
    draft.components.insert(
        ComponentKey { kind, name },
        Component {
            id: ids.next(RecordKind::Component),
            record,
            created: now,
            modified: now,
            modified_by: None,
        },
    );
}
