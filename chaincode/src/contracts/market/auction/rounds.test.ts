import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey } from '../../../api/keys';
import { outcomeOf } from '../../../api/outcomes';
import type { OrderRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { anyOf, coalition, policyBytes } from '../../../ledger/key-policy';
import { partiesPolicy } from '../../../ledger/market-policies';
import { DSO, FIRST, household, NOW, order, ownerKey, TestCommunity } from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { recordHash } from '../guards';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const [OPEN, CLOSED, CLEARED, VOID] = [FIRST + 20, FIRST + 21, FIRST + 22, FIRST + 23];

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await community.submitOrder({ mspId: H1, slot: CLOSED });
    for (const slot of [CLOSED, CLEARED]) {
        await community.closeRound(slot);
    }
    await community.clearRound(CLEARED, []);
    await community.submit('auction:voidRound', { slot: VOID, reason: 'a test' }, { endorsers: [DSO, H1] });
});

describe('closeRound', () => {
    it.each([
        { code: 'ROUND_UNKNOWN', by: H3, slot: FIRST + 500 },
        { code: 'FORBIDDEN', by: H3, slot: CLOSED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: CLOSED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: CLEARED },
        { code: 'ROUND_NOT_OPEN', by: H1, slot: VOID },
    ])('refuses with $code and writes nothing', async ({ code, by, slot }) => {
        expect(await community.refusal('auction:closeRound', { slot }, { by, endorsers: [DSO, H1] })).toBe(code);
    });

    it('waits for the gate of a live round', async () => {
        const live = await TestCommunity.governed(3);
        const first = 1_433_113_200 / 900;
        const [slot, gate] = [first + 8, (first + 6) * 900];
        const options = { endorsers: [DSO, H1] };
        await live.submit('auction:openDay', { day: '2015-06-01', replay: false }, { ...options, time: gate - 90_000 });
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
        { code: 'OPENING_UNKNOWN', by: H1, slot: CLOSED, openings: [opening, opening] },
        { code: 'OPENING_UNKNOWN', by: H1, slot: CLOSED, openings: [order({ mspId: H2, slot: CLOSED })] },
    ])('refuses with $code and writes nothing', async ({ code, by, slot, openings }) => {
        const options = { by, endorsers: [DSO, H1], transient: { openings } };
        expect(await community.refusal('auction:clearRound', { slot }, options)).toBe(code);
    });

    it('needs a quorum of the committee: neither the operator alone nor one with an outsider', async () => {
        const slot = FIRST + 24;
        await community.closeRound(slot);
        const simulated = await community.endorse('auction:clearRound', { slot }, { transient: { openings: [] } });
        expect(community.network.commit(simulated, [DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
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

    function forge(given: OrderRecord, policy: Uint8Array | undefined): void {
        const { mspId, slot, id, version } = given;
        const { type, parts } = orderKey(slot, mspId, id);
        const place = placeOf('market', compositeKey(type, parts));
        const marker = encodeBytes({ hash: recordHash(given), version, mspId, slot, id });
        const policies = new Map(policy === undefined ? [] : [[place, policy]]);
        expect(community.network.forge({ writes: new Map([[place, marker]]), policies }, [DSO, H2])).toBe('VALID');
    }

    it('drops an order in a third name, made by operator and another household, as forged', async () => {
        const charter = await community.query('charter:document', {});
        const parties = partiesPolicy(charter, H1, forgedSlot);
        const inThirdsName = order({ mspId: H1, slot: forgedSlot }, {}, ownerKey(H2));
        const withoutPolicy = order({ mspId: H1, slot: forgedSlot, id: 'o2' });
        const otherPolicy = order({ mspId: H1, slot: forgedSlot, id: 'o3' });
        forge(inThirdsName, parties);
        forge(withoutPolicy, undefined);
        forge(otherPolicy, policyBytes(anyOf([coalition([DSO, H2])])));
        const reason = await clear(forgedSlot, [inThirdsName]);
        expect([inThirdsName, withoutPolicy, otherPolicy].map(reason)).toEqual(['FORGED', 'FORGED', 'FORGED']);
    });

    it('drops an order that its owner changed after the gate, and one that nobody opens, as unrevealed', async () => {
        const slot = FIRST + 31;
        await community.submitOrder({ mspId: H1, slot });
        await community.submitOrder({ mspId: H3, slot, side: 'sell', limit: 90_000n });
        const changed = order({ mspId: H1, slot, limit: 500_000n });
        const reason = await clear(slot, [changed]);
        expect([changed, order({ mspId: H3, slot })].map(reason)).toEqual(['UNREVEALED', 'UNREVEALED']);
    });

    it('lets nobody change a marker without its parties', () => {
        const { type, parts } = orderKey(CLOSED, H1, 'o1');
        const place = placeOf('market', compositeKey(type, parts));
        const writes = new Map([[place, encodeBytes({ hash: '0'.repeat(64) })]]);
        for (const endorsers of [[DSO, H2], [DSO, H3], [H1, H2], [H1]]) {
            // DSO and H2 are a quorum of the committee with the operator: the branch for silent households.
            const expected = endorsers.includes(DSO) && endorsers.includes(H2) ? 'VALID' : 'ENDORSEMENT_POLICY_FAILURE';
            const world = community.network.world.valueOf(place);
            expect(community.network.forge({ writes }, endorsers)).toBe(expected);
            community.network.forge({ writes: new Map([[place, world ?? new Uint8Array()]]) }, [DSO, H1]);
        }
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
        expect(await other.refusal('auction:closeRound', { slot })).toBe('KEY_POLICY_WRONG');
    });
});
