//! Client authentication with a secret (RFC 6749 section 2.3.1).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use eca_attest::ClientId;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::secret::{ClientSecret, sensitive_header};

/// Where a request has the client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header (RFC 6749 section 2.3.1), which Salesforce recommends.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the form body.
    Form,
    /// Nowhere: only the client id is sent.
    None,
}

/// `Basic …` of client id and secret, each form-encoded first (RFC 6749 section 2.3.1).
pub(crate) fn basic_header(id: &ClientId, secret: &ClientSecret) -> HeaderValue {
    let encoded = |text: &str| -> Zeroizing<String> {
        Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
    };
    let pair = Zeroizing::new(format!(
        "{}:{}",
        *encoded(id.as_str()),
        *encoded(secret.expose_secret())
    ));
    let mut header = Zeroizing::new("Basic ".to_owned());
    BASE64_STANDARD.encode_string(pair.as_bytes(), &mut header);
    sensitive_header(&header)
}
