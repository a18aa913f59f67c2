/** The packages of the queue, loaded when they are needed. */
import { absent, isAbsent, RxaugError } from '../core/index.js';

const PURPOSE = 'a queue';

export async function loadBullmq(): Promise<typeof import('bullmq')> {
  await loadIoredis(); // which bullmq loads by itself, with a sentence of its own
  return load('bullmq', () => import('bullmq'));
}

export async function loadIoredis(): Promise<typeof import('ioredis').Redis> {
  const { Redis } = await load('ioredis', () => import('ioredis'));
  return Redis;
}

async function load<T>(name: string, get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    if (isAbsent(error, name)) throw new RxaugError(absent(name, PURPOSE), { cause: error });
    throw error;
  }
}
