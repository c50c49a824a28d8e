import type { z } from 'zod';

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** The innermost definition: without default, optional, and the like. A pipe or transform takes text as it is. */
function kindOf(schema: z.ZodType): string {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType; in?: z.ZodType } };
  if (def.innerType) return kindOf(def.innerType);
  if (def.type === 'pipe' && def.in) return kindOf(def.in);
  return def.type;
}

/** Turns the text of an environment variable into what `schema` can judge; what does not convert stays text, and fails there. */
export function readText(schema: z.ZodType, text: string): unknown {
  const kind = kindOf(schema);
  if (kind === 'number') return /^-?\d+(_\d{3})*(\.\d+)?$/.test(text) ? Number(text.replaceAll('_', '')) : text;
  if (kind === 'boolean') {
    const lower = text.toLowerCase();
    if (TRUE.has(lower)) return true;
    return FALSE.has(lower) ? false : text;
  }
  if (kind === 'array') {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  return text;
}
