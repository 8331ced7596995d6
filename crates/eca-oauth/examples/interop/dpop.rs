//! Tokens that are bound to a key by DPoP (RFC 9449).

use std::time::SystemTime;

use bytes::Bytes;
use eca_attest::dpop::{self, DpopProof};
use eca_attest::{KeyKind, OsIds, Provider, Signer};
use eca_oauth::{
    AccessToken, AuthorizationCodeGrant, ClientAuthentication, ClientCredentialsGrant, ClientId,
    ClientProof, Error, PkceVerifier, Step, StepKind, TokenResponse, UserInfo, UserinfoEndpoint,
};
use http::HeaderValue;

use super::{Result, Server, passed, secret};

/// A client that proves possession of its key with each request.
struct BoundClient {
    signer: Box<dyn Signer>,
}

pub(super) async fn run(server: &Server) -> Result {
    let provider = Provider::default();
    let signer = provider.signer(&provider.generate(KeyKind::P256)?)?;
    let client = BoundClient { signer };
    let (nonce, token) = client.bound_token(server).await?;
    client.userinfo(server, &nonce, &token).await
}

impl BoundClient {
    fn proof(
        &self,
        method: &str,
        url: &str,
        nonce: Option<&str>,
        token: Option<&str>,
    ) -> Result<String> {
        let mut proof = DpopProof::new(method, url);
        if let Some(nonce) = nonce {
            proof = proof.nonce(nonce);
        }
        if let Some(token) = token {
            proof = proof.access_token(token);
        }
        let signed = proof.sign(&*self.signer, SystemTime::now(), &OsIds)?;
        Ok(signed.expose_jwt().to_owned())
    }

    /// A token that is bound to the key, for a client with a secret, and the server's nonce.
    async fn bound_token(&self, server: &Server) -> Result<(String, AccessToken)> {
        let (id, secret): (ClientId, _) = ("secretive".parse()?, secret()?);
        let url = server.tokens.to_string();
        let verifier = PkceVerifier::generate()?;
        let code = server.browse(&id, &verifier).await?;
        // The nonce comes from a request that does not use up the code.
        let basic = ClientProof::Secret(&secret, ClientAuthentication::Basic);
        let probe = ClientCredentialsGrant::new(&server.tokens, &id, basic)?;
        let mut probe = probe.request();
        bind(&mut probe, &self.proof("POST", &url, None, None)?)?;
        let response = server.send(probe).await?;
        assert_eq!(error_code(&response)?, "use_dpop_nonce");
        let nonce = response.headers().get(dpop::NONCE_HEADER);
        let nonce = nonce
            .ok_or("no nonce in the response")?
            .to_str()?
            .to_owned();

        let grant = AuthorizationCodeGrant::new(&server.tokens, &id, code, verifier)
            .with_redirect_uri(&server.redirect_uri)
            .with_secret(&secret, ClientAuthentication::Basic);
        let step = grant.step();
        let mut request = grant.into_request();
        bind(&mut request, &self.proof("POST", &url, Some(&nonce), None)?)?;
        let token = TokenResponse::parse(&step, &server.send(request).await?)?;
        assert_eq!(token.token_type.as_deref(), Some("DPoP"));
        passed("authorization code with a DPoP proof, with the server's nonce");
        Ok((nonce, token.access_token))
    }

    async fn userinfo(&self, server: &Server, nonce: &str, token: &AccessToken) -> Result {
        let endpoint: UserinfoEndpoint = format!("{}/me", server.issuer).parse()?;
        let step = UserInfo::step(&endpoint);
        let bearer = server.send(UserInfo::request(&endpoint, token)).await?;
        assert!(UserInfo::parse(&step, &bearer).is_err(), "without a proof");
        let url = endpoint.to_string();
        for (hashed, accepted) in [("other", false), (token.expose_secret(), true)] {
            let proof = self.proof("GET", &url, Some(nonce), Some(hashed))?;
            let mut request = UserInfo::request(&endpoint, token);
            let scheme = format!("DPoP {}", token.expose_secret());
            request
                .headers_mut()
                .insert("authorization", HeaderValue::try_from(scheme)?);
            bind(&mut request, &proof)?;
            let userinfo = UserInfo::parse(&step, &server.send(request).await?);
            assert_eq!(userinfo.is_ok(), accepted, "{userinfo:?}");
        }
        passed("userinfo with the bound token, which is refused without its proof");
        Ok(())
    }
}

/// The code of the server's error.
fn error_code(response: &http::Response<Bytes>) -> Result<String> {
    let step = Step::new(StepKind::ClientCredentials, "the server");
    match TokenResponse::parse(&step, response) {
        Err(Error::Refused { source, .. }) => Ok(source.code().to_owned()),
        other => Err(format!("not refused: {other:?}").into()),
    }
}

fn bind(request: &mut http::Request<Bytes>, proof: &str) -> Result {
    let mut value = HeaderValue::try_from(proof)?;
    value.set_sensitive(true);
    let name = http::HeaderName::from_bytes(dpop::HEADER.as_bytes())?;
    request.headers_mut().insert(name, value);
    Ok(())
}
