//! Certificates in the files of a project, read once for all rules.

use std::fmt;

use eca_attest::{Bundle, Certificate, CertificateError, KeyError, Password};
use eca_model::{Component, ContentFile, Element, MetadataType, Position, Project};

use crate::engine::value::is_placeholder;

/// The purpose of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// It verifies what an app signs with RS256: client attestations and JWT bearer assertions.
    Assertions,
    /// It signs asset tokens. The guide describes the value as the id of a certificate of the org.
    AssetTokens,
    /// It verifies the requests of a SAML service provider. Without it the org accepts unsigned
    /// ones.
    SamlRequests,
    /// SAML assertions are encrypted to it. The guide requires a certificate of the org's
    /// Certificate and Key Management, and does not state whether its name or its text.
    SamlEncryption,
    /// It authenticates at the Apple Push Notification service: a PKCS #12 archive with its key.
    Push,
    /// A certificate of the org: the `.crt` file of `Certificate` metadata.
    Org,
}

/// An element that holds a certificate.
struct CertificateElement {
    kind: MetadataType,
    /// The path for [`File::locate`](eca_model::File::locate).
    element: &'static str,
    purpose: Purpose,
}

const fn holder(kind: MetadataType, element: &'static str, purpose: Purpose) -> CertificateElement {
    CertificateElement {
        kind,
        element,
        purpose,
    }
}

/// Every element that contains a certificate, not only the name of one.
const ELEMENTS: &[CertificateElement] = &[
    holder(
        MetadataType::ExternalClientApplication,
        "oauthDev.certificate",
        Purpose::Assertions,
    ),
    holder(
        MetadataType::ExtlClntAppOauthSettings,
        "assetTokenSigningCertificate",
        Purpose::AssetTokens,
    ),
    holder(
        MetadataType::ExtlClntAppOauthSettings,
        "certificate",
        Purpose::Assertions,
    ),
    holder(
        MetadataType::ExtlClntAppOauthSettings,
        "clientAssertionCertificate",
        Purpose::Assertions,
    ),
    holder(
        MetadataType::ExtlClntAppGlobalOauthSettings,
        "certificate",
        Purpose::Assertions,
    ),
    holder(
        MetadataType::ExtlClntAppSamlConfigurablePolicies,
        "certificate",
        Purpose::SamlRequests,
    ),
    holder(
        MetadataType::ExtlClntAppSamlConfigurablePolicies,
        "encryptionCertificate",
        Purpose::SamlEncryption,
    ),
    holder(
        MetadataType::ExtlClntAppPushSettings,
        "applePushConfig.certificate",
        Purpose::Push,
    ),
];

/// Why no certificate can be read where one is expected.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnreadableCertificate {
    /// The value is filled in at deploy time.
    Placeholder,
    /// The value is the name or id of a certificate of the org.
    Reference,
    /// The archive's password is not in the file.
    Locked,
    /// The value is the name of a certificate, in an element that requires its text.
    Name,
    /// The value is not a certificate.
    Certificate(CertificateError),
    /// It is not an archive with a certificate, or the password beside it is wrong.
    Archive(KeyError),
    /// The archive can be opened and has no certificate.
    NoCertificate,
}

impl UnreadableCertificate {
    /// Whether nothing is wrong: the certificate is only not in the file.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Placeholder | Self::Reference | Self::Locked)
    }

    /// The next step, where one is known. `FILE` stands for the certificate's file.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Certificate(error) => error.hint(),
            Self::Archive(error) => error.hint(),
            Self::Name => Some(
                "put the certificate's base64 text here, without BEGIN and END lines: \
                 openssl x509 -in FILE -outform DER | openssl base64 -A",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for UnreadableCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placeholder => f.write_str("the certificate is filled in at deploy time"),
            Self::Reference => f.write_str("it names a certificate of the org"),
            Self::Locked => f.write_str("the password of the archive is not in the file"),
            Self::Name => {
                f.write_str("the value is a name, but the text of the certificate is required")
            }
            Self::Certificate(error) => error.fmt(f),
            Self::Archive(error) => error.fmt(f),
            Self::NoCertificate => f.write_str("the archive holds no certificate"),
        }
    }
}

/// A certificate in a file of a project.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProjectCertificate<'a> {
    /// The component.
    pub component: &'a Component,
    /// The file that contains it: that of the component, or the `.crt` beside it.
    pub path: &'a str,
    /// The element that contains it, such as `applePushConfig.certificate`; `None` in a `.crt`
    /// file.
    pub element: Option<&'static str>,
    /// The position where it begins.
    pub position: Position,
    /// Its purpose.
    pub purpose: Purpose,
    /// The certificate.
    pub certificate: Result<Certificate, UnreadableCertificate>,
    /// The number of bytes of DER, also when they cannot be read.
    pub(crate) len: usize,
}

/// The certificates of a project, including unreadable ones. Empty elements are left out.
///
/// They are in the order of the project's components; a `.crt` file with a chain has one entry for
/// each certificate, the first of which is the org's own.
pub fn certificates(project: &Project) -> Vec<ProjectCertificate<'_>> {
    let mut certificates = Vec::new();
    for component in project.components() {
        if let Some(content) = component.content() {
            in_content(component, content, &mut certificates);
        }
        for holder in elements_of(component) {
            let element = component.file().locate(holder.element);
            certificates.extend(element.and_then(|element| in_element(component, holder, element)));
        }
    }
    certificates
}

