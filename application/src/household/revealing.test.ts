import { describe, expect, it } from '@jest/globals';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { Absences } from '../gateway/endorsement/absences';
import type { Share } from '../gateway/endorsement/rule';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { SealedOrder } from '../market/auction';
import { revealToSome } from './revealing';

const SEATS = ['A', 'B', 'C', 'D', 'E'];
const STOPPED = { transaction: 'auction:revealOrders', transactionId: 'tx' };
const committee = (turn: number): Share => ({ of: SEATS.map((mspId) => ({ mspId, weight: 1n })), needed: 3n, turn });

const SLOT = 1;
const HASH = '0'.repeat(64);
const ROUND = {
    day: '2014-10-03',
    slot: SLOT,
    status: 'closed',
    closed: [...SEATS, 'H', 'J'].map((mspId) => ({ order: `${mspId}/o1`, hash: HASH })),
} as unknown as RoundRecord;

/**
 * The peers of these do not answer; these have not opened their own orders yet. Of the latter our own peer knows but of those that are
 * `unseen`, at once or from a later reading on.
 */
function market({
    away = [] as string[],
    sealed = [] as string[],
    unseen = [] as string[],
    openAfter = Infinity,
} = {}) {
    const asked: string[][] = [];
    let readings = 0;
    const sealedOrders = (from: number, to: number, of: readonly string[] = []): Promise<SealedOrder[]> => {
        readings += 1;
        const known = sealed.filter((mspId) => of.includes(mspId) && !unseen.includes(mspId) && readings <= openAfter);
        return Promise.resolve([from, to].flatMap((slot) => known.map((mspId) => ({ slot, order: `${mspId}/o1` }))));
    };
    const revealOrders = (_: unknown, to: readonly string[]): Promise<void> => {
        asked.push([...to]);
        const gone = to.filter((mspId) => away.includes(mspId));
        if (gone.length > 0) {
            const answers = gone.map((mspId) => ({ mspId, address: 'its peer', message: 'unavailable' }));
            return Promise.reject(new NotDone(STOPPED, answers, true, 'too few'));
        }
        const seat = to.find((mspId) => sealed.includes(mspId) && readings <= openAfter);
        return seat === undefined
            ? Promise.resolve()
            : Promise.reject(
                  new TransactionRefused(STOPPED, new Refusal('SEAT_UNREVEALED', `${seat}/o1 in slot 1`), [seat]),
              );
    };
    return { asked, revealOrders, sealedOrders };
}

const revealing = (turn: number, own = 'H') => ({
    ...{ orders: [], rounds: [ROUND], share: committee(turn), own, absences: new Absences(), waitsMs: [0, 0] },
});

