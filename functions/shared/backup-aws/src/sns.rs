//! SNS: the alert topic.

use crate::Aws;
use crate::failure::call_error;
use backup_core::ports::{CallError, Publish, PublishParams};

impl Publish for Aws {
    async fn publish(&self, params: &PublishParams) -> Result<(), CallError> {
        let message = serde_json::json!({"default": params.default, "email": params.email});
        let request = self
            .sns()
            .publish()
            .set_topic_arn(self.topic_arn.clone())
            .subject(&params.subject)
            .message_structure("json")
            .message(message.to_string());
        let sent = request.send().await;
        sent.map_err(|error| call_error("Publish", &error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Replay;
    use expect_test::expect;

    #[tokio::test]
    async fn one_publish_carries_both_forms() {
        let answer =
            "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>";
        let (replay, aws) = Replay::new(&[(200, &[], answer)]);
        let sns = aws.publishing_to("arn:aws:sns:eu-west-1:000000000000:alerts");
        let params = PublishParams {
            subject: "orders: backup failed".into(),
            email: "in words".into(),
            default: "{\"version\":\"1.0\"}".into(),
        };
        sns.publish(&params).await.unwrap();
        expect!["Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:000000000000:alerts&Message=%7B%22default%22:%22%7B%5C%22version%5C%22:%5C%221.0%5C%22%7D%22%2C%22email%22:%22in%20words%22%7D&Subject=orders:%20backup%20failed&MessageStructure=json"].assert_eq(&replay.forms().join("\n"));
    }

    #[tokio::test]
    async fn a_refusal_keeps_its_code() {
        let fault = "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";
        let (_, aws) = Replay::new(&[(403, &[], fault)]);
        let sns = aws.publishing_to("arn:aws:sns:eu-west-1:000000000000:alerts");
        let params = PublishParams {
            subject: "s".into(),
            email: "e".into(),
            default: "d".into(),
        };
        let error = sns.publish(&params).await.unwrap_err();
        assert_eq!(error.to_string(), "Publish answered `AuthorizationError`: no");
    }
}
