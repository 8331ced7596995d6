//! JSON Web Keys (RFC 7517; RFC 7518, section 6): private keys in files, public keys in tokens, and
//! thumbprints (RFC 7638).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use pkcs8::der::asn1::UintRef;
use pkcs8::der::{Decode as _, Encode as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::file::detect::{Encoding, Format};
use crate::key::error::KeyError;
use crate::key::public_key::{KeyAlgorithm, OtherAlgorithm, PublicKey};
use crate::key::{PrivateKey, recover};

const FORMAT: Format = Format::Jwk;

/// Members that only private or symmetric keys have (RFC 7518, section 6).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A JSON Web Key is not a usable public key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// It contains a private or symmetric key.
    #[error("the JSON Web Key has the private member {member:?}")]
    Private {
        /// The member.
        member: &'static str,
    },
    /// A type or curve other than RSA and P-256.
    #[error("a JSON Web Key of type {kind:?} is not supported, only RSA and EC P-256 are")]
    Kind {
        /// Its `kty`, and its `crv` if it has one.
        kind: String,
    },
    /// A member is missing, or is not base64url of the right length.
    #[error("the JSON Web Key's member {member:?} is missing or malformed")]
    Member {
        /// The member.
        member: &'static str,
    },
}

/// The members of a private key. Others are ignored.
#[derive(Deserialize)]
struct Members {
    kid: Option<String>,
    kty: String,
    crv: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<Secret>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
    oth: Option<serde::de::IgnoredAny>,
}

/// A base64url text that is wiped on drop.
struct Secret(Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Secret(Zeroizing::new(text)))
    }
}

/// A `kid`, and the key if it can be used.
type Named = (Option<String>, Result<PrivateKey, KeyError>);

/// Reads one private key in JSON.
pub(crate) fn private_key(bytes: &[u8]) -> Result<Named, KeyError> {
    let mut members: Members = parse(bytes, FORMAT)?;
    if members.d.is_none() {
        let (format, encoding) = (Format::PublicKey, Encoding::Text);
        return Err(KeyError::Unsupported { format, encoding });
    }
    Ok((members.kid.take(), read(&members)))
}

/// Reads the private keys of a set. Public and symmetric keys are skipped.
pub(crate) fn private_keys(bytes: &[u8]) -> Result<Vec<Named>, KeyError> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Members>,
    }
    let set: Set = parse(bytes, Format::JwkSet)?;
    let private = set.keys.into_iter().filter(|key| key.d.is_some());
    Ok(private
        .map(|mut key| (key.kid.take(), read(&key)))
        .collect())
}

fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8], format: Format) -> Result<T, KeyError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Serde's message may quote a value, so only the position is reported.
    serde_json::from_slice(text).map_err(|error| KeyError::Malformed {
        format,
        source: format!(
            "its JSON has a wrong structure at line {}, column {}",
            error.line(),
            error.column()
        )
        .into(),
    })
}

fn read(members: &Members) -> Result<PrivateKey, KeyError> {
    match (members.kty.as_str(), members.crv.as_deref()) {
        ("RSA", _) => check_purpose(members, "RS256").and_then(|()| rsa(members)),
        ("EC", Some("P-256")) => check_purpose(members, "ES256").and_then(|()| ec(members)),
        (kind, curve) => Err(KeyError::Algorithm {
            algorithm: KeyAlgorithm::Other(OtherAlgorithm::named(curve.unwrap_or(kind))),
        }),
    }
}

/// Refuses a key that its owner made for something else than signatures with this algorithm (RFC
/// 7517, sections 4.2 to 4.4).
fn check_purpose(members: &Members, algorithm: &str) -> Result<(), KeyError> {
    let other = |member, value: &str| {
        let value = value.to_owned();
        Err(KeyError::Purpose { member, value })
    };
    match (&members.usage, &members.key_ops, &members.alg) {
        (Some(usage), ..) if usage != "sig" => other("use", usage),
        (_, Some(operations), _) if !operations.iter().any(|one| one == "sign") => {
            other("key_ops", &operations.join(" "))
        }
        (.., Some(alg)) if alg != algorithm => other("alg", alg),
        _ => Ok(()),
    }
}

