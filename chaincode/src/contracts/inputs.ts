import type { z } from 'zod';
import type { Specification } from '../api/transactions';
import { encode, MAX_ARGUMENT, MAX_TRANSIENT } from '../api/wire';
import { refuse } from '../domain/refusals';

type Schemas = Readonly<Record<string, z.ZodType>>;
type Fields<T extends Schemas> = { readonly [F in keyof T]: z.output<T[F]> };

/** The one argument of a transaction. Refuses TOO_LARGE, MALFORMED. */
export function argumentOf<A extends z.ZodType>(
    { name, args: schema }: Pick<Specification<A>, 'name' | 'args'>,
    args: readonly string[],
): z.output<A> {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
        refuse('MALFORMED', `${name} takes one argument, not ${args.length}`);
    }
    if (text.length > MAX_ARGUMENT) {
        refuse('TOO_LARGE', `${name} takes ${MAX_ARGUMENT} characters, not ${text.length}`);
    }
    const parsed = schema.safeParse(jsonOf(text));
    return parsed.success ? parsed.data : refuse('MALFORMED', `${name}: ${flaws(parsed.error)}`);
}

/**
 * The private inputs of a transaction. Refuses TOO_LARGE, TRANSIENT_MISSING, TRANSIENT_MALFORMED; the detail says where, and
 * never what, because messages of refusals travel.
 */
export function privateInputs<T extends Schemas>(
    { name, transient: schemas }: { readonly name: string; readonly transient: T },
    transient: ReadonlyMap<string, Uint8Array>,
): Fields<T> {
    const fields = Object.entries(schemas).map(([field, schema]) => [
        field,
        privateInput(name, field, schema, transient),
    ]);
    return Object.fromEntries(fields) as Fields<T>;
}

function privateInput(
    name: string,
    field: string,
    schema: z.ZodType,
    transient: ReadonlyMap<string, Uint8Array>,
): unknown {
    const bytes = transient.get(field);
    if (bytes === undefined) {
        const absent = schema.safeParse(undefined);
        return absent.success ? absent.data : refuse('TRANSIENT_MISSING', `${name} needs ${field}`);
    }
    if (bytes.length > MAX_TRANSIENT) {
        refuse('TOO_LARGE', `${name} takes ${MAX_TRANSIENT} bytes of ${field}, not ${bytes.length}`);
    }
    const parsed = schema.safeParse(jsonOf(Buffer.from(bytes).toString()));
    if (!parsed.success) {
        const where = parsed.error.issues[0]?.path.filter((part) => typeof part === 'number' || isName(part)).join('.');
        refuse(
            'TRANSIENT_MALFORMED',
            `${name}: ${field} at ${where === undefined || where === '' ? 'its top' : where}`,
        );
    }
    return parsed.data;
}

/** Names of our own schemas only: what else stands in a path was written by whoever made the input. */
const isName = (part: PropertyKey): boolean => typeof part === 'string' && /^[a-zA-Z]{1,32}$/.test(part);

/** No schema takes it: what is there and no JSON is malformed, also where it could have been left out. */
const NO_JSON = Symbol('no JSON');

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return NO_JSON;
    }
}

function flaws(error: z.ZodError): string {
    const [first] = error.issues;
    const where = first === undefined ? '' : first.path.map(String).join('.');
    return `${where === '' ? 'the argument' : where}: ${first?.message ?? 'malformed'}`.slice(0, 200);
}

/** The answer of a transaction: canonical, so that all endorsers give the same bytes. */
export function answer<R extends z.ZodType>(
    _specification: Pick<Specification<z.ZodType, R>, 'response'>,
    response: z.output<R>,
): string {
    return encode(response);
}
