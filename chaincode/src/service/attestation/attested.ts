import type { ChaincodeInterface, ChaincodeResponse } from 'fabric-shim';
import { attestedTransactions, type AttestationQuestion } from '../../api/attestation';
import { TRANSACTIONS } from '../../api/transactions';
import { Refusal } from '../../domain/refusals';
import type { Attestation } from './attestation-file';
import type { AttestationService } from './attestation-service';

type Stub = Parameters<ChaincodeInterface['Invoke']>[0];

const OK = 200;
const ERROR = 500;

/**
 * The same chaincode, but a transaction that the organisation has attested is endorsed only after its own service has said yes. The
 * rules come first, so the service is asked nothing that they refuse; it sees what would be written and changes none of it: the
 * answer passes as it is, or is an error, upon which the peer signs nothing.
 */
export function attested(
    chaincode: ChaincodeInterface,
    name: string,
    { transactions, privateInputs }: Attestation,
    service: Pick<AttestationService, 'confirm'>,
): ChaincodeInterface {
    const asked = async (stub: Stub, run: (stub: Stub) => Promise<ChaincodeResponse>): Promise<ChaincodeResponse> => {
        const { fcn: transaction } = stub.getFunctionAndParameters();
        if (!Object.hasOwn(TRANSACTIONS, transaction)) {
            // The shim would find a function by less than its full name, and nobody would be asked.
            return refusal(new Refusal('MALFORMED', 'a function is called by the name that the catalogue has').message);
        }
        const answer = await run(stub);
        if (answer.status !== OK || !transactions.has(transaction)) {
            return answer;
        }
        try {
            await service.confirm(questionAbout(stub, { chaincode: name, transaction, privateInputs }, answer));
            return answer;
        } catch (error) {
            // Whatever went wrong: without a yes nothing is endorsed.
            const message = error instanceof Error ? error.message : String(error);
            process.stderr.write(`${transaction} ${stub.getTxID()} is not endorsed: ${message}\n`);
            return refusal(error instanceof Refusal ? message : new Refusal('ATTESTATION_MISSING', message).message);
        }
    };
    return {
        Init: (stub) => asked(stub, (on) => chaincode.Init(on)),
        Invoke: (stub) => asked(stub, (on) => chaincode.Invoke(on)),
    };
}

interface Asked {
    readonly chaincode: string;
    readonly transaction: string;
    readonly privateInputs: boolean;
}

function questionAbout(
    stub: Stub,
    { chaincode, transaction, privateInputs }: Asked,
    answer: ChaincodeResponse,
): AttestationQuestion {
    const [argument = ''] = stub.getFunctionAndParameters().params;
    return {
        version: '1',
        channel: stub.getChannelID(),
        chaincode,
        transaction,
        question: attestedTransactions().get(transaction) ?? '',
        transactionId: stub.getTxID(),
        caller: stub.getCreator().mspid,
        time: stub.getTxTimestamp().seconds.toString(),
        argument: JSON.parse(argument) as unknown,
        response: JSON.parse(Buffer.from(answer.payload ?? []).toString()) as unknown,
        ...(privateInputs ? { privateInputs: shown(stub.getTransient()) } : {}),
    };
}

/** The chaincode has read them as JSON already. */
function shown(transient: ReadonlyMap<string, Uint8Array>): Record<string, unknown> {
    return Object.fromEntries(
        [...transient].map(([field, bytes]) => [field, JSON.parse(Buffer.from(bytes).toString()) as unknown]),
    );
}

const refusal = (message: string): ChaincodeResponse => ({ status: ERROR, message, payload: new Uint8Array() });
