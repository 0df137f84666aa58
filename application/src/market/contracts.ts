import type {
    AccountInputs,
    AttestationRecord,
    Charter,
    OfferRecord,
    PurchaseRecord,
    PurchaseStatement,
} from '@commonwatt/chaincode/api/records';
import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import { operatorAndCommittee } from './endorsers';
import type { TypedCalls } from './typed-calls';

/** A purchase by its key, without the day, which follows from the slot. */
export interface PurchaseName {
    readonly slot: number;
    readonly id: string;
    readonly version: number;
}
type Deliveries = ArgsOf<'contracts:release'>['purchases'];

/** Sell and purchase contracts with storage, as one member makes and sees them. */
export class Contracts {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** The storage system's. */
    async attest(day: string, attestations: AttestationRecord[], operator: string): Promise<void> {
        await this.#calls.submit('contracts:attest', { day, attestations }, [this.#calls.mspId, operator]);
    }

    /**
     * By broadcast the attestation is on the ledger, and seller and grid operator suffice. By request and response it is brought along, and
     * the storage system has to endorse: its peer asks its own service.
     */
    async offer(
        { slot, id }: Pick<PurchaseName, 'slot' | 'id'>,
        offer: OfferRecord,
        operator: string,
        asked?: { readonly storage: string; readonly attestation?: AttestationRecord },
    ): Promise<void> {
        const attestation = asked?.attestation;
        const argument = { slot, id, offer, ...(attestation === undefined ? {} : { attestation }) };
        const endorsers = [this.#calls.mspId, operator, ...(asked === undefined ? [] : [asked.storage])];
        await this.#calls.submit('contracts:offer', argument, endorsers);
    }

    async withdraw(name: PurchaseName, operator: string): Promise<void> {
        await this.#calls.submit('contracts:withdraw', { ...name }, [this.#calls.mspId, operator]);
    }

    /** The account that pays is private to the buyer and the grid operator. */
    async buy(
        name: PurchaseName,
        statement: PurchaseStatement,
        payment: { readonly account: AccountInputs; readonly escrowSignature: string },
        operator: string,
    ): Promise<PurchaseRecord> {
        const endorsers = [this.#calls.mspId, operator];
        return (await this.#calls.submit('contracts:buy', { ...name, statement }, endorsers, payment)).response;
    }

    /** The storage system's. */
    async release(purchases: Deliveries, operator: string): Promise<void> {
        await this.#calls.submit('contracts:release', { purchases }, [this.#calls.mspId, operator]);
    }

    /** The storage system's. All of one day and version of the charter: `of` says which quorum serves. */
    async confirm(purchases: Deliveries, charter: Charter, of: PurchaseRecord, deliveryDay: string): Promise<void> {
        await this.#calls.submit('contracts:confirm', { purchases }, quorumOf(charter, of, deliveryDay));
    }

    async refund(name: PurchaseName, charter: Charter, of: PurchaseRecord, deliveryDay: string): Promise<void> {
        await this.#calls.submit('contracts:refund', { ...name }, quorumOf(charter, of, deliveryDay));
    }

    /** What is on the ledger of energy that was taken in on a day. */
    of(day: string): Promise<ResponseOf<'contracts:of'>> {
        return this.#calls.query('contracts:of', { day });
    }
}

const quorumOf = (charter: Charter, { deliverySlot, charterVersion }: PurchaseRecord, day: string) =>
    operatorAndCommittee(charter, { day, slot: deliverySlot, charterVersion });
