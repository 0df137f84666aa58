import { keyName, orderKey, orderName, settlementKey, slotPart } from '../../api/keys';
import type { Charter, OrderMarker, ReadingMarker, SettlementMarker } from '../../api/records';
import { mspId as mspIdSchema, recordId } from '../../api/wire';
import { compareStrings } from '../../domain/quantity';
import { refuse } from '../../domain/refusals';
import { partiesPolicy } from '../../ledger/market-policies';
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

/** The marker, if it names its key and only its parties can have changed it since it was made. */
export async function partiesMarker(
    ctx: TransactionContext,
    charter: Charter,
    slot: number,
    { mspId, id, marker }: FoundOrder,
): Promise<OrderMarker | undefined> {
    const isOwnKey = marker?.mspId === mspId && marker.id === id && marker.slot === slot;
    const isParties =
        isOwnKey && (await hasPolicy(ctx, orderKey(slot, mspId, id), partiesPolicy(charter, mspId, slot)));
    return isParties ? marker : undefined;
}

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
