import type { ClientOptions } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { readFileSync } from 'node:fs';
import { signedEnvelope } from '../../fabric/envelopes';
import { buildProposal } from '../../fabric/proposals';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import { bindingOf, clientCredentials, clientTls } from '../client-tls';
import type { Layout } from '../layout';
import type { Organisation, Topology } from '../topology';
import { hostPort } from './ports';

const OK = 200;
const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** An organisation's administrator at its own peer, whoever made that peer: calls of system chaincodes, and blocks. */
export class AdminClient {
    private readonly admin: SigningIdentity;
    private readonly endorser: peer.EndorserClient;
    private readonly deliver: peer.DeliverClient;
    private readonly binding: Uint8Array | undefined;

    constructor(
        readonly organisation: Organisation,
        topology: Topology,
        layout: Layout,
    ) {
        const files = layout.organisation(organisation);
        this.admin = signingIdentity(
            organisation.mspId,
            readFileSync(files.admin.certificate, 'utf8'),
            readFileSync(files.admin.key, 'utf8'),
        );
        const own = clientTls(topology, files.admin.tls);
        this.binding = bindingOf(own);
        const secure = clientCredentials(readFileSync(files.tlsCa.certificate), own);
        const options: ClientOptions = {
            // A TLS server name is never an address.
            'grpc.ssl_target_name_override': `peer0.${organisation.domain}`,
            'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
            'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
        };
        this.endorser = new peer.EndorserClient(hostPort(organisation.peer), secure, options);
        this.deliver = new peer.DeliverClient(hostPort(organisation.peer), secure, options);
    }

    close(): void {
        this.endorser.close();
        this.deliver.close();
    }

    /**
     * @param channelId empty for what concerns the peer alone.
     * @throws Error with the peer's answer.
     */
    async call(
        channelId: string,
        chaincode: string,
        args: readonly (string | Uint8Array)[],
        limitMs: number,
    ): Promise<Uint8Array> {
        const { signed } = buildProposal(
            { channelId, chaincode, args: args.map((each) => Buffer.from(each)) },
            this.admin,
        );
        const answer = await new Promise<peer.ProposalResponse>((resolve, reject) => {
            this.endorser.processProposal(signed, { deadline: Date.now() + limitMs }, (error, response) => {
                if (error !== null) reject(error);
                else if (response === undefined) reject(new Error('no answer'));
                else resolve(response);
            });
        });
        const response = answer.getResponse();
        if (response?.getStatus() !== OK) {
            throw new Error(`${chaincode} ${String(args[0])}: ${response?.getMessage() ?? 'no response'}`);
        }
        return response.getPayload_asU8();
    }

    /** The blocks of a channel that the peer has, from the first one on. */
    async *blocks(channelId: string, limitMs: number): AsyncGenerator<common.Block> {
        const stream = this.deliver.deliver({ deadline: Date.now() + limitMs });
        stream.write(this.seekAll(channelId));
        stream.end();
        for await (const response of stream as AsyncIterable<peer.DeliverResponse>) {
            const block = response.getBlock();
            if (block === undefined) {
                if (response.getStatus() !== common.Status.SUCCESS) {
                    throw new Error(`deliver answers with status ${response.getStatus()}`);
                }
                return;
            }
            yield block;
        }
    }

    private seekAll(channelId: string): common.Envelope {
        const start = new orderer.SeekPosition();
        start.setOldest(new orderer.SeekOldest());
        const stop = new orderer.SeekPosition();
        stop.setNewest(new orderer.SeekNewest());
        const seek = new orderer.SeekInfo();
        seek.setStart(start);
        seek.setStop(stop);
        seek.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY);
        const { DELIVER_SEEK_INFO } = common.HeaderType;
        return signedEnvelope(DELIVER_SEEK_INFO, channelId, seek.serializeBinary(), this.admin, this.binding);
    }
}
