//! Which requests are sent again: a read from a busy org is, a write over a lost connection is not.

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
    let response = client.send(Idempotency::Idempotent, read).await?;
    let attempts = Attempts::from_response(&response).map_or(1, |attempts| attempts.count);
    println!("GET: {} after {attempts} attempts", response.status());

    org.fail(TransportErrorKind::Reset);
    let write = http::Request::post(url).body(Bytes::from("{}"))?;
    match client.send(Idempotency::NotIdempotent, write).await {
        Ok(response) => println!("POST: {}", response.status()),
        Err(error) => {
            println!("POST: {error}; the org may have received it, so it is not sent again");
        }
    }
    assert_eq!(org.requests().len(), 3, "two reads, one write");
    Ok(())
}
