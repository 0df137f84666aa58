import { keyName, orderKey, orderName, settlementKey, slotPart } from '../../api/keys';
import type { Charter, OrderMarker, ReadingMarker, RoundRecord, SettlementMarker } from '../../api/records';
import { commitmentStatement } from '../../api/statements';
import { mspId as mspIdSchema, recordId } from '../../api/wire';
import { memberNamed } from '../../domain/community/roster';
import { verifySignature } from '../../domain/digest';
import { compareStrings } from '../../domain/quantity';
import { refuse } from '../../domain/refusals';
import { charterAt } from '../../ledger/charter-view';
import { committeePolicy } from '../../ledger/market-policies';
import type { TransactionContext } from '../transaction-context';
import { hasPolicy } from './guards';

// The grid operator and any one household can create keys at will: the first write of a key stands under no policy but the
// chaincode's. So a marker counts only under the very key that it names; whatever else stands beside it is nobody's word.

export interface FoundOrder {
    /** As the key says. */
    readonly mspId: string;
    readonly id: string;
    /** Undefined where what stands there is no marker. */
    readonly marker: OrderMarker | undefined;
}

/** The orders of a slot, or of one member in it, by their names. Under a key that can name no order there is none. */
export async function orderMarkersOf(
    ctx: TransactionContext,
    slot: number,
    ...member: string[]
): Promise<FoundOrder[]> {
    const found = await ctx.ledger.listWithParts('order', slotPart(slot), ...member);
    return found
        .map(({ parts: [, mspId = '', id = ''], record: marker }) => ({ mspId, id, marker }))
        .filter(({ mspId, id }) => mspIdSchema.safeParse(mspId).success && recordId.safeParse(id).success)
        .sort((a, b) => compareStrings(orderName(a.mspId, a.id), orderName(b.mspId, b.id)));
}

/**
 * The marker, if it names its key, its owner signed the commitment, and only the committee can have changed it since it was made.
 * The policy is of the governance that the round's day was opened under, the owner's key of the present one.
 */
export async function lawfulMarker(
    ctx: TransactionContext,
    charter: Charter,
    { slot, charterVersion }: Pick<RoundRecord, 'slot' | 'charterVersion'>,
    { mspId, id, marker }: FoundOrder,
): Promise<OrderMarker | undefined> {
    const isOwnKey = marker?.mspId === mspId && marker.id === id && marker.slot === slot;
    const policy = committeePolicy(charterAt(charter, charterVersion), slot);
    if (!isOwnKey || !(await hasPolicy(ctx, orderKey(slot, mspId, id), policy))) {
        return undefined;
    }
    const owner = memberNamed(charter.members, mspId);
    const isOwners = owner !== undefined && isCommitted(marker, owner.ownerKey);
    return isOwners ? marker : undefined;
}

/** Whether the owner of the key committed itself to the order. */
export const isCommitted = (
    marker: Parameters<typeof commitmentStatement>[0] & { readonly signature: string },
    key: string,
): boolean => verifySignature(key, commitmentStatement(marker), marker.signature);

/** The newest readings of a household's day, by slot. */
export async function readingMarkersOf(
    ctx: TransactionContext,
    mspId: string,
    day: string,
): Promise<Map<number, ReadingMarker>> {
    const markers = new Map<number, ReadingMarker>();
    for (const { parts, record } of await ctx.ledger.listWithParts('reading', mspId, day)) {
        if (record !== undefined && record.mspId === mspId && slotPart(record.slot) === parts[2]) {
            markers.set(record.slot, record);
        }
    }
    return markers;
}

/** The settlement of a household's day. Refuses KEY_POLICY_WRONG where another's stands in its place. */
export async function settlementMarkerOf(
    ctx: TransactionContext,
    day: string,
    mspId: string,
): Promise<SettlementMarker | undefined> {
    const key = settlementKey(day, mspId);
    const marker = await ctx.ledger.find(key);
    if (marker !== undefined && (marker.day !== day || marker.mspId !== mspId)) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return marker;
}
