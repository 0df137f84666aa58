import { createHash } from 'node:crypto';

/**
 * Weights and draw of an epoch, worked out a second time from what is public (docs/concepts/stake). Shares no code with the
 * chaincode on purpose: two programs that agree are worth more than one that is run twice.
 */
export interface PlainStanding {
    readonly mspId: string;
    readonly tokens: bigint;
    readonly age: number;
    readonly reputation: bigint;
}

export interface PlainParameters {
    readonly alphaPpm: bigint;
    readonly betaPpm: bigint;
    readonly gammaPpm: bigint;
    readonly floorPpm: bigint;
    readonly capPpm: bigint;
    readonly ageCap: number;
    readonly seats: number;
    readonly rule: 'proportional' | 'max-w-over-u';
}

export interface PlainWeight {
    readonly mspId: string;
    readonly energyPpm: bigint;
    readonly agePpm: bigint;
    readonly reputationPpm: bigint;
    readonly weight: bigint;
}

const MILLION = 1_000_000n;

/** W = αE + βA + γR of every member, by name. */
export function plainWeights(standings: readonly PlainStanding[], parameters: PlainParameters): PlainWeight[] {
    const inOrder = byName(standings);
    const part = (of: (standing: PlainStanding) => bigint): bigint[] => {
        const whole = total(inOrder.map(of));
        return inOrder.map((each) => (whole === 0n ? 0n : (of(each) * MILLION) / whole));
    };
    const energy = part(({ tokens }) => tokens);
    const age = part((each) => BigInt(each.age > parameters.ageCap ? parameters.ageCap : each.age));
    const reputation = part((each) => each.reputation);
    const raw = inOrder.map((_, at) => {
        const sum =
            parameters.alphaPpm * (energy[at] ?? 0n) +
            parameters.betaPpm * (age[at] ?? 0n) +
            parameters.gammaPpm * (reputation[at] ?? 0n);
        const share = sum / MILLION;
        return share > parameters.floorPpm ? share : parameters.floorPpm;
    });
    const weights = plainCapped(raw, parameters.capPpm);
    return inOrder.map(({ mspId }, at) => ({
        mspId,
        energyPpm: energy[at] ?? 0n,
        agePpm: age[at] ?? 0n,
        reputationPpm: reputation[at] ?? 0n,
        weight: weights[at] ?? 0n,
    }));
}

/**
 * Raw weights brought to a million with nobody above the cap. Walks down from the heaviest: as long as its share of what is left is
 * above the cap it gets the cap; the rest is shared by largest remainder. Fewer than four members are equal.
 */
export function plainCapped(raw: readonly bigint[], capPpm: bigint): bigint[] {
    const count = BigInt(raw.length);
    if (raw.length < 4) {
        return raw.map(() => MILLION / count);
    }
    const fair = MILLION / count + (MILLION % count === 0n ? 0n : 1n);
    const cap = capPpm < fair ? fair : capPpm;
    const heaviestFirst = raw.map((weight, at) => ({ weight, at })).sort((a, b) => Number(b.weight - a.weight));
    const weights = raw.map(() => 0n);
    let left = MILLION;
    let open = total(raw);
    let first = 0;
    for (const { weight, at } of heaviestFirst) {
        if (weight * left <= cap * open) {
            break;
        }
        weights[at] = cap;
        left -= cap;
        open -= weight;
        first += 1;
    }
    const rest = heaviestFirst.slice(first).map(({ weight, at }) => ({
        at,
        whole: (weight * left) / open,
        remainder: (weight * left) % open,
    }));
    let units = left - total(rest.map(({ whole }) => whole));
    const byRemainder = rest.toSorted((a, b) =>
        a.remainder === b.remainder ? a.at - b.at : a.remainder < b.remainder ? 1 : -1,
    );
    for (const { at, whole } of byRemainder) {
        const one = units > 0n ? 1n : 0n;
        weights[at] = whole + one;
        units -= one;
    }
    return weights;
}

