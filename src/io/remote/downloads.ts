/** Downloads of this process, for whoever watches it: readers open data sets deep inside a pipeline. */
import { channel } from 'node:diagnostics_channel';
import type { DownloadProgress } from './localize.js';

/** How far the downloads of one call have come. */
export interface DownloadNews extends DownloadProgress {
  /** Tells calls that run side by side apart. */
  readonly call: number;
}

const news = channel('rxaug:downloads');

let calls = 0;

export const nextCall = (): number => ++calls;

export function publishDownload(progress: DownloadNews): void {
  if (news.hasSubscribers) news.publish(progress);
}

/** Calls `hear` with all news from now on; returns what ends that. */
export function watchDownloads(hear: (progress: DownloadNews) => void): () => void {
  const listener = (message: unknown) => hear(message as DownloadNews);
  news.subscribe(listener);
  return () => void news.unsubscribe(listener);
}
