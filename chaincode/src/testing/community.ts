import { keyName, orderKey, readingKey } from '../api/keys';
import type { Application, OrderRecord, ReadingRecord, Span } from '../api/records';
import { commitmentStatement, monitorStatement, ownerStatement, spanStatement } from '../api/statements';
import {
    TRANSACTIONS,
    type ArgsOf,
    type QueryName,
    type ResponseOf,
    type SubmitName,
    type TransactionName,
} from '../api/transactions';
import { decode, encode, encodeBytes } from '../api/wire';
import { sha256Hex } from '../domain/digest';
import { parseRefusal, type RefusalCode } from '../domain/refusals';
import { REVEAL_SECONDS } from '../domain/tariff/terms';
import { testKey, testSalt, type TestKey } from './identities';
import { MemoryNetwork, type Request, type Simulated } from './memory-network';
import type { Code } from './world-state';

export const DSO = 'DSOMSP';
/** The first day of the community's market, local time UTC+1. */
export const DAY = '2014-10-03';
/** Its first slot: 2014-10-02T23:00Z. */
export const FIRST = 1_412_290_800 / 900;
/** A moment long after the day: it is replayed. */
export const NOW = 1_420_070_400;
export const OPERATOR_KEY = testKey('DSO owner');

export const household = (n: number): string => `H${n}MSP`;
export const ownerKey = (mspId: string): TestKey => testKey(`${mspId} owner`);
export const meterKey = (mspId: string): TestKey => testKey(`${mspId} meter`);

export interface OrderShape {
    readonly mspId: string;
    readonly slot: number;
    readonly id?: string;
    readonly side?: 'buy' | 'sell';
    readonly energyWh?: bigint;
    readonly limit?: bigint | null;
}

/** A signed order. `change` is applied before signing. */
export function order(
    shape: OrderShape,
    change: Partial<OrderRecord> = {},
    signer = ownerKey(shape.mspId),
): OrderRecord {
    const { mspId, slot, id = 'o1', side = 'buy', energyWh = 500n, limit = 200_000n } = shape;
    const key = keyName(orderKey(slot, mspId, id));
    const unsigned = { key, version: 1, mspId, slot, id, side, energyWh, limit, salt: testSalt(key), ...change };
    return { ...unsigned, signature: signer.sign(ownerStatement(unsigned)) };
}

type Commitment = ArgsOf<'auction:submitOrders'>['orders'][number];

/** What the channel gets to know of an order, signed by its owner. */
export function commitment(given: OrderRecord, signer = ownerKey(given.mspId)): Commitment {
    const { slot, id, mspId } = given;
    const hash = sha256Hex(encodeBytes(given));
    return { slot, id, hash, signature: signer.sign(commitmentStatement({ slot, mspId, id, hash })) };
}

export interface Registers {
    readonly consumption: readonly [bigint, bigint];
    readonly generation?: readonly [bigint, bigint];
}

/** Registers over slots, signed by the household's meter. */
export function span(
    mspId: string,
    fromSlot: number,
    { consumption, generation = [0n, 0n] }: Registers,
    {
        slots = 1,
        meterId = 'm1',
        signer = meterKey(mspId),
    }: { slots?: number; meterId?: string; signer?: TestKey } = {},
): Span {
    const pair = ([startWh, endWh]: readonly [bigint, bigint]): { startWh: bigint; endWh: bigint } => ({
        startWh,
        endWh,
    });
    const unsigned = { meterId, fromSlot, slots, consumption: pair(consumption), generation: pair(generation) };
    return { ...unsigned, signature: signer.sign(spanStatement(mspId, unsigned)) };
}

/** A signed reading. `change` is applied before its owner signs. */
export function reading(
    mspId: string,
    slot: number,
    netWh: bigint,
    spans: readonly Span[],
    change: Partial<ReadingRecord> = {},
    signer = ownerKey(mspId),
): ReadingRecord {
    const key = keyName(readingKey(mspId, DAY, slot));
    const { version = 1 } = change;
    const unsigned = {
        key,
        version,
        mspId,
        slot,
        kind: 'register' as const,
        netWh,
        spans: [...spans],
        salt: testSalt(`${key} ${version}`),
        ...change,
    };
    return { ...unsigned, signature: signer.sign(ownerStatement(unsigned)) };
}

/** Readings of consecutive slots with registers that run on: negative is consumption. */
export function readings(mspId: string, fromSlot: number, nets: readonly bigint[], day = DAY): ReadingRecord[] {
    let [consumed, generated] = [1_000n, 1_000n];
    return nets.map((netWh, i) => {
        const before = [consumed, generated] as const;
        consumed += netWh < 0n ? -netWh : 0n;
        generated += netWh > 0n ? netWh : 0n;
        const registers: Registers = { consumption: [before[0], consumed], generation: [before[1], generated] };
        const slot = fromSlot + i;
        return reading(mspId, slot, netWh, [span(mspId, slot, registers)], {
            key: keyName(readingKey(mspId, day, slot)),
        });
    });
}

