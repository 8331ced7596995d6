//! What is sent again, and what is not: a busy org, and a connection that breaks during a deploy.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{Attempts, HttpClient, Idempotency, TransportErrorKind};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // For a real org: `HttpClient::new_default("my-tool/1.0")?`.
    let org = Arc::new(ScriptedTransport::new());
    let client = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
    let url = "https://acme.my.salesforce.com/services/data";

    org.answer(503, "text/html", "busy").json(200, "[]");
    let read = http::Request::get(url).body(Bytes::new())?;
    let answer = client.send(Idempotency::Idempotent, read).await?;
    let attempts = Attempts::from_response(&answer).map_or(1, |attempts| attempts.count);
    println!("GET: {} after {attempts} attempts", answer.status());

    org.fail(TransportErrorKind::Reset);
    let write = http::Request::post(url).body(Bytes::from("{}"))?;
    match client.send(Idempotency::NotIdempotent, write).await {
        Ok(answer) => println!("POST: {}", answer.status()),
        Err(error) => println!("POST: {error}; it may have arrived, so it is not sent again"),
    }
    assert_eq!(org.requests().len(), 3, "two reads, one write");
    Ok(())
}
