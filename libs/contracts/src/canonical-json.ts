/**
 * JSON with sorted keys and no white space: equal values give equal texts, whatever order a client wrote them in.
 * @see https://www.rfc-editor.org/rfc/rfc8785 JSON Canonicalization Scheme (numbers here are integers only)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  // One loop, not a chain of arrays: this runs for every order.
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
