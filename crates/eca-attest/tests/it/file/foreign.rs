//! Tokens of this crate in PyJWT and jose, and their tokens in this crate.

use eca_attest::dpop::DpopProof;
use eca_attest::{Assertion, ClientAttestation, OsIds, Provider, ValidationPolicy, Verifier};

use crate::oracle::Oracle;
use crate::support::{A3_PEM, CONSUMER_KEY, EC_PEM, RSA_PEM, SITE, at, key, now, signers};

/// In the year 2100, since the libraries use the system clock.
const EXP: u64 = 4_102_444_800;

/// Writes tokens of every provider, each with its algorithm and keys. Returns their number.
fn ours(oracle: &Oracle) -> usize {
    let mut count = 0;
    for (pem, algorithm) in [(RSA_PEM, "RS256"), (EC_PEM, "ES256")] {
        for (_, signer) in signers(pem) {
            let bearer = Assertion::jwt_bearer(
                CONSUMER_KEY.parse().unwrap(),
                "user@example.com",
                SITE.parse().unwrap(),
            );
            let mut tokens = vec![
                bearer
                    .sign(&*signer, at(EXP), &OsIds)
                    .unwrap()
                    .expose_jwt()
                    .to_owned(),
            ];
            if algorithm == "RS256" {
                let attestation =
                    ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
                tokens.push(
                    attestation
                        .sign(&*signer, at(EXP), &OsIds)
                        .unwrap()
                        .expose_jwt()
                        .to_owned(),
                );
            }
            for token in tokens {
                oracle.write(&format!("{count}.jwt"), token);
                oracle.write(&format!("{count}.alg"), algorithm);
                oracle.write(&format!("{count}.pem"), pem);
                oracle.run(&format!(
                    "openssl pkey -in {count}.pem -pubout -out {count}.pub"
                ));
                count += 1;
            }
        }
    }
    count
}

/// Verifies the tokens of the library with every provider.
fn theirs(oracle: &Oracle, library: &str) {
    for (pem, name) in [(RSA_PEM, "RS256"), (EC_PEM, "ES256")] {
        let token = String::from_utf8(oracle.read(format!("theirs.{name}"))).unwrap();
        let policy = ValidationPolicy::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
        for provider in Provider::available() {
            let verifier = Verifier::new(*provider, key(pem).public_key(), policy.clone()).unwrap();
            let passed = verifier.verify_ignoring_replay(token.trim(), now());
            assert!(passed.is_ok(), "{library} {name}: {passed:?}");
            let wrong = Verifier::new(*provider, key(A3_PEM).public_key(), policy.clone()).unwrap();
            wrong
                .verify_ignoring_replay(token.trim(), now())
                .unwrap_err();
        }
    }
}

#[test]
fn pyjwt() {
    let Some(oracle) = Oracle::with_library(
        &["openssl", "python3"],
        "PyJWT",
        "python3 -c 'import jwt, cryptography'",
    ) else {
        return;
    };
    let count = ours(&oracle);
    oracle.write(
        "check.py",
        format!(
            "import jwt\n\
             for i in range({count}):\n    \
                 token, alg, key = (open(f'{{i}}.{{e}}').read() for e in ('jwt', 'alg', 'pub'))\n    \
                 claims = jwt.decode(token, key, algorithms=[alg], audience='{SITE}', issuer='{CONSUMER_KEY}',\n        \
                     options={{'verify_iat': False, 'verify_exp': True}})\n    \
                 assert claims['exp'] == {EXP} + 180, claims\n\
             for i in range({count}):\n    \
                 alg, key = (open(f'{{i}}.{{e}}').read() for e in ('alg', 'pem'))\n    \
                 claims = dict(iss='{CONSUMER_KEY}', aud='{SITE}', exp={EXP})\n    \
                 open('theirs.' + alg, 'w').write(jwt.encode(claims, key, algorithm=alg))\n"
        ),
    );
    oracle.run("python3 check.py");
    theirs(&oracle, "PyJWT");
}

#[test]
fn jose() {
    let Some(oracle) =
        Oracle::with_library(&["openssl", "node"], "jose", "node -e \"require('jose')\"")
    else {
        return;
    };
    let count = ours(&oracle);
    let (_, signer) = signers(EC_PEM).remove(0);
    let dpop = DpopProof::new("POST", SITE)
        .sign(&*signer, now(), &OsIds)
        .unwrap();
    oracle.write("dpop", dpop.expose_jwt());
    oracle.write(
        "thumbprint",
        key(EC_PEM).public_key().jwk_thumbprint().unwrap(),
    );
    oracle.write(
        "check.js",
        format!(
            "const jose = require('jose'), read = n => require('fs').readFileSync(n, 'utf8').trim();
             const options = {{ audience: '{SITE}', issuer: '{CONSUMER_KEY}', currentDate: new Date(1000 * {EXP}) }};
             (async () => {{
               for (let i = 0; i < {count}; i++) {{
                 const alg = read(i + '.alg');
                 const pub = await jose.importSPKI(read(i + '.pub'), alg);
                 await jose.jwtVerify(read(i + '.jwt'), pub, {{ ...options, algorithms: [alg] }});
                 const pem = await jose.importPKCS8(read(i + '.pem'), alg);
                 const jwt = await new jose.SignJWT({{}}).setProtectedHeader({{ alg }}).setIssuer('{CONSUMER_KEY}')
                   .setAudience('{SITE}').setExpirationTime({EXP}).sign(pem);
                 require('fs').writeFileSync('theirs.' + alg, jwt);
               }}
               const dpop = await jose.jwtVerify(read('dpop'), jose.EmbeddedJWK, {{ typ: 'dpop+jwt' }});
               const thumbprint = await jose.calculateJwkThumbprint(dpop.protectedHeader.jwk);
               if (thumbprint !== read('thumbprint')) throw new Error(thumbprint);
             }})().catch(e => {{ console.error(e); process.exit(1) }});"
        ),
    );
    oracle.run("node check.js");
    theirs(&oracle, "jose");
}
