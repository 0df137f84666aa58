import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
    Charter,
    OrderMarker,
    OrderRecord,
    ReadingMarker,
    ReadingRecord,
} from '@commonwatt/chaincode/api/records';
import { connectionProfile } from '@commonwatt/network/topology/connection-profile';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import { tradeDay } from '../community/trade';
import { openConnection } from '../gateway/connection';
import { hashOf } from '../household/records';
import { figuresOf, secretsIn, shared, storedBelow, textsIn, union, without } from '../testing/secrecy/secrets';
import { tappedNetwork, type TappedNetwork } from '../testing/secrecy/tapped-network';
import { HOMES, netWh, unmistakableCommunity, unmistakableDay } from '../testing/secrecy/unmistakable-day';
import type { DayResult } from '../day/trading-day';
import type { OwnerKeys } from '../household/keys';
import { Accounts, type Money } from './accounts';
import { Auction } from './auction';
import { Metering } from './metering';
import type { TypedCalls } from './typed-calls';

interface Secrets {
    readonly orders: ReadonlySet<string>;
    /** Readings, settlement, bill, account of money and what was paid in. */
    readonly others: ReadonlySet<string>;
}

const DSO = 'DSOMSP';
const homes = Array.from({ length: HOMES }, (_, i) => `H${i + 1}`);
const metered = unmistakableDay();

let network: TappedNetwork;
let secrets: ReadonlyMap<string, Secrets>;
let seats: ReadonlySet<string>;
/** The whole channel as any member's client gets it: arguments, responses, events, what is read and written. */
let channel: Buffer;
let sample: { readonly orders: OrderRecord[]; readonly markers: OrderMarker[]; readonly readings: ReadingRecord[] };
let readingMarkers: ReadingMarker[];
let day: DayResult;
let posted: ReadonlySet<string>;
let accounts: ReadonlyMap<string, Money>;

const money = (home: string): Money => accounts.get(home) ?? fail(home);

function fail(what: string): never {
    throw new Error(`there is no ${what}`);
}

/** For a facade of accounts. */
const partsOf = (id: string): [TypedCalls, OwnerKeys, Charter] => {
    const { calls, keys } = network.members.member(id);
    return [calls, keys, network.charter];
};

beforeAll(async () => {
    network = await tappedNetwork(unmistakableCommunity(10_400));
    const { members, charter } = network;
    const result = await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
    expect(result.refusedOrders).toEqual([]);
    // The price of a round is public, and at the margin it is somebody's limit: whose, nobody is told.
    const prices = new Set(result.rounds.map(({ price }) => String(price)));
    day = result;
    // So is everything about a contract with storage, which is an offer to everybody.
    const escrows = await members.operator.calls.query('accounts:escrows', {});
    // And so is what all contracts of the day come to, which the storage system's bill says, too.
    posted = figuresOf(result.contracts, escrows, result.totals.sums?.given.receivedWh ?? []);
    accounts = new Map(
        await Promise.all(homes.map(async (home) => [home, await new Accounts(...partsOf(home)).money()] as const)),
    );
    secrets = new Map(
        await Promise.all(
            result.households.map(async ({ home, mspId, settlement, bill, orders }) => {
                const last = metered.firstSlot + metered.slotCount - 1;
                const readings = await new Metering(members.member(home).calls).ownReadings(metered.firstSlot, last);
                return [
                    mspId,
                    {
                        orders: without(secretsIn(...orders), prices),
                        others: without(
                            secretsIn(...readings, settlement, ...(bill === undefined ? [] : [bill]), money(home)),
                            posted,
                        ),
                    },
                ] as const;
            }),
        ),
    );
    seats = new Set(charter.committees.flatMap((committee) => committee.seats.map(({ mspId }) => mspId)));
    const { calls } = members.member('H8');
    const slot = metered.firstSlot + 40;
    sample = {
        orders: await new Auction(calls).ownOrders(slot),
        markers: (await new Auction(calls).orderMarkers(slot)).filter(({ mspId }) => mspId === calls.mspId),
        readings: await new Metering(calls).ownReadings(slot, slot),
    };
    readingMarkers = (await new Metering(calls).markers(metered.day)).filter((marker) => marker.slot === slot);
    channel = await blocksAsSeenBy('H8');
    await network.halt();
}, 600_000);

