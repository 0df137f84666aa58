import { beforeAll, describe, expect, it } from '@jest/globals';
import { attestationKey } from '../../../api/keys';
import type { AttestationRecord, OfferRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { ownerPolicy } from '../../../ledger/market-policies';
import {
    application,
    asked,
    DAY,
    DSO,
    FIRST,
    household,
    NOW,
    ownerKey,
    TERMS,
    TestCommunity,
} from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import {
    attestation,
    EVENING,
    governStorage,
    NOON,
    offer,
    offering,
    STORAGE,
    storageCommunity,
    STORAGE_TERMS,
    type AttestationShape,
    type OfferShape,
} from '../../../testing/market/storage';
import { attestationPolicy } from './found';

const [H1, H2, H3] = [household(1), household(2), household(3)];
/** Takes part a month later. */
const LATER = 'H8MSP';

function attest(community: TestCommunity, ...shapes: readonly AttestationShape[]): Promise<string> {
    const attestations = shapes.map((shape) => attestation(shape));
    return community.submit('contracts:attest', { day: DAY, attestations }, { by: STORAGE, endorsers: [STORAGE, DSO] });
}

function post(community: TestCommunity, shape: OfferShape = {}): Promise<string> {
    const given = offer(shape);
    return community.submit('contracts:offer', offering(given, undefined, shape), {
        by: given.seller,
        endorsers: [given.seller, DSO],
    });
}

describe('attest', () => {
    let community: TestCommunity;
    beforeAll(async () => {
        community = await storageCommunity();
        await attest(community, { id: 'known' });
        await community.submit(
            'community:admit',
            { applications: [asked(LATER, { fromDay: '2014-11-01' })] },
            { transient: { applications: [application(LATER)] } },
        );
    });

    const refused = (
        attestations: readonly AttestationRecord[],
        { by = STORAGE, day = DAY }: { by?: string; day?: string } = {},
    ): Promise<string> =>
        community.refusal('contracts:attest', { day, attestations }, { by, endorsers: [STORAGE, DSO] });

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    it.each<{ code: string; given: AttestationRecord; by?: string; day?: string }>([
        { code: 'DAY_UNKNOWN', given: attestation({ prosumer: 'H9MSP', energyWh: 9_000n }), by: H1, day: '2014-10-09' },
        {
            code: 'FORBIDDEN',
            given: attestation({ prosumer: 'H9MSP', energyWh: 9_000n }, {}, { storage: ownerKey(H1) }),
            by: H1,
        },
        {
            code: 'ATTESTATION_FORGED',
            given: attestation({ prosumer: 'H9MSP', energyWh: 9_000n }, {}, { storage: ownerKey(H1) }),
        },
        { code: 'ATTESTATION_FORGED', given: attestation({ energyWh: 9_000n }, {}, { giver: ownerKey(STORAGE) }) },
        { code: 'ATTESTATION_FORGED', given: attestation({ energyWh: 9_000n }, {}, { giver: ownerKey(H2) }) },
        { code: 'ATTESTATION_FORGED', given: attestation({ prosumer: STORAGE, energyWh: 9_000n }) },
        { code: 'ATTESTATION_FORGED', given: attestation({ energyWh: 9_000n }, { storage: H2 }) },
        { code: 'ATTESTATION_FORGED', given: { ...attestation({ id: 'known' }), energyWh: 401n } },
        { code: 'ATTESTATION_FORGED', given: attestation({ slot: NOON + 96, energyWh: 9_000n }) },
        { code: 'ATTESTATION_FORGED', given: attestation({ prosumer: 'H9MSP', energyWh: 9_000n }) },
        { code: 'MEMBER_NOT_ACTIVE', given: attestation({ prosumer: LATER, id: 'known', energyWh: 9_000n }) },
        { code: 'ATTESTATION_EXISTS', given: attestation({ id: 'known', energyWh: 9_000n }) },
        { code: 'READING_ABOVE_LIMIT', given: attestation({ id: 'big', energyWh: 601n }) },
        { code: 'STORAGE_POWER', given: attestation({ id: 'big', prosumer: H2, energyWh: 601n }) },
    ])('refuses with $code and writes nothing', async ({ code, given, by, day }) => {
        expect(await refused([given], { ...(by && { by }), ...(day && { day }) })).toBe(code);
    });

    it('refuses the whole of several of which one is wrong, and the same twice', async () => {
        const good = attestation({ id: 'good', slot: NOON + 1 });
        expect(await refused([good, attestation({ id: 'bad' }, {}, { storage: ownerKey(H1) })])).toBe(
            'ATTESTATION_FORGED',
        );
        expect(await refused([good, good])).toBe('ATTESTATION_EXISTS');
    });

    it('refuses what the storage has no room for', async () => {
        const fresh = await storageCommunity();
        const full = Array.from({ length: 4 }, (_, i) => ({ slot: NOON + i, id: `a${i}`, energyWh: 1_000n }));
        await attest(fresh, ...full);
        const more = attestation({ slot: NOON + 4, id: 'more', energyWh: 300n });
        const options = { by: STORAGE, endorsers: [STORAGE, DSO] };
        expect(await fresh.refusal('contracts:attest', { day: DAY, attestations: [more] }, options)).toBe(
            'STORAGE_FULL',
        );
    });

    it('is not endorsed by others than storage system and grid operator', async () => {
        const given = { day: DAY, attestations: [attestation({ id: 'alone', energyWh: 1n })] };
        const simulated = await community.endorse('contracts:attest', given, { by: STORAGE });
        expect(community.network.commit(simulated, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [STORAGE, DSO])).toBe('VALID');
    });

    it('takes attestations of a live day when their slot has ended, and not long after', async () => {
        const live = await liveStorage();
        const given = { day: LIVE_DAY, attestations: [attestation({ slot: LIVE_NOON, day: LIVE_DAY })] };
        const at = (time: number) => ({ by: STORAGE, endorsers: [STORAGE, DSO], time });
        const end = (LIVE_NOON + 1) * 900;
        const late = end + STORAGE_TERMS.attestSlots * 900 + 1;
        expect(await live.refusal('contracts:attest', given, at(end - 1))).toBe('READING_IN_FUTURE');
        expect(await live.refusal('contracts:attest', given, at(late))).toBe('ATTESTATION_STALE');
        await live.submit('contracts:attest', given, at(late - 1));
    });

    it('is refused where the community has no storage system', async () => {
        const without = await TestCommunity.trading(4);
        const given = { day: DAY, attestations: [attestation()] };
        expect(await without.refusal('contracts:attest', given, { by: STORAGE, endorsers: [STORAGE, DSO] })).toBe(
            'STORAGE_MISSING',
        );
    });
});

const LIVE_DAY = '2015-01-04';
const LIVE_FIRST = (NOW + 3 * 86_400 - 3_600) / 900;
const LIVE_NOON = LIVE_FIRST + 48;

async function liveStorage(): Promise<TestCommunity> {
    const community = await TestCommunity.governed(4, { fromDay: '2015-01-02', fromSlot: LIVE_FIRST - 2 * 96 });
    await governStorage(community);
    await community.submit('auction:openDay', { day: LIVE_DAY, replay: false }, { endorsers: [DSO, H1] });
    return community;
}

describe('offer by broadcast', () => {
    let community: TestCommunity;
    beforeAll(async () => {
        community = await storageCommunity();
        await attest(community, {}, { id: 'sold' }, { id: 'others', prosumer: H2, energyWh: 100n });
        await post(community, { id: 'sold' });
        await attest(community, { id: 'heavy', slot: NOON + 1, energyWh: 900n });
        await post(community, { id: 'heavy', slot: NOON + 1, energyWh: 639n });
        await community.closeRound(EVENING + 1);
        await attest(community, { id: 'last', slot: NOON + 2, energyWh: 1n });
    });

    const refused = (given: OfferRecord, { id = 'a1', by = H1, slot = NOON } = {}): Promise<string> =>
        community.refusal('contracts:offer', offering(given, undefined, { slot, id }), { by, endorsers: [H1, DSO] });

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    const wrong = { energyWh: 999n, price: TERMS.cap + 1n, deliverySlot: NOON };
    it.each<{ code: string; given: OfferRecord; by?: string; id?: string; slot?: number }>([
        { code: 'DAY_UNKNOWN', given: offer(wrong, { feeNanos: 1n }, ownerKey(H2)), by: H2, slot: FIRST + 300 },
        { code: 'FORBIDDEN', given: offer(wrong, { feeNanos: 1n }, ownerKey(H2)), by: H2 },
        { code: 'MEMBER_NOT_ACTIVE', given: offer({ ...wrong, prosumer: 'H9MSP' }, { feeNanos: 1n }), by: 'H9MSP' },
        {
            code: 'SIGNATURE_INVALID',
            given: offer({ ...wrong, id: 'none' }, { feeNanos: 1n }, ownerKey(H2)),
            id: 'none',
        },
        { code: 'SIGNATURE_INVALID', given: offer(wrong, { feeNanos: 1n }), id: 'sold' },
        { code: 'SIGNATURE_INVALID', given: offer(wrong, { feeNanos: 1n, storage: H3 }) },
        { code: 'FEE_WRONG', given: offer({ ...wrong, id: 'none' }, { feeNanos: 1n }), id: 'none' },
        { code: 'FEE_WRONG', given: offer({ price: STORAGE_TERMS.fee - 1n }) },
        { code: 'ATTESTATION_UNKNOWN', given: offer({ ...wrong, id: 'none' }), id: 'none' },
        { code: 'ATTESTATION_NOT_OWN', given: offer({ ...wrong, id: 'others' }), id: 'others' },
        { code: 'ENERGY_NOT_COVERED', given: offer({ ...wrong, id: 'sold', energyWh: 362n }), id: 'sold' },
        { code: 'ATTESTATION_SPENT', given: offer({ ...wrong, id: 'sold', energyWh: 1n, version: 2 }), id: 'sold' },
        { code: 'CONTRACT_STATUS_WRONG', given: offer({ ...wrong, energyWh: 1n, version: 2 }) },
        { code: 'DELIVERY_WRONG', given: offer({ ...wrong, energyWh: 1n }) },
        { code: 'DELIVERY_WRONG', given: offer({ deliverySlot: FIRST + 2 * 96 }) },
        { code: 'PRICE_OUTSIDE_LIMITS', given: offer({ price: TERMS.cap + 1n, deliverySlot: EVENING + 96 }) },
        { code: 'ROUND_UNKNOWN', given: offer({ deliverySlot: EVENING + 96 }) },
        { code: 'ROUND_NOT_OPEN', given: offer({ deliverySlot: EVENING + 1 }) },
        { code: 'STORAGE_POWER', given: offer({ energyWh: 1n }) },
    ])('refuses with $code and writes nothing', async ({ code, given, by = H1, id = 'a1', slot = NOON }) => {
        expect(await refused(given, { by, id, slot })).toBe(code);
    });

    it('takes all that the attestation covers after losses, and is withdrawn by its seller alone', async () => {
        await post(community, { deliverySlot: EVENING + 2 });
        const lot = { slot: NOON, id: 'a1', version: 1 };
        const { contracts } = await community.query('contracts:of', { day: DAY });
        expect(contracts.find(({ id }) => id === 'a1')).toMatchObject({ status: 'offered', offer: { energyWh: 361n } });
        expect(await community.refusal('contracts:withdraw', lot, { by: H2, endorsers: [H1, DSO] })).toBe('FORBIDDEN');
        const own = { by: H1, endorsers: [H1, DSO] };
        expect(await community.refusal('contracts:withdraw', { ...lot, version: 2 }, own)).toBe(
            'CONTRACT_STATUS_WRONG',
        );
        expect(await community.refusal('contracts:withdraw', { ...lot, id: 'none' }, own)).toBe('CONTRACT_UNKNOWN');
        await community.submit('contracts:withdraw', lot, own);
        expect(await community.refusal('contracts:withdraw', lot, own)).toBe('CONTRACT_STATUS_WRONG');
        // What was withdrawn cannot be posted again by whoever kept the signed offer.
        expect(await refused(offer({ deliverySlot: EVENING + 2 }))).toBe('CONTRACT_STATUS_WRONG');
        await post(community, { deliverySlot: EVENING + 2, version: 2 });
    });

    it('sells energy once, whoever asks at once', async () => {
        const asking = (deliverySlot: number) =>
            community.endorse(
                'contracts:offer',
                offering(offer({ id: 'last', slot: NOON + 2, energyWh: 0n + 1n, deliverySlot }), undefined, {
                    slot: NOON + 2,
                    id: 'last',
                }),
                {
                    by: H1,
                    endorsers: [H1, DSO],
                },
            );
        await expect(asking(EVENING + 3)).rejects.toThrow(/ENERGY_NOT_COVERED/);
        await attest(community, { id: 'twice', slot: NOON + 3 });
        const both = [EVENING + 3, EVENING + 4].map((deliverySlot) => {
            const given = offer({ id: 'twice', slot: NOON + 3, deliverySlot });
            return community.endorse('contracts:offer', offering(given, undefined, { slot: NOON + 3, id: 'twice' }), {
                by: H1,
                endorsers: [H1, DSO],
            });
        });
        const [one, other] = await Promise.all(both);
        expect(one && community.network.commit(one, [H1, DSO])).toBe('VALID');
        expect(other && community.network.commit(other, [H1, DSO])).toMatch(/_READ_CONFLICT$/);
    });
});

describe('attestations that grid operator and a household forge', () => {
    it('cover nothing: not without the signature of the storage system or the prosumer, nor under another policy', async () => {
        const community = await storageCommunity();
        const charter = await community.query('charter:document', {});
        const forged = (given: AttestationRecord, policy: Uint8Array): string => {
            const { type, parts } = attestationKey(DAY, given.slot, given.id);
            const place = placeOf('market', compositeKey(type, parts));
            const writes = new Map([[place, encodeBytes(given)]]);
            return community.network.forge({ writes, policies: new Map([[place, policy]]) }, [DSO, H3]);
        };
        const unsigned = attestation({ id: 'f1' }, {}, { storage: ownerKey(H1) });
        const real = attestation({ id: 'f2' });
        const taken = attestation({ id: 'f3' }, {}, { giver: ownerKey(STORAGE) });
        expect(forged(taken, attestationPolicy(charter, taken))).toBe('VALID');
        expect(forged(unsigned, attestationPolicy(charter, unsigned))).toBe('VALID');
        expect(forged(real, ownerPolicy(H1))).toBe('VALID');
        for (const id of ['f1', 'f2', 'f3']) {
            const asked = offering(offer({ id }), undefined, { id });
            const by = { by: H1, endorsers: [H1, DSO] };
            expect(await community.refusal('contracts:offer', asked, by)).toBe('ATTESTATION_UNKNOWN');
        }
        expect((await community.query('contracts:of', { day: DAY })).attestations).toEqual([]);
    });
});

describe('offer by request and response', () => {
    let community: TestCommunity;
    beforeAll(async () => {
        community = await storageCommunity({ credibility: 'request-response', chargeW: 3_996n });
    });
    const given = offer();
    const by = (endorsers: readonly string[]) => ({ by: H1, endorsers });

    it.each<{ code: string; brought: AttestationRecord | undefined }>([
        { code: 'ATTESTATION_UNKNOWN', brought: undefined },
        { code: 'ATTESTATION_UNKNOWN', brought: attestation({ id: 'b1' }) },
        { code: 'ATTESTATION_FORGED', brought: attestation({}, {}, { storage: ownerKey(H1) }) },
        { code: 'READING_ABOVE_LIMIT', brought: attestation({ prosumer: H2, energyWh: 1_001n }) },
        { code: 'STORAGE_POWER', brought: attestation({ prosumer: H2, energyWh: 1_000n }) },
        { code: 'ATTESTATION_NOT_OWN', brought: attestation({ prosumer: H2, energyWh: 1n }) },
        { code: 'ENERGY_NOT_COVERED', brought: attestation({ energyWh: 399n }) },
    ])('refuses with $code and writes nothing', async ({ code, brought }) => {
        const asked = offering(given, brought);
        expect(await community.refusal('contracts:offer', asked, by([H1, DSO, STORAGE]))).toBe(code);
    });

    it('does not come about without the peer of the storage system, which asks its own service', async () => {
        const asked = offering(given, attestation());
        const simulated = await community.endorse('contracts:offer', asked, by([H1, DSO, STORAGE, H2]));
        expect(community.network.commit(simulated, [H1, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1, DSO, STORAGE])).toBe('VALID');
        const { attestations } = await community.query('contracts:of', { day: DAY });
        expect(attestations.map(({ id }) => id)).toEqual(['a1']);
    });

    it('asks again for the next offer of the same energy', async () => {
        await community.submit('contracts:withdraw', { slot: NOON, id: 'a1', version: 1 }, by([H1, DSO]));
        const again = await community.endorse(
            'contracts:offer',
            offering(offer({ version: 2 })),
            by([H1, DSO, STORAGE]),
        );
        expect(community.network.commit(again, [H1, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(again, [H1, DSO, STORAGE])).toBe('VALID');
    });
});
