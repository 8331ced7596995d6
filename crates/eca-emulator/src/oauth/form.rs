//! Form bodies.

use std::collections::HashSet;

use http::Method;
use zeroize::Zeroizing;

use crate::oauth::error::OauthError;
use crate::server::call::Call;

/// The largest number of parameters. No request of OAuth has a third of it.
const MAX_PARAMETERS: usize = 100;
/// The longest part of a name that an error repeats, in characters.
const SHOWN: usize = 64;

/// The parameters of an `application/x-www-form-urlencoded` body.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads the body of a POST.
    pub(crate) fn read(call: &Call) -> Result<Self, OauthError> {
        if call.method != Method::POST {
            return Err(OauthError::wrong_method());
        }
        if !call.has_content_type("application/x-www-form-urlencoded") {
            return Err(OauthError::new(
                "invalid_request",
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let mut names = HashSet::new();
        let mut parameters = Vec::new();
        for (name, value) in url::form_urlencoded::parse(call.body()) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(OauthError::new(
                    "invalid_request",
                    format!("more than {MAX_PARAMETERS} parameters"),
                ));
            }
            // RFC 6749 section 3.2: parameters must not be included more than once.
            if !names.insert(name.clone()) {
                let name: String = name.chars().take(SHOWN).collect();
                return Err(OauthError::new(
                    "invalid_request",
                    format!("duplicate parameter: {name}"),
                ));
            }
            parameters.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(parameters))
    }

    /// A parameter. An empty one counts as absent (RFC 6749 section 3.2).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A required parameter.
    pub(crate) fn required(&self, name: &str) -> Result<&str, OauthError> {
        self.get(name).ok_or_else(|| OauthError::missing(name))
    }
}
