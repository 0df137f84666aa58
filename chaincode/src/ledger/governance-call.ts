import { charter as charterSchema, type Charter } from '../api/records';
import { parseRefusal, refuse } from '../domain/refusals';
import type { LedgerStub } from './stub';

const GOVERNANCE = 'governance';
const DOCUMENT = 'charter:document';

/** The charter as the other chaincode has it now. Enters the read set, so a change of governance in between is a conflict. */
export async function readCharter(stub: Pick<LedgerStub, 'invokeChaincode'>): Promise<Charter> {
    const { status, message, payload } = await answerOf(stub);
    if (status !== 200 || payload === undefined) {
        throw parseRefusal(message ?? '') ?? new Error(`${GOVERNANCE} answered ${status}: ${message ?? 'nothing'}`);
    }
    return parsed(Buffer.from(payload).toString());
}

/** An answer of status 500 comes as an exception from some peers' shims and as a response from others. */
async function answerOf(stub: Pick<LedgerStub, 'invokeChaincode'>): ReturnType<LedgerStub['invokeChaincode']> {
    try {
        return await stub.invokeChaincode(GOVERNANCE, [DOCUMENT, '{}'], '');
    } catch (error) {
        const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
        if (refusal !== undefined) {
            refuse(refusal.code, refusal.detail);
        }
        throw error;
    }
}

// Nearly every transaction reads the same document: remembered by its text, so that it is a pure function still.
let last: { readonly text: string; readonly charter: Charter } | undefined;

function parsed(text: string): Charter {
    if (last?.text !== text) {
        last = { text, charter: charterSchema.parse(JSON.parse(text)) };
    }
    return last.charter;
}
