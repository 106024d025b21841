/** What the fields beside `plans` refuse by themselves, and what is no file at all. */

import { describe, expect, it } from 'vitest';
import { refusals, withField } from './helpers.ts';

/** What is wrong, the file, and the lines in which it is told. */
const rows: [string, string, string[]][] = [
  [
    'an account without quotes',
    withField('account: 123456789012'),
    ['6:10 account is 123456789012; allowed are 12 digits in quotes such as "123456789012"'],
  ],
  [
    'an account of eleven digits',
    withField('account: "12345678901"'),
    ['6:10 account is "12345678901"; allowed are 12 digits in quotes such as "123456789012"'],
  ],
  [
    'an unknown architecture',
    withField('architecture: arm'),
    ['6:15 architecture is "arm"; allowed are "arm64" and "x86_64"'],
  ],
  [
    'days that CloudWatch Logs does not take',
    withField('logRetentionDays: 45'),
    [
      '6:19 logRetentionDays is 45; allowed are the numbers of days that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
    ],
  ],
  [
    'memory out of bounds, and a function as its folder is named',
    withField('memory: { verifyObject: 64, watch: 20000, prune: 256.5, verify-object: 512 }'),
    [
      '6:25 memory.verifyObject is 64; allowed are whole numbers from 128 to 10240',
      '6:36 memory.watch is 20000; allowed are whole numbers from 128 to 10240',
      '6:50 memory.prune is 256.5; allowed are whole numbers from 128 to 10240',
      '6:57 memory has "verify-object"; did you mean "verifyObject"? allowed are "createSnapshot", "checkStatus", "copyToS3", "verifyObject", "recordBackup", "prune", "notify" and "watch"',
    ],
  ],
  [
    'a concurrency that stops the function',
    withField('reservedConcurrency: { watch: 0 }'),
    ['6:31 reservedConcurrency.watch is 0; allowed are whole numbers from 1 to 10000'],
  ],
  [
    'a bucket in upper case and no days',
    withField('bucket: { name: Backups, noncurrentDays: 0 }'),
    [
      '6:17 bucket.name is "Backups"; "Backups" is no bucket name: allowed are 3 to 63 lower-case letters, digits, hyphens and single dots, beginning and ending with a letter or digit, and no IP address',
      '6:42 bucket.noncurrentDays is 0; allowed are whole numbers from 1 to 3650',
    ],
  ],
  [
    "a key's alias",
    withField('keyArn: arn:aws:kms:eu-west-1:123456789012:alias/backups'),
    [
      '6:9 keyArn is "arn:aws:kms:eu-west-1:123456789012:alias/backups"; allowed is the ARN of a KMS key (not of an alias) such as "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    ],
  ],
  [
    'a signing profile without its version',
    withField(
      'codeSigning: { profileVersionArn: "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/snapkeep", bucket: signed-code, prefix: a/ }',
    ),
    [
      `6:35 codeSigning.profileVersionArn is "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/snapkeep"; allowed is the ARN of a signing profile's version such as "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/snapkeep/abcdefghij"`,
    ],
  ],
  [
    'a FIFO topic and an action that is no ARN',
    withField(
      'alerts: { topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts.fifo", alarmActions: [pager] }',
    ),
    [
      '6:21 alerts.topicArn is "arn:aws:sns:eu-west-1:123456789012:alerts.fifo"; allowed is the ARN of a standard SNS topic such as "arn:aws:sns:eu-west-1:123456789012:alerts"',
      `6:86 alerts.alarmActions[0] is "pager"; allowed is the ARN of an alarm's action such as "arn:aws:sns:eu-west-1:123456789012:pager"`,
    ],
  ],
  [
    'contacts that are none',
    withField('alerts: { email: [sre], slack: { workspaceId: C01ABCDEFGH, channelId: general } }'),
    [
      '6:19 alerts.email[0] is "sre"; allowed is an e-mail address such as "sre@example.com"',
      '6:47 alerts.slack.workspaceId is "C01ABCDEFGH"; allowed is the T… of the workspace as AWS Chatbot shows it, such as "T01ABCDEFGH"',
      `6:71 alerts.slack.channelId is "general"; allowed is the C… or G… at the end of the channel's link, such as "C01ABCDEFGH"`,
    ],
  ],
  [
    'half a Slack channel',
    withField('alerts: { slack: { workspaceId: T01ABCDEFGH } }'),
    ['6:11 alerts.slack.channelId is missing; allowed is a text such as "C01ABCDEFGH"'],
  ],
  [
    'tags that AWS keeps or that are no text',
    withField('tags: { "aws:team": a, team: 4711 }'),
    [
      `6:9 tags has "aws:team"; allowed as a tag's key are 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with "aws:" or "snapkeep:"`,
      '6:30 tags.team is 4711; allowed is a text such as "payments"',
    ],
  ],
  [
    'wrong names and no plans',
    'deployment: -prod\nregion: europe\nplans: {}\n',
    [
      '1:13 deployment is "-prod"; allowed are 1 to 20 lower-case letters, digits and hyphens, not starting with a hyphen',
      '2:9 region is "europe"; allowed is a Region such as "eu-west-1"',
      '3:8 plans is {}; allowed is a map of at least one plan, each a name with its caches below',
    ],
  ],
  [
    'names that are too long',
    `deployment: ${'a'.repeat(21)}\nregion: eu-west-1\nplans:\n  ${'b'.repeat(31)}:\n    caches: [cache-cluster/a]\n`,
    [
      '1:13 deployment is "aaaaaaaaaaaaaaaaaaaaa"; allowed are 1 to 20 lower-case letters, digits and hyphens, not starting with a hyphen',
      '4:3 plans has "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"; allowed are 1 to 30 lower-case letters, digits and hyphens, not starting with a hyphen',
    ],
  ],
  [
    "a deployment that ends no bucket's name",
    'deployment: prod-\nregion: eu-west-1\nplans:\n  p:\n    caches: [cache-cluster/a]\n',
    [
      '1:13 deployment is "prod-"; "snapkeep-prod-" is no bucket name: allowed are 3 to 63 lower-case letters, digits, hyphens and single dots, beginning and ending with a letter or digit, and no IP address',
    ],
  ],
  [
    'a deployment that S3 keeps',
    'deployment: a-s3alias\nregion: eu-west-1\nplans:\n  p:\n    caches: [cache-cluster/a]\n',
    [
      '1:13 deployment is "a-s3alias"; "snapkeep-a-s3alias" is no bucket name: S3 keeps names with "-s3alias" to itself',
    ],
  ],
  [
    'a file of one line',
    'deployment: prod\n',
    [
      '1:1 region is missing; allowed is a text such as "eu-west-1"',
      '1:1 plans is missing; allowed is a map of at least one plan, each a name with its caches below',
    ],
  ],
  [
    'a list',
    '- prod\n',
    [
      '1:1 the file is ["prod"]; allowed is a map of "deployment", "region", "account", "architecture", "logRetentionDays", "memory", "reservedConcurrency", "bucket", "keyArn", "codeSigning", "alerts", "tags" and "plans"',
    ],
  ],
  [
    'a key that comes twice',
    'deployment: prod\ndeployment: test\n',
    ['2:1 this key comes twice in its map; keep one'],
  ],
  [
    'a bracket that is not closed',
    'deployment: [prod\n',
    [
      '2:1 this is not YAML; Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ],
  [
    'an alias without an anchor',
    'deployment: *prod\n',
    ['1:13 the alias *prod has no anchor; allowed are those of anchors before it'],
  ],
];

describe.each(rows)('a config file with %s', (_, text, expected) => {
  it('is refused with the field, the value and the remedy', () => {
    expect(refusals(text)).toEqual(expected);
  });
});
