/** Files are written whole or not at all, and what the system refuses is one sentence with the way out. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkSpace, checkWritable } from '../../src/core/files/check-folder.js';
import { LineFile } from '../../src/core/files/line-file.js';
import { sweepTemporary, temporaryName } from '../../src/core/files/temporary-file.js';
import { replaceFile, writeSafely } from '../../src/core/files/write-file.js';
import { RxaugError } from '../../src/core/index.js';
import { fromJson, throughJson, toJson } from '../../src/core/json.js';
import { TarWriter } from '../../src/io/archive/tar-writer.js';

const base = mkdtempSync(path.join(tmpdir(), 'rxaug-write-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(base, 'test-'));
});

const bytes = (text: string) => [Buffer.from(text)];

describe('row 20: writeFile and the writers refuse in one sentence', () => {
  const writers: [string, (file: string) => unknown][] = [
    ['writeSafely', (file) => writeSafely(file, bytes('new'))],
    ['replaceFile', (file) => replaceFile(file, 'new')],
    ['LineFile', (file) => new LineFile(file, false).write({ a: 1 })],
    ['LineFile that appends', (file) => new LineFile(file, true).write({ a: 1 })],
    [
      'TarWriter',
      (file) => {
        using writer = new TarWriter(file);
        writer.add('a', 'b');
        writer.finish();
      },
    ],
    ['checkWritable', (file) => checkWritable(file)],
  ];
  const failure = async (write: (file: string) => unknown, file: string): Promise<Error> => {
    try {
      await write(file);
    } catch (error) {
      return error as Error;
    }
    return new Error('it was written');
  };

  describe.each(writers)('%s', (name, write) => {
    test('row 20: below a file', async () => {
      writeFileSync(path.join(dir, 'file'), 'old');
      const error = await failure(write, path.join(dir, 'file', 'below', 'x'));
      expect(error).toBeInstanceOf(RxaugError);
      expect(error.message).toMatch(
        /^\S+: the folder cannot be made \(a part of its path is a file, ENOTDIR\); choose another place$/,
      );
      expect(readFileSync(path.join(dir, 'file'), 'utf8')).toBe('old');
    });

    test('row 20: where a folder is, or a file where a folder should be', async () => {
      mkdirSync(path.join(dir, 'x'));
      writeFileSync(path.join(dir, 'y'), 'old');
      const error = await failure(write, path.join(dir, name === 'checkWritable' ? 'y' : 'x'));
      expect(error).toBeInstanceOf(RxaugError);
      expect(error.message).toMatch(
        /^(log )?\S+: .*cannot be (written|made) \(.+\); choose another (path|place)$/,
      );
      expect(readdirSync(dir).sort()).toEqual(['x', 'y']); // nothing temporary is left
    });

    test('row 20: with a name that is too long', async () => {
      const error = await failure(write, path.join(dir, 'n'.repeat(300)));
      expect(error).toBeInstanceOf(RxaugError);
      expect(error.message).toMatch(
        /\(its name is too long, ENAMETOOLONG\); choose (a shorter one|another place)$/,
      );
    });
  });

  const full = '(no space is left on the disk, ENOSPC); free some space or choose another folder';
  test.each(writers.slice(0, 4))('row 20: on a full disk: %s', async (_, write) => {
    const link = path.join(dir, 'full');
    symlinkSync('/dev/full', link);
    const error = await failure(write, link);
    expect(error).toBeInstanceOf(RxaugError);
    expect(error.message.replace('log ', '')).toBe(`${link}: cannot be written ${full}`);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true); // what is no regular file is not replaced
  });
});

describe('row 20: files that killed processes left', () => {
  /** Stops for good in the middle of a write. */
  const SCRIPT = `
    import { writeSync } from 'node:fs';
    import { writeSafely } from './src/core/files/write-file.js';
    function* chunks() {
      yield Buffer.from('half');
      writeSync(1, 'writing');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    await writeSafely(process.argv[2], chunks());`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const script = path.join(base, 'stops.mjs');
  beforeAll(() =>
    build({
      stdin: { contents: SCRIPT, resolveDir: root, loader: 'ts' },
      outfile: script,
      bundle: true,
      format: 'esm',
      platform: 'node',
    }),
  );
  const temporaries = () => readdirSync(dir).filter((name) => name.endsWith('.tmp'));

  test('row 20: stay while their process lives, and are gone at the next start after a SIGKILL', async () => {
    writeFileSync(path.join(dir, 'last.ckpt'), 'old');
    const child = spawn(process.execPath, [script, path.join(dir, 'last.ckpt')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(temporaries()).toHaveLength(1);
    checkWritable(dir);
    expect(temporaries()).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    expect(temporaries()).toHaveLength(1);
    checkWritable(dir);
    expect(readdirSync(dir)).toEqual(['last.ckpt']);
    expect(readFileSync(path.join(dir, 'last.ckpt'), 'utf8')).toBe('old');
  });

  test('row 20: a writer removes them as well, from a folder that it has not written to before', async () => {
    const child = spawn(process.execPath, [script, path.join(dir, 'a.json')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await ended;
    replaceFile(path.join(dir, 'b.json'), '{}');
    expect(readdirSync(dir)).toEqual(['b.json']);
  });

  test('row 20: removes only its own files, of ended processes, and of another machine only when long untouched', () => {
    const [host] = /rxaug-[0-9a-f]{8}/.exec(temporaryName('x')) as RegExpExecArray;
    const hour = (ago: number) => new Date(Date.now() - ago * 3_600_000);
    const files: [string, Date, boolean][] = [
      ['mine.tmp', hour(0), true],
      ['last.ckpt.123-0011aabb.tmp', hour(9), true],
      [path.basename(temporaryName('own')), hour(0), true],
      // The same number in an earlier life: a container that was started again.
      [`before.${host}-${process.pid}-00000000.tmp`, hour(0.9), false],
      [`parent.${host}-${process.ppid}-00000000.tmp`, hour(0), true],
      [`number taken by another.${host}-${process.ppid}-00000000.tmp`, hour(2), false],
      [`elsewhere.rxaug-00000000-1-00000000.tmp`, hour(0), true],
      [`elsewhere long ago.rxaug-00000000-1-00000000.tmp`, hour(2), false],
    ];
    const born = Date.now() - 1000 * process.uptime();
    for (const [name, changed] of files) {
      writeFileSync(path.join(dir, name), '');
      const at = name.startsWith('before') ? new Date(born - 60_000) : changed;
      utimesSync(path.join(dir, name), at, at);
    }
    sweepTemporary(dir);
    const stays = files.filter(([, , kept]) => kept).map(([name]) => name);
    expect(readdirSync(dir).sort()).toEqual(stays.sort());
    sweepTemporary(path.join(dir, 'nowhere'));
  });
});

describe('what is written', () => {
  test('goes through links, keeps permissions, and makes the folder', async () => {
    const file = path.join(dir, 'deep', 'file');
    await writeSafely(file, bytes('one'));
    chmodSync(file, 0o600);
    symlinkSync(file, path.join(dir, 'link'));
    replaceFile(path.join(dir, 'link'), 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(['file']);
  });

  test('row 20: a folder with too little room is refused with both figures, and one that can be written to is not', () => {
    checkWritable(path.join(dir, 'new'));
    expect(readdirSync(path.join(dir, 'new'))).toEqual([]);
    checkSpace(dir, 1);
    expect(() => checkSpace(dir, 1e18)).toThrow(
      /^\S+: expected 1000000000000\.0 MB of free space but there are [\d.]+ MB; free some space or choose another folder$/,
    );
    checkSpace(path.join(dir, 'nowhere'), 1e18); // the system does not say
  });
});

describe('row 20: a log', () => {
  let file: string;
  beforeEach(() => {
    file = path.join(dir, 'log.jsonl');
  });
  const append = (value: object) => {
    using log = new LineFile(file, true);
    log.write(value);
  };

  test.each([
    ['a whole line', '{"a":1}\n', '{"a":1}\n{"b":2}\n'],
    ['a line that lacks its end', '{"a":1}\n{"a":2}', '{"a":1}\n{"a":2}\n{"b":2}\n'],
    ['half a line', '{"a":1}\n{"a":', '{"a":1}\n{"b":2}\n'],
    ['half a line alone', '{"a":', '{"b":2}\n'],
    ['nothing', '', '{"b":2}\n'],
    [
      'half a line longer than what is read at once',
      `{"a":1}\n{"a":"${'x'.repeat(200_000)}`,
      '{"a":1}\n{"b":2}\n',
    ],
  ])('row 20: that ends in %s is appended to with whole lines', (_, before, after) => {
    writeFileSync(file, before);
    append({ b: 2 });
    expect(readFileSync(file, 'utf8')).toBe(after);
  });

  test('a log that does not append is truncated', () => {
    writeFileSync(file, '{"a":1}\n');
    using log = new LineFile(file, false);
    log.write({ b: 2 });
    expect(readFileSync(file, 'utf8')).toBe('{"b":2}\n');
    expect(existsSync(file)).toBe(true);
  });
});

describe('row 13: numbers that are not finite', () => {
  test('row 13: come back from JSON as they went', () => {
    const value = {
      a: [Number.NaN, 1, Number.POSITIVE_INFINITY],
      b: { c: Number.NEGATIVE_INFINITY },
      d: null,
      e: 'NaN',
    };
    expect(fromJson(toJson(value))).toEqual(value);
    expect(toJson({ a: Number.NaN })).toBe('{"a":{"$number":"NaN"}}');
    expect(fromJson('{"$number":"many"}')).toEqual({ $number: 'many' });
    expect(throughJson({ a: undefined, b: Number.NaN })).toEqual({ b: Number.NaN });
    expect(throughJson(undefined)).toBeUndefined();
  });
});
