//! The state machine file as a deployment fills it in.

/// Fills in `${Partition}` and `${CreateSnapshotArn}` (the ARN of `create-snapshot`); an error has the unknown one.
pub fn fill_in(text: &str, arn_of: impl Fn(&str) -> String) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').ok_or_else(|| "${".to_owned())?;
        filled.push_str(before);
        match (name, name.strip_suffix("Arn")) {
            ("Partition", _) => filled.push_str("aws"),
            (_, Some(function)) if !function.is_empty() => filled.push_str(&arn_of(&kebab(function))),
            _ => return Err(format!("${{{name}}}")),
        }
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// `CopyToS3` becomes `copy-to-s3`.
fn kebab(pascal: &str) -> String {
    let mut kebab = String::new();
    for c in pascal.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let filled = fill_in(text, |function| format!("arn:{function}"));
        assert_eq!(filled.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn placeholders_are_filled_in_or_refused_by_name() {
        check("{}", Ok("{}"));
        check(r#""${CreateSnapshotArn}""#, Ok(r#""arn:create-snapshot""#));
        check(
            "arn:${Partition}:states ${CopyToS3Arn}",
            Ok("arn:aws:states arn:copy-to-s3"),
        );
        check("${Region}", Err("${Region}"));
        check("${Arn}", Err("${Arn}"));
        check("a ${open", Err("${"));
    }
}
