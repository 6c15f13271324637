import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin, type TransformOptions } from 'esbuild';
import { assemble } from './assemble.ts';
import { lazyModules, namespaceOf } from './lazy-modules.ts';
import { definitionsOnly, trimOclif } from './trim-oclif.ts';
import { trimOpentelemetry } from './trim-opentelemetry.ts';

/** What a program's own Node may lack: `using`, and the objects for it. */
const onOlderNode = {
  target: 'node20',
  inject: [join(import.meta.dirname, 'disposable-stacks.mjs')],
};

/**
 * Bundles src/ into `directory`: main.js, which every command evaluates; index.js, which embedding
 * programs evaluate; shim.js, which containerd's shim evaluates; oclif.cjs, the rest of oclif;
 * export.cjs, OpenTelemetry's exporters; trace.cjs, which draws traces; image.cjs, which unpacks
 * images; and criu.cjs, the messages of criu. The first three are function expressions, which the
 * loader calls as Node calls a module; their modules are evaluated at the first use. Returns the
 * files that went into the bundles.
 */
export async function bundle(source: string, directory: string): Promise<string[]> {
  const inputs: string[] = [];
  const syntax = {
    target: 'node26',
    // The loader reads the source as latin1: V8 then stores one byte for each character.
    charset: 'ascii',
    // A vm.Script has no dynamic import; require() loads ES modules as well.
    supported: { 'dynamic-import': false },
    define: {
      DAVIT_KOFFI_ADDON: '__addon',
      // A clock that is loaded already: `performance` takes two milliseconds to load.
      'performance.now': '__now',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      'import.meta.url': '__url',
    },
  } satisfies TransformOptions;
  const common = {
    ...syntax,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['koffi'],
  } satisfies BuildOptions;
  // Shorter names take less time to read and to intern.
  const minified = { minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: true };
  const lazy = `const __lazy=(load)=>{let m;const get=()=>m??=load();return new Proxy(function(){},{get:(_,k)=>get()[k],has:(_,k)=>k in get(),apply:(_,self,args)=>get().apply(self,args),construct:(_,args)=>new (get())(...args)})};`;
  for (const name of ['main', 'index', 'shim']) {
    const outfile = join(directory, `${name}.js`);
    const { metafile } = await build({
      ...common,
      // For an uncaught error, a program that embeds davit prints the source line: keep it
      // readable.
      ...(name === 'index' ? onOlderNode : minified),
      entryPoints: [join(source, `${name}.ts`)],
      outfile,
      banner: {
        js: `(function(exports,require,module,__filename,__dirname){const __module=module;${names}${lazy}${namespaceOf}`,
      },
      footer: { js: '})' },
      plugins: [
        builtins,
        definitionsOnly,
        trimOclif,
        keptApart,
        lazyModules({ syntax, replaced: assemble, isApart }),
      ],
    });
    loadBuiltinsLate(outfile);
    inputs.push(...Object.keys(metafile.inputs));
  }
  for (const [module, outfile] of Object.entries(apart)) {
    const { metafile } = await build({
      ...common,
      entryPoints: [join(source, module)],
      outfile: join(directory, outfile),
      // Node loads these itself; commands of packages are often ES modules, some with a top-level
      // await.
      supported: {},
      ...minified,
      // OpenTelemetry's messages name classes: keep their names.
      minifyIdentifiers: !outfile.startsWith('export'),
      banner: { js: `${names}${lazy}` },
      // OpenTelemetry's ES modules load others by createRequire, which esbuild does not see.
      conditions: ['require'],
      plugins: [trimOclif, trimOpentelemetry],
    });
    inputs.push(...Object.keys(metafile.inputs));
  }
  return inputs;
}

/**
 * Bundles an ES module that programs import: `davit/plugin`, the few values that plugins import, or
 * `davit/plugin/testing`.
 */
export async function bundleModule(entryPoint: string, outfile: string): Promise<void> {
  const common = { bundle: true, format: 'esm', platform: 'node', target: 'node20' } as const;
  await build({ entryPoints: [entryPoint], outfile, ...common });
}

/**
 * Bundles ES modules for agents, which are separate processes: the module `davit/seccomp`, which
 * opens koffi's addon beside it, and the program that runs agents.
 */
export async function bundleForAgents(source: string, directory: string): Promise<void> {
  await build({
    entryPoints: {
      seccomp: join(source, 'plugins/seccomp/api.ts'),
      'run-module': join(source, 'plugins/run-module.ts'),
    },
    ...onOlderNode,
    outdir: directory,
    bundle: true,
    format: 'esm',
    platform: 'node',
    define: { DAVIT_KOFFI_ADDON: '__addon' },
    banner: { js: `const __dirname=import.meta.dirname,${addon};` },
    external: ['koffi'],
  });
}

/** Declares the names that `define` puts into the code: they depend on the machine and the path. */
const addon = '__addon="koffi-"+process.arch+".node"';
const names = `const ${addon},__url="file://"+__filename,__now=()=>{const[s,n]=process.hrtime();return s*1e3+n/1e6};`;

/** Modules below src/ with a bundle of their own, because making a container does not need them. */
const apart: Record<string, string> = {
  'cli/oclif/oclif.ts': 'oclif.cjs',
  'trace/send/pipelines.ts': 'export.cjs',
  'operations/traces/show-trace.ts': 'trace.cjs',
  'operations/bundle/make-bundle.ts': 'image.cjs',
  'checkpoint/criu-messages.ts': 'criu.cjs',
};

const isApart = (path: string) =>
  Object.keys(apart).some((module) => path.endsWith(basename(module)));

/** Leaves the modules in {@link apart} out of the other bundles. */
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
 * Drops unused imports of Node's own modules. Writes the numbers of errnos and signals into the
 * bundle, the same on x64 and arm64: Node takes half a millisecond to load node:os.
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
 * Loads Node's own modules at their first use. Node has loaded fs and path anyhow: the bundle
 * requires them once, instead of once for each source file. The directive comes before all else.
 */
function loadBuiltinsLate(file: string): void {
  const text = readFileSync(file, 'utf8')
    .replace(/= ?require\("(node:(?!fs"|path")[\w/]+)"\)/g, '=__lazy(()=>require("$1"))')
    .replace(/require\("node:(fs|path)"\)/g, '__$1');
  writeFileSync(
    file,
    text.replace('{', '{"use strict";const __fs=require("node:fs"),__path=require("node:path");'),
  );
}
