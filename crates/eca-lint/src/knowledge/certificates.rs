//! Certificates in the files of a project, read once for all rules.

use std::fmt;
use std::sync::LazyLock;

use eca_attest::{Bundle, Certificate, CertificateError, KeyError, Password};
use eca_model::{CertificateUse, Component, ContentFile, Element, MetadataType, Position, Project};

use crate::engine::value::is_placeholder;

/// An element that holds a certificate, not just the name of one.
struct CertificateElement {
    kind: MetadataType,
    /// As [`File::locate`](eca_model::File::locate) takes it.
    element: String,
    purpose: CertificateUse,
}

/// Those of the schema.
static ELEMENTS: LazyLock<Vec<CertificateElement>> = LazyLock::new(|| {
    let types = MetadataType::ALL.iter();
    let elements = types.flat_map(|kind| {
        let members = kind.schema().members().into_iter();
        members.filter_map(|(path, field)| {
            Some(CertificateElement {
                kind: *kind,
                element: path.to_string(),
                purpose: field.certificate?,
            })
        })
    });
    elements.collect()
});

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
    /// What it is for.
    pub purpose: CertificateUse,
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
            let element = component.file().locate(&holder.element);
            certificates.extend(element.and_then(|element| in_element(component, holder, element)));
        }
    }
    certificates
}

/// The elements of a component's type that hold a certificate, whether they are there or not.
pub(crate) fn elements(
    component: &Component,
) -> impl Iterator<Item = (&'static str, CertificateUse)> {
    elements_of(component).map(|holder| (holder.element.as_str(), holder.purpose))
}

/// The types with an element for certificates of a wanted purpose, each as often as it has such
/// elements.
pub(crate) fn types(
    is_wanted: impl Fn(CertificateUse) -> bool,
) -> impl Iterator<Item = MetadataType> {
    let wanted = ELEMENTS
        .iter()
        .filter(move |holder| is_wanted(holder.purpose));
    wanted.map(|holder| holder.kind)
}

fn elements_of(component: &Component) -> impl Iterator<Item = &'static CertificateElement> {
    let kind = component.kind();
    ELEMENTS.iter().filter(move |holder| holder.kind == kind)
}

fn in_element<'a>(
    component: &'a Component,
    holder: &'static CertificateElement,
    element: Element<'a>,
) -> Option<ProjectCertificate<'a>> {
    let text = element.text();
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let certificate = if is_placeholder(text) {
        Err(UnreadableCertificate::Placeholder)
    } else if holder.purpose == CertificateUse::Push {
        in_archive(text, element)
    } else {
        Certificate::read(text.as_bytes()).map_err(|error| {
            let takes_names = matches!(
                holder.purpose,
                CertificateUse::AssetTokens | CertificateUse::SamlEncryption
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
        element: Some(&holder.element),
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
        purpose: CertificateUse::Org,
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
