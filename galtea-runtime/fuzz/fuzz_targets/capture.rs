//! Whatever value is captured: valid JSON, an object, within its limit, without the secrets that were planted.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| galtea_runtime::internals::check_capture(data));
