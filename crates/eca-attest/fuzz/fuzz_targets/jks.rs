//! Java key stores, with and without a password.
#![no_main]

use eca_attest::{Bundle, Password};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let store = [&[0xfe, 0xed, 0xfe, 0xed], input].concat();
    let _ = Bundle::read(&store, &mut |_| Some(Password::new("test-only")));
    let _ = Bundle::read(&store, &mut |_| None);
});
