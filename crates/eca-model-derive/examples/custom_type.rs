//! A metadata type that `eca-model` does not have: the attributes of the struct define the codec
//! and the reflection table.

use eca_model::schema::markdown;
use eca_model::{Described, Record, encode};

/// A remote site that code in an org may call.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "remoteSiteSettings", suffix = "remoteSite", since = 58)]
pub struct RemoteSiteSetting {
    /// Whether the site may be called.
    #[field(required, setup = "Active")]
    pub is_active: Option<bool>,
    /// The address of the site.
    #[field(required, setup = "Remote Site URL")]
    pub url: Option<String>,
}

fn main() {
    let site = RemoteSiteSetting {
        is_active: Some(true),
        url: Some("https://pay.example".to_owned()),
    };
    println!("{}", encode(&site));
    println!("{}", markdown(RemoteSiteSetting::TYPE_SCHEMA));
}
