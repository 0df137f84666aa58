import { creditNoteKey, keyName } from '@commonwatt/chaincode/api/keys';
import type {
    BillingRun,
    BillRecord,
    CreditNoteRecord,
    DocumentReference,
    ListedDocument,
} from '@commonwatt/chaincode/api/records';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import type { Endorsers } from '../gateway/member-gateway';
import type { OwnerKeys } from '../household/keys';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

export type RunPreview = ResponseOf<'invoicing:preview'>;

/** Bills and credit notes once they are final, as the grid operator keeps them. */
export class Invoicing {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    preview(period: { readonly from: string; readonly to: string }): Promise<RunPreview> {
        return this.#calls.query('invoicing:preview', { from: period.from, to: period.to });
    }

    /** Exactly what the preview showed. */
    async finalise({ run, firstNumber, documents }: RunPreview, dueDay: string, by: Endorsers): Promise<BillingRun> {
        const asked = { run, firstNumber, documents, dueDay };
        return (await this.#calls.submit('invoicing:finalise', asked, by)).response;
    }

    /** By number. */
    documents(mspId?: string): Promise<ListedDocument[]> {
        return this.#calls.query('invoicing:documents', { mspId });
    }

    creditNotes({ mspId, from, to }: Omit<DocumentReference, 'id'>): Promise<CreditNoteRecord[]> {
        return this.#calls.query('invoicing:creditNotes', { mspId, from, to });
    }

    /** From the grid operator's own collection. Undefined where it is purged. */
    async bill({ mspId, from, to }: Omit<DocumentReference, 'id'>): Promise<BillRecord | undefined> {
        try {
            return await this.#calls.query('billing:ownBill', { mspId, from, to });
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }

    async recordPayment(of: DocumentReference, day: string, reference: string): Promise<void> {
        const { mspId, from, to, id } = of;
        await this.#calls.submit('invoicing:recordPayment', { mspId, from, to, id, day, reference }, this.#with(mspId));
    }

    async remind({ mspId, from, to, id }: DocumentReference): Promise<void> {
        await this.#calls.submit('invoicing:remind', { mspId, from, to, id }, this.#with(mspId));
    }

    /**
     * What is reserved for a bill that its household does not pay, with a quorum of the committee, which is given bill and account. Returns how much
     * that is, in nanos.
     */
    async collect({ mspId, from, to }: DocumentReference, committee: Endorsers): Promise<bigint> {
        const { account } = await this.#calls.query('accounts:own', { mspId });
        const bill = await this.bill({ mspId, from, to });
        if (account === null || bill === undefined) {
            throw new Error(`the grid operator has no account or no bill of ${mspId} from ${from} to ${to}`);
        }
        const asked = { mspId, from, to };
        const { response } = await this.#calls.submit('accounts:collect', asked, committee, { account, bill });
        return response.collected?.amountNanos ?? 0n;
    }

    async issueCreditNote(keys: OwnerKeys, asked: Credit): Promise<CreditNoteRecord> {
        const { mspId, from, to, id, corrects, reason, parts } = asked;
        const key = keyName(creditNoteKey({ mspId, from, to, id }));
        const unsigned = { key, version: 1, mspId, from, to, id, corrects, reason, parts, salt: keys.saltFor(key, 1) };
        const note = { ...unsigned, signature: await keys.sign(ownerStatement(unsigned)) };
        const bill = await this.bill(asked);
        if (bill === undefined) {
            throw new Error(`the grid operator has no bill of ${mspId} from ${from} to ${to}`);
        }
        const earlier = await this.creditNotes(asked);
        const argument: ArgsOf<'invoicing:issueCreditNote'> = { mspId, from, to, id, corrects };
        await this.#calls.submit('invoicing:issueCreditNote', argument, this.#with(mspId), { note, bill, earlier });
        return note;
    }

    #with(mspId: string): Endorsers {
        return [this.#calls.mspId, mspId];
    }
}

export interface Credit extends DocumentReference {
    /** The bill's number. */
    readonly corrects: number;
    readonly reason: string;
    readonly parts: CreditNoteRecord['parts'];
}
