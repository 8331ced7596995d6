//! Certificates inside the files.

use std::time::Duration;

use eca_attest::{Certificate, CertificateError, Concern, MAX_CERTIFICATE_LEN, preflight};
use eca_model::Component;
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};

use crate::context::{Context, is_placeholder};
use crate::findings::Findings;
use crate::{Profile, Rule, RuleId, Severity};

/// How long before the end of a certificate its renewal is due.
const RENEWAL: Duration = Duration::from_hours(30 * 24);

pub(crate) static CERT_SIZE: Rule = Rule {
    id: RuleId(1301),
    name: "cert-size",
    severity: Severity::Error,
    profile: Profile::Default,
    summary: "a certificate has at most 4 KB",
    explanation: "The org takes certificates of at most 4 KB, counted on the DER form. A single self-signed certificate \
        has about 1 KB; more than 4 KB mostly means that a chain of certificates, or one with many host names, was pasted.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; Salesforce Help, \"OAuth 2.0 for First-Party \
        Applications: Generate a Client Attestation JWT\"",
    check: cert_size,
};

fn cert_size(context: &Context<'_>, findings: &mut Findings<'_>) {
    for Held {
        component,
        element,
        text,
    } in certificates(context).chain(asset_certificates(context))
    {
        let len = match Certificate::read(text.as_bytes()) {
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
    profile: Profile::Default,
    summary: "a certificate is an X.509 certificate of an RSA key of at least 2048 bits",
    explanation: "The value is the base64 body of one X.509 certificate. Client attestations and JWT bearer assertions \
        are signed with RS256, so the key must be RSA; RS256 asks for at least 2048 bits. A private key, a certificate \
        request or half of a pasted certificate cannot check any signature, and every request of the app is refused.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT\"; RFC 7518, \
        section 3.3",
    check: cert_form,
};

fn cert_form(context: &Context<'_>, findings: &mut Findings<'_>) {
    for Held {
        component,
        element,
        text,
    } in certificates(context)
    {
        let certificate = match Certificate::read(text.as_bytes()) {
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
        for concern in preflight(&certificate, None, context.now) {
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
    profile: Profile::Default,
    summary: "a certificate is valid now and for another 30 days",
    explanation: "Whether an org looks at the dates of these certificates is not documented. Do not find out on the day \
        one expires: each request of the app would be refused at once. A new certificate needs a deploy, and the clients \
        need the new key at the same moment, so renewal takes planning.",
    source: "RFC 5280, section 4.1.2.5",
    check: cert_expiry,
};

fn cert_expiry(context: &Context<'_>, findings: &mut Findings<'_>) {
    for Held {
        component,
        element,
        text,
    } in certificates(context)
    {
        let Ok(certificate) = Certificate::read(text.as_bytes()) else {
            continue;
        };
        let (mut expired, mut out_of_date) = (false, Vec::new());
        for concern in preflight(&certificate, None, context.now) {
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
        if !expired && left < RENEWAL {
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

/// A certificate that a file holds.
struct Held<'a> {
    component: &'a Component,
    element: &'static str,
    text: &'a str,
}

/// The certificates that are in the files themselves, for signatures that the app makes.
fn certificates<'a>(context: &Context<'a>) -> impl Iterator<Item = Held<'a>> {
    context.project.components().iter().flat_map(|component| {
        held_by(component).map(move |(element, text)| Held {
            component,
            element,
            text,
        })
    })
}

/// The certificates of one file, with their elements.
pub(super) fn held_by(component: &Component) -> impl Iterator<Item = (&'static str, &str)> {
    let settings = component.typed::<ExtlClntAppOauthSettings>();
    let global = component.typed::<ExtlClntAppGlobalOauthSettings>();
    let client = settings.and_then(|settings| settings.client_assertion_certificate.as_deref());
    let bearer = global.and_then(|global| global.certificate.as_deref());
    [
        ("clientAssertionCertificate", client),
        ("certificate", bearer),
    ]
    .into_iter()
    .filter_map(|(element, text)| Some((element, text?)))
    .filter(|(_, text)| is_filled(text))
}

/// Documented as the id of a certificate of the org, with the same limit on its size.
fn asset_certificates<'a>(context: &Context<'a>) -> impl Iterator<Item = Held<'a>> {
    context
        .project
        .of_type::<ExtlClntAppOauthSettings>()
        .filter_map(|(component, settings)| {
            let text = settings.asset_token_signing_certificate.as_deref()?;
            is_filled(text).then_some(Held {
                component,
                element: "assetTokenSigningCertificate",
                text,
            })
        })
}

fn is_filled(text: &str) -> bool {
    !text.trim().is_empty() && !is_placeholder(text)
}
