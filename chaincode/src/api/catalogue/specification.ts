import type { z } from 'zod';
import type { RefusalCode } from '../../domain/refusals';
import type { EventType } from '../events';

export type ChaincodeName = 'governance' | 'market';

/** One transaction or query as a client and the reference pages need it. */
export interface Specification<
    Args extends z.ZodType = z.ZodType,
    Response extends z.ZodType = z.ZodType,
    Transient extends Readonly<Record<string, z.ZodType>> = Readonly<Record<string, z.ZodType>>,
    Kind extends 'submit' | 'evaluate' = 'submit' | 'evaluate',
> {
    readonly chaincode: ChaincodeName;
    /** `contract:verb`, as the client sends it. */
    readonly name: string;
    readonly kind: Kind;
    readonly does: string;
    /** The one argument: canonical JSON of this (`encode`). */
    readonly args: Args;
    /** Private inputs by their names in the transient data, each canonical JSON. */
    readonly transient: Transient;
    readonly response: Response;
    readonly events: readonly EventType[];
    /** In order of precedence; a code that several places refuse with stands where it can come first. */
    readonly refusals: readonly RefusalCode[];
    /** Whom a client names as endorsing organisations. */
    readonly endorsers: string;
    /**
     * What an endorsing organisation may have its own local service asked before its peer endorses; absent where nothing can be. The
     * service is told the argument, the answer and who proposes it: what stands on the channel anyway.
     */
    readonly attested?: string;
}

/** Checked against the interface, with its own type kept. */
export function specify<
    Args extends z.ZodType,
    Response extends z.ZodType,
    const Transient extends Readonly<Record<string, z.ZodType>>,
    const Kind extends 'submit' | 'evaluate',
>(specification: Specification<Args, Response, Transient, Kind>): Specification<Args, Response, Transient, Kind> {
    return specification;
}

/** What every transaction with an argument can refuse first. */
export const ALWAYS = ['TOO_LARGE', 'MALFORMED'] as const satisfies readonly RefusalCode[];
/** As `ALWAYS`, and for private inputs. */
export const PRIVATE = [
    ...ALWAYS,
    'TRANSIENT_MISSING',
    'TRANSIENT_MALFORMED',
] as const satisfies readonly RefusalCode[];

export const OWN_PEER = 'none: evaluated at the own peer';
export const HOUSEHOLD_AND_OPERATOR = 'household and grid operator';
export const GOVERNANCE = 'grid operator and a majority of the households';
export const COMMITTEE = "a quorum of the round's committee";
