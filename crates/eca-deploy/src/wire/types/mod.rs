//! The types of the WSDL, as far as deploys and retrieves need them.

pub(crate) mod describe;
pub(crate) mod options;
pub(crate) mod result;
pub(crate) mod retrieve_result;
pub(crate) mod saved;
pub(crate) mod status;
pub(crate) mod test_result;
pub(crate) mod value_type;
