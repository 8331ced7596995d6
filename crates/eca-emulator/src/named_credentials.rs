//! `named-credentials/…`: definitions of external credentials, and what their principals have
//! (Connect REST API Developer Guide, "Named Credentials Resources").
//!
//! | request | what |
//! |---|---|
//! | `GET external-credentials/{name}` | the definition with its principals |
//! | `GET credential?externalCredential=…` | the names of what a principal has |
//! | `POST`, `PUT`, `PATCH credential` | stores values: for the first time, all, some |
//! | `DELETE credential?externalCredential=…` | erases them |
//!
//! Values are taken and not kept: nothing here makes callouts.

use std::collections::BTreeMap;

use eca_model::MetadataType;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::core::Core;
use crate::oauth::session;
use crate::server::call::{Call, Reply, json_reply, not_found, reply, rest_error, wrong_method};
use crate::state::State;
use crate::state::components::Component;
use crate::state::permissions::UserPermission;
use crate::state::record::Record;
use crate::state::stored_credentials::{Parameter, Principal};

const NAMED: &str = "NamedPrincipal";

/// Answers a request; `path` is the part after `named-credentials/`. The caller has checked the
/// session.
pub(crate) fn answer(core: &Core, call: &Call, path: &[&str]) -> Reply {
    // "Manage Named Credentials" is left out: "Customize Application" is enough for both.
    let needed = match call.method {
        Method::GET => UserPermission::ViewSetup,
        _ => UserPermission::CustomizeApplication,
    };
    if !session::may(core, call.bearer(), &[needed]) {
        return session::insufficient();
    }
    match path {
        ["external-credentials", name] if call.method == Method::GET => {
            definition(&core.read(), name)
        }
        ["credential"] => credential(core, call),
        ["external-credentials", _] => wrong_method(call),
        _ => not_found(),
    }
}

fn definition(state: &State, name: &str) -> Reply {
    let Some(component) = state.metadata.get(MetadataType::ExternalCredential, name) else {
        return not_found();
    };
    let principals: Vec<_> = principals(component)
        .enumerate()
        .map(|(number, principal)| {
            json!({
                "principalName": principal.filled("parameterName"),
                "principalType": NAMED,
                "sequenceNumber": number + 1,
            })
        })
        .collect();
    json_reply(
        StatusCode::OK,
        &json!({
            "developerName": name,
            "masterLabel": component.record.filled("label"),
            "authenticationProtocol": protocol(component),
            "principals": principals,
        }),
    )
}

fn principals(component: &Component) -> impl Iterator<Item = &Record> {
    let parameters = component.record.records("externalCredentialParameters");
    parameters.filter(|parameter| parameter.filled("parameterType") == Some(NAMED))
}

/// The protocol as Connect REST writes it: `OAuth` with two capitals.
fn protocol(component: &Component) -> &str {
    match component.record.filled("authenticationProtocol") {
        Some("Oauth") => "OAuth",
        Some(other) => other,
        None => "NoAuthentication",
    }
}

fn credential(core: &Core, call: &Call) -> Reply {
    let body: Value = serde_json::from_slice(call.body()).unwrap_or_default();
    let is_in_query = matches!(call.method, Method::GET | Method::DELETE);
    let text = |name: &str| {
        let value = if is_in_query {
            call.query_value(name)
        } else {
            body[name].as_str().map(str::to_owned)
        };
        value.unwrap_or_default()
    };
    let principal = Principal {
        external_credential: text("externalCredential"),
        name: text("principalName"),
        kind: text("principalType"),
    };
    let given = body["credentials"].as_object();
    match call.method {
        Method::GET => {
            let state = core.read();
            match protocol_of(&state, &principal) {
                Ok(protocol) => shown(&state, &principal, &protocol),
                Err(refusal) => *refusal,
            }
        }
        _ => core.transact(|state, _| match protocol_of(state, &principal) {
            Ok(protocol) => change(state, &call.method, &principal, &protocol, given),
            Err(refusal) => *refusal,
        }),
    }
}

/// The protocol of a principal's external credential. The codes are those of the API; the words are
/// inferred.
fn protocol_of(state: &State, principal: &Principal) -> Result<String, Box<Reply>> {
    let kind = MetadataType::ExternalCredential;
    let found = state.metadata.get(kind, &principal.external_credential);
    let component = found.ok_or_else(|| Box::new(not_found()))?;
    let mut principals = principals(component);
    let is_there = principals.any(|one| one.filled("parameterName") == Some(&principal.name));
    if principal.kind == NAMED && is_there {
        Ok(protocol(component).to_owned())
    } else {
        let message = "the external credential has no such principal";
        Err(Box::new(invalid(message)))
    }
}

fn invalid(message: &str) -> Reply {
    rest_error(StatusCode::BAD_REQUEST, "INVALID_INPUT", message)
}

fn change(
    state: &mut State,
    method: &Method,
    principal: &Principal,
    protocol: &str,
    given: Option<&Map<String, Value>>,
) -> Reply {
    let is_stored = state.stored_credentials.get(principal).is_some();
    if *method == Method::DELETE {
        return match state.stored_credentials.remove(principal) {
            Some(_) => reply(StatusCode::NO_CONTENT, "application/json", ""),
            None => not_found(),
        };
    }
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return invalid("credentials is missing");
    };
    let mut parameters = Vec::new();
    for (name, value) in given {
        let (Some(_), Some(is_encrypted)) = (value["value"].as_str(), value["encrypted"].as_bool())
        else {
            return invalid("a credential needs value and encrypted");
        };
        parameters.push((name.clone(), is_encrypted));
    }
    match *method {
        Method::POST if is_stored => return invalid("the principal has credentials already"),
        Method::PUT if !is_stored => return not_found(),
        Method::PATCH if protocol != "Custom" => {
            return invalid("PATCH is for the protocol Custom only");
        }
        Method::POST | Method::PUT | Method::PATCH => {}
        _ => return rest_error(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", ""),
    }
    let keeps_others = *method == Method::PATCH;
    state
        .stored_credentials
        .store(principal.clone(), parameters, keeps_others);
    shown(state, principal, protocol)
}

/// What a principal has. `Custom` reads `Unknown` whatever is stored.
fn shown(state: &State, principal: &Principal, protocol: &str) -> Reply {
    let nothing = BTreeMap::new();
    let stored = state.stored_credentials.get(principal).unwrap_or(&nothing);
    let status = match (protocol, stored.is_empty()) {
        ("Custom", _) => "Unknown",
        (_, true) => "NotConfigured",
        (_, false) => "Configured",
    };
    let parameter = |parameter: &Parameter| json!({ "encrypted": parameter.is_encrypted, "revision": parameter.revision });
    let credentials: Map<_, _> = stored
        .iter()
        .map(|(name, one)| (name.clone(), parameter(one)))
        .collect();
    json_reply(
        StatusCode::OK,
        &json!({
            "authenticationProtocol": protocol,
            "authenticationStatus": status,
            "credentials": credentials,
            "externalCredential": principal.external_credential,
            "principalName": principal.name,
            "principalType": principal.kind,
        }),
    )
}
