//! `/services/Soap/u/NN.0` and `/c/NN.0`: the APIs whose `login()` older clients call. This org has
//! no passwords for it, and says so in the form of a refused login.

use http::{Method, StatusCode};
use quick_xml::escape::partial_escape;

use crate::server::call::{Call, Reply, reply, wrong_method};

/// The last version of the API that has the operation (Salesforce release notes, Winter '26).
const LAST: u32 = 64;

/// Refuses every operation; `version` is the path segment after the name of the API.
pub(crate) fn answer(call: &Call, api: &str, version: &str) -> Reply {
    if call.method != Method::POST {
        return wrong_method(call);
    }
    // Salesforce's words for a retired operation are not known; these are this org's own.
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    let message = match major {
        Some(major) if major > LAST => format!(
            "SOAP API login() is not available in API version {major}.0: use OAuth, such as the JWT \
             bearer or client credentials flow"
        ),
        _ => "this org has no SOAP API login(): use OAuth, such as the JWT bearer or client \
              credentials flow"
            .to_owned(),
    };
    fault(api, "INVALID_OPERATION", &message)
}

/// A `LoginFault` of the partner (`u`) or enterprise (`c`) API.
fn fault(api: &str, code: &str, message: &str) -> Reply {
    let namespace = match api {
        "u" => "urn:fault.partner.soap.sforce.com",
        _ => "urn:fault.enterprise.soap.sforce.com",
    };
    let message = partial_escape(message);
    reply(
        StatusCode::INTERNAL_SERVER_ERROR,
        "text/xml;charset=UTF-8",
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:sf=\"{namespace}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode>\
             <faultstring>{code}: {message}</faultstring><detail>\
             <sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>{code}</sf:exceptionCode>\
             <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail>\
             </soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        ),
    )
}
