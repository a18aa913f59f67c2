/**
 * Contracts are lists of checks that any test runner can run: each throws where the subject breaks its word.
 *
 *     for (const { name, run } of transformContract(subject)) it(name, run);
 */
export interface Check {
  readonly name: string;
  run(): void;
}
