//! Strings: integers of every width, lengths around every form of a length, compressible or not.

use super::super::on;
use super::{Keys, noise, text};
use redis::{Cmd, ToRedisArgs};

/// Lengths at which the server or the file changes the form of a string: 6- and 14-bit lengths, the shortest string
/// that is compressed (21), one allocation (44), LZF's longest run and back reference (264, 8 KiB), a mebibyte.
const LENGTHS: [usize; 26] = [
    0, 1, 10, 11, 12, 19, 20, 21, 22, 43, 44, 45, 63, 64, 65, 263, 264, 265, 8_191, 8_193, 16_383, 16_384,
    65_535, 65_536, 1_048_575, 1_048_577,
];

/// Numbers that are stored in one, two or four bytes, or as text; and texts that only look like numbers.
const NUMBERS: [&str; 30] = [
    "0",
    "-1",
    "127",
    "128",
    "-128",
    "-129",
    "255",
    "256",
    "32767",
    "32768",
    "-32768",
    "-32769",
    "65535",
    "8388607",
    "-8388609",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "-0",
    "007",
    "+5",
    " 1",
    "1.5",
    "1e5",
];

pub(super) fn all(keys: &mut Keys) {
    for number in NUMBERS {
        keys.add(&format!("string number {number}"), |key| set(key, number));
        // The name itself is stored as a number.
        keys.named(number.as_bytes(), |key| set(key, "named by a number"));
    }
    for length in LENGTHS {
        keys.add(&format!("string text {length}"), |key| set(key, text(length, 1)));
        keys.add(&format!("string noise {length}"), |key| {
            set(key, noise(length, 1))
        });
        if length <= 65_536 {
            keys.named(&text(length, 7), |key| set(key, "a long name that compresses"));
        }
        // Shorter ones could meet by chance.
        if (10..=65_536).contains(&length) {
            keys.named(&noise(length, 7), |key| set(key, "a long name that does not"));
        }
    }
    changed(keys);
    keys.add("bitmap far out", |key| {
        vec![on("SETBIT", key).arg(3_000_001).arg(1).take()]
    });
    for count in [1, 10, 100, 700, 900, 20_000] {
        keys.add(&format!("hyperloglog {count}"), |key| {
            let elements: Vec<usize> = (0..count).collect();
            elements
                .chunks(1000)
                .map(|chunk| on("PFADD", key).arg(chunk).take())
                .collect()
        });
    }
    for (number, unit) in ["EXAT", "PXAT"].into_iter().enumerate() {
        let far = super::super::FAR * 1000_u64.pow(u32::from(number == 1)) + 1;
        keys.add(&format!("string {unit}"), |key| {
            vec![on("SET", key).arg("v").arg(unit).arg(far).take()]
        });
    }
    keys.add("string expiry as far as it goes", |key| {
        let last = i64::MAX / 2;
        vec![
            on("SET", key).arg("v").take(),
            on("PEXPIREAT", key).arg(last).take(),
        ]
    });
}

/// Strings that no single `SET` makes.
fn changed(keys: &mut Keys) {
    keys.add("string appended to a number", |key| {
        vec![on("SET", key).arg(12).take(), on("APPEND", key).arg("34").take()]
    });
    keys.add("string with a hole", |key| {
        vec![on("SETRANGE", key).arg(70_000).arg("end").take()]
    });
    keys.add("string counted up past 32 bits", |key| {
        vec![on("SET", key).arg(i32::MAX).take(), on("INCR", key).take()]
    });
    keys.add("string counted in parts", |key| {
        vec![on("INCRBYFLOAT", key).arg("3.14e2").take()]
    });
    keys.add("string of noise and text by turns", |key| {
        let parts = (0..60).flat_map(|part| {
            let length = 300 + part * 40;
            if part % 2 == 0 {
                noise(length, part)
            } else {
                text(length, part)
            }
        });
        set(key, parts.collect::<Vec<u8>>())
    });
}

/// 20 MiB, as the largest things that people keep in a cache.
pub(super) fn large(keys: &mut Keys) {
    const SIZE: usize = 20 << 20;
    keys.add("string 20 MiB of noise", |key| set(key, noise(SIZE, 0)));
    keys.add("string 20 MiB of one letter", |key| set(key, vec![b'z'; SIZE]));
    keys.add("string 20 MiB that compresses a little", |key| {
        let mut bytes = noise(SIZE, 1);
        // A copy within the window of 8 KiB in every 4 KiB: long literals and back references by turns.
        for start in (4096..SIZE).step_by(4096) {
            bytes.copy_within(start - 4096..start - 2048, start);
        }
        set(key, bytes)
    });
}

fn set(key: &[u8], value: impl ToRedisArgs) -> Vec<Cmd> {
    vec![on("SET", key).arg(value).take()]
}
