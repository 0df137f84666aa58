import type {
    BillDraft,
    BillRecord,
    BillSums,
    BillSumsRecord,
    CorrectionRecord,
    DaySumsRecord,
    OrderRecord,
    PoolRecord,
    ReadingRecord,
    SettlementDraft,
    SettlementMarker,
    SettlementRecord,
    SubmissionRecord,
    Totals,
} from '@commonwatt/chaincode/api/records';
import type { ResponseOf } from '@commonwatt/chaincode/api/transactions';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

/** What a settlement is worked out from: the openings of the household's readings and orders of the day. */
export interface SettlementInputs {
    readonly readings: ReadingRecord[];
    readonly orders: OrderRecord[];
    /** Of a day that was scheduled: what the household agreed to, or null where it never did. Then `orders` is empty. */
    readonly scheduled?: SubmissionRecord | null;
    readonly salt: string;
}

/** Of the record, for its parties; of its marker, for everybody. */
export interface SettlementSignatures {
    readonly signature: string;
    readonly markerSignature: string;
}

export interface BillInputs {
    /** Of the period's days, and of days before it whose corrections are to stand on the bill. */
    readonly settlements: SettlementRecord[];
    /** All of these days. */
    readonly corrections: CorrectionRecord[];
    /** Of the period's first and last slot, to show what the meters showed. */
    readonly readings: ReadingRecord[];
    readonly salt: string;
}

export type Unbilled = ResponseOf<'billing:unbilled'>;

export interface Period {
    readonly from: string;
    readonly to: string;
}

const withSchedule = <T extends SettlementInputs>(inputs: T): T & { readonly scheduled: SubmissionRecord | null } => ({
    ...inputs,
    scheduled: inputs.scheduled ?? null,
});

/** Settlements and bills, as one member agrees to them and sees them. */
export class Billing {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** What settling would write, for the member to check and to sign. Asked of its own peer. */
    draftSettlement(
        day: string,
        inputs: SettlementInputs,
        mspId: string = this.#calls.mspId,
    ): Promise<SettlementDraft> {
        return this.#calls.query('billing:draftSettlement', { day, mspId }, withSchedule(inputs));
    }

    /** The grid operator, with a quorum of the committee, for a household that is silent. */
    async settleProvisionally(
        day: string,
        mspId: string,
        inputs: SettlementInputs & SettlementSignatures,
        endorsers: Endorsers,
    ): Promise<void> {
        await this.#calls.submit('billing:settleProvisionally', { day, mspId }, endorsers, withSchedule(inputs));
    }

    async settle(day: string, inputs: SettlementInputs, signed: SettlementSignatures, operator: string): Promise<void> {
        const own = this.#calls.mspId;
        const transient = { ...withSchedule(inputs), ...signed };
        await this.#calls.submit('billing:settle', { day, mspId: own }, [own, operator], transient);
    }

    /** How the community stood to its schedule, slot by slot, before anybody is settled; by the grid operator, with a quorum of the committee. */
    async statePool(day: string, sides: PoolRecord['sides'], endorsers: Endorsers): Promise<PoolRecord> {
        return (await this.#calls.submit('billing:statePool', { day, sides }, endorsers)).response;
    }

    /** The newest statement; undefined where nobody has made one. */
    async pool(day: string): Promise<PoolRecord | undefined> {
        try {
            return await this.#calls.query('billing:pool', { day });
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }

    /** The sums are public; who endorses them checks that they are those of all settlements. */
    async closeDay(day: string, sums: DaySumsRecord, committee: Endorsers): Promise<Totals> {
        return (await this.#calls.submit('billing:closeDay', { day, sums }, committee)).response;
    }

    draftBill({ from, to }: Period, inputs: BillInputs, mspId: string = this.#calls.mspId): Promise<BillDraft> {
        return this.#calls.query('billing:draftBill', { mspId, from, to }, inputs);
    }

    /** The grid operator, with a quorum of the committee, for a household that is silent. */
    async issueBillProvisionally(
        { from, to }: Period,
        mspId: string,
        inputs: BillInputs & SettlementSignatures,
        endorsers: Endorsers,
    ): Promise<void> {
        await this.#calls.submit('billing:issueBillProvisionally', { mspId, from, to }, endorsers, inputs);
    }

    async issueBill(
        { from, to }: Period,
        inputs: BillInputs,
        signed: SettlementSignatures,
        operator: string,
    ): Promise<void> {
        const own = this.#calls.mspId;
        const transient = { ...inputs, ...signed };
        await this.#calls.submit('billing:issueBill', { mspId: own, from, to }, [own, operator], transient);
    }

    /** The sums are public; who endorses them checks that they are those of all bills of the period. */
    async publishBills({ from, to }: Period, sums: BillSumsRecord, committee: Endorsers): Promise<BillSums> {
        return (await this.#calls.submit('billing:publishBills', { from, to, sums }, committee)).response;
    }

    /** With the markers of the bills; undefined where nobody has published them. */
    async billSums(period: Period): Promise<ResponseOf<'billing:billSums'> | undefined> {
        try {
            return await this.#calls.query('billing:billSums', period);
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }

    /** What no bill of a member has yet. */
    unbilled(mspId: string = this.#calls.mspId): Promise<Unbilled> {
        return this.#calls.query('billing:unbilled', { mspId });
    }

    settlementMarkers(day: string): Promise<SettlementMarker[]> {
        return this.#calls.query('billing:settlementMarkers', { day });
    }

    /** Undefined where there is none. The grid operator may name a household. */
    async settlement(day: string, mspId?: string): Promise<SettlementRecord | undefined> {
        try {
            return await this.#calls.query('billing:ownSettlement', { day, mspId });
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }

    /** Undefined where there is none. The grid operator may name a household. */
    async bill({ from, to }: Period, mspId?: string): Promise<BillRecord | undefined> {
        try {
            return await this.#calls.query('billing:ownBill', { from, to, mspId });
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }

    totals(day: string): Promise<Totals> {
        return this.#calls.query('billing:totals', { day });
    }
}
