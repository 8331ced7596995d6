//! Key files.

pub(crate) mod broken;
pub(crate) mod bundles;
pub(crate) mod der;
pub(crate) mod embedded;
pub(crate) mod encrypted;
pub(crate) mod foreign;
pub(crate) mod hostile;
pub(crate) mod jwk;
pub(crate) mod keys;
pub(crate) mod pkcs12;
pub(crate) mod weak;
