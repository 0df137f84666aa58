import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { InputError } from '../data/input-error';
import { NotDone, OutcomeUnknown, TransactionInvalid, TransactionRefused } from '../gateway/failures';
import { Interrupted } from './steps/run-steps';

/** What the shell is told. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, notUp: 4, interrupted: 130 } as const;

/** The network is not there for what was asked. */
export class NotUp extends Error {
    override readonly name = 'NotUp';
}

/** What was asked does not go with what is there; the message says what to do instead. */
export class NotNow extends Error {
    override readonly name = 'NotNow';
}

export interface Failure {
    readonly exitCode: number;
    /** What happened, why, and what to do next. */
    readonly message: string;
}

const INTERRUPTED =
    'interrupted. What is on the ledger stays. If the network is up, `commonwatt day --resume` goes on with the day and ' +
    '`commonwatt down` stops the network.';

export function failureOf(error: unknown): Failure {
    const what = error instanceof Error ? error.message : String(error);
    if (error instanceof InputError) {
        return { exitCode: EXIT.usage, message: `${what}\nNothing was changed. Correct the input and try again.` };
    }
    if (error instanceof Interrupted) {
        return { exitCode: EXIT.interrupted, message: INTERRUPTED };
    }
    if (error instanceof NotUp) {
        return { exitCode: EXIT.notUp, message: what };
    }
    // What the peers would refuse an agent may refuse by the same rules before it asks them.
    if (error instanceof TransactionRefused || error instanceof Refusal) {
        return { exitCode: EXIT.refused, message: what };
    }
    return { exitCode: error instanceof NotNow ? EXIT.refused : EXIT.failed, message: `${what}${advice(error)}` };
}

function advice(error: unknown): string {
    if (error instanceof OutcomeUnknown || error instanceof NotDone || error instanceof TransactionInvalid) {
        return "\nLogs of the network's processes are in var/logs. `commonwatt day --resume` goes on where a day was broken off.";
    }
    return '';
}
