//! What is asked again, and what is not: a busy org, and a connection that breaks under a deploy.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{HttpClient, Idempotency, TransportErrorKind, Tried};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // In earnest: `ReqwestTransport` and `TokioTimer`.
    let org = Arc::new(ScriptedTransport::new());
    let client = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
    let url = "https://acme.my.salesforce.com/services/data";

    org.answer(503, "text/html", "busy").json(200, "[]");
    let question = http::Request::get(url).body(Bytes::new())?;
    let answer = client.send(Idempotency::Idempotent, question).await?;
    let attempts = Tried::of(&answer).map_or(1, |tried| tried.attempts);
    println!("GET: {} after {attempts} attempts", answer.status());

    org.fail(TransportErrorKind::Reset);
    let order = http::Request::post(url).body(Bytes::from("{}"))?;
    match client.send(Idempotency::NotIdempotent, order).await {
        Ok(answer) => println!("POST: {}", answer.status()),
        Err(error) => println!("POST: {error}; it may have arrived, so it is not sent again"),
    }
    assert_eq!(org.requests().len(), 3, "two questions, one order");
    Ok(())
}
