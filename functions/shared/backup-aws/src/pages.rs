//! Reads listings to their end.

use backup_core::ports::Operation;
use backup_core::{CallError, CallErrorKind};

/// One page: its items, and the marker of the next page where there is one.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// All items of all pages. The SDK's paginators end silently at a repeated marker, which would pass a cut listing
/// for a whole one; retention decides on listings, so here it is an error.
pub(crate) async fn all_pages<T>(
    operation: Operation,
    fetch: impl AsyncFn(Option<String>) -> Result<Page<T>, CallError>,
) -> Result<Vec<T>, CallError> {
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let (items, next) = fetch(marker.clone()).await?;
        all.extend(items);
        // ElastiCache ends with an absent or an empty marker.
        let next = next.filter(|text| !text.is_empty());
        if next.is_none() {
            return Ok(all);
        }
        if next == marker {
            return Err(CallError {
                operation,
                code: "RepeatedMarker".to_owned(),
                message: "the listing does not end: the service gave the same marker twice".to_owned(),
                kind: CallErrorKind::Unexpected,
            });
        }
        marker = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists pages of one item, each named after the marker that led to it; `markers[n]` follows page `n`.
    async fn list(markers: &[Option<&str>]) -> Result<Vec<String>, CallError> {
        let calls = std::cell::Cell::new(0);
        all_pages("ListThings", async |marker| {
            let next = markers[calls.get()].map(str::to_owned);
            calls.set(calls.get() + 1);
            Ok((vec![marker.unwrap_or_else(|| "first".to_owned())], next))
        })
        .await
    }

    #[tokio::test]
    async fn listings_are_read_to_their_end_or_fail() {
        let check = async |markers: &[Option<&str>], want: Option<&[&str]>, why: &str| {
            let got = list(markers).await;
            match want {
                Some(want) => assert_eq!(got.unwrap(), *want, "{why}"),
                None => assert_eq!(got.unwrap_err().code, "RepeatedMarker", "{why}"),
            }
        };
        check(&[None], Some(&["first"]), "one page").await;
        check(&[Some("")], Some(&["first"]), "an empty marker ends").await;
        check(
            &[Some("a"), Some("b"), None],
            Some(&["first", "a", "b"]),
            "three pages",
        )
        .await;
        check(&[Some("a"), Some("a"), None], None, "a repeated marker is no end").await;
    }
}
