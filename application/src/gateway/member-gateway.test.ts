import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { FakeGateway } from '../testing/fake-gateway';
import { Horizon } from './horizon';
import { MemberGateway, type Submission } from './member-gateway';
import { TransactionLog } from './transaction-log';

const SHORT = [1, 1];
const PATIENCE = {
    endorse: SHORT,
    disagreement: SHORT,
    slowEndorserMs: 1_000,
    submit: SHORT,
    status: SHORT,
    conflict: SHORT,
};
const ORDER: Submission = {
    chaincode: 'market',
    transaction: 'auction:submitOrder',
    argument: { slot: 12, id: 'o1' },
    endorsers: ['H1MSP', 'DSOMSP'],
    transient: { order: { energyWh: 5n } },
};
const REFUSED = 'chaincode response 500, [GATE_CLOSED] the gate of the slot has passed: slot 12';

let fake: FakeGateway;
let member: MemberGateway;
let log: TransactionLog;
beforeAll(async () => {
    fake = await FakeGateway.start();
});
afterAll(() => {
    fake.stop();
});
beforeEach(() => {
    log = new TransactionLog();
    member = new MemberGateway(fake.profile, log, PATIENCE);
});

async function outcome(submission = ORDER): Promise<unknown> {
    try {
        return await member.submit(submission);
    } catch (error) {
        return error;
    } finally {
        member.close();
    }
}

const conflict = StatusCode.MVCC_READ_CONFLICT;
const unavailable = { error: status.UNAVAILABLE, message: 'not now' };
const refusedBy = (...mspIds: string[]) => ({
    error: status.ABORTED,
    message: 'failed to endorse transaction, see attached details for more info',
    details: mspIds.map((mspId): [string, string] => [mspId, REFUSED]),
});

