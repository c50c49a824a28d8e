import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const libraries = globSync('libs/*', { cwd: root }).map((folder) => join(root, folder));
const planted = mkdtempSync(join(tmpdir(), 'twofold-documentation-'));

/** Names that a file exports, from wherever in the repository, without a doc comment. */
function undocumented(entries: readonly string[]): string[] {
  const settings = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const program = ts.createProgram(entries, settings.options);
  const checker = program.getTypeChecker();
  return entries.flatMap((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) return [`${entry} exports nothing`];
    const bare = checker.getExportsOfModule(module).filter((symbol) => !isDocumented(symbol, checker));
    return bare.map((symbol) => `${entry.replace(`${root}/`, '')}: ${symbol.name}`);
  });
}

function isDocumented(exported: ts.Symbol, checker: ts.TypeChecker): boolean {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const foreign = symbol.declarations?.every((place) => place.getSourceFile().fileName.includes('/node_modules/'));
  return (
    foreign === true || symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0
  );
}

describe('documentation of the libraries', () => {
  afterAll(() => rmSync(planted, { recursive: true }));

  describe('for every export', () => {
    it('has a doc comment', () => {
      const entries = libraries.map((folder) => join(folder, 'src/index.ts')).filter((path) => existsSync(path));
      expect(entries.length).toBeGreaterThan(8);
      expect(undocumented(entries)).toEqual([]);
    }, 60_000);

    it('would be missed if there were none', () => {
      const entry = join(planted, 'index.ts');
      writeFileSync(entry, '/** Said. */\nexport const said = 1;\nexport const bare = 2;\n');
      expect(undocumented([entry])).toEqual([`${entry}: bare`]);
    }, 60_000);
  });

  describe('for every library', () => {
    it('has a page that says what it guarantees', () => {
      expect(libraries.filter((folder) => !existsSync(join(folder, 'README.md')))).toEqual([]);
    });
  });
});
