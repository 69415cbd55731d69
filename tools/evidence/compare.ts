/** Whether two reports say the same: what depends on time stands below the names `measured`, and nowhere else. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The places where two values differ, as paths; what stands below `measured` is not looked at. */
export function differences(a: unknown, b: unknown, path = ''): readonly string[] {
  if (Object.is(a, b)) return [];
  if (!isObject(a) || !isObject(b)) return [path === '' ? '/' : path];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  names.delete('measured');
  return [...names].flatMap((name) => differences(a[name], b[name], `${path}/${name}`));
}
