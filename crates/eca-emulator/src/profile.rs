//! The form of the authorization challenge endpoint.

/// This org's profile of the OAuth 2.0 for First-Party Applications draft.
///
/// Salesforce's public pages name neither the path of the endpoint, nor the carrier of the client
/// attestation, nor the parameters of a step. The values here are therefore **this org's own**. A
/// client that reads them from its own profile works with other orgs later.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeProfile {
    /// Path of the endpoint below the site URL. Default
    /// `/services/oauth2/authorization_challenge`.
    pub endpoint_path: String,
    /// The place of the client attestation.
    pub attestation: AttestationCarrier,
    /// The version of the draft.
    pub draft: DraftVintage,
    /// Form parameter with the user name. Default `username`.
    pub username_parameter: String,
    /// Form parameter with the password. Default `password`.
    pub password_parameter: String,
    /// Form parameter with the verification method of a passwordless login. Default
    /// `verification_method`.
    pub verification_method_parameter: String,
    /// Form parameter that turns a login into a registration. Default `registration`.
    pub registration_parameter: String,
    /// Form parameter with a one-time password. Default `otp`.
    pub otp_parameter: String,
    /// Form parameter with a reCAPTCHA response, where the site requires one. Default `recaptcha`.
    pub recaptcha_parameter: String,
}

impl Default for ChallengeProfile {
    fn default() -> Self {
        Self {
            endpoint_path: "/services/oauth2/authorization_challenge".to_owned(),
            attestation: AttestationCarrier::default(),
            draft: DraftVintage::default(),
            username_parameter: "username".to_owned(),
            password_parameter: "password".to_owned(),
            verification_method_parameter: "verification_method".to_owned(),
            registration_parameter: "registration".to_owned(),
            otp_parameter: "otp".to_owned(),
            recaptcha_parameter: "recaptcha".to_owned(),
        }
    }
}

impl ChallengeProfile {
    /// The HTTP status of `insufficient_authorization`.
    pub fn insufficient_authorization_status(&self) -> u16 {
        match self.draft {
            DraftVintage::Draft00 => 400,
            DraftVintage::Draft04 => 403,
        }
    }
}

/// The place of the client attestation JWT in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationCarrier {
    /// In a header, as in attestation-based client authentication since its draft 03 (May 2024).
    Header {
        /// Name of the header. Default `OAuth-Client-Attestation`.
        name: String,
    },
    /// In two form parameters, as in the earlier drafts and in RFC 7523.
    Form {
        /// Parameter with the JWT, such as `client_assertion`.
        assertion: String,
        /// Parameter that names the kind of assertion, such as `client_assertion_type`.
        assertion_type: String,
        /// The value that the latter must have.
        assertion_type_value: String,
    },
}

impl AttestationCarrier {
    /// `client_assertion` and `client_assertion_type` with the JWT bearer type of RFC 7523.
    pub fn form() -> Self {
        Self::Form {
            assertion: "client_assertion".to_owned(),
            assertion_type: "client_assertion_type".to_owned(),
            assertion_type_value: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                .to_owned(),
        }
    }
}

impl Default for AttestationCarrier {
    fn default() -> Self {
        Self::Header {
            name: "OAuth-Client-Attestation".to_owned(),
        }
    }
}

/// The version of the first-party applications draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DraftVintage {
    /// ietf-00 (October 2024), the draft at the time of Salesforce's Winter '25 release: errors are
    /// HTTP 400 and `response_type` is not required.
    #[default]
    Draft00,
    /// ietf-04 (July 2026): `insufficient_authorization` is HTTP 403, and `response_type=code` is
    /// required.
    Draft04,
}
