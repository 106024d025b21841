use super::*;

fn place() -> Place {
    Place {
        region: "eu-west-1".to_owned(),
        account: "000000000000".to_owned(),
    }
}

/// What a request asks for, one line each: the action, then the ends of its resources' ARNs.
fn lines(form: &str) -> Result<Vec<String>, String> {
    let asked = asked_of_elasticache(&place(), &Form::parse(&[form.as_bytes()]), |_| Tags::new())?;
    let short = |arn: &String| arn.replace("arn:aws:elasticache:eu-west-1:000000000000:", "");
    let line = |asked: Asked| {
        let resources: Vec<_> = asked.resources.iter().map(short).collect();
        format!("{} {}", asked.action, resources.join(" "))
    };
    Ok(asked.into_iter().map(line).collect())
}

/// A request, what it asks for, and why.
type Case<'c> = (&'c str, &'c [&'c str], &'c str);

fn check(cases: &[Case<'_>]) {
    for (form, want, why) in cases {
        assert_eq!(lines(form).unwrap(), *want, "{form}: {why}");
    }
}

#[test]
fn each_look_is_at_what_it_names() {
    check(&[
        (
            "Action=DescribeReplicationGroups&ReplicationGroupId=Orders",
            &["elasticache:DescribeReplicationGroups replicationgroup:orders"],
            "in lower case, as it is stored",
        ),
        (
            "Action=DescribeCacheClusters&CacheClusterId=orders-002",
            &["elasticache:DescribeCacheClusters cluster:orders-002"],
            "a node is a cluster",
        ),
        (
            "Action=DescribeServerlessCaches&ServerlessCacheName=carts",
            &["elasticache:DescribeServerlessCaches serverlesscache:carts"],
            "by name",
        ),
        (
            "Action=DescribeSnapshots&SnapshotName=a",
            &["elasticache:DescribeSnapshots snapshot:a"],
            "by name",
        ),
        (
            "Action=DescribeSnapshots&ReplicationGroupId=orders",
            &["elasticache:DescribeSnapshots snapshot:*"],
            "filtered by something else, it is a look at all of them",
        ),
        (
            "Action=DescribeServerlessCacheSnapshots&ServerlessCacheName=carts",
            &["elasticache:DescribeServerlessCacheSnapshots serverlesscachesnapshot:*"],
            "the same",
        ),
        (
            "Action=ListTagsForResource&ResourceName=arn:aws:elasticache:eu-west-1:000000000000:snapshot:a",
            &["elasticache:ListTagsForResource snapshot:a"],
            "by ARN",
        ),
        (
            "Action=DescribeEvents",
            &["elasticache:DescribeEvents *"],
            "has no resources",
        ),
    ]);
}

#[test]
fn each_change_is_of_what_it_names() {
    check(&[
        (
            "Action=CreateSnapshot&SnapshotName=a&CacheClusterId=n",
            &["elasticache:CreateSnapshot snapshot:a cluster:n"],
            "of a node",
        ),
        (
            "Action=CreateSnapshot&SnapshotName=a&ReplicationGroupId=g",
            &["elasticache:CreateSnapshot snapshot:a replicationgroup:g"],
            "of a group",
        ),
        (
            "Action=CreateServerlessCacheSnapshot&ServerlessCacheSnapshotName=a&ServerlessCacheName=c",
            &["elasticache:CreateServerlessCacheSnapshot serverlesscachesnapshot:a serverlesscache:c"],
            "both",
        ),
        (
            "Action=CopySnapshot&SourceSnapshotName=a&TargetSnapshotName=b/c&TargetBucket=v",
            &[
                "elasticache:CopySnapshot snapshot:a snapshot:b/c",
                "s3:ListAllMyBuckets *",
                "s3:GetBucketLocation arn:aws:s3:::v",
                "s3:ListBucket arn:aws:s3:::v",
                "s3:PutObject arn:aws:s3:::v/b/c*",
                "s3:GetObject arn:aws:s3:::v/b/c*",
                "s3:DeleteObject arn:aws:s3:::v/b/c*",
            ],
            "source, target, and what the caller must be able to do with the bucket",
        ),
    ]);
    let export =
        lines("Action=ExportServerlessCacheSnapshot&ServerlessCacheSnapshotName=s&S3BucketName=v").unwrap();
    assert_eq!(
        export[0],
        "elasticache:ExportServerlessCacheSnapshot serverlesscachesnapshot:s"
    );
    assert_eq!(export[4], "s3:PutObject arn:aws:s3:::v/s*");
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (form, name) in [
        ("Action=ModifyCacheCluster", "`ModifyCacheCluster`"),
        ("Action=AddTagsToResource&ResourceName=a", "`AddTagsToResource`"),
        (
            "Action=CopySnapshot&SourceSnapshotName=a&TargetSnapshotName=b",
            "inside ElastiCache",
        ),
    ] {
        let error = lines(form).unwrap_err();
        assert!(error.contains(name), "{error}");
    }
    let form = |text: &str| Form::parse(&[text.as_bytes()]);
    assert!(asked_of_sns(&form("Action=Subscribe&TopicArn=a")).is_err());
    assert!(asked_of_states("AWSStepFunctions.StopExecution", b"{}").is_err());
}

#[test]
fn tags_of_the_request_and_of_the_resource_are_context() {
    let create = "Action=CreateSnapshot&SnapshotName=a&CacheClusterId=n\
                  &Tags.Tag.1.Key=team&Tags.Tag.1.Value=shop&Tags.Tag.2.Key=b&Tags.Tag.2.Value=";
    let asked = asked_of_elasticache(&place(), &Form::parse(&[create.as_bytes()]), |_| Tags::new()).unwrap();
    let one = |text: &str| Condition::One(text.to_owned());
    let want = Context::from([
        ("aws:RequestTag/b".to_owned(), one("")),
        ("aws:RequestTag/team".to_owned(), one("shop")),
        (
            "aws:TagKeys".to_owned(),
            Condition::Many(vec!["b".to_owned(), "team".to_owned()]),
        ),
    ]);
    assert_eq!((&asked[0].context, &asked[1].context), (&want, &want));
    assert_eq!(asked[1].action, "elasticache:AddTagsToResource");
    assert_eq!(
        asked[1].resources,
        [place().elasticache("snapshot", "a")],
        "on what is created"
    );

    let delete = Form::parse(&[b"Action=DeleteSnapshot&SnapshotName=a"]);
    let tags = |arn: &str| Tags::from([("of".to_owned(), arn.rsplit(':').next().unwrap().to_owned())]);
    let asked = asked_of_elasticache(&place(), &delete, tags).unwrap();
    assert_eq!(
        asked[0].context,
        Context::from([("aws:ResourceTag/of".to_owned(), one("a"))])
    );
}

#[test]
fn the_other_services_name_their_arns() {
    let form = Form::parse(&[b"Action=Publish&TopicArn=arn:t"]);
    assert_eq!(
        asked_of_sns(&form).unwrap(),
        [Asked::new("sns:Publish", vec!["arn:t".to_owned()])]
    );
    let asked = asked_of_states(
        "AWSStepFunctions.DescribeExecution",
        br#"{"executionArn":"arn:e"}"#,
    );
    assert_eq!(
        asked.unwrap(),
        [Asked::new("states:DescribeExecution", vec!["arn:e".to_owned()])]
    );
}
