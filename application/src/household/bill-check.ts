import type {
    BillDraft,
    Charter,
    OrderRecord,
    RoundRecord,
    SettlementDraft,
    Terms,
} from '@commonwatt/chaincode/api/records';
import { outcomeOf } from '@commonwatt/chaincode/api/outcomes';
import type { Outcome } from '@commonwatt/chaincode/domain/auction/order';
import { plainBill, type PlainBill, type PlainSlot } from '../audit/plain-bill';
import { plainPricesOfSlot, plainScheduledSlot, type OwnSchedule } from '../audit/plain-schedule';
import type { ContractEnergy } from '../storage/contract-energy';
import {
    plainCorrected,
    plainDue,
    plainPrices,
    type Payer,
    type PlainCorrectedDay,
    type PlainDay,
    type PlainDue,
} from '../audit/plain-tariff';

/** What a household knows by itself of a day: its meter, its orders, and what is public. */
export interface OwnDay {
    readonly firstSlot: number;
    readonly netsWh: readonly bigint[];
    readonly orders: readonly OrderRecord[];
    readonly rounds: readonly RoundRecord[];
    readonly terms: Terms;
    readonly clock: Charter['clock'];
    readonly payer: Payer;
    /** What it gave and took under contracts with storage, by slot; it made them itself. */
    readonly contracts?: ReadonlyMap<number, ContractEnergy>;
    /** Its meter is the storage system's. */
    readonly isStorage?: boolean;
    /** What it agreed to a day ahead, where the day was scheduled: then its orders count for nothing. */
    readonly scheduled?: OwnSchedule | undefined;
}

/** The household as tariffs see it, when the slot ends. */
export function payerOf({ members }: Pick<Charter, 'members'>, mspId: string, lastSlot: number): Payer {
    const { zone, meters = [] } = members[mspId] ?? {};
    const counting = meters.filter(({ fromSlot, toSlot }) => fromSlot <= lastSlot && lastSlot < (toSlot ?? Infinity));
    return { mspId, zone, meters: counting.length };
}

/** The household and the market do not agree on what is owed. Nothing is signed until they do. */
export class BillDisputed extends Error {
    override readonly name = 'BillDisputed';
}

/** What became of an order of ours, read with its salt from the public round. */
/** @throws BillDisputed also where the order was given more than it asked for, or on worse terms than it accepts. */
function resultOf(order: OrderRecord, round: RoundRecord | undefined): Pick<Outcome, 'fill' | 'amount'> {
    const outcome = round === undefined ? undefined : outcomeOf(round, order);
    if (outcome === undefined) {
        throw new BillDisputed(`the result of slot ${order.slot} does not say what became of our order ${order.id}`);
    }
    const { fill, amount } = outcome;
    if (fill > order.energyWh || isWorse(order, outcome) || isNotPrice(order, outcome, round?.price)) {
        throw new BillDisputed(
            `the result of slot ${order.slot} gives our order ${order.id} ${fill.toString()} Wh for ${amount.toString()} nanos, which it did not agree to`,
        );
    }
    return { fill, amount };
}

/** Than the order's own limit; a market order has none. */
const isWorse = ({ side, limit }: OrderRecord, { fill, amount }: Outcome): boolean =>
    limit !== null && (side === 'buy' ? amount > fill * limit : amount < fill * limit);

/** Where a round has a price, every buyer pays it. */
const isNotPrice = ({ side }: OrderRecord, { fill, amount }: Outcome, price: bigint | null | undefined): boolean =>
    side === 'buy' && typeof price === 'bigint' && amount !== fill * price;

/** The day as plain numbers, ready to be worked out without the chaincode's code. */
export function plainSlots(own: OwnDay): PlainSlot[] {
    const { firstSlot, netsWh, orders, rounds, terms, clock, payer } = own;
    const roundOf = new Map(rounds.map((round) => [round.slot, round]));
    return netsWh.map((netWh, index) => {
        const slot = firstSlot + index;
        const round = roundOf.get(slot);
        const results = orders
            .filter((order) => order.slot === slot)
            .map((order) => ({ side: order.side, ...resultOf(order, round) }));
        const sum = (side: OrderRecord['side'], of: 'fill' | 'amount'): bigint =>
            results.filter((result) => result.side === side).reduce((so, result) => so + result[of], 0n);
        const traded = { boughtWh: sum('buy', 'fill'), soldWh: sum('sell', 'fill') };
        const money = { paidNanos: sum('buy', 'amount'), earnedNanos: sum('sell', 'amount') };
        const prices = plainPrices(terms, { clock }, slot, payer.zone);
        if (own.scheduled !== undefined) {
            return { slot, netWh, ...plainScheduledSlot(own.scheduled, index, prices), ...contractIn(own, slot) };
        }
        return { slot, netWh, ...traded, ...money, ...prices, ...contractIn(own, slot) };
    });
}

