//! Certificates inside the files.

use std::collections::BTreeMap;

use eca_attest::{CertificateError, Concern, MAX_CERTIFICATE_LEN, preflight};

use crate::context::Context;
use crate::findings::Findings;
use crate::held::{self, Held};
use crate::{Profile, Rule, RuleId, Severity};

pub(crate) static CERT_SIZE: Rule = Rule {
    id: RuleId(1301),
    name: "cert-size",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate has at most 4 KB",
    explanation: "The org takes certificates of at most 4 KB, counted on the DER form. A single self-signed certificate \
        has about 1 KB; more than 4 KB mostly means that a chain of certificates, or one with many host names, was pasted.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; Salesforce Help, \"OAuth 2.0 for First-Party \
        Applications: Generate a Client Attestation JWT\"",
    pair: include_str!("../../pairs/ECA1301-cert-size.txt"),
    check: cert_size,
};

fn cert_size(context: &Context<'_>, findings: &mut Findings<'_>) {
    for held in &context.certificates {
        let (component, element, text) = (held.component, held.element, held.text);
        let len = match &held.read {
            Ok(certificate) => certificate.der().len(),
            // Three of four characters of base64 text are left of what cannot be read.
            Err(_) => text.chars().filter(|c| !c.is_whitespace()).count() * 3 / 4,
        };
        if len > MAX_CERTIFICATE_LEN {
            findings
                .at_element(
                    component,
                    element,
                    format!("the certificate has {len} bytes; {MAX_CERTIFICATE_LEN} are allowed"),
                )
                .help("register only the certificate of the signing key, without its chain");
        }
    }
}

pub(crate) static CERT_FORM: Rule = Rule {
    id: RuleId(1302),
    name: "cert-form",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate is an X.509 certificate of an RSA key of at least 2048 bits",
    explanation: "The value is the base64 body of one X.509 certificate. Client attestations and JWT bearer assertions \
        are signed with RS256, so the key must be RSA; RS256 asks for at least 2048 bits. A private key, a certificate \
        request or half of a pasted certificate cannot check any signature, and every request of the app is refused.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT\"; RFC 7518, \
        section 3.3",
    pair: include_str!("../../pairs/ECA1302-cert-form.txt"),
    check: cert_form,
};

fn cert_form(context: &Context<'_>, findings: &mut Findings<'_>) {
    for held in own(context) {
        let (component, element) = (held.component, held.element);
        let certificate = match &held.read {
            Ok(certificate) => certificate,
            // Reported by its size.
            Err(CertificateError::TooLong { .. }) => continue,
            Err(error) => {
                findings
                    .at_element(component, element, format!("{element}: {error}"))
                    .help_if_some(error.hint().map(str::to_owned));
                continue;
            }
        };
        for concern in preflight(certificate, None, context.now) {
            let severity = match concern {
                Concern::NotRsa { .. } | Concern::RsaTooSmall { .. } => Severity::Error,
                Concern::WeakSignature { .. } => Severity::Warning,
                _ => continue,
            };
            findings
                .at_element(component, element, concern.to_string())
                .at_most(severity);
        }
    }
}

pub(crate) static CERT_EXPIRY: Rule = Rule {
    id: RuleId(1303),
    name: "cert-expiry",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a certificate is valid now and for another 30 days",
    explanation: "Whether an org looks at the dates of these certificates is not documented. Do not find out on the day \
        one expires: each request of the app would be refused at once. A new certificate needs a deploy, and the clients \
        need the new key at the same moment, so renewal takes planning.",
    source: "RFC 5280, section 4.1.2.5",
    pair: include_str!("../../pairs/ECA1303-cert-expiry.txt"),
    check: cert_expiry,
};

fn cert_expiry(context: &Context<'_>, findings: &mut Findings<'_>) {
    for held in own(context) {
        let (component, element) = (held.component, held.element);
        let Ok(certificate) = &held.read else {
            continue;
        };
        let (mut expired, mut out_of_date) = (false, Vec::new());
        for concern in preflight(certificate, None, context.now) {
            if matches!(
                concern,
                Concern::NotYetValid { .. } | Concern::Expired { .. }
            ) {
                expired |= matches!(concern, Concern::Expired { .. });
                out_of_date.push(concern.to_string());
            }
        }
        for message in out_of_date {
            findings.at_element(component, element, message);
        }
        let left = certificate
            .not_after()
            .duration_since(context.now)
            .unwrap_or_default();
        if !expired && left < context.options.within {
            let days = left.as_secs() / (24 * 60 * 60);
            findings
                .at_element(
                    component,
                    element,
                    format!("the certificate expires in {days} days"),
                )
                .at_most(Severity::Info);
        }
    }
}

pub(crate) static CERT_SHARED: Rule = Rule {
    id: RuleId(1305),
    name: "cert-shared",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "no two apps have the same certificate",
    explanation: "Whoever holds the key of a certificate signs in as every app that registers it. With one key for two \
        apps, a leak from the weaker of the two opens the other one as well, and renewing the certificate of one means \
        a deploy of both at the same moment.",
    source: "RFC 7523, section 7; NIST SP 800-57 Part 1, section 5.2 (one key, one use)",
    pair: include_str!("../../pairs/ECA1305-cert-shared.txt"),
    check: cert_shared,
};

fn cert_shared(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut owners: BTreeMap<[u8; 32], (&str, &str)> = BTreeMap::new();
    for held in own(context) {
        let (Ok(certificate), Some(app)) = (&held.read, held.component.app()) else {
            continue;
        };
        let print = *certificate.thumbprint().as_bytes();
        let (owner, path) = *owners.entry(print).or_insert((app, held.component.path()));
        if owner != app {
            findings
                .at_element(
                    held.component,
                    held.element,
                    format!("{app} has the same certificate as {owner}"),
                )
                .help(format!(
                    "the other one is in {path}; make a key for each app"
                ));
        }
    }
}

/// The certificates that are in the files themselves, for signatures that the app makes.
fn own<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = &'c Held<'a>> {
    let held = context.certificates.iter();
    held.filter(|held| held.is_in_the_file())
}

pub(crate) static CERT_DROPPED: Rule = Rule {
    id: RuleId(1306),
    name: "cert-dropped",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an element for a certificate holds one",
    explanation: "A deploy takes the file for the whole truth: with an empty element for the certificate, left behind when a \
        value was cut out of a file or not filled in, it takes away the one that the org has, and every client that signs \
        is refused at once, the one that deployed included. That a file without the element does so too is reported by \
        users; for first-party apps ECA1304 watches over it.",
    source: "reports of users of the Metadata API; Metadata API Developer Guide, ExtlClntAppOauthSettings and \
        ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1306-cert-dropped.txt"),
    check: cert_dropped,
};

fn cert_dropped(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        for element in held::elements(component) {
            let empty = component
                .file()
                .locate(element)
                .filter(|found| found.is_nil() || found.text().trim().is_empty());
            if empty.is_some() {
                findings
                    .at_element(
                        component,
                        element,
                        format!("{element} is empty, so a deploy takes the org's certificate away"),
                    )
                    .help("put the certificate back, or a placeholder that the deploy fills in");
            }
        }
    }
}
