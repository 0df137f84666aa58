import {
    CHARGEABLE,
    percentageOf,
    shareOfDay,
    type Charge,
    type Chargeable,
    type FixedCharge,
    type PercentageCharge,
} from '../tariff/charges';
import { rateOf, type Seller, type VatTerms } from '../tariff/vat';
import {
    compareBigints,
    compareStrings,
    microsPerKwh,
    nanos,
    negated,
    plus,
    total,
    netEnergy,
    type MicrosPerKwh,
    type Nanos,
    type NetEnergy,
} from '../quantity';
import type { DaySettlement, SlotSettlement } from '../settlement/position';
import { withFees } from '../settlement/settle';
import type { Slot } from '../slot';

/**
 * In the order in which a bill lists them. What was given and taken under contracts with storage stands there without an amount: it is
 * paid by escrow.
 */
export const BILL_ITEMS = [
    'localSale',
    'localPurchase',
    'scheduledSale',
    'scheduledPurchase',
    'gridFee',
    'communityFee',
    'feedIn',
    'retail',
    'imbalanceLong',
    'imbalanceShort',
    'contractGiven',
    'contractTaken',
    'losses',
    'fixed',
    'percentage',
    'correction',
] as const;
export type BillItem = (typeof BILL_ITEMS)[number];
type EnergyItem = Exclude<BillItem, 'losses' | 'fixed' | 'percentage' | 'correction'>;

/** Energy of one kind at one price, or a charge. `amount` is without tax: positive is earned by the household, negative is paid. */
export interface BillLine {
    readonly item: BillItem;
    /** The charge's name in the terms, where this is one. */
    readonly charge?: string | undefined;
    /** Of a percentage, in parts per million. */
    readonly ppm?: bigint | undefined;
    /** Undefined where a rule shared money among sellers, so that no whole price gives the amount, and for charges. */
    readonly price: MicrosPerKwh | undefined;
    /** Not negative but on corrections, which may take some back. */
    readonly energy: NetEnergy;
    readonly amount: Nanos;
    /** The rounds (slots) that the energy comes from, in order of time. */
    readonly rounds: readonly Slot[];
    /** How many days a charge or a share of losses is for. */
    readonly days?: number | undefined;
    readonly seller: Seller;
    /** Rate of its seller's value added tax, in parts per million. */
    readonly vatPpm: bigint;
}

/** A settled day with what the day's terms charge besides energy. */
export interface BilledDay {
    readonly settlement: DaySettlement;
    readonly charges: readonly Charge[];
    readonly vat: VatTerms | undefined;
    /** How many meters the household has on the day. */
    readonly meters: number;
    /** What the day's comparison with the feeder's meter posted on the household's account, where members pay for losses. */
    readonly losses?: Nanos | undefined;
}

const SELLERS: Readonly<Record<EnergyItem, Seller>> = {
    localSale: 'household',
    localPurchase: 'pool',
    scheduledSale: 'household',
    scheduledPurchase: 'pool',
    gridFee: 'grid',
    communityFee: 'community',
    feedIn: 'household',
    retail: 'supplier',
    imbalanceLong: 'household',
    imbalanceShort: 'supplier',
    contractGiven: 'household',
    contractTaken: 'household',
};
const NO_ENERGY = netEnergy(0n);
/** What a percentage on an item is taken of where a day was scheduled: what is bought of others, and what is bought besides. */
const SCHEDULED_AS: Readonly<Partial<Record<Chargeable, readonly BillItem[]>>> = {
    localPurchase: ['scheduledPurchase'],
    retail: ['imbalanceShort'],
};

/** One line for each item, price, charge and tax rate. Terms may change within the period: each day's own count. */
export function billLines(days: readonly BilledDay[]): BillLine[] {
    const energy = days.map((day) => ({ day, lines: energyLines(day) }));
    const lines = [
        ...energy.flatMap(({ lines: each }) => each),
        ...days.flatMap(lossLines),
        ...days.flatMap(fixedLines),
        ...percentageLines(energy),
    ];
    return joinedLines(lines);
}

/** Lines of one key as one, in the order of a bill. */
export function joinedLines(lines: readonly BillLine[]): BillLine[] {
    const known = new Map<string, BillLine>();
    for (const line of lines) {
        const key = keyOf(line);
        const same = known.get(key);
        known.set(key, same === undefined ? line : joined(same, line));
    }
    return [...known.values()].sort(inOrder);
}

/** Whether the line is posted already, by settlements or the feeder's comparison: money of charges moves with the bill only. */
export const isSettled = ({ item }: BillLine): boolean => item !== 'fixed' && item !== 'percentage';

export function energyLines({ settlement: { mspId, slots }, vat }: Pick<BilledDay, 'settlement' | 'vat'>): BillLine[] {
    return slots.flatMap((slot) => slotLines(slot, (item) => rateOf(vat, SELLERS[item], mspId)));
}

type Rate = (item: EnergyItem) => bigint;

