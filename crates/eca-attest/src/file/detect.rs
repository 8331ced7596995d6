//! Detects the format of key and certificate files by content, never by name.

use std::fmt;

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged};

use crate::file::pem::Block;
use crate::file::{ber, pem};

/// Longest input that is read, in bytes. The largest supported key is below 4 KiB; the rest is room
/// for the certificate chain in the same file.
pub const MAX_INPUT_LEN: usize = 1 << 20;

/// The encoding of a key or certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Text with `-----BEGIN …-----` lines (RFC 7468).
    Pem,
    /// Binary (ASN.1 DER, or the binary form of a key store).
    Binary,
    /// Other text: JSON, an OpenSSH one-liner, UTF-16.
    Text,
}

/// A format of files with keys or certificates, or one that is often mistaken for such a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Unencrypted PKCS#8 private key (RFC 5208, RFC 5958).
    Pkcs8,
    /// PKCS#1 RSA private key (RFC 8017, appendix A.1.2).
    Pkcs1,
    /// SEC1 elliptic curve private key (RFC 5915).
    Sec1,
    /// Password-encrypted PKCS#8 private key.
    EncryptedPkcs8,
    /// PKCS#1 or SEC1 PEM with `Proc-Type: 4,ENCRYPTED`, OpenSSL's pre-2000 encryption.
    EncryptedLegacyPem,
    /// OpenSSH's own private key format.
    OpenSsh,
    /// PuTTY's private key format (`.ppk`).
    Putty,
    /// JSON Web Key (RFC 7517).
    Jwk,
    /// JSON Web Key Set (RFC 7517, section 5).
    JwkSet,
    /// A public key: SubjectPublicKeyInfo, PKCS#1 public key or an OpenSSH one-liner.
    PublicKey,
    /// X.509 certificate (RFC 5280).
    Certificate,
    /// PKCS#10 certificate signing request (RFC 2986).
    CertificateRequest,
    /// PKCS#7 / CMS bundle, usually certificates only.
    Pkcs7,
    /// PKCS#12 key store, the default of `keytool` in Java 9 and later.
    Pkcs12,
    /// Java Key Store (magic `FEEDFEED`), as Setup's "Export to Keystore" writes it.
    Jks,
    /// Java Cryptography Extension Key Store (magic `CECECECE`).
    Jceks,
    /// Text in UTF-16, as Windows PowerShell's `>` writes it.
    Utf16Text,
    /// A file encrypted as a whole by `openssl enc`, in binary or in base64 (`-a`).
    OpensslEnc,
}

impl Format {
    /// Detects the format of a file. For PEM it is the format of the first private key, else of the
    /// first known block.
    ///
    /// `None` for unknown content. Only the outer structure is checked.
    pub fn detect(bytes: &[u8]) -> Option<(Format, Encoding)> {
        if pem::looks_like_pem(bytes) {
            let blocks = pem::blocks(bytes).ok()?;
            let known: Vec<Format> = blocks.iter().filter_map(Format::from_block).collect();
            let private = known.iter().find(|format| format.is_private_key());
            return private.or(known.first()).map(|f| (*f, Encoding::Pem));
        }
        match bytes {
            [0xfe, 0xed, 0xfe, 0xed, ..] => return Some((Format::Jks, Encoding::Binary)),
            [0xce, 0xce, 0xce, 0xce, ..] => return Some((Format::Jceks, Encoding::Binary)),
            [b'S', b'a', b'l', b't', b'e', b'd', b'_', b'_', ..] => {
                return Some((Format::OpensslEnc, Encoding::Binary));
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return Some((Format::Utf16Text, Encoding::Text));
            }
            [0x30, ..] => {
                if let Some(format) = Format::from_der(bytes).or_else(|| Format::from_ber(bytes)) {
                    return Some((format, Encoding::Binary));
                }
            }
            _ => {}
        }
        Format::from_text(bytes).map(|format| (format, Encoding::Text))
    }

    /// Whether the format has a private key, encrypted or not.
    pub fn is_private_key(self) -> bool {
        matches!(
            self,
            Format::Pkcs8
                | Format::Pkcs1
                | Format::Sec1
                | Format::EncryptedPkcs8
                | Format::EncryptedLegacyPem
                | Format::OpenSsh
                | Format::Putty
        )
    }

