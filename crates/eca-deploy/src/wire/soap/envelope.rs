//! The SOAP 1.1 envelope around one operation.

use bytes::Bytes;
use eca_oauth::{AccessToken, AccessTokenFormat};
use http::Request;

use crate::endpoint::Endpoint;
use crate::wire::call::request;
use crate::wire::call::request::{RequestError, SOAP_TAKES_JWT_FROM};
use crate::wire::soap::headers::Headers;
use crate::wire::xml::element;

/// A call with the session, and the endpoint's `CallOptions` if it has any.
pub(crate) fn call(
    endpoint: &Endpoint,
    token: &AccessToken,
    operation: &str,
    arguments: impl FnOnce(&mut String),
) -> Result<Request<Bytes>, RequestError> {
    call_with(endpoint, token, operation, Headers::default(), arguments)
}

/// A call with more headers.
pub(crate) fn call_with(
    endpoint: &Endpoint,
    token: &AccessToken,
    operation: &str,
    headers: Headers<'_>,
    arguments: impl FnOnce(&mut String),
) -> Result<Request<Bytes>, RequestError> {
    let mut xml = open(endpoint, token, operation, headers)?;
    arguments(&mut xml);
    close(operation, &mut xml);
    request::soap(&endpoint.soap(), xml.into())
}

/// An envelope up to the operation's arguments.
pub(crate) fn open(
    endpoint: &Endpoint,
    token: &AccessToken,
    operation: &str,
    headers: Headers<'_>,
) -> Result<String, RequestError> {
    if token.format() == AccessTokenFormat::Jwt && endpoint.version() < SOAP_TAKES_JWT_FROM {
        return Err(RequestError::JwtOnSoap {
            version: endpoint.version(),
        });
    }
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"",
        " xmlns=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Header><SessionHeader>"
    ));
    element(&mut xml, "sessionId", token.expose_secret());
    xml.push_str("</SessionHeader>");
    headers.write(endpoint.call_options(), &mut xml);
    xml.push_str("</soapenv:Header><soapenv:Body><");
    xml.push_str(operation);
    xml.push('>');
    Ok(xml)
}

/// The end of an envelope, after the operation's arguments.
pub(crate) fn close(operation: &str, xml: &mut String) {
    xml.push_str("</");
    xml.push_str(operation);
    xml.push_str("></soapenv:Body></soapenv:Envelope>");
}
