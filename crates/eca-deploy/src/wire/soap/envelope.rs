//! The SOAP 1.1 envelope around one operation.

use eca_http::Idempotency;
use eca_oauth::{AccessToken, AccessTokenFormat};

use crate::endpoint::Endpoint;
use crate::wire::call::Call;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request;
use crate::wire::call::request::{RequestError, SOAP_TAKES_JWT_FROM};
use crate::wire::call::response::OperationResponse;
use crate::wire::soap::headers::Headers;
use crate::wire::xml::element;

/// A call with the session, and the endpoint's `CallOptions` if it has any. `arguments` writes the
/// operation's arguments.
pub(crate) fn call<'a, T>(
    operation: &'static str,
    idempotency: Idempotency,
    arguments: impl Fn(&Endpoint, &mut String) + Send + Sync + 'a,
    parse: impl Fn(&OperationResponse<'_>) -> Result<T, ResponseError> + Send + Sync + 'a,
) -> Call<'a, T> {
    let headers = Headers::default();
    call_with(headers, operation, idempotency, arguments, parse)
}

/// A call with more headers.
pub(crate) fn call_with<'a, T>(
    headers: Headers<'a>,
    operation: &'static str,
    idempotency: Idempotency,
    arguments: impl Fn(&Endpoint, &mut String) + Send + Sync + 'a,
    parse: impl Fn(&OperationResponse<'_>) -> Result<T, ResponseError> + Send + Sync + 'a,
) -> Call<'a, T> {
    Call::new(
        operation,
        idempotency,
        move |endpoint, token| {
            let mut xml = open(endpoint, token, headers)?;
            xml.extend(["<", operation, ">"]);
            arguments(endpoint, &mut xml);
            xml.extend(["</", operation, "></soapenv:Body></soapenv:Envelope>"]);
            request::soap(&endpoint.soap(), xml.into())
        },
        parse,
    )
}

/// An envelope up to its body's content.
fn open(
    endpoint: &Endpoint,
    token: &AccessToken,
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
    xml.push_str("</soapenv:Header><soapenv:Body>");
    Ok(xml)
}
