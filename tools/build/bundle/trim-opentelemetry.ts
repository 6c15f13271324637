import type { Plugin } from 'esbuild';

/**
 * Leaves out the third of OpenTelemetry's SDK that reads its configuration files: davit reads only
 * variables. Evaluates gRPC, which takes longest, at its first use.
 */
export const trimOpentelemetry: Plugin = {
  name: 'trim-opentelemetry',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\/@opentelemetry\/configuration\/dist\/index\.cjs$/ }, () => ({
      contents: '',
    }));
    onResolve({ filter: /^@grpc\/grpc-js$/ }, ({ importer, namespace }) =>
      namespace === 'file' && importer.endsWith('/create-service-client-constructor.cjs')
        ? { path: importer, namespace: 'late-grpc' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'late-grpc' }, ({ path }) => ({
      contents: `exports.makeGenericClientConstructor = (...args) =>
        require('@grpc/grpc-js').makeGenericClientConstructor(...args);`,
      resolveDir: path.slice(0, path.lastIndexOf('/')),
    }));
  },
};
