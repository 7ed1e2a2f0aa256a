#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| (sunup_fuzz::target("ansible_ini").run)(data));
