//! Paging of the Query protocol: `MaxRecords` with bounds, and a marker that names the last item of a page.

use crate::world::error::AwsError;
use std::ops::RangeInclusive;

/// Cuts one page out of items that are sorted by the key; gives the page and the marker of the next one.
pub(crate) fn page<T>(
    items: Vec<(String, T)>,
    marker: Option<&str>,
    size: Option<u32>,
    bounds: &RangeInclusive<u32>,
    parameter: &str,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let size = size.unwrap_or(*bounds.end());
    if !bounds.contains(&size) {
        let (least, most) = (bounds.start(), bounds.end());
        return Err(AwsError::invalid_value(format!(
            "The parameter {parameter} must be between {least} and {most}, not `{size}`."
        )));
    }
    let after = marker
        .filter(|marker| !marker.is_empty())
        .map(decode)
        .transpose()?;
    let mut rest = items
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let taken: Vec<(String, T)> = rest.by_ref().take(size as usize).collect();
    let next = taken
        .last()
        .filter(|_| rest.next().is_some())
        .map(|(key, _)| encode(key));
    Ok((taken.into_iter().map(|(_, item)| item).collect(), next))
}

/// Markers are opaque; hex keeps a caller from building one.
pub(crate) fn encode(key: &str) -> String {
    base16ct::lower::encode_string(key.as_bytes())
}

fn decode(marker: &str) -> Result<String, AwsError> {
    let invalid = || AwsError::invalid_value(format!("The marker `{marker}` is not one that was answered."));
    let bytes = base16ct::lower::decode_vec(marker).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}
