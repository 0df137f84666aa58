import type { FeederRecord, SettlementRecord, SuspicionRecord } from '@commonwatt/chaincode/api/records';
import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

export type FeederReadings = ArgsOf<'feeder:compareDay'>['slots'];
export type SuspicionDraft = ResponseOf<'feeder:draftSuspicion'>;

export interface SuspicionInputs {
    readonly settlement: SettlementRecord;
    readonly salt: string;
}

/** The feeder's meter beside the members' meters, as one member sees it; the grid operator compares. */
export class Feeder {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** What everybody may know; undefined where the day was not compared. */
    async day(day: string): Promise<FeederRecord | undefined> {
        try {
            return await this.#calls.query('feeder:day', { day });
        } catch (error) {
            unlessRefused('FEEDER_MISSING', error);
            return undefined;
        }
    }

    /** The grid operator, with any household: who endorses works the comparison out again. */
    async compareDay(compared: ArgsOf<'feeder:compareDay'>, household: string): Promise<FeederRecord> {
        const endorsers = [this.#calls.mspId, household];
        return (await this.#calls.submit('feeder:compareDay', compared, endorsers)).response;
    }

    draftSuspicion(day: string, mspId: string, inputs: SuspicionInputs): Promise<SuspicionDraft> {
        return this.#calls.query('feeder:draftSuspicion', { day, mspId }, { ...inputs });
    }

    async notify(day: string, mspId: string, inputs: SuspicionInputs & { readonly signature: string }): Promise<void> {
        await this.#calls.submit('feeder:notify', { day, mspId }, [mspId, this.#calls.mspId], { ...inputs });
    }

    /** What a household was told about its meter, for itself; the grid operator names the household. */
    async ownSuspicion(day: string, mspId?: string): Promise<SuspicionRecord | undefined> {
        try {
            return await this.#calls.query('feeder:ownSuspicion', { day, mspId });
        } catch (error) {
            unlessRefused('NOT_FOUND', error);
            return undefined;
        }
    }
}
