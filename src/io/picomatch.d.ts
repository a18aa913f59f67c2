/** As much of picomatch as glob.ts calls; the package brings no types. */
declare module 'picomatch' {
  interface Options {
    readonly noextglob?: boolean;
    readonly nobrace?: boolean;
    readonly nonegate?: boolean;
    /** `[!a]` and `[[:digit:]]`. */
    readonly posix?: boolean;
    /** Throws where a pattern is no regular expression; without it such a pattern matches nothing. */
    readonly debug?: boolean;
  }
  export default function picomatch(pattern: string, options?: Options): (name: string) => boolean;
}
