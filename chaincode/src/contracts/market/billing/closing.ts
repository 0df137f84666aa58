import { keyName, settlementKey, totalsKey } from '../../../api/keys';
import type { Charter, RoundRecord, SettlementMarker, SettlementRecord, Totals } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { activeMembers } from '../../../domain/community/roster';
import { sha256Hex } from '../../../domain/digest';
import { compareStrings, microsPerKwh, nanos, wattHours } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { closeDay, type DayTotals, type RoundResult } from '../../../domain/settlement/close-day';
import { slot as slotOf } from '../../../domain/slot';
import { operatorPolicy, partiesPolicy } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requirePolicy } from '../guards';
import { settlementMarkerOf } from '../markers';
import { openedUnder } from '../rounds';
import { finishedDay, settledAgain } from './settling';

/** The totals of a day. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function totalsOf(ctx: TransactionContext, charter: Charter, day: string): Promise<Totals> {
    const totals = (await ctx.ledger.find(totalsKey(day))) ?? refuse('DAY_UNKNOWN', day);
    await requirePolicy(ctx, totalsKey(day), operatorPolicy(charter));
    return totals;
}

/** Governance now, and as it stood when the day was opened. */
export interface Charters {
    readonly charter: Charter;
    readonly view: Charter;
}

/** Whoever was a member when the day was opened, or is one of that day now: who joined in between trades, who left has traded. */
export function takingPart(charter: Charter, view: Charter, day: string): string[] {
    const both = [...activeMembers(view.members, day), ...activeMembers(charter.members, day)];
    return [...new Set(both)].sort(compareStrings);
}

/** Every settlement of the day against its marker, then the domain's comparison of independent sums. */
export async function closedTotals(
    ctx: TransactionContext,
    charter: Charter,
    { day, charterVersion }: Totals,
    settlements: readonly SettlementRecord[],
): Promise<Totals> {
    const { local, rounds } = await finishedDay(ctx, charter, day);
    const view = await openedUnder(ctx, charter, day);
    const households = takingPart(charter, view, day);
    const markers: SettlementMarker[] = [];
    for (const mspId of households) {
        const marker = await settlementMarkerOf(ctx, day, mspId);
        markers.push(marker ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${day}`));
    }
    const opened = await openedSettlements(ctx, { charter, view }, local.first, markers, settlements);
    const sums = closeDay({
        day: local,
        households,
        rounds: rounds.map(resultOf),
        settlements: opened.map((record) => settledAgain(charter, local, record)),
    });
    return { day, charterVersion, status: 'closed', sums: sumsOf(sums, opened) };
}

/**
 * The settlements that the markers name, each signed by who stands for it. Refuses OPENING_UNKNOWN, OPENING_MISSING,
 * OPENING_MISMATCH, KEY_POLICY_WRONG, SIGNATURE_INVALID.
 */
export async function openedSettlements(
    ctx: TransactionContext,
    { charter, view }: Charters,
    slot: number,
    markers: readonly SettlementMarker[],
    settlements: readonly SettlementRecord[],
): Promise<SettlementRecord[]> {
    const names = settlements.map(({ key }) => key);
    const known = new Set(markers.map(({ day, mspId }) => keyName(settlementKey(day, mspId))));
    const stranger = names.find((name, i) => !known.has(name) || names.indexOf(name) !== i);
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger);
    }
    const opened: SettlementRecord[] = [];
    for (const marker of markers) {
        const key = settlementKey(marker.day, marker.mspId);
        const record = settlements.find((each) => each.key === keyName(key)) ?? refuse('OPENING_MISSING', keyName(key));
        await requirePolicy(ctx, key, partiesPolicy(view, marker.mspId, slot));
        requireSettlement(charter, marker, record);
        opened.push(record);
    }
    return opened.sort((a, b) => compareStrings(a.mspId, b.mspId));
}

function requireSettlement(charter: Charter, marker: SettlementMarker, record: SettlementRecord): void {
    if (recordHash(record) !== marker.hash || record.mspId !== marker.mspId || record.day !== marker.day) {
        refuse('OPENING_MISMATCH', record.key);
    }
    const key = record.signedBy === 'operator' ? charter.operatorKey : memberOf(charter, record.mspId).ownerKey;
    if (!isSigned(record, key)) {
        refuse('SIGNATURE_INVALID', record.key);
    }
}

const resultOf = ({ slot, status, price, volumeWh, surplusNanos }: RoundRecord): RoundResult => ({
    slot: slotOf(slot),
    status: status === 'cleared' ? 'cleared' : 'void',
    price: price === undefined || price === null ? undefined : microsPerKwh(price),
    volume: volumeWh === undefined ? undefined : wattHours(volumeWh),
    surplus: surplusNanos === undefined ? undefined : nanos(surplusNanos),
});

function sumsOf(sums: DayTotals, settlements: readonly SettlementRecord[]): NonNullable<Totals['sums']> {
    return {
        households: sums.households,
        provisional: settlements.some(({ provisional }) => provisional),
        tradedWh: sums.traded,
        importedWh: sums.imported,
        exportedWh: sums.exported,
        slots: sums.slots.map(({ slot, metered, supplier, spread }) => ({
            slot,
            meteredWh: metered,
            supplierNanos: supplier,
            spreadNanos: spread,
        })),
        postings: sums.postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
        settlementsHash: sha256Hex(encodeBytes(settlements.map(recordHash))),
    };
}
