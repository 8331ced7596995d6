//! Instances that prove themselves with attested keys, and tokens that are bound to these keys.

use std::time::SystemTime;

use bytes::Bytes;
use eca_attest::abca::{
    CHALLENGE_HEADER, DPOP_HEADER, DpopProof, InstanceAttestation, PossessionProof, USE_CHALLENGE,
};
use eca_attest::{KeyKind, OsIds, PrivateKey, Provider, Signer};
use eca_oauth::{
    AccessToken, AssertionJwt, AuthorizationCodeGrant, ClientAuthentication,
    ClientCredentialsGrant, ClientId, ClientProof, Error, PkceVerifier, RefreshGrant, Step,
    StepKind, TokenResponse, UserInfo, UserinfoEndpoint,
};
use http::HeaderValue;

use super::{Done, World, passed, secret};

/// The response header with the nonce for the next proof (RFC 9449 section 8).
const NONCE_HEADER: &str = "dpop-nonce";

/// An installed app: its own key, and the attester's word for it.
struct Instance {
    id: ClientId,
    signer: Box<dyn Signer>,
    attestation: String,
}

pub(super) async fn run(world: &World, attester: &PrivateKey) -> Done {
    let own = Instance::install("attested", attester)?;
    own.proof_of_possession(world).await?;
    own.code_and_refresh(world, &Instance::install("attested", attester)?)
        .await?;
    own.dpop(world).await?;
    let combined = Instance::install("combined", attester)?;
    combined.combined_mode(world, &own).await
}

/// The server's words, which must be a refusal.
fn refusal(answer: &http::Response<Bytes>) -> Done<String> {
    match TokenResponse::parse(
        &Step::new(StepKind::ClientCredentials, "the server"),
        answer,
    ) {
        Err(Error::Refused { source, .. }) => Ok(source.code().to_owned()),
        other => Err(format!("no refusal: {other:?}").into()),
    }
}

fn given(answer: &http::Response<Bytes>, header: &str) -> Done<String> {
    let value = answer.headers().get(header);
    let value = value.ok_or_else(|| format!("no {header} in the answer"))?;
    Ok(value.to_str()?.to_owned())
}

impl Instance {
    fn install(client: &str, attester: &PrivateKey) -> Done<Self> {
        let provider = Provider::default();
        let signer = provider.signer(&provider.generate(KeyKind::P256)?)?;
        let attester = provider.signer(attester)?;
        let attestation = InstanceAttestation::new(client, signer.public_key())
            .sign(&*attester, SystemTime::now())?;
        Ok(Self {
            id: client.parse()?,
            attestation: attestation.expose_jwt().to_owned(),
            signer,
        })
    }

    /// A proof of possession; `None` before the server gave a challenge.
    fn proof(&self, world: &World, challenge: Option<&str>) -> Done<String> {
        let proof = PossessionProof::new(world.issuer.as_str().parse()?);
        let proof = match challenge {
            Some(challenge) => proof.challenge(challenge),
            None => proof,
        };
        let signed = proof.sign(&*self.signer, SystemTime::now(), &OsIds)?;
        Ok(signed.expose_jwt().to_owned())
    }

