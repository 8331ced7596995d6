//! Where an org's APIs are.

use eca_model::ApiVersion;
use eca_oauth::InstanceUrl;

use crate::wire::soap::headers::CallOptions;

/// An org's instance URL and the API version to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    instance: String,
    version: ApiVersion,
    call_options: Option<CallOptions>,
}

impl Endpoint {
    /// An org at its instance URL (`https://MyDomain.my.salesforce.com`), spoken to in one API version.
    pub fn new(instance: &InstanceUrl, version: ApiVersion) -> Self {
        Self {
            instance: instance.as_str().trim_end_matches('/').to_owned(),
            version,
            call_options: None,
        }
    }

    /// The same org, with `CallOptions` on every call over SOAP.
    #[must_use]
    pub fn with_call_options(mut self, options: CallOptions) -> Self {
        self.call_options = Some(options);
        self
    }

    /// What every call over SOAP says about the caller.
    pub fn call_options(&self) -> Option<&CallOptions> {
        self.call_options.as_ref()
    }

    /// The API version that every request names.
    pub fn version(&self) -> ApiVersion {
        self.version
    }

    /// The instance URL, without a slash at its end.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The resource of deploys over REST.
    pub(crate) fn deploy_request(&self) -> String {
        format!(
            "{}/services/data/v{}/metadata/deployRequest",
            self.instance, self.version
        )
    }

    /// The resource of queries over the Tooling API.
    pub(crate) fn tooling_query(&self) -> String {
        format!(
            "{}/services/data/v{}/tooling/query",
            self.instance, self.version
        )
    }

    /// The address of the Metadata API over SOAP.
    pub(crate) fn soap(&self) -> String {
        format!("{}/services/Soap/m/{}", self.instance, self.version)
    }
}
