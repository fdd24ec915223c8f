#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_decoder::fuzz::mbus_records(octets));
