import { hmacOverParts, toHex } from '../digest';
import {
    GROUP_ORDER,
    hashedToGroup,
    isSameElement,
    multiple,
    prepared,
    sumOfElements,
    sumOfMultiples,
    type GroupElement,
} from './group';

/** What is committed to, each number under a name; a name that is absent stands for zero. */
export type Components = ReadonlyMap<string, bigint>;

const DOMAIN = 'commonwatt/commitment/v1';
const BLINDING = 'blinding';

/**
 * The commitment to all components at once: Σ vᵢ·G(nameᵢ) + r·H (Pedersen, "Non-Interactive and Information-Theoretic Secure
 * Verifiable Secret Sharing", CRYPTO '91; for vectors Bootle et al., EUROCRYPT 2016, section 2.2). G(name) and H are hashed to the group.
 *
 * - Hiding, whatever one can compute: for every other content there is exactly one r that gives the same element.
 * - Binding, for who cannot take logarithms: nobody finds two contents for one element. Numbers count modulo the group's order, which
 *   is far larger than any that a record can hold.
 * - Homomorphic: the sum of commitments commits to the sums, under the sum of their blindings; so sums can be opened, and nothing else.
 */
export function commitmentTo(layout: string, components: Components, blinding: bigint): GroupElement {
    const terms = [...components].map(([name, times]) => ({ element: generator(layout, name), times }));
    return sumOfElements([sumOfMultiples(terms), multiple({ element: blindingGenerator(), times: blinding })]);
}

/** Whether the commitments together open to these sums. */
export function isOpening(
    layout: string,
    commitments: readonly GroupElement[],
    sums: Components,
    blinding: bigint,
): boolean {
    return isSameElement(sumOfElements(commitments), commitmentTo(layout, sums, blinding));
}

/**
 * A blinding that nobody knows but who knows the record: 512 bits of HMAC-SHA-256 with its salt, over the key and version that it names,
 * modulo the group's order. Another version of the record has another one, though its salt be the same.
 */
export function blindingOf(salt: Uint8Array, key: string, version: number): bigint {
    const half = (part: string): string => toHex(hmacOverParts(salt, DOMAIN, BLINDING, part, key, version.toString()));
    return BigInt(`0x${half('0')}${half('1')}`) % GROUP_ORDER;
}

export const sumOfBlindings = (blindings: readonly bigint[]): bigint =>
    blindings.reduce((sum, blinding) => (sum + blinding) % GROUP_ORDER, 0n);

export function sumOfComponents(each: readonly Components[]): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const [name, value] of each.flatMap((components) => [...components])) {
        sums.set(name, (sums.get(name) ?? 0n) + value);
    }
    return sums;
}

// Hashing a name to the group costs as much as many additions, and there are a few hundred names: a bounded memory of a pure function.
const MOST_GENERATORS = 4_096;
const generators = new Map<string, GroupElement>();

function generator(layout: string, name: string): GroupElement {
    const full = `${layout}/${name}`;
    const known = generators.get(full) ?? hashedToGroup(DOMAIN, full);
    if (generators.size >= MOST_GENERATORS) {
        generators.clear();
    }
    generators.set(full, known);
    return known;
}

let ofBlinding: GroupElement | undefined;

function blindingGenerator(): GroupElement {
    ofBlinding ??= prepared(hashedToGroup(DOMAIN, BLINDING));
    return ofBlinding;
}
