import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb';

/** Which node said what: the part of an error that names the organisation. */
export interface NodeError {
    readonly address: string;
    readonly mspId: string;
    readonly message: string;
}

const DETAIL_TYPE = 'type.googleapis.com/gateway.ErrorDetail';

function encoded(code: number, message: string, details: readonly NodeError[]): Buffer {
    const result = new google.rpc.Status();
    result.setCode(code);
    result.setMessage(message);
    result.setDetailsList(
        details.map((each) => {
            const detail = new gateway.ErrorDetail();
            detail.setAddress(each.address);
            detail.setMspId(each.mspId);
            detail.setMessage(each.message);
            const any = new Any();
            any.setTypeUrl(DETAIL_TYPE);
            any.setValue(detail.serializeBinary());
            return any;
        }),
    );
    return Buffer.from(result.serializeBinary());
}

/** An error of the gateway as clients get it: status, message, and what every node involved said. */
export class GatewayFailure extends Error implements Partial<ServiceError> {
    override readonly name = 'GatewayFailure';
    readonly details: string;
    readonly metadata = new Metadata();

    constructor(
        readonly code: status,
        message: string,
        readonly nodes: readonly NodeError[] = [],
    ) {
        super(message);
        this.details = message;
        if (nodes.length > 0) this.metadata.set('grpc-status-details-bin', encoded(code, message, nodes));
    }
}

export function invalidArgument(message: string): GatewayFailure {
    return new GatewayFailure(status.INVALID_ARGUMENT, message);
}
