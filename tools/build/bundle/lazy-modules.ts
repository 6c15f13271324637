import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Plugin, type TransformOptions, transform } from 'esbuild';

interface LazyModulesOptions {
  syntax: TransformOptions;
  /** Replaces the source of some modules. */
  replaced: (path: string) => Promise<string | undefined>;
  /** Whether an import is of another bundle. */
  isApart: (path: string) => boolean;
}

/**
 * Makes a module of src/ cost only what is used of it. In the bundle each module is a function,
 * called at the first use of one of its exports. A module that a command does not use is not even
 * in the command's code cache. No module does anything when it is imported, so nothing else
 * changes.
 *
 * A use costs the look at two variables of the bundle. A call for an object with the exports, as
 * CommonJS does it, took `run` 5 ms.
 */
export const lazyModules = ({ syntax, replaced, isApart }: LazyModulesOptions): Plugin => ({
  name: 'lazy-modules',
  setup({ onResolve, onLoad, onEnd }) {
    let listed = false;
    // A namespace other than files: there package.json would make them ES modules.
    onResolve({ filter: /^[./].*\.ts$/ }, ({ path, resolveDir, kind }) => ({
      path: resolve(resolveDir, path),
      namespace: 'lazy',
      pluginData: { isEntry: kind === 'entry-point' },
    }));
    onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path, pluginData }) => {
      const text = (await replaced(path)) ?? readFileSync(path, 'utf8');
      if (CHANGING.test(text)) throw new Error(`${path} exports a variable that may change`);
      const { code } = await transform(text, { ...syntax, loader: 'ts', format: 'cjs' });
      const isList = LISTS.test(path);
      listed ||= isList;
      const named = isList ? code.replace(NAMED, '(...args) => (0, $&)(...args)') : code;
      const contents = lazy(named, isApart, pluginData.isEntry);
      return { contents, loader: 'js', resolveDir: dirname(path) };
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
/** The bundle takes the value of an export when the module has been evaluated. */
const CHANGING = /^export (?:let|var)\b/m;
const IMPORT = /^var (import_\w+) = (require\("(?!node:)[^"]+"\));\n/gm;
const EXPORT = /^ {2}(\w+): \(\) => (.*?),?$/gm;
const OTHER_HELPER = /\b__(?:reExport|export|copyProps|toCommonJS|publicField)\b/;
/** Matches an export of OpenTelemetry's API. All commands need some: these are evaluated at once. */
const API_USE = /\(require\("(@opentelemetry\/api)"\)\)\.(\w+)/g;
/** Matches a module of src/, loaded for one of its exports or as a whole. */
const USE = /\(require\("([./][^"]*\.ts)"\)\)\.(\w+)|require\("([./][^"]*\.ts)"\)/g;

/** Replaces esbuild's helper: the default export of a CommonJS module is the module itself. */
export const namespaceOf =
  'const __namespace=(m)=>m.__esModule?m:Object.assign(Object.create(m),{default:m});';

/**
 * Makes an ES module that evaluates `code`, a CommonJS module, at the first use of an export. What it
 * exports are variables of the bundle. The last is the function that evaluates it, and is undefined
 * as soon as it has.
 */
function lazy(code: string, isApart: (path: string) => boolean, isEntry: boolean): string {
  const [head = '', , exported = ''] = HEAD.exec(code) ?? [];
  const body = code.slice(head.length);
  const helper = OTHER_HELPER.exec(body);
  if (helper) throw new Error(`${helper[0]} of esbuild is not known here`);
  const loads = new Map([...body.matchAll(IMPORT)].map(([, name, load]) => [name!, `(${load})`]));
  const imports = new Imports(isApart);
  const inPlace = (text: string) =>
    imports.inPlace(text.replace(/\bimport_\w+/g, (name) => loads.get(name) ?? name));

  const exports = [...exported.matchAll(EXPORT)].map(([, name, value]) => ({
    name: name!,
    value: value!,
    isOwn: !value!.startsWith('import_'),
  }));
  const own = exports.filter(({ isOwn }) => isOwn);
  const properties = exports.map(({ name, value, isOwn }) =>
    isOwn ? `${name}: $_${name}` : `get ${name}() { return ${inPlace(value)}; }`,
  );
  const evaluated = inPlace(body.replace(IMPORT, '').replaceAll('__toESM(', '__namespace('));
  // esbuild would export from the bundle what its entry exports.
  const keyword = isEntry ? '' : 'export ';
  return [
    imports.statements(),
    ...own.map(({ name }) => `${keyword}var $_${name};`),
    `${keyword}var $evaluate = () => {`,
    evaluated,
    ...own.map(({ name, value }) => `$_${name} = ${value};`),
    '$evaluate = undefined;',
    '};',
    `${keyword}function $namespace() {`,
    'if ($evaluate) $evaluate();',
    `return { ${['__esModule: true', ...properties].join(', ')} };`,
    '}',
    isEntry ? '__module.exports = $namespace();' : '',
  ].join('\n');
}

/** The modules of src/ that a module uses. Its names for their variables begin with a number each. */
class Imports {
  readonly #names = new Map<string, Set<string>>();
  readonly #isApart: (path: string) => boolean;

  constructor(isApart: (path: string) => boolean) {
    this.#isApart = isApart;
  }

  /** `text` with each use replaced. */
  inPlace(text: string): string {
    const withoutApi = text.replace(API_USE, (_, path: string, name: string) =>
      this.#import(path, name),
    );
    return withoutApi.replace(USE, (use, path?: string, name?: string, whole?: string) => {
      if (this.#isApart(path ?? whole!)) return use;
      if (path === undefined) return `${this.#import(whole!, '$namespace')}()`;
      const evaluate = this.#import(path, '$evaluate');
      return `(${evaluate} && ${evaluate}(), ${this.#import(path, `$_${name}`)})`;
    });
  }

  #import(path: string, name: string): string {
    if (!this.#names.has(path)) this.#names.set(path, new Set());
    this.#names.get(path)!.add(name);
    return `$${[...this.#names.keys()].indexOf(path)}${name}`;
  }

  statements(): string {
    const statements = [...this.#names].map(([path, names], index) => {
      const list = [...names].map((name) => `${name} as $${index}${name}`).join(', ');
      return `import { ${list} } from ${JSON.stringify(path)};`;
    });
    return statements.join('\n');
  }
}
