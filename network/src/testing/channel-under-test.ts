import type { common } from '@hyperledger/fabric-protos';

import { decodeBlock, encodeBlock } from '../fabric/blocks';
import type { TxRwSet, Version } from '../fabric/rwset';
import type { Simulator } from '../peer/ledger/api';
import { PeerChannel } from '../peer/validation/peer-channel';
import { definitionWrites } from './rwsets';
import type { DefinitionSketch } from './rwsets';
import type { MadeTransaction, TestCommunity } from './test-community';

const PARTIES = ['DSO', 'H1'];

/** One peer's channel with chaincodes defined, and the next block in few words. */
export class ChannelUnderTest {
    readonly community: TestCommunity;
    readonly options: ReturnType<TestCommunity['peer']>;
    channel: PeerChannel;
    last: common.Block;

    private constructor(community: TestCommunity, options: ReturnType<TestCommunity['peer']>, channel: PeerChannel) {
        this.community = community;
        this.options = options;
        this.channel = channel;
        this.last = community.genesis;
    }

    /** Of the organisation's peer; `market` is defined unless told otherwise. */
    static async open(
        community: TestCommunity,
        organisation = 'H1',
        definitions: readonly DefinitionSketch[] = [{ name: 'market', policy: '/Channel/Application/Market' }],
    ): Promise<ChannelUnderTest> {
        const options = community.peer(organisation);
        const made = new ChannelUnderTest(community, options, await PeerChannel.open(options, community.genesis));
        for (const definition of definitions) {
            await made.define(definition);
        }
        return made;
    }

    async define(definition: DefinitionSketch): Promise<void> {
        const set = definitionWrites(definition);
        await this.commit(
            this.transaction(
                set,
                this.community.topology.organisations.map(({ id }) => id),
                '_lifecycle',
            ),
        );
    }

    transaction(rwset: TxRwSet, endorsers: readonly string[] = PARTIES, chaincode = 'market'): MadeTransaction {
        return this.community.transaction({ chaincode, rwset, endorsers });
    }

    /** A transaction that was simulated on this peer; its plaintext waits in the transient store. */
    async simulated(
        simulate: (simulator: Simulator) => void | Promise<void>,
        endorsers: readonly string[] = PARTIES,
    ): Promise<MadeTransaction> {
        const simulator = this.channel.ledger.simulator('simulated');
        await simulate(simulator);
        const results = simulator.done();
        await simulator.close();
        const transaction = this.transaction(results.publicSet, endorsers);
        if (results.private !== undefined) {
            await this.channel.ledger.persistTransient(transaction.txId, results.private);
        }
        return transaction;
    }

    /** Commits a block of these transactions and gives their codes. */
    async commit(...transactions: readonly (MadeTransaction | Uint8Array)[]): Promise<number[]> {
        const envelopes = transactions.map((one) => (one instanceof Uint8Array ? one : one.envelope));
        const next = this.community.block(this.last, envelopes);
        const event = await this.channel.commit(decodeBlock(encodeBlock(next)));
        this.last = next;
        return event.transactions.map(({ code }) => code);
    }

    async value(key: string, namespace = 'market'): Promise<string | undefined> {
        const entry = await this.channel.ledger.state(namespace, key);
        return entry && Buffer.from(entry.value).toString();
    }

    async version(key: string, namespace = 'market'): Promise<Version | undefined> {
        return (await this.channel.ledger.state(namespace, key))?.version;
    }

    /** Ends it as a crash would, as far as the process can tell, and opens what is on disk. */
    async reopen(): Promise<void> {
        await this.channel.close();
        this.channel = await PeerChannel.open(this.options);
    }
}
