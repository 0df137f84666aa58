import { keyName, suspicionKey } from '@commonwatt/chaincode/api/keys';
import type { FeederRecord, SettlementRecord } from '@commonwatt/chaincode/api/records';
import { feederStatement, ownerStatement } from '@commonwatt/chaincode/api/statements';
import { suspect } from '@commonwatt/chaincode/domain/feeder/suspicion';
import { netEnergy } from '@commonwatt/chaincode/domain/quantity';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { OwnerKeys } from '../household/keys';
import { Feeder, type FeederReadings } from '../market/feeder';
import type { TypedCalls } from '../market/typed-calls';

export interface FeederResult {
    readonly record: FeederRecord;
    /** The member whose meter alone explains what is missing, and whether it could be told on the ledger. */
    readonly suspected?: { readonly mspId: string; readonly isTold: boolean } | undefined;
}

/** What the grid operator does with the feeder's meter once a day is closed. */
export class FeederAgent {
    readonly #feeder: Feeder;
    readonly #keys: OwnerKeys;

    constructor(calls: TypedCalls, keys: OwnerKeys) {
        this.#feeder = new Feeder(calls);
        this.#keys = keys;
    }

    /** Compares, once; where the day does not fit it looks for the one meter that explains it, and tells its household. */
    async compare(
        day: string,
        slots: FeederReadings,
        settlements: readonly SettlementRecord[],
    ): Promise<FeederResult | undefined> {
        const witness = settlements[0]?.mspId;
        if (witness === undefined) {
            return undefined;
        }
        const record = (await this.#feeder.day(day)) ?? (await this.#compared(day, slots, witness));
        const settlement = suspectedSettlement(record, settlements);
        const suspected = settlement && { mspId: settlement.mspId, isTold: await this.#isTold(settlement) };
        return { record, suspected };
    }

    async #compared(day: string, slots: FeederReadings, witness: string): Promise<FeederRecord> {
        const signature = await this.#keys.sign(feederStatement(day, slots));
        return this.#feeder.compareDay({ day, slots: [...slots], signature }, witness);
    }

    /** A household that does not endorse what it is told is told outside the ledger: the day goes on. */
    async #isTold(settlement: SettlementRecord): Promise<boolean> {
        const { day, mspId } = settlement;
        if ((await this.#feeder.ownSuspicion(day, mspId)) !== undefined) {
            return true;
        }
        try {
            const salt = this.#keys.saltFor(keyName(suspicionKey(day, mspId)), 1);
            const draft = await this.#feeder.draftSuspicion(day, mspId, { settlement, salt });
            const signature = await this.#keys.sign(ownerStatement(draft));
            await this.#feeder.notify(day, mspId, { settlement, salt, signature });
            return true;
        } catch (error) {
            if (error instanceof TransactionRefused || error instanceof NotDone) {
                return false;
            }
            throw error;
        }
    }
}

/** The member whose meter explains what is missing. Nobody is suspected where an estimate stands in the sums: it is what does not fit. */
export function suspectedSettlement(
    { fits, slots }: Pick<FeederRecord, 'fits' | 'slots'>,
    settlements: readonly SettlementRecord[],
): SettlementRecord | undefined {
    if (fits || settlements.some(({ provisional }) => provisional)) {
        return undefined;
    }
    const residuals = slots.map(({ meteredWh, feederWh, expectedWh }) => meteredWh - feederWh - expectedWh);
    const meters = settlements.map(({ mspId, slots: settled }) => ({
        mspId,
        metered: settled.map(({ meteredWh }) => netEnergy(meteredWh)),
    }));
    const found = suspect(residuals, meters);
    return settlements.find(({ mspId }) => mspId === found?.mspId);
}
