import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type Provider,
  type Type,
} from '@nestjs/common';
import { SessionError } from '../session.errors.js';
import type { OnlyKnown } from './known-options.js';

type Eventually<Value> = Value | Promise<Value>;
// oxlint-disable-next-line typescript/no-explicit-any -- what is injected, only the application knows.
type FactoryOf<Options> = (...injected: any[]) => Eventually<Options>;
type MakerOf<Options, Method extends string> = Record<Method, () => Eventually<Options>>;

/**
 * Options that are made when the application starts: `useFactory`, `useClass` or `useExisting`. An option that does not exist
 * is an error of the compiler in these, too.
 */
export type AsyncOptions<
  Options,
  Known,
  Method extends string,
  Factory extends FactoryOf<unknown>,
  Maker extends MakerOf<unknown, Method>,
> = Omit<
  ConfigurableModuleAsyncOptions<unknown, Method>,
  'useFactory' | 'useClass' | 'useExisting'
> & {
  /** Makes the options; gets what `inject` names. */
  useFactory?: Factory & FactoryOf<Options & OnlyKnown<Awaited<ReturnType<Factory>>, Known>>;
  /** A class that makes the options, for this module alone. */
  useClass?: Type<Maker & CheckedMaker<Options, Known, Method, Maker>>;
  /** A provider of an imported module that makes the options. */
  useExisting?: Type<Maker & CheckedMaker<Options, Known, Method, Maker>>;
};

type CheckedMaker<
  Options,
  Known,
  Method extends string,
  Maker extends MakerOf<unknown, Method>,
> = MakerOf<Options & OnlyKnown<Awaited<ReturnType<Maker[Method]>>, Known>, Method>;

/** A module that takes options, before it is a class of its own. */
export interface ConfigurableModule<Options, Method extends string, Known, Extras> {
  new (): object;
  /**
   * The module with its options, for `imports`.
   *
   * @throws {SessionError} `SESSION_CONFIG` for a value that holds no options.
   */
  forRoot(options: Options & Partial<Extras>): DynamicModule;
  /** The module with options that are made at start, for `imports`. */
  forRootAsync<Factory extends FactoryOf<object>, Maker extends MakerOf<object, Method>>(
    options: AsyncOptions<Options, Known, Method, Factory, Maker> & Partial<Extras>,
  ): DynamicModule;
}

/** Under which the classes of modules carry their name, in each copy of this package. */
const MODULE = Symbol.for('nestjs-redis-session:module');

/** Takes the place of the options where a module was imported without `forRoot()`. */
const NO_OPTIONS = Symbol('no options');

/**
 * The base class of a module that takes options.
 *
 * @param name without `Module` at the end.
 * @param method what a class for options has to have.
 * @param example what to write in `imports`.
 * @returns the class, under which token the options are, a provider for when there are none, and what reads them.
 */
export function configurableModule<Options, Known>() {
  return <Method extends string, Extras extends object>(
    name: string,
    method: Method,
    example: string,
    extras?: Extras,
  ) => {
    const builder = new ConfigurableModuleBuilder<Options>({ moduleName: name })
      .setClassMethodName('forRoot')
      .setFactoryMethodName(method);
    const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = (
      extras ? builder.setExtras({ isGlobal: true }, global) : builder
    ).build();

    class Module extends ConfigurableModuleClass {
      static readonly [MODULE] = `${name}Module`;

      static forRoot(options: Options & { isGlobal?: boolean }): DynamicModule {
        // Nest takes it apart first, with an error of its own.
        if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
          return super.forRoot(options);
        }
        const given = options === undefined ? 'no options' : 'something else than options';
        throw new SessionError(
          'SESSION_CONFIG',
          `${name}Module.forRoot() got ${given}. Write ${example}.`,
        );
      }
    }
    const withoutOptions: Provider = { provide: MODULE_OPTIONS_TOKEN, useValue: NO_OPTIONS };
    return {
      ConfigurableModuleClass: Module as unknown as ConfigurableModule<
        Options,
        Method,
        Known,
        Extras
      >,
      MODULE_OPTIONS_TOKEN,
      withoutOptions,
      /** @throws {SessionError} `SESSION_CONFIG` where the module was imported without them. */
      given(options: Options | typeof NO_OPTIONS): Options {
        if (options !== NO_OPTIONS) return options as Options;
        throw new SessionError(
          'SESSION_CONFIG',
          `${name}Module was imported without options. Write ${example} in the imports of your root module, and the class alone nowhere.`,
        );
      },
    };
  };
}

function global(definition: DynamicModule, { isGlobal }: { isGlobal: boolean }): DynamicModule {
  return { ...definition, global: isGlobal };
}

/** The part of Nest's `ModulesContainer` that is needed here. */
export type ImportedModules = ReadonlyMap<string, { readonly metatype: unknown }>;

/**
 * Two modules with options of their own would both serve each request: the cookie, the keys and the services would be those of
 * one or of the other. Several applications in one process are fine.
 *
 * @throws {SessionError} `SESSION_CONFIG` when the application has imported the module, one that extends it, or that of another
 *   copy of this package more than once.
 */
export function assertImportedOnce(modules: ImportedModules, module: object): void {
  const name = nameOf(module);
  const count = [...modules.values()].filter(({ metatype }) => nameOf(metatype) === name).length;
  if (count <= 1) return;
  throw new SessionError(
    'SESSION_CONFIG',
    `${name} is configured ${count} times in one application, and it can have one configuration only. Call ${name}.forRoot() or forRootAsync() once, in the root module: it is global, so other modules need not import it. If several modules must import it, keep what forRoot() returns in a constant and import that.`,
  );
}

function nameOf(module: unknown): string | undefined {
  return (module as { [MODULE]?: string } | undefined)?.[MODULE];
}
