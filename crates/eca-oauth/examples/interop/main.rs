//! Runs the flows against another authorization server, which `cargo xtask interop oauth` starts.
//!
//! Covers OpenID discovery, client credentials, authorization code with PKCE, refresh with
//! rotation, signed client assertions, introspection, DPoP (RFC 9449). Does not cover what only
//! Salesforce has: its device flow, token exchange, revocation without client authentication,
//! the authorization challenge and its client attestation.

mod dpop;

use std::error::Error;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use eca_attest::{ClientAttestation, Jti, OsIds, PrivateKey, Provider};
use eca_http::{HttpClient, Idempotency, Redirects};
use eca_oauth::{
    AccessToken, AssertionJwt, AuthorizationCode, AuthorizationCodeGrant, AuthorizationRequest,
    Callback, ClientAuthentication, ClientCredential, ClientCredentials, ClientId, ClientProof,
    ClientSecret, Introspection, LoginUrl, MemoryRefreshStore, OpenIdConfiguration, PkceVerifier,
    RefreshGrant, RefreshToken, RefreshTokens, State, TokenEndpoint, TokenResponse, TokenSource,
};
use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

struct Server {
    http: HttpClient,
    issuer: LoginUrl,
    tokens: TokenEndpoint,
    redirect_uri: String,
    key: PrivateKey,
}

#[tokio::main]
async fn main() -> Result {
    let arguments = std::env::args()
        .nth(1)
        .ok_or("run by `cargo xtask interop oauth`")?;
    let arguments: Value = serde_json::from_str(&arguments)?;
    let text = |name: &str| arguments[name].as_str().ok_or("an argument is missing");
    let issuer: LoginUrl = text("issuer")?.parse()?;
    let server = Server {
        http: HttpClient::new_default("eca-interop")?,
        tokens: format!("{issuer}/token").parse()?,
        issuer,
        redirect_uri: text("redirect_uri")?.to_owned(),
        key: PrivateKey::read(text("key")?.as_bytes())?,
    };
    server.discovery().await?;
    let token = server.client_credentials().await?;
    server.introspection(&token).await?;
    server.code_and_refresh("secretive").await?;
    server.code_and_refresh("signing").await?;
    dpop::run(&server).await
}

fn secret() -> Result<ClientSecret> {
    Ok(ClientSecret::new("not a real+secret:%")?)
}

fn passed(what: &str) {
    println!("ok  {what}");
}