/// The elements of a component's type that contain a certificate, present or not.
pub(crate) fn elements(component: &Component) -> impl Iterator<Item = (&'static str, Purpose)> {
    elements_of(component).map(|holder| (holder.element, holder.purpose))
}

/// The types with an element for certificates of a wanted purpose, one entry per element.
pub(crate) fn types(is_wanted: impl Fn(Purpose) -> bool) -> impl Iterator<Item = MetadataType> {
    let wanted = ELEMENTS
        .iter()
        .filter(move |holder| is_wanted(holder.purpose));
    wanted.map(|holder| holder.kind)
}

fn elements_of(component: &Component) -> impl Iterator<Item = &'static CertificateElement> {
    let kind = component.id().kind;
    ELEMENTS.iter().filter(move |holder| holder.kind == kind)
}

fn in_element<'a>(
    component: &'a Component,
    holder: &CertificateElement,
    element: Element<'a>,
) -> Option<ProjectCertificate<'a>> {
    let text = element.text();
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let certificate = if is_placeholder(text) {
        Err(UnreadableCertificate::Placeholder)
    } else if holder.purpose == Purpose::Push {
        in_archive(text, element)
    } else {
        Certificate::read(text.as_bytes()).map_err(|error| {
            let takes_names = matches!(
                holder.purpose,
                Purpose::AssetTokens | Purpose::SamlEncryption
            );
            // All certificates begin with MI in base64; names rarely do.
            let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
            match text.len() <= LONGEST_NAME {
                true if takes_names => UnreadableCertificate::Reference,
                true if text.chars().all(named) && !text.starts_with("MI") => {
                    UnreadableCertificate::Name
                }
                _ => UnreadableCertificate::Certificate(error),
            }
        })
    };
    let len = match &certificate {
        Ok(certificate) => certificate.der().len(),
        // Without valid base64 the length is estimated: three bytes for four characters.
        Err(_) => text.chars().filter(|c| !c.is_whitespace()).count() * 3 / 4,
    };
    Some(ProjectCertificate {
        component,
        path: component.path(),
        element: Some(holder.element),
        position: element.position(),
        purpose: holder.purpose,
        certificate,
        len,
    })
}

/// No certificate is as short as the longest developer name.
const LONGEST_NAME: usize = 80;

/// The first certificate of a PKCS #12 archive, opened with the password in the sibling element.
fn in_archive(text: &str, element: Element<'_>) -> Result<Certificate, UnreadableCertificate> {
    let password = element.parent().and_then(|parent| parent.child("password"));
    let password = password.map(Element::text).unwrap_or_default();
    let password = password.trim();
    let known = !password.is_empty() && !is_placeholder(password);
    let mut ask = |_: eca_attest::PasswordFor<'_>| known.then(|| Password::new(password));
    match Bundle::read(text.as_bytes(), &mut ask) {
        Ok(bundle) => {
            let first = bundle.certificates().first();
            first.cloned().ok_or(UnreadableCertificate::NoCertificate)
        }
        Err(KeyError::PasswordNeeded { .. }) => Err(UnreadableCertificate::Locked),
        Err(error) => Err(UnreadableCertificate::Archive(error)),
    }
}

fn in_content<'a>(
    component: &'a Component,
    content: &'a ContentFile,
    certificates: &mut Vec<ProjectCertificate<'a>>,
) {
    let entry = |len: usize, certificate| ProjectCertificate {
        component,
        path: &content.path,
        element: None,
        position: Position::START,
        purpose: Purpose::Org,
        certificate,
        len,
    };
    match Bundle::read(&content.bytes, &mut |_| None) {
        Ok(bundle) if !bundle.certificates().is_empty() => {
            let all = bundle.certificates().iter();
            certificates.extend(all.map(|one| entry(one.der().len(), Ok(one.clone()))));
        }
        // This parser gives the better message about a broken certificate.
        _ => {
            let certificate =
                Certificate::read(&content.bytes).map_err(UnreadableCertificate::Certificate);
            certificates.push(entry(content.bytes.len(), certificate));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use eca_model::schema::{FieldKind, RecordSchema};

    use super::*;

    /// Elements that contain the name of a certificate of the org, and no certificate.
    const NAMES: &[&str] = &[
        "ExternalCredential externalCredentialParameters.certificate",
        "NamedCredential certificate",
        "NamedCredential jwtSigningCertificate",
        "NamedCredential namedCredentialParameters.certificate",
    ];

    #[test]
    fn no_element_for_a_certificate_is_forgotten() {
        let mut found = BTreeSet::new();
        for kind in MetadataType::ALL {
            collect(kind.schema().record, kind.name(), "", &mut found);
        }
        let known = ELEMENTS
            .iter()
            .map(|holder| format!("{} {}", holder.kind.name(), holder.element));
        let names = NAMES.iter().map(|name| (*name).to_owned());
        assert_eq!(found, known.chain(names).collect());
    }

    fn collect(record: &RecordSchema, kind: &str, path: &str, found: &mut BTreeSet<String>) {
        for field in record.fields {
            if field.element.to_lowercase().ends_with("certificate") {
                found.insert(format!("{kind} {path}{}", field.element));
            }
            if let FieldKind::Record(inner) = field.kind {
                collect(inner, kind, &format!("{path}{}.", field.element), found);
            }
        }
    }
}
