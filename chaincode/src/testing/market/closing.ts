import { markerOfBill } from '../../api/bills';
import type { BillDraft, BillRecord, DaySumsRecord, SettlementDraft, SettlementRecord } from '../../api/records';
import { markerOfSettlement, settlementOf, sumsToClose } from '../../api/settlements';
import { ownerStatement } from '../../api/statements';
import { microsPerKwh, negated, total, wattHours } from '../../domain/quantity';
import { daySums, isLargeEnough, type SlotSums, type StatedSums } from '../../domain/settlement/public-day';
import { atTheGrid } from '../../domain/settlement/settle';
import { localDay, slot } from '../../domain/slot';
import { DAY, DSO, FOUNDING, household, TERMS, type TestCommunity } from '../community';
import type { TestKey } from '../identities';

export interface Signed {
    readonly record: SettlementRecord;
    /** What `billing:settle` takes beside the openings. */
    readonly signatures: { readonly signature: string; readonly markerSignature: string };
}

/** A settlement and its marker, signed with the same key. */
export function signedSettlement(draft: SettlementDraft, key: TestKey): Signed {
    const signature = key.sign(ownerStatement(draft));
    const record = { ...draft, signature };
    return { record, signatures: { signature, markerSignature: key.sign(ownerStatement(markerOfSettlement(record))) } };
}

export interface SignedBill {
    readonly record: BillRecord;
    readonly signatures: { readonly signature: string; readonly markerSignature: string };
}

/** A bill and its marker, signed with the same key. */
export function signedBill(draft: BillDraft, key: TestKey): SignedBill {
    const signature = key.sign(ownerStatement(draft));
    const record = { ...draft, signature };
    return { record, signatures: { signature, markerSignature: key.sign(ownerStatement(markerOfBill(record))) } };
}

/** The sums of these settlements, opened where there are enough of them. */
export function sumsOf(
    records: readonly SettlementRecord[],
    { day = DAY, terms = TERMS, clock = FOUNDING.clock } = {},
): DaySumsRecord {
    const local = localDay(
        day,
        clock.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) })),
    );
    const prices = {
        retail: microsPerKwh(terms.retail),
        feedIn: microsPerKwh(terms.feedIn),
        gridFee: microsPerKwh(terms.gridFee),
        communityFee: microsPerKwh(terms.communityFee),
    };
    const everySlot = Array.from({ length: local.count }, () => prices);
    const settled = records.map((record) => settlementOf(local, everySlot, record));
    const { energy } = daySums(settled);
    const nets = (energy as readonly SlotSums[]).map(({ metered }) => metered);
    const stated: StatedSums = {
        imported: wattHours(nets.reduce((sum, net) => sum + (net < 0n ? 0n - net : 0n), 0n)),
        exported: wattHours(nets.reduce((sum, net) => sum + (net > 0n ? net : 0n), 0n)),
        supplier: total(nets.map((net) => negated(atTheGrid(net, prices)))),
    };
    return sumsToClose(settled, records, isLargeEnough(records.length) ? undefined : stated);
}

/** By the grid operator, endorsed by a quorum of the committee. */
export const CLOSERS = [DSO, household(1), household(2)];

export async function closeDay(
    community: TestCommunity,
    records: readonly SettlementRecord[],
    options: { readonly day?: string; readonly terms?: typeof TERMS } = {},
): Promise<void> {
    const { day = DAY } = options;
    await community.submit('billing:closeDay', { day, sums: sumsOf(records, options) }, { endorsers: CLOSERS });
}
