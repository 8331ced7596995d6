//! PKCS#12 key stores (RFC 7292) in password mode, as OpenSSL, keytool, Windows and macOS export
//! them.
//!
//! The standard allows BER, which old exports use. Each layer is converted to DER before it is
//! parsed; the MAC is over the original bytes.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::file::asn1::{Der, DerError, StoreError};
use crate::file::detect::{Encoding, Format};
use crate::file::parsed::ParsedKeyFile;
use crate::file::password::{Password, PasswordFor, PasswordSource};
use crate::file::pbe::{Budget, DecryptError, bmp_password, decrypt, pkcs12_mac};
use crate::file::{ber, pbmac1};
use crate::key::PrivateKey;
use crate::key::error::KeyError;

const FORMAT: Format = Format::Pkcs12;
/// Bags may contain bags. Known tools write one level.
const MAX_DEPTH: u8 = 3;

const OID_DATA: &str = "1.2.840.113549.1.7.1";
const OID_SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const OID_ENVELOPED_DATA: &str = "1.2.840.113549.1.7.3";
const OID_ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
const OID_KEY_BAG: &str = "1.2.840.113549.1.12.10.1.1";
const OID_SHROUDED_KEY_BAG: &str = "1.2.840.113549.1.12.10.1.2";
const OID_CERT_BAG: &str = "1.2.840.113549.1.12.10.1.3";
const OID_NESTED_BAG: &str = "1.2.840.113549.1.12.10.1.6";
const OID_X509: &str = "1.2.840.113549.1.9.22.1";
const OID_FRIENDLY_NAME: &str = "1.2.840.113549.1.9.20";

/// Reads all private keys and X.509 certificates.
pub(crate) fn read(
    bytes: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<ParsedKeyFile, KeyError> {
    let given = passwords(PasswordFor::File(FORMAT));
    let has_password = given.is_some();
    let password = given.unwrap_or_else(|| Password::new(""));
    match open(bytes, &password).map_err(|error| error.into_key_error(FORMAT)) {
        Err(KeyError::WrongPassword { format }) if !has_password => {
            Err(KeyError::PasswordNeeded { format })
        }
        other => other,
    }
}

fn open(bytes: &[u8], password: &Password) -> Result<ParsedKeyFile, StoreError> {
    let mut budget = Budget::new(FORMAT);
    let der = ber::to_der(bytes)?;
    let ([_version, content], rest) = Der::new(&der)?.members()?;
    let (kind, safe) = content_info(content)?;
    if kind == OID_SIGNED_DATA {
        return Err(unsupported("a public-key signature").into());
    }
    let safe = safe.octets()?;
    let utf16 = match rest.first() {
        Some(mac) => check_mac(*mac, safe, password, &mut budget)?,
        None => bmp_password(password),
    };
    let mut store = Store {
        password,
        utf16,
        budget,
        parsed: ParsedKeyFile::new(FORMAT, Encoding::Binary),
    };
    let safe = ber::to_der(safe)?;
    for content in Der::new(&safe)?.sequence()? {
        let (kind, content) = content_info(content)?;
        match kind.as_str() {
            OID_DATA => store.bags(content.octets()?, MAX_DEPTH)?,
            OID_ENCRYPTED_DATA => {
                let plain = store.encrypted_data(content)?;
                store.bags(&plain, MAX_DEPTH)?;
            }
            OID_ENVELOPED_DATA => return Err(unsupported("a public key").into()),
            other => return Err(unsupported(other).into()),
        }
    }
    Ok(store.parsed)
}

/// Checks the MAC over the content and returns the password in the form that it hashes: most tools
/// hash an empty password as two zero bytes, some as no bytes.
fn check_mac(
    mac: Der<'_>,
    safe: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let ([digest_info, salt], rest) = mac.members()?;
    let rounds = match rest.first() {
        Some(rounds) => rounds.small_number()?,
        None => 1,
    };
    let ([algorithm, expected], _) = digest_info.members()?;
    let algorithm = algorithm.algorithm()?;
    let (salt, expected) = (salt.octets()?, expected.octets()?);
    if algorithm.oid == pbmac1::OID {
        let parameters = algorithm.parameters;
        let parameters = parameters.ok_or(DerError::Missing("the parameters of PBMAC1"))?;
        // Salt and rounds are in the parameters; those of `MacData` are not used.
        let mac = pbmac1::mac(parameters, password, safe, budget)?;
        return if bool::from(mac.ct_eq(expected)) {
            Ok(bmp_password(password))
        } else {
            Err(KeyError::WrongPassword { format: FORMAT }.into())
        };
    }
    let mut forms = vec![bmp_password(password)];
    if password.expose_password().is_empty() {
        forms.push(Zeroizing::default());
    }
    for utf16 in forms {
        let mac = pkcs12_mac(algorithm.oid, &utf16, salt, rounds, safe, budget)?;
        if bool::from(mac.ct_eq(expected)) {
            return Ok(utf16);
        }
    }
    Err(KeyError::WrongPassword { format: FORMAT }.into())
}

struct Store<'a> {
    password: &'a Password,
    utf16: Zeroizing<Vec<u8>>,
    budget: Budget,
    parsed: ParsedKeyFile,
}

