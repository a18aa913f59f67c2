/** Throws one sentence that names a file and what is wrong with it. */
export type Refuse = (what: string) => never;
