import { ChannelCredentials } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnvelope, signedEnvelope } from '../../fabric/envelopes';
import { buildProposal, endorsedResponse, parseSignedProposal, transactionEnvelope } from '../../fabric/proposals';
import { encodeRwSet } from '../../fabric/rwset';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import type { IdentityFiles, Layout } from '../layout';
import { hostPort } from '../native/ports';
import { seats, type Topology } from '../topology';

const LONGEST_MESSAGE = 100 * 1024 * 1024;
const CHAINCODE = 'market';
/** With signatures and certificates about what an order of the market takes. */
const ARGUMENT_BYTES = 2_048;
const RETRY_MS = 25;

/**
 * Sends signed transactions to an ordering service as Fabric's gateway does, and follows its blocks as a peer does. What it sends is sound
 * in all that orderers look at; no peer would call it valid.
 */
export class OrderingLoadClient {
    readonly #stubs: orderer.AtomicBroadcastClient[] = [];
    /** Fabric's gateway sends to every orderer of a channel of type BFT, and to one of Raft's. */
    #doors: readonly orderer.AtomicBroadcastClient[] = [];
    readonly #client: SigningIdentity;
    readonly #endorser: SigningIdentity;
    readonly #channel: string;
    readonly #inBlock = new Map<string, () => void>();
    #blocks = 0;

    private constructor(topology: Topology, layout: Layout) {
        const [operator] = topology.organisations;
        if (operator === undefined) {
            throw new Error('a community has a grid operator');
        }
        const identity = ({ certificate, key }: IdentityFiles): SigningIdentity =>
            signingIdentity(operator.mspId, readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
        const files = layout.organisation(operator);
        this.#client = identity(files.agent);
        this.#endorser = identity(files.peer);
        this.#channel = topology.channel;
    }

    static connect(topology: Topology, layout: Layout): Promise<OrderingLoadClient> {
        const client = new OrderingLoadClient(topology, layout);
        const all = seats(topology);
        for (const seat of all) {
            const root = readFileSync(layout.organisation(seat).orderer.tls.roots);
            const stub = new orderer.AtomicBroadcastClient(
                hostPort(seat.orderingSeat),
                ChannelCredentials.createSsl(root),
                { 'grpc.max_receive_message_length': LONGEST_MESSAGE },
            );
            client.#stubs.push(stub);
        }
        client.#doors = topology.network.ordering === 'raft' ? client.#stubs.slice(0, 1) : client.#stubs;
        client.#follow();
        return Promise.resolve(client);
    }

    /** Blocks seen since it was connected, the channel's first among them. */
    get blocks(): number {
        return this.#blocks;
    }

    /** A transaction to be sent: made before the clock runs. */
    make(): common.Envelope {
        const args = [Buffer.from('auction:submitOrder'), randomBytes(ARGUMENT_BYTES)];
        const request = { channelId: this.#channel, chaincode: CHAINCODE, args };
        const { proposal, signed } = buildProposal(request, this.#client);
        const simulated = {
            proposalHash: parseSignedProposal(signed).hash,
            response: { status: 200, message: '', payload: new Uint8Array() },
            results: encodeRwSet({ namespaces: [] }),
            events: new Uint8Array(),
            chaincode: { name: CHAINCODE, version: '1' },
        };
        return transactionEnvelope(proposal, [endorsedResponse(simulated, this.#endorser)], this.#client);
    }

    /**
     * Hands it in until enough orderers take it: all but a third where there are several. Resolves to how long that took and how long it
     * was from then until it stood in a block. What an orderer says it cannot take now is sent again.
     */
    async submit(envelope: common.Envelope): Promise<{ takenMs: number; blockMs: number; refusals: number }> {
        const { txId } = parseEnvelope(envelope.serializeBinary());
        const inBlock = new Promise<void>((resolve) => this.#inBlock.set(txId, resolve));
        const begin = performance.now();
        let refusals = 0;
        const taken = this.#doors.map(async (stub) => {
            for (;;) {
                const answer = await send(stub, envelope);
                if (answer.getStatus() === common.Status.SUCCESS) return;
                if (answer.getStatus() !== common.Status.SERVICE_UNAVAILABLE) {
                    throw new Error(`refused: ${answer.getInfo()}`);
                }
                refusals += 1;
                await sleep(RETRY_MS);
            }
        });
        await enough(taken, Math.ceil((2 * this.#doors.length + 1) / 3));
        const takenMs = performance.now() - begin;
        await inBlock;
        return { takenMs, blockMs: performance.now() - begin - takenMs, refusals };
    }

    close(): void {
        this.#stubs.forEach((stub) => {
            stub.close();
        });
    }

    #follow(): void {
        const seek = new orderer.SeekInfo();
        seek.setStart(numbered(0));
        seek.setStop(numbered(Number.MAX_SAFE_INTEGER));
        const stream = this.#stubs[0]?.deliver();
        stream?.on('error', () => undefined);
        stream?.on('data', (response: orderer.DeliverResponse) => {
            const block = response.getBlock();
            if (block === undefined) return;
            this.#blocks += 1;
            for (const bytes of block.getData()?.getDataList_asU8() ?? []) {
                const { txId } = parseEnvelope(bytes);
                this.#inBlock.get(txId)?.();
                this.#inBlock.delete(txId);
            }
        });
        stream?.write(
            signedEnvelope(common.HeaderType.DELIVER_SEEK_INFO, this.#channel, seek.serializeBinary(), this.#client),
        );
    }
}

/** One message on a stream of its own, as Fabric's gateway sends it. */
function send(stub: orderer.AtomicBroadcastClient, envelope: common.Envelope): Promise<orderer.BroadcastResponse> {
    return new Promise((resolve, reject) => {
        const stream = stub.broadcast();
        stream.once('data', resolve);
        stream.once('error', reject);
        stream.write(envelope);
        stream.end();
    });
}

function numbered(number: number): orderer.SeekPosition {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(number);
    const position = new orderer.SeekPosition();
    position.setSpecified(specified);
    return position;
}

/** Resolves when so many have, rejects when so many cannot any more. */
function enough(all: readonly Promise<void>[], count: number): Promise<void> {
    return new Promise((resolve, reject) => {
        let [done, failed] = [0, 0];
        for (const each of all) {
            each.then(
                () => {
                    done += 1;
                    if (done === count) resolve();
                },
                (why: unknown) => {
                    failed += 1;
                    if (failed > all.length - count) reject(why instanceof Error ? why : new Error(String(why)));
                },
            );
        }
    });
}
