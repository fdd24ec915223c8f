#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metertap_readings::files::backup::read_anything(bytes));
