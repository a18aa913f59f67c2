/**
 * The thread that a plugin runs in. Requests are begun in the order in which they come, and answered when the device is
 * done: while one step runs, the next one's numbers are uploaded and its run is put behind it. The thread looks at events
 * at short intervals and does not block in one, so that a request that comes meanwhile is begun at once. Callbacks of
 * events would come on threads of the plugin, and libuv's threads are those that decode images.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { messageOf, UsageError } from '../../core/index.js';
import { PjrtApi } from './api.js';
import { PjrtClient } from './client.js';
import type { Port } from './dtypes.js';
import {
  BUSY,
  type Named,
  type PjrtInfo,
  type Reply,
  type Request,
  SENT,
  STOP,
  type Start,
} from './protocol.js';
import { Program, Session, type Work } from './session.js';

/** Longest pause between two looks at an event, in milliseconds; before that, a part of the time so far. */
const [LONGEST, PART] = [1, 20];
/** Milliseconds without a pause, for programs that take less than it takes to wake. */
const AT_ONCE = 0.05;

if (!parentPort) throw new Error('thread.js runs in a worker thread');
const port = parentPort;
const { plugin, options, signal } = workerData as Start;
const send = (reply: Reply) =>
  port.postMessage(
    reply,
    reply.kind === 'done' ? reply.values.map(({ values }) => values.buffer as ArrayBuffer) : [],
  );

interface Open {
  readonly id: number;
  readonly work: Work;
  readonly since: number;
}

const sessions = new Map<number, { session: Session; variables: readonly Port[] }>();
const programs = new Map<number, { program: Program; session: number }>();
/** What the device has begun, oldest first. */
const open: Open[] = [];
let client: PjrtClient | undefined;

function begin(): PjrtInfo {
  const api = new PjrtApi(plugin);
  client = new PjrtClient(api, options);
  const { platform, platformVersion, devices } = client;
  return { plugin, apiVersion: api.version, platform, platformVersion, devices };
}

try {
  send({ kind: 'started', info: begin() });
} catch (error) {
  send({ kind: 'refused', message: messageOf(error), usage: error instanceof UsageError });
}

// Whatever ends this thread: its memory goes away with it, and the device may still read or write it.
process.on('exit', finishAll);

port.on('message', (request: Request) => {
  Atomics.store(signal, BUSY, 1);
  if (Atomics.load(signal, STOP) === 0) {
    answer(request);
    pump();
  }
  Atomics.store(signal, BUSY, 0);
  Atomics.notify(signal, BUSY);
});

/** Until nothing is open. */
function pump(): void {
  while (open.length > 0) {
    const seen = Atomics.load(signal, SENT);
    const stopped = Atomics.load(signal, STOP) !== 0;
    if (stopped) {
      finishAll();
      return;
    }
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) answer(next.message);
    if (open.length > 0 && !closeOldest()) {
      const spent = performance.now() - open[0].since;
      if (spent > AT_ONCE) Atomics.wait(signal, SENT, seen, Math.min(LONGEST, spent / PART));
    }
  }
}

/** Answers the oldest request if its events are over. */
function closeOldest(): boolean {
  const { id, work } = open[0];
  while (work.events.length > 0) {
    if (!client?.isReady(work.events[0].event)) return false;
    finishOne(work);
  }
  open.shift();
  for (const buffer of work.buffers) client?.destroyBuffer(buffer);
  if (work.failure === undefined) send({ kind: 'done', id, values: work.values });
  else {
    work.lose?.(work.failure);
    send({ kind: 'failed', id, message: work.failure });
  }
  return true;
}

function finishOne(work: Work): void {
  const [{ event }] = work.events;
  try {
    client?.finish(event);
  } catch (error) {
    work.failure ??= messageOf(error);
    work.lose?.(work.failure);
  }
  work.events.shift();
}

/** Waits for the device. */
function finishAll(): void {
  while (open.length > 0) {
    while (open[0].work.events.length > 0) finishOne(open[0].work);
    closeOldest();
  }
}

function answer(request: Request): void {
  const { id } = request;
  if (request.kind === 'fault') throw new Error('as it was asked to');
  try {
    const work = act(request);
    if (work) open.push({ id, work, since: performance.now() });
    else send({ kind: 'done', id, values: [] });
    // At once, for the requests that wait behind it.
    if (work?.failure !== undefined) work.lose?.(work.failure);
  } catch (error) {
    send({ kind: 'failed', id, message: messageOf(error) });
  }
}

function act(request: Exclude<Request, { kind: 'fault' }>): Work | undefined {
  if (!client) throw new Error('the plugin did not start');
  switch (request.kind) {
    case 'session': {
      const session = new Session(client, request.variables);
      sessions.set(request.session, { session, variables: request.variables });
      return undefined;
    }
    case 'load': {
      const { session, variables } = sessionOf(request.session);
      const names = variables.map(({ name }) => name);
      const program = new Program(client, session, names, request.spec);
      programs.set(request.program, { program, session: request.session });
      return undefined;
    }
    case 'set':
      return sessionOf(request.session).session.set(request.values);
    case 'get':
      return sessionOf(request.session).session.get(request.names);
    case 'run':
      return programOf(request.program).run(request.feed as readonly Named[]);
    case 'unload':
      finishAll();
      programOf(request.program).dispose();
      programs.delete(request.program);
      return undefined;
    case 'end':
      finishAll();
      endSession(request.session);
      return undefined;
    case 'close':
      finishAll();
      for (const session of [...sessions.keys()]) endSession(session);
      client.close();
      client = undefined;
      return undefined;
  }
}

function endSession(id: number): void {
  for (const [key, { program, session }] of programs) {
    if (session !== id) continue;
    program.dispose();
    programs.delete(key);
  }
  sessions.get(id)?.session.dispose();
  sessions.delete(id);
}

function sessionOf(id: number): { session: Session; variables: readonly Port[] } {
  const found = sessions.get(id);
  if (!found) throw new Error(`no session ${id}`);
  return found;
}

function programOf(id: number): Program {
  const found = programs.get(id);
  if (!found) throw new Error(`no program ${id}`);
  return found.program;
}
