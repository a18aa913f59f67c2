/** Names of files that annotations give: they come from elsewhere and must stay within their folder. */

/** Why a path from an annotation file must not be opened; undefined where it may be. */
export function nameFault(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'it names no file; give the name of its image';
  if (name.includes('\0')) return 'its file name holds a zero byte; correct it';
  if (/^([/\\]|[A-Za-z]:)/.test(name))
    return 'its file name is absolute; give it relative to the folder of images';
  if (name.split(/[/\\]/).includes('..')) return "its file name leaves the folder ('..'); correct it";
  return undefined;
}
