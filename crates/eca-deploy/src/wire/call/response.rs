//! Parses the response of every operation into a tree or an error.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Response};

use crate::wire::call::error::{ApiError, ApiMessage, ResponseError};
use crate::wire::tree::{Node, TreeError};

/// The response of an operation.
pub(crate) struct OperationResponse<'a> {
    operation: &'static str,
    response: &'a Response<Bytes>,
}

impl<'a> OperationResponse<'a> {
    pub(crate) fn new(operation: &'static str, response: &'a Response<Bytes>) -> Self {
        Self {
            operation,
            response,
        }
    }

    /// The operation's name.
    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    /// The headers of the response.
    pub(crate) fn headers(&self) -> &'a HeaderMap {
        self.response.headers()
    }

    /// The JSON of a 2xx response; otherwise the errors in the body.
    pub(crate) fn json(&self) -> Result<Node<'a>, ResponseError> {
        let node = Node::from_json(self.response.body());
        if self.response.status().is_success() {
            return node.map_err(|source| self.unreadable("it is not JSON", Some(source)));
        }
        match node {
            Ok(node) => Err(self.json_errors(&node)),
            Err(source) => Err(self.unreadable("it is not a list of errors", Some(source))),
        }
    }

    /// The operation's response element in the SOAP body, or the fault there, whatever the HTTP
    /// status.
    pub(crate) fn soap(&self) -> Result<Node<'a>, ResponseError> {
        self.soap_with_log().map(|(node, _)| node)
    }

    /// The `result` element of that.
    pub(crate) fn soap_result(&self) -> Result<Node<'a>, ResponseError> {
        self.soap()?
            .into_descendant(&["result"])
            .ok_or_else(|| self.unreadable("it has no result", None))
    }

    /// The response element, and the debug log of the SOAP header, if there is one (WSDL 66.0,
    /// `DebuggingInfo`).
    pub(crate) fn soap_with_log(&self) -> Result<(Node<'a>, Option<String>), ResponseError> {
        let envelope = Node::from_xml(self.response.body())
            .map_err(|source| self.unreadable("it is not a SOAP envelope", Some(source)))?;
        if envelope.name() != "Envelope" {
            return Err(self.unreadable("it is not a SOAP envelope", None));
        }
        let Some(body) = envelope.child(&["Body"]) else {
            return Err(self.unreadable("its SOAP envelope has no body", None));
        };
        if let Some(fault) = body.child(&["Fault"]) {
            return Err(self.fault(fault));
        }
        if !self.response.status().is_success() {
            return Err(self.unreadable("its status is an error but it has no fault", None));
        }
        let log = envelope
            .child(&["Header"])
            .and_then(|header| header.child(&["DebuggingInfo"])?.string_of(&["debugLog"]));
        let element = format!("{}Response", self.operation);
        envelope
            .into_descendant(&["Body", &element])
            .map(|node| (node, log))
            .ok_or_else(|| self.unreadable(&format!("it has no {element}"), None))
    }

    /// The error of a response that is not the operation's.
    pub(crate) fn unreadable(&self, what: &str, source: Option<TreeError>) -> ResponseError {
        if let Some(source @ TreeError::TooManyMembers) = source {
            return ResponseError::TooLarge {
                operation: self.operation,
                source: source.into(),
            };
        }
        ResponseError::Unreadable {
            operation: self.operation,
            http_status: self.response.status().as_u16(),
            content_type: self.content_type(),
            what: what.to_owned(),
            retry_after: self.retry_after(),
            source: source.map(Into::into),
        }
    }

    fn json_errors(&self, node: &Node<'_>) -> ResponseError {
        // An array of errors; some front-ends send a single object.
        let one = |node: &Node<'_>| {
            Some(ApiMessage {
                code: node.string_of(&["errorCode", "code", "error"])?,
                message: node
                    .string_of(&["message", "error_description"])
                    .unwrap_or_default(),
            })
        };
        let mut errors = std::iter::once(node).chain(node.children()).filter_map(one);
        match errors.next() {
            Some(first) => self.refused(first, errors.collect()),
            None => self.unreadable("it is not a list of errors", None),
        }
    }

    fn fault(&self, fault: &Node<'_>) -> ResponseError {
        // `sf:INVALID_SESSION_ID`; faults of the partner API have the code in the detail as well.
        let fault_code = fault
            .text_of(&["faultcode"])
            .map(|code| code.rsplit(':').next().unwrap_or(code));
        let exception_code = fault
            .child(&["detail"])
            .and_then(|detail| detail.children().first())
            .and_then(|detail| detail.text_of(&["exceptionCode"]));
        let code = match (fault_code, exception_code) {
            // "Client" and "Server" are SOAP's own and less specific.
            (None | Some("Client" | "Server"), Some(code)) => code,
            (fault_code, exception_code) => {
                fault_code.or(exception_code).unwrap_or("UNKNOWN_EXCEPTION")
            }
        };
        self.refused(
            ApiMessage {
                code: code.to_owned(),
                message: fault.string_of(&["faultstring"]).unwrap_or_default(),
            },
            Vec::new(),
        )
    }

    fn refused(&self, first: ApiMessage, others: Vec<ApiMessage>) -> ResponseError {
        ResponseError::Refused {
            operation: self.operation,
            error: Box::new(ApiError {
                http_status: self.response.status().as_u16(),
                code: first.code,
                message: first.message,
                others,
                retry_after: self.retry_after(),
            }),
        }
    }

    fn content_type(&self) -> String {
        self.headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map_or_else(
                || "no content type".to_owned(),
                |value| value.trim().chars().take(80).collect(),
            )
    }

    /// Only in seconds: a date needs a clock, and Salesforce sends seconds.
    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers().get(RETRY_AFTER)?.to_str().ok()?;
        seconds.trim().parse().ok().map(Duration::from_secs)
    }
}
