//! Certificates that files hold, read once for all rules.

use eca_attest::{Certificate, CertificateError};
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};
use eca_model::{Component, Project};

use crate::context::is_placeholder;

/// A certificate that a file holds.
pub(crate) struct Held<'a> {
    pub(crate) component: &'a Component,
    pub(crate) element: &'static str,
    pub(crate) text: &'a str,
    pub(crate) read: Result<Certificate, CertificateError>,
}

impl Held<'_> {
    /// Whether the file itself holds the certificate, for signatures that the app makes.
    /// `assetTokenSigningCertificate` is documented as the name of a certificate of the org.
    pub(crate) fn is_in_the_file(&self) -> bool {
        self.element != ASSET_TOKEN
    }
}

const ASSET_TOKEN: &str = "assetTokenSigningCertificate";

/// The certificates of a project.
pub(crate) fn certificates(project: &Project) -> Vec<Held<'_>> {
    project
        .components()
        .iter()
        .flat_map(|component| {
            held_by(component).map(move |(element, text)| Held {
                component,
                element,
                text,
                read: Certificate::read(text.as_bytes()),
            })
        })
        .collect()
}

/// The texts of one file that are or should be certificates, with their elements.
fn held_by(component: &Component) -> impl Iterator<Item = (&'static str, &str)> {
    let settings = component.typed::<ExtlClntAppOauthSettings>();
    let global = component.typed::<ExtlClntAppGlobalOauthSettings>();
    let client = settings.and_then(|settings| settings.client_assertion_certificate.as_deref());
    let asset = settings.and_then(|settings| settings.asset_token_signing_certificate.as_deref());
    let bearer = global.and_then(|global| global.certificate.as_deref());
    [
        ("clientAssertionCertificate", client),
        (ASSET_TOKEN, asset),
        ("certificate", bearer),
    ]
    .into_iter()
    .filter_map(|(element, text)| Some((element, text?)))
    .filter(|(_, text)| !text.trim().is_empty() && !is_placeholder(text))
}
