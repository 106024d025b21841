/**
 * Whether policies allow a call: IAM's own evaluation within one account, as far as our statements use it (IAM user
 * guide, *Policy evaluation logic*, *IAM JSON policy elements: Condition operators*). What it does not model it refuses.
 */
import { listed, type PolicyStatement } from '../support/stacks.ts';

/** A call as IAM sees it. */
export interface Call {
  /** Such as `s3:GetObject`. */
  readonly action: string;
  /** Every resource that the caller must be allowed it on. */
  readonly resources: readonly string[];
  /** Condition keys of the request. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** Whether every resource of the call is allowed by a statement and denied by none. */
export function isAllowed(statements: readonly PolicyStatement[], call: Call): boolean {
  return call.resources.every((resource) => {
    const matching = statements.filter((statement) => applies(statement, call, resource));
    return (
      matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
    );
  });
}

/** Whether a statement says anything about a call on a resource. */
export function applies(statement: PolicyStatement, call: Call, resource: string): boolean {
  return (
    listed(statement.Action).some((action) => matches(action.toLowerCase(), call.action.toLowerCase())) &&
    listed(statement.Resource).some((pattern) => matches(pattern, resource)) &&
    holds(statement.Condition ?? {}, call.context)
  );
}

/** `*` for any text and `?` for one character, over the whole value; slashes and colons are characters like others. */
export function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

type Operator = (wanted: string, given: string) => boolean;

const OPERATORS: Record<string, Operator> = {
  StringEquals: (wanted, given) => wanted === given,
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
};

function holds(conditions: NonNullable<PolicyStatement['Condition']>, context: Call['context']): boolean {
  return Object.entries(conditions).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`the condition operator ${name} is not modelled`);
    return Object.entries(keys).every(([key, wanted]) => {
      // A key that the request does not have never holds.
      const given = listed(context[key]);
      return given.some((value) => listed(wanted).some((pattern) => operator(pattern, value)));
    });
  });
}
