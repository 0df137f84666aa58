import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Charter, OrderMarker, RoundRecord } from '@commonwatt/chaincode/api/records';
import { commitmentStatement } from '@commonwatt/chaincode/api/statements';
import { orderChecks, type PublicRound } from './plain-reveals';

const SLOT = 1_567_200;
const HASHES = ['1', '2', '3'].map((each) => createHash('sha256').update(each).digest('hex'));
const [OWN, OTHER] = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
];
const [ownKey, otherKey] = [OWN, OTHER].map(({ publicKey }) =>
    publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
);
const members = { H1MSP: { ownerKey: ownKey }, H2MSP: { ownerKey: otherKey } } as unknown as Charter['members'];
const ORDERS = ['H1MSP/o0', 'H1MSP/o1', 'H2MSP/o2'];

function marker(i: number, change: Partial<OrderMarker> = {}, key = (i < 2 ? OWN : OTHER).privateKey): OrderMarker {
    const [mspId = '', id = ''] = ORDERS[i]?.split('/') ?? [];
    const said = { slot: SLOT, mspId, id, hash: HASHES[i] ?? '' };
    const signature = sign('sha256', commitmentStatement(said), key).toString('base64');
    return { ...said, version: 1, signature, holders: ['H1MSP', 'H2MSP'], ...change };
}

/** Three orders: two of one member with an outcome, another's dropped because it was not revealed. */
function honest(change: Partial<RoundRecord> = {}): PublicRound {
    const round: RoundRecord = {
        day: '2014-10-03',
        slot: SLOT,
        status: 'cleared',
        replay: true,
        closedAt: 1_000,
        calledAt: 1_010,
        charterVersion: 1,
        mechanism: 'uniform-price/v1',
        closed: ORDERS.map((order, i) => ({ order, hash: HASHES[i] ?? '' })),
        outcomes: ORDERS.slice(0, 2).map((order) => ({ order, masked: '0'.repeat(34) })),
        dropped: [{ order: 'H2MSP/o2', reason: 'UNREVEALED' }],
        ...change,
    };
    return { round, markers: [marker(0), marker(1), marker(2, { holders: undefined })] };
}

const failures = (...rounds: PublicRound[]): string[] =>
    orderChecks(rounds, members)
        .filter(({ holds }) => !holds)
        .map(({ what, found = '' }) => `${what}: ${found}`);

describe('sealed orders, checked from public data', () => {
    it('are in order where the committee was honest', () => {
        expect(failures(honest(), honest({ status: 'void', outcomes: [], dropped: [] }))).toEqual([]);
    });

    it('tell of a committee that left out what it holds', () => {
        const lied = { ...honest(), markers: [marker(0), marker(1), marker(2)] };
        expect(failures(lied)).toEqual([`no order was left out that the committee holds: H2MSP/o2 in slot ${SLOT}`]);
    });

    it('tell of one that left out what nobody had called for, or before the round was closed', () => {
        const found = [`no order was left out as not revealed that nobody had called for: H2MSP/o2 in slot ${SLOT}`];
        expect(failures(honest({ calledAt: undefined }))).toEqual(found);
        expect(failures(honest({ calledAt: 999 }))).toEqual(found);
        expect(failures(honest({ calledAt: 1_000 }))).toEqual([]);
    });

    it('tell of one that took in what was never revealed', () => {
        const { round, markers } = honest();
        const lied = { round, markers: [marker(0, { holders: undefined }), ...markers.slice(1)] };
        expect(failures(lied)).toEqual([
            `no order took part that was not revealed: H1MSP/o0 in slot ${SLOT}`,
            `no member took part that revealed some of its orders only: H1MSP/o0 in slot ${SLOT}, H1MSP/o1 in slot ${SLOT}`,
        ]);
    });

    it('tell of one that let a member choose among its orders', () => {
        const { round, markers } = honest({
            outcomes: [{ order: 'H1MSP/o0', masked: '0'.repeat(34) }],
            dropped: [
                { order: 'H1MSP/o1', reason: 'UNREVEALED' },
                { order: 'H2MSP/o2', reason: 'UNREVEALED' },
            ],
        });
        const chosen = { round, markers: [marker(0), marker(1, { holders: undefined }), ...markers.slice(2)] };
        expect(failures(chosen)).toEqual([
            `no member took part that revealed some of its orders only: H1MSP/o0 in slot ${SLOT}`,
        ]);
    });

    it('tell of one that left out an order for another of its member, which it holds', () => {
        const outcomes: RoundRecord['outcomes'] = [];
        const left = (held: boolean): PublicRound => {
            const { round, markers } = honest({
                outcomes,
                dropped: [
                    { order: 'H1MSP/o0', reason: 'PARTLY_REVEALED' },
                    { order: 'H1MSP/o1', reason: held ? 'NOT_ACTIVE' : 'UNREVEALED' },
                    { order: 'H2MSP/o2', reason: 'UNREVEALED' },
                ],
            });
            const second = held ? marker(1) : marker(1, { holders: undefined });
            return { round, markers: [marker(0), second, ...markers.slice(2)] };
        };
        expect(failures(left(false))).toEqual([]);
        expect(failures(left(true))).toEqual([
            `no order was left out that the committee holds: H1MSP/o0 in slot ${SLOT}`,
        ]);
    });

    it('tell of one that let an order vanish', () => {
        expect(failures(honest({ dropped: [] }))).toEqual([
            `every order that counted ended in an outcome or a reason: H2MSP/o2 in slot ${SLOT}`,
        ]);
    });

    it.each([
        { why: 'signed by another', forged: marker(1, {}, OTHER.privateKey) },
        { why: 'with the signature of another order', forged: marker(1, { signature: marker(0).signature }) },
        { why: 'whose hash is not the one that was closed', forged: marker(1, { hash: HASHES[0] ?? '' }) },
    ])('tell of an order $why', ({ forged }) => {
        const { round, markers } = honest();
        const lied = { round, markers: [marker(0), forged, markers[2] ?? marker(2)] };
        expect(failures(lied)).toEqual([`every order that counted was signed by its member: H1MSP/o1 in slot ${SLOT}`]);
    });
});
