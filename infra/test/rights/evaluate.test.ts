import { expect, test } from 'vitest';
import type { PolicyStatement } from '../support/stacks.ts';
import { isAllowed, matches } from './evaluate.ts';

test.each([
  ['orders-????????????', 'orders-202611200300', true, 'twelve digits'],
  ['orders-????????????', 'orders-eu-202611200300', false, 'a sibling has more before its digits'],
  ['backups/*', 'backups/a/b/c.rdb', true, 'a star passes slashes'],
  ['a.b', 'axb', false, 'a dot is a dot'],
  ['a*', 'ba', false, 'from the first character on'],
  ['a(b)[c]', 'a(b)[c]', true, 'what means something to expressions means nothing here'],
])('%s against %s is %s: %s', (pattern, value, want) => {
  expect(matches(pattern, value)).toBe(want);
});

const READ: PolicyStatement = { Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::b/*' };
const DENY: PolicyStatement = { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/secret' };
const OWN: PolicyStatement = {
  Effect: 'Allow',
  Action: 'elasticache:DeleteSnapshot',
  Resource: '*',
  Condition: { StringLike: { 'aws:ResourceTag/owner': 'prod/*' } },
};

test.each<[string, string[], Record<string, string>, boolean, string]>([
  ['s3:GetObject', ['arn:aws:s3:::b/k'], {}, true, 'a statement covers it'],
  ['S3:getobject', ['arn:aws:s3:::b/k'], {}, true, 'actions have no case'],
  ['s3:PutObject', ['arn:aws:s3:::b/k'], {}, false, 'no statement has the action'],
  ['s3:GetObject', ['arn:aws:s3:::c/k'], {}, false, 'no statement has the resource'],
  ['s3:GetObject', ['arn:aws:s3:::b/secret'], {}, false, 'a Deny goes before'],
  ['s3:GetObject', ['arn:aws:s3:::b/k', 'arn:aws:s3:::c/k'], {}, false, 'every resource must be allowed'],
  [
    'elasticache:DeleteSnapshot',
    ['x'],
    { 'aws:ResourceTag/owner': 'prod/nightly' },
    true,
    'the condition holds',
  ],
  ['elasticache:DeleteSnapshot', ['x'], { 'aws:ResourceTag/owner': 'test/nightly' }, false, 'it does not'],
  ['elasticache:DeleteSnapshot', ['x'], {}, false, 'a key that is not there never holds'],
])('%s on %j with %j is %s: %s', (action, resources, context, want) => {
  expect(isAllowed([READ, DENY, OWN], { action, resources, context })).toBe(want);
});

test('a condition operator that is not modelled is refused', () => {
  const odd: PolicyStatement = { ...READ, Condition: { DateLessThan: { 'aws:CurrentTime': '2030' } } };
  expect(() =>
    isAllowed([odd], { action: 's3:GetObject', resources: ['arn:aws:s3:::b/k'], context: {} }),
  ).toThrow('DateLessThan is not modelled');
});
