import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, Server, ServerCredentials, status, type sendUnaryData } from '@grpc/grpc-js';
import { common, gateway, google, peer } from '@hyperledger/fabric-protos';
import { Authority } from '@commonwatt/network/topology/identities/authority';
import type { ConnectionProfile } from '../gateway/connection';

/** What the fake answers to one call: a result, or an error with what organisations said. */
export type Scripted<R> = R | { readonly error: status; readonly message: string; readonly details?: readonly Said[] };
export type Said = readonly [mspId: string, message: string];
type Code = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

/** Each list is used up call by call; the last answer stays. */
export interface Script {
    readonly endorse?: readonly Scripted<string>[];
    /** Of organisations that are asked for themselves alone, instead of the list. */
    readonly endorsers?: Readonly<Record<string, Scripted<string>>>;
    readonly submit?: readonly Scripted<'taken'>[];
    readonly commitStatus?: readonly Scripted<Code>[];
    /** How many blocks the peer has. */
    readonly heights?: readonly number[];
    /** What chaincodes answer to questions. */
    readonly evaluate?: readonly Scripted<string>[];
}

/**
 * A peer's gateway service over TLS that answers by a script and keeps what it was asked: Fabric's own messages, so that the
 * unmodified client cannot tell.
 */
export class FakeGateway {
    readonly endorsed: gateway.EndorseRequest[] = [];
    readonly submitted: Uint8Array[] = [];
    /** Chaincodes that were asked, in turn. */
    readonly evaluated: string[] = [];
    profile!: ConnectionProfile;
    readonly #server = new Server();
    readonly #directory = mkdtempSync(join(tmpdir(), 'commonwatt-fake-'));
    #script: Script = {};
    #asked = 0;

    static async start(): Promise<FakeGateway> {
        const fake = new FakeGateway();
        await fake.#listen();
        return fake;
    }

    play(script: Script): void {
        this.#script = script;
        this.endorsed.length = 0;
        this.submitted.length = 0;
        this.evaluated.length = 0;
        this.#asked = 0;
    }

