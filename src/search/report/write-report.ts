/** The report of a search as files. */
import path from 'node:path';
import { replaceFile } from '../../core/files/write-file.js';
import { toJson } from '../../core/json.js';
import type { PolicySetting } from '../policy/policy.js';
import type { SearchResult, SearchRun } from '../result.js';
import type { SearchSpace } from '../space/search-space.js';
import { htmlPage } from './html/page.js';
import { type PolicyPictures, SHOWN } from './html/policy-section.js';
import type { PolicyPicture } from './pictures.js';
import { type Findings, findingsOf } from './summary.js';
import { chosenSearch } from './warnings.js';

export interface ReportFiles {
  /** The whole `SearchResult`; absent numbers such as NaN are `{ "$number": "NaN" }`. */
  readonly report: string;
  readonly html: string;
  /** Of the chosen search; absent where no search has ended. */
  readonly policy?: string;
}

export interface SearchReportOptions {
  readonly space: SearchSpace;
  /** The text of the file that `policy()` reads. */
  readonly policyText: (policy: PolicySetting) => string;
  /** What `picturing` returns; without it the policies are described in words only. */
  readonly pictures?: { readonly picture: PolicyPicture; readonly caption: string };
}

/**
 * Writes `report.json`, `policy.json` and `report.html` to a folder, each whole or not at all. The policy is that of the
 * search with the highest `score` at the end of its own trace, else that of the first: test images have no say.
 *
 * @returns the paths, and the findings that the other reports are made from
 * @throws UsageError for a policy that does not fit the space; RxaugError where a file cannot be written
 *
 * @example
 * const write = (result: SearchResult, space: SearchSpace) =>
 *   writeReport('runs/found', result, { space, policyText: (policy) => policyText(space, policy) });
 */
export async function writeReport(
  dir: string,
  result: SearchResult,
  { space, policyText, pictures }: SearchReportOptions,
): Promise<{ readonly files: ReportFiles; readonly findings: Findings }> {
  const [report, html, policy] = ['report.json', 'report.html', 'policy.json'].map((name) =>
    path.join(dir, name),
  ) as [string, string, string];
  replaceFile(report, `${toJson(result, 1)}\n`);
  const chosen = chosenSearch(result.searches);
  const findings = findingsOf(result, { space, policy: chosen === undefined ? null : policy });
  if (chosen !== undefined) replaceFile(policy, policyText(result.searches[chosen].policy));
  const taken = pictures && (await picturesOf(result.searches, pictures.picture, pictures.caption));
  replaceFile(html, htmlPage(findings, taken));
  return { files: { report, html, policy: chosen === undefined ? undefined : policy }, findings };
}

/** One picture of the images as they are, and one for each sub-policy that the page shows. */
export async function picturesOf(
  searches: readonly SearchRun[],
  picture: PolicyPicture,
  caption: string,
): Promise<PolicyPictures> {
  const bySearch: Uint8Array[][] = [];
  const originals = await picture({ subPolicies: [] });
  for (const { policy } of searches) {
    const own: Uint8Array[] = [];
    if (policy.network) own.push(await picture({ subPolicies: [], network: policy.network }));
    for (const { stages } of policy.subPolicies.slice(0, SHOWN))
      own.push(await picture({ subPolicies: [{ weight: 1, stages }] }));
    bySearch.push(own);
  }
  const onBatches = searches.some(({ policy }) => policy.batchStages?.length);
  return {
    ...{ originals, bySearch },
    caption: onBatches ? `${caption} What is done to batches is not shown.` : caption,
  };
}
