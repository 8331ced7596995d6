//! Makes self-signed certificates.

use std::error::Error;
use std::time::{Duration, SystemTime};

use pkcs8::der::Encode as _;
use pkcs8::der::asn1::UintRef;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose, PublicKeyData, SigningKey,
};
use time::OffsetDateTime;

use crate::jwt::date;
use crate::jwt::random::{IdError, IdSource};
use crate::key::PrivateKey;
use crate::sign::provider::{GenerateError, KeyKind, Provider};
use crate::sign::{Algorithm, SignError, Signer};
use crate::x509::certificate::Certificate;
use crate::x509::error::CertificateError;

/// A new self-signed certificate: [`sign`](SelfSigned::sign) makes it for a key that exists,
/// [`generate`](SelfSigned::generate) for a new one.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::time::{Duration, SystemTime};
/// use eca_attest::{OsIds, PrivateKey, Provider, SelfSigned, SerialNumber};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let key = PrivateKey::read(pem)?;
/// let signer = Provider::default().signer(&key)?;
/// let now = SystemTime::now();
/// let year = Duration::from_secs(365 * 24 * 60 * 60);
/// let certificate = SelfSigned::new("storefront", now, now + year, SerialNumber::fresh(&OsIds)?)
///     .organization("Example")
///     .sign(&*signer)?;
/// assert!(certificate.matches(key.public_key()));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SelfSigned {
    common_name: String,
    organization: Option<String>,
    not_before: SystemTime,
    not_after: SystemTime,
    serial: SerialNumber,
}

