/** A child whose tasks are told what to do; started by pool.test.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { serveTasks } from '../../../dist/core/children/pool.js';
import { UsageError } from '../../../dist/core/index.js';

process.on('disconnect', () => process.exit(1));
serveTasks(
  { send: (message) => process.send(message), listen: (hear) => process.on('message', hear) },
  async (init) => {
    if (init === 'broken') throw new Error('the script does not load');
    return async (task, { signal, progress }) => {
      switch (task.do) {
        case 'tell':
          progress('half', 0.5);
          return { init, pid: process.pid, threads: process.env.TF_NUM_INTRAOP_THREADS, value: task.value };
        case 'die': {
          // As often as asked: each death is noted in a file.
          const deaths = existsSync(task.file) ? Number(readFileSync(task.file, 'utf8')) : 0;
          if (deaths === task.times) return deaths;
          writeFileSync(task.file, `${deaths + 1}`);
          process.stderr.write('out of memory\n');
          return process.kill(process.pid, 'SIGKILL');
        }
        case 'say':
          process.stdout.write('one\ntwo');
          process.stderr.write('careful\n\n');
          return undefined;
        case 'fail':
          writeFileSync(
            task.file,
            `${existsSync(task.file) ? Number(readFileSync(task.file, 'utf8')) + 1 : 1}`,
          );
          throw new UsageError('rotate: expected degrees');
        default:
          // Until it is asked to stop.
          return new Promise((done) => signal.addEventListener('abort', () => done(undefined)));
      }
    };
  },
);
