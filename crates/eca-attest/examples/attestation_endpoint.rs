//! A back end with axum that has the key and provides client attestations to its front end, at
//! `POST /attestation`. The example requests one attestation, prints its issuer and ends.

use std::error::Error;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use eca_attest::{ClientAttestation, Jti, KeyKind, Minter, OsIds, Provider, inspect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn attestation(State(minter): State<Arc<Minter>>) -> Result<String, StatusCode> {
    // Check the user's session here.
    let token = minter.mint().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(token.expose_jwt().to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In a real back end: `PrivateKey::read` of the key whose certificate is registered in the
    // app's OAuth settings.
    let key = Provider::default().generate(KeyKind::Rsa2048)?;
    let template =
        ClientAttestation::new("3MVG9example".parse()?, "https://shop.my.site.com".parse()?)
            .id(Jti::Fresh);
    let signer = Provider::default().signer(&key)?;
    let minter = Minter::new(template, signer, SystemTime::now, OsIds);
    let app = Router::new()
        .route("/attestation", post(attestation))
        .with_state(Arc::new(minter));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let attestation = inspect(&request(address).await?)?;
    println!("issuer: {:?}", attestation.unverified_claims().issuer()?);
    server.abort();
    Ok(())
}

/// The front end: requests one attestation.
async fn request(address: std::net::SocketAddr) -> Result<String, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"POST /attestation HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    let (_, body) = response.split_once("\r\n\r\n").ok_or("no response")?;
    Ok(body.to_owned())
}
