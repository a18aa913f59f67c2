/**
 * Run by `rxaug doctor` for each PJRT plugin, in a process of its own, since a bad plugin ends its process: what it is and
 * the devices that it sees, or why it does not start. One line of JSON.
 */
import { messageOf } from '../../core/index.js';
import { openPjrt, type PjrtInfo } from '../../graph/index.js';

export interface PjrtProbe {
  readonly info?: PjrtInfo;
  /** Why it does not start. */
  readonly missing?: string;
}

async function probe(plugin: string): Promise<PjrtProbe> {
  try {
    const pjrt = await openPjrt({ plugin });
    await pjrt.close();
    return { info: pjrt.info };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

process.stdout.write(`\n${JSON.stringify(await probe(process.argv[2]))}\n`);
