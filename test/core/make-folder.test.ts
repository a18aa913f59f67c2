import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../../src/core/files/make-folder.js';

const base = mkdtempSync(path.join(tmpdir(), 'rxaug-folder-'));
afterAll(() => rmSync(base, { recursive: true }));

test('makes a folder and those above it, and leaves what is there', () => {
  const folder = path.join(base, 'a/b/c');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test.skipIf(!existsSync('/proc/version'))('says at once what the system refuses', () => {
  expect(() => makeFolder('/proc/x/y')).toThrow(/^\/proc\/x\/y: the folder cannot be made \(.*\); choose/);
});

test('names the fix where a file is in the way', () => {
  const file = path.join(base, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(/cannot be made/);
  expect(() => makeFolder(path.join(file, 'x'))).toThrow(/cannot be made/);
});