/// A certificate serial number: positive, at most 16 bytes (RFC 5280, section 4.1.2.2, allows 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialNumber([u8; 16]);

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelfSignError {
    /// The subject's common name must have 1 to 64 characters (RFC 5280, appendix A.1).
    #[error("the certificate's common name must have 1 to 64 characters, not {len}")]
    CommonName {
        /// The number of characters.
        len: usize,
    },
    /// The validity ends before it begins, or has no length.
    #[error("the certificate's validity ends before it begins")]
    Validity,
    /// A date outside of the years 1950 to 9999.
    #[error("the certificate's validity is outside of the years 1950 to 9999")]
    Date,
    /// There is no serial number.
    #[error("the certificate's serial number could not be made")]
    Serial(#[source] IdError),
    /// The key could not be made.
    #[error("the certificate's key could not be made")]
    Key(#[from] GenerateError),
    /// The signer failed.
    #[error("the certificate could not be signed")]
    Sign(#[from] SignError),
    /// The certificate could not be encoded.
    #[error("the certificate could not be encoded")]
    Encode(#[source] Box<dyn Error + Send + Sync>),
    /// The new certificate cannot be read back.
    #[error("the new certificate cannot be read back")]
    ReadBack(#[source] CertificateError),
}

impl SerialNumber {
    /// A random serial number of 127 bits.
    ///
    /// # Errors
    /// If `ids` fails.
    pub fn fresh(ids: &dyn IdSource) -> Result<SerialNumber, IdError> {
        Ok(SerialNumber::from_bytes(ids.fresh_id()?))
    }

    /// This serial number, with its first bit cleared and its last bit set, so that it is positive.
    pub fn from_bytes(mut bytes: [u8; 16]) -> SerialNumber {
        bytes[0] &= 0x7f;
        bytes[15] |= 1;
        SerialNumber(bytes)
    }
}

impl SelfSigned {
    /// A certificate with this common name, valid from `not_before` to `not_after`, both included,
    /// in whole seconds.
    pub fn new(
        common_name: impl Into<String>,
        not_before: SystemTime,
        not_after: SystemTime,
        serial: SerialNumber,
    ) -> SelfSigned {
        SelfSigned {
            common_name: common_name.into(),
            organization: None,
            not_before,
            not_after,
            serial,
        }
    }

    /// A certificate for that name, valid from `now` for `valid`, with a fresh serial number.
    ///
    /// # Errors
    /// [`SelfSignError::Validity`] if `valid` is zero, [`SelfSignError::Date`] if it goes beyond
    /// the last possible time, [`SelfSignError::Serial`] if `ids` has no random numbers.
    pub fn valid_for(
        common_name: impl Into<String>,
        now: SystemTime,
        valid: Duration,
        ids: &dyn IdSource,
    ) -> Result<SelfSigned, SelfSignError> {
        if valid.is_zero() {
            return Err(SelfSignError::Validity);
        }
        let not_after = now.checked_add(valid).ok_or(SelfSignError::Date)?;
        let serial = SerialNumber::fresh(ids).map_err(SelfSignError::Serial)?;
        Ok(SelfSigned::new(common_name, now, not_after, serial))
    }

    /// Adds an organization to the subject.
    #[must_use]
    pub fn organization(mut self, organization: impl Into<String>) -> SelfSigned {
        self.organization = Some(organization.into());
        self
    }

    /// Makes and signs the certificate for the signer's key: an end-entity certificate (no CA) with
    /// the key usage "digital signature".
    ///
    /// # Errors
    /// If the name or a date is invalid, or the signer fails.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Certificate, SelfSignError> {
        certify(&self.params()?, signer)
    }

    /// Makes a new private key (see [`Provider::generate`]) and the certificate for it, as
    /// [`SelfSigned::sign`] does.
    ///
    /// ```
    /// # #[cfg(feature = "rustcrypto")] {
    /// use std::time::{Duration, SystemTime};
    /// use eca_attest::{KeyKind, OsIds, Provider, SelfSigned};
    ///
    /// let year = Duration::from_secs(365 * 24 * 60 * 60);
    /// let (key, certificate) = SelfSigned::valid_for("storefront", SystemTime::now(), year, &OsIds)?
    ///     .generate(Provider::default(), KeyKind::P256)?;
    /// assert!(certificate.matches(key.public_key()));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the name or the dates are invalid, which is found before a key is made; if the key cannot
    /// be made or cannot sign.
    pub fn generate(
        &self,
        provider: Provider,
        kind: KeyKind,
    ) -> Result<(PrivateKey, Certificate), SelfSignError> {
        let params = self.params()?;
        let key = provider.generate(kind)?;
        let certificate = certify(&params, &*provider.signer(&key)?)?;
        Ok((key, certificate))
    }

    /// Everything but the key.
    fn params(&self) -> Result<CertificateParams, SelfSignError> {
        let len = self.common_name.chars().count();
        if !(1..=64).contains(&len) {
            return Err(SelfSignError::CommonName { len });
        }
        if self.not_after < self.not_before {
            return Err(SelfSignError::Validity);
        }
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, self.common_name.as_str());
        if let Some(organization) = &self.organization {
            name.push(DnType::OrganizationName, organization.as_str());
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        params.not_before = certificate_date(self.not_before)?;
        params.not_after = certificate_date(self.not_after)?;
        params.serial_number = Some(self.serial.0.to_vec().into());
        params.is_ca = IsCa::NoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        Ok(params)
    }
}

fn certify(params: &CertificateParams, signer: &dyn Signer) -> Result<Certificate, SelfSignError> {
    let key = RemoteKey {
        signer,
        point_or_key: signer.public_key().key_bytes(),
        failure: std::sync::Mutex::new(None),
    };
    let made = params.self_signed(&key);
    if let Some(error) = key.take_failure() {
        return Err(SelfSignError::Sign(error));
    }
    let made = made.map_err(|error| SelfSignError::Encode(error.into()))?;
    Certificate::from_der(made.der()).map_err(SelfSignError::ReadBack)
}

/// A [`Signer`] as a remote key of rcgen.
struct RemoteKey<'a> {
    signer: &'a dyn Signer,
    point_or_key: &'a [u8],
    /// The cause of a failure: rcgen's error for remote keys has none.
    failure: std::sync::Mutex<Option<SignError>>,
}

impl RemoteKey<'_> {
    fn take_failure(&self) -> Option<SignError> {
        let mut failure = self
            .failure
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        failure.take()
    }
}

impl PublicKeyData for RemoteKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.point_or_key
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.signer.algorithm() {
            Algorithm::Rs256 => &rcgen::PKCS_RSA_SHA256,
            Algorithm::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

impl SigningKey for RemoteKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signed =
            self.signer
                .sign(message)
                .and_then(|signature| match self.signer.algorithm() {
                    Algorithm::Rs256 => Ok(signature),
                    Algorithm::Es256 => {
                        der_signature(&signature).map_err(|error| SignError::Failed(error.into()))
                    }
                });
        signed.map_err(|error| {
            let mut failure = self
                .failure
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            *failure = Some(error);
            rcgen::Error::RemoteKeyError
        })
    }
}

/// ECDSA signatures are `r ‖ s` in JWS and `SEQUENCE { r, s }` in X.509 (RFC 3279, section 2.2.3).
fn der_signature(fixed: &[u8]) -> pkcs8::der::Result<Vec<u8>> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    vec![UintRef::new(r)?, UintRef::new(s)?].to_der()
}

fn certificate_date(at: SystemTime) -> Result<OffsetDateTime, SelfSignError> {
    let date = OffsetDateTime::from_unix_timestamp(date::unix_seconds(at));
    date.ok()
        .filter(|date| (1950..=9999).contains(&date.year()))
        .ok_or(SelfSignError::Date)
}