function slotLines(settled: SlotSettlement, rate: Rate): BillLine[] {
    const { slot, prices, bought, sold, paid, earned, deviation, contracted = 0n } = settled;
    const short = 0n - deviation;
    const used = withFees(settled);
    const line = (item: EnergyItem, energy: bigint, worth: bigint): BillLine[] =>
        energy <= 0n ? [] : [energyLine(slot, item, energy, worth, rate(item))];
    if (settled.scheduled === true) {
        return [
            ...line('scheduledSale', sold, earned),
            ...line('scheduledPurchase', bought, paid),
            ...line('imbalanceLong', deviation, deviation * prices.feedIn),
            ...line('imbalanceShort', short, short * prices.retail),
            ...line('contractGiven', contracted, 0n),
            ...line('contractTaken', 0n - contracted, 0n),
        ];
    }
    return [
        ...line('localSale', sold, earned),
        ...line('localPurchase', bought, paid),
        ...line('gridFee', used, used * prices.gridFee),
        ...line('communityFee', used, used * prices.communityFee),
        ...line('feedIn', deviation, deviation * prices.feedIn),
        ...line('retail', short, short * prices.retail),
        ...line('contractGiven', contracted, 0n),
        ...line('contractTaken', 0n - contracted, 0n),
    ];
}

/** `worth` is energy × price: earned for the two items that are sold, paid for the others. */
function energyLine(slot: Slot, item: EnergyItem, energy: bigint, worth: bigint, vatPpm: bigint): BillLine {
    return {
        item,
        price: worth % energy === 0n ? microsPerKwh(worth / energy) : undefined,
        energy: netEnergy(energy),
        amount: nanos(SELLERS[item] === 'household' ? worth : 0n - worth),
        rounds: [slot],
        seller: SELLERS[item],
        vatPpm,
    };
}

/** The supplier delivered what was lost, so that the line bears its rate of tax. */
function lossLines({ settlement: { mspId }, vat, losses = nanos(0n) }: BilledDay): BillLine[] {
    return losses === 0n
        ? []
        : [{ ...moneyLine('losses', 'supplier', rateOf(vat, 'supplier', mspId)), amount: losses, days: 1 }];
}

function fixedLines({ settlement: { day, mspId }, charges, vat, meters }: BilledDay): BillLine[] {
    return charges
        .filter((charge): charge is FixedCharge => charge.kind === 'fixed')
        .map(({ id, payee, every, perMeter, amountNanos }) => ({
            ...chargeLine('fixed', id, payee, rateOf(vat, payee, mspId)),
            amount: negated(nanos(shareOfDay(amountNanos, every, day) * BigInt(perMeter ? meters : 1))),
            days: 1,
        }));
}

interface DayLines {
    readonly day: Pick<BilledDay, 'settlement' | 'charges' | 'vat'>;
    readonly lines: readonly BillLine[];
}

/** A percentage is taken once of all days that have it at the same rates, so that a bill rounds it once. */
export function percentageLines(days: readonly DayLines[]): BillLine[] {
    const bases = new Map<string, { readonly line: BillLine; readonly base: bigint }>();
    for (const { day, lines } of days) {
        for (const charge of day.charges.filter((each): each is PercentageCharge => each.kind === 'percentage')) {
            const { id, payee, ppm } = charge;
            const line = { ...chargeLine('percentage', id, payee, rateOf(day.vat, payee, day.settlement.mspId)), ppm };
            const known = bases.get(keyOf(line)) ?? { line: { ...line, days: 0 }, base: 0n };
            bases.set(keyOf(line), {
                line: { ...known.line, days: (known.line.days ?? 0) + 1 },
                base: known.base + baseOf(charge, lines),
            });
        }
    }
    return [...bases.values()].map(({ line, base }) => ({
        ...line,
        amount: negated(percentageOf(nanos(base), line.ppm ?? 0n)),
    }));
}

/** What is paid for the items that the percentage is taken of. */
function baseOf({ of }: PercentageCharge, lines: readonly BillLine[]): bigint {
    const items: readonly string[] = CHARGEABLE.filter((item) => of.includes(item)).flatMap((item) => [
        item,
        ...(SCHEDULED_AS[item] ?? []),
    ]);
    return negated(total(lines.filter(({ item }) => items.includes(item)).map(({ amount }) => amount)));
}

const chargeLine = (item: 'fixed' | 'percentage', charge: string, seller: Seller, vatPpm: bigint): BillLine => ({
    ...moneyLine(item, seller, vatPpm),
    charge,
});

/** Money without energy. */
const moneyLine = (item: BillItem, seller: Seller, vatPpm: bigint): BillLine => ({
    item,
    price: undefined,
    energy: NO_ENERGY,
    amount: nanos(0n),
    rounds: [],
    seller,
    vatPpm,
});

/** Lines of one key are one line. */
function keyOf({ item, charge = '', ppm, seller, price, vatPpm }: BillLine): string {
    return [item, charge, ppm ?? '', seller, price ?? 'none', vatPpm].map(String).join(' ');
}

const joined = (line: BillLine, next: BillLine): BillLine => ({
    ...line,
    energy: plus(line.energy, next.energy),
    amount: plus(line.amount, next.amount),
    rounds: [...line.rounds, ...next.rounds],
    ...(line.days === undefined ? {} : { days: line.days + (next.days ?? 0) }),
});

/** By item, price (lines without one last), charge, and then what else their keys say, which never ties. */
function inOrder(a: BillLine, b: BillLine): number {
    return (
        BILL_ITEMS.indexOf(a.item) - BILL_ITEMS.indexOf(b.item) ||
        comparePrices(a.price, b.price) ||
        compareStrings(a.charge ?? '', b.charge ?? '') ||
        compareBigints(a.vatPpm, b.vatPpm) ||
        compareStrings(keyOf(a), keyOf(b))
    );
}

function comparePrices(a: MicrosPerKwh | undefined, b: MicrosPerKwh | undefined): number {
    return a === undefined || b === undefined
        ? Number(a === undefined) - Number(b === undefined)
        : compareBigints(a, b);
}
