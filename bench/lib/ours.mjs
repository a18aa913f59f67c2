/**
 * Our side of the protocol: a process like the peers', that runs the `ours` of one case.
 *
 *   node ours.mjs MODULE SPEC
 */
import { createInterface } from 'node:readline';

const [module, text] = process.argv.slice(2);
const spec = JSON.parse(text);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const now = () => performance.now() / 1000;
const ownCpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

try {
  const { default: benchCase } = await import(module);
  const { rxaug } = await import('./rxaug.mjs');
  const {
    step,
    skip = 0,
    stages,
    about = {},
    close,
    before,
    drain,
    cpu = ownCpu,
  } = await benchCase.ours(spec, rxaug);
  const warm = now() + spec.warmup;
  do await step();
  while (now() < warm);
  say({ ready: { node: process.version, ...about } });

  for await (const line of createInterface({ input: process.stdin })) {
    const [order, budget] = line.split(' ');
    if (order !== 'round') break;
    // What was made in advance, between the turns, is not counted.
    for (let i = 0; i < skip; i++) await step();
    stages?.(); // and its times are thrown away
    let count = 0;
    let seconds = 0;
    let used = 0;
    while (seconds < budget) {
      await before?.(); // not counted
      const [start, from] = [now(), cpu()];
      count += await step();
      seconds += now() - start;
      used += cpu() - from;
    }
    if (drain) {
      // Steps that are still under way, where several are.
      const [start, from] = [now(), cpu()];
      count += await drain();
      seconds += now() - start;
      used += cpu() - from;
    }
    say({ count, seconds, cpu: used, stages: stages?.() });
  }
  await close?.();
  process.exit(0);
} catch (error) {
  say({ error: `${error.message}`.split('\n')[0] });
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
