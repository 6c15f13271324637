import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Plugin, type TransformOptions, transform } from 'esbuild';

/**
 * Makes a module of src/ cost only what is used of it. In the bundle each module is a function,
 * evaluated at the first use of one of its exports. A module that a command does not use is not
 * even in the command's code cache. No module does anything when it is imported, so nothing else
 * changes.
 */
export const lazyModules = (options: TransformOptions): Plugin => ({
  name: 'lazy-modules',
  setup({ onResolve, onLoad, onEnd }) {
    let listed = false;
    // A namespace other than files: there package.json would make them ES modules.
    onResolve({ filter: /^[./].*\.ts$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: 'lazy',
    }));
    onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const { code } = await transform(text, { ...options, loader: 'ts', format: 'cjs' });
      const isList = LISTS.test(path);
      listed ||= isList;
      const named = isList ? code.replace(NAMED, '(...args) => (0, $&)(...args)') : code;
      return { contents: `"use strict";${lazy(named)}`, loader: 'js', resolveDir: dirname(path) };
    });
    onEnd(({ errors }) => {
      if (errors.length === 0 && !listed) throw new Error(`no module is named ${LISTS}`);
    });
  },
});

/**
 * The lists of stages name the functions of all commands. Each function is loaded when its stage
 * runs.
 */
const LISTS = /\/lifecycle\/stages\.ts$/;
/** Matches an imported function that is an argument or a property, and is not called. */
const NAMED = /(?<!\(0, )(?<=[(:,]\s*)\bimport_\w+\.[a-z]\w*(?=\s*[,)}])/g;

/** Matches what esbuild puts before the code of a CommonJS module: its helpers, and the exports. */
const HEAD =
  /^(?:var __[\s\S]*?)?var (\w+_exports) = \{\};\n__export\(\1, \{\n([\s\S]*?)\}\);\nmodule\.exports = __toCommonJS\(\1\);\n/;
const IMPORT = /^var (import_\w+) = (require\("(?!node:)[^"]+"\));\n/gm;
const EXPORT = /^ {2}(\w+): \(\) => (.*?),?$/gm;
const OTHER_HELPER = /\b__(?:reExport|export|copyProps|toCommonJS|publicField)\b/;

/** Replaces esbuild's helper: the default export of a CommonJS module is the module itself. */
export const namespaceOf =
  'const __namespace=(m)=>m.__esModule?m:Object.assign(Object.create(m),{default:m});';

/** The code with an import at each place of use, and with its exports at the end. */
function lazy(code: string): string {
  const [head = '', , exported = ''] = HEAD.exec(code) ?? [];
  const body = code.slice(head.length);
  const helper = OTHER_HELPER.exec(body);
  if (helper) throw new Error(`${helper[0]} of esbuild is not known here`);
  const imports = new Map([...body.matchAll(IMPORT)].map(([, name, load]) => [name!, `(${load})`]));
  const inPlace = (text: string) =>
    text.replace(/\bimport_\w+/g, (name) => imports.get(name) ?? name);
  const exports = [...exported.matchAll(EXPORT)].map(([, name, value]) =>
    value!.startsWith('import_')
      ? `get ${name}() { return ${inPlace(value!)}; }`
      : `${name}: ${value}`,
  );
  const all = ['__esModule: true', ...exports].join(', ');
  return `${inPlace(body.replace(IMPORT, '').replaceAll('__toESM(', '__namespace('))}\nmodule.exports = { ${all} };\n`;
}
