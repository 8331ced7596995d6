//! PKCS#12 key stores, with a password and with an empty one. Start with key stores without a MAC
//! (`openssl pkcs12 -export -nomac`) as seeds: only then do changes reach the bags.
#![no_main]

use eca_attest::{Bundle, Password};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for password in ["test-only", ""] {
        let _ = Bundle::read(input, &mut |_| Some(Password::new(password)));
    }
});
