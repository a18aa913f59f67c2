/** What a plugin leaves in its process: memory, and the way it ends. In processes of their own. */
import { describe, expect, it } from 'vitest';
import { counting, NEEDS, plugin, run, step, variables } from './programs.js';

const session = `
  const pjrt = await openPjrt({ plugin });
  const variables = ${JSON.stringify(variables)};
  const session = await pjrt.createSession(variables);
`;

describe.skipIf(!plugin)(`a process with a plugin${NEEDS}`, () => {
  it('does not grow over 10,000 steps', () => {
    const out = run(`${session}
      const program = await session.loadProgram(${JSON.stringify(step)});
      await session.setState({ w: new Float32Array(6), n: new Int32Array(1) });
      const feed = { x: new Float32Array(6).fill(1), rate: new Float32Array(1).fill(1) };
      const steps = async (count) => {
        for (let i = 0; i < count; i += 100)
          await Promise.all(Array.from({ length: 100 }, () => program.step(feed)));
        return process.memoryUsage.rss();
      };
      const before = await steps(5000);
      const after = await steps(10000);
      const { n } = await session.getState(['n']);
      await pjrt.close();
      console.log(JSON.stringify({ grown: after - before, n: n[0] }));
    `);
    const { grown, n } = JSON.parse(out);
    expect(n).toBe(15_000);
    expect(grown).toBeLessThan(24 * 2 ** 20);
  }, 120_000);

  it('ends by itself when nothing is open, closed or not', () => {
    expect(run(`${session} console.log('open');`)).toBe('open\n');
    expect(run(`${session} await session.dispose(); await pjrt.close(); console.log('closed');`)).toBe(
      'closed\n',
    );
  }, 60_000);

  it('ends when it is told to, while the device still works', () => {
    const out = run(`${session}
      const program = await (await pjrt.createSession([])).loadProgram(${JSON.stringify(counting)});
      program.step({ n: Int32Array.of(50_000_000) });
      program.step({ n: Int32Array.of(50_000_000) }).catch(() => {});
      setTimeout(() => { console.log('ends'); process.exit(0); }, 5);
    `);
    expect(out).toBe('ends\n');
  }, 60_000);

  it('opens a plugin again after it was closed, and two at once', () => {
    const out = run(`
      for (let i = 0; i < 3; i++) await (await openPjrt({ plugin })).close();
      const both = await Promise.all([openPjrt({ plugin }), openPjrt({ plugin })]);
      console.log(both.map(({ info }) => info.platform).join());
      await Promise.all(both.map((each) => each.close()));
    `);
    expect(out).toBe('cpu,cpu\n');
  }, 60_000);
});
