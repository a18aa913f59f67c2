/**
 * The driver's end of a contestant: a process of its own, ours or a peer's, that prepares once, then works
 * when it is its turn. All of them speak one protocol, a line a message:
 *
 *   contestant → {"ready": {…versions}} | {"absent": reason} | {"error": reason}
 *   driver     → round SECONDS
 *   contestant → {"count": images, "seconds": time, "cpu": s on a core, "stages"?: {decode: s, …}}
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Milliseconds to prepare, which compiles whole networks on two cores where `torch.compile` does. */
const START_LIMIT = 900_000;

/** The process is not available, for a reason outside the bench; always reported. */
export class Absent extends Error {}

const alive = new Set();

/** Ends what still runs, when the bench itself is ended. */
export function killAll() {
  for (const child of alive) child.kill('SIGKILL');
}

export class Contestant {
  constructor(name, command, { core, env, cwd, startLimit = START_LIMIT }) {
    this.name = name;
    this.startLimit = startLimit;
    const [exe, ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
    this.child = spawn(exe, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd });
    alive.add(this.child);
    this.complaint = '';
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.child.stderr.on('data', (text) => {
      this.complaint = (this.complaint + text).slice(-4000);
    });
    this.child.stdin.on('error', () => {}); // it has ended: the missing answer is reported
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.complaint = error.message;
        resolve();
      });
      this.child.on('close', resolve);
    }).then(() => alive.delete(this.child));
  }

  async ready() {
    const answer = await this.answer(this.startLimit);
    if (!answer.ready) throw new Absent(answer.absent ?? answer.error);
    return answer.ready;
  }

  async round(seconds) {
    this.child.stdin.write(`round ${seconds}\n`);
    const answer = await this.answer(1000 * seconds + 120_000);
    if (answer.error) throw new Absent(answer.error);
    return answer;
  }

  async close() {
    this.child.stdin.end();
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(late);
  }

  /** The next line that is a message; what libraries print in between is passed over. */
  async answer(limit) {
    const late = setTimeout(() => {
      this.complaint += `\nno answer in ${limit / 1000} s`;
      this.child.kill('SIGKILL');
    }, limit);
    try {
      for (;;) {
        const { done, value } = await this.lines.next();
        if (done) {
          await this.ended;
          throw new Absent(`stopped: ${lastLine(this.complaint) || 'without a word'}`);
        }
        if (value.startsWith('{')) return JSON.parse(value);
      }
    } finally {
      clearTimeout(late);
    }
  }
}

const lastLine = (text) => text.trim().split('\n').at(-1);
