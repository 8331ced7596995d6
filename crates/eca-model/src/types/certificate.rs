//! `.crt-meta.xml` files.

use eca_model_derive::Record;

/// What an org records about one of its certificates. The certificate itself is the `.crt` file
/// beside it, in both formats; private keys do not travel over the Metadata API.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "certs", suffix = "crt", content, since = 47)]
pub struct Certificate {
    /// Whether a certificate authority signs it, or the org itself.
    #[field(required)]
    pub ca_signed: Option<bool>,
    /// Whether the private key is encrypted with Shield Platform Encryption.
    pub encrypted_with_platform_encryption: Option<bool>,
    /// When it expires. The org computes it and writes it like `2027-01-31T02:00:55.000Z`.
    pub expiration_date: Option<String>,
    /// The size of the RSA key in bits: 2048 or 4096.
    #[field(default = "2048")]
    pub key_size: Option<i32>,
    /// The name that people see.
    #[field(required, max_length = 64)]
    pub master_label: Option<String>,
    /// Whether Setup may export the private key.
    #[field(default = "true")]
    pub private_key_exportable: Option<bool>,
}