describe('a submission', () => {
    it('returns what the chaincode answered, and where it was committed', async () => {
        fake.play({ endorse: ['{"hash":"x"}'] });
        expect(await outcome()).toMatchObject({ result: '{"hash":"x"}', blockNumber: 7n });
        expect(log.outcomes).toMatchObject([{ transaction: 'auction:submitOrder', validationCode: 'VALID' }]);
    });

    it.each([
        {
            what: 'is endorsed again while peers start',
            script: { endorse: [unavailable, unavailable, 'done'] },
            asked: [3, 1],
        },
        {
            what: 'is ordered again, the very same, where nobody acknowledged it',
            script: { submit: [unavailable, 'taken' as const] },
            asked: [1, 2],
        },
        { what: 'is asked about again', script: { commitStatus: [unavailable, StatusCode.VALID] }, asked: [1, 1] },
        {
            what: 'is proposed anew after a read conflict',
            script: { commitStatus: [conflict, conflict, StatusCode.VALID] },
            asked: [3, 3],
        },
        {
            what: 'is endorsed again where only one of two refused',
            script: { endorse: [refusedBy('DSOMSP'), 'done'] },
            asked: [2, 1],
        },
    ])('$what', async ({ script, asked }) => {
        fake.play(script);
        expect(await outcome()).toMatchObject({ blockNumber: 7n });
        expect([fake.endorsed.length, fake.submitted.length]).toEqual(asked);
    });

    it('hands in the same bytes again, and never two transactions where one may have been taken', async () => {
        fake.play({ submit: [unavailable, unavailable, 'taken'] });
        await outcome();
        expect(new Set(fake.submitted.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(1);
        expect(fake.submitted).toHaveLength(3);
    });

    it.each([
        {
            what: 'is refused at once where all endorsers refuse',
            script: { endorse: [refusedBy('H1MSP', 'DSOMSP')] },
            failure: { name: 'TransactionRefused', refusal: { code: 'GATE_CLOSED' }, by: ['H1MSP', 'DSOMSP'] },
            asked: [1, 0],
        },
        {
            what: 'is refused where one insists',
            script: { endorse: [refusedBy('DSOMSP')] },
            failure: { name: 'TransactionRefused', by: ['DSOMSP'] },
            asked: [3, 0],
        },
        {
            what: 'is given up where no peer can be reached',
            script: { endorse: [unavailable] },
            failure: { name: 'NotDone' },
            asked: [3, 0],
        },
        {
            what: 'is not done where it is not well formed',
            script: { submit: [{ error: status.INVALID_ARGUMENT, message: 'no transaction' }] },
            failure: { name: 'NotDone', retryable: false },
            asked: [1, 1],
        },
        {
            what: 'is unknown, not failed, where nobody ever acknowledged it',
            script: { submit: [unavailable] },
            failure: { name: 'OutcomeUnknown', message: expect.stringContaining('before asking again') },
            asked: [1, 3],
        },
        {
            what: 'is unknown where its status stays away',
            script: { commitStatus: [unavailable] },
            failure: { name: 'OutcomeUnknown' },
            asked: [1, 1],
        },
        {
            what: 'is invalid, and not tried again, where its endorsements do not suffice',
            script: { commitStatus: [StatusCode.ENDORSEMENT_POLICY_FAILURE] },
            failure: { name: 'TransactionInvalid', validationCode: 'ENDORSEMENT_POLICY_FAILURE' },
            asked: [1, 1],
        },
        {
            what: 'is invalid where conflicts do not end',
            script: { commitStatus: [conflict] },
            failure: { name: 'TransactionInvalid', validationCode: 'MVCC_READ_CONFLICT' },
            asked: [3, 3],
        },
    ])('$what', async ({ script, failure, asked }) => {
        fake.play(script);
        expect(await outcome()).toMatchObject(failure);
        expect([fake.endorsed.length, fake.submitted.length]).toEqual(asked);
    });

    it('counts what was committed as invalid, by validation code', async () => {
        fake.play({ commitStatus: [conflict, StatusCode.PHANTOM_READ_CONFLICT, StatusCode.VALID] });
        await outcome();
        expect(log.invalid).toEqual({ MVCC_READ_CONFLICT: 1, PHANTOM_READ_CONFLICT: 1 });
        expect(log.committed).toBe(3);
    });
});

describe('what another member of this process had committed', () => {
    const ASKED = { chaincode: 'market', transaction: 'auction:getRound', argument: {} };
    const behind = (heights: readonly number[]): MemberGateway => {
        const horizon = new Horizon([1, 1]);
        horizon.join('H2MSP', () => Promise.resolve(10));
        horizon.note('H2MSP', 9n);
        fake.play({ heights, evaluate: ['seen'] });
        member.close();
        member = new MemberGateway(fake.profile, log, PATIENCE, horizon);
        return member;
    };
    afterEach(() => {
        member.close();
    });

    it('is there when a member asks its own peer', async () => {
        expect(await behind([8, 9, 10]).evaluate(ASKED)).toBe('seen');
        expect(fake.evaluated).toEqual(['qscc', 'qscc', 'qscc', 'market']);
    });

    it('is there when peers endorse, whether they are named or a rule names them', async () => {
        await behind([8, 10]).submit(ORDER);
        expect(fake.evaluated).toEqual(['qscc', 'qscc']);
        const anyOf = [[{ of: [{ mspId: 'H1MSP', weight: 1n }], needed: 1n }]];
        await behind([8, 10]).submit({ ...ORDER, endorsers: { what: 'a test', anyOf } });
        expect(fake.evaluated).toEqual(['qscc', 'qscc']);
    });

    it("is waited for by who had it committed itself, but through another's peer", async () => {
        fake.play({ heights: [7, 8], evaluate: ['seen'] });
        member.close();
        member = new MemberGateway({ ...fake.profile, gatewayMspId: 'DSOMSP' }, log, PATIENCE, new Horizon([1, 1]));
        await member.submit(ORDER);
        expect(fake.evaluated).toEqual([]);
        expect(await member.evaluate(ASKED)).toBe('seen');
        expect(fake.evaluated).toEqual(['qscc', 'qscc', 'market']);
    });

    it('is said to be missing where the peer never gets it, and nothing is asked of it', async () => {
        const failure =
            /^auction:\S+ was not done: the peer of H1MSP has 9 blocks and not the one of what was done here/;
        await expect(behind([9]).evaluate(ASKED)).rejects.toThrow(failure);
        await expect(behind([9]).submit(ORDER)).rejects.toThrow(failure);
        expect([fake.evaluated.includes('market'), fake.endorsed.length]).toEqual([false, 0]);
    });
});

describe('private inputs', () => {
    it('go to exactly the organisations that are named, and into no argument', async () => {
        fake.play({});
        await outcome();
        const [request] = fake.endorsed;
        expect(request?.getEndorsingOrganizationsList()).toEqual(['H1MSP', 'DSOMSP']);
        const { args, transient } = inputsOf(request ?? new gateway.EndorseRequest());
        expect(args).toEqual(['auction:submitOrder', '{"id":"o1","slot":"12"}']);
        expect(transient).toEqual({ order: '{"energyWh":"5"}' });
    });

    it('are not sent where nobody is named, because then the gateway would choose', async () => {
        fake.play({});
        await expect(async () => member.submit({ ...ORDER, endorsers: [] })).rejects.toThrow(
            /does not name who may read/,
        );
        expect(fake.endorsed).toHaveLength(0);
        member.close();
    });
});

function inputsOf(request: gateway.EndorseRequest): { args: string[]; transient: Record<string, string> } {
    const proposal = peer.Proposal.deserializeBinary(
        request.getProposedTransaction()?.getProposalBytes_asU8() ?? new Uint8Array(),
    );
    expect(common.Header.deserializeBinary(proposal.getHeader_asU8()).getChannelHeader_asU8()).not.toHaveLength(0);
    const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
    const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
    const args = invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [];
    const transient: Record<string, string> = {};
    payload.getTransientmapMap().forEach((value, name) => {
        transient[name] = Buffer.from(value as Uint8Array).toString();
    });
    return { args: args.map((arg) => Buffer.from(arg).toString()), transient };
}
