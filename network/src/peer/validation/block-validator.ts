import type { Bundle } from '../../fabric/channel-config';
import type { ValidatedTransaction } from '../ledger/commit/validated';
import type { StateView } from '../ledger/store/ledger-store';
import type { ChaincodeDefinition } from '../lifecycle-state';
import { ChannelPolicies } from './channel-policies';
import { CODE } from './codes';
import type { Code } from './codes';
import { changedPolicyKeys, checkEndorsement } from './endorsement';
import type { Circumstances } from './endorsement';
import { checkStatically } from './static-checks';
import type { StaticVerdict, TransactionVerdict } from './static-checks';

/** State and definitions as committed before the block. */
export interface Committed {
    readonly state: StateView;
    definition(chaincode: string): ChaincodeDefinition | undefined;
}

/**
 * Judges the transactions of a block one after the other, in all but their reads: form, creator, duplicates, endorsements. Key
 * policies that a transaction changes are out of use for the rest of the block: nobody can know which one counts.
 */
export class BlockValidator {
    readonly #bundle: Bundle;
    readonly #committed: Committed;
    readonly #circumstances: Circumstances;
    readonly #changedPolicies = new Set<string>();
    readonly #txIds = new Set<string>();

    constructor(bundle: Bundle, committed: Committed) {
        this.#bundle = bundle;
        this.#committed = committed;
        this.#circumstances = {
            policies: ChannelPolicies.of(bundle),
            state: committed.state,
            definition: (chaincode) => committed.definition(chaincode),
            changedPolicies: this.#changedPolicies,
        };
    }

    /** Throws ChannelHalted where Fabric's peers stop. */
    validate(envelopes: readonly Uint8Array[]): ValidatedTransaction[] {
        return envelopes.map((bytes) => {
            const verdict = checkStatically(bytes, this.#bundle);
            return this.#validated(verdict, this.#code(verdict));
        });
    }

    #validated({ txId, type, config, transaction }: StaticVerdict, code: Code): ValidatedTransaction {
        if (code !== CODE.VALID) {
            return { txId, type, code };
        }
        return {
            txId,
            type,
            code,
            ...(config === undefined ? {} : { config }),
            ...(transaction?.rwset === undefined ? {} : { rwset: transaction.rwset }),
            ...(transaction?.chaincodeEvent === undefined ? {} : { chaincodeEvent: transaction.chaincodeEvent }),
        };
    }

    #code({ txId, code, transaction }: StaticVerdict): Code {
        if (code !== CODE.VALID || transaction === undefined) {
            return code;
        }
        if (this.#committed.state.hasTransaction(txId)) {
            return CODE.DUPLICATE_TXID;
        }
        const endorsement = transaction.code === CODE.VALID ? this.#checkEndorsements(transaction) : transaction.code;
        if (endorsement !== CODE.VALID) {
            return endorsement;
        }
        if (this.#txIds.has(txId)) {
            return CODE.DUPLICATE_TXID;
        }
        this.#txIds.add(txId);
        return CODE.VALID;
    }

    /** Namespaces that were endorsed change their keys' policies even when another namespace spoils the transaction. */
    #checkEndorsements({ parsed, rwset, namespaces }: TransactionVerdict): Code {
        const changed: string[] = [];
        let code: Code = CODE.VALID;
        for (const namespace of namespaces ?? []) {
            code = checkEndorsement(parsed, rwset ?? { namespaces: [] }, namespace, this.#circumstances);
            if (code !== CODE.VALID) {
                break;
            }
            const set = rwset?.namespaces.find(({ name }) => name === namespace);
            changed.push(...(set === undefined ? [] : changedPolicyKeys(set)));
        }
        changed.forEach((key) => this.#changedPolicies.add(key));
        return code;
    }
}
