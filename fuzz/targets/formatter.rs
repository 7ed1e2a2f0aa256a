#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| (sunup_fuzz::target("formatter").run)(data));
