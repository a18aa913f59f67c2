/** A Python function or class that a generated file may need, and what it builds on. */
export interface Part {
  readonly needs?: readonly string[];
  readonly text: string;
}
