import type { ServiceError } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../../fabric/signing';
import { refusal, type Answered, type PeerUnderTest } from './peer-under-test';

export interface GatewayQuestion {
    readonly channelId: string;
    readonly txId: string;
    readonly signed: peer.SignedProposal;
    readonly client: SigningIdentity;
    /** MSPs that shall endorse; the gateway's own choice if there are none. */
    readonly organisations: readonly string[];
}

type Callback<T> = (error: ServiceError | null, response?: T) => void;

const LIMIT_MS = 30_000;

/** Asks the twin's gateway; what it answers is put into the form of a proposal response, so that all answers are judged alike. */
export function askGateway(
    twin: PeerUnderTest,
    request: 'evaluate' | 'endorse' | 'commit status',
    question: GatewayQuestion,
): Promise<Answered> {
    switch (request) {
        case 'evaluate':
            return evaluate(twin, question);
        case 'endorse':
            return endorse(twin, question);
        case 'commit status':
            return commitStatus(twin, question);
    }
}

const deadline = (): { deadline: number } => ({ deadline: Date.now() + LIMIT_MS });

function answered<T>(
    ask: (done: Callback<T>) => unknown,
    read: (response: T) => peer.ProposalResponse,
): Promise<Answered> {
    return new Promise((resolve) => {
        ask((error, response) => {
            resolve(response === undefined ? refusal(error) : read(response));
        });
    });
}

function responding(status: number, message: string, payload: Uint8Array): peer.ProposalResponse {
    const response = new peer.Response();
    response.setStatus(status);
    response.setMessage(message);
    response.setPayload(payload);
    const answer = new peer.ProposalResponse();
    answer.setResponse(response);
    return answer;
}

function evaluate(twin: PeerUnderTest, question: GatewayQuestion): Promise<Answered> {
    const request = new gateway.EvaluateRequest();
    request.setTransactionId(question.txId);
    request.setChannelId(question.channelId);
    request.setProposedTransaction(question.signed);
    request.setTargetOrganizationsList([...question.organisations]);
    return answered<gateway.EvaluateResponse>(
        (done) => twin.gateway.evaluate(request, deadline(), done),
        (response) => {
            const result = response.getResult() ?? new peer.Response();
            return responding(result.getStatus(), result.getMessage(), result.getPayload_asU8());
        },
    );
}

function endorse(twin: PeerUnderTest, question: GatewayQuestion): Promise<Answered> {
    const request = new gateway.EndorseRequest();
    request.setTransactionId(question.txId);
    request.setChannelId(question.channelId);
    request.setProposedTransaction(question.signed);
    request.setEndorsingOrganizationsList([...question.organisations]);
    return answered<gateway.EndorseResponse>(
        (done) => twin.gateway.endorse(request, deadline(), done),
        // Signatures are random, so the envelopes of twins are never equal.
        (response) => responding(response.hasPreparedTransaction() ? 200 : 0, '', new Uint8Array()),
    );
}

function commitStatus(twin: PeerUnderTest, question: GatewayQuestion): Promise<Answered> {
    const status = new gateway.CommitStatusRequest();
    status.setTransactionId(question.txId);
    status.setChannelId(question.channelId);
    status.setIdentity(question.client.serialized);
    const request = new gateway.SignedCommitStatusRequest();
    request.setRequest(status.serializeBinary());
    request.setSignature(question.client.sign(status.serializeBinary()));
    return answered<gateway.CommitStatusResponse>(
        (done) => twin.gateway.commitStatus(request, deadline(), done),
        (response) => responding(response.getResult(), `block ${response.getBlockNumber()}`, new Uint8Array()),
    );
}
