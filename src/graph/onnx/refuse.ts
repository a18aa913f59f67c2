/** Throws the sentence that says what is wrong with a file, and whose file it is. */
export type Refuse = (what: string) => never;
