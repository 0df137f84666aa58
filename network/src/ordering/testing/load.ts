import { setTimeout as sleep } from 'node:timers/promises';
import type { common } from '@hyperledger/fabric-protos';
import { blockEnvelopes, blockSignatureSet, headerHash } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { parseEnvelope } from '../../fabric/envelopes';
import { headerOf } from '../app/block-header';
import type { Dice } from '../simulation/dice';
import type { OrderingCommunity } from './community';
import type { SeatProcesses } from './seat-processes';

const ANSWER_LIMIT_MS = 10_000;
const PAUSE_MS = 5;

/** Sends transactions to seats until it is stopped, and remembers which were acknowledged. */
export class Load {
    readonly acknowledged = new Set<string>();
    readonly #community: OrderingCommunity;
    readonly #seats: SeatProcesses;
    readonly #dice: Dice;
    #isStopped = false;
    readonly #senders: Promise<void>[];

    constructor(community: OrderingCommunity, seats: SeatProcesses, dice: Dice, senders = 4) {
        this.#community = community;
        this.#seats = seats;
        this.#dice = dice;
        this.#senders = Array.from({ length: senders }, () => this.#send());
    }

    async stop(): Promise<void> {
        this.#isStopped = true;
        await Promise.all(this.#senders);
    }

    async #send(): Promise<void> {
        while (!this.#isStopped) {
            const envelope = this.#community.transaction();
            const { running } = this.#seats;
            if (running.length === 0) {
                await sleep(PAUSE_MS);
                continue;
            }
            const id = this.#dice.pick(running);
            const answer = await answered(this.#seats.client(id).broadcast(envelope));
            if (answer === 'SUCCESS') this.acknowledged.add(parseEnvelope(envelope.serializeBinary()).txId);
            await sleep(PAUSE_MS);
        }
    }
}

/** A broken stream says nothing: the transaction may be ordered or not. */
async function answered(broadcast: Promise<{ status: string }[]>): Promise<string | undefined> {
    const limit = new AbortController();
    try {
        const late = sleep(ANSWER_LIMIT_MS, [], { signal: limit.signal, ref: false }).catch(() => []);
        return (await Promise.race([broadcast, late]))[0]?.status;
    } catch {
        return undefined;
    } finally {
        limit.abort();
    }
}

/** What a seat serves, as a peer sees it. */
export interface Chain {
    readonly hashes: readonly string[];
    readonly txIds: readonly string[];
}

/** The blocks of a seat from 1 to `last`, each checked as a peer does, by the configuration that was in force for it. */
export async function chainOf(
    id: string,
    last: number,
    community: OrderingCommunity,
    seats: SeatProcesses,
): Promise<Chain> {
    let bundle = Bundle.fromConfigBlock(community.genesis());
    const { blocks } = await seats.client(id).deliver(community.client('H1'), { from: 1, to: last });
    const txIds: string[] = [];
    for (const block of blocks) {
        const signed = blockSignatureSet(block, bundle.consenters);
        if (!bundle.policies.get('/Channel/Orderer/BlockValidation').evaluate(signed)) {
            throw new Error(`block ${headerOf(block).getNumber()} of ${id} is not signed as the channel asks`);
        }
        const envelopes = blockEnvelopes(block).map((bytes) => parseEnvelope(bytes));
        txIds.push(...envelopes.map(({ txId }) => txId));
        bundle = configurationIn(block) ?? bundle;
    }
    return { hashes: blocks.map((block) => Buffer.from(headerHash(headerOf(block))).toString('hex')), txIds };
}

function configurationIn(block: common.Block): Bundle | undefined {
    const [envelope, ...others] = blockEnvelopes(block);
    const isConfiguration = envelope !== undefined && others.length === 0 && parseEnvelope(envelope).type === 1;
    return isConfiguration ? Bundle.fromConfigBlock(block) : undefined;
}

/** Follows the blocks of a seat from its newest on, with the time at which each came. */
export class Follower {
    readonly times: number[] = [];
    #isStopped = false;
    readonly #following: Promise<void>;

    constructor(id: string, community: OrderingCommunity, seats: SeatProcesses) {
        this.#following = this.#follow(id, community, seats);
    }

    /** The longest time between two blocks, in milliseconds. */
    get worstGap(): number {
        return Math.max(0, ...this.times.slice(1).map((time, at) => time - (this.times[at] ?? time)));
    }

    /** A last block may still be waited for. */
    async stop(): Promise<void> {
        this.#isStopped = true;
        await Promise.race([this.#following, sleep(1_000, undefined, { ref: false })]);
    }

    async #follow(id: string, community: OrderingCommunity, seats: SeatProcesses): Promise<void> {
        const reader = community.client('H1');
        try {
            const newest = await seats.client(id).deliver(reader, { from: 'newest', to: 'newest' });
            let number = headerOf(newest.blocks[0] ?? community.genesis()).getNumber() + 1;
            while (!this.#isStopped) {
                await seats.client(id).deliver(reader, { from: number, to: number });
                this.times.push(performance.now());
                number += 1;
            }
        } catch (failure) {
            if (!this.#isStopped) throw failure;
        }
    }
}

export async function heightOf(id: string, community: OrderingCommunity, seats: SeatProcesses): Promise<number> {
    const { blocks } = await seats.client(id).deliver(community.client('H1'), { from: 'newest', to: 'newest' });
    return headerOf(blocks[0] ?? community.genesis()).getNumber() + 1;
}
