use super::*;
use crate::outcome::Found;
use crate::report::samples;

/// The large sample with one thing changed has this line in its report.
fn check_line(change: impl FnOnce(&mut Verdict), expected: &str) {
    let mut outcome = samples::sound_unnamed();
    let Found::Sound(verdict) = &mut outcome.found else {
        unreachable!()
    };
    change(verdict);
    let look = Look {
        width: 120,
        colour: false,
        now: "2026-11-20T03:05:00Z".parse().unwrap(),
    };
    let text = body(verdict, Duration::ZERO, &look);
    assert!(
        text.lines().any(|line| line.trim() == expected),
        "{expected}: {text}"
    );
}

#[test]
fn each_fact_is_told_as_it_is() {
    let absent = |version| move |v: &mut Verdict| (v.crc, v.version) = (Crc::Absent, version);
    check_line(
        absent(11),
        "Checksum     none: the writer had checksums switched off, so damage within texts goes unseen",
    );
    check_line(
        absent(4),
        "Checksum     none, as in every file before RDB 5: damage within texts goes unseen",
    );
    check_line(
        |v| v.expired = 0,
        "Expiries     1,200,000, of which none had passed by 2026-11-20 03:05:00 UTC",
    );
    check_line(|v| v.expires = 0, "Expiries     none");
    check_line(
        |v| v.databases.truncate(1),
        "Keys         5,000,004 in database 0",
    );
    check_line(
        |v| v.other_databases = v.databases.pop(),
        "Keys         5,000,004 in more than 1 database",
    );
    check_line(
        |v| v.other_databases = v.databases.pop(),
        "others           1           0         0   list 1",
    );
    let aux = |name: &'static str, value: &str| {
        let value = value.to_owned();
        move |v: &mut Verdict| {
            v.aux.remove("valkey-ver");
            v.aux.insert(name.to_owned(), value);
        }
    };
    check_line(
        aux("redis-ver", "7.2.6"),
        "Format       RDB 80 (VALKEY), written by Redis 7.2.6, 64 bit",
    );
    check_line(aux("ctime", "175??0"), "Written      from 812.4 MB of memory");
    check_line(aux("used-mem", "-1"), "Written      2026-11-20 03:00:17 UTC");
    check_line(
        aux("ctime", "9999999999999999"),
        "Written      from 812.4 MB of memory",
    );
}
