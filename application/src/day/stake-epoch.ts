import type { EpochRecord, RewardRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import type { Endorsers } from '../gateway/member-gateway';
import { NotDone, OutcomeUnknown, TransactionInvalid, TransactionRefused } from '../gateway/failures';
import { WouldNot, type StakeAgent } from '../household/stake-agent';
import { Stake, StakeGovernance, type Participation } from '../market/stake';
import type { TypedCalls } from '../market/typed-calls';
import { concurrently } from './concurrently';

const HOUSEHOLDS_AT_ONCE = 10;

export type EpochPhase = 'committed' | 'revealed' | 'confirmed';

export interface EpochPlan {
    /** A local day of the market. */
    readonly epoch: string;
    /** Whose agent opens and ends the phases: any member's may, in communities that replay days the operator's. */
    readonly caller: TypedCalls;
    /** Who endorses what is governed. */
    readonly governors: Endorsers;
    readonly households: readonly StakeAgent[];
    readonly report: (phase: EpochPhase, done: number, of: number) => void;
}

/** What a household did not do, and why: the epoch goes on without it. */
export interface Silence {
    readonly home: string;
    readonly phase: EpochPhase;
    readonly why: string;
}

export interface EpochOutcome {
    readonly record: EpochRecord;
    readonly participation: Participation;
    /** Undefined where nothing was paid, see `unpaid`. */
    readonly rewards?: RewardRecord | undefined;
    readonly unpaid?: RefusalCode | undefined;
    readonly silent: readonly Silence[];
}

/**
 * An epoch from opening to rewards: commitments and energy, weights, reveals, the draw, the producers' counts. As with the day, each part
 * first looks at what the ledger has, so that an epoch that was broken off anywhere goes on from there. A household that cannot take
 * part is left out by the rules: the operator ends each phase without it.
 */
export class StakeEpoch {
    readonly #plan: EpochPlan;
    readonly #stake: Stake;
    readonly #governance: StakeGovernance;
    readonly #silent: Silence[] = [];
    #unpaid: RefusalCode | undefined;

    constructor(plan: EpochPlan) {
        this.#plan = plan;
        this.#stake = new Stake(plan.caller);
        this.#governance = new StakeGovernance(plan.caller, plan.governors);
    }

    async run(): Promise<EpochOutcome> {
        await this.open();
        await this.commit();
        await this.fix();
        await this.reveal();
        await this.close();
        await this.confirm();
        await this.reward();
        return this.outcome();
    }

    /** Opens the epoch where it is not. */
    async open(): Promise<void> {
        const { epoch } = this.#plan;
        if ((await this.#stake.epoch(epoch)) === undefined) {
            await this.#governance.openEpoch(epoch);
        }
    }

    /** The households commit themselves and publish their energy. */
    async commit(): Promise<void> {
        const record = await this.#record();
        if (record.status === 'committing') {
            await this.#each('committed', (household, done) => household.enter(record, done));
        }
    }

    /** Ends the time for commitments. */
    async fix(): Promise<void> {
        const { epoch, status } = await this.#record();
        if (status === 'committing') {
            await this.#governance.fixWeights(epoch);
        }
    }

    async reveal(): Promise<void> {
        const record = await this.#record();
        if (record.status === 'revealing') {
            await this.#each('revealed', (household, done) => household.reveal(record, done));
        }
    }

    /** Ends the time for reveals, and draws. */
    async close(): Promise<void> {
        const { epoch, status } = await this.#record();
        if (status === 'revealing') {
            await this.#governance.closeEpoch(epoch);
        }
    }

    /** The households state who produced the blocks up to the one that closed the epoch. */
    async confirm(): Promise<void> {
        const { epoch, status } = await this.#record();
        if (status === 'closed' && (await this.#stake.rewards(epoch)) === undefined) {
            const seenAt = (await this.#plan.caller.gateway.height()) - 1;
            await this.#each('confirmed', async (household, done) => {
                if (done?.confirmed !== true) {
                    await household.confirm(epoch, seenAt);
                }
            });
        }
    }

    /** Books what the day brought the community, and pays the fees out of it. */
    async reward(): Promise<void> {
        const { epoch, energyDay, status } = await this.#record();
        if (status !== 'closed' || (await this.#stake.rewards(epoch)) !== undefined) {
            return;
        }
        await refusedAs(['INCOME_EXISTS', 'DAY_NOT_CLOSED'], this.#governance.collect(energyDay));
        const paid = await refusedAs(['CONFIRMATIONS_MISSING', 'CONFIRMATIONS_OPEN'], this.#governance.reward(epoch));
        this.#unpaid = typeof paid === 'string' ? paid : undefined;
    }

    /** What households did not do, of what has run here. */
    get silent(): readonly Silence[] {
        return this.#silent;
    }

    async outcome(): Promise<EpochOutcome> {
        const record = await this.#record();
        return {
            record,
            participation: await this.#stake.participation(record.epoch),
            rewards: await this.#stake.rewards(record.epoch),
            unpaid: this.#unpaid,
            silent: this.#silent,
        };
    }

    async #record(): Promise<EpochRecord> {
        const record = await this.#stake.epoch(this.#plan.epoch);
        if (record === undefined) {
            throw new Error(`the epoch ${this.#plan.epoch} is not open`);
        }
        return record;
    }

    async #each(
        phase: EpochPhase,
        work: (household: StakeAgent, done: Participation[number] | undefined) => Promise<void>,
    ): Promise<void> {
        const { households, report, epoch } = this.#plan;
        const soFar = new Map((await this.#stake.participation(epoch)).map((part) => [part.mspId, part]));
        let done = 0;
        await concurrently(households, HOUSEHOLDS_AT_ONCE, async (household) => {
            try {
                await work(household, soFar.get(household.mspId));
            } catch (error) {
                this.#silent.push({ home: household.home, phase, why: whyNot(error) });
            }
            done += 1;
            report(phase, done, households.length);
        });
    }
}

/** What the network answers a household is its own trouble; anything else is a fault. */
function whyNot(error: unknown): string {
    const isAnswer = [TransactionRefused, TransactionInvalid, NotDone, OutcomeUnknown, WouldNot].some(
        (kind) => error instanceof kind,
    );
    if (isAnswer && error instanceof Error) {
        return error.message;
    }
    throw error;
}

/** The code of the refusal, where it is one of these. */
async function refusedAs<R>(codes: readonly RefusalCode[], action: Promise<R>): Promise<R | RefusalCode> {
    try {
        return await action;
    } catch (error) {
        if (error instanceof TransactionRefused && codes.includes(error.refusal.code)) {
            return error.refusal.code;
        }
        throw error;
    }
}
