//! Computes members that key files may omit.

use zeroize::Zeroizing;

/// The uncompressed public point of a P-256 private key (SEC 1, section 3.2.1). `None` without a
/// provider, or for a number that is not a key.
#[cfg(feature = "rustcrypto")]
pub(crate) fn p256_point(scalar: &[u8]) -> Option<Vec<u8>> {
    use p256::elliptic_curve::sec1::ToSec1Point as _;

    let key = p256::SecretKey::from_slice(scalar).ok()?;
    Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
}

#[cfg(all(feature = "aws-lc-rs", not(feature = "rustcrypto")))]
pub(crate) fn p256_point(scalar: &[u8]) -> Option<Vec<u8>> {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

    // A SEC1 structure without the point: SEQUENCE { 1, OCTET STRING, [0] P-256 }.
    let key = sec1::EcPrivateKey {
        private_key: scalar,
        parameters: Some(crate::key::public_key::OID_P256.into()),
        public_key: None,
    };
    let der = Zeroizing::new(pkcs8::der::Encode::to_der(&key).ok()?);
    let key = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?;
    Some(key.public_key().as_ref().to_vec())
}

#[cfg(not(any(feature = "rustcrypto", feature = "aws-lc-rs")))]
pub(crate) fn p256_point(_: &[u8]) -> Option<Vec<u8>> {
    None
}

/// The PKCS#1 DER of an RSA key, with primes computed from its modulus and exponents. `None` for
/// numbers that are not a key, and without the feature `rustcrypto`: the other provider does not
/// compute primes.
pub(crate) fn rsa_pkcs1(n: &[u8], e: &[u8], d: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let [n, e, d] = [n, e, d].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        &number[zeros..]
    });
    // The time grows with the square of the length, so longer numbers are refused first.
    let usable = (2048 / 8..=4096 / 8).contains(&n.len());
    // The `rsa` crate subtracts one from `d` times `e`, which must not be zero.
    if !usable || d.is_empty() || d.len() > n.len() || e.len() > 8 {
        return None;
    }
    from_components(n, e, d)
}

#[cfg(feature = "rustcrypto")]
fn from_components(n: &[u8], e: &[u8], d: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    use rsa::BoxedUint;
    use rsa::pkcs1::EncodeRsaPrivateKey as _;

    let [n, e, d] = [n, e, d].map(BoxedUint::from_be_slice_vartime);
    // NIST SP 800-56B revision 2, appendix C.2, with a check that the numbers are consistent.
    let key = rsa::PrivateKey::from_components(n, e, d, Vec::new()).ok()?;
    Some(key.to_pkcs1_der().ok()?.to_bytes())
}

#[cfg(not(feature = "rustcrypto"))]
fn from_components(_: &[u8], _: &[u8], _: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    None
}