/** A settled day as plain numbers: what the household has agreed to, at prices worked out without the chaincode's code. */
export function settledSlots(
    slots: readonly SettlementDraft['slots'][number][],
    { terms, clock, zone }: Pick<OwnDay, 'terms' | 'clock'> & { readonly zone?: string | undefined },
): PlainSlot[] {
    return slots.map((settled) => {
        const { slot, meteredWh, boughtWh, soldWh, paidNanos, earnedNanos, contractedWh, receivedWh = 0n } = settled;
        return {
            ...{ slot, netWh: meteredWh, boughtWh, soldWh, paidNanos, earnedNanos },
            ...plainPricesOfSlot(settled, plainPrices(terms, { clock }, slot, zone)),
            ...(contractedWh === undefined
                ? {}
                : { contract: { contractedWh, receivedWh, paidNanos: 0n, isStorage: false } }),
        };
    });
}

function contractIn({ contracts, isStorage = false }: OwnDay, slot: number): Pick<PlainSlot, 'contract'> {
    const energy = contracts?.get(slot);
    return energy === undefined ? {} : { contract: { ...energy, isStorage } };
}

/** A slot's energy in one line, to be compared. */
function wordsOf(line: SettlementDraft['slots'][number] | undefined): string {
    if (line === undefined) {
        return 'nothing';
    }
    const { slot, meteredWh, boughtWh, soldWh, contractedWh = 0n, receivedWh = 0n, imbalance } = line;
    return [slot, meteredWh, boughtWh, soldWh, contractedWh, receivedWh, imbalance].join(', ');
}

function plainWords({ slot, netWh, boughtWh, soldWh, contract, tariff, retail }: PlainSlot): string {
    const { contractedWh = 0n, receivedWh = 0n } = contract ?? {};
    const imbalance = tariff === undefined ? undefined : retail;
    return [slot, netWh, boughtWh, soldWh, contractedWh, receivedWh, imbalance].join(', ');
}

/** @throws BillDisputed where the settlement is not what the household works out from its own meter and public prices. */
export function checkSettlement(draft: SettlementDraft, own: OwnDay): PlainBill {
    const plain = plainSlots(own);
    const expected = plainBill(plain);
    const agreed = own.scheduled === undefined ? 'orders' : 'schedule';
    for (const [index, slot] of plain.entries()) {
        if (wordsOf(draft.slots[index]) !== plainWords(slot)) {
            throw new BillDisputed(
                `the settlement of ${draft.day} differs from our meter, ${agreed} and contracts in slot ${slot.slot}`,
            );
        }
    }
    const ours = draft.postings.find(({ account }) => account === `household:${draft.mspId}`)?.amountNanos ?? 0n;
    if (ours !== -expected.nanos) {
        const [said, worked] = [-ours, expected.nanos].map(String);
        throw new BillDisputed(`the settlement of ${draft.day} says ${said} nanos are due, we work out ${worked}`);
    }
    return expected;
}

/** A day of ours that was settled with other readings than our meter's, whose correction stands on the bill. */
export interface CorrectedOwnDay {
    readonly day: PlainCorrectedDay;
    readonly payer: Payer;
}

/**
 * @throws BillDisputed where the bill does not say what its days, their charges and taxes add up to, and what corrections add. These may be of
 * any days.
 */
export function checkBill(
    draft: BillDraft,
    days: readonly PlainDay[],
    payer: Payer,
    minorNanos: bigint,
    corrected: readonly PlainCorrectedDay[] = [],
): PlainDue {
    const expected = added(plainDue(days, payer, minorNanos), plainCorrected(corrected, payer, minorNanos));
    if (-draft.balanceNanos !== expected.netNanos || draft.dueMinor !== expected.dueMinor) {
        const said = `${draft.dueMinor.toString()} (${(-draft.balanceNanos).toString()} nanos)`;
        const worked = `${expected.dueMinor.toString()} (${expected.netNanos.toString()} nanos)`;
        throw new BillDisputed(`the bill from ${draft.from} to ${draft.to} says ${said}, we work out ${worked}`);
    }
    return expected;
}

const added = (one: PlainDue, other: PlainDue): PlainDue => ({
    netNanos: one.netNanos + other.netNanos,
    chargesNanos: one.chargesNanos + other.chargesNanos,
    taxMinor: one.taxMinor + other.taxMinor,
    dueMinor: one.dueMinor + other.dueMinor,
    grossNanos: one.grossNanos + other.grossNanos,
});

/** The day if nothing of it had been traded: what the supplier's tariffs alone would make of it. */
export const withoutMarket = ({ slots, ...day }: PlainDay): PlainDay => ({
    ...day,
    lossesNanos: 0n,
    slots: slots.map(({ contract, tariff, ...slot }) => ({
        ...slot,
        ...tariff,
        netWh: contract?.isStorage === true ? slot.netWh - contract.contractedWh : slot.netWh,
        ...{ boughtWh: 0n, soldWh: 0n, paidNanos: 0n, earnedNanos: 0n },
    })),
});
