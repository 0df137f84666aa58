import { block, kept, simulate, type Call, type Expected, type GatewayStep, type Group, type Made } from '../scenario';

const gateway = (
    request: GatewayStep['request'],
    call: Made<Call>,
    answer: Expected,
    rest: Partial<GatewayStep> = {},
): GatewayStep => ({ kind: 'gateway', request, call, answer, ...rest });

const OWN = { organisations: ['H1MSP'] };

export const gatewayService: Group = {
    title: 'Gateway',
    scenarios: [
        {
            name: 'Evaluate',
            fabric: 'Asks the own peer where the own organisation can answer.',
            steps: [
                gateway('evaluate', { args: ['creator'] }, { status: 200, payload: 'H1MSP' }),
                gateway('evaluate', { args: ['creator'] }, { status: 200, payload: 'H1MSP' }, OWN),
            ],
        },
        {
            name: 'Evaluate what the chaincode refuses',
            fabric: 'An error of the connection with the message of the chaincode.',
            steps: [
                gateway(
                    'evaluate',
                    { args: ['fail', 'no such luck'] },
                    {
                        refused: 'UNKNOWN',
                        message: 'evaluate call to endorser returned error: chaincode response 500, no such luck',
                    },
                    OWN,
                ),
                gateway(
                    'evaluate',
                    { args: ['refuse', '404', 'gone'] },
                    { refused: 'UNKNOWN', message: 'chaincode response 404, gone' },
                    OWN,
                ),
            ],
        },
        {
            name: 'Evaluate a chaincode that is not there',
            fabric: 'Says so.',
            steps: [
                gateway(
                    'evaluate',
                    { chaincode: 'nowhere', args: ['get'] },
                    {
                        refused: 'FAILED_PRECONDITION',
                        message: 'no peers available to evaluate chaincode nowhere in channel community',
                    },
                    OWN,
                ),
            ],
        },
        {
            name: 'Endorse by the own organisation',
            fabric: 'Makes the transaction of the endorsements of those that are named.',
            steps: [gateway('endorse', { args: ['put', 'gw-a', '1'] }, { status: 200 }, OWN)],
        },
        {
            name: 'Endorse what the chaincode refuses',
            fabric: 'Aborts, and passes the message on in the details.',
            steps: [
                gateway(
                    'endorse',
                    { args: ['fail', 'no such luck'] },
                    { refused: 'ABORTED', message: 'failed to collect enough transaction endorsements' },
                    OWN,
                ),
            ],
        },
        {
            name: 'Endorse by an organisation that nobody knows',
            fabric: 'Cannot reach it.',
            steps: [
                gateway(
                    'endorse',
                    { args: ['put', 'gw-a', '1'] },
                    { refused: 'UNAVAILABLE', message: 'NobodyMSP' },
                    { organisations: ['NobodyMSP'] },
                ),
            ],
        },
        {
            name: 'The status of a committed transaction, valid and not',
            fabric: 'Code and block.',
            steps: [
                simulate('valid', { args: ['put', 'gw-b', '1'] }),
                simulate('too few', { args: ['put', 'gw-c', '1'] }, ['H1']),
                block([kept('valid'), kept('too few')], 'VALID', 'ENDORSEMENT_POLICY_FAILURE'),
                gateway('commit status', { args: ['creator'] }, { status: 0 }, { of: 'valid' }),
                gateway('commit status', { args: ['creator'] }, { status: 10 }, { of: 'too few' }),
            ],
        },
    ],
};
