import { type common, peer } from '@hyperledger/fabric-protos';

import { blockEnvelopes, decodeBlock, lastConfigIndex } from '../../fabric/blocks';
import { parseEnvelope } from '../../fabric/envelopes';
import type { PeerChannel } from '../validation/peer-channel';
import type { AccessControl } from './access-control';
import { success, text, type SystemCall, type SystemChaincode } from './system-chaincode';

const WITHOUT_ARGUMENTS: ReadonlySet<string> = new Set(['GetChannels', 'JoinBySnapshotStatus']);

function why(cause: unknown): string {
    return cause instanceof Error ? cause.message : String(cause);
}

async function configBlock(channel: PeerChannel): Promise<common.Block> {
    const { ledger } = channel;
    const newest = await ledger.blockByNumber(ledger.height - 1);
    const found = newest && (await ledger.blockByNumber(lastConfigIndex(newest)));
    if (!found) throw new Error(`Unknown chain ID, ${channel.channelId}`);
    return found;
}

/** Answers questions about channels and their configuration. A peer of ours joins its channel when it is made, not by proposal. */
export class Cscc implements SystemChaincode {
    readonly name = 'cscc';

    constructor(
        private readonly channels: () => readonly PeerChannel[],
        private readonly access: AccessControl,
    ) {}

    async invoke({ args, signed }: SystemCall): Promise<peer.Response> {
        const operation = text(args[0]);
        if (args.length < 1 || (!WITHOUT_ARGUMENTS.has(operation) && args.length < 2)) {
            throw new Error(`Incorrect number of arguments, ${args.length}`);
        }
        switch (operation) {
            case 'GetChannels':
                this.authorise(operation, '', signed, `access denied for [${operation}]`);
                return success(this.channelList());
            case 'GetConfigBlock':
            case 'GetChannelConfig':
                return this.configuration(operation, text(args[1]), signed);
            case 'JoinChain':
                this.authorise(operation, '', signed, `access denied for [${operation}]`);
                throw this.cannotJoin(args[1] ?? new Uint8Array());
            case 'JoinBySnapshotStatus':
                this.authorise(operation, '', signed, `access denied for [${operation}]`);
                return success(new peer.JoinBySnapshotStatus().serializeBinary());
            default:
                throw new Error(`Requested function ${operation} not found.`);
        }
    }

    /** Fabric's words where the block is of the channel that the peer is in. */
    private cannotJoin(block: Uint8Array): Error {
        let channelId: string;
        try {
            const [envelope = new Uint8Array()] = blockEnvelopes(decodeBlock(block));
            channelId = parseEnvelope(envelope).channelId;
        } catch (cause) {
            return new Error(`"JoinChain" request failed to extract channel id from the block due to [${why(cause)}]`);
        }
        return this.channels().some((each) => each.channelId === channelId)
            ? new Error(
                  `cannot create ledger from genesis block: ledger [${channelId}] already exists with state [ACTIVE]`,
              )
            : new Error('cannot join by proposal: this peer joins the channel of its network when it starts');
    }

    private async configuration(
        operation: string,
        channelId: string,
        signed: SystemCall['signed'],
    ): Promise<peer.Response> {
        if (channelId === '') throw new Error('empty channel name provided');
        this.authorise(operation, channelId, signed, `access denied for [${operation}][${channelId}]`);
        const channel = this.channels().find((each) => each.channelId === channelId);
        if (!channel) throw new Error(`Unknown chain ID, ${channelId}`);
        if (operation === 'GetChannelConfig') return success(channel.bundle.config.serializeBinary());
        return success((await configBlock(channel)).serializeBinary());
    }

    private authorise(operation: string, channelId: string, signed: SystemCall['signed'], denied: string): void {
        try {
            this.access.check(`cscc/${operation}`, channelId, signed);
        } catch (cause) {
            throw new Error(`${denied}: ${why(cause)}`, { cause });
        }
    }

    private channelList(): Uint8Array {
        const list = this.channels().map((channel) => {
            const info = new peer.ChannelInfo();
            info.setChannelId(channel.channelId);
            return info;
        });
        const answer = new peer.ChannelQueryResponse();
        answer.setChannelsList(list);
        return answer.serializeBinary();
    }
}
