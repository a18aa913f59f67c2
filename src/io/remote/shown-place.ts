/** Places that are read from, as they may be printed. */
import { show, UsageError } from '../../core/index.js';
import { isHttp } from './http-request.js';
import { isS3 } from './s3-place.js';

/** Whether a path or pattern is a URL that is fetched. */
export function isRemote(place: string): boolean {
  return isHttp(place) || isS3(place);
}

/** @throws UsageError where what is read as a folder of this machine is a URL */
export function refuseUrl(owner: string, place: string): void {
  if (isRemote(place))
    throw new UsageError(
      `${owner}: expected a folder on this machine but received ${show(shownPlace(place))}; download it, or list its images in a CSV or JSON lines file for manifest(), which takes URLs`,
    );
}

/** A path or pattern as it may be printed: of a URL, no user, password or query. */
export function shownPlace(pattern: string): string {
  if (!isRemote(pattern)) return pattern;
  const plain = isS3(pattern)
    ? pattern.replace(/\?(?:endpoint|region)=.*/s, '')
    : pattern.replace(/[?#].*/s, '');
  return plain.replace(/^(\w+:\/\/)[^/]*@/, '$1');
}
