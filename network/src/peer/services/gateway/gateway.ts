import { status } from '@grpc/grpc-js';
import { gateway, type peer } from '@hyperledger/fabric-protos';

import type { SignedData } from '../../../fabric/policy';
import type { AccessControl } from '../../system/access-control';
import { errorText } from '../proposal-checks';
import { chaincodeEvents } from './chaincode-events';
import type { CommitStatuses } from './commit-status';
import { endorse, type GatewayContext } from './endorse';
import { evaluate } from './evaluate';
import { GatewayFailure, invalidArgument } from './gateway-error';
import { submit, type Broadcast, type SubmissionOptions } from './submit';

export interface GatewayOptions {
    readonly context: GatewayContext;
    readonly access: AccessControl;
    readonly statuses: CommitStatuses;
    readonly submission: SubmissionOptions;
    readonly broadcast: Broadcast;
}

type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

/** Fabric's gateway: one address for a client that wants transactions endorsed, ordered and followed up. */
export class Gateway {
    constructor(private readonly options: GatewayOptions) {}

    async evaluate(request: gateway.EvaluateRequest): Promise<gateway.EvaluateResponse> {
        const response = new gateway.EvaluateResponse();
        const { context } = this.options;
        const organisations = request.getTargetOrganizationsList();
        response.setResult(await evaluate({ context, signed: request.getProposedTransaction(), organisations }));
        return response;
    }

    async endorse(request: gateway.EndorseRequest): Promise<gateway.EndorseResponse> {
        const response = new gateway.EndorseResponse();
        const { context } = this.options;
        const organisations = request.getEndorsingOrganizationsList();
        response.setPreparedTransaction(
            await endorse({ context, signed: request.getProposedTransaction(), organisations }),
        );
        return response;
    }

    async submit(request: gateway.SubmitRequest): Promise<gateway.SubmitResponse> {
        this.assertChannel(request.getChannelId(), status.FAILED_PRECONDITION);
        const { context, broadcast, submission } = this.options;
        await submit(request.getPreparedTransaction(), context.channel.bundle, broadcast, submission);
        return new gateway.SubmitResponse();
    }

    /** Undefined when the client went away before the transaction was committed. */
    async commitStatus(
        signed: gateway.SignedCommitStatusRequest,
        signal: AbortSignal,
    ): Promise<gateway.CommitStatusResponse | undefined> {
        const bytes = signed.getRequest_asU8();
        if (bytes.length === 0) throw invalidArgument('a commit status request is required');
        const request = gateway.CommitStatusRequest.deserializeBinary(bytes);
        if (request.getIdentity_asU8().length === 0) throw invalidArgument('no identity provided');
        if (request.getChannelId() === '') throw invalidArgument('no channel ID provided');
        if (request.getTransactionId() === '') throw invalidArgument('transaction ID should not be empty');
        this.authorise('gateway/CommitStatus', request.getChannelId(), {
            identity: request.getIdentity_asU8(),
            data: bytes,
            signature: signed.getSignature_asU8(),
        });
        const found = await this.options.statuses.statusOf(request.getTransactionId(), signal);
        if (!found) return undefined;
        const response = new gateway.CommitStatusResponse();
        response.setResult(found.code as ValidationCode);
        response.setBlockNumber(found.blockNumber);
        return response;
    }

    chaincodeEvents(
        signed: gateway.SignedChaincodeEventsRequest,
        signal: AbortSignal,
    ): AsyncGenerator<gateway.ChaincodeEventsResponse, void, undefined> {
        const bytes = signed.getRequest_asU8();
        if (bytes.length === 0) throw invalidArgument('a chaincode events request is required');
        const request = gateway.ChaincodeEventsRequest.deserializeBinary(bytes);
        this.authorise('gateway/ChaincodeEvents', request.getChannelId(), {
            identity: request.getIdentity_asU8(),
            data: bytes,
            signature: signed.getSignature_asU8(),
        });
        return chaincodeEvents(request, this.options.context.channel.ledger, signal);
    }

    private authorise(resource: string, channelId: string, signed: SignedData): void {
        try {
            this.options.access.check(resource, channelId, signed);
        } catch (cause) {
            throw new GatewayFailure(status.PERMISSION_DENIED, errorText(cause));
        }
    }

    private assertChannel(channelId: string, code: status): void {
        if (channelId === this.options.context.channel.channelId) return;
        throw new GatewayFailure(code, `failed to get config for channel [${channelId}]: unknown channel`);
    }
}
