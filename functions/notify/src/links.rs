//! Where a person clicks and what a person pastes.
//!
//! Every command is one line of plain ASCII, quoted for a POSIX shell, so that it survives mail and chat.

use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Longest input that a start line carries whole; a longer one is cut down to cache and plan.
const INPUT_MAX: usize = 4096;

/// The parts of an ARN that links and commands need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Such as `eu-west-1`.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `arn:<partition>:<service>:<region>:<account>:…`.
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, partition, _service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account) = (parts.next()?, parts.next()?);
        parts.next()?;
        (head == "arn" && is_word(region)).then_some(Self {
            partition,
            region,
            account,
        })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The execution's page in the console of its partition; `None` for what is no ARN.
pub fn console(execution_arn: &str) -> Option<String> {
    let Arn {
        partition, region, ..
    } = Arn::parse(execution_arn)?;
    let host = match partition {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    Some(format!(
        "https://{region}.{host}/states/home?region={region}#/v2/executions/details/{}",
        percent_encoded(execution_arn)
    ))
}

/// What may stand in a fragment as it is, of what an execution's ARN is made of; all else as `%XX`.
fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/".contains(&b);
    let encode = |b: u8| {
        if plain(b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

/// Re-drives an execution (`RedriveExecution`).
pub fn redrive(execution_arn: &str, region: &str) -> String {
    command(&[
        "aws",
        "stepfunctions",
        "redrive-execution",
        "--execution-arn",
        execution_arn,
        "--region",
        region,
    ])
}

/// Starts a new run with a failed one's input (`StartExecution`).
///
/// `scheduledTime` is left out, so that the run takes an instant of its own. Without a usable input the line
/// has the words `KIND` and `ID` to fill in.
pub fn start(state_machine_arn: &str, input: Option<&Value>, region: &str) -> String {
    command(&[
        "aws",
        "stepfunctions",
        "start-execution",
        "--state-machine-arn",
        state_machine_arn,
        "--input",
        &ascii_json(&restart_input(input)),
        "--region",
        region,
    ])
}

/// Prints an object (`GetObject`).
pub fn show_object(bucket: &str, key: &str, region: &str) -> String {
    let address = format!("s3://{bucket}/{key}");
    command(&["aws", "s3", "cp", &address, "-", "--region", region])
}

/// Accepts a suspicious backup (`PutObjectTagging`).
pub fn accept(bucket: &str, manifest_key: &str, region: &str) -> String {
    let tags = format!("TagSet=[{{Key={},Value=yes}}]", backup_core::names::TAG_ACCEPT);
    command(&[
        "aws",
        "s3api",
        "put-object-tagging",
        "--bucket",
        bucket,
        "--key",
        manifest_key,
        "--tagging",
        &tags,
        "--region",
        region,
    ])
}

fn restart_input(input: Option<&Value>) -> Value {
    let blank = || json!({"cache": {"kind": "KIND", "id": "ID"}});
    let Some(Value::Object(fields)) = input else {
        return blank();
    };
    let mut fields = fields.clone();
    fields.remove("scheduledTime");
    if !fields.contains_key("cache") {
        return blank();
    }
    if ascii_json(&Value::Object(fields.clone())).len() <= INPUT_MAX {
        return Value::Object(fields);
    }
    let short: Map<String, Value> = fields
        .into_iter()
        .filter(|(key, value)| {
            ["cache", "plan"].contains(&key.as_str()) && ascii_json(value).len() <= INPUT_MAX / 4
        })
        .collect();
    if short.contains_key("cache") {
        Value::Object(short)
    } else {
        blank()
    }
}

/// JSON in printable ASCII, without the characters that chat platforms read as markup.
fn ascii_json(value: &Value) -> String {
    let escape = |c: char| {
        if (c.is_ascii_graphic() || c == ' ') && !"<>&`".contains(c) {
            return c.to_string();
        }
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        units.fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"))
    };
    ordered(value).to_string().chars().map(escape).collect()
}

/// The value with the fields of its objects by name, so that equal inputs give equal lines.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().collect();
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name.clone(), ordered(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

/// Words quoted so that a POSIX shell reads them back as they are. `shlex` refuses only the NUL character,
/// which no shell word can hold; it is left out.
fn command(words: &[&str]) -> String {
    let quote = |word: &&str| {
        let word = word.replace('\0', "");
        shlex::try_quote(&word).map(Cow::into_owned).unwrap_or_default()
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
