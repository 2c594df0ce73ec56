#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| selfsame_fuzz::log_archive(data));
