/** Cannot be loaded in a worker thread. */
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) throw new Error('this plugin wants the main thread');
export const ops = [];
