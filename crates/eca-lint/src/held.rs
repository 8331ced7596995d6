//! Certificates that files hold, read once for all rules.

use eca_attest::{Certificate, CertificateError};
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};
use eca_model::{Component, MetadataType, Project};

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

/// The elements of a component's type that hold a certificate, whether they are there or not.
pub(crate) fn elements(component: &Component) -> &'static [&'static str] {
    match component.id().kind {
        MetadataType::ExtlClntAppOauthSettings => &["clientAssertionCertificate", ASSET_TOKEN],
        MetadataType::ExtlClntAppGlobalOauthSettings => &["certificate"],
        _ => &[],
    }
}

/// The texts of one file that are or should be certificates, with their elements.
fn held_by(component: &Component) -> impl Iterator<Item = (&'static str, &str)> {
    let settings = component.typed::<ExtlClntAppOauthSettings>();
    let global = component.typed::<ExtlClntAppGlobalOauthSettings>();
    let value = move |element: &str| match element {
        "clientAssertionCertificate" => settings?.client_assertion_certificate.as_deref(),
        ASSET_TOKEN => settings?.asset_token_signing_certificate.as_deref(),
        _ => global?.certificate.as_deref(),
    };
    elements(component)
        .iter()
        .filter_map(move |element| Some((*element, value(element)?)))
        .filter(|(_, text)| !text.trim().is_empty() && !is_placeholder(text))
}
