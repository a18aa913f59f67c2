/** Names from archives, folders, models, logs and JSON on their way to errors, problems, events, logs and terminals. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ops, parseRecipe, pipelineFromJson, policy } from '../../src/augment/index.js';
import { consoleReporter } from '../../src/cli/console-reporter.js';
import { EventLog } from '../../src/cli/event-log.js';
import { sentenceOf } from '../../src/cli/exit.js';
import { applySettings } from '../../src/cli/settings.js';
import type { EpochEvent, StartEvent } from '../../src/core/events.js';
import { RxaugError } from '../../src/core/index.js';
import { openCifar } from '../../src/datasets/index.js';
import { checkOnnx } from '../../src/graph/onnx/check.js';
import type { ExpectedInterface } from '../../src/graph/onnx/interface.js';
import type { OnnxGraph } from '../../src/graph/onnx/schema.js';
import { Decoder, openImageFolder, openWebdataset } from '../../src/io/index.js';
import { comparison } from '../../src/report/compare.js';
import { jsonl, markdownTable, plot, report, table } from '../../src/report/index.js';
import { readRunLog } from '../../src/report/run-log.js';
import { bytesOf, honest } from '../graph/hostile.js';
import { image, type RawEntry, scratchFolder, tarOf } from '../io/make.js';

/** Would wipe a line, add one that looks like ours, and show the rest backwards. */
const EVIL = 'x\u001b[2K\r\nrxaug: 0 samples were left out\u202e\u009b2J';
const SHOWN = 'x\\x1b[2K\\r\\nrxaug: 0 samples were left out\\u202e\\x9b2J';
const MEGABYTE = 'f'.repeat(1 << 20);
const ACTING = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const folder = scratchFolder();
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await image(8, 8).jpeg().toBuffer();
});

