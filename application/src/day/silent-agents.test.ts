import { describe, expect, it } from '@jest/globals';
import type { MisconductRecord, ScheduleRecord } from '@commonwatt/chaincode/api/records';
import { Refusal, type RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import { lateHomes, reportSilent } from './silent-agents';

const DAY = '2014-10-03';
const STOPPED = { transaction: 'stake:reportSilent', transactionId: 'tx' };

const record = (status: ScheduleRecord['status']): Pick<ScheduleRecord, 'day' | 'status' | 'run'> => ({
    day: DAY,
    status,
    run: {
        ...{ problemHash: '', openedAt: 1, deadline: 2, steppedAt: 1, iteration: 3, prices: [], penalty: 1n },
        ...{ residuals: null, bookHash: null },
        missed: [
            { mspId: 'H2MSP', iterations: [1, 2, 3] },
            { mspId: 'H3MSP', iterations: [2] },
        ],
    },
});

/** A ledger that takes two from each deposit, and refuses these. */
function governance(refused: Readonly<Record<string, RefusalCode>> = {}) {
    const asked: string[] = [];
    const reportSilent = ({ mspId, day }: { mspId: string; day: string }): Promise<MisconductRecord> => {
        asked.push(`${mspId} ${day}`);
        const code = refused[mspId];
        return code === undefined
            ? Promise.resolve({ mspId, kind: 'missedDuty', subject: day, depositNanos: 2n, reputation: 1n })
            : Promise.reject(new TransactionRefused(STOPPED, new Refusal(code, mspId), [mspId]));
    };
    return { asked, reportSilent };
}

const H2 = { mspId: 'H2MSP', iterations: 3, day: DAY };
const H3 = { mspId: 'H3MSP', iterations: 1, day: DAY };

describe('homes that were late in a run', () => {
    it.each(['converged', 'notConverged'] as const)('are reported each, once the run is %s', async (status) => {
        const ledger = governance();
        expect(await reportSilent(ledger, record(status))).toEqual([
            { ...H2, forfeitedNanos: 2n, isKnown: false },
            { ...H3, forfeitedNanos: 2n, isKnown: false },
        ]);
        expect(ledger.asked).toEqual([`H2MSP ${DAY}`, `H3MSP ${DAY}`]);
    });

    it.each(['planned', 'open'] as const)('are not reported while it is %s, nor where nothing was opened', (status) => {
        expect(lateHomes(record(status))).toEqual([]);
        expect(lateHomes({ status: 'notConverged' })).toEqual([]);
    });

    it('are left where somebody has reported them before, or the ledger does not take it, and the next is tried', async () => {
        const ledger = governance({ H2MSP: 'MISCONDUCT_PUNISHED', H3MSP: 'PARAMETERS_MISSING' });
        expect(await reportSilent(ledger, record('converged'))).toEqual([
            { ...H2, forfeitedNanos: 0n, isKnown: true },
            { ...H3, forfeitedNanos: 0n, isKnown: false, refused: 'PARAMETERS_MISSING' },
        ]);
        expect(ledger.asked).toHaveLength(2);
    });

    it('are no reason to hide another failure', async () => {
        const broken = { reportSilent: () => Promise.reject(new Error('a fault')) };
        await expect(reportSilent(broken, record('converged'))).rejects.toThrow('a fault');
    });
});
