import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { assemble } from './assemble.ts';
import { lateModules } from './late-modules.ts';
import { definitionsOnly, trimOclif } from './trim-oclif.ts';
import { trimOpentelemetry } from './trim-opentelemetry.ts';

/**
 * Bundles src/ into `directory`: main.js, which every command evaluates; index.js, which embedding
 * programs do; oclif.cjs, which holds the rest of oclif; export.cjs, OpenTelemetry's exporters; and
 * trace.cjs, what draws traces.
 * main.js and index.js are function expressions that the loader calls as Node calls a module.
 * Gives the files that they are made of.
 */
export async function bundle(source: string, directory: string): Promise<string[]> {
  const inputs: string[] = [];
  const common = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    // ASCII sources are read as one byte a character.
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    // A vm.Script has no dynamic import; require() loads ES modules as well.
    supported: { 'dynamic-import': false },
    define: {
      DAVIT_KOFFI_ADDON: '__addon',
      // The clock that needs no loading: `performance` takes two milliseconds.
      'performance.now': '__now',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      'import.meta.url': '__url',
    },
    external: ['koffi'],
  } satisfies BuildOptions;
  // Shorter names are less to read and to intern.
  const minified = { minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: true };
  const lazy = `const __lazy=(load)=>{let m;const get=()=>m??=load();return new Proxy(function(){},{get:(_,k)=>get()[k],has:(_,k)=>k in get(),apply:(_,self,args)=>get().apply(self,args),construct:(_,args)=>new (get())(...args)})};`;
  for (const name of ['main', 'index']) {
    const outfile = join(directory, `${name}.js`);
    const { metafile } = await build({
      ...common,
      // A program that embeds davit prints the line of what it does not catch.
      ...(name === 'main' ? minified : {}),
      entryPoints: [join(source, `${name}.ts`)],
      outfile,
      banner: { js: `(function(exports,require,module,__filename,__dirname){${names}${lazy}` },
      footer: { js: '})' },
      plugins: [builtins, definitionsOnly, trimOclif, keptApart, lateModules, assemble],
    });
    loadBuiltinsLate(outfile);
    inputs.push(...Object.keys(metafile.inputs));
  }
  for (const [module, outfile] of Object.entries(apart)) {
    const { metafile } = await build({
      ...common,
      entryPoints: [join(source, module)],
      outfile: join(directory, outfile),
      // Node loads these itself; commands of packages are often ES modules, some with a top-level await.
      supported: {},
      ...minified,
      // What is told of OpenTelemetry's objects has the names of their classes.
      minifyIdentifiers: !outfile.startsWith('export'),
      banner: { js: `${names}${lazy}` },
      // OpenTelemetry's ES modules ask for others by createRequire, which esbuild does not see.
      conditions: ['require'],
      plugins: [trimOclif, trimOpentelemetry],
    });
    inputs.push(...Object.keys(metafile.inputs));
  }
  return inputs;
}

/** An ES module: the few values that plugins import. */
export async function bundlePluginApi(source: string, outfile: string): Promise<void> {
  const entryPoints = [join(source, 'plugins/api.ts')];
  await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node' });
}

/**
 * ES modules for agents, which are processes of their own: what `import … from 'davit/seccomp'` finds, which
 * opens koffi's addon beside it, and the program that runs them.
 */
export async function bundleForAgents(source: string, directory: string): Promise<void> {
  await build({
    entryPoints: {
      seccomp: join(source, 'plugins/seccomp/api.ts'),
      'run-module': join(source, 'plugins/run-module.ts'),
    },
    outdir: directory,
    bundle: true,
    format: 'esm',
    platform: 'node',
    define: { DAVIT_KOFFI_ADDON: '__addon' },
    banner: { js: `const __dirname=import.meta.dirname,${addon};` },
    external: ['koffi'],
  });
}

/** What `define` points at: names of this machine and place, known when the program runs. */
const addon = '__addon="koffi-"+process.arch+".node"';
const names = `const ${addon},__url="file://"+__filename,__now=()=>{const[s,n]=process.hrtime();return s*1e3+n/1e6};`;

/** Modules below src/ with bundles of their own, for what no container is made with. */
const apart: Record<string, string> = {
  'cli/oclif/oclif.ts': 'oclif.cjs',
  'trace/send/pipelines.ts': 'export.cjs',
  'operations/traces/show-trace.ts': 'trace.cjs',
};

/** Leaves them out of the others. */
const keptApart: Plugin = {
  name: 'kept-apart',
  setup({ onResolve }) {
    for (const [module, bundle] of Object.entries(apart)) {
      const name = module.slice(module.lastIndexOf('/'));
      onResolve({ filter: new RegExp(`${RegExp.escape(name)}$`) }, () => ({
        path: `./${bundle}`,
        external: true,
      }));
    }
  },
};

/**
 * An import of Node's own that is not used is dropped. The numbers of errnos and signals are written
 * into the bundle, the same on x64 and arm64: Node takes half a millisecond to load node:os.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      path === 'node:os' && !importer.includes('/node_modules/')
        ? { path, namespace: 'constants' }
        : { path, external: true, sideEffects: false },
    );
    onLoad({ filter: /.*/, namespace: 'constants' }, () => ({
      contents: `export const constants = ${JSON.stringify(constants)};`,
    }));
  },
};

/**
 * Node's own modules are loaded at the first use, but for those that Node has loaded anyhow: these are
 * asked for once, where every source file would.
 */
function loadBuiltinsLate(file: string): void {
  const text = readFileSync(file, 'utf8')
    .replace(/= ?require\("(node:(?!fs"|path")[\w/]+)"\)/g, '=__lazy(()=>require("$1"))')
    .replace(/require\("node:(fs|path)"\)/g, '__$1');
  writeFileSync(
    file,
    text.replace('{', '{const __fs=require("node:fs"),__path=require("node:path");'),
  );
}
