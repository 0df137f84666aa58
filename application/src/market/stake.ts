import type {
    CommitteeTermRecord,
    EpochRecord,
    MisconductRecord,
    ProducerCounts,
    RewardRecord,
    SettlementRecord,
    StakeAccount,
    StakeBook,
    StakeParameters,
    Weighed,
} from '@commonwatt/chaincode/api/records';
import type { ArgsOf, ResponseOf } from '@commonwatt/chaincode/api/transactions';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from './governance';
import type { TypedCalls } from './typed-calls';

/** What each member has done in an epoch so far. */
export type Participation = ResponseOf<'stake:participation'>;

/** What the community has paid a member, by epoch. */
export type OwnRewards = ResponseOf<'stake:ownRewards'>;

/** One member's own part in the epochs of stake, and what everybody may see of them, from the own peer. */
export class Stake {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** Endorsed by the member alone, as all that nobody else may stop. */
    async commitSeed(epoch: string, commitment: string): Promise<void> {
        await this.#calls.submit('stake:commitSeed', { epoch, commitment }, [this.#calls.mspId]);
    }

    /** From now on the secret is public. */
    async revealSeed(epoch: string, secret: string): Promise<void> {
        await this.#calls.submit('stake:revealSeed', { epoch, secret }, [this.#calls.mspId]);
    }

    /** The settlement goes to the member itself and to the grid operator, who have it; the channel gets whole tokens. */
    async publishEnergy(epoch: string, settlement: SettlementRecord, operator: string): Promise<bigint> {
        const parties = [this.#calls.mspId, operator];
        return (await this.#calls.submit('stake:publishEnergy', { epoch }, parties, { settlement })).response.tokens;
    }

    async confirmProducers(epoch: string, counts: ProducerCounts): Promise<void> {
        await this.#calls.submit('stake:confirmProducers', { epoch, counts }, [this.#calls.mspId]);
    }

    /** An epoch by its day, or the latest. Undefined where there is none. */
    epoch(epoch?: string): Promise<EpochRecord | undefined> {
        return unless('EPOCH_UNKNOWN', this.#calls.query('stake:epoch', epoch === undefined ? {} : { epoch }));
    }

    participation(epoch: string): Promise<Participation> {
        return this.#calls.query('stake:participation', { epoch });
    }

    /** The weights of an epoch, or the latest that are fixed. Undefined where none are. */
    async weights(epoch?: string): Promise<{ epoch: string; weights: readonly Weighed[] } | undefined> {
        const asked = this.#calls.query('stake:weights', epoch === undefined ? {} : { epoch });
        return unless('COMMITMENTS_OPEN', unless('EPOCH_UNKNOWN', asked));
    }

    parameters(): Promise<readonly StakeParameters[]> {
        return this.#calls.query('stake:parameters', {});
    }

    accounts(): Promise<readonly StakeAccount[]> {
        return this.#calls.query('stake:accounts', {});
    }

    book(): Promise<StakeBook & { readonly balanceNanos: bigint }> {
        return this.#calls.query('stake:book', {});
    }

    /** What the member itself was paid for producing blocks and clearing rounds, by epoch. */
    ownRewards(): Promise<OwnRewards> {
        return this.#calls.query('stake:ownRewards', {});
    }

    /** What was paid in an epoch. Undefined where nothing has been yet. */
    rewards(epoch: string): Promise<RewardRecord | undefined> {
        return unless('NOT_FOUND', this.#calls.query('stake:rewards', { epoch }));
    }
}

/** The part of stake that is governed: endorsed by the grid operator and a majority of the households. */
export class StakeGovernance {
    readonly #calls: TypedCalls;
    readonly #endorsers: Endorsers;

    constructor(calls: TypedCalls, endorsers: Endorsers) {
        this.#calls = calls;
        this.#endorsers = endorsers;
    }

    async setParameters(parameters: StakeParameters): Promise<void> {
        await this.#calls.submit('stake:setParameters', parameters, this.#endorsers);
    }

    async openEpoch(epoch: string): Promise<EpochRecord> {
        return (await this.#calls.submit('stake:openEpoch', { epoch }, this.#endorsers)).response;
    }

    async fixWeights(epoch: string): Promise<EpochRecord> {
        return (await this.#calls.submit('stake:fixWeights', { epoch }, this.#endorsers)).response;
    }

    async closeEpoch(epoch: string): Promise<EpochRecord> {
        return (await this.#calls.submit('stake:closeEpoch', { epoch }, this.#endorsers)).response;
    }

    /** Fills the seats of an epoch's committee whose members are no longer there, from a day on. */
    async substitute(epoch: string, fromDay: string): Promise<CommitteeTermRecord> {
        return (await this.#calls.submit('stake:substitute', { epoch, fromDay }, this.#endorsers)).response;
    }

    /** The operator states that money was paid in. */
    async deposit(mspId: string, amountNanos: bigint, reference: string): Promise<StakeAccount> {
        const paid = { mspId, amountNanos, reference };
        return (await this.#calls.submit('stake:deposit', paid, this.#endorsers)).response;
    }

    /** From the caller's own deposit. */
    async withdraw(amountNanos: bigint): Promise<StakeAccount> {
        return (await this.#calls.submit('stake:withdraw', { amountNanos }, this.#endorsers)).response;
    }

    /** Any member may: the round is the evidence. Says what was taken from the deposit. */
    async reportUnrevealed(order: ArgsOf<'stake:reportUnrevealed'>): Promise<MisconductRecord> {
        return (await this.#calls.submit('stake:reportUnrevealed', order, this.#endorsers)).response;
    }

    /** Any member may, once the run of the day's schedule has noted that the member did not answer. Once for a day. */
    async reportSilent(late: ArgsOf<'stake:reportSilent'>): Promise<MisconductRecord> {
        return (await this.#calls.submit('stake:reportSilent', late, this.#endorsers)).response;
    }

    async collect(day: string): Promise<void> {
        await this.#calls.submit('stake:collect', { day }, this.#endorsers);
    }

    async reward(epoch: string): Promise<RewardRecord> {
        return (await this.#calls.submit('stake:reward', { epoch }, this.#endorsers)).response;
    }
}

async function unless<R>(code: Parameters<typeof unlessRefused>[0], asked: Promise<R>): Promise<R | undefined> {
    try {
        return await asked;
    } catch (error) {
        unlessRefused(code, error);
        return undefined;
    }
}
