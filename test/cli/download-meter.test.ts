/** Downloads as progress: what calls side by side have fetched, at which rate, and how long the rest takes. */
import { expect, it } from 'vitest';
import { DownloadMeter } from '../../src/cli/prepare/downloads.js';

const news = (call: number, files: number, bytes: number, allFiles = 2, allBytes = 4e6) => ({
  ...{ call, looked: allFiles, files, allFiles, bytes, allBytes },
});

it('counts bytes, rate and time left; what was there before is no part of the rate', () => {
  const meter = new DownloadMeter();
  expect(meter.update(news(1, 1, 1e6), 100)).toMatchObject({
    line: 'download: 1 of 2 files, 1.0 of 4.0 MB, 0.0 kB/s',
    share: 0.25,
  });
  expect(meter.update(news(1, 1, 2e6), 102)).toEqual({
    line: 'download: 1 of 2 files, 2.0 of 4.0 MB, 500.0 kB/s',
    share: 0.5,
    counts: {
      ...{ downloadedFiles: 1, allDownloadFiles: 2, downloadedBytes: 2e6, allDownloadBytes: 4e6 },
      ...{ downloadBytesPerSecond: 500_000, downloadSecondsLeft: 4 },
    },
  });
});

it('sums up calls side by side, and begins again when all are done', () => {
  const meter = new DownloadMeter();
  meter.update(news(1, 0, 0), 0);
  meter.update(news(2, 0, 0), 0);
  expect(meter.update(news(2, 2, 4e6), 2).line).toBe('download: 2 of 4 files, 4.0 of 8.0 MB, 2.0 MB/s');
  expect(meter.update(news(1, 2, 4e6), 4)).toMatchObject({ share: 1, counts: { downloadSecondsLeft: 0 } });
  expect(meter.update(news(3, 0, 0, 1, 5e9), 1000).line).toBe(
    'download: 0 of 1 files, 0.0 of 5.0 GB, 0.0 kB/s',
  );
});

it('goes by files where servers give no lengths, and counts the files that were looked up', () => {
  const meter = new DownloadMeter();
  meter.update(news(1, 0, 0, 4, 0), 0);
  expect(meter.update(news(1, 1, 3000, 4, 0), 1)).toMatchObject({
    line: 'download: 1 of 4 files, 3.0 kB, 3.0 kB/s',
    share: 0.25,
  });
  expect(meter.update({ ...news(2, 0, 0, 1000, 0), looked: 10 }, 2)).toEqual({
    line: 'lookup: 10 of 1,000 files asked for',
    share: 0.01,
    counts: { lookedUpFiles: 10, allLookupFiles: 1000 },
  });
});
