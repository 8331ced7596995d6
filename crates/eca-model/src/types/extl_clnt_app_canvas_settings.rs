//! `.ecaCanvas` files.

use crate::types::{AccessMethod, CanvasLocationOptions, CanvasOptions, SamlInitiationMethod};
use eca_model_derive::Record;

/// Where an app appears as a canvas inside Salesforce, and how it is opened.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppCanvasSettings",
    suffix = "ecaCanvas",
    since = 66
)]
pub struct ExtlClntAppCanvasSettings {
    /// How the canvas receives its first request. The guide requires it, the schema does not.
    pub access_method: Option<AccessMethod>,
    /// The places where the canvas may appear.
    pub canvas_location_options: Vec<CanvasLocationOptions>,
    /// Display options of the canvas.
    pub canvas_options: Vec<CanvasOptions>,
    /// The https address of the page that is shown.
    #[field(required)]
    pub canvas_url: Option<String>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// The Apex class that is called when the canvas opens.
    #[field(references = "ApexClass")]
    pub life_cycle_handler: Option<String>,
    /// Who starts the SAML login.
    pub saml_initiation_method: Option<SamlInitiationMethod>,
}

/// The name that ExtlClntAppCanvasSettings had in API 65, with the same members. The folder of its
/// files is not known.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(since = 65, until = 65)]
pub struct ExtlClntAppCanvasStngs {
    /// How the canvas receives its first request.
    pub access_method: Option<AccessMethod>,
    /// The places where the canvas may appear.
    pub canvas_location_options: Vec<CanvasLocationOptions>,
    /// Display options of the canvas.
    pub canvas_options: Vec<CanvasOptions>,
    /// The https address of the page that is shown.
    #[field(required)]
    pub canvas_url: Option<String>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// The Apex class that is called when the canvas opens.
    #[field(references = "ApexClass")]
    pub life_cycle_handler: Option<String>,
    /// Who starts the SAML login.
    pub saml_initiation_method: Option<SamlInitiationMethod>,
}
