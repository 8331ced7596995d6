//! Client attestations, and the certificates that verify them.

use std::error::Error as _;
use std::time::SystemTime;

use eca_attest::{
    Audience, Certificate, ClientId, KeyAlgorithm, MAX_CERTIFICATE_LEN, Provider, ValidationPolicy,
    Verifier, VerifyError,
};
use thiserror::Error;

use crate::oauth::client::replays::Replays;

/// Why a certificate cannot be registered. Salesforce's wording for this is not published.
#[derive(Debug, Error)]
pub(crate) enum CertificateRefusal {
    #[error("The certificate can't be read: {0}")]
    Unreadable(#[from] eca_attest::CertificateError),
    #[error("The certificate can't be read: it has line breaks written as \\n")]
    LineBreaks,
    #[error("The certificate has {0} bytes; the limit is {MAX_CERTIFICATE_LEN}")]
    TooLarge(usize),
    #[error("The certificate has a {0} key; an RSA key is required")]
    NotRsa(String),
    #[error("The certificate's key can't verify signatures: {0}")]
    Unusable(#[from] eca_attest::SignError),
}

/// Checks a certificate when it is deployed: X.509, RSA, at most 4 KB.
pub(crate) fn check_certificate(text: &str) -> Result<Certificate, CertificateRefusal> {
    // The reader takes them, as keys in environment variables have them.
    if text.contains("\\n") || text.contains("\\r") {
        return Err(CertificateRefusal::LineBreaks);
    }
    let certificate = Certificate::read(text.as_bytes())?;
    if certificate.der().len() > MAX_CERTIFICATE_LEN {
        return Err(CertificateRefusal::TooLarge(certificate.der().len()));
    }
    if !matches!(certificate.key_algorithm(), KeyAlgorithm::Rsa { .. }) {
        return Err(CertificateRefusal::NotRsa(
            certificate.key_algorithm().to_string(),
        ));
    }
    Verifier::new(
        Provider::default(),
        certificate.public_key(),
        ValidationPolicy::any_issuer_and_audience(),
    )?;
    Ok(certificate)
}

/// Why an attestation is refused.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    #[error("no client assertion certificate is registered for this app")]
    NoCertificate,
    #[error("the registered certificate can't be used")]
    Certificate(#[from] CertificateRefusal),
    #[error("the client attestation was refused: {0}")]
    Verify(#[from] VerifyError),
}

/// Checks an attestation: RS256 by the key of the deployed certificate, `iss` the consumer key,
/// `aud` the site URL, `exp`, and a `jti` that was not used before (Salesforce Help, "OAuth 2.0 for
/// First-Party Applications: Generate a Client Attestation JWT"; it is inferred that `aud` is the
/// site URL). Clocks may differ by a minute. The validity of the certificate is not checked:
/// Salesforce is not known to check it.
pub(crate) fn verify(
    jwt: &str,
    certificate: Option<&str>,
    consumer_key: &str,
    site_url: &str,
    replays: &Replays,
    now: SystemTime,
) -> Result<(), Refusal> {
    let certificate = check_certificate(certificate.ok_or(Refusal::NoCertificate)?)?;
    let (Ok(issuer), Ok(audience)) = (
        consumer_key.parse::<ClientId>(),
        site_url.parse::<Audience>(),
    ) else {
        // Both are the org's own values; only a builder with an odd site path can get here.
        return Err(Refusal::NoCertificate);
    };
    let verifier = Verifier::new(
        Provider::default(),
        certificate.public_key(),
        ValidationPolicy::new(issuer, audience),
    )
    .map_err(CertificateRefusal::from)?;
    verifier.verify(jwt, now, replays)?;
    Ok(())
}

/// The refusal with its causes, on one line.
pub(crate) fn explain(refusal: &Refusal) -> String {
    let mut text = refusal.to_string();
    let mut cause = refusal.source();
    while let Some(error) = cause {
        let error_text = error.to_string();
        // Some messages contain their cause already.
        if !text.ends_with(&error_text) {
            text = format!("{text}: {error_text}");
        }
        cause = error.source();
    }
    text
}

/// The name of the check that an attestation failed, for machines.
pub(crate) fn failed_check(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoCertificate | Refusal::Certificate(_) => "certificate",
        Refusal::Verify(error) => error.check(),
    }
}
