use super::*;
use crate::broken::BrokenKind;
use crate::field::Role;
use crate::token::Text;

/// The least blobs as the engines lay them out: a frame, and an entry of one byte of content as often as must be.
#[test]
fn the_least_blob_is_what_an_engine_would_write() {
    for (blob, least, why) in [
        // zipmap.c: length byte, (length, key) and (length, free, value) with empty texts, end.
        (Blob::Zipmap, 1 + 1 + 2 + 1, "one pair of empty texts"),
        // intset.h: encoding and length of 4 bytes each, elements of 2 bytes and more.
        (Blob::Intset, 4 + 4 + 2, "one small number"),
        // ziplist.c: bytes and tail of 4, length of 2, entries of 2 (previous length, encoding), end.
        (Blob::ListZiplist, 4 + 4 + 2 + 2 + 1, "one entry"),
        (Blob::HashZiplist, 4 + 4 + 2 + 2 * 2 + 1, "a field and its value"),
        (Blob::NodeZiplist, 4 + 4 + 2 + 1, "a node may be empty"),
        // listpack.c: bytes of 4, length of 2, entries of 2 (encoding, backward length), end.
        (Blob::SetListpack, 4 + 2 + 2 + 1, "one member"),
        (Blob::ZsetListpack, 4 + 2 + 2 * 2 + 1, "a field and its value"),
        (
            Blob::HashTriples,
            4 + 2 + 3 * 2 + 1,
            "a field, its value and its expiry",
        ),
        (Blob::NodeListpack, 4 + 2 + 1, "a node may be empty"),
        (
            Blob::StreamListpack,
            4 + 2 + 3 * 2 + 1,
            "count, deleted and number of fields",
        ),
    ] {
        assert_eq!(blob.least(), least, "{blob:?}: {why}");
        let role = Role::Blob(blob);
        assert!(role.check(Text::Raw(least)).is_ok() && role.check(Text::Raw(u64::MAX)).is_ok());
        let packed = |plain| Text::Lzf { packed: 1, plain };
        assert!(
            role.check(packed(least)).is_ok(),
            "{blob:?}: what it unpacks to counts"
        );
        for small in [
            Text::Raw(least - 1),
            packed(least - 1),
            Text::Raw(0),
            Text::Integer(7),
        ] {
            let broken = role.check(small).unwrap_err().at(0, None, 0);
            assert_eq!(broken.kind, BrokenKind::Corrupt);
            assert!(broken.meaning.contains(blob.name()), "{blob:?}: {broken}");
        }
    }
}

#[test]
fn a_stream_nodes_id_has_its_one_size() {
    for (text, good) in [
        (Text::Raw(15), false),
        (Text::Raw(16), true),
        (Text::Raw(17), false),
    ] {
        assert_eq!(Role::StreamNodeId.check(text).is_ok(), good, "{text:?}");
    }
    assert!(Role::StreamNodeId.check(Text::Integer(0)).is_err());
}

#[test]
fn other_strings_may_be_anything() {
    for role in [
        Role::Key,
        Role::Free,
        Role::AuxName,
        Role::AuxValue,
        Role::FunctionLibrary,
    ] {
        for text in [
            Text::Raw(0),
            Text::Raw(u64::MAX),
            Text::Integer(-1),
            Text::Lzf { packed: 1, plain: 1 },
        ] {
            assert!(role.check(text).is_ok(), "{role:?} {text:?}");
        }
    }
}
