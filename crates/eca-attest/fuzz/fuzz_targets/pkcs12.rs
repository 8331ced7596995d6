//! PKCS#12 key stores, with a password and without. Stores without a MAC are the seeds to begin
//! with (`openssl pkcs12 -export -nomac`): changes of them get to the bags.
#![no_main]

use eca_attest::{Bundle, Password};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for password in ["test-only", ""] {
        let _ = Bundle::read(input, &mut |_| Some(Password::new(password)));
    }
});
