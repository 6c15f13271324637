import { join } from 'node:path';
import ts from 'typescript-5.9';

/** What a command's context has, by the type of its stages. */
export interface StageFields {
  /** The fields that the context always has before the first stage. */
  first: ReadonlySet<string>;
  /** The fields that each stage adds, by the stage's name. */
  added: ReadonlyMap<string, readonly string[]>;
}

const source = join(import.meta.dirname, '../../src');
const stagesFile = join(source, 'lifecycle/stages.ts');
const contextFile = join(source, 'context/context.ts');

const { Object: OBJECT, Intersection: INTERSECTION } = ts.TypeFlags;

/**
 * Reads the types of stages.ts: `list` is the name of a list, `context` that of its first context.
 */
export function stageFieldsReader(): (list: string, context: string) => StageFields {
  const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext };
  const types = { strict: true, skipLibCheck: true, noEmit: true, types: ['node'] };
  const more = { allowImportingTsExtensions: true, lib: ['lib.esnext.d.ts'] };
  const program = ts.createProgram([stagesFile], { ...options, ...types, ...more });
  const checker = program.getTypeChecker();
  const exported = (file: string, name: string): ts.Symbol => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const symbol = checker.getExportsOfModule(module).find((one) => one.name === name);
    if (!symbol) throw new Error(`${file} exports no ${name}`);
    return symbol;
  };
  const fieldsOf = (type: ts.Type): ts.Symbol[] => checker.getPropertiesOfType(type);
  const isOptional = ({ flags }: ts.Symbol) => (flags & ts.SymbolFlags.Optional) !== 0;
  const propertyOf = (type: ts.Type, name: string): ts.Type =>
    checker.getTypeOfSymbol(checker.getPropertyOfType(type, name)!);

  return (list, context) => {
    const tuple = checker.getTypeOfSymbol(exported(stagesFile, list));
    const stages = checker.getTypeArguments(tuple as ts.TypeReference);
    const first = checker.getDeclaredTypeOfSymbol(exported(contextFile, context));
    const added = stages.map((stage) => {
      const name = (propertyOf(stage, 'name') as ts.StringLiteralType).value;
      const [call] = propertyOf(stage, 'run').getCallSignatures();
      const result = call && checker.getAwaitedType(call.getReturnType());
      const isObject = result && (result.flags & (OBJECT | INTERSECTION)) !== 0;
      return [name, isObject ? fieldsOf(result).map((field) => field.name) : []] as const;
    });
    const there = fieldsOf(first).filter((field) => !isOptional(field));
    return { first: new Set(there.map(({ name }) => name)), added: new Map(added) };
  };
}
