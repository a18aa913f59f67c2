/** `rxaug search` as a user runs it: killed at several moments, it ends at the same policy and figures. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlan, writePlan } from '../../src/search/plan.js';
import { TINY as SCRIPT } from '../search/data/tiny-pipeline.js';
import { Workspace } from './command.js';

const at = new Workspace({ 'tiny.ts': SCRIPT });
afterAll(() => at.dispose());

const args = (out: string, ...more: string[]) => [
  'search',
  'tiny.ts',
  '--strategy',
  'random',
  '--budget',
  '1h',
  '--out',
  out,
  '--backend',
  'wasm',
  ...more,
];
const file = (...path: string[]) => join(at.path, ...path);

/** Kills the process once the files in its folder are as they should be. */
async function killed(out: string, signal: NodeJS.Signals, when: () => boolean) {
  let timer: NodeJS.Timeout | undefined;
  const ended = await at.rxaug(args(out, '--resume'), {
    onStart(kill) {
      timer = setInterval(() => {
        if (!when()) return;
        clearInterval(timer); // a second Ctrl-C would end it at once
        kill(signal);
      }, 5);
    },
  });
  clearInterval(timer);
  return ended;
}

const names = (...path: string[]) => (existsSync(file(...path)) ? readdirSync(file(...path)) : []);

interface Figures {
  readonly searches: readonly { readonly policy: unknown; readonly trace: unknown; readonly seed: number }[];
  readonly arms: readonly { readonly name: string; readonly runs: readonly object[] }[];
  readonly worth: unknown;
}

/** Without what depends on the clock. */
function figures(out: string) {
  const { searches, arms, worth } = JSON.parse(readFileSync(file(out, 'result.json'), 'utf8')) as Figures;
  return {
    searches: searches.map(({ policy, trace, seed }) => ({ policy, trace, seed })),
    arms: arms.map(({ name, runs }) => ({ name, runs: runs.map((run) => ({ ...run, seconds: 0 })) })),
    worth,
    policy: readFileSync(file(out, 'policy.json'), 'utf8'),
  };
}

/** Child processes of searches in this workspace that are still there. */
const children = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('search/child') && line.includes(at.path));

describe('rxaug search', () => {
  let whole: ReturnType<typeof figures>;
  beforeAll(async () => {
    // A plan is made here, and then given fixed numbers, so that nothing hangs on what was measured.
    await killed('planned', 'SIGKILL', () => existsSync(file('planned', 'plan.json')));
    const plan = readPlan(file('planned', 'plan.json'));
    if (!plan) throw new Error('there is no plan');
    rmSync(file('planned'), { recursive: true });
    const cost = { ...plan.cost, secondsPerImageEpoch: 0.01, secondsPerTrial: 0.1, secondsPerForward: 0.001 };
    const { sha256: _, ...rest } = plan;
    writePlan(file('planned', 'plan.json'), {
      ...rest,
      cost,
      ...{ searches: 2, pairs: 2, most: 2, searchSeconds: 4, worthSeconds: 1, roundSeconds: 1 },
      elapsed: 1e6, // so late that no search is overdue, however busy the machine
    });
    cpSync(file('planned'), file('whole'), { recursive: true });
    const { code, stdout, stderr } = await at.rxaug(args('whole', '--resume', '--json', '--workers', '1'));
    expect(stderr).toContain('a training of 40 images × 4 epochs takes');
    // What a child writes is passed on, and stdout is JSON all the same.
    expect(stderr).toMatch(/^search: .+: loaded in a child$/m);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout);
    expect(Object.keys(summary).slice(0, 10)).toEqual([
      'policy',
      'strategy',
      'seconds',
      'conclusion',
      'found',
      'controls',
      'versus',
      'ops',
      'moved',
      'effectiveOps',
    ]);
    expect(summary.found.runs).toHaveLength(4);
    whole = figures('whole');
    expect(whole.searches[0]?.trace).not.toEqual([]);
    expect(summary.controls.map(({ name }: { name: string }) => name)).toEqual(['plain', 'flipped']);
  });

  const moments: readonly [string, string, NodeJS.Signals, () => boolean][] = [
    [
      'while it searches',
      'cut1',
      'SIGKILL',
      () => names('cut1', 'searches', '1', 'journal').some((name) => /^score.*json$/.test(name)),
    ],
    [
      'in the first training',
      'cut2',
      'SIGKILL',
      () => names('cut2', 'trials', 'found1-pair1').includes('last.ckpt'),
    ],
    ['in the last round', 'cut3', 'SIGKILL', () => names('cut3', 'trials').includes('found2-pair2.json')],
    ['by Ctrl-C', 'cut4', 'SIGINT', () => names('cut4', 'trials').some((name) => /pair1\.json$/.test(name))],
  ];
  it.each(moments)(
    'stopped %s, it ends at the same policy and figures, with other workers',
    async (_, out, signal, when) => {
      cpSync(file('planned'), file(out), { recursive: true });
      const { code, stderr } = await killed(out, signal, when);
      expect(code).toBe(signal === 'SIGINT' ? 130 : null);
      expect(existsSync(file(out, 'result.json'))).toBe(false);
      if (signal === 'SIGINT')
        expect(stderr).toMatch(
          /continue with: npx rxaug search tiny\.ts --strategy random --budget 1h --out cut4 .*--resume/,
        );
      const again = await at.rxaug(args(out, '--resume'));
      expect(again.code).toBe(0);
      expect(again.stdout).toContain('flipped');
      expect(figures(out)).toEqual(whole);
      // No child outlives its parent.
      await expect.poll(children, { timeout: 60_000 }).toEqual([]);
    },
  );

  it('a finished search is told again, and nothing is trained', async () => {
    const before = readdirSync(file('whole', 'trials')).sort();
    const { code, stdout } = await at.rxaug(args('whole', '--resume', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout).policy).toBe(file('whole', 'policy.json'));
    expect(figures('whole')).toEqual(whole);
    expect(readdirSync(file('whole', 'trials')).sort()).toEqual(before);
  });

  it('refuses in one sentence', async () => {
    const refused = async (...given: string[]) => {
      const { code, stdout, stderr } = await at.rxaug(given);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      return stderr.trim();
    };
    expect(await refused(...args('whole'))).toMatch(
      /whole: holds a search; continue it with --resume, or give another folder with --out$/,
    );
    expect(await refused(...args('whole', '--resume', '--seed', '1'))).toMatch(
      /belongs to a search with seed 0, not 1; /,
    );
    expect(await refused(...args('whole', '--resume', '--set', 'count=44'))).toMatch(
      /with settings\.count 40, not 44; /,
    );
    expect(await refused('search', 'tiny.ts', '--strategy', 'randon')).toMatch(
      /unknown strategy 'randon'; did you mean 'random'\?$/,
    );
    expect(await refused('search', 'tiny.ts', '--budget', 'soon')).toMatch(
      /--budget: expected a time such as 10m, 90s or 1h30m but received 'soon'$/,
    );
    expect(await refused('search', 'tiny.ts', '--workers', '0')).toMatch(
      /--workers: expected a whole number ≥ 1 but received '0'$/,
    );
    at.write('plain.ts', SCRIPT.replace('search: (', 'other: ('));
    expect(await refused('search', 'plain.ts', '--strategy', 'random')).toMatch(
      /plain\.ts: has no search; add search: /,
    );
  });
});
