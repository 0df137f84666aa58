import { setTimeout as pause } from 'node:timers/promises';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';

/** What peers refuse that are a block behind the one that said it was committed. */
const BEHIND: readonly RefusalCode[] = [
    'ATTESTATION_UNKNOWN',
    'CONTRACT_UNKNOWN',
    'CONTRACT_STATUS_WRONG',
    'NOT_COVERED',
];
const WAITS_MS = [50, 100, 200, 400, 800, 1_600, 3_200];

/**
 * Asks again where what was just committed by another is not known yet, a few times: attestation, offer, purchase and delivery follow each
 * other at different peers. What is refused for good is refused in the end.
 */
export async function onceCaughtUp(work: () => Promise<void>): Promise<void> {
    for (const wait of WAITS_MS) {
        try {
            await work();
            return;
        } catch (error) {
            if (!(error instanceof TransactionRefused && BEHIND.includes(error.refusal.code))) {
                throw error;
            }
        }
        await pause(wait);
    }
    await work();
}
