//! Which request to S3 asks for which action, read off its method, path and query.
//!
//! From the Service Authorization Reference (*Actions, resources, and condition keys for Amazon S3*). Two points are
//! those of the API reference: a version that is named has an action of its own (`GetObjectVersion`), and S3 answers for
//! a key that is not there with 404 only if the caller may list the bucket, else with 403 (`GetObject`, `HeadObject`:
//! *Permissions*). That right is recorded with the request that hung on it, without a prefix, because none is sent.

use crate::wire::rights::{Asked, Condition};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

/// A request that is known.
struct Row {
    method: Method,
    /// Whether it is about an object, not the bucket.
    is_of_object: bool,
    /// The word in the query that tells it from others of the same method.
    word: Option<&'static str>,
    /// What else the query may have.
    others: &'static [&'static str],
    action: &'static str,
    /// The action where a version is named.
    of_version: Option<&'static str>,
}

/// `x-id` is the SDK's name of the operation and says nothing to S3.
const ROWS: &[Row] = &[
    Row {
        method: Method::GET,
        is_of_object: false,
        word: Some("list-type"),
        others: &["prefix", "continuation-token"],
        action: "s3:ListBucket",
        of_version: None,
    },
    Row {
        method: Method::GET,
        is_of_object: false,
        word: Some("location"),
        others: &[],
        action: "s3:GetBucketLocation",
        of_version: None,
    },
    Row {
        method: Method::GET,
        is_of_object: true,
        word: Some("tagging"),
        others: &[],
        action: "s3:GetObjectTagging",
        of_version: None,
    },
    Row {
        method: Method::GET,
        is_of_object: true,
        word: None,
        others: &["x-id", "versionId"],
        action: "s3:GetObject",
        of_version: Some("s3:GetObjectVersion"),
    },
    Row {
        method: Method::HEAD,
        is_of_object: true,
        word: None,
        others: &["versionId"],
        action: "s3:GetObject",
        of_version: Some("s3:GetObjectVersion"),
    },
    Row {
        method: Method::PUT,
        is_of_object: true,
        word: None,
        others: &["x-id"],
        action: "s3:PutObject",
        of_version: None,
    },
    Row {
        method: Method::DELETE,
        is_of_object: true,
        word: None,
        others: &["x-id"],
        action: "s3:DeleteObject",
        of_version: None,
    },
];

/// Headers that ask for more than the method does, or begin so.
const MORE: &[&str] = &[
    "x-amz-copy-source",
    "x-amz-tagging",
    "x-amz-acl",
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-bypass-governance-retention",
];

/// What a request asks for, by the status of its answer as well.
pub(crate) fn asked(head: &Parts) -> impl FnOnce(StatusCode) -> Result<Vec<Asked>, String> + use<> {
    let known = known(head);
    move |status| {
        let Known { bucket, asked } = known?;
        let is_read = ["s3:GetObject", "s3:GetObjectVersion"].contains(&asked.action.as_str());
        let listing = (is_read && status == StatusCode::NOT_FOUND)
            .then(|| Asked::new("s3:ListBucket", vec![format!("arn:aws:s3:::{bucket}")]));
        Ok([asked].into_iter().chain(listing).collect())
    }
}

struct Known {
    bucket: String,
    asked: Asked,
}

fn known(head: &Parts) -> Result<Known, String> {
    let path = decoded(head.uri.path().trim_start_matches('/'));
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let query: Vec<(String, String)> =
        form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let is_more = |name: &str| MORE.iter().any(|more| name.starts_with(more));
    let row = ROWS.iter().find(|row| {
        row.method == head.method
            && row.is_of_object != key.is_empty()
            && row.word.is_none_or(|word| value(word).is_some())
            && query
                .iter()
                .all(|(name, _)| row.word == Some(name) || row.others.contains(&name.as_str()))
    });
    let row = row.filter(|_| !head.headers.keys().any(|name| is_more(name.as_str())));
    let Some(row) = row else {
        return Err(format!("calls `{} {}` of S3", head.method, head.uri));
    };
    let version = value("versionId").and(row.of_version);
    let resource = if row.is_of_object { &path } else { bucket };
    let mut asked = Asked::new(
        version.unwrap_or(row.action),
        vec![format!("arn:aws:s3:::{resource}")],
    );
    if let Some(prefix) = value("prefix") {
        let prefix = Condition::One(prefix.clone());
        asked.context.insert("s3:prefix".to_owned(), prefix);
    }
    Ok(Known {
        bucket: bucket.to_owned(),
        asked,
    })
}