impl Server {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        Ok(self.http.send(Idempotency::NotIdempotent, request).await?)
    }

    fn assertion(&self) -> Result<AssertionJwt> {
        let signer = Provider::default().signer(&self.key)?;
        let claims = ClientAttestation::new("signing".parse()?, self.issuer.as_str().parse()?)
            .subject("signing")
            .id(Jti::Fresh);
        let jwt = claims.sign(&*signer, SystemTime::now(), &OsIds)?;
        Ok(AssertionJwt::new(jwt.expose_jwt())?)
    }

    async fn discovery(&self) -> Result {
        let response = self
            .send(OpenIdConfiguration::request(&self.issuer))
            .await?;
        let step = OpenIdConfiguration::step(&self.issuer);
        let configuration = OpenIdConfiguration::parse(&step, &response)?;
        assert!(configuration.is_issued_by(&self.issuer), "issuer");
        assert_eq!(configuration.token_endpoint.as_ref(), Some(&self.tokens));
        passed("OpenID discovery");
        Ok(())
    }

    async fn client_credentials(&self) -> Result<Arc<AccessToken>> {
        let id = "secretive".parse()?;
        let credential = ClientCredential::Secret(secret()?, ClientAuthentication::Basic);
        let source =
            ClientCredentials::new(self.http.clone(), self.tokens.clone(), id, credential)?;
        let token = source.access_token().await?;
        passed("client credentials, with a secret that needs encoding");
        Ok(token)
    }

    async fn introspection(&self, token: &AccessToken) -> Result {
        let endpoint = format!("{}/token/introspection", self.issuer).parse()?;
        let id: ClientId = "signing".parse()?;
        let proof = ClientProof::Assertion(self.assertion()?);
        let request = Introspection::request(&endpoint, &id, &proof, token);
        let response = self.send(request).await?;
        let introspection = Introspection::parse(&Introspection::step(&endpoint), &response)?;
        assert!(introspection.active && introspection.client_id.as_deref() == Some("secretive"));
        passed("introspection, with private_key_jwt");
        Ok(())
    }

    async fn code_and_refresh(&self, client: &str) -> Result {
        let id: ClientId = client.parse()?;
        let verifier = PkceVerifier::generate()?;
        let code = self.browse(&id, &verifier).await?;
        let secret = secret()?;
        let proof = || -> Result<ClientProof<'_>> {
            Ok(match client {
                "signing" => ClientProof::Assertion(self.assertion()?),
                _ => ClientProof::Secret(&secret, ClientAuthentication::Basic),
            })
        };
        let grant = AuthorizationCodeGrant::new(&self.tokens, &id, code, verifier)
            .with_redirect_uri(&self.redirect_uri)
            .with_proof(proof()?);
        let step = grant.step();
        let response = self.send(grant.into_request()).await?;
        let token = TokenResponse::parse(&step, &response)?;
        let first = token.refresh_token.ok_or("no refresh token")?;
        passed(&format!("authorization code with PKCE ({client})"));

        let old = RefreshToken::new(first.expose_secret())?;
        let credential = match client {
            "signing" => {
                let jwts = [self.assertion()?, self.assertion()?];
                let jwts = std::sync::Mutex::new(jwts.into_iter());
                ClientCredential::Assertion(Arc::new(move || {
                    let next = jwts.lock().ok().and_then(|mut jwts| jwts.next());
                    next.ok_or("no more assertions")
                }))
            }
            _ => ClientCredential::Secret(self::secret()?, ClientAuthentication::Basic),
        };
        let source = RefreshTokens::new(
            self.http.clone(),
            self.tokens.clone(),
            id.clone(),
            credential,
            Arc::new(MemoryRefreshStore::new(first)),
        );
        for _ in 0..2 {
            let token = source.access_token().await?;
            source.invalidate(&token);
        }
        let again = RefreshGrant::new(&self.tokens, &id, proof()?).request(&old);
        let response = self.send(again).await?;
        let refused = TokenResponse::parse(&RefreshGrant::step(&self.tokens), &response);
        let code = refused
            .err()
            .and_then(|e| e.oauth().map(|e| e.code().to_owned()));
        assert_eq!(code.as_deref(), Some("invalid_grant"));
        passed(&format!(
            "refresh with rotation, and a used token is refused ({client})"
        ));
        Ok(())
    }

    /// Follows redirects with cookies, as a browser does, up to the callback.
    async fn browse(&self, id: &ClientId, verifier: &PkceVerifier) -> Result<AuthorizationCode> {
        let state = State::generate()?;
        let scope = "openid offline_access".parse()?;
        let mut url = AuthorizationRequest {
            endpoint: &format!("{}/auth", self.issuer).parse()?,
            client_id: id,
            redirect_uri: &self.redirect_uri,
            code_challenge: &verifier.challenge(),
            state: &state,
            scope: Some(&scope),
            login_hint: None,
            prompt: Some("consent"),
        }
        .url();
        let mut cookies: Vec<(String, String)> = Vec::new();
        for _ in 0..10 {
            let jar: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            let mut request = http::Request::get(&url)
                .header("cookie", jar.join("; "))
                .body(Bytes::new())?;
            request.extensions_mut().insert(Redirects::Return);
            let response = self.send(request).await?;
            for cookie in response.headers().get_all("set-cookie") {
                let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').ok_or("no cookie")?;
                cookies.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    cookies.push((name.to_owned(), value.to_owned()));
                }
            }
            let location = response.headers().get("location");
            let location = location.ok_or_else(|| format!("no redirect: {}", response.status()))?;
            let next = url::Url::parse(&url)?.join(location.to_str()?)?;
            if next.as_str().starts_with(&self.redirect_uri) {
                let target = &next[url::Position::BeforePath..];
                let is_issuer = |issuer: &str| issuer == self.issuer.as_str();
                return match Callback::read(target, &self.redirect_uri, &state, is_issuer) {
                    Callback::Code(code) => Ok(code),
                    other => Err(format!("{other:?}").into()),
                };
            }
            url = next.into();
        }
        Err("too many redirects".into())
    }
}
