/** Downloads of this process, for whoever watches it: readers open data sets deep inside a pipeline. */
import { channel } from 'node:diagnostics_channel';

/** How far the downloads of one call have come. */
export interface DownloadProgress {
  /** Files that are complete. */
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
  /** Of the files whose length is known. */
  readonly allBytes: number;
}

/** The same for whoever watches; before that, of how many files the servers were asked. */
export interface DownloadNews extends DownloadProgress {
  /** Files of which size and version are known; fewer than all: nothing is downloaded yet. */
  readonly looked: number;
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
