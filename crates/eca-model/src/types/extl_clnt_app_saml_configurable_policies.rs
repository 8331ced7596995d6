//! `.ecaSamlPlcy` files.

use crate::types::{
    ExtlClntAppNameIdFormatType, ExtlClntAppSamlBindingType, ExtlClntAppSamlEncryptType,
    ExtlClntAppSamlSignAlgoType, ExtlClntAppSamlSubjectType,
};
use crate::values::text::NameList;
use eca_model_derive::Record;

/// An app as a SAML service provider that trusts this org as its identity provider. The app must be
/// local and have the SAML plugin enabled.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppSamlConfigurablePolicies",
    suffix = "ecaSamlPlcy",
    since = 63,
    org_made
)]
pub struct ExtlClntAppSamlConfigurablePolicies {
    /// The https address of the service provider that receives assertions.
    #[field(required)]
    pub acs_url: Option<String>,
    /// The certificate that verifies the service provider's requests; without it the org accepts
    /// unsigned ones. Public.
    #[field(certificate = "saml requests")]
    pub certificate: Option<String>,
    /// The permission sets whose users may log in. The guide states ids; in the OAuth policies
    /// orgs use names.
    #[field(references = "PermissionSet")]
    pub comma_separated_permission_set: Option<NameList>,
    /// The profiles whose users may log in.
    #[field(references = "Profile")]
    pub comma_separated_profile: Option<NameList>,
    /// Attributes that go into assertions, with unique keys.
    #[field(key = "key")]
    pub custom_attributes: Vec<ExtlClntAppSamlConfigurablePoliciesAttribute>,
    /// The certificate that assertions are encrypted to, one of the org's Certificate and Key
    /// Management. The guide does not say whether by name, as in connected apps, or by its
    /// text. Public.
    #[field(certificate = "saml encryption", references = "Certificate")]
    pub encryption_certificate: Option<String>,
    /// The cipher; only with an encryption certificate.
    pub encryption_type: Option<ExtlClntAppSamlEncryptType>,
    /// The entity id of the service provider.
    #[field(required)]
    pub entity_url: Option<String>,
    /// The developer name of the app. The guide states its label here, and its name for every
    /// other type.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The issuer of assertions; the org's My Domain when it is left out.
    pub issuer: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// The format of the subject's name.
    #[field(default = "Unspecified")]
    pub name_id_format: Option<ExtlClntAppNameIdFormatType>,
    /// The algorithm that signs assertions. SHA-1 is weak.
    pub signing_algorithm_type: Option<ExtlClntAppSamlSignAlgoType>,
    /// How logout requests are sent.
    pub single_logout_binding_type: Option<ExtlClntAppSamlBindingType>,
    /// Where the org sends a logout request.
    pub single_logout_url: Option<String>,
    /// Historic: the page that the app opens with. Now a member of the app's policies.
    #[field(until = 63)]
    pub start_url: Option<String>,
    /// The attribute that identifies the user; only when the subject is a custom attribute.
    pub subject_custom_attribute: Option<String>,
    /// What identifies the user in assertions.
    pub subject_type: Option<ExtlClntAppSamlSubjectType>,
}

/// A custom attribute of SAML assertions.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppSamlConfigurablePoliciesAttribute {
    /// The field that gives the value, such as `$User.Email`.
    #[field(since = 63, required)]
    pub formula: Option<String>,
    /// The attribute's name, unique in the file.
    #[field(since = 63, required)]
    pub key: Option<String>,
}
