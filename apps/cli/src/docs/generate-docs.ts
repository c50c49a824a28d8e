import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnyConfigSection, isConfigSection, renderConfigurationDoc, renderEnvExample } from '#libs/config';
import { renderErrorsDoc } from '#libs/errors';

/** A generated document: its path in the repository, and what it must say. */
export type GeneratedDoc = { readonly path: string; readonly text: string };

/** Every `config(…)` section of libraries and apps: by convention each lies in a `*.config` file. */
async function allSections(codeRoot: string): Promise<AnyConfigSection[]> {
  const files = globSync(`{libs,apps}/*/src/**/*.config${extname(import.meta.filename)}`, { cwd: codeRoot }).sort();
  const modules: Array<Record<string, unknown>> = [];
  // The path is computed: this reads every app and imports none.
  for (const file of files) modules.push(await import(pathToFileURL(join(codeRoot, file)).href));
  return modules.flatMap((module) => Object.values(module).filter(isConfigSection));
}

/** What the generated documents must say now. */
export async function generateDocs(): Promise<GeneratedDoc[]> {
  const sections = await allSections(join(import.meta.dirname, '../../../..'));
  return [
    { path: 'docs/configuration.md', text: renderConfigurationDoc(sections) },
    { path: 'docs/errors.md', text: renderErrorsDoc() },
    { path: '.env.example', text: renderEnvExample(sections) },
  ];
}

/** The documents whose committed text is not what it must be. */
export function staleDocs(docs: readonly GeneratedDoc[], repository: string): string[] {
  return docs.filter(({ path, text }) => committed(join(repository, path)) !== text).map(({ path }) => path);
}

function committed(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `node dist/apps/cli/src/docs/generate-docs.js` writes; with `--check` it only compares, and exits 1 when something is stale. */
async function main(repository: string): Promise<void> {
  const docs = await generateDocs();
  const stale = staleDocs(docs, repository);
  const check = process.argv.includes('--check');
  if (!check) for (const { path, text } of docs) writeFileSync(join(repository, path), text);
  for (const path of stale) console.log(check ? `${path} is stale: run npm run docs` : `wrote ${path}`);
  if (check && stale.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main(process.cwd());
