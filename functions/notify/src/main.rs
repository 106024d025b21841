//! Tells people how a run ended: the Lambda function around `notify::handle`.

use backup_aws::Aws;
use notify::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| {
            let settings = Settings {
                deployment: env.required("SNAPKEEP_DEPLOYMENT")?,
                bucket: env.required("SNAPKEEP_BUCKET")?,
                region: env.required("AWS_REGION")?,
            };
            let aws = Aws::from_env(|name| env.required(name))?;
            Ok((aws.publishing_to(env.required("SNAPKEEP_TOPIC_ARN")?), settings))
        },
        async |(aws, settings), input, _| notify::handle(aws, settings, input).await,
    )
    .await
}