export const askedOf = (given: readonly ReadingRecord[]): ArgsOf<'metering:recordReadings'>['slots'] =>
    given.map(({ slot, version, kind, reason }) => ({ slot, version, kind, reason }));

export function application(mspId: string, change: Partial<Application> = {}, signer = meterKey(mspId)): Application {
    const report = { monitor: 'm1', mspId, slot: Math.floor(NOW / 900) - 1 };
    return {
        mspId,
        point: { latitude: 45_070_000n, longitude: 7_680_000n },
        connectionId: `IT001E${mspId}`,
        gridConnections: 1,
        consumes: true,
        meterNumbers: [`number of ${mspId}`],
        generationMeter: `virtual meter of ${mspId}`,
        generators: [{ id: 'pv1', kind: 'pv', peakW: 5_000n, commonProperty: true }],
        monitor: { meterId: 'm1', slot: report.slot, signature: signer.sign(monitorStatement(report)) },
        salt: testSalt(mspId),
        ...change,
    };
}

type Asked = ArgsOf<'community:admit'>['applications'][number];

export function asked(mspId: string, change: Partial<Asked> = {}): Asked {
    return {
        mspId,
        ownerKey: ownerKey(mspId).publicKey,
        meters: [{ id: 'm1', key: meterKey(mspId).publicKey, modulusWh: 1_000_000n }],
        importLimitW: 6_000n,
        exportLimitW: 4_000n,
        prosumer: true,
        fromDay: '2014-10-01',
        ...change,
    };
}

export const FOUNDING: ArgsOf<'community:establish'> = {
    name: 'Test community',
    clock: [{ fromSlot: 0, offsetMinutes: 60 }],
    area: {
        polygon: [
            { latitude: 45_000_000n, longitude: 7_600_000n },
            { latitude: 45_000_000n, longitude: 7_700_000n },
            { latitude: 45_100_000n, longitude: 7_700_000n },
            { latitude: 45_100_000n, longitude: 7_600_000n },
        ],
        feeders: ['F1'],
    },
    gridConnections: 1,
    rules: {
        currency: 'EUR',
        minorUnitNanos: 10_000_000n,
        replayAllowed: true,
        monitorMaxAgeSlots: 8,
        readingDeadlineSlots: 96,
        voidDeadlineSlots: 8,
        openAheadDays: 7,
    },
    roles: { dso: DSO, operator: DSO, supplier: DSO },
    operatorKey: OPERATOR_KEY.publicKey,
};

export const TERMS: ArgsOf<'tariffs:schedule'> = {
    fromDay: '2014-10-01',
    toDay: null,
    retail: 300_000n,
    feedIn: 80_000n,
    gridFee: 40_000n,
    communityFee: 30_000n,
    floor: 0n,
    cap: 500_000n,
    k: { numerator: 1n, denominator: 2n },
    gateSlots: 2,
};

export const COMMITTEE: ArgsOf<'committee:appoint'> = {
    fromSlot: FIRST - 96,
    seats: [household(1), household(2)].map((mspId) => ({ mspId, weight: 1n })),
    quorum: { numerator: 1n, denominator: 2n },
};

/** Who closes and clears rounds. */
export const SEATS: readonly [string, string] = [household(1), household(2)];

interface Options {
    readonly by?: string;
    readonly endorsers?: readonly string[];
    readonly transient?: Readonly<Record<string, unknown>>;
    readonly time?: number;
}

/** A community on a channel in memory, and everybody in it. */
export class TestCommunity {
    readonly network: MemoryNetwork;
    readonly households: readonly string[];
    readonly #kept = new Map<number, readonly OrderRecord[]>();

    constructor(size: number, network?: MemoryNetwork) {
        this.households = Array.from({ length: size }, (_, i) => household(i + 1));
        this.network = network ?? new MemoryNetwork(DSO, this.households);
    }

    /** The same community on a channel of its own from now on, for a test that begins at one state many times. */
    forked(): TestCommunity {
        return new TestCommunity(this.households.length, this.network.forked());
    }

    /** Established, with members, terms and a committee of the first two households, who decide together. */
    static async governed(
        size: number,
        {
            replayAllowed = true,
            fromDay = '2014-10-01',
            fromSlot = FIRST - 96,
            members = size,
            terms = TERMS,
            coverRequired = false,
            founding = FOUNDING,
            connection = {},
        } = {},
    ): Promise<TestCommunity> {
        const community = new TestCommunity(size);
        const admitted = community.households.slice(0, members);
        await community.establish({ ...founding, rules: { ...founding.rules, replayAllowed, coverRequired } });
        await community.submit(
            'community:admit',
            { applications: admitted.map((mspId) => asked(mspId, { fromDay, ...connection })) },
            { transient: { applications: admitted.map((mspId) => application(mspId)) } },
        );
        await community.submit('tariffs:schedule', { ...terms, fromDay });
        await community.submit('committee:appoint', { ...COMMITTEE, fromSlot });
        return community;
    }

