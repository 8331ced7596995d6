//! Keys, certificates and bundles as text: PEM, base64 of certificates and key stores, JSON Web Keys
//! and sets of them. A key or certificate that was read is the same after writing and reading.
#![no_main]

use eca_attest::{Bundle, Certificate, Format, Password, PrivateKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = Format::detect(input);
    let _ = Bundle::read(input, &mut |_| Some(Password::new("test-only")));
    if let Ok(key) = PrivateKey::read(input) {
        let again = PrivateKey::read(key.expose_pkcs8_pem().as_bytes()).expect("the written PEM is read");
        assert_eq!(again.expose_pkcs8_der(), key.expose_pkcs8_der());
        assert_eq!(again.public_key(), key.public_key());
    }
    if let Ok(certificate) = Certificate::read(input) {
        let again = Certificate::read(certificate.to_body().as_bytes()).expect("the written body is read");
        assert_eq!(again, certificate);
    }
});
