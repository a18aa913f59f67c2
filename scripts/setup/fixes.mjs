import fs from 'node:fs';
import path from 'node:path';

/** Fixes for errors of the file system. */
const fixes = [
  [/ENOSPC/, 'free some space and run it again'],
  [/EDQUOT/, 'the disk quota is used up: free some space and run it again'],
  [/EROFS/, 'the file system is read-only: clone to another folder'],
  [/EACCES|EPERM/, 'change the permissions of the folders that it names and run it again'],
];

/** The command that runs the set-up, in a clone or in the folder of an installed package. */
export function setupCommand(root) {
  return fs.existsSync(path.join(root, 'src')) ? 'npm run setup' : 'npx rxaug setup';
}

/** Undefined if the text has no such error. */
export function fixFor(text) {
  return fixes.find(([code]) => code.test(text))?.[1];
}

/** A failure of the file system as a sentence; undefined for errors of any other kind. */
export function systemSentence(error) {
  if (!error?.syscall || !error.code) return undefined;
  return `${error.message}; ${fixFor(error.code) ?? 'remove what is in the way and run it again'}`;
}
