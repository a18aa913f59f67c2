/** Exported Python with a line in place of each definition that a resource file has. */
export function short(code: string): string;
