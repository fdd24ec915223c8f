#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metertap_native::forward_to_any_broker(bytes));
