#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metertap_readings::files::capture::read_anything(bytes));
