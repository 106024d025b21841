//! `make fuzz`: one input after another goes through [`drive::check`].

#![no_main]

mod drive;

libfuzzer_sys::fuzz_target!(|input: &[u8]| drive::check(input));
