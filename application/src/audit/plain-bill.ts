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
    /** What the round asks for the one and gives for the other, before fees. */
    readonly paidNanos: bigint;
    readonly earnedNanos: bigint;
    readonly retail: bigint;
    readonly feedIn: bigint;
    readonly gridFee: bigint;
    readonly communityFee: bigint;
}

export interface PlainBill {
    readonly netWh: bigint;
    readonly boughtWh: bigint;
    readonly soldWh: bigint;
    /** Metered but not traded, each slot for itself. */
    readonly fromSupplierWh: bigint;
    readonly toSupplierWh: bigint;
    /** What the household pays; negative is what it is paid. */
    readonly nanos: bigint;
    /** `nanos` in hundredths of the currency, half to even. */
    readonly minorUnits: bigint;
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
    const gain = (slot: PlainSlot): bigint => supplierNanos(slot, slot.netWh) - owed(slot);
    const nanos = sum(owed);
    return {
        netWh: sum(({ netWh }) => netWh),
        boughtWh: sum(({ boughtWh }) => boughtWh),
        soldWh: sum(({ soldWh }) => soldWh),
        fromSupplierWh: sum((slot) => positive(-deviationWh(slot))),
        toSupplierWh: sum((slot) => positive(deviationWh(slot))),
        nanos,
        minorUnits: halfEven(nanos, NANOS_PER_MINOR_UNIT),
        withoutMarketNanos: sum((slot) => supplierNanos(slot, slot.netWh)),
        savedNanos: sum((slot) => (slot.boughtWh > 0n ? gain(slot) : 0n)),
        sellersGainNanos: sum((slot) => (slot.boughtWh > 0n ? 0n : gain(slot))),
    };
}

/** Metered energy that was not traded: positive is given to the supplier, negative taken from it. */
function deviationWh({ netWh, boughtWh, soldWh }: PlainSlot): bigint {
    return netWh - (soldWh - boughtWh);
}

/** A kWh bought locally costs the round's price and both fees. */
function tradeNanos(slot: PlainSlot): bigint {
    const { boughtWh, soldWh, paidNanos, earnedNanos, gridFee, communityFee } = slot;
    if ((boughtWh === 0n && paidNanos !== 0n) || (soldWh === 0n && earnedNanos !== 0n)) {
        throw new Error(`money was moved in slot ${slot.slot}, but no energy`);
    }
    return paidNanos - earnedNanos + boughtWh * (gridFee + communityFee);
}

function supplierNanos({ retail, feedIn }: PlainSlot, wh: bigint): bigint {
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
