import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey } from '../../../api/keys';
import { outcomeOf } from '../../../api/outcomes';
import type { OrderRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { anyOf, coalition, policyBytes } from '../../../ledger/key-policy';
import { committeePolicy, partiesPolicy } from '../../../ledger/market-policies';
import {
    commitment,
    DSO,
    FIRST,
    household,
    NOW,
    order,
    ownerKey,
    SEATS,
    TERMS,
    TestCommunity,
} from '../../../testing/community';
import { REVEAL_SECONDS } from '../../../domain/tariff/terms';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { recordHash } from '../guards';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const [OPEN, CLOSED, CLEARED, VOID, SEALED] = [FIRST + 20, FIRST + 21, FIRST + 22, FIRST + 23, FIRST + 19];
/** From then on a round is cleared without what was called for. */
const OVER = NOW + REVEAL_SECONDS;

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    for (const slot of [CLOSED, SEALED]) {
        await community.submitOrder({ mspId: H1, slot });
    }
    for (const slot of [CLOSED, SEALED, CLEARED]) {
        await community.closeRound(slot);
    }
    await community.callReveals(CLOSED);
    await community.clearRound(CLEARED, []);
    await community.submit('auction:voidRound', { slot: VOID, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
});

describe('closeRound', () => {
    it.each([
        { code: 'ROUND_UNKNOWN', by: H3, slot: FIRST + 500 },
        { code: 'FORBIDDEN', by: H3, slot: CLOSED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: CLOSED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: CLEARED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: VOID },
    ])('refuses with $code and writes nothing', async ({ code, by, slot }) => {
        expect(await community.refusal('auction:closeRound', { slot }, { by, endorsers: [DSO, H1, H2] })).toBe(code);
    });

    it('waits for the gate of a live round', async () => {
        const live = await TestCommunity.governed(3);
        const first = 1_433_113_200 / 900;
        const [slot, gate] = [first + 8, (first + 6) * 900];
        const options = { by: H1, endorsers: SEATS };
        await live.submit(
            'auction:openDay',
            { day: '2015-06-01', replay: false },
            { endorsers: [DSO, H1], time: gate - 90_000 },
        );
        expect(await live.refusal('auction:closeRound', { slot }, { ...options, time: gate - 1 })).toBe('GATE_OPEN');
        expect(await live.submit('auction:closeRound', { slot }, { ...options, time: gate })).toBe('VALID');
    });
});

describe('clearRound', () => {
    const opening = order({ mspId: H1, slot: CLOSED });

    it.each([
        { code: 'FORBIDDEN', by: H3, slot: CLEARED, openings: [opening] },
        { code: 'ROUND_FINAL', by: H1, slot: CLEARED, openings: [opening] },
        { code: 'ROUND_FINAL', by: H1, slot: VOID, openings: [opening] },
        { code: 'ROUND_NOT_CLOSED', by: H1, slot: OPEN, openings: [opening] },
        { code: 'FORBIDDEN', by: DSO, slot: CLEARED, openings: [opening] },
        { code: 'REVEALS_OPEN', by: H1, slot: SEALED, openings: [opening, opening] },
        { code: 'OPENING_UNKNOWN', by: H1, slot: CLOSED, openings: [opening, opening] },
        { code: 'OPENING_UNKNOWN', by: H1, slot: CLOSED, openings: [order({ mspId: H2, slot: CLOSED })] },
        // Closed, and not revealed on the ledger: what a seat has heard otherwise does not count.
        { code: 'OPENING_UNKNOWN', by: H1, slot: CLOSED, openings: [opening] },
    ])('refuses with $code and writes nothing', async ({ code, by, slot, openings }) => {
        const options = { by, endorsers: [DSO, H1, H2], transient: { openings }, time: OVER };
        expect(await community.refusal('auction:clearRound', { slot }, options)).toBe(code);
    });

    it('needs a quorum of the committee: neither one seat nor the operator with another', async () => {
        const slot = FIRST + 24;
        await community.closeRound(slot);
        const byH1 = { by: H1, transient: { openings: [] } };
        const simulated = await community.endorse('auction:clearRound', { slot }, byH1);
        for (const endorsers of [[DSO], [DSO, H3], [H1], [H1, H3], [DSO, H1]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.commit(simulated, [H1, H2])).toBe('VALID');
    });

    it('lets grid operator and a majority of households end a round that the committee left', async () => {
        const slot = FIRST + 25;
        const args = { slot, reason: 'the committee is gone' };
        const simulated = await community.endorse('auction:voidRound', args);
        expect(community.network.commit(simulated, [H2, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H2, H3])).toBe('VALID');
    });
});

describe('voidRound', () => {
    const reason = 'a test';
    it.each([
        { code: 'ROUND_UNKNOWN', by: H3, slot: FIRST + 500, time: NOW },
        { code: 'FORBIDDEN', by: H3, slot: VOID, time: NOW },
        { code: 'ROUND_FINAL', by: H1, slot: VOID, time: NOW },
        { code: 'ROUND_FINAL', by: H1, slot: CLEARED, time: NOW },
    ])('refuses with $code and writes nothing', async ({ code, by, slot, time }) => {
        expect(await community.refusal('auction:voidRound', { slot, reason }, { by, time })).toBe(code);
    });
});

describe('a round whose markers or openings are not what they should be', () => {
    const forgedSlot = FIRST + 30;

    async function clear(
        slot: number,
        openings: readonly OrderRecord[],
    ): Promise<(order: OrderRecord) => string | undefined> {
        await community.closeRound(slot);
        await community.clearRound(slot, openings);
        const round = await community.query('auction:round', { slot });
        return (given) => outcomeOf(round, given)?.reason;
    }

    /** By modified chaincode of the grid operator and a household: they can make any key that is not there yet. */
    function forge(given: OrderRecord, policy: Uint8Array | undefined, change: object = {}): void {
        const { mspId, slot, id, version } = given;
        const { type, parts } = orderKey(slot, mspId, id);
        const place = placeOf('market', compositeKey(type, parts));
        const { signature } = commitment(given, ownerKey(H1));
        const marker = encodeBytes({ hash: recordHash(given), version, mspId, slot, id, signature, ...change });
        const policies = new Map(policy === undefined ? [] : [[place, policy]]);
        expect(community.network.forge({ writes: new Map([[place, marker]]), policies }, [DSO, H2])).toBe('VALID');
    }

    it('drops what grid operator and a household made in the name of another as forged: it stands for no commitment', async () => {
        const charter = await community.query('charter:document', {});
        const policy = committeePolicy(charter, forgedSlot);
        const given = (id: string): OrderRecord => order({ mspId: H1, slot: forgedSlot, id });
        const by = ownerKey(H2);
        forge(given('signed-by-another'), policy, { signature: commitment(given('signed-by-another'), by).signature });
        forge(given('signed-for-another'), policy, { signature: commitment(given('elsewhere')).signature });
        forge(given('without-policy'), undefined);
        forge(given('of-both'), partiesPolicy(charter, H1, forgedSlot));
        forge(given('of-two'), policyBytes(anyOf([coalition([DSO, H2])])));
        // Signed by its owner and all: but what stands there already as revealed was not revealed to the committee.
        forge(given('revealed'), policy, { holders: [H1, H2] });
        await clear(forgedSlot, []);
        const { closed, dropped = [] } = await community.query('auction:round', { slot: forgedSlot });
        expect(closed).toEqual([]);
        expect(dropped.map(({ reason }) => reason)).toEqual(Array(6).fill('FORGED'));
    });

    it('drops what its owner committed itself to and did not sign as an order', async () => {
        const slot = FIRST + 32;
        const given = order({ mspId: H1, slot }, {}, ownerKey(H2));
        await community.commitTo(given);
        expect((await clear(slot, [given]))(given)).toBe('FORGED');
    });

    it('leaves out an order that is valid from later than the gate, and takes one that is valid then', async () => {
        const slot = FIRST + 70;
        const { gateSlots } = TERMS;
        const late = order({ mspId: H1, slot, id: 'late' }, { validFrom: slot - gateSlots + 1 });
        const inTime = order({ mspId: H1, slot, id: 'in-time' }, { validFrom: slot - gateSlots });
        for (const given of [late, inTime]) {
            await community.commitTo(given);
        }
        await community.closeRound(slot);
        await community.clearRound(slot);
        const { dropped, outcomes } = await community.query('auction:round', { slot });
        expect(dropped).toEqual([{ order: `${H1}/late`, reason: 'NOT_VALID_YET' }]);
        expect(outcomes?.map((each) => each.order)).toEqual([`${H1}/in-time`]);
    });

    it('drops an order that its owner does not open', async () => {
        const slot = FIRST + 31;
        await community.submitOrder({ mspId: H1, slot });
        await community.submitOrder({ mspId: H3, slot, side: 'sell', limit: 90_000n });
        const [own, other] = community.orders(slot);
        const reason = await clear(slot, []);
        expect([own, other].map((each) => reason(each ?? order({ mspId: H2, slot })))).toEqual([
            'UNREVEALED',
            'UNREVEALED',
        ]);
    });

    it('tells the owner alone that no connection carries its order', async () => {
        const slot = FIRST + 33;
        await community.submitOrder({ mspId: H1, slot, energyWh: 1_500n, limit: TERMS.cap });
        await community.submitOrder({ mspId: H2, slot, energyWh: 1_501n, limit: TERMS.cap });
        await community.submitOrder({ mspId: H3, slot, side: 'sell', energyWh: 1_001n, limit: 90_000n });
        const given = community.orders(slot);
        const reason = await clear(slot, given);
        expect(given.map(reason)).toEqual(['NO_MATCH', 'OUT_OF_RANGE', 'OUT_OF_RANGE']);
        expect((await community.query('auction:round', { slot })).dropped).toEqual([]);
    });

    it('lets several orders of a member not be more than its connection carries: the later ones drop out', async () => {
        const slot = FIRST + 34;
        const own = [
            { id: 'o1', energyWh: 1_000n },
            { id: 'o2', energyWh: 501n },
            { id: 'o3', energyWh: 500n },
            { id: 'o4', side: 'sell' as const, energyWh: 1_000n, limit: TERMS.cap },
        ];
        for (const each of own) {
            await community.submitOrder({ mspId: H1, slot, ...each });
        }
        const given = community.orders(slot);
        const reason = await clear(slot, given);
        expect(given.map(reason)).toEqual(['NO_MATCH', 'OUT_OF_RANGE', 'NO_MATCH', 'OUTSIDE_GRID']);
    });

    it('lets nobody but the committee change a marker', () => {
        const { type, parts } = orderKey(CLOSED, H1, 'o1');
        const place = placeOf('market', compositeKey(type, parts));
        const before = community.network.world.valueOf(place) ?? new Uint8Array();
        const writes = new Map([[place, encodeBytes({ hash: '0'.repeat(64) })]]);
        for (const endorsers of [[DSO, H1], [DSO, H2], [DSO, H1, H3], [DSO, H2, H3], [H1], [H1, H3]]) {
            expect(community.network.forge({ writes }, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.forge({ writes }, SEATS)).toBe('VALID');
        expect(community.network.forge({ writes: new Map([[place, before]]) }, SEATS)).toBe('VALID');
    });

    it('relies on no round that stands under another policy', async () => {
        const other = await TestCommunity.governed(3);
        const { day, slot } = { day: '2014-10-03', slot: FIRST };
        const place = placeOf('market', compositeKey('round', [day, slot.toString().padStart(10, '0')]));
        const round = encodeBytes({
            day,
            slot,
            status: 'open',
            replay: true,
            charterVersion: 4,
            mechanism: 'uniform-price/v1',
        });
        expect(other.network.forge({ writes: new Map([[place, round]]) }, [DSO, H3])).toBe('VALID');
        expect(await other.refusal('auction:closeRound', { slot }, { by: H1 })).toBe('KEY_POLICY_WRONG');
    });
});
