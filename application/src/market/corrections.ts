import type {
    CorrectionDraft,
    CorrectionRecord,
    ReadingRecord,
    SettlementRecord,
} from '@commonwatt/chaincode/api/records';
import type { SettlementSignatures } from './billing';
import type { TypedCalls } from './typed-calls';

export interface CorrectionInputs {
    readonly settlement: SettlementRecord;
    /** All before it. */
    readonly corrections: CorrectionRecord[];
    /** All readings that are newer than what the day was settled with. */
    readonly readings: ReadingRecord[];
    readonly salt: string;
}

/** What changed readings add to settled days, as one member agrees to it and sees it. */
export class Corrections {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    draft(day: string, inputs: CorrectionInputs): Promise<CorrectionDraft> {
        return this.#calls.query('corrections:draft', { day, mspId: this.#calls.mspId }, inputs);
    }

    async record(day: string, inputs: CorrectionInputs, signed: SettlementSignatures, operator: string): Promise<void> {
        const own = this.#calls.mspId;
        const transient = { ...inputs, ...signed };
        await this.#calls.submit('corrections:record', { day, mspId: own }, [own, operator], transient);
    }

    /** The grid operator may name a household. */
    own(day: string, mspId?: string): Promise<CorrectionRecord[]> {
        return this.#calls.query('corrections:own', { day, mspId });
    }
}
