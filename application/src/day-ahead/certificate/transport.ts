import type { ScheduleClaim, ScheduleProblem, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import type { AskedHome } from './asked-home';
import type { Answering } from './off-ledger';

/** Somebody who answers prices and signs for what comes of it: a household's agent, wherever it runs. */
export interface Agreeing extends Answering {
    agree(problem: ScheduleProblem, claim: ScheduleClaim, energies: readonly bigint[]): Promise<SubmissionRecord>;
}

/** How agents that run in different places talk about a certificate. Nothing of it is on the ledger. */
export interface ExchangeTransport {
    /**
     * Lets coordinators elsewhere ask a home, until it is closed.
     *
     * @throws Error where that is not possible.
     */
    serve(home: AskedHome): Promise<{ close(): void }>;
    /** A home elsewhere, as a coordinator here asks it; undefined where nobody knows how. */
    reach(asker: string, mspId: string): Agreeing | undefined;
    /** Lets go of all connections. */
    close(): void;
}
