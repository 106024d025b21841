/**
 * Whether a condition of a bucket policy is met by ElastiCache's own requests when it writes an export.
 *
 * Rules are those of the IAM user guide, *Condition operators* and *Global condition keys*: an absent key fails a
 * positive operator and meets a negated one. Facts about the requests that nobody documents are left open.
 */

/** What is known: it is met, it is not, or that depends on what ElastiCache sends. */
export type Met = 'yes' | 'no' | 'unknown';

/** The condition block of a statement: operator, key, values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Keys that a request of a service principal does not have: it is no IAM principal and comes through no VPC. */
const ABSENT = [
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:vpcsourceip',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principaltype',
  'aws:userid',
  'aws:username',
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:tokenissuetime',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
];

/** Keys that it has, with their values: AWS services speak TLS 1.2 at least, and call S3 themselves. */
const PRESENT: Readonly<Record<string, string>> = {
  'aws:securetransport': 'true',
  'aws:principalisawsservice': 'true',
  'aws:viaawsservice': 'false',
};

/** Whether all conditions of a statement are met by a request of ElastiCache in `region`. */
export function met(conditions: Conditions, service: string): Met {
  const each = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      metOne(operator, key.toLowerCase(), [values].flat().map(String), service),
    ),
  );
  if (each.includes('no')) return 'no';
  return each.includes('unknown') ? 'unknown' : 'yes';
}

/** Names of the keys that decide whether conditions are met and of which nobody knows what ElastiCache sends. */
export function openKeys(conditions: Conditions, service: string): string[] {
  const keys = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({
      key,
      met: metOne(operator, key.toLowerCase(), [values].flat().map(String), service),
    })),
  );
  return [...new Set(keys.filter((each) => each.met === 'unknown').map(({ key }) => key))];
}

function metOne(operator: string, key: string, values: readonly string[], service: string): Met {
  const plain = operator.toLowerCase().replace(/ifexists$/, '');
  const ifExists = /ifexists$/i.test(operator);
  const negated = plain.includes('not');
  // Set operators ask about keys with several values, such as tags, of which an export has none that is known.
  if (plain.includes(':')) return 'unknown';
  const absent = ABSENT.includes(key) || key.startsWith('aws:principaltag/');
  const value = key === 'aws:principalservicename' ? service : PRESENT[key];
  if (plain === 'null') {
    if (!absent && value === undefined) return 'unknown';
    return values.some((wanted) => (wanted.toLowerCase() === 'true') === absent) ? 'yes' : 'no';
  }
  if (absent) return ifExists || negated ? 'yes' : 'no';
  // The requests come from AWS's own addresses, which nobody lists as his.
  if (key === 'aws:sourceip') return negated ? 'yes' : 'no';
  // TLS below 1.2 is what is forbidden, and AWS's own clients do not speak it.
  if (key === 's3:tlsversion') return plain.startsWith('numericless') ? 'no' : 'yes';
  if (value === undefined) return 'unknown';
  const equal = values.some((wanted) => glob(wanted.toLowerCase(), value));
  return equal === negated ? 'no' : 'yes';
}

/** Whether a text matches a pattern with `*` and `?`. */
export function glob(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}