    stop(): void {
        this.#server.forceShutdown();
        rmSync(this.#directory, { recursive: true });
    }

    async #listen(): Promise<void> {
        const authority = await Authority.create({ commonName: 'tlsca', organisation: 'H1' });
        const validity = { unit: 'peer' as const, usage: 'tls' as const };
        const tls = await authority.issue({ commonName: 'peer0', ...validity });
        const member = await authority.issue({ commonName: 'Agent', unit: 'client', usage: 'identity' });
        this.#server.addService(gateway.GatewayService, {
            endorse: (call: Call<gateway.EndorseRequest>, done: sendUnaryData<gateway.EndorseResponse>) => {
                this.endorsed.push(call.request);
                const named = call.request.getEndorsingOrganizationsList();
                const own = named.length === 1 ? this.#script.endorsers?.[named[0] ?? ''] : undefined;
                const scripted = own ?? next(this.#script.endorse, this.endorsed.length, 'done');
                answer(scripted, done, (result) => endorsement(result, named));
            },
            submit: (call: Call<gateway.SubmitRequest>, done: sendUnaryData<gateway.SubmitResponse>) => {
                this.submitted.push(call.request.serializeBinary());
                answer(
                    next(this.#script.submit, this.submitted.length, 'taken'),
                    done,
                    () => new gateway.SubmitResponse(),
                );
            },
            commitStatus: (_: Call<unknown>, done: sendUnaryData<gateway.CommitStatusResponse>) => {
                this.#asked += 1;
                answer(next(this.#script.commitStatus, this.#asked, peer.TxValidationCode.VALID), done, commitOf);
            },
            evaluate: (call: Call<gateway.EvaluateRequest>, done: sendUnaryData<gateway.EvaluateResponse>) => {
                this.#evaluate(call.request, done);
            },
            chaincodeEvents: () => undefined,
        });
        const key = { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) };
        const port = await new Promise<number>((resolve, reject) => {
            this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [key]), (error, bound) => {
                if (error === null) {
                    resolve(bound);
                } else {
                    reject(error);
                }
            });
        });
        this.profile = {
            mspId: 'H1MSP',
            channel: 'community',
            peerEndpoint: `127.0.0.1:${port}`,
            peerName: 'peer0',
            tlsRootPem: authority.certificatePem,
            certPath: this.#file('cert.pem', member.certificatePem),
            keyPath: this.#file('key.pem', member.privateKeyPem),
        };
    }

    #evaluate(request: gateway.EvaluateRequest, done: sendUnaryData<gateway.EvaluateResponse>): void {
        const chaincode = chaincodeOf(request);
        this.evaluated.push(chaincode);
        const calls = this.evaluated.filter((name) => name === chaincode).length;
        if (chaincode === 'qscc') {
            const information = new common.BlockchainInfo();
            information.setHeight(next(this.#script.heights, calls, 0) as number);
            done(null, evaluation(information.serializeBinary()));
        } else {
            answer(next(this.#script.evaluate, calls, 'known'), done, (text) => evaluation(Buffer.from(text)));
        }
    }

    #file(name: string, text: string): string {
        const path = join(this.#directory, name);
        writeFileSync(path, text, { mode: 0o600 });
        return path;
    }
}

interface Call<R> {
    readonly request: R;
}

function next<R>(script: readonly Scripted<R>[] | undefined, calls: number, usual: R): Scripted<R> {
    return script?.[Math.min(calls, script.length) - 1] ?? usual;
}

function answer<R extends string | number, M>(
    scripted: Scripted<R>,
    done: sendUnaryData<M>,
    make: (result: R) => M,
): void {
    if (typeof scripted !== 'object') {
        done(null, make(scripted));
        return;
    }
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', detailsOf(scripted.error, scripted.message, scripted.details ?? []));
    done({ code: scripted.error, details: scripted.message, metadata });
}

function detailsOf(code: status, message: string, said: readonly Said[]): Buffer {
    const all = new google.rpc.Status();
    all.setCode(code);
    all.setMessage(message);
    for (const [mspId, text] of said) {
        const detail = new gateway.ErrorDetail();
        detail.setMspId(mspId);
        detail.setAddress(`${mspId}:7051`);
        detail.setMessage(text);
        all.addDetails().pack(detail.serializeBinary(), 'gateway.ErrorDetail');
    }
    return Buffer.from(all.serializeBinary());
}

/** The smallest envelope from which a client reads the channel, what the chaincode answered, and who endorsed. */
function endorsement(result: string, endorsers: readonly string[]): gateway.EndorseResponse {
    const response = new peer.Response();
    response.setStatus(200);
    response.setPayload(Buffer.from(result));
    const action = new peer.ChaincodeAction();
    action.setResponse(response);
    const answered = new peer.ProposalResponsePayload();
    answered.setExtension$(action.serializeBinary());
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(answered.serializeBinary());
    endorsed.setEndorsementsList(
        endorsers.map((mspId) => {
            const signed = new peer.Endorsement();
            signed.setEndorser(Buffer.from(mspId));
            return signed;
        }),
    );
    const payloadOfAction = new peer.ChaincodeActionPayload();
    payloadOfAction.setAction(endorsed);
    const transactionAction = new peer.TransactionAction();
    transactionAction.setPayload(payloadOfAction.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(transactionAction);
    const channel = new common.ChannelHeader();
    channel.setChannelId('community');
    const header = new common.Header();
    header.setChannelHeader(channel.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    const endorseResponse = new gateway.EndorseResponse();
    endorseResponse.setPreparedTransaction(envelope);
    return endorseResponse;
}

function chaincodeOf(request: gateway.EvaluateRequest): string {
    const proposal = peer.Proposal.deserializeBinary(
        request.getProposedTransaction()?.getProposalBytes_asU8() ?? new Uint8Array(),
    );
    const header = common.Header.deserializeBinary(proposal.getHeader_asU8()).getChannelHeader_asU8();
    const extension = common.ChannelHeader.deserializeBinary(header).getExtension_asU8();
    return peer.ChaincodeHeaderExtension.deserializeBinary(extension).getChaincodeId()?.getName() ?? '';
}

function evaluation(payload: Uint8Array): gateway.EvaluateResponse {
    const result = new peer.Response();
    result.setStatus(200);
    result.setPayload(payload);
    const response = new gateway.EvaluateResponse();
    response.setResult(result);
    return response;
}

function commitOf(code: Code): gateway.CommitStatusResponse {
    const response = new gateway.CommitStatusResponse();
    response.setResult(code);
    response.setBlockNumber(7);
    return response;
}
