//! OAuth 2.0 Attestation-Based Client Authentication, the IETF draft
//! `draft-ietf-oauth-attestation-based-client-auth`, version -12.
//!
//! Read for it: the working group's copy of 6 October 2026, but for its IANA considerations; its
//! history ends with -12 and says what -10, -11 and -12 changed. Section numbers here are those of
//! that copy. The texts of -10 and -11 were not read themselves.
//!
//! **This is another thing than Salesforce's client attestation** ([`ClientAttestation`]), although
//! both are called so. There, the app signs one JWT with the key of a registered certificate. Here,
//! an *attester* signs a JWT that binds a client to the key of one installed *instance*
//! ([`InstanceAttestation`]), and the instance proves with each request that it has the key: by a
//! [`PossessionProof`], or by a [`DpopProof`] in combined mode. Salesforce's pages mention nothing
//! of it; use it with servers that document the method `attest_jwt_client_auth`.
//!
//! Nor is it the Mobile App Attestation of Salesforce's Mobile SDK, which is no JWT at all.
//!
//! Tested against the draft's signed examples: the attestation and the two proofs (with and without
//! `challenge`) of the working group's `examples/`, and the proofs for an authorization server and
//! for a resource server in the text of -12 and in that of -08. The latter lack `iat`, so they show
//! signature and `aud`, and are refused. No signed example of combined mode was found in -00 to -12
//! nor in `examples/`, and no attester's key is published, so neither is compared with the draft;
//! DPoP proofs are checked by other libraries instead. Of the two protections of an attestation
//! that the draft has (section 12.2), signatures are here and MACs are not.
//!
//! The module is pure as the rest of the crate: header names are constants, sending them is for
//! others. A client tries again at most once with the challenge it was given
//! (`use_attestation_challenge`, section 6.1 of the draft).
//!
//! ```
//! # #[cfg(feature = "rustcrypto")] {
//! use std::time::SystemTime;
//! use eca_attest::abca::{
//!     AttestationChecks, InstanceAttestation, PossessionProof, ProofChecks,
//! };
//! use eca_attest::{KeyKind, MemoryReplayStore, OsIds, Provider};
//!
//! let provider = Provider::default();
//! let attester = provider.signer(&provider.generate(KeyKind::P256)?)?;
//! let instance = provider.signer(&provider.generate(KeyKind::P256)?)?;
//! let now = SystemTime::now();
//!
//! // The attester's backend, once in a while:
//! let attestation = InstanceAttestation::new("https://client.example.com", instance.public_key())
//!     .sign(&*attester, now)?;
//! // The instance, for each request:
//! let proof = PossessionProof::new("https://as.example.com".parse()?)
//!     .challenge("5c1a9e10")
//!     .sign(&*instance, now, &OsIds)?;
//!
//! // The server:
//! let attested = AttestationChecks::new("https://client.example.com")
//!     .verify(provider, attester.public_key(), attestation.expose_jwt(), now)?;
//! ProofChecks::new("https://as.example.com".parse()?)
//!     .challenge("5c1a9e10")
//!     .verify(provider, &attested, proof.expose_jwt(), now, &MemoryReplayStore::default())?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`ClientAttestation`]: crate::mint::attestation::ClientAttestation

mod attestation;
mod dpop;
mod proof;
mod verify;

pub use attestation::{
    AttestationChecks, Attested, InstanceAttestation, InstanceLifetime, inspect_attestation,
};
pub use dpop::{DpopChecks, DpopProof};
pub use proof::{PossessionProof, ProofChecks};
pub use verify::AbcaError;

/// The request header with the attestation (section 4).
pub const ATTESTATION_HEADER: &str = "OAuth-Client-Attestation";
/// The request header with the proof of possession (section 5.1).
pub const PROOF_HEADER: &str = "OAuth-Client-Attestation-PoP";
/// The response header with a challenge; the newest one counts (section 6.2).
pub const CHALLENGE_HEADER: &str = "OAuth-Client-Attestation-Challenge";
/// The request header with a DPoP proof (RFC 9449, section 4.1).
pub const DPOP_HEADER: &str = "DPoP";
/// `typ` of the attestation.
pub const ATTESTATION_TYPE: &str = "oauth-client-attestation+jwt";
/// `typ` of the proof of possession.
pub const PROOF_TYPE: &str = "oauth-client-attestation-pop+jwt";
/// `typ` of a DPoP proof.
pub const DPOP_TYPE: &str = "dpop+jwt";
/// The member of the server's metadata with the URL that hands out challenges by POST (section
/// 6.3).
pub const CHALLENGE_ENDPOINT: &str = "challenge_endpoint";
/// The member of that endpoint's JSON answer with the challenge; a `DPoP-Nonce` header may come
/// along (section 6.3).
pub const CHALLENGE_MEMBER: &str = "attestation_challenge";
/// The authentication method with a proof of possession (section 8).
pub const METHOD: &str = "attest_jwt_client_auth";
/// The authentication method in combined mode, with a DPoP proof (section 8).
pub const METHOD_DPOP: &str = "attest_jwt_client_auth_dpop";
/// The error of a server that wants a challenge in the proof (section 7.4).
pub const USE_CHALLENGE: &str = "use_attestation_challenge";
/// The error of a server that wants its nonce in a DPoP proof, in combined mode too (RFC 9449,
/// section 8).
pub const USE_DPOP_NONCE: &str = "use_dpop_nonce";
/// The error of a server that wants a newer attestation (section 7.4).
pub const USE_FRESH_ATTESTATION: &str = "use_fresh_attestation";
/// The error of a server that refuses the attestation (section 7.4).
pub const INVALID_ATTESTATION: &str = "invalid_client_attestation";
