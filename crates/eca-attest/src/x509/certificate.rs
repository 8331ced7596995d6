//! X.509 certificates.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, Reader as _, SliceReader};
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::nom;

use crate::file::asn1::Der;
use crate::file::detect::{Encoding, Format, MAX_INPUT_LEN};
use crate::file::pem;
use crate::jwt::date;
use crate::key::public_key::{KeyAlgorithm, PublicKey};
use crate::sign::provider::Provider;
use crate::x509::error::CertificateError;

/// One X.509 certificate (RFC 5280).
///
/// ```
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.cert.pem");
/// let from_pem = eca_attest::Certificate::read(pem)?;
/// // `clientAssertionCertificate` of an .ecaOauth file holds the bare base64 body:
/// let from_body = eca_attest::Certificate::read(from_pem.to_body().as_bytes())?;
/// assert_eq!(from_body, from_pem);
/// assert_eq!(from_body.key_algorithm().to_string(), "RSA 2048");
/// # Ok::<(), eca_attest::CertificateError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    alt_names: Vec<AltName>,
    not_before: SystemTime,
    not_after: SystemTime,
    serial: Vec<u8>,
    public_key: PublicKey,
    signature_algorithm: SignatureAlgorithm,
}

/// One entry of the subject alternative name extension (RFC 5280, section 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AltName {
    /// A host name.
    Dns(String),
    /// An e-mail address.
    Email(String),
    /// A URI.
    Uri(String),
    /// An IP address.
    Ip(IpAddr),
    /// Any other kind, as human-readable text.
    Other(String),
}

/// The SHA-256 digest of a certificate's DER (`x5t#S256` in RFC 7515, section 4.1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint([u8; 32]);

/// The algorithm that a certificate was signed with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignatureAlgorithm {
    name: String,
    weak: bool,
}

impl Certificate {
    /// Reads a certificate, detecting the format by content: PEM (its first certificate), DER, or
    /// the base64 body without PEM lines, as in ECA metadata files.
    ///
    /// # Errors
    /// [`CertificateError::Unsupported`] for other known formats, such as a key; see
    /// [`CertificateError`] for the rest.
    pub fn read(bytes: &[u8]) -> Result<Certificate, CertificateError> {
        if bytes.len() > MAX_INPUT_LEN {
            return Err(CertificateError::TooLong { len: bytes.len() });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(CertificateError::Empty);
        }
        if pem::looks_like_pem(bytes) {
            let blocks = pem::blocks(bytes).map_err(CertificateError::Pem)?;
            let block = blocks
                .iter()
                .find(|block| Format::from_block(block) == Some(Format::Certificate));
            let Some(block) = block else {
                return Err(unsupported(Format::detect(bytes)));
            };
            return Certificate::from_der(&block.decode().map_err(CertificateError::Pem)?);
        }
        match Format::detect(bytes) {
            // Unknown binary input is a damaged certificate, never base64.
            None if bytes.starts_with(&[0x30]) && !bytes.is_ascii() => Certificate::from_der(bytes),
            Some((Format::Certificate, _)) => Certificate::from_der(bytes),
            Some(other) => Err(unsupported(Some(other))),
            None => {
                let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                let der = pem::decode_base64(body).ok_or(CertificateError::Unrecognised)?;
                match Format::detect(&der) {
                    Some((Format::Certificate, _)) | None => Certificate::from_der(&der),
                    other => Err(unsupported(other)),
                }
            }
        }
    }

    /// How many certificates a file has of which [`read`](Certificate::read) reads the first: more
    /// than one in a PEM file with a chain only.
    pub fn count(bytes: &[u8]) -> usize {
        let blocks = pem::blocks(bytes).unwrap_or_default();
        let formats = blocks.iter().filter_map(Format::from_block);
        let count = formats.filter(|format| *format == Format::Certificate);
        count.count().max(1)
    }

