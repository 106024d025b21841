/** `make check`: is everything ready for a first backup? It looks, and makes nothing. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Cache, Deployment } from '../../lib/config/deployment.ts';
import { cacheName, named } from '../../lib/names.ts';
import { parseArn } from '../common/arn.ts';
import { type Command, CommandError, required, type Terminal } from '../common/command.ts';
import { type LoadDeployment, readEnvironment } from '../common/environment.ts';
import { type Asked, ask } from '../common/failure.ts';
import { describeStack } from '../common/stacks.ts';
import { listSubscriptions } from '../common/subscriptions.ts';
import { type Identity, judgeIdentity, judgeStacks } from './account.ts';
import { judgeBucket } from './bucket.ts';
import { bucketFacts } from './bucket-facts.ts';
import { judgeCache, type Seen } from './cache.ts';
import { cacheFacts } from './cache-facts.ts';
import {
  exitStatus,
  type Finding,
  judge,
  renderSection,
  type Section,
  summary,
  unchecked,
} from './finding.ts';
import { judgeSubscriptions } from './mail.ts';
import { ASKED_ROLES, judgeRights, type Place, questions, roleArns, sample } from './rights.ts';
import { simulate } from './simulate.ts';

/** Caches that are asked about at the same time: ElastiCache throttles an account, not a caller. */
const CACHES_AT_ONCE = 4;

/** What the command takes from outside. */
export interface CheckParts {
  readonly load: LoadDeployment;
  /** Folder of the config files. */
  readonly folder?: string;
  readonly now: () => Date;
  /** The Region that the caller's variables name. */
  readonly shellRegion?: string;
}

interface Scene {
  readonly deployment: Deployment;
  readonly env: string;
  readonly now: Date;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The command. */
export function checkCommand(parts: CheckParts): Command<'env'> {
  const command: Command<'env'> = {
    name: 'check',
    about: 'Says whether everything is ready for a first backup; makes no snapshot and changes nothing.',
    options: { env: { variable: 'ENV', value: 'NAME', about: 'the environment, infra/config/NAME.yaml' } },
    run: async (given, terminal) => {
      const env = required(command, given, 'env');
      const now = parts.now();
      const deployment = readEnvironment(env, parts.load, { now, folder: parts.folder });
      const sections = await check(deployment, env, now, parts.shellRegion, terminal);
      terminal.print(summary(sections));
      return exitStatus(sections);
    },
  };
  return command;
}

/** Each section is shown as soon as it is known: a hundred caches take a while. */
async function check(
  deployment: Deployment,
  env: string,
  now: Date,
  shellRegion: string | undefined,
  { print, width }: Terminal,
): Promise<Section[]> {
  const sections: Section[] = [];
  const show = (title: string, findings: readonly Finding[]): void => {
    sections.push({ title, findings });
    print(`${renderSection({ title, findings }, width)}\n`);
  };
  const { region } = deployment;
  const identity = await whoami(region);
  const formation = new CloudFormationClient({ region });
  const stack = (which: 'storage' | 'workflow') =>
    ask('cloudformation:DescribeStacks', () => describeStack(formation, named(deployment.name, which)));
  const stacks = { storage: await stack('storage'), workflow: await stack('workflow') };
  show(`Deployment ${deployment.name}`, [
    ...judgeIdentity(deployment, identity, shellRegion),
    ...judgeStacks(deployment, stacks, env),
  ]);
  const outputs = 'answer' in stacks.workflow ? (stacks.workflow.answer?.outputs ?? {}) : {};
  const scene = { deployment, env, now, outputs };
  const partition = parseArn(identity.arn)?.partition ?? 'aws';
  const bucket = outputs.BucketName ?? deployment.bucket.name;
  const place = { partition, region, account: identity.account, bucket: bucket ?? '' };
  const ofBucket = await checkBucket(scene, place);
  show(ofBucket.title, ofBucket.findings);
  const seen = await lookAtCaches(scene);
  for (const plan of deployment.plans) {
    for (const cache of plan.caches) {
      const title = `${cacheName(cache)}, plan ${plan.name}${plan.paused ? ' (paused)' : ''}`;
      const asked = seen.get(cacheName(cache));
      if (asked)
        show(
          title,
          judge('cache', asked, (found) => judgeCache(cache, plan, found, now)),
        );
    }
  }
  show('Rights of the functions', await checkRights(scene, place, seen));
  show('Alerts', await checkAlerts(scene));
  return sections;
}

async function whoami(region: string): Promise<Identity> {
  const { Account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  if (!Account || !Arn) throw new CommandError('STS does not say who calls; run this again');
  return { account: Account, arn: Arn };
}

async function checkBucket({ deployment, env }: Scene, place: Place): Promise<Section> {
  if (!place.bucket) {
    const deploy = `run \`make deploy ENV=${env}\``;
    return {
      title: 'Bucket',
      findings: [unchecked('not checked: its name is given when it is made', deploy)],
    };
  }
  // A bucket in another Region is to be told as such, and not as a redirect that nobody follows.
  const client = new S3Client({ region: place.region, followRegionRedirects: true });
  const facts = await bucketFacts(client, place.bucket, place.account);
  const keys = deployment.plans.flatMap(({ caches }) => caches.flatMap((cache) => sample(cache).keys));
  return judgeBucket(facts, { ...place, keys: [...new Set(keys)] }, env);
}

/** What is known of every cache, by kind and id; one in several plans is asked about once. */
async function lookAtCaches({ deployment, now }: Scene): Promise<ReadonlyMap<string, Asked<Seen>>> {
  const client = new ElastiCacheClient({ region: deployment.region });
  const caches = new Map(
    deployment.plans.flatMap(({ caches }) => caches.map((each) => [cacheName(each), each])),
  );
  const latest = deployment.plans.filter(({ source }) => source === 'latestAutomatic');
  const automatic = new Set(latest.flatMap(({ caches }) => caches.map(cacheName)));
  const seen = new Map<string, Asked<Seen>>();
  const waiting: [string, Cache][] = [...caches];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, cache] = next;
      seen.set(name, await cacheFacts(client, cache, { now, automatic: automatic.has(name) }));
    }
  };
  await Promise.all(Array.from({ length: CACHES_AT_ONCE }, work));
  return seen;
}