describe('orders are opened', () => {
    it('to just enough seats, those whose turn it is', async () => {
        const { asked, ...auction } = market();
        expect(await revealToSome(auction, revealing(3))).toEqual(['D', 'E', 'A']);
        expect(asked).toHaveLength(1);
    });

    it('to the own seat first, which sees them anyway', async () => {
        const to = await revealToSome(market(), revealing(3, 'C'));
        expect([...to].sort()).toEqual(['C', 'D', 'E']);
    });

    it('to others in place of those who are away, and next time to them at once', async () => {
        const { asked, ...auction } = market({ away: ['D', 'A'] });
        const plan = revealing(3);
        expect(await revealToSome(auction, plan)).toEqual(['E', 'B', 'C']);
        await revealToSome(auction, plan);
        expect(asked).toEqual([
            ['D', 'E', 'A'],
            ['E', 'B', 'C'],
            ['E', 'B', 'C'],
        ]);
    });

    it('to no seat that has not opened its own: it is not even sent them', async () => {
        const { asked, ...auction } = market({ sealed: ['E'] });
        expect(await revealToSome(auction, revealing(3))).toEqual(['D', 'A', 'B']);
        expect(asked).toEqual([['D', 'A', 'B']]);
    });

    it('to no such seat in any of the rounds: one where all are open does not help another', async () => {
        const { asked, ...auction } = market({ sealed: ['D', 'E'] });
        const sealedOrders = () => Promise.resolve(['D', 'E'].map((seat) => ({ slot: SLOT, order: `${seat}/o1` })));
        const rounds = [ROUND, { ...ROUND, slot: SLOT + 2 }].toReversed();
        await revealToSome({ ...auction, sealedOrders }, { ...revealing(3), rounds });
        expect(asked).toEqual([['A', 'B', 'C']]);
    });

    it('to a seat that is sealed in none of the rounds but in one between them', async () => {
        const sealedOrders = () => Promise.resolve([{ slot: SLOT + 1, order: 'D/o1' }]);
        const rounds = [ROUND, { ...ROUND, slot: SLOT + 2 }];
        expect(await revealToSome({ ...market(), sealedOrders }, { ...revealing(3), rounds })).toContain('D');
    });

    it('after one reading, however many rounds there are', async () => {
        let readings = 0;
        const sealedOrders = () => Promise.resolve(((readings += 1), []));
        const rounds = Array.from({ length: 96 }, (_, i) => ({ ...ROUND, slot: SLOT + i }));
        await revealToSome({ ...market(), sealedOrders }, { ...revealing(3), rounds });
        expect(readings).toBe(1);
    });

    it('to a seat without an order that counts, whatever markers there are in its name', async () => {
        const rounds = [{ ...ROUND, closed: (ROUND.closed ?? []).filter(({ order }) => order === 'H/o1') }];
        const { sealedOrders } = market({ sealed: ['E'] });
        const to = await revealToSome({ ...market(), sealedOrders }, { ...revealing(3), rounds });
        expect(to).toEqual(['D', 'E', 'A']);
    });

    it('to others once a seat refuses of which our own peer does not know that it should', async () => {
        const { asked, ...auction } = market({ sealed: ['E'], unseen: ['E'] });
        expect(await revealToSome(auction, revealing(3))).toEqual(['D', 'A', 'B']);
        expect(asked).toHaveLength(2);
    });

    it('to seats that have opened theirs while we waited for enough of them', async () => {
        const { asked, ...auction } = market({ sealed: ['A', 'B', 'E'], openAfter: 2 });
        expect(await revealToSome(auction, revealing(3))).toEqual(['D', 'E', 'A']);
        expect(asked).toHaveLength(1);
    });

    it('to nobody where too few seats have opened theirs', async () => {
        const { asked, ...auction } = market({ sealed: ['A', 'B', 'E'] });
        await expect(revealToSome(auction, revealing(3))).rejects.toThrow(/no quorum without A, B, E/);
        expect(asked).toEqual([]);
    });

    it('to nobody where the seat that is to clear has not opened its own', async () => {
        for (const unseen of [[], ['C']]) {
            const auction = market({ sealed: ['C'], unseen });
            await expect(revealToSome(auction, { ...revealing(3), including: 'C' })).rejects.toThrow(/C/);
        }
    });

    it('by a seat to seats that have not: somebody has to begin', async () => {
        const { asked, ...auction } = market();
        const sealed = market({ sealed: SEATS });
        await revealToSome({ ...auction, sealedOrders: sealed.sealedOrders }, revealing(3, 'D'));
        expect(asked).toEqual([['D', 'E', 'A']]);
    });

    it('to the seat that is to clear and lacks them', async () => {
        const to = await revealToSome(market(), { ...revealing(3), including: 'C' });
        expect(to).toContain('C');
        expect(to).toHaveLength(3);
    });

    it('to nobody where too few are left, and says who did not answer', async () => {
        const failing = revealToSome(market({ away: ['A', 'B', 'C'] }), revealing(0));
        await expect(failing).rejects.toThrow(NotDone);
    });

    it('to nobody where they are refused for another reason', async () => {
        const revealOrders = () =>
            Promise.reject(new TransactionRefused(STOPPED, new Refusal('REVEALS_CLOSED', 'slot 1'), ['A']));
        await expect(revealToSome({ ...market(), revealOrders }, revealing(0))).rejects.toThrow(/REVEALS_CLOSED/);
    });
});