/// RFC 7518, section 6.3. A producer may omit the members of the primes (section 6.3.2); then the
/// primes are computed. With one of these members, all are required.
fn rsa(members: &Members) -> Result<PrivateKey, KeyError> {
    if members.oth.is_some() {
        return Err(malformed("its member \"oth\" means more than two primes"));
    }
    let modulus = number(members.n.as_deref(), "n")?;
    let exponent = number(members.e.as_deref(), "e")?;
    let secret =
        |text: &Option<Secret>, name| number(text.as_ref().map(|text| text.0.as_str()), name);
    let private_exponent = secret(&members.d, "d")?;
    let of_primes = [
        &members.p,
        &members.q,
        &members.dp,
        &members.dq,
        &members.qi,
    ];
    if of_primes.iter().all(|member| member.is_none()) {
        let der = recover::rsa_pkcs1(&modulus, &exponent, &private_exponent);
        return PrivateKey::from_pkcs1(&der.ok_or(KeyError::NoPrimes)?);
    }
    let primes = [secret(&members.p, "p")?, secret(&members.q, "q")?];
    let exponents = [secret(&members.dp, "dp")?, secret(&members.dq, "dq")?];
    let coefficient = secret(&members.qi, "qi")?;
    let key = pkcs1::RsaPrivateKey {
        modulus: uint(&modulus)?,
        public_exponent: uint(&exponent)?,
        private_exponent: uint(&private_exponent)?,
        prime1: uint(&primes[0])?,
        prime2: uint(&primes[1])?,
        exponent1: uint(&exponents[0])?,
        exponent2: uint(&exponents[1])?,
        coefficient: uint(&coefficient)?,
        other_prime_infos: None,
    };
    let der = Zeroizing::new(key.to_der().map_err(malformed)?);
    PrivateKey::from_pkcs1(&der)
}

/// RFC 7518, section 6.2.
fn ec(members: &Members) -> Result<PrivateKey, KeyError> {
    let x = number(members.x.as_deref(), "x")?;
    let y = number(members.y.as_deref(), "y")?;
    let d = number(members.d.as_ref().map(|text| text.0.as_str()), "d")?;
    if [&x, &y, &d].iter().any(|number| number.len() != 32) {
        return Err(malformed("one of its numbers does not have 32 bytes"));
    }
    let point = [&[4], x.as_slice(), &y].concat();
    let key = sec1::EcPrivateKey {
        private_key: &d,
        parameters: Some(crate::key::public_key::OID_P256.into()),
        public_key: Some(&point),
    };
    let der = Zeroizing::new(key.to_der().map_err(malformed)?);
    PrivateKey::from_sec1(&der, None)
}

fn number(text: Option<&str>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = text.ok_or_else(|| malformed(format!("it has no member {name:?}")))?;
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text);
    decoded
        .map(Zeroizing::new)
        .map_err(|_| malformed(format!("its member {name:?} is not base64url")))
}

fn uint(bytes: &[u8]) -> Result<UintRef<'_>, KeyError> {
    UintRef::new(bytes).map_err(malformed)
}

fn malformed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeyError {
    KeyError::Malformed {
        format: FORMAT,
        source: source.into(),
    }
}

impl PrivateKey {
    /// The key as a JSON Web Key, on one line: the secret itself.
    pub fn expose_jwk(&self) -> Zeroizing<String> {
        // Allocated once: growing would leave unwiped copies of the key in memory. The largest key,
        // RSA with 4096 bits, has at most 9 numbers of 512 bytes in base64, and their names.
        let mut out = Zeroizing::new(String::with_capacity(9 * 684 + 128));
        let public = public_members(self.public_key()).map(Value::Object);
        let public = public.unwrap_or_default().to_string();
        out.push_str(public.trim_end_matches('}'));
        let mut add = |name: &str, number: &[u8]| {
            for text in [",\"", name, "\":\""] {
                out.push_str(text);
            }
            BASE64_URL_SAFE_NO_PAD.encode_string(number, &mut out);
            out.push('"');
        };
        let info = pkcs8::PrivateKeyInfoRef::from_der(self.expose_pkcs8_der()).ok();
        let inner = info
            .map(|info| info.private_key.as_bytes())
            .unwrap_or_default();
        if let Ok(key) = pkcs1::RsaPrivateKeyRef::from_der(inner) {
            add("d", key.private_exponent.as_bytes());
            add("p", key.prime1.as_bytes());
            add("q", key.prime2.as_bytes());
            add("dp", key.exponent1.as_bytes());
            add("dq", key.exponent2.as_bytes());
            add("qi", key.coefficient.as_bytes());
        } else if let Ok(key) = sec1::EcPrivateKey::from_der(inner) {
            add("d", key.private_key);
        }
        out.push('}');
        out
    }
}

