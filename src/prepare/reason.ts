/** Why an image is left out, without its name, which stands beside the reason wherever it is told. */
export function reasonOf(message: string, id: string): string {
  return message.startsWith(`${id}: `) ? message.slice(id.length + 2) : message;
}
