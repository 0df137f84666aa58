import type { EpochRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { seedCommitment } from '@commonwatt/chaincode/domain/stake/seed';
import { countedUntilClosing } from './producer-counts';
import { TransactionRefused } from '../gateway/failures';
import { Billing } from '../market/billing';
import { Governance } from '../market/governance';
import { Stake, type Participation } from '../market/stake';
import type { TypedCalls } from '../market/typed-calls';
import type { OwnerKeys } from './keys';

export interface StakeAgentParts {
    readonly home: string;
    readonly operator: string;
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
}

type Part = Participation[number];

/**
 * A household's part in the epochs of stake. Its secret is a function of the agent's own secret file and the epoch, as its salts are:
 * an agent that died anywhere reveals what it has committed itself to, and nothing is kept that could leak before.
 */
export class StakeAgent {
    readonly home: string;
    readonly mspId: string;
    readonly #parts: StakeAgentParts;
    readonly #stake: Stake;

    constructor(parts: StakeAgentParts) {
        this.#parts = parts;
        this.home = parts.home;
        this.mspId = parts.calls.mspId;
        this.#stake = new Stake(parts.calls);
    }

    /** Commits to a secret and publishes the day's matched energy, where either is not on the ledger yet. */
    async enter(record: EpochRecord, done: Part | undefined): Promise<void> {
        const { epoch } = record;
        if ((done?.commitment ?? null) === null) {
            const commitment = seedCommitment(epoch, this.mspId, this.#secret(epoch));
            await unlessDone('COMMITMENT_EXISTS', this.#stake.commitSeed(epoch, commitment));
        }
        if (done === undefined || done.tokens === null) {
            await this.#publish(record);
        }
    }

    /**
     * Reveals the secret, once our own peer shows that the weights are fixed and our commitment stands among them as we made it: what is
     * revealed to a draw that does not count it would only help others.
     *
     * @throws WouldNot where the ledger has another commitment than ours.
     */
    async reveal({ epoch, weights = [] }: EpochRecord, done: Part | undefined): Promise<void> {
        const counted = weights.find(({ mspId }) => mspId === this.mspId)?.commitment ?? null;
        if ((done?.secret ?? null) !== null || counted === null) {
            return;
        }
        const secret = this.#secret(epoch);
        if (counted !== seedCommitment(epoch, this.mspId, secret)) {
            throw new WouldNot(`the epoch ${epoch} has another commitment than its own`);
        }
        await unlessDone('REVEAL_EXISTS', this.#stake.revealSeed(epoch, secret));
    }

    /**
     * States what our own peer's blocks say of who produced them and who endorsed which clearings, up to the block that closed the epoch:
     * block `seenAt` or one before.
     *
     * @throws WouldNot where our own peer has no such block.
     */
    async confirm(epoch: string, seenAt: number): Promise<void> {
        const { nextBlock } = await this.#stake.book();
        const blocks = this.#parts.calls.gateway.producedBlocks(nextBlock, seenAt);
        const charter = await new Governance(this.#parts.calls).charter();
        if (charter === undefined) {
            throw new WouldNot('the community is not established');
        }
        const counts = await countedUntilClosing(blocks, epoch, charter);
        if (counts === undefined) {
            throw new WouldNot(`no block from ${nextBlock} to ${seenAt} closes the epoch ${epoch}`);
        }
        await unlessDone('CONFIRMATION_EXISTS', this.#stake.confirmProducers(epoch, counts));
    }

    async #publish({ epoch, energyDay }: EpochRecord): Promise<void> {
        const settlement = await new Billing(this.#parts.calls).settlement(energyDay);
        if (settlement !== undefined) {
            await unlessDone('ENERGY_EXISTS', this.#stake.publishEnergy(epoch, settlement, this.#parts.operator));
        }
    }

    #secret(epoch: string): string {
        return this.#parts.keys.saltFor(`seed/${epoch}`, 1);
    }
}

/** A household's agent has looked and does not take part. */
export class WouldNot extends Error {
    override readonly name = 'WouldNot';
}

/** A refusal that says that it has been done already: we ended before we heard so. */
async function unlessDone(code: RefusalCode, action: Promise<unknown>): Promise<void> {
    try {
        await action;
    } catch (error) {
        if (!(error instanceof TransactionRefused && error.refusal.code === code)) {
            throw error;
        }
    }
}
