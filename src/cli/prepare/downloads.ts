/** Downloads as lines of progress: files, bytes and rate; the time left follows from the share. */
import { type DownloadNews, watchDownloads } from '../../io/remote/downloads.js';
import type { Counts, PrepareEvents } from '../../prepare/processes.js';
import { grouped } from '../../report/format.js';

export interface DownloadLine {
  readonly line: string;
  /** Of the bytes where servers give lengths, else of the files. */
  readonly share: number;
  readonly counts: Counts;
}

/** Sums up the downloads of concurrent calls, with their rate, until all of them are done. */
export class DownloadMeter {
  private readonly calls = new Map<number, DownloadNews>();
  private startedAt = 0;
  /** Bytes that were there before. */
  private before = 0;

  /** @param seconds since any moment that stays the same */
  update(news: DownloadNews, seconds: number): DownloadLine {
    if (news.looked < news.allFiles)
      return {
        line: `lookup: ${grouped(news.looked)} of ${grouped(news.allFiles)} files asked for`,
        share: news.looked / news.allFiles,
        counts: { lookedUpFiles: news.looked, allLookupFiles: news.allFiles },
      };
    if (this.calls.size === 0) [this.startedAt, this.before] = [seconds, 0];
    if (!this.calls.has(news.call)) this.before += news.bytes;
    this.calls.set(news.call, news);
    const sum = (of: (one: DownloadNews) => number) =>
      [...this.calls.values()].reduce((total, one) => total + of(one), 0);
    const [files, allFiles] = [sum((one) => one.files), sum((one) => one.allFiles)];
    const [bytes, allBytes] = [sum((one) => one.bytes), sum((one) => one.allBytes)];
    const elapsed = seconds - this.startedAt;
    const bytesPerSecond = elapsed > 0 ? Math.max(0, bytes - this.before) / elapsed : 0;
    const left = Math.max(0, allBytes - bytes);
    const total = allBytes > 0 ? `${sizes(bytes, allBytes)}, ` : bytes > 0 ? `${sizes(bytes)}, ` : '';
    const done = files === allFiles;
    if (done) this.calls.clear();
    return {
      line: `download: ${grouped(files)} of ${grouped(allFiles)} files, ${total}${sizes(bytesPerSecond)}/s`,
      share: done ? 1 : Math.min(1, allBytes > 0 ? bytes / allBytes : files / Math.max(1, allFiles)),
      counts: {
        downloadedFiles: files,
        allDownloadFiles: allFiles,
        downloadedBytes: bytes,
        allDownloadBytes: allBytes,
        downloadBytesPerSecond: Math.round(bytesPerSecond),
        ...(bytesPerSecond > 0 && { downloadSecondsLeft: Math.round(left / bytesPerSecond) }),
      },
    };
  }
}

/** Reports all downloads of this process as progress; returns what stops that. */
export function reportDownloads(events: Pick<PrepareEvents, 'status'>): () => void {
  const meter = new DownloadMeter();
  return watchDownloads((news) => {
    const { line, share, counts } = meter.update(news, performance.now() / 1000);
    events.status(line, share, counts);
  });
}

/** '1.2 of 5.3 GB', '12.3 MB', in the unit of the last number. */
function sizes(...bytes: readonly number[]): string {
  const largest = bytes.at(-1) as number;
  const [unit, name] = largest >= 1e9 ? [1e9, 'GB'] : largest >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return `${bytes.map((one) => (one / unit).toFixed(1)).join(' of ')} ${name}`;
}