    /// Reads exactly one DER certificate.
    ///
    /// # Errors
    /// If the structure is damaged, or bytes follow after it.
    pub fn from_der(der: &[u8]) -> Result<Certificate, CertificateError> {
        // This decoder's errors have a position.
        let mut reader = SliceReader::new(der).map_err(malformed)?;
        AnyRef::decode(&mut reader).map_err(malformed)?;
        let rest = usize::try_from(reader.remaining_len()).unwrap_or(usize::MAX);
        if rest > 0 {
            return Err(CertificateError::TrailingData { len: rest });
        }
        let (_, parsed) = x509_parser::parse_x509_certificate(der).map_err(|error| {
            malformed(match error {
                nom::Err::Error(error) | nom::Err::Failure(error) => error.to_string(),
                nom::Err::Incomplete(_) => "the input ends too early".to_owned(),
            })
        })?;
        Certificate::from_parsed(der, &parsed)
    }

    /// The certificate as DER. Salesforce accepts at most 4096 bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The form in metadata files: base64 on one line, without PEM lines.
    pub fn to_body(&self) -> String {
        BASE64_STANDARD.encode(&self.der)
    }

    /// The certificate as PEM.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der).to_string()
    }

    /// The subject name, such as `CN=storefront, O=Example`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The issuer name, in self-signed certificates the subject.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether the certificate is signed with its own key, by SHA-256 with RSA or P-256. `false`
    /// for other algorithms.
    pub fn is_self_signed(&self, provider: Provider) -> bool {
        self.is_self_issued()
            && self.signed_parts().is_some_and(|(body, signature)| {
                provider.verify(&self.public_key, body, &signature).is_ok()
            })
    }

    /// Whether issuer and subject have the same name, as in self-signed certificates. The
    /// signature is not checked.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// The subject alternative names.
    pub fn alt_names(&self) -> &[AltName] {
        &self.alt_names
    }

    /// The first second of its validity.
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// The last second of its validity.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The serial number: big-endian bytes without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number in upper-case hexadecimal digits, as openssl prints it.
    pub fn serial_hex(&self) -> String {
        hex(&self.serial, "")
    }

    /// The public key of the subject.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Algorithm and size of the public key.
    pub fn key_algorithm(&self) -> &KeyAlgorithm {
        self.public_key.algorithm()
    }

    /// The algorithm of the signature on the certificate.
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.signature_algorithm
    }

    /// SHA-256 over the DER.
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint(Sha256::digest(&self.der).into())
    }

    /// Whether the certificate is for this key.
    pub fn matches(&self, key: &PublicKey) -> bool {
        self.public_key == *key
    }

    /// The signed bytes, and the signature in its JWS form (RFC 5280, section 4.1.1).
    fn signed_parts(&self) -> Option<(&[u8], Vec<u8>)> {
        let ([body, _, signature], _) = Der::new(&self.der).and_then(Der::members).ok()?;
        let signature = signature.bits().ok()?;
        let signature = match (self.signature_algorithm.name.as_str(), self.key_algorithm()) {
            ("sha256WithRSAEncryption", KeyAlgorithm::Rsa { .. }) => signature.to_vec(),
            ("ecdsa-with-SHA256", KeyAlgorithm::P256) => {
                let ([r, s], _) = Der::new(signature).and_then(Der::members).ok()?;
                [r.fixed::<32>().ok()?, s.fixed::<32>().ok()?].concat()
            }
            _ => return None,
        };
        Some((body.bytes(), signature))
    }

    fn from_parsed(
        der: &[u8],
        parsed: &X509Certificate<'_>,
    ) -> Result<Certificate, CertificateError> {
        let public_key = PublicKey::from_spki_der(parsed.public_key().raw)
            .map_err(CertificateError::PublicKey)?;
        let alt_names = parsed
            .subject_alternative_name()
            .map_err(|error| malformed(error.to_string()))?
            .map(|extension| {
                extension
                    .value
                    .general_names
                    .iter()
                    .map(AltName::from)
                    .collect()
            })
            .unwrap_or_default();
        let validity = parsed.validity();
        let serial = parsed.raw_serial();
        let zeros = serial.iter().take_while(|byte| **byte == 0).count();
        Ok(Certificate {
            der: der.to_vec(),
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            alt_names,
            not_before: time_of(validity.not_before.timestamp())?,
            not_after: time_of(validity.not_after.timestamp())?,
            serial: serial[zeros..].to_vec(),
            public_key,
            signature_algorithm: SignatureAlgorithm::from_oid(
                &parsed.signature_algorithm.algorithm.to_id_string(),
            ),
        })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("serial", &self.serial_hex())
            .field("thumbprint", &self.thumbprint().to_string())
            .finish_non_exhaustive()
    }
}

