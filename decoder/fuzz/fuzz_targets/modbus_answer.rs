#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| metertap_decoder::fuzz::modbus_answer(octets));
