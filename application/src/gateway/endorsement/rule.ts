/** An organisation that may be asked, and what its endorsement counts. */
export interface Weighted {
    readonly mspId: string;
    /** At least 1. */
    readonly weight: bigint;
}

/** Some of these, together of at least so much weight. */
export interface Share {
    readonly of: readonly Weighted[];
    readonly needed: bigint;
    /**
     * Where it is given, they are asked in their order, beginning at this place (modulo their number), and not the heaviest first: who is paid
     * for endorsing is not to be left out for being light.
     */
    readonly turn?: number;
}

/**
 * Who has to endorse where many could: one of the alternatives, all of its shares. An organisation that stands in two shares of an
 * alternative counts in both, as in a policy that names each member of a coalition once.
 */
export interface EndorsementRule {
    /** For messages: 'a quorum of the committee of slot 12'. */
    readonly what: string;
    readonly anyOf: readonly (readonly Share[])[];
    /** For messages: what can be done where too few endorse. */
    readonly otherwise?: string;
}

/** How things stand while endorsements are gathered. */
export interface Standing {
    readonly given: ReadonlySet<string>;
    /** Asked, and slow to answer or unwilling: not to be counted on. */
    readonly out: ReadonlySet<string>;
    /** Not reached lately: asked where nobody else will do. */
    readonly doubtful: ReadonlySet<string>;
    /** The asking client's own organisation, the nearest of all. */
    readonly own: string;
}

/** A doubtful organisation is avoided even where many others have to be asked instead. */
const DOUBT = 1_000;

/** Everybody who may be asked, each once. */
export function candidatesOf({ anyOf }: EndorsementRule): string[] {
    return [...new Set(anyOf.flatMap((shares) => shares.flatMap(({ of }) => of.map(({ mspId }) => mspId))))];
}

/** Whether the endorsements of these organisations are enough. */
export function isEnough({ anyOf }: EndorsementRule, given: ReadonlySet<string>): boolean {
    return anyOf.some((shares) => shares.every(({ of, needed }) => weightOf(of, given) >= needed));
}

/**
 * A small set of organisations that is enough with those that have endorsed already, these included where they are needed. Own
 * organisation first, then the heavy ones or whose turn it is; nobody in it could be left out. Undefined where too few are left.
 */
export function smallestSet(rule: EndorsementRule, standing: Standing): string[] | undefined {
    let best: { readonly set: string[]; readonly cost: number } | undefined;
    for (const shares of rule.anyOf) {
        const set = smallestOf(shares, standing);
        if (set !== undefined) {
            const cost = costOf(set, standing);
            best = best === undefined || cost < best.cost ? { set, cost } : best;
        }
    }
    return best?.set;
}

function smallestOf(shares: readonly Share[], standing: Standing): string[] | undefined {
    const set = new Set<string>();
    for (const share of shares) {
        const part = smallestPart(share, { ...standing, given: new Set([...standing.given, ...set]) });
        if (part === undefined) {
            return undefined;
        }
        part.forEach((mspId) => set.add(mspId));
    }
    return [...set];
}

function smallestPart(share: Share, standing: Standing): string[] | undefined {
    const { needed } = share;
    const able = inTurn(share).filter(({ mspId }) => !standing.out.has(mspId));
    const ranked = able.toSorted((a, b) => rank(a.mspId, standing) - rank(b.mspId, standing));
    const chosen: Weighted[] = [];
    let sum = 0n;
    for (const each of ranked) {
        if (sum >= needed) {
            break;
        }
        chosen.push(each);
        sum += each.weight;
    }
    return sum < needed ? undefined : withoutSpare(chosen, sum - needed);
}

/** In the order in which they are asked where nothing else counts; sorting keeps it. */
function inTurn({ of, turn }: Share): readonly Weighted[] {
    if (turn === undefined) {
        return of.toSorted((a, b) => compareWeights(b.weight, a.weight));
    }
    const first = turn % of.length;
    return [...of.slice(first), ...of.slice(0, first)];
}

/** The last to be wanted is the first to be spared. */
function withoutSpare(chosen: readonly Weighted[], spare: bigint): string[] {
    const kept = new Set(chosen);
    let left = spare;
    for (const each of chosen.toReversed()) {
        if (each.weight <= left) {
            kept.delete(each);
            left -= each.weight;
        }
    }
    return [...kept].map(({ mspId }) => mspId);
}

function rank(mspId: string, { given, doubtful, own }: Standing): number {
    if (given.has(mspId)) {
        return 0;
    }
    if (doubtful.has(mspId)) {
        return 3;
    }
    return mspId === own ? 1 : 2;
}

function costOf(set: readonly string[], { given, doubtful, own }: Standing): number {
    const asked = set.filter((mspId) => !given.has(mspId));
    const strangers = asked.filter((mspId) => mspId !== own);
    return strangers.length + DOUBT * asked.filter((mspId) => doubtful.has(mspId)).length;
}

export function weightOf(of: readonly Weighted[], held: ReadonlySet<string>): bigint {
    return of.reduce((sum, { mspId, weight }) => (held.has(mspId) ? sum + weight : sum), 0n);
}

const compareWeights = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? -1 : 1);