/// A path is encoded like a form's value, save that a plus is a plus.
fn decoded(path: &str) -> String {
    let form = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(_, path)| path.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn lines(method: &str, uri: &str, status: u16) -> Result<Vec<String>, String> {
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        let asked = asked(&request.into_parts().0)(StatusCode::from_u16(status).unwrap())?;
        let line = |asked: Asked| {
            let context: Vec<_> = asked
                .context
                .iter()
                .map(|(key, value)| format!(" {key}={value:?}"))
                .collect();
            format!(
                "{} {}{}",
                asked.action,
                asked.resources.join(" "),
                context.concat()
            )
        };
        Ok(asked.into_iter().map(line).collect())
    }

    const KEY: &str = "arn:aws:s3:::v/a/b.json";

    fn check(method: &str, uri: &str, action: &str, resource: &str, why: &str) {
        let want = format!("{action} {resource}");
        assert_eq!(lines(method, uri, 200).unwrap(), [want], "{method} {uri}: {why}");
    }

    #[test]
    fn each_request_is_known_by_method_path_and_query() {
        let list = "s3:ListBucket";
        let prefix = "arn:aws:s3:::v s3:prefix=One(\"a/\")";
        check("GET", "/v/?list-type=2&prefix=a%2F", list, prefix, "a listing");
        check("GET", "/v?list-type=2", list, "arn:aws:s3:::v", "of everything");
        let location = "s3:GetBucketLocation";
        check("GET", "/v/?location", location, "arn:aws:s3:::v", "the Region");
        let (get, tags) = ("s3:GetObject", "s3:GetObjectTagging");
        check(
            "GET",
            "/v/a/b.json?x-id=GetObject",
            get,
            KEY,
            "the current version",
        );
        check("HEAD", "/v/a/b.json", get, KEY, "metadata are as secret as data");
        check("GET", "/v/a/b.json?tagging", tags, KEY, "tags");
        check("GET", "/v/a%20b+c", get, "arn:aws:s3:::v/a b+c", "decoded");
        let version = "s3:GetObjectVersion";
        check("GET", "/v/a/b.json?versionId=1", version, KEY, "that version");
        check("HEAD", "/v/a/b.json?versionId=1", version, KEY, "of that version");
        let (put, delete) = ("s3:PutObject", "s3:DeleteObject");
        check("PUT", "/v/a/b.json?x-id=PutObject", put, KEY, "a document");
        check("DELETE", "/v/a/b.json?x-id=DeleteObject", delete, KEY, "a marker");
    }

    #[test]
    fn a_key_that_is_not_there_takes_the_right_to_list() {
        let listing = "s3:ListBucket arn:aws:s3:::v";
        assert_eq!(
            lines("GET", "/v/a", 404).unwrap(),
            ["s3:GetObject arn:aws:s3:::v/a", listing]
        );
        assert_eq!(lines("HEAD", "/v/a", 404).unwrap()[1], listing);
        assert_eq!(
            lines("GET", "/v/a?tagging", 404).unwrap().len(),
            1,
            "not said of tags"
        );
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_request() {
        for (method, uri) in [
            ("DELETE", "/v/a?versionId=1"),
            ("PUT", "/v/a?tagging"),
            ("POST", "/v/?delete"),
            ("GET", "/"),
            ("HEAD", "/v"),
            ("GET", "/v?versions"),
        ] {
            let error = lines(method, uri, 200).unwrap_err();
            assert!(error.contains(&format!("`{method} {uri}`")), "{error}");
        }
        let request = Request::builder()
            .method("PUT")
            .uri("/v/a")
            .header("x-amz-tagging", "a=b");
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert!(
            asked(&head)(StatusCode::OK).is_err(),
            "a header that asks for more"
        );
    }
}
