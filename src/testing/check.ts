/** One check of a contract: `run` throws if the subject fails it. */
export interface Check {
  readonly name: string;
  run(): void;
}
