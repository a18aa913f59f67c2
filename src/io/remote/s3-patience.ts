/** Requests of a store in S3 wait for a server that is away for a while. */
import type { S3Client } from '@aws-sdk/client-s3';
import { type Clock, clock, pause, TRIES } from './patience.js';
import { isPassing, s3Fault } from './s3-client.js';

/**
 * Sends a request that fails for a passing reason again, some half a minute long; each try is three of the client's own, in
 * quick succession. A server that has never answered is not waited for: its address is wrong, more likely.
 */
export function waitFor(client: S3Client, name: string, time: Clock = clock): void {
  const { signal } = new AbortController();
  let answered = false;
  client.middlewareStack.add(
    (next) => async (args) => {
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await next(args);
          answered = true;
          return result;
        } catch (error) {
          if (s3Fault(error).status !== undefined) answered = true;
          if (!answered || !isPassing(error) || attempt >= TRIES) throw error;
          await time.sleep(pause(name, attempt), signal);
        }
      }
    },
    { step: 'initialize', priority: 'high', name: 'rxaugPatience' },
  );
}
