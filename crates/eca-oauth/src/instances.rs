//! The instances that an org's tokens may belong to.

use url::Url;

use crate::urls::{InstanceUrl, LoginUrl};

/// The instance of an org, and those that are accepted in its place.
///
/// A token is sent to the org that the caller configured. A token of another org must not get
/// there: its owner never agreed to it. Give this to a source of tokens, such as
/// [`RefreshTokens::for_instances`](crate::RefreshTokens::for_instances), or call
/// [`check`](Self::check) with [`TokenResponse::instance_url`](crate::TokenResponse::instance_url)
/// before the token is used.
///
/// Only origins are compared: scheme, host and port.
///
/// ```
/// use eca_oauth::Instances;
///
/// let instances = Instances::new("https://acme.my.salesforce.com".parse()?);
/// assert!(instances.check(&"https://acme.my.salesforce.com/".parse()?).is_ok());
/// let other = "https://evil.my.salesforce.com".parse()?;
/// assert!(instances.check(&other).is_err());
/// assert!(instances.or(other.clone()).check(&other).is_ok());
/// # Ok::<(), eca_oauth::InvalidUrl>(())
/// ```
#[derive(Debug, Clone)]
pub struct Instances {
    expected: InstanceUrl,
    others: Vec<InstanceUrl>,
}

/// A token of another org.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token belongs to {actual}, not to {expected}")]
pub struct OtherInstance {
    expected: String,
    actual: String,
}

impl OtherInstance {
    /// The URL that the token belongs to.
    pub fn actual(&self) -> &str {
        &self.actual
    }
}

impl Instances {
    /// Tokens of this org.
    pub fn new(expected: InstanceUrl) -> Self {
        let others = Vec::new();
        Self { expected, others }
    }

    /// Also tokens of this instance: the org's name before or after a change of its My Domain.
    #[must_use]
    pub fn or(mut self, other: InstanceUrl) -> Self {
        self.others.push(other);
        self
    }

    /// Checks the instance of a token.
    ///
    /// # Errors
    ///
    /// [`OtherInstance`] names both.
    pub fn check(&self, actual: &InstanceUrl) -> Result<(), OtherInstance> {
        self.check_text(actual.as_str())
    }

    /// The same for the host that a login is kept for. A host that all orgs share says nothing
    /// about the org.
    ///
    /// # Errors
    ///
    /// [`OtherInstance`] names both.
    pub fn check_login(&self, actual: &LoginUrl) -> Result<(), OtherInstance> {
        if actual.kind() == crate::urls::HostKind::Login {
            return Ok(());
        }
        self.check_text(actual.as_str())
    }

    fn check_text(&self, actual: &str) -> Result<(), OtherInstance> {
        let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
        let mut accepted = std::iter::once(&self.expected).chain(&self.others);
        if accepted.any(|url| origin(url.as_str()) == origin(actual)) {
            return Ok(());
        }
        Err(OtherInstance {
            expected: self.expected.as_str().to_owned(),
            actual: actual.to_owned(),
        })
    }
}
