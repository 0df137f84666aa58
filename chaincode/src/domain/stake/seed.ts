import { fromHex, lengthPrefixed, sha256, sha256Hex } from '../digest';
import { compareStrings } from '../quantity';

const COMMITMENT_TAG = 'seed-commitment/v1|';
const SEED_TAG = 'epoch-seed/v1|';

/** One member's part of the seed: 32 bytes that it alone knows until it reveals them, in lower-case hex. */
export interface Secret {
    readonly mspId: string;
    readonly secret: string;
}

/**
 * What a member commits itself to. It names epoch and member, so that nobody can copy another's commitment and reveal after it,
 * and a secret that was revealed once opens no other epoch's commitment.
 */
export function seedCommitment(epoch: string, mspId: string, secret: string): string {
    return sha256Hex(COMMITMENT_TAG, lengthPrefixed(epoch), lengthPrefixed(mspId), fromHex(secret));
}

/**
 * The seed of an epoch from everything that was revealed, in order of MSP id. As long as one member's secret was random and not
 * known to the others before they committed themselves, so is the seed, but for the choice of the last to reveal
 * (docs/concepts/stake). Undefined where nobody revealed.
 */
export function epochSeed(epoch: string, secrets: readonly Secret[]): Uint8Array | undefined {
    if (secrets.length === 0) {
        return undefined;
    }
    const parts = [...secrets]
        .sort((a, b) => compareStrings(a.mspId, b.mspId))
        .flatMap(({ mspId, secret }) => [lengthPrefixed(mspId), lengthPrefixed(fromHex(secret))]);
    return sha256(SEED_TAG, lengthPrefixed(epoch), ...parts);
}