impl Store<'_> {
    /// `EncryptedData` (RFC 5652, section 8): version, then content type, algorithm, `[0]` content.
    fn encrypted_data(&mut self, content: Der<'_>) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let ([_version, info], _) = content.members()?;
        let ([_kind, algorithm, encrypted], _) = info.members()?;
        self.decrypt(algorithm, &encrypted.implicit_octets()?)
    }

    fn decrypt(
        &mut self,
        algorithm: Der<'_>,
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (utf16, budget) = (&self.utf16, &mut self.budget);
        let plain = decrypt(algorithm.algorithm()?, data, self.password, utf16, budget);
        plain.map_err(|error| match error {
            DecryptError::Key(error) => error.into(),
            DecryptError::Padding => KeyError::WrongPassword { format: FORMAT }.into(),
        })
    }

    /// `SafeContents`: a sequence of bags.
    fn bags(&mut self, bytes: &[u8], depth: u8) -> Result<(), StoreError> {
        let der = ber::to_der(bytes)?;
        for bag in Der::new(&der)?.sequence()? {
            self.bag(bag, depth)?;
        }
        Ok(())
    }

    fn bag(&mut self, bag: Der<'_>, depth: u8) -> Result<(), StoreError> {
        let ([kind, value], rest) = bag.members()?;
        let name = rest
            .first()
            .and_then(|attributes| friendly_name(*attributes));
        match kind.oid()?.to_string().as_str() {
            OID_KEY_BAG => self.key(name, value.explicit()?.bytes())?,
            OID_SHROUDED_KEY_BAG => {
                let ([algorithm, data], _) = value.explicit()?.members()?;
                let plain = self.decrypt(algorithm, data.octets()?)?;
                self.key(name, &plain)?;
            }
            OID_CERT_BAG => {
                let ([kind, value], _) = value.explicit()?.members()?;
                if kind.oid()?.to_string() == OID_X509 {
                    self.parsed.add_certificate(value.explicit()?.octets()?);
                }
            }
            OID_NESTED_BAG => {
                let depth = depth.checked_sub(1);
                let depth = depth.ok_or_else(|| malformed("bags are nested too deep"))?;
                for bag in value.explicit()?.sequence()? {
                    self.bag(bag, depth)?;
                }
            }
            // Revocation lists and secrets are skipped.
            _ => {}
        }
        Ok(())
    }

    fn key(&mut self, name: Option<String>, pkcs8: &[u8]) -> Result<(), StoreError> {
        Ok(self.parsed.add_key(name, PrivateKey::from_pkcs8(pkcs8))?)
    }
}

/// The friendly name of a bag (RFC 2985, section 5.5.1).
fn friendly_name(attributes: Der<'_>) -> Option<String> {
    attributes.set().ok()?.into_iter().find_map(|attribute| {
        let ([kind, values], _) = attribute.members().ok()?;
        let is_name = kind.oid().ok()?.to_string() == OID_FRIENDLY_NAME;
        let value = values.set().ok()?.first().copied();
        value.filter(|_| is_name)?.bmp_string().ok()
    })
}

/// `ContentInfo` (RFC 5652, section 3): the type, and the value in `[0]`.
fn content_info(info: Der<'_>) -> Result<(String, Der<'_>), DerError> {
    let ([kind, content], _) = info.members()?;
    Ok((kind.oid()?.to_string(), content.explicit()?))
}

fn unsupported(algorithm: &str) -> KeyError {
    KeyError::Encryption {
        format: FORMAT,
        algorithm: algorithm.to_owned(),
    }
}

fn malformed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeyError {
    KeyError::Malformed {
        format: FORMAT,
        source: source.into(),
    }
}