    /// The commands that convert `FILE` of this format to a `key.pem` that
    /// [`PrivateKey::read`](crate::key::PrivateKey::read) accepts. For formats without a private
    /// key, where to find it. `None` if the format needs no conversion.
    pub fn private_key_hint(self, encoding: Encoding) -> Option<&'static str> {
        let der = encoding == Encoding::Binary;
        Some(match self {
            Format::Pkcs8 | Format::Pkcs1 | Format::Sec1 => return None,
            Format::EncryptedPkcs8 if der => {
                "decrypt it: openssl pkcs8 -inform DER -in FILE -out key.pem"
            }
            Format::EncryptedPkcs8 => "decrypt it: openssl pkcs8 -in FILE -out key.pem",
            Format::EncryptedLegacyPem => "decrypt it: openssl pkey -in FILE -out key.pem",
            Format::OpenSsh => {
                "convert a copy: cp FILE key.pem && ssh-keygen -p -N '' -m PKCS8 -f key.pem"
            }
            Format::Putty => {
                "convert it: puttygen FILE -O private-openssh -o key.pem && ssh-keygen -p -N '' -m PKCS8 -f key.pem"
            }
            Format::Jwk | Format::JwkSet => {
                "convert the JSON Web Key to PKCS#8 PEM with the tool that made it"
            }
            Format::PublicKey => {
                "this is only a public key; give its private key (to compare: openssl pkey -in KEY -pubout)"
            }
            Format::Certificate | Format::Pkcs7 => {
                "a certificate has no private key; for a certificate made in Setup, export both: \
                 Certificate and Key Management > Export to Keystore"
            }
            Format::CertificateRequest => {
                "a signing request has no private key; give the key that it was made with"
            }
            Format::Pkcs12 => {
                "extract the key: openssl pkcs12 -in FILE -nocerts -nodes -out key.pem \
                 (add -legacy if OpenSSL 3 refuses an old file)"
            }
            Format::Jks => {
                "extract the key: keytool -importkeystore -srckeystore FILE -srcstoretype JKS \
                 -destkeystore key.p12 -deststoretype PKCS12 && \
                 openssl pkcs12 -in key.p12 -nocerts -nodes -out key.pem"
            }
            Format::Jceks => {
                "extract the key: keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS \
                 -destkeystore key.p12 -deststoretype PKCS12 && \
                 openssl pkcs12 -in key.p12 -nocerts -nodes -out key.pem"
            }
            Format::Utf16Text => "convert it: iconv -f UTF-16 -t UTF-8 FILE > key.pem",
            Format::OpensslEnc if der => {
                "decrypt it as it was encrypted, such as: openssl enc -d -aes-256-cbc -pbkdf2 -in FILE -out key.pem"
            }
            Format::OpensslEnc => {
                "decrypt it as it was encrypted, such as: openssl enc -d -a -aes-256-cbc -pbkdf2 -in FILE -out key.pem"
            }
        })
    }

    /// The commands that convert `FILE` of this format to a `cert.pem` that
    /// [`Certificate::read`](crate::x509::certificate::Certificate::read) accepts. For formats
    /// without a certificate, what to give instead. `None` if the format needs no conversion.
    pub fn certificate_hint(self, encoding: Encoding) -> Option<&'static str> {
        let der = encoding == Encoding::Binary;
        Some(match self {
            Format::Certificate => return None,
            Format::Pkcs7 if der => {
                "extract it: openssl pkcs7 -inform DER -in FILE -print_certs -out cert.pem"
            }
            Format::Pkcs7 => "extract it: openssl pkcs7 -in FILE -print_certs -out cert.pem",
            Format::Pkcs12 => {
                "extract it: openssl pkcs12 -in FILE -clcerts -nokeys -out cert.pem \
                 (add -legacy if OpenSSL 3 refuses an old file)"
            }
            Format::Jks | Format::Jceks => {
                "extract it: keytool -exportcert -rfc -keystore FILE -alias ALIAS -file cert.pem"
            }
            Format::Utf16Text => "convert it: iconv -f UTF-16 -t UTF-8 FILE > cert.pem",
            Format::OpensslEnc => {
                "the file is encrypted by openssl enc: decrypt it as it was encrypted; certificates need no encryption"
            }
            Format::CertificateRequest => {
                "this is only the request for a certificate; give the certificate made from it"
            }
            Format::PublicKey => "this is only a public key; give the certificate for it",
            Format::Pkcs8
            | Format::Pkcs1
            | Format::Sec1
            | Format::EncryptedPkcs8
            | Format::EncryptedLegacyPem
            | Format::OpenSsh
            | Format::Putty
            | Format::Jwk
            | Format::JwkSet => {
                "this is a private key, keep it secret; give the certificate for it"
            }
        })
    }

    /// The format by a PEM block's label and headers (RFC 7468, and OpenSSL's labels).
    pub(crate) fn from_block(block: &Block<'_>) -> Option<Format> {
        Format::from_label(block.label(), block.is_encrypted())
    }

    pub(crate) fn from_label(label: &str, is_encrypted: bool) -> Option<Format> {
        Some(match label {
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" if is_encrypted => {
                Format::EncryptedLegacyPem
            }
            "RSA PRIVATE KEY" => Format::Pkcs1,
            "EC PRIVATE KEY" => Format::Sec1,
            "PRIVATE KEY" => Format::Pkcs8,
            "ENCRYPTED PRIVATE KEY" => Format::EncryptedPkcs8,
            "OPENSSH PRIVATE KEY" => Format::OpenSsh,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Format::PublicKey,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Format::Certificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Format::CertificateRequest,
            "PKCS7" | "CMS" => Format::Pkcs7,
            _ => return None,
        })
    }

    /// The format of one DER value, by its first members.
    pub(crate) fn from_der(der: &[u8]) -> Option<Format> {
        // Damage inside is an error of the reader.
        let outer = AnyRef::from_der(der).ok()?;
        let members = first_members(outer)?;
        match members.as_slice() {
            [Member::Int(0 | 1), Member::Seq, Member::Octets, ..] => Some(Format::Pkcs8),
            [Member::Int(0 | 1), Member::BigInt | Member::Int(_), ..] => Some(Format::Pkcs1),
            [Member::Int(1), Member::Octets, ..] => Some(Format::Sec1),
            [Member::Int(3), Member::Seq, ..] => Some(Format::Pkcs12),
            [Member::Seq, Member::Octets] => Some(Format::EncryptedPkcs8),
            [Member::Seq, Member::Bits] | [Member::BigInt, Member::BigInt | Member::Int(_)] => {
                Some(Format::PublicKey)
            }
            [Member::Seq, Member::Seq, Member::Bits] => Some(signed_object(outer)),
            [Member::Oid, Member::Context] => Some(Format::Pkcs7),
            _ => None,
        }
    }

    /// The format of one BER value, for the formats that some tools write in BER.
    fn from_ber(bytes: &[u8]) -> Option<Format> {
        let der = ber::to_der(bytes).ok()?;
        Format::from_der(&der).filter(|format| matches!(format, Format::Pkcs12 | Format::Pkcs7))
    }

    fn from_text(bytes: &[u8]) -> Option<Format> {
        let text = std::str::from_utf8(bytes).ok()?.trim_start();
        // Base64 of `Salted__`.
        if text.starts_with("U2FsdGVkX1") {
            Some(Format::OpensslEnc)
        } else if text.starts_with("PuTTY-User-Key-File") {
            Some(Format::Putty)
        } else if text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") {
            Some(Format::PublicKey)
        } else if text.starts_with('{') && text.contains("\"keys\"") {
            Some(Format::JwkSet)
        } else if text.starts_with('{') && text.contains("\"kty\"") {
            Some(Format::Jwk)
        } else {
            None
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Pkcs8 => "PKCS#8 private key",
            Format::Pkcs1 => "PKCS#1 RSA private key",
            Format::Sec1 => "SEC1 EC private key",
            Format::EncryptedPkcs8 => "encrypted PKCS#8 private key",
            Format::EncryptedLegacyPem => "encrypted PEM private key (Proc-Type: 4,ENCRYPTED)",
            Format::OpenSsh => "OpenSSH private key",
            Format::Putty => "PuTTY private key",
            Format::Jwk => "JSON Web Key",
            Format::JwkSet => "JSON Web Key Set",
            Format::PublicKey => "public key",
            Format::Certificate => "certificate",
            Format::CertificateRequest => "certificate signing request",
            Format::Pkcs7 => "PKCS#7 bundle",
            Format::Pkcs12 => "PKCS#12 key store",
            Format::Jks => "Java key store (JKS)",
            Format::Jceks => "Java key store (JCEKS)",
            Format::Utf16Text => "UTF-16 text file",
            Format::OpensslEnc => "file encrypted by openssl enc",
        })
    }
}

