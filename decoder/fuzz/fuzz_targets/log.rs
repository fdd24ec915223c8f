#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metertap_readings::log::read_anything(bytes));
