//! The compact form of signed tokens (RFC 7515, section 3.1; RFC 7519): encoding and strict
//! decoding, without keys, clock and checks of claims.

pub(crate) mod audience;
pub(crate) mod claims;
pub(crate) mod client_id;
pub(crate) mod date;
pub(crate) mod random;
pub(crate) mod signed;

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Longest token that is decoded, in bytes. Common servers stop at 8 KiB for all headers.
pub const MAX_JWT_LEN: usize = 16 * 1024;

/// A text is not a signed token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// Longer than [`MAX_JWT_LEN`].
    #[error("the token of {len} bytes is longer than {MAX_JWT_LEN}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The token does not have three parts, separated by dots.
    #[error("the token has {found} parts instead of three")]
    Parts {
        /// The number of parts.
        found: usize,
    },
    /// A part is not base64url without padding (RFC 7515, section 2).
    #[error("the token's {part} part is not base64url without padding")]
    Base64 {
        /// The part.
        part: Part,
    },
    /// The header or the claims are not one JSON object without duplicate members.
    #[error("the token's {part} part is not one JSON object without duplicate members")]
    Json {
        /// The part.
        part: Part,
        /// The error of the JSON reader.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The first part, the JOSE header.
    Header,
    /// The second part, the claims.
    Claims,
    /// The third part, the signature.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Header => "header",
            Part::Claims => "claims",
            Part::Signature => "signature",
        })
    }
}

/// The bytes that are signed: header and claims in base64url, separated by a dot (RFC 7515, section
/// 5.1).
///
/// ```
/// let input = eca_attest::jwt::signing_input(r#"{"alg":"RS256"}"#, "{}");
/// assert_eq!(input, "eyJhbGciOiJSUzI1NiJ9.e30");
/// ```
pub fn signing_input(header: &str, claims: &str) -> String {
    let mut out = BASE64_URL_SAFE_NO_PAD.encode(header);
    out.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(claims, &mut out);
    out
}

/// The whole token: the signing input and its signature.
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    // Allocated once: growing would leave unwiped copies of the token in memory.
    let mut out = String::with_capacity(signing_input.len() + 1 + signature.len().div_ceil(3) * 4);
    out.push_str(signing_input);
    out.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut out);
    out
}

/// A decoded token. Nothing is verified.
pub(crate) struct Decoded<'a> {
    pub(crate) header: Object,
    pub(crate) claims: Object,
    /// The bytes that are signed, as received.
    pub(crate) signing_input: &'a str,
    pub(crate) signature: Vec<u8>,
}

/// A JSON object together with its text as received.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) text: String,
    pub(crate) members: Map<String, Value>,
}

pub(crate) fn decode(token: &str) -> Result<Decoded<'_>, JwtError> {
    if token.len() > MAX_JWT_LEN {
        return Err(JwtError::TooLong { len: token.len() });
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(JwtError::Parts { found: parts.len() });
    };
    Ok(Decoded {
        header: object(header, Part::Header)?,
        claims: object(claims, Part::Claims)?,
        signing_input: &token[..header.len() + 1 + claims.len()],
        signature: base64url(signature, Part::Signature)?,
    })
}

fn base64url(text: &str, part: Part) -> Result<Vec<u8>, JwtError> {
    // This engine also refuses padding and stray bits after the last character.
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| JwtError::Base64 { part })
}

fn object(text: &str, part: Part) -> Result<Object, JwtError> {
    let json = |source: Box<dyn std::error::Error + Send + Sync>| JwtError::Json { part, source };
    let text = String::from_utf8(base64url(text, part)?).map_err(|error| json(error.into()))?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let value = Strict
        .deserialize(&mut reader)
        .map_err(|error| json(error.into()))?;
    reader.end().map_err(|error| json(error.into()))?;
    match value {
        Value::Object(members) => Ok(Object { text, members }),
        _ => Err(json("the JSON value is not an object".into())),
    }
}

/// Reads any JSON value but refuses duplicate members at every depth: parsers differ in which one
/// they use (RFC 7519, section 4).
#[derive(Clone, Copy)]
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            if members.contains_key(&name) {
                return Err(de::Error::custom(format_args!("duplicate member {name:?}")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
