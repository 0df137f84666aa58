import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';

const { Point } = ristretto255;
const DOMAIN = 'commonwatt/commitment/v1';

/**
 * Whether commitments of a layout together open to these sums, worked out from docs/concepts/commitments.md and without any code of the
 * chaincode: Σ commitments = Σ sum × hash(layout/name) + blinding × hash('blinding'). One multiplication for each place, in no hurry.
 */
export function opensTo(
    layout: string,
    commitments: readonly string[],
    sums: ReadonlyMap<string, bigint>,
    blinding: string,
): boolean {
    const times = (name: string, scalar: bigint): InstanceType<typeof Point> =>
        ristretto255_hasher.hashToCurve(Buffer.from(name), { DST: DOMAIN }).multiplyUnsafe(Point.Fn.create(scalar));
    const right = [...sums].reduce(
        (sum, [name, value]) => sum.add(times(`${layout}/${name}`, value)),
        times('blinding', BigInt(`0x${blinding}`)),
    );
    try {
        return commitments.reduce((sum, each) => sum.add(Point.fromHex(each)), Point.ZERO).equals(right);
    } catch {
        return false;
    }
}
