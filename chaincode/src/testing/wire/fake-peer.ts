import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { Pem } from './certificates';

const { Type } = peer.ChaincodeMessage;
type Message = peer.ChaincodeMessage;

export interface Invocation {
    readonly args: readonly string[];
    readonly mspId: string;
    /** PEM. */
    readonly certificate: string;
    readonly transient?: Readonly<Record<string, string>>;
}

export interface Outcome {
    readonly status: number;
    readonly message: string;
    readonly payload: string;
    readonly event: string;
    readonly written: ReadonlyMap<string, string>;
    /** What the chaincode asked of its peer, in order. */
    readonly requests: readonly string[];
}

const TYPE_NAMES = new Map<number, string>(Object.entries(Type).map(([name, type]) => [type, name]));

/** The peer's side of the chaincode stream, with an empty ledger: enough to see what a chaincode sends and answers. */
export class FakePeer {
    readonly #stream: ClientDuplexStream<Message, Message>;
    readonly #written = new Map<string, string>();
    readonly #requests: string[] = [];
    #settle: ((outcome: Outcome) => void) | undefined;
    #transactions = 0;

    private constructor(stream: ClientDuplexStream<Message, Message>) {
        this.#stream = stream;
    }

    /** Connect and register. Rejects where the service does not take the connection. Announces batches of so many writes, 0: none. */
    static connect(address: string, roots: string, own?: Pem, maxWrites = 0): Promise<FakePeer> {
        const tls = credentials.createSsl(
            Buffer.from(roots),
            own === undefined ? null : Buffer.from(own.key),
            own === undefined ? null : Buffer.from(own.certificate),
        );
        const client = new peer.ChaincodeClient(address, tls, { 'grpc.ssl_target_name_override': 'localhost' });
        const stream = client.connect();
        const fake = new FakePeer(stream);
        return new Promise((resolve, reject) => {
            stream.on('error', (error) => {
                client.close();
                reject(error);
            });
            stream.on('end', () => {
                client.close();
            });
            stream.on('data', (message: Message) => {
                if (message.getType() === Type.REGISTER) {
                    fake.#send(Type.REGISTERED);
                    fake.#send(Type.READY, abilities(maxWrites));
                    resolve(fake);
                } else {
                    fake.#answer(message);
                }
            });
        });
    }

    invoke(invocation: Invocation): Promise<Outcome> {
        this.#transactions += 1;
        this.#written.clear();
        this.#requests.length = 0;
        const input = new peer.ChaincodeInput();
        input.setArgsList(invocation.args.map((arg) => Buffer.from(arg)));
        return new Promise((resolve) => {
            this.#settle = resolve;
            const message = new peer.ChaincodeMessage();
            message.setType(Type.TRANSACTION);
            message.setTxid(`tx${this.#transactions}`);
            message.setChannelId('community');
            message.setPayload(input.serializeBinary());
            message.setProposal(signedProposal(invocation));
            this.#stream.write(message);
        });
    }

    close(): void {
        this.#stream.end();
    }

    #answer(message: Message): void {
        if (message.getType() !== Type.COMPLETED) {
            this.#requests.push(TYPE_NAMES.get(message.getType()) ?? 'unknown');
        }
        switch (message.getType()) {
            case Type.COMPLETED:
                this.#complete(message);
                break;
            case Type.PUT_STATE: {
                const put = peer.PutState.deserializeBinary(message.getPayload_asU8());
                this.#written.set(put.getKey(), Buffer.from(put.getValue_asU8()).toString());
                this.#respond(message);
                break;
            }
            case Type.WRITE_BATCH_STATE:
                for (const write of peer.WriteBatchState.deserializeBinary(message.getPayload_asU8()).getRecList()) {
                    this.#written.set(write.getKey(), Buffer.from(write.getValue_asU8()).toString());
                }
                this.#respond(message);
                break;
            default:
                this.#respond(message);
        }
    }

    #complete(message: Message): void {
        const response = peer.Response.deserializeBinary(message.getPayload_asU8());
        this.#settle?.({
            status: response.getStatus(),
            message: response.getMessage(),
            payload: Buffer.from(response.getPayload_asU8()).toString(),
            event: Buffer.from(message.getChaincodeEvent()?.getPayload_asU8() ?? []).toString(),
            written: new Map(this.#written),
            requests: [...this.#requests],
        });
    }

    #respond(to: Message): void {
        const message = new peer.ChaincodeMessage();
        message.setType(Type.RESPONSE);
        message.setTxid(to.getTxid());
        message.setChannelId(to.getChannelId());
        this.#stream.write(message);
    }

    #send(type: (typeof Type)[keyof typeof Type], payload: Uint8Array = new Uint8Array()): void {
        const message = new peer.ChaincodeMessage();
        message.setType(type);
        message.setPayload(payload);
        this.#stream.write(message);
    }
}

function abilities(maxWrites: number): Uint8Array {
    const said = new peer.ChaincodeAdditionalParams();
    said.setUseWriteBatch(maxWrites > 0);
    said.setMaxSizeWriteBatch(maxWrites);
    return said.serializeBinary();
}

function signedProposal({ mspId, certificate, transient = {} }: Invocation): peer.SignedProposal {
    const creator = new msp.SerializedIdentity();
    creator.setMspid(mspId);
    creator.setIdBytes(Buffer.from(certificate));
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(creator.serializeBinary());
    signatureHeader.setNonce(Buffer.alloc(24, 1));
    const header = new common.Header();
    header.setSignatureHeader(signatureHeader.serializeBinary());
    header.setChannelHeader(new common.ChannelHeader().serializeBinary());
    const payload = new peer.ChaincodeProposalPayload();
    payload.setInput(Buffer.from('input'));
    for (const [field, value] of Object.entries(transient)) {
        payload.getTransientmapMap().set(field, Buffer.from(value));
    }
    const proposal = new peer.Proposal();
    proposal.setHeader(header.serializeBinary());
    proposal.setPayload(payload.serializeBinary());
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(proposal.serializeBinary());
    return signed;
}
