//! From the world's words to `s3s`'s and back.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use s3s::dto::{ChecksumType, ETag, ETagCondition};
use s3s::{S3Error, S3ErrorCode, S3Result};
use sim::world::s3::{Checksum, ChecksumAlgorithm};
use sim::world::{AwsError, CallError, Tags};
use std::time::SystemTime;

/// Marks an answer that must not go out; it never reaches a client.
const WITHHELD: HeaderName = HeaderName::from_static("x-local-withheld");

/// Whether the answer stands for a dropped connection.
pub(crate) fn is_withheld(headers: &HeaderMap) -> bool {
    headers.contains_key(WITHHELD)
}

/// An error under its own code and status.
pub(crate) fn s3_error(error: &AwsError) -> S3Error {
    let code = S3ErrorCode::from_bytes(error.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut told = S3Error::with_message(code, error.message.clone());
    if let Ok(status) = hyper::StatusCode::from_u16(error.status) {
        told.set_status_code(status);
    }
    told
}

/// A failed call; one without an answer is marked as withheld.
pub(crate) fn call_error(error: CallError) -> S3Error {
    match error {
        CallError::Aws(error) => s3_error(&error),
        CallError::NoAnswer => {
            let mut withheld = S3Error::new(S3ErrorCode::InternalError);
            withheld.set_headers(HeaderMap::from_iter([(WITHHELD, HeaderValue::from_static("1"))]));
            withheld
        }
    }
}

/// The world keeps entity tags with their quotes, `s3s` without.
pub(crate) fn e_tag(quoted: &str) -> ETag {
    ETag::Strong(quoted.trim_matches('"').to_owned())
}

/// A condition as its header has it.
pub(crate) fn condition(condition: Option<ETagCondition>) -> Option<String> {
    condition.map(|condition| match condition {
        ETagCondition::Any => "*".to_owned(),
        ETagCondition::ETag(tag) => format!("\"{}\"", tag.value()),
    })
}

/// A time of the world.
pub(crate) fn time(at: Timestamp) -> s3s::dto::Timestamp {
    SystemTime::from(at).into()
}

/// A count of the world, whose numbers have no sign.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A page size of a request; `s3s` lets negative ones through.
pub(crate) fn page_size(max_keys: Option<i32>) -> S3Result<Option<u32>> {
    let invalid = || s3s::s3_error!(InvalidArgument, "max-keys must not be negative");
    max_keys
        .map(|size| u32::try_from(size).map_err(|_| invalid()))
        .transpose()
}

/// Tags of a list.
pub(crate) fn tags_of(set: Vec<s3s::dto::Tag>) -> Tags {
    set.into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect()
}

/// Tags as a list.
pub(crate) fn tag_set(tags: Tags) -> Vec<s3s::dto::Tag> {
    tags.into_iter()
        .map(|(key, value)| s3s::dto::Tag {
            key: Some(key),
            value: Some(value),
        })
        .collect()
}

/// Tags of the header `x-amz-tagging`, which are encoded as a query string.
pub(crate) fn tags_in_header(header: Option<&str>) -> Tags {
    let pairs = form_urlencoded::parse(header.unwrap_or_default().as_bytes());
    pairs
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

/// The checksums that a write brings, before its body or behind it. One that the world does not model is refused.
pub(crate) fn sent_checksums(
    headers: &HeaderMap,
    trailers: Option<&HeaderMap>,
) -> S3Result<Vec<(ChecksumAlgorithm, String)>> {
    let all = headers.iter().chain(trailers.into_iter().flatten());
    let mut sent = Vec::new();
    for (name, value) in all.filter(|(name, _)| name.as_str().starts_with(CHECKSUM)) {
        let known = ChecksumAlgorithm::ALL
            .into_iter()
            .find(|known| known.header() == name.as_str());
        let (Some(algorithm), Ok(value)) = (known, value.to_str()) else {
            return Err(s3s::s3_error!(
                NotImplemented,
                "this S3 has no `{name}` for a write"
            ));
        };
        sent.push((algorithm, value.to_owned()));
    }
    Ok(sent)
}

/// What the names of all headers with checksums begin with.
const CHECKSUM: &str = "x-amz-checksum-";

/// A checksum as the fields that answers have for it.
#[derive(Debug, Default)]
pub(crate) struct ChecksumFields {
    pub(crate) crc64nvme: Option<String>,
    pub(crate) crc32: Option<String>,
    pub(crate) crc32c: Option<String>,
    pub(crate) sha1: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) of: Option<ChecksumType>,
}

impl From<Option<Checksum>> for ChecksumFields {
    fn from(checksum: Option<Checksum>) -> Self {
        let mut fields = Self::default();
        let Some(Checksum { algorithm, of, value }) = checksum else {
            return fields;
        };
        let field = match algorithm {
            ChecksumAlgorithm::Crc64Nvme => &mut fields.crc64nvme,
            ChecksumAlgorithm::Crc32 => &mut fields.crc32,
            ChecksumAlgorithm::Crc32c => &mut fields.crc32c,
            ChecksumAlgorithm::Sha1 => &mut fields.sha1,
            ChecksumAlgorithm::Sha256 => &mut fields.sha256,
        };
        *field = Some(value);
        fields.of = Some(ChecksumType::from(of.name().to_owned()));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_code_and_status() {
        for (status, code) in [
            (503, "SlowDown"),
            (409, "ConditionalRequestConflict"),
            (405, "MethodNotAllowed"),
        ] {
            let told = s3_error(&AwsError::new(status, code, "text"));
            assert_eq!(told.code().as_str(), code);
            assert_eq!(told.status_code().unwrap().as_u16(), status);
        }
    }

    #[test]
    fn a_call_without_an_answer_is_withheld() {
        let answer = call_error(CallError::NoAnswer).to_http_response().unwrap();
        assert!(is_withheld(answer.headers()));
        let answer = call_error(AwsError::new(500, "InternalError", "x").into())
            .to_http_response()
            .unwrap();
        assert!(!is_withheld(answer.headers()));
    }

    #[test]
    fn conditions_and_tags_are_read_as_their_headers_have_them() {
        assert_eq!(condition(Some(ETagCondition::Any)).as_deref(), Some("*"));
        assert_eq!(
            condition(Some(ETagCondition::ETag(e_tag("\"ab\"")))).as_deref(),
            Some("\"ab\"")
        );
        let tags = tags_in_header(Some("a=1&b=x%20y"));
        assert_eq!(
            tags,
            Tags::from([
                ("a".to_owned(), "1".to_owned()),
                ("b".to_owned(), "x y".to_owned())
            ])
        );
        assert!(page_size(Some(-1)).is_err());
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn checksums_are_found_before_and_behind_the_body_and_unknown_ones_refused() {
        let before = headers(&[
            ("x-amz-checksum-crc32", "A="),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ]);
        let behind = headers(&[("x-amz-checksum-sha256", "B=")]);
        let sent = sent_checksums(&before, Some(&behind)).unwrap();
        let want = [
            (ChecksumAlgorithm::Crc32, "A=".to_owned()),
            (ChecksumAlgorithm::Sha256, "B=".to_owned()),
        ];
        assert_eq!(sent, want);
        assert_eq!(sent_checksums(&HeaderMap::new(), None).unwrap(), []);
        for unknown in [
            "x-amz-checksum-sha512",
            "x-amz-checksum-xxhash3",
            "x-amz-checksum-md5",
            "x-amz-checksum-type",
        ] {
            let refused = sent_checksums(&headers(&[(unknown, "C=")]), None).unwrap_err();
            assert_eq!(refused.code().as_str(), "NotImplemented", "{unknown}");
        }
    }

    #[test]
    fn each_algorithm_has_its_own_field() {
        for algorithm in ChecksumAlgorithm::ALL {
            let checksum = Checksum::of_whole(algorithm, b"hello");
            let value = Some(checksum.value.clone());
            let fields = ChecksumFields::from(Some(checksum));
            let all = [
                fields.crc64nvme,
                fields.crc32,
                fields.crc32c,
                fields.sha1,
                fields.sha256,
            ];
            let at = ChecksumAlgorithm::ALL
                .iter()
                .position(|other| *other == algorithm);
            assert_eq!(all.iter().position(|field| *field == value), at, "{algorithm:?}");
            assert_eq!(all.iter().flatten().count(), 1, "{algorithm:?}");
            assert_eq!(fields.of.unwrap().as_str(), "FULL_OBJECT");
        }
    }
}
