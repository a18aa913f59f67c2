/**
 * Training steps through XLA on an accelerator, beside WebGPU, and beside PyTorch where it is installed: what the machine
 * is, whether the device computes what the processor does, how fast a step is, in turns, and how fast the project's stream
 * feeds it. One JSON on stdout, progress on stderr. Each part has a process of its own and a bound on its time.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runContest } from './gpu/contest.mjs';
import { PLANS } from './gpu/plan.mjs';
import { killAll } from './lib/contestant.mjs';
import { number, optionsOf, wholeNumber } from './lib/options.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const log = (text) => process.stderr.write(`${text}\n`);

const oneOf = (names) => (text, name) => {
  if (!names.includes(text))
    throw new Error(`expected --${name} to be ${names.join(' or ')} but received '${text}'`);
  return text;
};

const options = optionsOf(
  'node bench/gpu.mjs [--device gpu|cpu] [--quick] [--seconds 440] [--only PART] [--rounds 3] [--turn 1.5] [--python python3]',
  {
    /** 'cpu': small sizes, for the plugin of a processor. */
    device: { default: 'gpu', read: oneOf(['gpu', 'cpu']) },
    /** Every kind of part once and as short as can be, to see that it runs. */
    quick: { type: 'boolean', default: false },
    /** Of the whole. */
    seconds: { default: '440', read: number },
    /** Of the names of parts: those with this in them. */
    only: { default: '' },
    rounds: { default: '3', read: wholeNumber },
    /** Seconds of a turn. */
    turn: { default: '1.5', read: number },
    python: { default: 'python3' },
  },
  ({ only, device, quick }) => {
    const names = ['correctness', ...PLANS[quick ? 'quick' : device].contests.map(({ name }) => name)];
    if (!names.some((name) => name.includes(only)))
      throw new Error(`--only ${only} is in the name of no part; parts are ${names.join('; ')}`);
  },
);

const begin = performance.now();
const left = () => options.seconds - (performance.now() - begin) / 1000;
const plan = PLANS[options.quick ? 'quick' : options.device];
const isAsked = (name) => name.includes(options.only);
const whole = {
  device: options.device,
  quick: options.quick,
  machine: undefined,
  correctness: undefined,
  contests: [],
  leftOut: [],
};

whole.machine = await part('machine.mjs', { python: options.python }, 100);
log(JSON.stringify(whole.machine));
if (isAsked('correctness')) {
  whole.correctness = await part('correct.mjs', plan.correct, plan.limits.correct);
  const { passed, error } = whole.correctness;
  const by = JSON.stringify(Object.values(whole.correctness.models ?? {}).map(({ largest }) => largest));
  log(`correctness: ${error ?? `${passed ? 'passed' : 'NOT PASSED'} ${by}`}`);
} else whole.leftOut.push('correctness: not asked for');
/** Seconds without which a contest is not begun. */
const LEAST = 45;
for (const contest of plan.contests) {
  const why = isAsked(contest.name)
    ? left() < LEAST && `only ${Math.max(0, Math.round(left()))} s were left`
    : 'not asked for';
  if (why) whole.leftOut.push(`${contest.name}: ${why}`);
  else {
    log(`\n${contest.name} (${Math.round(left())} s left)`);
    whole.contests.push(await runContest(contest, { ...options, limit: plan.limits.start, left, log }));
  }
}
whole.seconds = Math.round((performance.now() - begin) / 1000);
process.stdout.write(`${JSON.stringify(whole)}\n`);
const failed = !whole.correctness?.passed && isAsked('correctness');
process.exitCode = failed || whole.contests.some(({ error }) => error) ? 1 : 0;

/** The result of a part, or `{ error }`: it may end by itself, by its bound or by a signal. */
async function part(module, spec, most) {
  const limit = Math.max(1, Math.min(most, left()));
  const child = spawn(
    process.execPath,
    [join(HERE, 'gpu/part.mjs'), pathToFileURL(join(HERE, 'gpu', module)).href, JSON.stringify(spec)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let complaint = '';
  let late = false;
  child.stderr.on('data', (text) => {
    complaint = (complaint + text).slice(-4000);
  });
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, 1000 * limit);
  let answer;
  const ended = new Promise((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`)),
  );
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{"')) answer = JSON.parse(line);
  const how = await ended;
  clearTimeout(timer);
  if (answer?.result) return answer.result;
  const last = complaint.trim().split('\n').at(-1);
  return {
    error: answer?.error ?? (late ? `not done in ${Math.round(limit)} s` : `ended by ${how}: ${last}`),
  };
}

process.on('SIGINT', () => {
  killAll();
  process.exit(130);
});
process.on('exit', killAll);
