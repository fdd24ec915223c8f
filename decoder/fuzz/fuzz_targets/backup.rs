#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_readings::backup::read_anything(octets));