afterAll(() => network.remove(), 60_000);

async function blocksAsSeenBy(member: string): Promise<Buffer> {
    const { topology } = network.members;
    const connection = openConnection(connectionProfile(topology, network.layout, member));
    const height = Math.min(...(await peerDigests(topology, network.layout)).map((each) => each.height));
    const events = await connection.gateway.getNetwork(topology.channel).getBlockEvents({ startBlock: 0n });
    const blocks: Uint8Array[] = [];
    for await (const block of events) {
        blocks.push(block.serializeBinary());
        if ((block.getHeader()?.getNumber() ?? 0) >= height - 1) {
            break;
        }
    }
    events.close();
    connection.close();
    return Buffer.concat(blocks);
}

const of = (mspId: string): Secrets => secrets.get(mspId) ?? { orders: new Set(), others: new Set() };
const everything = (): Set<string> => union(...[...secrets.values()].flatMap(({ orders, others }) => [orders, others]));
const allOrders = (): Set<string> => union(...[...secrets.values()].map(({ orders }) => orders));

/** What may lie at, or reach, an organisation's peer when the day is over. */
function permittedAt(mspId: string): Set<string> {
    if (mspId === DSO) {
        return everything();
    }
    const own = union(of(mspId).orders, of(mspId).others);
    return seats.has(mspId) ? union(own, allOrders()) : own;
}

describe('the figures of the day', () => {
    it('are many, and the orders of each household are its own alone', () => {
        for (const [mspId, { orders, others }] of secrets) {
            // An energy, a salt and a signature for each of 96 orders; more for readings and what follows from them.
            expect(orders.size).toBeGreaterThanOrEqual(3 * 96);
            expect(others.size).toBeGreaterThan(5 * 96);
            const foreign = union(...[...secrets].filter(([id]) => id !== mspId).map(([, each]) => each.orders));
            expect(shared(orders, foreign)).toEqual([]);
        }
    });

    it('are of a day with everything that a community may have', () => {
        expect(day.contracts.purchases.map(({ status }) => status)).toContain('confirmed');
        expect(day.feeder?.record).toMatchObject({ fits: true, payer: 'grid' });
        expect(day.households.map(({ paid }) => paid)).toEqual(homes.map(() => 'paid'));
        for (const home of homes) {
            const { turnover, availableNanos } = accounts.get(home)?.account ?? {};
            expect(turnover?.depositedNanos).toBeGreaterThan(10n ** 12n);
            expect(of(`${home}MSP`).others).toContain(String(availableNanos));
            expect(of(`${home}MSP`).others).toContain(String(turnover?.billedNanos).replace('-', ''));
        }
        // What is posted tells of nobody's readings: the storage moves less than any home does.
        for (const { mspId, orders } of day.households) {
            expect([mspId, shared(posted, secretsIn(...orders))]).toEqual([mspId, []]);
        }
    });

    it('are found where they may be: at their owner and, after settlement, at the grid operator', async () => {
        for (const home of ['H1', 'H8']) {
            const { orders, others } = of(`${home}MSP`);
            const [own, operator] = await Promise.all(
                [home, 'DSO'].map(async (at) => textsIn(await storedBelow(network.layout.ledger(at)))),
            );
            expect(without(union(orders, others), own ?? new Set())).toEqual(new Set());
            expect(without(others, operator ?? new Set())).toEqual(new Set());
        }
    }, 300_000);
});

