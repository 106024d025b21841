import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDeployment } from '../../lib/config/load.ts';
import { architectureCommand, synthCommand } from '../../ops/synth/command.ts';
import { roles, type Stack, summaryText } from '../../ops/synth/summary.ts';
import { expectGolden, NOW, run } from './support.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'config');
const FROM = { load: loadDeployment, folder: FOLDER, now: () => NOW };

describe('make synth', () => {
  let outdir = '';
  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'snapkeep-synth-'));
  });
  afterAll(() => rmSync(outdir, { recursive: true }));

  it('prints what the minimal example consists of where no environment is named', async () => {
    const command = synthCommand({ ...FROM, outdir, built: () => join(outdir, 'nothing-built') });
    const { status, text } = await run(command, []);
    expectGolden('synth', text);
    expect(status).toBe(0);
  });

  it('says which environments there are for one that is not there', async () => {
    const command = synthCommand({ ...FROM, outdir, built: () => outdir });
    expect(await run(command, ['--env', 'nope'])).toEqual({
      status: 2,
      text: '(stderr) error: no environment `nope` (infra/config/nope.yaml): there are example, minimal\n',
    });
  });
});

describe('what the functions are built for', () => {
  it('is what the environment says', async () => {
    expect(await run(architectureCommand(FROM), ['--env', 'minimal'])).toEqual({
      status: 0,
      text: 'arm64\n',
    });
  });

  it('is not guessed where none is named', async () => {
    expect((await run(architectureCommand(FROM), [])).status).toBe(2);
  });
});

describe('the summary', () => {
  const stack: Stack = {
    name: 'a',
    template: {
      Resources: {
        R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'reader' } },
        N: { Type: 'AWS::IAM::Role' },
        P: policy('R', 2),
        Q: policy('R', 1),
        B: { Type: 'AWS::S3::Bucket' },
      },
    },
  };

  it('counts the statements of a role over all its policies, and none where it has no policy', () => {
    expect(roles([stack])).toEqual([
      { name: 'N', statements: 0 },
      { name: 'reader', statements: 3 },
    ]);
  });

  it('names the types of a stack, the most of them first', () => {
    expect(summaryText([stack], 4).split('\n').slice(0, 4)).toEqual([
      'a: 5 resources',
      '    2  AWS::IAM::ManagedPolicy',
      '    2  AWS::IAM::Role',
      '    1  AWS::S3::Bucket',
    ]);
  });

  function policy(role: string, statements: number) {
    const Statement = Array.from({ length: statements }, () => ({}));
    return {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { Roles: [{ Ref: role }], PolicyDocument: { Statement } },
    };
  }
});
