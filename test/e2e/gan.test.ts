/** `rxaug gan` as a user runs it: sheets, evaluations, a resume after Ctrl-C, one line of JSON. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

/** Sixty made pictures of 8×8 in two classes, a judge that learns them, and a GAN. */
const MADE = `
import { arrays, batch, cnn, definePipeline, fit, normalize, STATISTICS, train } from 'rxaug';
import { gan, judge } from 'rxaug/gan';

const made = () => ({
  images: Uint8Array.from({ length: 60 * 192 }, (_, i) => 90 * (Math.floor(i / 192) % 2) + ((i * 7919) % 101)),
  labels: Array.from({ length: 60 }, (_, i) => i % 2),
  width: 8,
  height: 8,
  classes: ['dark', 'bright'],
});
const plain = () => arrays(made()).pipe(normalize(STATISTICS.symmetric), batch(20));

export default definePipeline({
  name: 'made',
  settings: { epochs: 4 },
  batches: ({ settings, seed, workers }) =>
    arrays(made(), { seed, epochs: settings.epochs, shuffle: true }).pipe(
      normalize(STATISTICS.symmetric), batch(20, { workers, dropLast: true }),
    ),
  async *run(batches$, { seed, out, resume, signal, backend, samples }) {
    const classifier = await fit(plain(), { model: cnn({ filters: [4] }), epochs: 2, seed, backend });
    yield* trained(train(batches$, {
      model: gan({ latent: 4, width: 4, criticWidth: 4 }),
      judge: judge(classifier, { training: plain }),
      validation: plain, evaluateEvery: 2, samples,
      checkpoint: { dir: out }, resume, seed, signal, backend,
    }));
  },
});

async function* trained(events$) {
  const { pull } = await import('rxaug');
  yield* pull(events$);
}
`;

const at = new Workspace({ 'made.js': MADE });
afterAll(() => at.dispose());

const args = ['gan', 'made.js', '--backend', 'wasm', '--workers', '0', '--samples', '3'];
const steps = (out: string) =>
  readFileSync(join(at.path, out, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'step')
    .map(({ step, metrics }) => ({ step, metrics }));

describe('rxaug gan', () => {
  it('writes sheets, prints evaluations as a table and as JSON, and warns of a collapsed generator', async () => {
    const { code, stdout, stderr } = await at.rxaug([...args, '--out', 'whole', '--json']);
    expect(stderr).toContain('done: 12 steps');
    expect(code).toBe(0);
    const said = JSON.parse(stdout);
    expect(said.evaluations.map(({ step }: { step: number }) => step)).toEqual([6, 12]);
    for (const each of said.evaluations)
      expect(Object.keys(each)).toEqual(
        expect.arrayContaining(['fid', 'kid', 'precision', 'recall', 'memorized', 'diversity']),
      );
    const collapsed = said.evaluations.filter((each: { collapsed: number }) => each.collapsed === 1);
    expect((said.warnings ?? []).length).toBe(collapsed.length);
    if (collapsed.length > 0)
      expect(stderr).toContain(': the model has collapsed: its images of a class differ ');
    expect(readdirSync(join(at.path, 'whole/samples'))).toEqual([
      'step-000003.png',
      'step-000006.png',
      'step-000009.png',
      'step-000012.png',
    ]);
    const { width, height } = await sharp(join(at.path, 'whole/samples/step-000003.png')).metadata();
    expect([width, height]).toEqual([8 * (64 + 4) + 4, expect.any(Number)]);
    const text = await at.rxaug([...args, '--out', 'text', '--set', 'epochs=2']);
    expect(text.stdout).toMatch(
      /^step +real +fake +fid +kid +kidError +precision +recall +diversity +collapsed +recognized +memorized\n/,
    );
  });

  it('gives its generator as an ONNX model', async () => {
    const onnx = (name: string) =>
      at.rxaug(['onnx', 'whole/last.ckpt', 'g.onnx', '--function', name, '--json']);
    const { code, stdout } = await onnx('generate');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      path: 'g.onnx',
      function: 'generate',
      inputs: { noise: ['batch', 4], classes: ['batch', 2] },
      classes: ['dark', 'bright'],
    });
    const wrong = await onnx('encode');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      "rxaug: onnx: the model has no function 'encode'; it has generate, score\n",
    ]);
    const plain = await at.rxaug(['onnx', 'whole/last.ckpt', 'g.onnx']);
    expect([plain.code, plain.stderr]).toEqual([
      2,
      'rxaug: onnx: whole/last.ckpt holds a generative model; name one of its functions with --function: generate, score\n',
    ]);
  });

  it('stops cleanly on Ctrl-C, and --resume continues with the same steps', async () => {
    let asked = false;
    const stopped = await at.rxaug([...args, '--out', 'half'], {
      onStderr: (text, kill) => {
        if (asked || !text.includes('gan-hinge-4')) return;
        asked = true; // a second one would stop it at once
        kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    const ended = await at.rxaug([...args, '--out', 'half', '--resume']);
    expect(ended.code).toBe(0);
    expect(steps('half')).toEqual(steps('whole'));
  });

  it('refuses a pipeline that does not train', async () => {
    at.write('idle.js', MADE.replace('async *run', 'async *other'));
    const { code, stderr } = await at.rxaug(['gan', 'idle.js']);
    expect([code, stderr]).toEqual([
      2,
      'rxaug: gan: idle.js does not train; give it a run, or use rxaug preview\n',
    ]);
  });
});
