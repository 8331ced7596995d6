//! Hides secrets that a server sends back in the text of an error.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// Members of forms and of JSON whose values are not secret (RFC 6749, 7521, 7523, 7636, 8693; the
/// Headless Identity APIs). A list of secret ones would never be complete.
const PUBLIC: [&str; 18] = [
    "client_assertion_type",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "email",
    "firstname",
    "format",
    "grant_type",
    "lastname",
    "redirect_uri",
    "response_type",
    "scope",
    "subject_token_type",
    "token_handler",
    "token_type_hint",
    "username",
    "verificationmethod",
    "verification_method",
];

/// In place of a secret.
const MASK: &str = "[secret]";

/// The secrets of requests, to hide them where a server returns them: in the description of an
/// error, in a name.
///
/// A secret of less than eight characters, such as a one-time password, is not hidden: too many
/// ordinary words would be. Each is found as it is and in the encodings of forms, URLs, JSON and
/// XML, but not in pieces or in another encoding.
///
/// ```
/// use bytes::Bytes;
/// use eca_oauth::SentSecrets;
///
/// let request = http::Request::post("https://acme.my.salesforce.com/services/oauth2/token")
///     .header("content-type", "application/x-www-form-urlencoded")
///     .body(Bytes::from("grant_type=refresh_token&refresh_token=5Aep861T"))?;
/// let mut secrets = SentSecrets::default();
/// secrets.add_request(&request);
/// assert_eq!(secrets.mask("unknown token 5Aep861T"), "unknown token [secret]");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Default)]
pub struct SentSecrets(Vec<Zeroizing<String>>);

impl SentSecrets {
    /// The shortest secret that is hidden, in characters.
    pub const SHORTEST: usize = 8;

    /// Adds a secret, with its encodings.
    pub fn add(&mut self, secret: &str) {
        if secret.chars().count() < Self::SHORTEST {
            return;
        }
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let url = form.replace('+', "%20");
        let quoted = Zeroizing::new(Value::from(secret).to_string());
        let json = quoted[1..quoted.len() - 1].to_owned();
        let mut xml = secret.replace('&', "&amp;");
        xml = xml.replace('<', "&lt;").replace('>', "&gt;");
        let quoted = xml.replace('"', "&quot;").replace('\'', "&apos;");
        for text in [secret.to_owned(), form, url, json, xml, quoted] {
            let text = Zeroizing::new(text);
            if !self.0.contains(&text) {
                self.0.push(text);
            }
        }
        // A secret can be the beginning of another one.
        self.0.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    /// Adds the secrets of a request: the `Authorization` header and headers that are marked as
    /// sensitive, members of a form or of JSON, and the session id of a SOAP request.
    pub fn add_request(&mut self, request: &http::Request<Bytes>) {
        for (name, value) in request.headers() {
            let Ok(text) = value.to_str() else { continue };
            if name == AUTHORIZATION {
                self.add_authorization(text);
            } else if value.is_sensitive() {
                self.add(text);
            }
        }
        let content_type = request.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default();
        let body = &request.body()[..];
        if content_type.starts_with("application/x-www-form-urlencoded") {
            for (name, value) in form_urlencoded::parse(body) {
                self.add_member(&name, &value);
            }
        } else if content_type.starts_with("application/json") {
            let json = serde_json::from_slice(body).unwrap_or(Value::Null);
            self.add_json("", &json);
        } else if content_type.starts_with("text/xml")
            && let Some(start) = find(body, b"sessionId>")
            && let Some(end) = find(&body[start..], b"<")
        {
            let session = &body[start + b"sessionId>".len()..start + end];
            self.add(&String::from_utf8_lossy(session));
        }
    }

    /// The text without the secrets.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in &self.0 {
            if masked.contains(secret.as_str()) {
                masked = Cow::Owned(masked.replace(secret.as_str(), MASK));
            }
        }
        masked
    }

    fn add_authorization(&mut self, value: &str) {
        let Some((scheme, credentials)) = value.split_once(' ') else {
            return self.add(value);
        };
        self.add(credentials);
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = BASE64_STANDARD.decode(credentials)
            && let Some((_, secret)) = String::from_utf8_lossy(&pair).split_once(':')
        {
            self.add(secret);
            // RFC 6749, section 2.3.1: both are form-encoded.
            if let Some((secret, _)) = form_urlencoded::parse(secret.as_bytes()).next() {
                self.add(&secret);
            }
        }
    }

    fn add_member(&mut self, name: &str, value: &str) {
        if !PUBLIC.contains(&name.to_ascii_lowercase().as_str()) {
            self.add(value);
        }
    }

    fn add_json(&mut self, name: &str, json: &Value) {
        match json {
            Value::String(text) => self.add_member(name, text),
            Value::Array(items) => items.iter().for_each(|item| self.add_json(name, item)),
            Value::Object(members) => members
                .iter()
                .for_each(|(name, member)| self.add_json(name, member)),
            _ => {}
        }
    }
}

impl From<&http::Request<Bytes>> for SentSecrets {
    fn from(request: &http::Request<Bytes>) -> Self {
        let mut secrets = Self::default();
        secrets.add_request(request);
        secrets
    }
}

impl fmt::Debug for SentSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentSecrets(…)")
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