async function checkRights(
  { deployment, env, outputs }: Scene,
  place: Place,
  seen: ReadonlyMap<string, Asked<Seen>>,
): Promise<Finding[]> {
  const roles = roleArns(outputs.FunctionRoleArns ?? '');
  if (roles.size === 0)
    return [unchecked('not checked: there are no roles yet', `run \`make deploy ENV=${env}\``)];
  const known = [...seen].flatMap(([name, asked]) =>
    'answer' in asked ? [[name, asked.answer] as const] : [],
  );
  const all = questions(deployment, place, new Map(known));
  const client = new IAMClient({ region: deployment.region });
  const findings: Finding[] = [];
  for (const role of ASKED_ROLES) {
    const arn = roles.get(role);
    const asked = all.filter((question) => question.role === role);
    if (!arn) findings.push(unchecked(`${role}: not checked, the stack does not name its role`));
    if (!arn || asked.length === 0) continue;
    const verdicts = await simulate(client, arn, asked);
    findings.push(...judge(role, verdicts, (each) => judgeRights(role, each, deployment.name)));
  }
  return findings.length > 0 ? findings : [unchecked('not checked: no cache of any plan is there')];
}

async function checkAlerts({ deployment, env, outputs }: Scene): Promise<Finding[]> {
  const topicArn = outputs.TopicArn ?? deployment.alerts.topicArn;
  if (!topicArn) return [unchecked('not checked: there is no topic yet', `run \`make deploy ENV=${env}\``)];
  const client = new SNSClient({ region: parseArn(topicArn)?.region ?? deployment.region });
  const asked = await ask('sns:ListSubscriptionsByTopic', () => listSubscriptions(client, topicArn));
  return judge('subscriptions', asked, (all) => judgeSubscriptions(deployment.alerts, all, env));
}
