import type { BillEvidence } from '@commonwatt/application/server/schemas/bills';
import { maskContext } from '@commonwatt/chaincode/api/outcomes';
import { encode } from '@commonwatt/chaincode/api/wire';
import { maskOutcome } from '@commonwatt/chaincode/domain/auction/mask';
import { issueBill } from '@commonwatt/chaincode/domain/billing/bill';
import { cost, microsPerKwh, nanos, netEnergy, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { slot } from '@commonwatt/chaincode/domain/slot';

const FIRST = 1_938_624;
const DAY = '2025-04-16';
const MSP = 'H1MSP';
const PRICE = 150_000n;
const PRICES = { retail: 300_000n, feedIn: 80_000n, gridFee: 40_000n, communityFee: 30_000n };
const SALT = '5a'.repeat(32);
const ELEMENT = 'ab'.repeat(32);
const SIGNATURE = 'AAAA';
const ATTEMPT = 'ef'.repeat(32);
/** Short, long, short, nothing; some of the first two is traded. */
const NETS = [-500n, 400n, -250n, 0n] as const;
const FILLS = [
    { side: 'buy', fill: 300n },
    { side: 'sell', fill: 100n },
] as const;
const VAT = { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 70_000n, poolPpm: 0n, members: [] };
const CHARGES = [
    { kind: 'fixed', id: 'basic', payee: 'supplier', every: 'month', perMeter: false, amountNanos: 6_000_000_000n },
] as const;

const TERMS = {
    ...{ fromDay: '2010-01-01', toDay: null, ...PRICES, floor: 0n, cap: 500_000n, gateSlots: 1 },
    ...{ k: { numerator: 1n, denominator: 2n }, charges: CHARGES, vat: VAT },
};

const salted = { version: 1, mspId: MSP, salt: SALT, signature: SIGNATURE };

const orders = FILLS.map(({ side }, index) => ({
    ...salted,
    ...{ key: `order/${FIRST + index}`, slot: FIRST + index, id: 'o1', side, energyWh: 300n, limit: PRICE },
}));

const rounds = NETS.map((_, index) => {
    const [order, filled] = [orders[index], FILLS[index]];
    const round = { day: DAY, slot: FIRST + index, status: 'cleared', replay: true, charterVersion: 4 };
    const outcomes =
        order === undefined || filled === undefined
            ? []
            : [
                  {
                      order: `${MSP}/o1`,
                      masked: maskOutcome(maskContext(round, order, ATTEMPT), {
                          fill: wattHours(filled.fill),
                          amount: nanos(filled.fill * PRICE),
                          reason: 'FILLED',
                      }),
                  },
              ];
    return {
        ...round,
        ...{ mechanism: 'uniform-price/v1', attempt: ATTEMPT, outcomes },
        price: outcomes.length === 0 ? null : PRICE,
    };
});

const readings = NETS.map((netWh, index) => ({
    ...salted,
    ...{ key: `reading/${FIRST + index}`, slot: FIRST + index, kind: 'register', netWh },
    spans: [
        {
            ...{ meterId: 'main', fromSlot: FIRST + index, slots: 1, signature: SIGNATURE },
            consumption: { startWh: 1_000n, endWh: 1_000n + (netWh < 0n ? -netWh : 0n) },
            generation: { startWh: 0n, endWh: netWh > 0n ? netWh : 0n },
        },
    ],
}));

function traded(index: number, side: 'buy' | 'sell'): bigint {
    const [filled] = FILLS.slice(index, index + 1);
    return filled?.side === side ? filled.fill : 0n;
}

const settlement = settleDay(
    { day: DAY, first: slot(FIRST), count: NETS.length },
    MSP,
    NETS.map((netWh, index) => ({
        slot: slot(FIRST + index),
        prices: {
            retail: microsPerKwh(PRICES.retail),
            feedIn: microsPerKwh(PRICES.feedIn),
            gridFee: microsPerKwh(PRICES.gridFee),
            communityFee: microsPerKwh(PRICES.communityFee),
        },
        bought: wattHours(traded(index, 'buy')),
        sold: wattHours(traded(index, 'sell')),
        paid: cost(wattHours(traded(index, 'buy')), microsPerKwh(PRICE)),
        earned: cost(wattHours(traded(index, 'sell')), microsPerKwh(PRICE)),
        metered: netEnergy(netWh),
        estimated: false,
    })),
);

const settlementRecord = {
    ...salted,
    ...{ key: `settlement/${DAY}`, day: DAY, signedBy: 'owner', provisional: false, postings: [] },
    commitment: { layout: 'settlement/v1', element: ELEMENT },
    slots: NETS.map((netWh, index) => ({
        ...{ slot: FIRST + index, readingVersion: 1, readingKind: 'register', meteredWh: netWh },
        ...{ boughtWh: traded(index, 'buy'), soldWh: traded(index, 'sell') },
        ...{ paidNanos: traded(index, 'buy') * PRICE, earnedNanos: traded(index, 'sell') * PRICE },
    })),
};

const issued = issueBill(MSP, [{ settlement, charges: CHARGES, vat: VAT, meters: 1 }], 10_000_000n);

const billRecord = {
    ...salted,
    ...{ key: `bill/${MSP}`, from: DAY, to: DAY, signedBy: 'owner', provisional: false },
    lines: issued.lines.map(({ energy, amount, price = null, ...line }) => ({
        ...line,
        ...{ energyWh: energy, amountNanos: amount, price },
    })),
    taxes: issued.taxes.map(({ on, ppm, net, tax }) => ({ on, ppm, netNanos: net, taxMinor: tax })),
    ...{ settledNanos: 0n, balanceNanos: issued.balance, dueMinor: issued.due, postings: [] },
    commitment: { layout: 'bill/v1', element: ELEMENT },
};

const charter = {
    ...{ version: 4, name: 'Test', clock: [{ fromSlot: 0, offsetMinutes: 120 }], gridConnections: 1 },
    area: { polygon: [0n, 1n, 2n].map((n) => ({ latitude: n, longitude: n * n })), feeders: [] },
    rules: {
        ...{ currency: 'EUR', minorUnitNanos: 10_000_000n, replayAllowed: true, monitorMaxAgeSlots: 8 },
        ...{ readingDeadlineSlots: 8, voidDeadlineSlots: 8, openAheadDays: 1 },
    },
    ...{ roles: {}, operatorKey: SIGNATURE, terms: [TERMS], committees: [] },
    members: {
        [MSP]: {
            ...{ mspId: MSP, ownerKey: SIGNATURE, importLimitW: 9_000n, exportLimitW: 9_000n, prosumer: true },
            ...{ applicationHash: ELEMENT },
            meters: [{ id: 'main', key: SIGNATURE, modulusWh: 1_000_000_000n, fromSlot: 0, toSlot: null }],
            standings: [{ fromDay: '2010-01-01', status: 'active', recorded: { version: 1, slot: 0 } }],
        },
    },
};

const evidence = {
    ...{ id: DAY, mspId: MSP, bill: billRecord, charter, corrected: [] },
    days: [
        {
            ...{ day: DAY, first: FIRST, count: NETS.length, rounds, orders, readings, settlement: settlementRecord },
            ...{ corrections: [], billed: 0, schedule: null, lossesNanos: 0n },
            contracts: { attestations: [], contracts: [], purchases: [] },
        },
    ],
};

type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
type Bill = Mutable<BillEvidence['bill']>;
type Day = Mutable<BillEvidence['days'][number]>;

/** A bill of four slots with all that it follows from, made by the chaincode's own rules; whatever a test wants is then changed. */
export class PlainEvidence {
    readonly first = FIRST;
    readonly #evidence = JSON.parse(encode(evidence)) as Mutable<BillEvidence>;

    get bill(): Bill {
        return this.#evidence.bill;
    }

    json(): BillEvidence {
        return this.#evidence;
    }

    line(index: number): Bill['lines'][number] {
        return there(this.bill.lines[index]);
    }

    reading(index: number): Day['readings'][number] {
        return there(this.#day.readings[index]);
    }

    removeReading(index: number): void {
        this.#day.readings.splice(index, 1);
    }

    order(index: number): Day['orders'][number] {
        return there(this.#day.orders[index]);
    }

    settledSlot(index: number): NonNullable<Day['settlement']>['slots'][number] {
        return there(this.#day.settlement?.slots[index]);
    }

    get #day(): Day {
        return there(this.#evidence.days[0]);
    }
}

function there<T>(found: T | undefined): T {
    if (found === undefined) {
        throw new Error('there is nothing of that number');
    }
    return found;
}
