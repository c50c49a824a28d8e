/**
 * JSON with sorted keys and no white space: equal values give equal texts, whatever order a client wrote them in.
 * @see https://www.rfc-editor.org/rfc/rfc8785 JSON Canonicalization Scheme (numbers here are integers only)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}
