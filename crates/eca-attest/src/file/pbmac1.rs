//! PBMAC1 (RFC 9579; RFC 8018, appendix A.5): a MAC of PKCS#12 key stores. OpenSSL 3.4 and later
//! write it on request and in FIPS mode.

use hmac::Hmac;
use pkcs5::pbes2::{Kdf, Pbkdf2Prf};
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::AnyRef;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::file::password::Password;
use crate::file::pbe::{Budget, algorithm_pair};
use crate::key::error::KeyError;

pub(crate) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// Supported key lengths in bytes: from the digest of SHA-1 (a shorter key is weaker than any MAC
/// in use) to the block of SHA-512 (HMAC hashes a longer key).
const KEY_LEN: std::ops::RangeInclusive<usize> = 20..=128;

/// The MAC over `data`, as specified by `parameters`. The password is hashed as UTF-8.
pub(crate) fn mac(
    parameters: AnyRef<'_>,
    password: &Password,
    data: &[u8],
    budget: &mut Budget,
) -> Result<Vec<u8>, KeyError> {
    let (kdf, scheme) = algorithm_pair(parameters).map_err(|error| budget.malformed(error))?;
    let kdf = budget.kdf(kdf)?;
    let Kdf::Pbkdf2(kdf) = kdf else {
        return Err(budget.unsupported(&kdf.oid().to_string()));
    };
    // RFC 9579, appendix A.6: a MAC without a key length must be refused.
    let len = kdf
        .key_length
        .map(usize::from)
        .filter(|len| KEY_LEN.contains(len))
        .ok_or_else(|| budget.malformed("the PBMAC1 has no supported key length"))?;
    let blocks = u64::try_from(len.div_ceil(*KEY_LEN.start())).unwrap_or(u64::MAX);
    budget.spend(u64::from(kdf.iteration_count).saturating_mul(blocks))?;
    let mut key = Zeroizing::new(vec![0; len]);
    let derive = match kdf.prf {
        Pbkdf2Prf::HmacWithSha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
        Pbkdf2Prf::HmacWithSha224 => pbkdf2::pbkdf2_hmac::<Sha224>,
        Pbkdf2Prf::HmacWithSha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
        Pbkdf2Prf::HmacWithSha384 => pbkdf2::pbkdf2_hmac::<Sha384>,
        Pbkdf2Prf::HmacWithSha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
        other => return Err(budget.unsupported(&other.oid().to_string())),
    };
    let password = password.expose_password().as_bytes();
    derive(password, kdf.salt.as_bytes(), kdf.iteration_count, &mut key);
    match scheme.oid.to_string().as_str() {
        "1.2.840.113549.2.7" => hmac_over::<Hmac<Sha1>>(&key, data, budget),
        "1.2.840.113549.2.8" => hmac_over::<Hmac<Sha224>>(&key, data, budget),
        "1.2.840.113549.2.9" => hmac_over::<Hmac<Sha256>>(&key, data, budget),
        "1.2.840.113549.2.10" => hmac_over::<Hmac<Sha384>>(&key, data, budget),
        "1.2.840.113549.2.11" => hmac_over::<Hmac<Sha512>>(&key, data, budget),
        other => Err(budget.unsupported(other)),
    }
}

fn hmac_over<M: hmac::Mac + hmac::KeyInit>(
    key: &[u8],
    data: &[u8],
    budget: &Budget,
) -> Result<Vec<u8>, KeyError> {
    let mac = M::new_from_slice(key);
    let mut mac = mac.map_err(|error| budget.malformed(error.to_string()))?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}