impl From<&GeneralName<'_>> for AltName {
    fn from(name: &GeneralName<'_>) -> AltName {
        match name {
            GeneralName::DNSName(name) => AltName::Dns((*name).to_owned()),
            GeneralName::RFC822Name(name) => AltName::Email((*name).to_owned()),
            GeneralName::URI(uri) => AltName::Uri((*uri).to_owned()),
            GeneralName::IPAddress(bytes) => {
                let v4 = <[u8; 4]>::try_from(*bytes).map(|v4| Ipv4Addr::from(v4).into());
                let v6 = <[u8; 16]>::try_from(*bytes).map(|v6| Ipv6Addr::from(v6).into());
                v4.or(v6)
                    .map_or_else(|_| AltName::Other(name.to_string()), AltName::Ip)
            }
            other => AltName::Other(other.to_string()),
        }
    }
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AltName::Dns(name) => write!(f, "DNS:{name}"),
            AltName::Email(address) => write!(f, "email:{address}"),
            AltName::Uri(uri) => write!(f, "URI:{uri}"),
            AltName::Ip(address) => write!(f, "IP:{address}"),
            AltName::Other(text) => f.write_str(text),
        }
    }
}

impl Thumbprint {
    /// The 32 bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Pairs of upper-case hexadecimal digits with colons, as `openssl x509 -fingerprint` prints it.
impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0, ":"))
    }
}

impl SignatureAlgorithm {
    /// Whether it uses a broken digest (MD2, MD4, MD5 or SHA-1).
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Names from RFC 3279, 4055, 5758, 8017 and 8410; other algorithms keep their OID.
    fn from_oid(oid: &str) -> SignatureAlgorithm {
        let (name, weak) = match oid {
            "1.2.840.113549.1.1.2" => ("md2WithRSAEncryption", true),
            "1.2.840.113549.1.1.3" => ("md4WithRSAEncryption", true),
            "1.2.840.113549.1.1.4" => ("md5WithRSAEncryption", true),
            "1.2.840.113549.1.1.5" => ("sha1WithRSAEncryption", true),
            "1.2.840.10040.4.3" => ("dsa-with-sha1", true),
            "1.2.840.10045.4.1" => ("ecdsa-with-SHA1", true),
            "1.2.840.113549.1.1.10" => ("RSASSA-PSS", false),
            "1.2.840.113549.1.1.11" => ("sha256WithRSAEncryption", false),
            "1.2.840.113549.1.1.12" => ("sha384WithRSAEncryption", false),
            "1.2.840.113549.1.1.13" => ("sha512WithRSAEncryption", false),
            "1.2.840.10045.4.3.2" => ("ecdsa-with-SHA256", false),
            "1.2.840.10045.4.3.3" => ("ecdsa-with-SHA384", false),
            "1.2.840.10045.4.3.4" => ("ecdsa-with-SHA512", false),
            "1.3.101.112" => ("Ed25519", false),
            other => (other, false),
        };
        let name = name.to_owned();
        SignatureAlgorithm { name, weak }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn unsupported(found: Option<(Format, Encoding)>) -> CertificateError {
    match found {
        Some((format, encoding)) => CertificateError::Unsupported { format, encoding },
        None => CertificateError::Unrecognised,
    }
}

fn malformed(cause: impl Into<Box<dyn Error + Send + Sync>>) -> CertificateError {
    CertificateError::Malformed(cause.into())
}

fn time_of(seconds: i64) -> Result<SystemTime, CertificateError> {
    date::from_unix_seconds(seconds)
        .ok_or_else(|| malformed("a date of its validity is out of range"))
}

fn hex(bytes: &[u8], separator: &str) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(separator)
}
