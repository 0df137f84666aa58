import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ArgsOf, SubmitName } from '../../api/transactions';
import * as record from '../../api/records';
import { encodeBytes } from '../../api/wire';
import {
    asked,
    askedOf,
    commitment,
    DAY,
    DSO,
    FIRST,
    household,
    order,
    readings,
    SEATS,
    TestCommunity,
} from '../../testing/community';
import { compositeKey } from '../../testing/memory-network';
import { placeOf } from '../../testing/memory-stub';

const HOUSEHOLDS = 500;
const SLOT = FIRST + 50;

interface Sent<N extends SubmitName> {
    readonly name: N;
    readonly args: ArgsOf<N>;
    readonly by: string;
    readonly endorsers: readonly string[];
    readonly transient?: Record<string, unknown>;
}

let community: TestCommunity;

/** All are endorsed on one and the same state, then ordered: the later half first, so that no order helps. */
async function atOnce(sent: readonly Sent<SubmitName>[]): Promise<string[]> {
    const endorsed = [];
    for (const { name, args, ...options } of sent) {
        endorsed.push({ simulated: await community.endorse(name, args, options), ...options });
    }
    const half = Math.ceil(endorsed.length / 2);
    return [...endorsed.slice(half), ...endorsed.slice(0, half)].map(({ simulated, endorsers }) =>
        community.network.commit(simulated, endorsers),
    );
}

const orders = (): ReturnType<typeof order>[] =>
    community.households.map((mspId, i) =>
        order({
            mspId,
            slot: SLOT,
            side: i % 2 === 0 ? 'buy' : 'sell',
            energyWh: BigInt(100 + i),
            limit: BigInt(100_000 + 100 * i),
        }),
    );

const reveal = (opening: ReturnType<typeof order>): Sent<'auction:revealOrders'> => ({
    name: 'auction:revealOrders',
    args: { orders: [{ slot: SLOT, id: opening.id }], to: [...SEATS] },
    by: opening.mspId,
    endorsers: [...new Set([opening.mspId, ...SEATS])],
    transient: { openings: [opening] },
});

function recorded(mspId: string, i: number): Sent<'metering:recordReadings'> {
    const given = readings(mspId, SLOT, [BigInt(i) - 250n]);
    return {
        name: 'metering:recordReadings',
        args: { mspId, slots: askedOf(given) },
        by: mspId,
        endorsers: [mspId, DSO],
        transient: { readings: given },
    };
}

const allValid = (count: number): string[] => Array<string>(count).fill('VALID');

/**
 * Three are admitted as everybody is; the others are written into the charter beside them. Admitting five hundred, each with a majority of
 * all peers, is minutes of work that is not what is looked at here.
 */
async function largeCommunity(): Promise<TestCommunity> {
    const large = await TestCommunity.governed(HOUSEHOLDS, { members: 3 });
    const { network, households } = large;
    const charter = record.charter.parse(JSON.parse(network.publicText('governance', 'charter', 'document') ?? ''));
    const [first] = Object.values(charter.members);
    const members = Object.fromEntries(
        households.map((mspId) => {
            const { ownerKey, meters } = asked(mspId);
            const own = first?.meters.map((meter, i) => ({ ...meter, ...meters[i] }));
            return [mspId, { ...first, ownerKey, meters: own }];
        }),
    );
    const place = placeOf('governance', compositeKey('charter', ['document']));
    const forged = new Map([[place, encodeBytes({ ...charter, members })]]);
    expect(network.forge({ writes: forged }, [DSO, ...households])).toBe('VALID');
    await large.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
    return large;
}

beforeAll(async () => {
    community = await largeCommunity();
}, 120_000);

describe(`${HOUSEHOLDS} households that all send at the same moment`, () => {
    it('have all their orders, openings and readings of a slot committed, none invalid', async () => {
        const given = orders();
        const committed = await atOnce(
            given.map((each): Sent<'auction:submitOrders'> => ({
                name: 'auction:submitOrders',
                args: { orders: [commitment(each)] },
                by: each.mspId,
                endorsers: [each.mspId, DSO],
            })),
        );
        expect(committed).toEqual(allValid(HOUSEHOLDS));

        await community.closeRound(SLOT);
        const seats = given.filter(({ mspId }) => SEATS.includes(mspId));
        await community.revealOrders(seats);
        const opened = given.filter(({ mspId }) => !SEATS.includes(mspId)).map(reveal);
        const mixed = [...opened, ...community.households.map(recorded)].sort((a, b) => (a.by < b.by ? -1 : 1));
        expect(await atOnce(mixed)).toEqual(allValid(opened.length + HOUSEHOLDS));

        const markers = await community.query('auction:orderMarkers', { slot: SLOT });
        expect(markers.filter(({ holders }) => holders !== undefined)).toHaveLength(HOUSEHOLDS);
        const [last = ''] = community.households.slice(-1);
        expect(await community.query('metering:markers', { mspId: last, day: DAY })).toHaveLength(1);
    }, 300_000);
});
