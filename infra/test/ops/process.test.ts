import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const INFRA = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a command as `make` does, without credentials and with nowhere to look for any. */
function command(name: string, ...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' };
  const found = spawnSync(process.execPath, ['--import', 'tsx', `ops/${name}.ts`, ...argv], {
    cwd: INFRA,
    env,
  });
  return { status: found.status, stdout: String(found.stdout), stderr: String(found.stderr) };
}

describe('the commands as processes', () => {
  it('print to standard output and end with 0', () => {
    const cost = readFileSync(new URL('./golden/cost.txt', import.meta.url), 'utf8');
    expect(command('cost')).toEqual({ status: 0, stdout: cost, stderr: '' });
  });

  it.each(['check', 'backup', 'test-alert'])('say in one line what %s is missing, and end with 2', (name) => {
    const { status, stdout, stderr } = command(name);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: env is missing .*; give ENV=NAME or --env NAME\n$/);
  });

  it('say in one line that there are no credentials, and end with 1', () => {
    const { status, stdout, stderr } = command('check', '--env', 'minimal');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: CredentialsProviderError: .*; sign in, for example with `aws sso login`, or set AWS_PROFILE\n$/,
    );
  });
});