/** One line, printable, not long. */
function expectClean(text: string, most = 1200): void {
  expect(text).not.toMatch(ACTING);
  expect(text).not.toContain('\n');
  expect(text.length).toBeLessThanOrEqual(most);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(RxaugError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

let count = 0;
async function open(entries: RawEntry[]) {
  const path = join(folder, `s${count++}.tar`);
  writeFileSync(path, tarOf(entries));
  return openWebdataset(path, { cache: false });
}

const path = (name: string): RawEntry => {
  const rest = Buffer.byteLength(` path=${name}\n`);
  const digits = String(rest + String(rest).length).length;
  return { name: 'pax', type: 'x', data: `${rest + digits} path=${name}\n` };
};

describe('row 16: archives and folders', () => {
  test('row 16: a name in a tar cannot forge a line of a log', async () => {
    const good = [
      { name: 'good.jpg', data: jpeg },
      { name: 'good.cls', data: '0' },
    ];
    const { problems } = await open([
      ...good,
      { name: `${EVIL}.jpg`, data: jpeg },
      { name: `${EVIL}2.cls`, data: '0' },
      { name: `../${EVIL}`, data: 'x' },
      { name: EVIL, type: '2' },
      { name: `a.${EVIL}.jpg`, data: jpeg },
      { name: `b.${EVIL}`, data: jpeg },
      { name: 'c.jpg', data: jpeg },
      { name: 'c.cls', data: EVIL },
      { name: 'd.jpg', data: jpeg },
      { name: 'd.json', data: `{"label": ${EVIL}` },
      path(`${'n'.repeat(500_000)}.jpg`),
      { name: 'n.jpg', data: jpeg },
    ]);
    expect(problems).toHaveLength(9);
    for (const { where, reason } of problems) {
      expectClean(where, 500);
      expectClean(reason, 2000);
    }
    expect(problems.map(({ where }) => where).join(' ')).toContain(SHOWN);
  });

  test('row 16: a name cannot forge a line in errors about archives without a sample, nor about labels', async () => {
    expectClean(await open([{ name: EVIL, data: 'x' }]).catch((error) => error.message));
    const mixed = [
      { name: 'a.jpg', data: jpeg },
      { name: 'a.json', data: JSON.stringify({ label: `\u202e${'x'.repeat(300)}` }) },
      { name: 'b.jpg', data: jpeg },
      { name: 'b.cls', data: '1' },
    ];
    const said = await open(mixed).catch((error) => error.message);
    expect(said).toContain("some are names, such as '\\u202exxx");
    expectClean(said);
  });

  test.skipIf(process.platform === 'win32')('row 16: names of files, folders and classes', async () => {
    const root = join(folder, `root${EVIL}`);
    mkdirSync(join(root, `cat${EVIL}`), { recursive: true });
    const said = await openImageFolder(root).catch((error) => error.message);
    expect(said).toContain('holds no image');
    expectClean(said);
    writeFileSync(join(root, `cat${EVIL}`, `a${EVIL}.jpg`), 'no image');
    writeFileSync(join(root, `cat${EVIL}`, `a.${EVIL}`), 'no image');
    const data = await openImageFolder(root);
    for (const { where, reason } of data.problems) {
      expectClean(where);
      expectClean(reason);
    }
    using decoder = new Decoder();
    const { id, image } = data.item(0);
    expectClean(refusal(() => decoder.decode(image, undefined, id)));
    expectClean(await openCifar(root).catch((error) => error.message));
    await expect(openWebdataset(join(root, 'a.tar'))).rejects.toThrow(/no file matches/);
    expectClean(await openWebdataset(join(root, 'a.tar')).catch((error) => error.message));
    const classes = join(root, 'classes');
    writeFileSync(classes, `a\u001b\na\u001b\n`);
    const tar = join(folder, 'classes.tar');
    writeFileSync(tar, tarOf([]));
    const twice = await openWebdataset(tar, { cache: false, classes }).catch((error) => error.message);
    expect(twice).toContain("names 'a\\x1b' twice");
    expectClean(twice);
  });
});

describe('row 16: foreign JSON', () => {
  test.each<[string, (name: string) => unknown]>([
    ['the op of a recipe', (name) => parseRecipe([{ op: name, params: {} }], ops())],
    [
      'a parameter of a recipe',
      (name) => parseRecipe([{ op: 'horizontalFlip', params: { [name]: 1 } }], ops()),
    ],
    ['a recipe that is no JSON', (name) => parseRecipe(`{${name}`, ops())],
    ['the op of a pipeline', (name) => pipelineFromJson({ rxaug: 1, transforms: [{ op: name }] })],
    [
      'an option of a pipeline',
      (name) =>
        pipelineFromJson({ rxaug: 1, transforms: [{ op: 'horizontalFlip', options: { [name]: 1 } }] }),
    ],
    [
      'a choice in a pipeline',
      (name) =>
        pipelineFromJson({ rxaug: 1, transforms: [{ op: 'oneOf', options: { of: [{ op: name }] } }] }),
    ],
    ['a pipeline that is no JSON', (name) => pipelineFromJson(`{"${name}`)],
    ['a policy', (name) => policy(name)],
    ['a part of a policy', (name) => policy(`rand-${name}`)],
    ['a setting', (name) => applySettings({ size: 1 }, [`${name}=1`])],
    ['the value of a setting', (name) => applySettings({ size: 1 }, [`size=${name}`])],
  ])('row 16: %s', { timeout: 300_000 }, (_, act) => {
    for (const name of [EVIL, MEGABYTE, `${MEGABYTE}${EVIL}`])
      expectClean(
        refusal(() => act(name)),
        2000,
      );
  });
});

describe('row 16: ONNX files', () => {
  /** The honest model with another name for its input. */
  const called = (name: string): Uint8Array => {
    const [x] = honest.input ?? [];
    const [add] = honest.node ?? [];
    const graph = { ...honest, input: [{ ...x, name }], node: [{ ...add, input: [name, 'w'] }] };
    return bytesOf(graph as OnnxGraph);
  };

  test('row 16: an input name of 20 MB', { timeout: 300_000 }, () => {
    const bytes = called(`${EVIL}${'i'.repeat(20e6)}`);
    const before = process.memoryUsage().heapUsed;
    const all: ExpectedInterface[] = [{ inputs: { image: {} } }, { inputs: {} }, { outputs: { z: {} } }];
    for (const wishes of all) {
      expectClean(refusal(() => checkOnnx(bytes, wishes)));
    }
    // A table of distances would take gigabytes.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(500e6);
  });

  test('row 16: names of operators, domains and tensors', () => {
    const [add] = honest.node ?? [];
    for (const name of [EVIL, MEGABYTE]) {
      for (const graph of [
        { ...honest, node: [{ ...add, domain: name }] },
        { ...honest, node: [{ ...add, opType: name, output: Array<string>(10_001).fill('y') }] },
        { ...honest, initializer: [{ name, dims: [-1], dataType: 1 }] },
      ]) {
        expectClean(refusal(() => checkOnnx(bytesOf(graph as OnnxGraph))));
      }
      expectClean(refusal(() => checkOnnx(bytesOf(honest), { name: EVIL, inputs: { [name]: {} } })));
    }
  });
});

const start = (name: string): StartEvent => ({
  kind: 'start',
  model: name,
  parameters: 1,
  backend: name,
  backendWhy: name,
  seed: 0,
  classes: [name],
});
const epoch = (name: string): EpochEvent => ({
  kind: 'epoch',
  epoch: 0,
  step: 1,
  samples: 1,
  train: { [name]: 1 },
  learningRate: 1,
  seconds: 1,
  imagesPerSecond: 1,
});

describe('row 16: logs and terminals', () => {
  test('row 16: lines of progress', () => {
    for (const isTTY of [false, true]) {
      const written: string[] = [];
      const observer = report({ sink: { write: (text) => written.push(text), isTTY }, label: EVIL });
      observer.next(start(EVIL));
      observer.next(epoch(EVIL));
      observer.next({ kind: 'stopped', reason: 'aborted', step: 1, epoch: 0, message: EVIL });
      observer.error(new Error(EVIL));
      expect(written.length).toBeGreaterThanOrEqual(5);
      for (const line of written) {
        expect(line).toMatch(/\n$/);
        expectClean(line.slice(0, -1));
        expect(line).toContain(SHOWN);
      }
    }
  });

  test('row 16: logs of events are lines of JSON that read back as they were', () => {
    const files = [join(folder, 'run.jsonl'), join(folder, 'events.jsonl')] as const;
    const observer = jsonl(files[0]);
    observer.next(start(EVIL));
    observer.error(new Error(EVIL));
    const log = new EventLog(files[1], false);
    log.write(start(EVIL));
    log.write({ kind: 'bad', id: EVIL, reason: EVIL });
    log.dispose();
    for (const file of files) {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines).toHaveLength(3);
      for (const line of lines) expectClean(line);
      expect(JSON.parse(lines[0] as string)).toMatchObject(start(EVIL));
    }
  });

  test('row 16: tables, plots, and logs of others compared', () => {
    const points = [
      [0, 1],
      [1, 2],
    ] as const;
    for (const text of [
      table(['a', EVIL], [[EVIL, 1]]),
      markdownTable(['a', EVIL], [[EVIL, 1]]),
      plot([{ name: EVIL, points }], { title: EVIL }),
    ]) {
      expect(text).toContain(SHOWN);
      for (const line of text.split('\n')) expectClean(line);
    }
    const file = join(folder, 'foreign.jsonl');
    const events = [
      { ...start(EVIL), run: EVIL, options: { [EVIL]: EVIL } },
      { ...epoch(EVIL), run: EVIL },
      { ...start('b'), run: 'b', options: {} },
      { ...epoch('b'), run: 'b' },
    ];
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    for (const line of comparison(readRunLog(file).runs).split('\n')) expectClean(line);
    writeFileSync(file, `${JSON.stringify({ kind: 'start', run: 5, [EVIL]: 1 })}\n`);
    expectClean(refusal(() => readRunLog(file)));
  });

  test('row 16: what the command prints', () => {
    const written: string[] = [];
    const write = process.stdout.write;
    const others = process.stderr.write;
    const take = (text: string) => written.push(text) > 0;
    process.stdout.write = take as typeof write;
    process.stderr.write = take as typeof write;
    try {
      const tell = consoleReporter(false);
      tell.next({ kind: 'text', text: `one\n\ttwo ${EVIL}` });
      tell.next({ kind: 'file', path: EVIL, what: EVIL });
    } finally {
      process.stdout.write = write;
      process.stderr.write = others;
    }
    expect(written).toEqual([
      'one\n\ttwo x\\x1b[2K\r\nrxaug: 0 samples were left out\\u202e\\x9b2J\n',
      `${SHOWN}: ${SHOWN}\n`,
    ]);
    for (const error of [new RxaugError(EVIL), new TypeError(EVIL), EVIL]) {
      expectClean(sentenceOf(error, false) ?? '');
    }
    expect(sentenceOf(new TypeError(EVIL), true)?.split(/\r?\n/)[0]).toBe('TypeError: x\\x1b[2K');
  });
});
