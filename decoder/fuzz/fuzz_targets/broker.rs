#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_native::forward_to_anybody(octets));
