import { keyName, settlementKey, totalsKey } from '../../../api/keys';
import type {
    Charter,
    DaySumsRecord,
    RoundRecord,
    SettlementMarker,
    SettlementRecord,
    Totals,
} from '../../../api/records';
import { sumsGiven } from '../../../api/settlements';
import { encodeBytes } from '../../../api/wire';
import { elementFromHex } from '../../../domain/commitment/group';
import { isOpening, type Components } from '../../../domain/commitment/pedersen';
import { SETTLEMENT_LAYOUT } from '../../../domain/commitment/settlement-layout';
import { activeMembers } from '../../../domain/community/roster';
import { sha256Hex } from '../../../domain/digest';
import { Imbalance } from '../../../domain/postings';
import { compareStrings, microsPerKwh, nanos, netEnergy, wattHours, type NetEnergy } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { scheduledTotals } from '../../../domain/scheduled/scheduled-totals';
import type { DayTotals, RoundResult } from '../../../domain/settlement/close-day';
import {
    isLargeEnough,
    openedSums,
    publicTotals,
    type DaySums,
    type Opened,
} from '../../../domain/settlement/public-day';
import { slot as slotOf } from '../../../domain/slot';
import { poolDifferences } from '../../../domain/tariff/bands';
import { partiesPolicy, roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, recordHash, requirePolicy, signerKey } from '../guards';
import { settlementMarkerOf } from '../markers';
import { openedUnder, pricesOfDay, termsOf } from '../rounds';
import { finishedDay } from './finished-day';
import { requirePool } from './pool';
import { scheduledOn } from './scheduled';

/** The totals of a day, under governance as it stood when the day was opened. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG. */
export async function totalsOf(ctx: TransactionContext, view: Charter, day: string): Promise<Totals> {
    const { first } = findDay(view, day) ?? refuse('DAY_UNKNOWN', day);
    const totals = (await ctx.ledger.find(totalsKey(day))) ?? refuse('DAY_UNKNOWN', day);
    await requirePolicy(ctx, totalsKey(day), roundPolicy(view, day, first));
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

/**
 * The totals out of the sums that are given: they must be those that all settlements' commitments open to, and add up. Refuses
 * DAY_UNKNOWN, KEY_POLICY_WRONG, SCHEDULE_OPEN, ROUND_NOT_FINAL, POOL_UNSTATED, SETTLEMENT_MISSING, SIGNATURE_INVALID,
 * SETTLEMENT_OUTDATED, GROUP_TOO_SMALL, OPENING_MISSING, COMMITMENT_MISMATCH, TERMS_MISSING, TOTALS_WRONG.
 */
export async function closedTotals(
    ctx: TransactionContext,
    charter: Charter,
    { day, charterVersion }: Totals,
    given: DaySumsRecord,
): Promise<Totals> {
    const { local, rounds, agreed } = await finishedDay(ctx, charter, day);
    const pool = agreed === undefined ? undefined : await requirePool(ctx, charter, day, agreed.imbalance);
    const view = await openedUnder(ctx, charter, day);
    const markers: SettlementMarker[] = [];
    for (const mspId of takingPart(charter, view, day)) {
        const marker =
            (await settlementMarkerOf(ctx, day, mspId)) ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${day}`);
        await requirePolicy(ctx, settlementKey(day, mspId), partiesPolicy(view, mspId, local.first));
        requireSignedMarker(charter, marker);
        markers.push(marker);
    }
    const outdated = markers.find((marker) => marker.pool !== pool?.version);
    if (outdated !== undefined) {
        refuse('SETTLEMENT_OUTDATED', `${outdated.mspId} on ${day}`);
    }
    const provisional = markers.some((marker) => marker.provisional);
    const common = { day: local, households: markers.length, provisional };
    const traded = agreed?.gridWh.map(netEnergy) ?? [];
    const sums = requireOpening(markers, given, traded);
    const totals = addedUp(() =>
        agreed === undefined || pool === undefined
            ? publicTotals({
                  ...common,
                  rounds: rounds.map(resultOf),
                  prices: pricesOfDay(charter, local),
                  zoneDifferences: poolDifferences(termsOf(charter, day)),
                  sums,
              })
            : scheduledTotals({ ...common, ...scheduledOn(charter, local, agreed, pool), sums }),
    );
    return { day, charterVersion, status: 'closed', sums: sumsOf(totals, markers, given) };
}

/** Whoever has not got the record believes its marker because of this. Refuses SIGNATURE_INVALID. */
export function requireSignedMarker(charter: Charter, marker: SettlementMarker): void {
    const { day, mspId, signedBy } = marker;
    if (!isSigned(marker, signerKey(charter, mspId, signedBy))) {
        refuse('SIGNATURE_INVALID', `the marker of ${keyName(settlementKey(day, mspId))}`);
    }
}

/** The sums, if the commitments open to them; or as they are stated, where there are too few to be opened. */
function requireOpening(
    markers: readonly SettlementMarker[],
    given: DaySumsRecord,
    traded: readonly NetEnergy[],
): DaySums {
    const { opening } = given;
    const isLarge = isLargeEnough(markers.length);
    if (opening !== undefined && !isLarge) {
        refuse('GROUP_TOO_SMALL', `${markers.length} households`);
    }
    const sums = sumsGiven(given);
    if (sums === undefined || (opening === undefined && isLarge)) {
        refuse('OPENING_MISSING', `of the settlements' commitments, of ${markers.length} households`);
    }
    if (
        opening !== undefined &&
        !isOpenedBy(markers, openedSums(sums as Opened, traded), BigInt(`0x${opening.blinding}`))
    ) {
        refuse('COMMITMENT_MISMATCH', `${markers.length} settlements`);
    }
    return sums;
}

function isOpenedBy(markers: readonly SettlementMarker[], sums: Components, blinding: bigint): boolean {
    const elements = markers.flatMap(({ commitment }) => elementFromHex(commitment.element) ?? []);
    return elements.length === markers.length && isOpening(SETTLEMENT_LAYOUT, elements, sums, blinding);
}

/** The domain's totals; its `Imbalance` is an answer here, because what does not add up was stated by the caller. */
function addedUp(compute: () => DayTotals): DayTotals {
    try {
        return compute();
    } catch (error) {
        if (error instanceof Imbalance) {
            refuse('TOTALS_WRONG', error.message);
        }
        throw error;
    }
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
    if (!isSigned(record, signerKey(charter, record.mspId, record.signedBy))) {
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

function sumsOf(
    sums: DayTotals,
    markers: readonly SettlementMarker[],
    given: DaySumsRecord,
): NonNullable<Totals['sums']> {
    return {
        households: sums.households,
        provisional: sums.provisional,
        tradedWh: sums.traded,
        importedWh: sums.imported,
        exportedWh: sums.exported,
        slots: sums.slots.map(({ slot, metered, short, supplier, spread }) => ({
            slot,
            meteredWh: metered,
            shortWh: short,
            supplierNanos: supplier,
            spreadNanos: spread,
        })),
        postings: sums.postings.map(({ account, amount }) => ({ account, amountNanos: amount })),
        settlementsHash: sha256Hex(encodeBytes(markers.map(({ hash }) => hash))),
        given,
    };
}
