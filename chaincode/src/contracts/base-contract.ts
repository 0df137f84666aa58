import { Contract } from 'fabric-contract-api';
import type { ChaincodeName } from '../api/transactions';
import { TransactionContext } from './transaction-context';

/**
 * What all contracts share. Transaction functions take `(ctx, ...args)`: with rest parameters `fabric-contract-api` hands on
 * the strings as they came, so that too many or too few are refused with a code, and compiles no schema for each call. Every
 * other function of a contract's own prototype would be a transaction too, so there is none.
 */
export abstract class BaseContract extends Contract {
    readonly #chaincode: ChaincodeName;

    protected constructor(chaincode: ChaincodeName, name: string) {
        super(name);
        this.#chaincode = chaincode;
    }

    // fabric-contract-api calls this on the prototype too, so it must not use `this`.
    override createContext(): TransactionContext {
        return new TransactionContext();
    }

    override async afterTransaction(ctx: TransactionContext): Promise<void> {
        await ctx.complete(this.#chaincode);
    }
}
