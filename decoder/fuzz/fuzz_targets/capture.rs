#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_readings::files::capture::read_anything(octets));
