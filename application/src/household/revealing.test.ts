import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { Absences } from '../gateway/endorsement/absences';
import type { Share } from '../gateway/endorsement/rule';
import { NotDone, TransactionRefused } from '../gateway/failures';
import { revealToSome } from './revealing';

const SEATS = ['A', 'B', 'C', 'D', 'E'];
const STOPPED = { transaction: 'auction:revealOrders', transactionId: 'tx' };
const committee = (turn: number): Share => ({ of: SEATS.map((mspId) => ({ mspId, weight: 1n })), needed: 3n, turn });

/** The peers of these do not answer; these have not opened their own orders yet. */
function market({ away = [] as string[], sealed = [] as string[] } = {}) {
    const asked: string[][] = [];
    const revealOrders = (_: unknown, to: readonly string[]): Promise<void> => {
        asked.push([...to]);
        const gone = to.filter((mspId) => away.includes(mspId));
        if (gone.length > 0) {
            const answers = gone.map((mspId) => ({ mspId, address: 'its peer', message: 'unavailable' }));
            return Promise.reject(new NotDone(STOPPED, answers, true, 'too few'));
        }
        const seat = to.find((mspId) => sealed.includes(mspId));
        return seat === undefined
            ? Promise.resolve()
            : Promise.reject(
                  new TransactionRefused(STOPPED, new Refusal('SEAT_UNREVEALED', `${seat}/o1 in slot 1`), [seat]),
              );
    };
    return { asked, revealOrders };
}

const revealing = (turn: number, own = 'H') => ({ orders: [], share: committee(turn), own, absences: new Absences() });

describe('orders are opened', () => {
    it('to just enough seats, those whose turn it is', async () => {
        const { asked, revealOrders } = market();
        expect(await revealToSome({ revealOrders }, revealing(3))).toEqual(['D', 'E', 'A']);
        expect(asked).toHaveLength(1);
    });

    it('to the own seat first, which sees them anyway', async () => {
        const to = await revealToSome(market(), revealing(3, 'C'));
        expect([...to].sort()).toEqual(['C', 'D', 'E']);
    });

    it('to others in place of those who are away, and next time to them at once', async () => {
        const { asked, revealOrders } = market({ away: ['D', 'A'] });
        const plan = revealing(3);
        expect(await revealToSome({ revealOrders }, plan)).toEqual(['E', 'B', 'C']);
        await revealToSome({ revealOrders }, plan);
        expect(asked).toEqual([
            ['D', 'E', 'A'],
            ['E', 'B', 'C'],
            ['E', 'B', 'C'],
        ]);
    });

    it('to no seat that has not opened its own', async () => {
        expect(await revealToSome(market({ sealed: ['E'] }), revealing(3))).toEqual(['D', 'A', 'B']);
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
        await expect(revealToSome({ revealOrders }, revealing(0))).rejects.toThrow(/REVEALS_CLOSED/);
    });
});
