#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metertap_decoder::fuzz::dlms_frame(bytes));
