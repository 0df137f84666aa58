import {
    TRANSACTIONS,
    type ArgsOf,
    type QueryName,
    type ResponseOf,
    type SubmitName,
    type TransactionName,
    type TransientOf,
} from '@commonwatt/chaincode/api/transactions';
import type { Endorsers, MemberGateway } from '../gateway/member-gateway';

/** What a submission was answered, and the transaction that did it. */
export interface Done<R> {
    readonly response: R;
    readonly transactionId: string;
}

/**
 * The catalogue of the chaincodes as functions of one member: argument, private inputs and response have the types that
 * the catalogue says, so that a facade cannot misspell a name or send a number where a decimal string is due.
 */
export class TypedCalls {
    constructor(readonly gateway: MemberGateway) {}

    get mspId(): string {
        return this.gateway.mspId;
    }

    async query<N extends QueryName>(name: N, argument: ArgsOf<N>, transient?: TransientOf<N>): Promise<ResponseOf<N>> {
        const { chaincode } = TRANSACTIONS[name];
        const text = await this.gateway.evaluate({ chaincode, transaction: name, argument, transient });
        return responseOf(name, text);
    }

    async submit<N extends SubmitName>(
        name: N,
        argument: ArgsOf<N>,
        endorsers: Endorsers,
        transient?: TransientOf<N>,
    ): Promise<Done<ResponseOf<N>>> {
        const { chaincode } = TRANSACTIONS[name];
        const request = { chaincode, transaction: name, argument, endorsers, transient };
        const { result, transactionId } = await this.gateway.submit(request);
        return { response: responseOf(name, result), transactionId };
    }
}

function responseOf<N extends TransactionName>(name: N, text: string): ResponseOf<N> {
    const parsed = TRANSACTIONS[name].response.safeParse(JSON.parse(text));
    if (!parsed.success) {
        throw new Error(`${name} answered something that its catalogue does not describe: ${parsed.error.message}`);
    }
    return parsed.data as ResponseOf<N>;
}
