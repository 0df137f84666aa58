import { Context } from 'fabric-contract-api';
import { EVENT_NAMES, type MarketEvent } from '../api/events';
import type { ChaincodeName } from '../api/transactions';
import { encodeBytes } from '../api/wire';
import type { Charter } from '../api/records';
import { readCharter } from '../ledger/governance-call';
import { Ledger } from '../ledger/ledger';

/** What a transaction function may use. Built anew for each transaction. */
export class TransactionContext extends Context {
    readonly #events: MarketEvent[] = [];
    #ledger: Ledger | undefined;

    get ledger(): Ledger {
        this.#ledger ??= new Ledger(this.stub);
        return this.#ledger;
    }

    /** The MSP of whoever sent the proposal. Its attributes are its own authority's word and never count. */
    get caller(): string {
        return this.clientIdentity.getMSPID();
    }

    /** The proposal's time in unix seconds: the client's word, within the peers' time window. */
    get now(): number {
        const { seconds } = this.stub.getTxTimestamp();
        return Number(seconds.toString());
    }

    /** Governance as the market sees it. */
    charter(): Promise<Charter> {
        return readCharter(this.stub);
    }

    emit(event: MarketEvent): void {
        this.#events.push(event);
    }

    /** Called once, when the transaction's rules are done: sends what waits to be written, then the events. */
    async complete(chaincode: ChaincodeName): Promise<void> {
        await this.#ledger?.flush();
        this.#sendEvents(chaincode);
    }

    /** Fabric keeps only the last `setEvent` of a transaction, so all events leave in one envelope. */
    #sendEvents(chaincode: ChaincodeName): void {
        if (this.#events.length > 0) {
            this.stub.setEvent(EVENT_NAMES[chaincode], encodeBytes({ version: 1, events: this.#events }));
        }
    }
}
