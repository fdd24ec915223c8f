#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_readings::files::import::read_anything(octets));
