//! The addresses of an org's APIs.

use eca_model::ApiVersion;
use eca_oauth::InstanceUrl;

use crate::wire::soap::headers::CallOptions;

/// An org's instance URL and the API version to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    instance: String,
    version: ApiVersion,
    call_options: Option<CallOptions>,
}

impl Endpoint {
    /// The org at this instance URL (`https://MyDomain.my.salesforce.com`).
    pub fn new(instance: &InstanceUrl, version: ApiVersion) -> Self {
        Self {
            instance: instance.as_str().trim_end_matches('/').to_owned(),
            version,
            call_options: None,
        }
    }

    /// The same endpoint, with `CallOptions` in every SOAP request.
    #[must_use]
    pub fn with_call_options(mut self, options: CallOptions) -> Self {
        self.call_options = Some(options);
        self
    }

    /// The `CallOptions` of every SOAP request.
    pub fn call_options(&self) -> Option<&CallOptions> {
        self.call_options.as_ref()
    }

    /// The API version in every request.
    pub fn version(&self) -> ApiVersion {
        self.version
    }

    /// The instance URL, without a trailing slash.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The list of the REST resources of this version.
    pub(crate) fn resources(&self) -> String {
        format!("{}/services/data/v{}", self.instance, self.version)
    }

    /// A resource of this version: `query`, `apps/oauth/usage`.
    pub(crate) fn data(&self, resource: &str) -> String {
        format!(
            "{}/services/data/v{}/{resource}",
            self.instance, self.version
        )
    }

    pub(crate) fn deploy_request(&self) -> String {
        format!(
            "{}/services/data/v{}/metadata/deployRequest",
            self.instance, self.version
        )
    }

    pub(crate) fn tooling_query(&self) -> String {
        format!(
            "{}/services/data/v{}/tooling/query",
            self.instance, self.version
        )
    }

    pub(crate) fn soap(&self) -> String {
        format!("{}/services/Soap/m/{}", self.instance, self.version)
    }
}
