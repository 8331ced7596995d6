//! Secrets in files.

use eca_attest::EmbeddedKey;
use eca_model::Position;
use eca_model::schema::FieldKind;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::value::is_placeholder;
use crate::engine::walk::Step;
use crate::knowledge::tokens;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static SECRET_IN_SOURCE: Rule = Rule {
    id: RuleId(1401),
    name: "secret-in-source",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "no file holds a secret",
    explanation: "Anyone who can read the repository, its forks, backups or build logs can read the secret, \
        and removing it in a later commit does not undo that. Every org generates its own consumer secret, and \
        credentials are set in the org or through the credentials REST API, so no file needs one. A secret that \
        was committed has to be rotated. A ${PLACEHOLDER} that is filled in at deploy time is fine.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings and NamedCredential",
    pair: include_str!("../../pairs/ECA1401-secret-in-source.txt"),
    check: secret_in_source,
};

fn secret_in_source(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Field(element, field) = step else {
                return;
            };
            let value = element.text();
            if field.element == "parameterValue" && is_literal_credential(element, &value) {
                findings
                    .at(
                        component.path(),
                        element.position(),
                        "parameterValue holds a credential",
                    )
                    .help("remove the value, set it in the org, and rotate the secret: it has been on disk");
                return;
            }
            if !field.is_secret() || matches!(field.kind, FieldKind::Record(_)) {
                return;
            }
            if value.trim().is_empty() || is_placeholder(&value) {
                return;
            }
            findings
                .at(
                    component.path(),
                    element.position(),
                    format!("{} holds a secret", field.element),
                )
                .help("remove the value and rotate the secret: it has been on disk");
        });
    }
}

/// Whether a parameter of a credential has a secret as its value: its name says that it is one, and
/// its value is no formula and no reference.
fn is_literal_credential(value: eca_model::Element<'_>, text: &str) -> bool {
    let text = text.trim();
    let sibling = |name: &str| {
        let element = value.parent().and_then(|parent| parent.child(name));
        element.map_or_else(String::new, |element| {
            element.text().trim().to_ascii_lowercase()
        })
    };
    let name = sibling("parameterName").replace(['-', '_', ' '], "");
    let kind = sibling("parameterType");
    let is_header = kind.contains("header") || kind.contains("parameter") || kind.contains("body");
    let is_named = [
        "secret",
        "password",
        "passwd",
        "apikey",
        "authorization",
        "accesstoken",
        "privatekey",
    ]
    .iter()
    .any(|word| name.contains(word));
    let is_literal = !text.is_empty() && !is_placeholder(text) && !text.contains("{!");
    // A URL, such as that of an authorization endpoint, and a switch are no secrets.
    let is_plain = text.contains("://") || matches!(text, "true" | "false") || text.len() < 6;
    is_literal && is_header && is_named && !is_plain
}

pub(crate) static UNFILLED_VALUE: Rule = Rule {
    id: RuleId(1405),
    name: "unfilled-value",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "something fills in each placeholder before a deploy",
    explanation: "A ${PLACEHOLDER} is a value like any other to an org: without a replacement it becomes the callback URL, the \
        user name or the certificate of the app. The Salesforce CLI and eca fill in what the replacements of \
        sfdx-project.json declare, and eca refuses to package what they leave. A few files without \
        sfdx-project.json or a manifest are not checked.",
    source: "Salesforce DX Developer Guide, \"Replace Strings in Code Before Deploying or Packaging\"",
    pair: include_str!("../../pairs/ECA1405-unfilled-value.txt"),
    check: |context, findings| {
        if !context.project.is_whole() {
            return;
        }
        for component in context.project.components() {
            for (position, value) in context.project.unfilled(component) {
                findings
                    .at(
                        component.path(),
                        position,
                        format!("nothing fills in {value}"),
                    )
                    .help("declare a replacement in sfdx-project.json, or write the value");
            }
        }
    },
};

pub(crate) static PRIVATE_KEY_IN_SOURCE: Rule = Rule {
    id: RuleId(1402),
    name: "private-key-in-source",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "no file holds a private key",
    explanation: "The certificate of a key is public and belongs in the file. The private key does not: anyone who has it \
        can sign in as the app. The two are easily confused, since tools write both as base64 blocks, often into \
        one file. A key that was committed is compromised: generate a new one, and register its certificate.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT\"",
    pair: include_str!("../../pairs/ECA1402-private-key-in-source.txt"),
    check: private_key_in_source,
};

fn private_key_in_source(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let file = component.file();
        let keys = EmbeddedKey::find_all(file.text().as_bytes());
        // An element can hold a key store with its password: a secret, for the rule above.
        if let Some(key) = keys.iter().find(|key| !key.is_store()) {
            let position = file.document().position(key.offset);
            add_key(component.path(), position, *key, findings);
        }
        // Several tools write a certificate's file with its key in it.
        if let Some(content) = component.content()
            && let Some(key) = EmbeddedKey::find_all(&content.bytes).first()
        {
            let before = String::from_utf8_lossy(&content.bytes[..key.offset]);
            let position = Position::from_offset(&before, before.len());
            add_key(&content.path, position, *key, findings);
        }
    }
}

fn add_key(path: &str, position: Position, key: EmbeddedKey, findings: &mut Findings<'_>) {
    findings
        .at(
            path,
            position,
            format!("a private key is in the file: {key}"),
        )
        .help("remove it, generate a new key, and register its certificate");
}

pub(crate) static TOKEN_IN_SOURCE: Rule = Rule {
    id: RuleId(1403),
    name: "token-in-source",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "no file holds a token",
    explanation: "Tokens that were pasted for a test end up in descriptions, custom headers and parameters: session ids \
        and refresh tokens of Salesforce, JSON Web Tokens, keys of cloud providers and code hosts. The rule \
        recognises them by their form, in every element and in comments. Such a token works for everyone who \
        reads the repository until it is revoked. Remove it and revoke it.",
    source: "Salesforce Help, \"OAuth Tokens and Scopes\"; RFC 7519, section 3.1; the token formats that GitHub, AWS, \
        Google and Slack document",
    pair: include_str!("../../pairs/ECA1403-token-in-source.txt"),
    check: token_in_source,
};

fn token_in_source(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let file = component.file();
        for (offset, what) in tokens::find(file.text()) {
            findings
                .at(
                    component.path(),
                    file.document().position(offset),
                    format!("{what} is in the file"),
                )
                .help("remove it and revoke it: it has been on disk");
        }
    }
}
