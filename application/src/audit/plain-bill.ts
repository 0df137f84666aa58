/**
 * What a household owes for a day, worked out from public prices and its own meter and fills, without any code of the
 * chaincode (design.md, "Money of a slot"). Wh × micros/kWh are nanos, so nothing is rounded before the bill's total.
 */
export interface PlainSlot {
    readonly slot: number;
    /** Metered: positive is towards the grid. */
    readonly netWh: bigint;
    readonly boughtWh: bigint;
    readonly soldWh: bigint;
    /** What the round or the schedule asks for the one and gives for the other, before fees. */
    readonly paidNanos: bigint;
    readonly earnedNanos: bigint;
    readonly retail: bigint;
    readonly feedIn: bigint;
    readonly gridFee: bigint;
    readonly communityFee: bigint;
    /** What the supplier alone would charge and pay, where deviations are at other prices: on a day that was scheduled. */
    readonly tariff?: { readonly retail: bigint; readonly feedIn: bigint } | undefined;
    /** Where something was given or taken under contracts with storage. */
    readonly contract?: PlainContract | undefined;
}

/** What a meter saw in a slot under contracts with storage. */
export interface PlainContract {
    /** Positive was given, negative taken. */
    readonly contractedWh: bigint;
    /** Taken by who uses it: the fees are due on it as on what is bought in a round. */
    readonly receivedWh: bigint;
    /** What the contracts cost or (negative) brought, by escrow: not on the bill. */
    readonly paidNanos: bigint;
    /** The meter is the storage system's: without contracts it would not have seen this energy. */
    readonly isStorage: boolean;
}

export interface PlainBill {
    readonly netWh: bigint;
    readonly boughtWh: bigint;
    readonly soldWh: bigint;
    /** Metered but not traded, each slot for itself; on a day that was scheduled what differs from it, which is the pool's. */
    readonly fromSupplierWh: bigint;
    readonly toSupplierWh: bigint;
    /** What the household pays; negative is what it is paid. */
    readonly nanos: bigint;
    /** `nanos` in hundredths of the currency, half to even. */
    readonly minorUnits: bigint;
    /** What contracts with storage cost it beside the bill; negative is what they brought. */
    readonly contractNanos: bigint;
    /** Under contracts: what its meter gave, and what it took. */
    readonly givenWh: bigint;
    readonly takenWh: bigint;
    /** What it would pay with the supplier's two tariffs alone. */
    readonly withoutMarketNanos: bigint;
    /** The gain against that in slots in which it bought, and in slots in which it only sold. In others there is none. */
    readonly savedNanos: bigint;
    readonly sellersGainNanos: bigint;
}

const NANOS_PER_MINOR_UNIT = 10_000_000n;

export function plainBill(slots: readonly PlainSlot[]): PlainBill {
    const sum = (of: (slot: PlainSlot) => bigint): bigint => slots.reduce((total, slot) => total + of(slot), 0n);
    const owed = (slot: PlainSlot): bigint => tradeNanos(slot) + supplierNanos(slot, deviationWh(slot));
    const beside = ({ contract }: PlainSlot): bigint => contract?.paidNanos ?? 0n;
    const alone = (slot: PlainSlot): bigint => supplierNanos(slot.tariff ?? slot, aloneWh(slot));
    const gain = (slot: PlainSlot): bigint => alone(slot) - owed(slot) - beside(slot);
    const hasBought = ({ boughtWh, contract }: PlainSlot): boolean =>
        boughtWh > 0n || (contract?.receivedWh ?? 0n) > 0n;
    const nanos = sum(owed);
    return {
        netWh: sum(({ netWh }) => netWh),
        boughtWh: sum(({ boughtWh }) => boughtWh),
        soldWh: sum(({ soldWh }) => soldWh),
        fromSupplierWh: sum((slot) => positive(-deviationWh(slot))),
        toSupplierWh: sum((slot) => positive(deviationWh(slot))),
        nanos,
        minorUnits: halfEven(nanos, NANOS_PER_MINOR_UNIT),
        contractNanos: sum(beside),
        givenWh: sum(({ contract }) => positive(contract?.contractedWh ?? 0n)),
        takenWh: sum(({ contract }) => positive(-(contract?.contractedWh ?? 0n))),
        withoutMarketNanos: sum(alone),
        savedNanos: sum((slot) => (hasBought(slot) ? gain(slot) : 0n)),
        sellersGainNanos: sum((slot) => (hasBought(slot) ? 0n : gain(slot))),
    };
}

/** Metered energy that was not traded: positive is given to the supplier, negative taken from it. */
function deviationWh({ netWh, boughtWh, soldWh, contract }: PlainSlot): bigint {
    return netWh - (soldWh - boughtWh) - (contract?.contractedWh ?? 0n);
}

/** What the meter would have seen without contracts. */
const aloneWh = ({ netWh, contract }: PlainSlot): bigint =>
    contract?.isStorage === true ? netWh - contract.contractedWh : netWh;

/** A kWh bought locally costs the round's price and both fees. */
function tradeNanos(slot: PlainSlot): bigint {
    const { boughtWh, soldWh, paidNanos, earnedNanos, gridFee, communityFee, contract } = slot;
    if ((boughtWh === 0n && paidNanos !== 0n) || (soldWh === 0n && earnedNanos !== 0n)) {
        throw new Error(`money was moved in slot ${slot.slot}, but no energy`);
    }
    return paidNanos - earnedNanos + (boughtWh + (contract?.receivedWh ?? 0n)) * (gridFee + communityFee);
}

function supplierNanos({ retail, feedIn }: Pick<PlainSlot, 'retail' | 'feedIn'>, wh: bigint): bigint {
    return wh < 0n ? -wh * retail : -wh * feedIn;
}

const positive = (n: bigint): bigint => (n > 0n ? n : 0n);

/** The nearest whole number; from the middle to the even one. */
export function halfEven(n: bigint, d: bigint): bigint {
    const magnitude = n < 0n ? -n : n;
    const [whole, rest] = [magnitude / d, magnitude % d];
    const up = rest * 2n > d || (rest * 2n === d && whole % 2n === 1n);
    const rounded = up ? whole + 1n : whole;
    return n < 0n ? -rounded : rounded;
}
