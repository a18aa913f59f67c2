/** Looks at a plugin's file before it is loaded: the system ends the whole process for one that is cut short. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { messageOf, RxaugError } from '../../core/index.js';

/** e_machine of the processors that Node runs on. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

/**
 * Refuses a file that is no shared library of this processor, or is shorter than its own header says.
 *
 * @throws RxaugError that names the file and the way out
 */
export function checkLibrary(file: string, platform = process.platform, arch = process.arch): void {
  let head: Buffer;
  let size: number;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new Error('it is a folder');
    size = stat.size;
    head = read(file, 64);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : messageOf(error);
    throw new RxaugError(`PJRT plugin ${file}: ${why}; run rxaug setup --xla cpu, or correct the path`, {
      cause: error,
    });
  }
  if (platform !== 'linux') return; // other systems refuse a broken file themselves
  const refuse = (why: string) => {
    throw new RxaugError(`PJRT plugin ${file}: ${why}; run rxaug setup --xla cpu, or give another file`);
  };
  if (head.length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') refuse('it is no shared library');
  const is64 = head[4] === 2;
  const little = head[5] === 1;
  const machine = little ? head.readUInt16LE(18) : head.readUInt16BE(18);
  const made = MACHINES[machine] ?? `processor ${machine}`;
  if (made !== arch) refuse(`it is for ${made}, and this is ${arch}`);
  if (!is64 || !little) return;
  const sections = Number(head.readBigUInt64LE(40));
  const end = sections + head.readUInt16LE(58) * head.readUInt16LE(60);
  if (end > size) refuse(`it is cut short (${size} bytes of ${end})`);
}

function read(file: string, length: number): Buffer {
  const opened = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(opened, buffer, 0, length, 0));
  } finally {
    closeSync(opened);
  }
}