impl PublicKey {
    /// The key as the members of a JSON Web Key; `None` for keys that are neither RSA nor P-256.
    ///
    /// ```
    /// # let pem = include_bytes!("../../tests/data/test-only-p256.pem");
    /// let key = eca_attest::PrivateKey::read(pem)?;
    /// let jwk = key.public_key().to_jwk().ok_or("an EC key")?;
    /// assert_eq!(jwk["crv"], "P-256");
    /// assert_eq!(eca_attest::PublicKey::from_jwk(&jwk)?, *key.public_key());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_jwk(&self) -> Option<Value> {
        public_members(self).map(Value::Object)
    }

    /// Reads a public JSON Web Key.
    ///
    /// # Errors
    /// [`JwkError::Private`] if it also contains the private key; see [`JwkError`] for the rest.
    pub fn from_jwk(jwk: &Value) -> Result<PublicKey, JwkError> {
        if let Some(member) = PRIVATE_MEMBERS.into_iter().find(|m| jwk.get(m).is_some()) {
            return Err(JwkError::Private { member });
        }
        let text = |member: &str| jwk.get(member).and_then(Value::as_str);
        let bytes = |member: &'static str| {
            text(member)
                .and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok())
                .ok_or(JwkError::Member { member })
        };
        match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let key = pkcs1::RsaPublicKey {
                    modulus: UintRef::new(&n).map_err(|_| JwkError::Member { member: "n" })?,
                    public_exponent: UintRef::new(&e)
                        .map_err(|_| JwkError::Member { member: "e" })?,
                };
                PublicKey::from_pkcs1(&key).map_err(|_| JwkError::Member { member: "n" })
            }
            (Some("EC"), Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                for (member, number) in [("x", &x), ("y", &y)] {
                    if number.len() != 32 {
                        return Err(JwkError::Member { member });
                    }
                }
                let point = [&[4], x.as_slice(), &y].concat();
                PublicKey::from_p256_point(&point).map_err(|_| JwkError::Member { member: "x" })
            }
            (kty, crv) => Err(JwkError::Kind {
                kind: [kty, crv]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
            }),
        }
    }

    /// The thumbprint of the key as a JSON Web Key: base64url of a SHA-256 digest over its
    /// required members (RFC 7638). `None` for keys that are neither RSA nor P-256.
    pub fn jwk_thumbprint(&self) -> Option<String> {
        // serde_json sorts the members by name, as RFC 7638 requires.
        let members = Value::Object(public_members(self)?);
        Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(members.to_string())))
    }
}

fn public_members(key: &PublicKey) -> Option<Map<String, Value>> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let bytes = key.key_bytes();
    let members = match key.algorithm() {
        KeyAlgorithm::Rsa { .. } => {
            let key = pkcs1::RsaPublicKeyRef::from_der(bytes).ok()?;
            let (e, n) = (key.public_exponent.as_bytes(), key.modulus.as_bytes());
            json!({"e": encode(e), "kty": "RSA", "n": encode(n)})
        }
        KeyAlgorithm::P256 => {
            let (x, y) = bytes.get(1..65)?.split_at(32);
            json!({"crv": "P-256", "kty": "EC", "x": encode(x), "y": encode(y)})
        }
        KeyAlgorithm::Other(_) => return None,
    };
    match members {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
