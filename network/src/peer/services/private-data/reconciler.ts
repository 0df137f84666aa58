import { setTimeout as sleep } from 'node:timers/promises';

import { common, gossip } from '@hyperledger/fabric-protos';

import { signedEnvelope } from '../../../fabric/envelopes';
import { imaginedIdentity } from '../../../fabric/msp';
import type { SigningIdentity } from '../../../fabric/signing';
import type { ChaincodeLog } from '../../chaincode/chaincode-connection';
import type { MissingPrivateData } from '../../ledger/api';
import type { PeerChannel } from '../../validation/peer-channel';
import { peersOf, type Node } from '../gateway/remote-nodes';
import { explicitCollection, isMemberOf, MOST_DIGESTS } from './exchange';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const PAUSE_GROWTH = 2;

export interface ReconcilerOptions {
    readonly channel: PeerChannel;
    readonly identity: SigningIdentity;
    readonly fetch: (node: Node, request: common.Envelope) => Promise<gossip.RemotePvtDataResponse>;
    readonly log: ChaincodeLog;
}

/**
 * Brings this peer the plaintext of explicit collections that it is a member of and did not endorse: from other members, soon after the
 * block, or whenever one of them can be reached again. What comes is checked against the hashes in the block. Implicit collections have no
 * other member.
 */
export class Reconciler {
    private readonly stopping = new AbortController();
    private running: Promise<void> | undefined;
    private pause = FIRST_PAUSE_MS;
    private isDue = true;

    constructor(private readonly options: ReconcilerOptions) {
        options.channel.ledger.onCommit(() => {
            this.isDue = true;
            this.pause = FIRST_PAUSE_MS;
        });
    }

    start(): void {
        this.running ??= this.run();
    }

    async stop(): Promise<void> {
        this.stopping.abort();
        await this.running;
    }

    private async run(): Promise<void> {
        const { signal } = this.stopping;
        while (!signal.aborted) {
            await sleep(this.pause, undefined, { signal, ref: false }).catch(() => undefined);
            if (!this.isDue) continue;
            this.isDue = false;
            const left = await this.reconcile().catch(() => 1);
            this.isDue ||= left > 0;
            this.pause = left > 0 ? Math.min(this.pause * PAUSE_GROWTH, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
        }
    }

    /** One round, as it is done again and again. Resolves with how much is still missing. */
    async reconcile(): Promise<number> {
        const { channel, log } = this.options;
        const wanted = (await channel.ledger.missingPrivateData()).filter(
            ({ namespace, collection }) => explicitCollection(channel, namespace, collection) !== undefined,
        );
        let left = wanted.slice(0, MOST_DIGESTS);
        for (const node of this.otherPeers()) {
            const asked = left.filter((one) => this.mayHave(node, one));
            if (asked.length === 0 || this.stopping.signal.aborted) continue;
            const got = await this.ask(node, asked).catch((): MissingPrivateData[] => []);
            left = left.filter((one) => !got.includes(one));
            if (got.length > 0) log.info(`${got.length} private write sets came from ${node.address}`);
        }
        return left.length + Math.max(0, wanted.length - MOST_DIGESTS);
    }

    private otherPeers(): readonly Node[] {
        const { bundle } = this.options.channel;
        return [...bundle.applicationOrgs.keys()]
            .filter((mspId) => mspId !== this.options.identity.mspId)
            .flatMap((mspId) => peersOf(bundle, mspId));
    }

    private mayHave({ mspId }: Node, { namespace, collection }: MissingPrivateData): boolean {
        const config = explicitCollection(this.options.channel, namespace, collection);
        return config !== undefined && isMemberOf(config, imaginedIdentity(mspId, 'peer'));
    }

    private async ask(node: Node, asked: readonly MissingPrivateData[]): Promise<MissingPrivateData[]> {
        const { channel, identity, fetch } = this.options;
        const request = new gossip.RemotePvtDataRequest();
        request.setDigestsList(asked.map(digestOf));
        const { MESSAGE } = common.HeaderType;
        const response = await fetch(
            node,
            signedEnvelope(MESSAGE, channel.channelId, request.serializeBinary(), identity),
        );
        const got: MissingPrivateData[] = [];
        for (const element of response.getElementsList()) {
            const one = asked.find((each) => isOf(each, element.getDigest()));
            const [plaintext] = element.getPayloadList_asU8();
            if (one && plaintext && (await channel.reconcile(one, plaintext))) got.push(one);
        }
        return got;
    }
}

function digestOf({ namespace, collection, block, tx }: MissingPrivateData): gossip.PvtDataDigest {
    const digest = new gossip.PvtDataDigest();
    digest.setNamespace(namespace);
    digest.setCollection(collection);
    digest.setBlockSeq(block);
    digest.setSeqInBlock(tx);
    return digest;
}

function isOf({ namespace, collection, block, tx }: MissingPrivateData, digest?: gossip.PvtDataDigest): boolean {
    return (
        digest?.getNamespace() === namespace &&
        digest.getCollection() === collection &&
        digest.getBlockSeq() === block &&
        digest.getSeqInBlock() === tx
    );
}