/** What a member committed itself to, in hex. */
export function plainCommitment(epoch: string, mspId: string, secret: string): string {
    return sha256(
        'seed-commitment/v1|',
        prefixed(Buffer.from(epoch)),
        prefixed(Buffer.from(mspId)),
        hex(secret),
    ).toString('hex');
}

/** The seed of an epoch, in hex, from the secrets that were revealed. Undefined where there are none. */
export function plainSeed(
    epoch: string,
    secrets: readonly { readonly mspId: string; readonly secret: string }[],
): string | undefined {
    if (secrets.length === 0) {
        return undefined;
    }
    const parts = byName(secrets).map(({ mspId, secret }) =>
        Buffer.concat([prefixed(Buffer.from(mspId)), prefixed(hex(secret))]),
    );
    return sha256('epoch-seed/v1|', prefixed(Buffer.from(epoch)), ...parts).toString('hex');
}

/** All candidates in the order in which they are drawn: seats, then substitutes. */
export function plainRanking(
    candidates: readonly { readonly mspId: string; readonly weight: bigint }[],
    seedHex: string,
    rule: PlainParameters['rule'],
): string[] {
    const seed = hex(seedHex);
    if (rule === 'max-w-over-u') {
        const number = (mspId: string): bigint => integer(sha256('max-w-over-u/v1|', seed, Buffer.from(mspId)));
        return byName(candidates)
            .map(({ mspId, weight }) => ({ mspId, weight, u: number(mspId) }))
            .sort((a, b) => (a.weight * b.u > b.weight * a.u ? -1 : a.weight * b.u < b.weight * a.u ? 1 : 0))
            .map(({ mspId }) => mspId);
    }
    const urn = byName(candidates);
    const order: string[] = [];
    while (urn.length > 0) {
        const at = plainDraw(
            urn.map(({ weight }) => weight),
            sha256('committee-select/v1|', seed, counter(order.length)),
        );
        order.push(...urn.splice(at, 1).map(({ mspId }) => mspId));
    }
    return order;
}

/** The first of a ranking as a committee: their weights are capped among themselves. Undefined where fewer than two are there. */
export function plainSeats(
    order: readonly string[],
    candidates: readonly { readonly mspId: string; readonly weight: bigint }[],
    { seats, capPpm }: Pick<PlainParameters, 'seats' | 'capPpm'>,
): { readonly mspId: string; readonly weight: bigint }[] | undefined {
    const seated = order.slice(0, seats).flatMap((name) => candidates.filter(({ mspId }) => mspId === name));
    const weights = plainCapped(
        seated.map(({ weight }) => weight),
        capPpm,
    );
    return seated.length < 2 ? undefined : seated.map(({ mspId }, at) => ({ mspId, weight: weights[at] ?? 0n }));
}

/** Position of the weight that is drawn. A hash that would favour the first few is thrown away. */
export function plainDraw(weights: readonly bigint[], seed: Uint8Array): number {
    const whole = total(weights);
    const usable = 2n ** 256n - (2n ** 256n % whole);
    for (let attempt = 0; ; attempt += 1) {
        const number = integer(sha256('producer-select/v1|', seed, counter(attempt)));
        if (number < usable) {
            const x = number % whole;
            let reached = 0n;
            return weights.findIndex((weight) => {
                reached += weight;
                return x < reached;
            });
        }
    }
}

function byName<T extends { readonly mspId: string }>(items: readonly T[]): T[] {
    return items.toSorted((a, b) => Buffer.compare(Buffer.from(a.mspId), Buffer.from(b.mspId)));
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, each) => sum + each, 0n);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const integer = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** Four bytes, most significant first. */
function counter(n: number): Buffer {
    return Buffer.of((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

function sha256(tag: string, ...parts: readonly Uint8Array[]): Buffer {
    return parts.reduce((hash, part) => hash.update(part), createHash('sha256').update(tag)).digest();
}

/** The length in four bytes, then the bytes. */
function prefixed(bytes: Buffer): Buffer {
    return Buffer.concat([counter(bytes.length), bytes]);
}
