import { fromHex, hmacOverParts, toHex } from '../digest';
import { nanos, wattHours } from '../quantity';
import type { Outcome } from './order';
import { OUTCOME_REASONS, reasonOf } from './reasons';

/** What ties a masked outcome to one order in one attempt at clearing one round. */
export interface MaskContext {
    /** The order's salt: 32 bytes in hex. Known to whoever may know the order. */
    readonly salt: string;
    readonly round: string;
    /** The order's id. */
    readonly order: string;
    /** The transaction id of the clearing: a second attempt has another mask, or the two would show what changed. */
    readonly attempt: string;
}

const AMOUNT_AT = 8;
const REASON_AT = 16;
const MASKED_BYTES = 17;

/**
 * Fill (uint64 big-endian), amount (int64 big-endian) and reason code (uint8) of an order, XOR the first bytes of
 * HMAC-SHA-256(salt, length-prefixed round, order, attempt), in hex. The committee publishes it; only who knows the order can read it.
 */
export function maskOutcome(context: MaskContext, { fill, amount, reason }: Omit<Outcome, 'order'>): string {
    const plain = Buffer.alloc(MASKED_BYTES);
    plain.writeBigUInt64BE(fill);
    plain.writeBigInt64BE(amount, AMOUNT_AT);
    plain.writeUInt8(OUTCOME_REASONS[reason].code, REASON_AT);
    return toHex(masked(context, plain));
}

/** The inverse of `maskOutcome`, in browsers too. Undefined where the mask does not open to an outcome: another salt, or not a mask. */
export function unmaskOutcome(context: MaskContext, mask: string): Outcome | undefined {
    if (!/^[0-9a-f]{34}$/.test(mask)) {
        return undefined;
    }
    const plain = new DataView(Uint8Array.from(masked(context, fromHex(mask))).buffer);
    const reason = reasonOf(plain.getUint8(REASON_AT));
    const fill = wattHours(plain.getBigUint64(0));
    const amount = nanos(plain.getBigInt64(AMOUNT_AT));
    return reason === undefined ? undefined : { order: context.order, fill, amount, reason };
}

function masked({ salt, round, order, attempt }: MaskContext, bytes: Uint8Array): Uint8Array {
    const key = hmacOverParts(fromHex(salt), round, order, attempt);
    return bytes.map((byte, i) => byte ^ (key[i] ?? 0));
}