/// The kinds of members that distinguish the formats.
enum Member {
    Int(u8),
    BigInt,
    Seq,
    Octets,
    Bits,
    Oid,
    Context,
    Other,
}

/// The kinds of the first four members of a sequence.
fn first_members(sequence: AnyRef<'_>) -> Option<Vec<Member>> {
    if sequence.tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut members = Vec::new();
    while members.len() < 4 && !reader.is_finished() {
        let any = AnyRef::decode(&mut reader).ok()?;
        members.push(match any.tag() {
            Tag::Integer => match any.value() {
                [small] => Member::Int(*small),
                _ => Member::BigInt,
            },
            Tag::Sequence => Member::Seq,
            Tag::OctetString => Member::Octets,
            Tag::BitString => Member::Bits,
            Tag::ObjectIdentifier => Member::Oid,
            Tag::ContextSpecific { .. } => Member::Context,
            _ => Member::Other,
        });
    }
    Some(members)
}

/// A certificate and a request are both `{ body, algorithm, signature }`. Only a request has the
/// body `{ 0, subject, key, [0] attributes }`.
fn signed_object(outer: AnyRef<'_>) -> Format {
    let body = SliceReader::new(outer.value()).and_then(|mut reader| AnyRef::decode(&mut reader));
    match body.ok().and_then(first_members).as_deref() {
        Some([Member::Int(0), Member::Seq, Member::Seq, Member::Context]) => {
            Format::CertificateRequest
        }
        _ => Format::Certificate,
    }
}
