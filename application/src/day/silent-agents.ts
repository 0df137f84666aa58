import type { ScheduleRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { isTrouble } from '../day-ahead/troubles';
import { TransactionRefused } from '../gateway/failures';
import type { StakeGovernance } from '../market/stake';

/** A home that did not answer in iterations of a schedule although its accounts covered the day. */
export interface LateHome {
    readonly mspId: string;
    readonly iterations: number;
}

/** What reporting it came to. */
export interface ReportedLate extends LateHome {
    readonly day: string;
    /** Of the deposit, where it was reported now. */
    readonly forfeitedNanos: bigint;
    /** Somebody had reported it before. */
    readonly isKnown: boolean;
    /** Why the ledger did not take it, or the network did not get it there. */
    readonly refused?: RefusalCode | 'NOT_REACHED' | undefined;
}

/** As the schedule notes them, once its run has ended: while it is open more may come. */
export function lateHomes({ status, run }: Pick<ScheduleRecord, 'status' | 'run'>): LateHome[] {
    const hasEnded = status === 'converged' || status === 'notConverged';
    return hasEnded
        ? (run?.missed ?? []).map(({ mspId, iterations }) => ({ mspId, iterations: iterations.length }))
        : [];
}

/**
 * Has the homes that were late lose deposit and standing, each once for the day. One after the other: each changes what governs. A network
 * that cannot do it now stops no day: any member may report later (`commonwatt stake report-silent`).
 */
export async function reportSilent(
    governance: Pick<StakeGovernance, 'reportSilent'>,
    record: Pick<ScheduleRecord, 'day' | 'status' | 'run'>,
): Promise<ReportedLate[]> {
    const { day } = record;
    const reported: ReportedLate[] = [];
    for (const late of lateHomes(record)) {
        const found = { ...late, day, forfeitedNanos: 0n, isKnown: false };
        try {
            const { depositNanos } = await governance.reportSilent({ mspId: late.mspId, day });
            reported.push({ ...found, forfeitedNanos: depositNanos });
        } catch (error) {
            if (!isTrouble(error)) {
                throw error;
            }
            const code = error instanceof TransactionRefused ? error.refusal.code : 'NOT_REACHED';
            reported.push(code === 'MISCONDUCT_PUNISHED' ? { ...found, isKnown: true } : { ...found, refused: code });
        }
    }
    return reported;
}
