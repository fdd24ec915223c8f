#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_readings::files::backup::read_any_record(octets));
