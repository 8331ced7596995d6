//! Certificates inside the files.

use std::collections::BTreeMap;

use eca_attest::{Certificate, CertificateError, CertificateIssue, Format, MAX_CERTIFICATE_LEN};
use eca_model::{CertificateUse, Element, FieldValue};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::fix::Fix;
use crate::engine::quote::Quoted;
use crate::knowledge::certificates::{ProjectCertificate, UnreadableCertificate};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static CERT_SIZE: Rule = Rule {
    id: RuleId(1301),
    name: "cert-size",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate has at most 4 KB",
    explanation: "The org accepts certificates of at most 4 KB in DER form. A self-signed certificate has \
        about 1 KB; more than 4 KB usually means a certificate chain, or a certificate with many host names.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; Salesforce Help, \"OAuth 2.0 for First-Party \
        Applications: Generate a Client Attestation JWT\"",
    pair: include_str!("../../pairs/ECA1301-cert-size.txt"),
    check: cert_size,
};

fn cert_size(context: &Context<'_>, findings: &mut Findings<'_>) {
    for entry in context
        .certificates
        .iter()
        .filter(|entry| is_limited(entry))
    {
        let is_here = !matches!(&entry.certificate, Err(error) if error.is_elsewhere());
        if is_here && entry.len > MAX_CERTIFICATE_LEN {
            findings
                .at(
                    entry.path,
                    entry.position,
                    format!(
                        "the certificate has {} bytes; {MAX_CERTIFICATE_LEN} are allowed",
                        entry.len
                    ),
                )
                .help("register only the certificate of the signing key, without its chain");
        }
    }
}

/// The limit is documented for the certificates of OAuth settings.
fn is_limited(entry: &ProjectCertificate<'_>) -> bool {
    matches!(
        entry.purpose,
        CertificateUse::Assertions | CertificateUse::AssetTokens
    )
}

pub(crate) static CERT_FORM: Rule = Rule {
    id: RuleId(1302),
    name: "cert-form",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate is an X.509 certificate, with an RSA key of at least 2048 bits where it \
        verifies what an app signs",
    explanation: "The value is the base64 body of one X.509 certificate. Client attestations and JWT bearer \
        assertions are signed with RS256, so the key must be RSA; RS256 requires at least 2048 bits. A private \
        key, a certificate request or a truncated certificate cannot verify a signature, and every request of the \
        app is refused. The certificates of SAML policies, of push settings (opened with the password beside them) \
        and the .crt files of Certificate metadata are checked, too.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Generate a Client Attestation JWT\"; RFC 7518, \
        section 3.3; for SAML policies inferred from ConnectedApp (samlConfig) in the Metadata API Developer Guide",
    pair: include_str!("../../pairs/ECA1302-cert-form.txt"),
    check: cert_form,
};

