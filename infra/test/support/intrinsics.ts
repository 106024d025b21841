/** Templates with their intrinsic functions resolved, as they would be in one account. */

/** A template as JSON. */
export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: unknown;
  readonly Metadata?: Record<string, unknown>;
}

/** Where the templates are pretended to be deployed. */
export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-1';
const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** What a stack exports, resolved, by the export's name. */
export function exportsOf(template: Template): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { Value, Export } of Object.values(template.Outputs ?? {})) {
    if (Export) found[Export.Name] = String(resolve(Value, template, {}));
  }
  return found;
}

/** A value with every intrinsic function in it resolved; one that this does not know is an error. */
export function resolve(value: unknown, template: Template, imports: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, template, imports));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    return intrinsic(name, argument, template, imports);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, template, imports)]));
}

function intrinsic(
  name: string,
  argument: unknown,
  template: Template,
  imports: Record<string, string>,
): unknown {
  switch (name) {
    case 'Ref':
      return PSEUDO[String(argument)] ?? reference(String(argument), template, imports);
    case 'Fn::GetAtt': {
      const [id, attribute] = argument as [string, string];
      return attributeOf(id, attribute, template, imports);
    }
    case 'Fn::Join': {
      const [separator, parts] = resolve(argument, template, imports) as [string, string[]];
      return parts.join(separator);
    }
    case 'Fn::ImportValue': {
      const value = imports[String(argument)];
      if (value === undefined) throw new Error(`nothing is exported as ${String(argument)}`);
      return value;
    }
    case 'Fn::Select': {
      const [index, list] = resolve(argument, template, imports) as [number, string[]];
      return list[index];
    }
    case 'Fn::Split': {
      const [separator, text] = resolve(argument, template, imports) as [string, string];
      return text.split(separator);
    }
    case 'Fn::Sub':
      return String(argument).replace(/\$\{([^}]*)\}/g, (_, key: string) =>
        String(intrinsic('Ref', key, template, imports)),
      );
    default:
      throw new Error(`the intrinsic function ${name} is not modelled`);
  }
}

const NAMES: Record<string, string> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::StepFunctions::StateMachineAlias': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Events::Rule': 'Name',
};

/** A bucket without a name is called as its logical id, in lower case. */
function nameOf(id: string, template: Template, imports: Record<string, string>): string {
  const resource = resourceOf(id, template);
  const property = NAMES[resource.Type];
  const given = property === undefined ? undefined : resource.Properties?.[property];
  return given === undefined ? id.toLowerCase() : String(resolve(given, template, imports));
}

function resourceOf(id: string, template: Template): Resource {
  const resource = template.Resources[id];
  if (resource === undefined) throw new Error(`there is no resource ${id}`);
  return resource;
}

function reference(id: string, template: Template, imports: Record<string, string>): string {
  const { Type } = resourceOf(id, template);
  const byArn = ['StateMachine', 'StateMachineAlias', 'StateMachineVersion', 'Topic', 'ManagedPolicy'];
  return byArn.includes(Type.split('::')[2] ?? '')
    ? arnOf(id, template, imports)
    : nameOf(id, template, imports);
}

function attributeOf(
  id: string,
  attribute: string,
  template: Template,
  imports: Record<string, string>,
): string {
  if (['Arn', 'TopicArn', 'StateMachineArn'].includes(attribute)) return arnOf(id, template, imports);
  if (/Name$/.test(attribute)) return nameOf(id, template, imports);
  return `${id}.${attribute}`;
}

function arnOf(id: string, template: Template, imports: Record<string, string>): string {
  const { Type, Properties } = resourceOf(id, template);
  const name = nameOf(id, template, imports);
  const place = `${REGION}:${ACCOUNT}`;
  const arns: Record<string, () => string> = {
    'AWS::S3::Bucket': () => `arn:aws:s3:::${name}`,
    'AWS::KMS::Key': () => `arn:aws:kms:${place}:key/${id.toLowerCase()}`,
    'AWS::SNS::Topic': () => `arn:aws:sns:${place}:${name}`,
    'AWS::SQS::Queue': () => `arn:aws:sqs:${place}:${name}`,
    'AWS::Lambda::Function': () => `arn:aws:lambda:${place}:function:${name}`,
    'AWS::Lambda::CodeSigningConfig': () => `arn:aws:lambda:${place}:code-signing-config:${name}`,
    'AWS::IAM::Role': () => `arn:aws:iam::${ACCOUNT}:role/${name}`,
    'AWS::IAM::ManagedPolicy': () => `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    'AWS::StepFunctions::StateMachine': () => `arn:aws:states:${place}:stateMachine:${name}`,
    'AWS::StepFunctions::StateMachineVersion': () =>
      `${String(resolve(Properties?.StateMachineArn, template, imports))}:1`,
    'AWS::StepFunctions::StateMachineAlias': () =>
      `arn:aws:states:${place}:stateMachine:snapkeep-alias:${name}`,
    'AWS::Logs::LogGroup': () => `arn:aws:logs:${place}:log-group:${name}:*`,
    'AWS::Events::Rule': () => `arn:aws:events:${place}:rule/${name}`,
    'AWS::CloudWatch::Alarm': () => `arn:aws:cloudwatch:${place}:alarm:${name}`,
    'AWS::Scheduler::ScheduleGroup': () => `arn:aws:scheduler:${place}:schedule-group/${name}`,
  };
  const arn = arns[Type];
  if (arn === undefined) throw new Error(`the ARN of a ${Type} is not modelled`);
  return arn();
}
