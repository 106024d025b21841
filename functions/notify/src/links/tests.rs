use super::*;
use proptest::prelude::*;
use std::process::Command;

#[test]
fn the_console_of_each_partition() {
    let tail = "states:REGION:1:execution:m:n";
    let cases = [
        (
            "aws",
            "eu-west-1",
            "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:1:execution:m:n",
        ),
        (
            "aws-cn",
            "cn-north-1",
            "https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/v2/executions/details/arn:aws-cn:states:cn-north-1:1:execution:m:n",
        ),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/arn:aws-us-gov:states:us-gov-west-1:1:execution:m:n",
        ),
    ];
    for (partition, region, want) in cases {
        let arn = format!("arn:{partition}:{}", tail.replace("REGION", region));
        assert_eq!(console(&arn).as_deref(), Some(want));
    }
}

#[test]
fn what_is_no_arn_has_no_page_and_what_is_odd_is_encoded() {
    for (arn, why) in [
        ("", "empty"),
        ("orders", "a word"),
        ("arn:aws:states:eu-west-1", "cut"),
        ("arn:aws:states:a.b/:1:x", "a Region that would leave the host"),
        ("arn:aws:states::1:x", "no Region"),
    ] {
        assert_eq!(console(arn), None, "{why}");
    }
    let odd = console("arn:aws:states:eu-west-1:1:execution:m:é>\"").unwrap();
    assert!(odd.ends_with(":m:%C3%A9%3E%22"), "{odd}");
}

#[test]
fn a_start_takes_an_instant_of_its_own() {
    let long = "x".repeat(INPUT_MAX);
    let cases = [
        (
            Some(
                json!({"cache": {"kind": "cache-cluster", "id": "a"}, "scheduledTime": "2026-11-20T03:00:00Z", "plan": "p"}),
            ),
            json!({"cache": {"kind": "cache-cluster", "id": "a"}, "plan": "p"}),
            "all but the time",
        ),
        (
            Some(json!({"cache": 5, "note": "<é>"})),
            json!({"cache": 5, "note": "<é>"}),
            "odd, but as it was",
        ),
        (
            Some(json!({"cache": 5, "plan": "p", "note": long})),
            json!({"cache": 5, "plan": "p"}),
            "cut down",
        ),
        (
            Some(json!({"cache": long})),
            json!({"cache": {"kind": "KIND", "id": "ID"}}),
            "beyond cutting",
        ),
        (
            Some(json!({"plan": "p"})),
            json!({"cache": {"kind": "KIND", "id": "ID"}}),
            "no cache",
        ),
        (
            Some(json!([1])),
            json!({"cache": {"kind": "KIND", "id": "ID"}}),
            "no object",
        ),
        (None, json!({"cache": {"kind": "KIND", "id": "ID"}}), "no input"),
    ];
    for (input, want, why) in cases {
        let line = start("arn:m", input.as_ref(), "eu-west-1");
        let words = shlex::split(&line).unwrap();
        assert_eq!(
            words[..5],
            [
                "aws",
                "stepfunctions",
                "start-execution",
                "--state-machine-arn",
                "arn:m"
            ]
        );
        assert_eq!(serde_json::from_str::<Value>(&words[6]).unwrap(), want, "{why}");
        assert!(line.is_ascii() && !line.contains(['<', '`']), "{why}: {line}");
    }
}

#[test]
fn lines_to_paste() {
    assert_eq!(
        redrive("arn:aws:states:eu-west-1:1:execution:m:n", "eu-west-1"),
        "aws stepfunctions redrive-execution --execution-arn arn:aws:states:eu-west-1:1:execution:m:n --region eu-west-1"
    );
    assert_eq!(
        accept("b", "backups/x/manifest.json", "eu-west-1"),
        "aws s3api put-object-tagging --bucket b --key backups/x/manifest.json \
         --tagging 'TagSet=[{Key=snapkeep:accept,Value=yes}]' --region eu-west-1"
    );
    assert_eq!(show_object("b", "k", "r"), "aws s3 cp s3://b/k - --region r");
}

#[test]
fn a_real_shell_reads_the_words_back() {
    for word in [
        "",
        "a b",
        "it's",
        "$(id)",
        "`id`",
        "\"",
        "!!",
        "^x^y",
        "a\\",
        "-n",
        "*",
        "~",
        "{\"a\": \"it's\"}",
        "é\n",
    ] {
        let line = command(&["printf", "%s|", word, "end"]);
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("{word}|end|"),
            "{line}"
        );
    }
}

proptest! {
    #[test]
    fn quoting_reads_back(words in proptest::collection::vec("[^\0]{0,40}", 1..6)) {
        let refs: Vec<&str> = words.iter().map(String::as_str).collect();
        prop_assert_eq!(shlex::split(&command(&refs)), Some(words));
    }

    #[test]
    fn ascii_json_is_the_same_json(text in any::<String>()) {
        let value = json!({ "text": text });
        let ascii = ascii_json(&value);
        prop_assert!(ascii.bytes().all(|b| (b' '..=b'~').contains(&b)));
        prop_assert_eq!(serde_json::from_str::<Value>(&ascii).unwrap(), value);
    }
}