fn cert_form(context: &Context<'_>, findings: &mut Findings<'_>) {
    for entry in &context.certificates {
        let certificate = match &entry.certificate {
            Ok(certificate) => certificate,
            Err(error) if error.is_elsewhere() => continue,
            // Reported because of its size.
            Err(UnreadableCertificate::Certificate(CertificateError::TooLong { .. }))
                if is_limited(entry) =>
            {
                continue;
            }
            Err(error) if is_waiting(entry, error) => {
                let message = "a request: the certificate of its authority is not in the org yet";
                findings
                    .at(entry.path, entry.position, message)
                    .at_most(Severity::Info)
                    .help("upload the signed certificate in Setup, and retrieve it");
                continue;
            }
            Err(error) => {
                let message = match entry.element {
                    Some(element) => format!("{element}: {error}"),
                    None => error.to_string(),
                };
                // That SAML policies take the text, as connected apps do, no page says.
                let inferred = entry.purpose == CertificateUse::SamlRequests
                    && matches!(error, UnreadableCertificate::Name);
                let severity = if inferred {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                findings
                    .at(entry.path, entry.position, message)
                    .at_most(severity)
                    .help_if_some(error.hint().map(str::to_owned));
                continue;
            }
        };
        if let Some(element) = entry
            .element
            .filter(|_| entry.purpose != CertificateUse::Push)
        {
            check_text(entry, certificate, element, findings);
        }
        let signs = entry.purpose == CertificateUse::Assertions;
        let is_of_org = entry.purpose == CertificateUse::Org;
        for concern in certificate.check(None, context.now) {
            let severity = match concern {
                // Nobody checks the signature of a root: it is trusted for itself.
                CertificateIssue::WeakSignature { .. }
                    if is_of_org && certificate.is_self_issued() =>
                {
                    continue;
                }
                // Only RS256 requires RSA; a broken digest and a short key are bad everywhere.
                CertificateIssue::NotRsa { .. } | CertificateIssue::RsaTooSmall { .. } if signs => {
                    Severity::Error
                }
                CertificateIssue::RsaTooSmall { .. } | CertificateIssue::WeakSignature { .. } => {
                    Severity::Warning
                }
                _ => continue,
            };
            findings
                .at(
                    entry.path,
                    entry.position,
                    named(entry, certificate, &concern),
                )
                .at_most(severity);
        }
    }
}

/// How the text of a certificate is written. Readers here are lenient, and an org need not be.
fn check_text(
    entry: &ProjectCertificate<'_>,
    certificate: &Certificate,
    element: &'static str,
    findings: &mut Findings<'_>,
) {
    let text = entry.component.file().locate(element).map(Element::text);
    let text = text.unwrap_or_default();
    let count = text.matches("-----BEGIN CERTIFICATE").count();
    let (message, severity) = if text.contains("\\n") || text.contains("\\r") {
        ("has line breaks written as \\n".to_owned(), Severity::Error)
    } else if count > 1 {
        (
            format!("holds {count} certificates, and an app has one"),
            Severity::Error,
        )
    } else if count == 1 {
        ("has BEGIN and END lines".to_owned(), Severity::Warning)
    } else {
        return;
    };
    let title = "write the base64 body of the certificate alone";
    let body = FieldValue::Text(certificate.to_body());
    // Which one of several is meant, nobody knows.
    let path = element.parse().ok().filter(|_| count < 2);
    let fix = path.and_then(|path| Fix::set(entry.component, title, &path, body));
    findings
        .at(entry.path, entry.position, format!("{element} {message}"))
        .at_most(severity)
        .help(title)
        .fix_if_some(fix);
}

/// What is wrong with a certificate. A `.crt` file may have the chain, too; then the message names
/// the certificate.
fn named(
    entry: &ProjectCertificate<'_>,
    certificate: &Certificate,
    concern: &CertificateIssue,
) -> String {
    match entry.purpose {
        CertificateUse::Org => format!("{}: {concern}", Quoted(certificate.subject())),
        _ => concern.to_string(),
    }
}

/// Whether the org waits for the certificate that an authority makes of this request.
fn is_waiting(entry: &ProjectCertificate<'_>, error: &UnreadableCertificate) -> bool {
    let is_request = matches!(
        error,
        UnreadableCertificate::Certificate(CertificateError::Unsupported {
            format: Format::CertificateRequest,
            ..
        })
    );
    is_request && entry.purpose == CertificateUse::Org
}

pub(crate) static CERT_EXPIRY: Rule = Rule {
    id: RuleId(1303),
    name: "cert-expiry",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a certificate is valid now and for another 30 days",
    explanation: "It is not documented whether an org checks the dates of these certificates; if it does, it refuses each \
        request of the app from the day of expiry. Apple checks the dates of push certificates. A new \
        certificate needs a deploy, and the clients need the new key at the same moment, so plan the renewal. \
        `eca lint --within 60d`, or `within` in eca.toml, reports it earlier.",
    source: "RFC 5280, section 4.1.2.5",
    pair: include_str!("../../pairs/ECA1303-cert-expiry.txt"),
    check: cert_expiry,
};

fn cert_expiry(context: &Context<'_>, findings: &mut Findings<'_>) {
    let until = context.now.checked_add(context.options.within);
    for entry in &context.certificates {
        let Ok(certificate) = &entry.certificate else {
            continue;
        };
        let until = until.unwrap_or(certificate.not_after());
        for concern in certificate.check_until(None, context.now, until) {
            let severity = match concern {
                CertificateIssue::NotYetValid { .. } | CertificateIssue::Expired { .. } => {
                    Severity::Warning
                }
                CertificateIssue::ExpiresSoon { .. } => Severity::Info,
                _ => continue,
            };
            findings
                .at(
                    entry.path,
                    entry.position,
                    named(entry, certificate, &concern),
                )
                .at_most(severity);
        }
    }
}

pub(crate) static CERT_SHARED: Rule = Rule {
    id: RuleId(1305),
    name: "cert-shared",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "no two apps have the same certificate, or certificates of one key",
    explanation: "The holder of a certificate's key can sign in as every app that registers it. With one key for two apps, \
        a leak from the weaker of the two opens the other one as well, and renewing the certificate of one means \
        a deploy of both at the same moment. The same applies to two certificates of the org with one key. \
        Generate a key for each.",
    source: "RFC 7523, section 7; NIST SP 800-57 Part 1, section 5.2 (one key, one use)",
    pair: include_str!("../../pairs/ECA1305-cert-shared.txt"),
    check: cert_shared,
};

fn cert_shared(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut owners: BTreeMap<(bool, &[u8]), (&str, &ProjectCertificate<'_>)> = BTreeMap::new();
    for entry in &context.certificates {
        let Ok(certificate) = &entry.certificate else {
            continue;
        };
        let owner = match entry.purpose {
            CertificateUse::Assertions => entry.component.app(),
            // The org may well sign in with a certificate of its own at an app of this project.
            CertificateUse::Org => Some(entry.component.full_name()),
            // Service providers sign with one key for all of their customers.
            _ => None,
        };
        let Some(owner) = owner.map(str::trim) else {
            continue;
        };
        let key = (
            entry.purpose == CertificateUse::Org,
            certificate.public_key().spki_der(),
        );
        let (first, other) = *owners.entry(key).or_insert((owner, entry));
        if first == owner {
            continue;
        }
        let same = other
            .certificate
            .as_ref()
            .is_ok_and(|other| other == certificate);
        let what = if same {
            "the same certificate"
        } else {
            "a certificate of the same key"
        };
        findings
            .at(
                entry.path,
                entry.position,
                format!("{owner} has {what} as {first}"),
            )
            .help(format!(
                "the other one is in {}; generate a key for each",
                other.path
            ));
    }
}
