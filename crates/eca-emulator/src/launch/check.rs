//! Validation of settings.

use crate::launch::Builder;
use crate::launch::start_error::StartError;
use crate::metadata::package::OLDEST;
use crate::profile::AttestationCarrier;

impl Builder {
    /// Checks the settings.
    pub(crate) fn validate(&self) -> Result<(), StartError> {
        let refuse = |setting, value: &dyn ToString, reason| {
            Err(StartError::Setting {
                setting,
                value: value.to_string(),
                reason,
            })
        };
        if !is_path(&self.site_path) {
            return refuse(
                "the site path",
                &self.site_path,
                "it must start with a slash, end without one, and have no other than unreserved characters",
            );
        }
        if !is_path(&self.profile.endpoint_path) {
            return refuse(
                "the path of the authorization challenge endpoint",
                &self.profile.endpoint_path,
                "it must start with a slash, end without one, and have no other than unreserved characters",
            );
        }
        if let AttestationCarrier::Header { name } = &self.profile.attestation
            && name.parse::<http::HeaderName>().is_err()
        {
            return refuse("the attestation header", name, "it must be a header name");
        }
        if !self.bind.is_loopback() {
            let missing = if !self.is_public {
                Some("confirm it with i_know_this_is_public")
            } else if self.tls.is_none() {
                Some("tokens would travel in the clear; turn TLS on")
            } else if self.bind.is_unspecified() && self.host.is_none() {
                Some("give the name that clients use as the host")
            } else {
                None
            };
            if let Some(reason) = missing {
                return Err(StartError::Public {
                    address: self.bind,
                    reason,
                });
            }
        }
        if let Some(host) = &self.host
            && url::Host::parse(host).is_err()
        {
            return refuse("the host", host, "it must be a host name or an address");
        }
        if self.api_version < OLDEST {
            return refuse(
                "the API version",
                &self.api_version,
                "it must be at least 58.0",
            );
        }
        if self.admin_username.trim().is_empty() {
            return refuse(
                "the administrator's user name",
                &self.admin_username,
                "it must not be empty",
            );
        }
        Ok(())
    }
}

fn is_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        })
    })
}