    fn proving(&self, proof: &str) -> Done<ClientProof<'static>> {
        Ok(ClientProof::Instance {
            attestation: AssertionJwt::new(&*self.attestation)?,
            proof: AssertionJwt::new(proof)?,
        })
    }

    fn dpop_proof(
        &self,
        url: &str,
        method: &str,
        nonce: Option<&str>,
        token: Option<&AccessToken>,
    ) -> Done<String> {
        let mut proof = DpopProof::new(method, url);
        if let Some(nonce) = nonce {
            proof = proof.nonce(nonce);
        }
        if let Some(token) = token {
            proof = proof.access_token(token.expose_secret());
        }
        let signed = proof.sign(&*self.signer, SystemTime::now(), &OsIds)?;
        Ok(signed.expose_jwt().to_owned())
    }

    async fn client_credentials(
        &self,
        world: &World,
        proof: ClientProof<'_>,
    ) -> Done<http::Response<Bytes>> {
        let grant = ClientCredentialsGrant::new(&world.tokens, &self.id, proof)?;
        world.send(grant.request()).await
    }

    /// Asks without a challenge, and is given the one that the next proof must answer.
    async fn challenge(&self, world: &World) -> Done<String> {
        let proof = self.proof(world, None)?;
        let answer = self
            .client_credentials(world, self.proving(&proof)?)
            .await?;
        assert_eq!(refusal(&answer)?, USE_CHALLENGE);
        given(&answer, CHALLENGE_HEADER)
    }

    async fn proof_of_possession(&self, world: &World) -> Done {
        let challenge = self.challenge(world).await?;
        let proof = self.proof(world, Some(&challenge))?;
        let answer = self
            .client_credentials(world, self.proving(&proof)?)
            .await?;
        TokenResponse::parse(&ClientCredentialsGrant::step(&world.tokens), &answer)?;
        passed("client attestation and proof of possession, with the server's challenge");

        let again = self
            .client_credentials(world, self.proving(&proof)?)
            .await?;
        assert_eq!(refusal(&again)?, "invalid_client", "a used proof");
        let thief = Provider::default().generate(KeyKind::P256)?;
        let thief = Instance {
            id: self.id.clone(),
            attestation: self.attestation.clone(),
            signer: Provider::default().signer(&thief)?,
        };
        let stolen = thief.proof(world, Some(&challenge))?;
        let answer = self
            .client_credentials(world, self.proving(&stolen)?)
            .await?;
        assert_eq!(refusal(&answer)?, "invalid_client", "another key");
        let elsewhere = PossessionProof::new("https://as.example.com".parse()?)
            .challenge(challenge)
            .sign(&*self.signer, SystemTime::now(), &OsIds)?;
        let elsewhere = self.proving(elsewhere.expose_jwt())?;
        let answer = self.client_credentials(world, elsewhere).await?;
        assert_eq!(refusal(&answer)?, "invalid_client", "another audience");
        passed("used, stolen and misdirected proofs are refused");
        Ok(())
    }

    /// A refresh token belongs to the instance that got it.
    async fn code_and_refresh(&self, world: &World, other: &Self) -> Done {
        let challenge = self.challenge(world).await?;
        let prove = |own: &Self| own.proving(&own.proof(world, Some(&challenge))?);
        let verifier = PkceVerifier::generate()?;
        let code = world.browse(&self.id, &verifier).await?;
        let grant = AuthorizationCodeGrant::new(&world.tokens, &self.id, code, verifier)
            .with_redirect_uri(&world.redirect_uri)
            .with_proof(prove(self)?);
        let step = grant.step();
        let answer = world.send(grant.into_request()).await?;
        let token = TokenResponse::parse(&step, &answer)?.refresh_token;
        let token = token.ok_or("no refresh token")?;
        passed("authorization code with PKCE (attested)");

        let request = RefreshGrant::new(&world.tokens, &other.id, prove(other)?).request(&token);
        assert_eq!(refusal(&world.send(request).await?)?, "invalid_grant");
        let request = RefreshGrant::new(&world.tokens, &self.id, prove(self)?).request(&token);
        let answer = world.send(request).await?;
        TokenResponse::parse(&RefreshGrant::step(&world.tokens), &answer)?;
        passed("refresh (attested), and another instance's refresh is refused");
        Ok(())
    }

    /// A token that is bound to the key, got by a client with a secret.
    async fn dpop(&self, world: &World) -> Done {
        let (id, secret): (ClientId, _) = ("secretive".parse()?, secret()?);
        let url = world.tokens.to_string();
        let verifier = PkceVerifier::generate()?;
        let code = world.browse(&id, &verifier).await?;
        // The nonce is fetched by a request that costs no code.
        let probe = ClientCredentialsGrant::new(
            &world.tokens,
            &id,
            ClientProof::Secret(&secret, ClientAuthentication::Basic),
        )?;
        let mut probe = probe.request();
        bind(&mut probe, &self.dpop_proof(&url, "POST", None, None)?)?;
        let answer = world.send(probe).await?;
        assert_eq!(refusal(&answer)?, "use_dpop_nonce");
        let nonce = given(&answer, NONCE_HEADER)?;

        let grant = AuthorizationCodeGrant::new(&world.tokens, &id, code, verifier)
            .with_redirect_uri(&world.redirect_uri)
            .with_secret(&secret, ClientAuthentication::Basic);
        let step = grant.step();
        let mut request = grant.into_request();
        bind(
            &mut request,
            &self.dpop_proof(&url, "POST", Some(&nonce), None)?,
        )?;
        let token = TokenResponse::parse(&step, &world.send(request).await?)?;
        assert_eq!(token.token_type.as_deref(), Some("DPoP"));
        passed("authorization code with a DPoP proof, with the server's nonce");

        let endpoint: UserinfoEndpoint = format!("{}/me", world.issuer).parse()?;
        let step = UserInfo::step(&endpoint);
        let token = &token.access_token;
        let bare = world.send(UserInfo::request(&endpoint, token)).await?;
        assert!(UserInfo::parse(&step, &bare).is_err(), "a bearer's token");
        let url = endpoint.to_string();
        let other = DpopProof::new("GET", &url)
            .nonce(&nonce)
            .access_token("other");
        let other = other.sign(&*self.signer, SystemTime::now(), &OsIds)?;
        let own = self.dpop_proof(&url, "GET", Some(&nonce), Some(token))?;
        for (proof, accepted) in [(other.expose_jwt(), false), (own.as_str(), true)] {
            let mut request = UserInfo::request(&endpoint, token);
            let scheme = format!("DPoP {}", token.expose_secret());
            request
                .headers_mut()
                .insert("authorization", HeaderValue::try_from(scheme)?);
            bind(&mut request, proof)?;
            let said = UserInfo::parse(&step, &world.send(request).await?);
            assert_eq!(said.is_ok(), accepted, "{said:?}");
        }
        passed("userinfo with the bound token, which opens nothing without its proof");
        Ok(())
    }

    /// One proof for both: who the client is, and whom the token belongs to.
    async fn combined_mode(&self, world: &World, other: &Self) -> Done {
        let url = world.tokens.to_string();
        let combined = |proof: &str| -> Done<ClientProof<'static>> {
            Ok(ClientProof::InstanceDpop {
                attestation: AssertionJwt::new(&*self.attestation)?,
                proof: AssertionJwt::new(proof)?,
            })
        };
        let proof = self.dpop_proof(&url, "POST", None, None)?;
        let answer = self.client_credentials(world, combined(&proof)?).await?;
        assert_eq!(refusal(&answer)?, "use_dpop_nonce");
        let nonce = given(&answer, NONCE_HEADER)?;
        let proof = other.dpop_proof(&url, "POST", Some(&nonce), None)?;
        let answer = self.client_credentials(world, combined(&proof)?).await?;
        assert_eq!(refusal(&answer)?, "invalid_client", "another key");
        let proof = self.dpop_proof(&url, "POST", Some(&nonce), None)?;
        let answer = self.client_credentials(world, combined(&proof)?).await?;
        let step = ClientCredentialsGrant::step(&world.tokens);
        let token = TokenResponse::parse(&step, &answer)?;
        assert_eq!(token.token_type.as_deref(), Some("DPoP"));
        passed("client attestation in combined mode, and another key is refused");
        Ok(())
    }
}

fn bind(request: &mut http::Request<Bytes>, proof: &str) -> Done {
    let mut value = HeaderValue::try_from(proof)?;
    value.set_sensitive(true);
    request
        .headers_mut()
        .insert(http::HeaderName::from_bytes(DPOP_HEADER.as_bytes())?, value);
    Ok(())
}
