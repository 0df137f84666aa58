import { describe, expect, it } from '@jest/globals';
import type { MisconductRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { Refusal, type RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import { reportUnrevealed, unrevealedOrders, type UnrevealedOrder } from './unrevealed-orders';

const STOPPED = { transaction: 'stake:reportUnrevealed', transactionId: 'tx' };
const round = (slot: number, change: Partial<RoundRecord> = {}): RoundRecord => ({
    ...{ day: '2014-10-03', slot, status: 'cleared', replay: true, charterVersion: 1, mechanism: 'uniform-price/v1' },
    ...change,
});

/** A ledger that takes two from each deposit, and refuses these. */
function governance(refused: Readonly<Record<string, RefusalCode>> = {}) {
    const asked: string[] = [];
    const reportUnrevealed = ({ mspId, slot, id }: UnrevealedOrder): Promise<MisconductRecord> => {
        const subject = `${mspId}/${slot}/${id}`;
        asked.push(subject);
        const code = refused[subject];
        return code === undefined
            ? Promise.resolve({ mspId, kind: 'unrevealedOrder', subject, depositNanos: 2n, reputation: 1n })
            : Promise.reject(new TransactionRefused(STOPPED, new Refusal(code, subject), [mspId]));
    };
    return { asked, reportUnrevealed };
}

describe('orders that were not revealed', () => {
    it('are those that cleared rounds went without for that reason alone', () => {
        const dropped = [
            { order: 'H2MSP/o1', reason: 'UNREVEALED' as const },
            { order: 'H3MSP/o1', reason: 'FORGED' as const },
            { order: 'H2MSP/o2', reason: 'PARTLY_REVEALED' as const },
        ];
        const rounds = [round(7, { dropped }), round(8, { status: 'void', dropped }), round(9)];
        expect(unrevealedOrders(rounds)).toEqual([{ mspId: 'H2MSP', slot: 7, id: 'o1' }]);
    });

    const orders = ['H2MSP', 'H3MSP'].flatMap((mspId) => [7, 8].map((slot) => ({ mspId, slot, id: 'o1' })));

    it('are reported each, and it is said what each member forfeits', async () => {
        const ledger = governance();
        expect(await reportUnrevealed(ledger, orders)).toEqual([
            { mspId: 'H2MSP', orders: 2, known: 0, forfeitedNanos: 4n },
            { mspId: 'H3MSP', orders: 2, known: 0, forfeitedNanos: 4n },
        ]);
        expect(ledger.asked).toHaveLength(4);
    });

    it('are left where somebody has reported them before', async () => {
        const ledger = governance({ 'H2MSP/7/o1': 'MISCONDUCT_PUNISHED', 'H2MSP/8/o1': 'MISCONDUCT_PUNISHED' });
        expect((await reportUnrevealed(ledger, orders))[0]).toMatchObject({ known: 2, forfeitedNanos: 0n });
        expect(ledger.asked).toHaveLength(4);
    });

    it("are given up where the ledger does not take one of a member's, and the next member's are tried", async () => {
        const ledger = governance({ 'H2MSP/7/o1': 'PARAMETERS_MISSING' });
        expect((await reportUnrevealed(ledger, orders))[0]).toMatchObject({ refused: 'PARAMETERS_MISSING', orders: 2 });
        expect(ledger.asked).toEqual(['H2MSP/7/o1', 'H3MSP/7/o1', 'H3MSP/8/o1']);
    });

    it('are no reason to hide another failure', async () => {
        const broken = { reportUnrevealed: () => Promise.reject(new Error('a fault')) };
        await expect(reportUnrevealed(broken, orders)).rejects.toThrow('a fault');
    });
});