    /** As governed, with the day open as a replay. `members` of the organisations on the channel are admitted. */
    static async trading(
        size: number,
        { members = size, terms = TERMS, coverRequired = false, founding = FOUNDING } = {},
    ): Promise<TestCommunity> {
        const community = await TestCommunity.governed(size, { members, terms, coverRequired, founding });
        await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
        return community;
    }

    establish(founding = FOUNDING): Promise<Code> {
        return this.submit('community:establish', founding);
    }

    endorse<N extends TransactionName>(name: N, args: ArgsOf<N>, options: Options = {}): Promise<Simulated> {
        return this.network.endorse(name, [encode(args)], this.#request(options));
    }

    /** Endorse, commit, and expect it to be valid unless said otherwise. */
    async submit<N extends SubmitName>(name: N, args: ArgsOf<N>, options: Options = {}): Promise<Code> {
        const code = this.network.commit(await this.endorse(name, args, options), this.#request(options).endorsers);
        if (code !== 'VALID') {
            throw new Error(`${name} is ${code}`);
        }
        return code;
    }

    async query<N extends QueryName>(name: N, args: ArgsOf<N>, options: Options = {}): Promise<ResponseOf<N>> {
        const text = await this.network.evaluate(name, [encode(args)], this.#request(options));
        return decode(TRANSACTIONS[name].response, text) as ResponseOf<N>;
    }

    /** The code of the refusal; anything else that happens is thrown, a refusal after a write too. */
    async refusal(name: TransactionName, args: unknown, options: Options = {}): Promise<RefusalCode> {
        const texts = typeof args === 'string' ? [args] : [encode(args)];
        const error = await this.network.endorse(name, texts, this.#request(options)).then(
            () => new Error(`${name} was not refused`),
            (thrown: unknown) => thrown,
        );
        const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
        if (refusal === undefined) {
            throw error;
        }
        const listed: readonly RefusalCode[] = TRANSACTIONS[name].refusals;
        if (!listed.includes(refusal.code)) {
            throw new Error(`${refusal.code} is not in the catalogue of ${name}`);
        }
        if (this.network.hasWritten) {
            throw new Error(`${name} was refused with ${refusal.code} after it had written`);
        }
        return refusal.code;
    }

    submitOrder(shape: OrderShape): Promise<Code> {
        return this.commitTo(order(shape));
    }

    /** Submits a commitment to the order, which its owner keeps: see `orders`. */
    commitTo(given: OrderRecord, time = NOW): Promise<Code> {
        const { mspId, slot } = given;
        this.#kept.set(slot, [...this.orders(slot).filter(({ key }) => key !== given.key), given]);
        const asked = { orders: [commitment(given)] };
        return this.submit('auction:submitOrders', asked, { by: mspId, endorsers: [mspId, DSO], time });
    }

    /** The orders of a slot as their owners keep them. */
    orders(slot: number): readonly OrderRecord[] {
        return [...(this.#kept.get(slot) ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));
    }

    closeRound(slot: number, time = NOW): Promise<Code> {
        return this.submit('auction:closeRound', { slot }, { by: SEATS[0], endorsers: SEATS, time });
    }

    /** The orders' owners open them to the committee, seats first. */
    async revealOrders(openings: readonly OrderRecord[], to = SEATS, time = NOW): Promise<void> {
        const seatsFirst = [...openings].sort((a, b) => Number(to.includes(b.mspId)) - Number(to.includes(a.mspId)));
        for (const opening of seatsFirst) {
            const { mspId: by, slot, id } = opening;
            const endorsers = [...new Set([by, ...to])];
            const asked = { orders: [{ slot, id }], to: [...to] };
            await this.submit('auction:revealOrders', asked, {
                by,
                endorsers,
                transient: { openings: [opening] },
                time,
            });
        }
    }

    callReveals(slot: number, time = NOW): Promise<Code> {
        return this.submit('auction:callReveals', { slot }, { by: SEATS[0], endorsers: SEATS, time });
    }

    /** Reveals these orders, or all that were kept, and clears the round without the others, once the time for them is over. */
    async clearRound(slot: number, openings = this.orders(slot), time = NOW): Promise<Code> {
        await this.revealOrders(openings, SEATS, time);
        const { closed = [] } = await this.query('auction:round', { slot });
        const isCalled = closed.length > openings.length;
        if (isCalled) {
            await this.callReveals(slot, time);
        }
        const end = isCalled ? time + REVEAL_SECONDS : time;
        const options = { by: SEATS[0], endorsers: SEATS, transient: { openings }, time: end };
        return this.submit('auction:clearRound', { slot }, options);
    }

    recordReadings(mspId: string, given: readonly ReadingRecord[]): Promise<Code> {
        return this.submit(
            'metering:recordReadings',
            { mspId, slots: askedOf(given) },
            { by: mspId, endorsers: [mspId, DSO], transient: { readings: given } },
        );
    }

    #request({ by = DSO, endorsers, transient = {}, time = NOW }: Options): Request {
        return { by, endorsers: endorsers ?? [DSO, ...this.households], transient, time };
    }
}
