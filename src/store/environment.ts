/** Whether the program runs in production, as it says of itself; the only thing of a process that the library asks. */
declare const process: { readonly env?: { readonly NODE_ENV?: string } } | undefined;

/** `NODE_ENV=production`, where there is such a thing. */
export function isProduction(): boolean {
  return typeof process === 'object' && process?.env?.NODE_ENV === 'production';
}