describe('nobody else finds a quantity, a limit, a fill, a balance or a bill', () => {
    it('in blocks, which hold arguments, responses and events', () => {
        expect(channel.length).toBeGreaterThan(100_000);
        expect(shared(everything(), textsIn(channel))).toEqual([]);
    });

    it('in any log', () => {
        const folder = network.layout.logs;
        const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
        expect(logs.length).toBeGreaterThan(2);
        expect(shared(everything(), textsIn(Buffer.concat(logs)))).toEqual([]);
    });

    it.each(homes)(
        "in the databases of %s's peer, except openings where it has a seat",
        async (home) => {
            const stored = textsIn(await storedBelow(network.layout.ledger(home)));
            expect(shared(without(everything(), permittedAt(`${home}MSP`)), stored)).toEqual([]);
        },
        300_000,
    );

    it('in other spellings: salts as bytes, energies as eight bytes, records in base64', () => {
        const [order] = sample.orders;
        const spellings = [
            Buffer.from(order?.salt ?? '', 'hex'),
            Buffer.from(order?.salt ?? '', 'hex').toString('base64'),
            Buffer.from(JSON.stringify(order?.salt)).toString('base64').slice(4, -4),
            Buffer.from(`"energyWh":"${String(order?.energyWh)}"`),
        ];
        expect(order?.energyWh).toBe(0n - netWh(8, 40));
        for (const spelling of spellings) {
            expect(spelling.length).toBeGreaterThan(10);
            expect(channel.includes(spelling)).toBe(false);
        }
    });
});

describe('private inputs', () => {
    it('reach the endorsers of parties alone', () => {
        const received = network.received().filter(({ transient }) => transient !== '');
        expect(received.length).toBeGreaterThan(100);
        for (const { mspId, transaction, transient } of received) {
            const foreign = shared(without(everything(), permittedAt(mspId)), textsIn(Buffer.from(transient)));
            expect([mspId, transaction, foreign]).toEqual([mspId, transaction, []]);
        }
    });

    it('of orders never reach the grid operator before the settlement', () => {
        const auction = network.received().filter(({ transaction }) => transaction.startsWith('auction:'));
        const to = (mspId: string): string =>
            auction
                .filter((each) => each.mspId === mspId)
                .map(({ transient }) => transient)
                .join('');
        expect(to('H1MSP')).toContain('"energyWh"');
        expect(to(DSO)).toBe('');
    });

    it('are there at every owner, so that the tap is known to hear', () => {
        for (const home of homes) {
            const texts = network
                .received()
                .filter(({ mspId }) => mspId === `${home}MSP`)
                .map(({ transient }) => transient);
            expect(shared(of(`${home}MSP`).orders, textsIn(Buffer.from(texts.join(' '))))).not.toEqual([]);
        }
    });
});

describe('guessing from a public hash', () => {
    it('the energy of an order: every one in question fails without the salt, and one succeeds with it', () => {
        const [order, marker] = [sample.orders[0], sample.markers[0]];
        const guesses = Array.from({ length: 1_000 }, (_, i) => BigInt(i) * 1_000n + 137n);
        const hits = (salt: string): bigint[] =>
            guesses.filter((energyWh) => hashOf({ ...order, energyWh, salt }) === marker?.hash);
        expect(hits('00'.repeat(32))).toEqual([]);
        expect(hits('')).toEqual([]);
        expect(hits(hashOf({ mspId: order?.mspId, slot: order?.slot }))).toEqual([]);
        expect(hits(order?.salt ?? '')).toEqual([order?.energyWh]);
    });

    it('a reading: likewise', () => {
        const [reading, marker] = [sample.readings[0], readingMarkers[0]];
        const guesses = Array.from({ length: 1_000 }, (_, i) => 0n - (BigInt(i) * 1_000n + 137n));
        const hits = (salt: string): bigint[] =>
            guesses.filter((net) => hashOf({ ...reading, netWh: net, salt }) === marker?.hash);
        expect(hits('00'.repeat(32))).toEqual([]);
        expect(hits(reading?.salt ?? '')).toEqual([reading?.netWh]);
    });
});
