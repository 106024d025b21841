/**
 * The security checklist, S01 to S30, on the synthesized templates of both examples. Five are reasoned in place of held;
 * each says so in its name and still checks what does hold.
 */
import { describe, expect, test } from 'vitest';
import { EXPORT_ACTIONS } from '../../lib/backup-vault.ts';
import { ACCOUNT, REGION } from '../support/intrinsics.ts';
import { configured, example, listed, type PolicyStatement, statementsByRole } from '../support/stacks.ts';

const OPTIONS = `
deployment: prod
region: eu-west-1
bucket: { sourceAccountCondition: true }
reservedConcurrency: { createSnapshot: 2, checkStatus: 2, copyToS3: 2, verifyObject: 10, recordBackup: 2, prune: 2, notify: 2, watch: 1 }
alerts: { email: [sre@example.com] }
codeSigning: { profileVersionArn: 'arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij', bucket: signed-code, prefix: release/ }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: [replication-group/orders]
`;

const options = () => configured(OPTIONS);

describe.each(['minimal', 'example'] as const)('%s.yaml', (name) => {
  const stacks = () => example(name);
  const account = () => stacks().deployment.account ?? ACCOUNT;
  const properties = (type: string): Record<string, unknown>[] =>
    stacks()
      .of(type)
      .map(([, resource]) => stacks().properties(resource));
  const buckets = () => properties('AWS::S3::Bucket');
  const statementsOf = (type: string, document = 'PolicyDocument'): PolicyStatement[] =>
    properties(type).flatMap((policy) => (policy[document] as { Statement: PolicyStatement[] }).Statement);
  const roleStatements = () => [...statementsByRole(stacks()).values()].flat();
  const pipelineRoles = () => [...statementsByRole(stacks()).entries()];

  test('S01 every bucket blocks public access in all four ways', () => {
    for (const bucket of buckets()) {
      expect(bucket.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  test('S02 the owner of a bucket owns its objects, and there is no ACL', () => {
    for (const bucket of buckets()) {
      expect(bucket.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
      expect(bucket).not.toHaveProperty('AccessControl');
    }
    expect(JSON.stringify(stacks().storage)).not.toMatch(/5408[0-9a-f]{56,}4353/);
  });

  test('S03 every bucket denies what comes without TLS, for itself and its objects', () => {
    const policies = properties('AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(buckets().length);
    for (const policy of policies) {
      const { Statement } = policy.PolicyDocument as { Statement: PolicyStatement[] };
      const deny = Statement.find(({ Effect }) => Effect === 'Deny');
      expect(deny).toMatchObject({ Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
      expect(listed(deny?.Resource).map((resource) => resource.endsWith('/*'))).toEqual([false, true]);
    }
  });

  test('S04 ElastiCache of the Region may export with six actions (reasoned: aws:SourceAccount is an option, for nobody has confirmed that ElastiCache sends it)', () => {
    const grants = statementsOf('AWS::S3::BucketPolicy').filter(
      ({ Effect, Principal }) => Effect === 'Allow' && /elasticache/.test(JSON.stringify(Principal)),
    );
    expect(grants).toHaveLength(1);
    expect(grants[0]?.Principal).toEqual({ Service: `${REGION}.elasticache-snapshot.amazonaws.com` });
    expect(listed(grants[0]?.Action).sort()).toEqual([...EXPORT_ACTIONS].sort());
    const withOption = options()
      .of('AWS::S3::BucketPolicy')
      .flatMap(
        ([, policy]) =>
          (options().properties(policy).PolicyDocument as { Statement: PolicyStatement[] }).Statement,
      )
      .find(({ Sid }) => Sid === 'ElastiCacheSnapshotExport');
    expect(withOption?.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': ACCOUNT } });
  });

  test('S05 every bucket is encrypted (reasoned: SSE-S3 where ElastiCache writes, for whether it can write under a customer’s key is not documented)', () => {
    for (const bucket of buckets()) {
      expect(JSON.stringify(bucket.BucketEncryption)).toContain('"SSEAlgorithm":"AES256"');
    }
  });

  test('S06 every bucket is versioned', () => {
    for (const bucket of buckets()) expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  test('S07 no role deletes versions, so what a role deletes can be had back (reasoned: the vault with Object Lock comes later, on this bucket’s versions)', () => {
    const actions = roleStatements().flatMap(({ Action }) => listed(Action));
    expect(
      actions.filter((action) => /DeleteObjectVersion|BypassGovernance|PutBucket|PutLifecycle/.test(action)),
    ).toEqual([]);
  });

  test('S08 uploads that were begun and old versions end, and no current backup expires by age', () => {
    const bucket = stacks().storage.Resources.BackupBucket;
    if (bucket === undefined) throw new Error('the backup bucket is not there');
    const { Rules } = stacks().properties(bucket).LifecycleConfiguration as {
      Rules: Record<string, unknown>[];
    };
    expect(Rules.some((rule) => 'AbortIncompleteMultipartUpload' in rule)).toBe(true);
    expect(Rules.some((rule) => 'NoncurrentVersionExpiration' in rule)).toBe(true);
    for (const rule of Rules) {
      expect(rule).not.toHaveProperty('ExpirationInDays');
      expect(rule).not.toHaveProperty('ExpirationDate');
    }
  });

  test('S09 reads of the backup bucket are logged', () => {
    const bucket = stacks().storage.Resources.BackupBucket;
    if (bucket === undefined) throw new Error('the backup bucket is not there');
    expect(stacks().properties(bucket).LoggingConfiguration).toHaveProperty('DestinationBucketName');
  });

  test('S10 buckets and keys stay when stacks go, and nothing empties a bucket', () => {
    const kept = [...stacks().of('AWS::S3::Bucket'), ...stacks().of('AWS::KMS::Key')];
    expect(kept.length).toBeGreaterThan(0);
    for (const [, resource] of kept) {
      expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    const types = [
      ...Object.values(stacks().storage.Resources),
      ...Object.values(stacks().workflow.Resources),
    ];
    expect(types.filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });

  test('S11 every function has a role of its own and no role a policy of AWS', () => {
    const roles = properties('AWS::Lambda::Function').map(({ Role }) => Role);
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of properties('AWS::IAM::Role')) {
      expect(role).not.toHaveProperty('ManagedPolicyArns');
      expect(role).not.toHaveProperty('Policies');
    }
  });

  test('S12 no action has a wildcard, and all resources are meant only where the action has no resource level', () => {
    const unscoped =
      /^(s3:ListAllMyBuckets|cloudwatch:(Get|List|Describe).*|logs:(GetQueryResults|StopQuery)|xray:.*|logs:(.*LogDelivery|.*LogDeliveries|.*ResourcePolicy|.*ResourcePolicies|DescribeLogGroups))$/;
    for (const statement of [...roleStatements(), ...operatorStatements()]) {
      for (const action of listed(statement.Action)) {
        expect(action).not.toContain('*');
        if (listed(statement.Resource).includes('*')) expect(action).toMatch(unscoped);
      }
    }
  });
  const operatorStatements = () =>
    properties('AWS::IAM::ManagedPolicy')
      .filter(({ ManagedPolicyName }) => /-operator-/.test(String(ManagedPolicyName)))
      .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: PolicyStatement[] }).Statement);

  test('S13 snapshots are made, copied and deleted by our names alone, made with our tag and deleted by it', () => {
    const changing = roleStatements().filter(({ Action }) =>
      listed(Action).some((action) => /elasticache:(Create|Copy|Export|Delete)/.test(action)),
    );
    expect(changing.length).toBeGreaterThan(2);
    for (const statement of changing) {
      for (const resource of listed(statement.Resource)) {
        expect(resource).toBe(resource.toLowerCase());
        expect(resource).not.toMatch(
          /:(snapshot|serverlesscachesnapshot|cluster|replicationgroup|serverlesscache):\*$/,
        );
      }
      if (listed(statement.Action).some((action) => action.includes('Delete'))) {
        expect(JSON.stringify(statement.Condition)).toContain('aws:ResourceTag/snapkeep:owner');
      }
      const makes = listed(statement.Resource).some((resource) => /snapshot:.*\?{12}$/.test(resource));
      if (makes && listed(statement.Action).some((action) => action.includes('Create'))) {
        expect(JSON.stringify(statement.Condition)).toContain('aws:RequestTag/snapkeep:owner');
      }
    }
  });

  test('S14 tags are added to snapshots of our names, with our owner, and to nothing else', () => {
    const tagging = roleStatements().filter(({ Action }) =>
      listed(Action).includes('elasticache:AddTagsToResource'),
    );
    for (const { Resource: resources, Condition } of tagging) {
      for (const resource of listed(resources))
        expect(resource).toMatch(/:(serverlesscache)?snapshot:[a-z0-9-]+-\?{12}$/);
      expect(JSON.stringify(Condition)).toContain('aws:RequestTag/snapkeep:owner');
    }
  });

  test('S15 who makes cannot delete, who deletes cannot make, and nobody passes roles or changes buckets and keys', () => {
    for (const [, statements] of pipelineRoles()) {
      const actions = statements.flatMap(({ Action }) => listed(Action));
      const makes = actions.some((action) => /elasticache:(Create|Copy|Export)/.test(action));
      const deletes = actions.some((action) => /elasticache:Delete/.test(action));
      expect(makes && deletes).toBe(false);
      expect(
        actions.filter((action) =>
          /PassRole|^kms:\*|^iam:|s3:PutBucket|Bypass|RedriveExecution/.test(action),
        ),
      ).toEqual([]);
    }
  });

  test('S16 each role trusts one service, and of services that tell for whom they act only this account’s', () => {
    for (const role of properties('AWS::IAM::Role')) {
      const { Statement } = role.AssumeRolePolicyDocument as { Statement: PolicyStatement[] };
      expect(Statement).toHaveLength(1);
      const service = (Statement[0]?.Principal as { Service: unknown } | undefined)?.Service;
      expect(typeof service).toBe('string');
      if (service !== 'lambda.amazonaws.com') {
        expect(Statement[0]?.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': account() } });
      }
    }
  });

  test('S17 the state machine calls its functions and none of their versions; schedules start one thing', () => {
    const invoked = roleStatements()
      .filter(({ Action }) => listed(Action).includes('lambda:InvokeFunction'))
      .flatMap(({ Resource: resources }) => listed(resources));
    for (const resource of invoked) expect(resource).toMatch(/:function:[a-z0-9-]+$/);
    const started = roleStatements()
      .filter(({ Action }) => listed(Action).includes('states:StartExecution'))
      .flatMap(({ Resource: resources }) => listed(resources));
    expect(started).toHaveLength(1);
  });

  test('S18 every function has its own time-out and memory, the bare runtime, no URL, and is called for this account', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions).toHaveLength(8);
    for (const { Runtime, Timeout, MemorySize } of functions) {
      expect([Runtime, typeof Timeout, typeof MemorySize]).toEqual(['provided.al2023', 'number', 'number']);
    }
    expect(stacks().of('AWS::Lambda::Url')).toEqual([]);
    for (const permission of properties('AWS::Lambda::Permission')) {
      expect(permission).toMatchObject({
        SourceAccount: account(),
        SourceArn: expect.stringContaining('arn:'),
      });
    }
  });

  test('S19 concurrency is reserved where the config says so (reasoned: off by default, for it takes from what the account’s other functions share)', () => {
    const reserved = options()
      .of('AWS::Lambda::Function')
      .map(([, resource]) => options().properties(resource).ReservedConcurrentExecutions);
    expect(reserved).toHaveLength(8);
    for (const number of reserved) expect(number).toBeGreaterThan(0);
  });

  test('S20 there is no secret in variables, definition or schedules, and variables are under the key', () => {
    const secret = /hooks\.slack\.com|xox[abp]-|AKIA|password|secret|token/i;
    for (const { Environment, KmsKeyArn } of properties('AWS::Lambda::Function')) {
      expect(JSON.stringify(Environment)).not.toMatch(secret);
      expect(KmsKeyArn).toMatch(/^arn:aws:kms:/);
    }
    for (const { DefinitionString } of properties('AWS::StepFunctions::StateMachine')) {
      expect(String(DefinitionString)).not.toMatch(secret);
    }
    for (const { Target } of properties('AWS::Scheduler::Schedule'))
      expect(JSON.stringify(Target)).not.toMatch(secret);
  });

  test('S21 functions that are called asynchronously keep what failed in the queue', () => {
    const kept = properties('AWS::Lambda::EventInvokeConfig');
    expect(
      kept.map(({ FunctionName }) => String(FunctionName).replace(/^snapkeep-[a-z]+-/, '')).sort(),
    ).toEqual(['notify', 'watch']);
    for (const { DestinationConfig } of kept)
      expect(JSON.stringify(DestinationConfig)).toContain(':snapkeep-');
  });

  test('S22 functions and state machine are traced', () => {
    for (const { TracingConfig } of properties('AWS::Lambda::Function'))
      expect(TracingConfig).toEqual({ Mode: 'Active' });
    for (const { TracingConfiguration } of properties('AWS::StepFunctions::StateMachine')) {
      expect(TracingConfiguration).toEqual({ Enabled: true });
    }
  });

  test('S23 only signed code runs where the config names a signing profile (reasoned: an option, for it takes a pipeline that signs)', () => {
    const signed = options().of('AWS::Lambda::CodeSigningConfig');
    expect(signed.map(([, config]) => options().properties(config).CodeSigningPolicies)).toEqual([
      { UntrustedArtifactOnDeployment: 'Enforce' },
    ]);
    const functions = options().of('AWS::Lambda::Function');
    for (const [, resource] of functions) {
      expect(options().properties(resource)).toHaveProperty('CodeSigningConfigArn');
      expect(options().properties(resource).Code).toMatchObject({
        S3Bucket: 'signed-code',
        S3Key: expect.stringMatching(/^release\/[a-z0-9-]+\.zip$/),
      });
    }
  });

  test('S24 every function and the state machine has a log group with an end, under the key, and makes none', () => {
    const groups = properties('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(9);
    for (const { RetentionInDays, KmsKeyId } of groups) {
      expect(RetentionInDays).toBeGreaterThan(0);
      expect(KmsKeyId).toMatch(/^arn:aws:kms:/);
    }
    for (const { LoggingConfig } of properties('AWS::Lambda::Function')) {
      expect(LoggingConfig).toMatchObject({
        LogGroup: expect.stringContaining('/aws/lambda/snapkeep-'),
        LogFormat: 'JSON',
      });
    }
    const actions = roleStatements().flatMap(({ Action }) => listed(Action));
    expect(actions).not.toContain('logs:CreateLogGroup');
  });

  test('S25 the state machine logs everything and is under the key', () => {
    for (const machine of properties('AWS::StepFunctions::StateMachine')) {
      expect(machine.LoggingConfiguration).toMatchObject({ Level: 'ALL' });
      expect(machine.EncryptionConfiguration).toMatchObject({ Type: 'CUSTOMER_MANAGED_KMS_KEY' });
    }
  });

  test('S26 schedules are bounded in attempts and age, keep what failed, have a zone and a key, and send the same at each attempt', () => {
    const schedules = properties('AWS::Scheduler::Schedule');
    expect(schedules.length).toBeGreaterThan(1);
    for (const schedule of schedules) {
      const target = schedule.Target as {
        Input: string;
        RetryPolicy: Record<string, number>;
        DeadLetterConfig: unknown;
      };
      expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(3600);
      expect(target.RetryPolicy.MaximumRetryAttempts).toBeLessThan(185);
      expect(target.DeadLetterConfig).toMatchObject({ Arn: expect.stringContaining(':sqs:') });
      expect(schedule.ScheduleExpressionTimezone).toBeTruthy();
      expect(schedule.KmsKeyArn).toMatch(/^arn:aws:kms:/);
      const sent = JSON.parse(target.Input) as { Input?: string };
      const input = sent.Input ?? target.Input;
      expect(input).toContain('<aws.scheduler.scheduled-time>');
      expect(input).not.toMatch(/attempt-number|execution-id/);
    }
  });

  test('S27 the topic is under the key, denies what comes without TLS, and is published to for this account alone', () => {
    for (const topic of properties('AWS::SNS::Topic')) expect(topic.KmsMasterKeyId).toMatch(/^arn:aws:kms:/);
    for (const statement of statementsOf('AWS::SNS::TopicPolicy')) {
      if (statement.Effect === 'Deny') {
        expect(statement.Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
      } else {
        expect(statement.Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': account() } });
        expect(JSON.stringify(statement.Condition)).toContain('aws:SourceArn');
        expect(statement.Principal).not.toEqual({ AWS: '*' });
      }
    }
    for (const { Protocol, RedrivePolicy } of properties('AWS::SNS::Subscription')) {
      expect(Protocol).not.toBe('http');
      expect(RedrivePolicy).toHaveProperty('deadLetterTargetArn');
    }
  });

  test('S28 the queue is encrypted, takes nothing without TLS and keeps for 14 days', () => {
    const queues = properties('AWS::SQS::Queue');
    expect(queues).toHaveLength(1);
    expect(queues[0]).toMatchObject({
      MessageRetentionPeriod: 14 * 86_400,
      KmsMasterKeyId: expect.stringContaining(':kms:'),
    });
    const deny = statementsOf('AWS::SQS::QueuePolicy').find(({ Effect }) => Effect === 'Deny');
    expect(deny?.Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
  });

  test('S29 keys rotate, services use them for this account’s own things, and none may do all', () => {
    for (const key of properties('AWS::KMS::Key')) {
      expect(key.EnableKeyRotation).toBe(true);
      const { Statement } = key.KeyPolicy as { Statement: PolicyStatement[] };
      for (const { Principal, Action, Condition } of Statement) {
        expect(Principal).not.toEqual({ AWS: '*' });
        if (!(Principal as { Service?: string }).Service) continue;
        expect(listed(Action).filter((action) => action.includes('*'))).toEqual([]);
        expect(JSON.stringify(Condition)).toMatch(/aws:SourceAccount|kms:EncryptionContext/);
      }
    }
  });

  test('S30 failures, undelivered messages and silence alarm, and every alarm does something', () => {
    const alarms = properties('AWS::CloudWatch::Alarm');
    const metrics = alarms.map(({ MetricName }) => MetricName);
    for (const metric of [
      'ExecutionsFailed',
      'ExecutionsTimedOut',
      'ExecutionsAborted',
      'ApproximateNumberOfMessagesVisible',
      'BackupAgeRatio',
    ]) {
      expect(metrics).toContain(metric);
    }
    for (const { AlarmActions } of alarms) expect(listed(AlarmActions as string[])).not.toEqual([]);
    for (const { MetricName, TreatMissingData } of alarms) {
      if (MetricName === 'BackupAgeRatio') expect(TreatMissingData).toBe('breaching');
    }
    const [rule] = properties('AWS::Events::Rule');
    expect(rule?.EventPattern).toMatchObject({ detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] } });
  });
});

test('thirty checks are here, by their numbers', async () => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(import.meta.filename, 'utf8');
  const numbers = [...text.matchAll(/test\('(S\d\d) /g)].map(([, number]) => number);
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => `S${String(index + 1).padStart(2, '0')}`));
});
