import { describe, expect, it } from '@jest/globals';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { GatewayError, type ErrorDetail } from '@hyperledger/fabric-gateway';
import { endorsementFailure, NotDone, TransactionRefused } from './failures';

const STOPPED = { transaction: 'auction:submitOrder', transactionId: 'aa' };

function gatewayError(code: status, message: string, ...details: [mspId: string, message: string][]): GatewayError {
    const cause: ServiceError = Object.assign(new Error(message), { code, details: message, metadata: new Metadata() });
    return new GatewayError({
        code,
        message,
        cause,
        details: details.map(([mspId, said]): ErrorDetail => ({ mspId, message: said, address: `${mspId}:7051` })),
    });
}

describe('what went wrong before anything was ordered', () => {
    it('is a refusal with its code, by those who said it', () => {
        const said = 'chaincode response 500, [ORDER_EXISTS] an order with this id is already in the book: H1MSP/o1';
        const error = gatewayError(status.ABORTED, 'failed to endorse', ['H1MSP', said], ['DSOMSP', said]);
        const failure = endorsementFailure(STOPPED, error);
        expect(failure).toBeInstanceOf(TransactionRefused);
        expect(failure).toMatchObject({
            refusal: { code: 'ORDER_EXISTS', detail: 'H1MSP/o1' },
            by: ['H1MSP', 'DSOMSP'],
            message: expect.stringMatching(/^auction:submitOrder was refused by H1MSP, DSOMSP: \[ORDER_EXISTS\]/),
        });
    });

    it('names the organisations that failed and what they said', () => {
        const error = gatewayError(status.ABORTED, 'failed to endorse', ['H2MSP', 'chaincode is not ready']);
        expect(endorsementFailure(STOPPED, error)).toMatchObject({
            name: 'NotDone',
            retryable: true,
            message:
                'auction:submitOrder was not done: failed to endorse; H2MSP at H2MSP:7051 says: chaincode is not ready',
        });
    });

    it.each([
        { code: status.UNAVAILABLE, retryable: true, says: /cannot be reached \(commonwatt up starts it/ },
        { code: status.DEADLINE_EXCEEDED, retryable: true, says: /did not answer in time/ },
        { code: status.RESOURCE_EXHAUSTED, retryable: true, says: /was not done: no/ },
        { code: status.PERMISSION_DENIED, retryable: false, says: /does not know this identity/ },
        { code: status.INVALID_ARGUMENT, retryable: false, says: /was not done: no/ },
        { code: status.FAILED_PRECONDITION, retryable: false, says: /was not done: no/ },
    ])('with code $code is worth asking again: $retryable', ({ code, retryable, says }) => {
        const failure = endorsementFailure(STOPPED, gatewayError(code, 'no'));
        expect(failure).toBeInstanceOf(NotDone);
        expect(failure).toMatchObject({ retryable, message: expect.stringMatching(says) });
    });

    it('is not worth asking again where a peer denies access', () => {
        const error = gatewayError(status.ABORTED, 'failed', ['H1MSP', 'access denied: creator org unknown']);
        expect(endorsementFailure(STOPPED, error)).toMatchObject({
            retryable: false,
            message: expect.stringContaining('does not know this identity'),
        });
    });

    it.each(['certificate has expired', 'proposal client identity expired'])('says where to look where %s', (said) => {
        expect(endorsementFailure(STOPPED, gatewayError(status.UNAVAILABLE, said))).toMatchObject({
            message: expect.stringContaining('a certificate has run out: `network.sh status` names it and what to do'),
        });
    });

    it('passes faults of ours on as they are', () => {
        const fault = new TypeError('undefined is not a function');
        expect(endorsementFailure(STOPPED, fault)).toBe(fault);
    });
});
