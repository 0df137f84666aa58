import { and, signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import { block, call, kept, simulate, submit, type Group } from '../scenario';

const OK = 200;
const POLICY = Buffer.from(
    signaturePolicyEnvelope(and(signedBy('H1MSP', 'peer'), signedBy('H2MSP', 'peer'))).serializeBinary(),
).toString('hex');

export const chaincode: Group = {
    title: 'Chaincode',
    scenarios: [
        {
            name: 'A write and a read',
            fabric: 'The same read-write set from every endorser.',
            steps: [
                ...submit('write', { args: ['put', 'cc-a', 'one'] }),
                call({ args: ['get', 'cc-a'] }, { status: OK, payload: 'one' }),
                ...submit('change', { args: ['add', 'cc-n', '5'] }),
                call({ args: ['add', 'cc-n', '2'] }, { status: OK, payload: '5' }),
            ],
        },
        {
            name: 'Two transactions simulated on the same state',
            fabric: 'The second is a conflict, in the same block and in a later one.',
            steps: [
                ...submit('before', { args: ['add', 'cc-m', '1'] }),
                simulate('one', { args: ['add', 'cc-m', '1'] }),
                simulate('two', { args: ['add', 'cc-m', '1'] }),
                simulate('three', { args: ['add', 'cc-m', '1'] }),
                block([kept('one'), kept('two')], 'VALID', 'MVCC_READ_CONFLICT'),
                block([kept('three')], 'MVCC_READ_CONFLICT'),
            ],
        },
        {
            name: 'A range, and a phantom in it',
            fabric: 'Records what it saw; a key more is a phantom.',
            steps: [
                ...submit('a', { args: ['put', 'ccr-a', '1'] }),
                ...submit('b', { args: ['put', 'ccr-b', '2'] }),
                call({ args: ['range', 'ccr-', 'ccr-z'] }, { status: OK, payload: '[["ccr-a","1"],["ccr-b","2"]]' }),
                simulate('range', { args: ['rangeThenPut', 'ccr-', 'ccr-z', 'ccr-seen'] }),
                ...submit('c', { args: ['put', 'ccr-aa', '3'] }),
                block([kept('range')], 'PHANTOM_READ_CONFLICT'),
            ],
        },
        {
            name: 'A range of more than a hundred keys',
            fabric: 'Summarises what was read as hashes of a tree; the chaincode gets it in batches.',
            steps: [
                ...submit('many', { args: ['putMany', '130', 'x'] }),
                call({ args: ['count', 'many-', 'many-z'] }, { status: OK, payload: '130' }),
            ],
        },
        {
            name: 'Pages of a range',
            fabric: 'Gives a bookmark; the last one is empty.',
            steps: [
                call({ args: ['page', 'many-', 'many-z', '50', ''] }, { status: OK, payload: '"count":50' }),
                call({ args: ['page', 'many-00120', 'many-z', '50', ''] }, { status: OK, payload: '"bookmark":""' }),
            ],
        },
        {
            name: 'The history of a key',
            fabric: 'Newest first, with deletions.',
            steps: [
                ...submit('one', { args: ['put', 'cc-h', '1'] }),
                ...submit('two', { args: ['put', 'cc-h', '2'] }),
                ...submit('three', { args: ['del', 'cc-h'] }),
                call({ args: ['history', 'cc-h'] }, { status: OK, payload: '"isDelete":true' }),
            ],
        },
        {
            name: 'A rich query',
            fabric: 'Refuses it on LevelDB.',
            steps: [
                call(
                    { args: ['query', '{"selector":{}}'] },
                    { status: 500, message: 'ExecuteQuery not supported for leveldb' },
                ),
            ],
        },
        {
            name: 'A chaincode that throws',
            fabric: 'Passes the message on and endorses nothing.',
            steps: [call({ args: ['fail', 'no such luck'] }, { status: 500, message: 'no such luck' })],
        },
        {
            name: 'A chaincode that answers with status 500, 400 and 404',
            fabric: 'From 400 on an answer is a refusal: passed on, not endorsed.',
            steps: [
                call({ args: ['refuse', '500', 'broken'] }, { status: 500, message: 'broken' }),
                call({ args: ['refuse', '400', 'bad'] }, { status: 400, message: 'bad' }),
                call({ args: ['refuse', '404', 'gone'] }, { status: 404, message: 'gone' }),
            ],
        },
        {
            name: 'A chaincode that answers with status 399',
            fabric: 'Below 400 everything is endorsed, and validated.',
            steps: [
                call({ args: ['refuse', '399', 'odd'] }, { status: 399, message: 'odd' }),
                call({ args: ['refuse', '201', 'made'] }, { status: 201, message: 'made' }),
            ],
        },
        {
            name: 'A chaincode that hangs',
            fabric: 'Gives up after the execution timeout and says so.',
            steps: [
                call(
                    { args: ['sleep', '5000'] },
                    { status: 500, message: 'timeout expired while executing transaction' },
                ),
                call({ args: ['get', 'cc-a'] }, { status: OK }),
            ],
        },
        {
            name: 'An event',
            fabric: 'Stands in the endorsed payload; only the last one of a transaction.',
            steps: [...submit('event', { args: ['event', 'traded', '500 Wh'] })],
        },
        {
            name: 'A call of another chaincode',
            fabric: 'Runs in the same transaction: its reads and writes are beside the own ones.',
            steps: [
                ...submit('before', { chaincode: 'governance', args: ['put', 'cc-g', 'rule'] }),
                call({ args: ['call', 'governance', 'get', 'cc-g'] }, { status: OK, payload: '200  rule' }),
                ...submit('nested write', { args: ['call', 'governance', 'put', 'cc-g', 'other'] }),
                call({ args: ['call', 'governance', 'fail', 'inside'] }, { status: OK, payload: '500 inside' }),
            ],
        },
        {
            name: 'A call of a chaincode that is not there, of a system chaincode, of itself',
            fabric: 'Fails the call.',
            steps: [
                call({ args: ['call', 'nowhere', 'get', 'a'] }, { status: 500, message: 'nowhere' }),
                call(
                    { args: ['call', 'qscc', 'GetChainInfo', 'community'] },
                    { status: OK, payload: '500 Rejecting invoke of QSCC' },
                ),
                call(
                    { args: ['call', 'cscc', 'GetChannels'] },
                    { status: OK, payload: '500 Rejecting invoke of CSCC' },
                ),
                call({ args: ['call', 'market', 'get', 'cc-a'] }, { status: 500, message: 'exists' }),
            ],
        },
        {
            name: 'A call of the life cycle from a chaincode',
            fabric: 'Runs it with the rights of the client.',
            differs: 'Refused: no chaincode needs it, and what it may read there depends on the client.',
            steps: [
                {
                    ...call(
                        { args: ['call', '_lifecycle', 'Nothing', ''] },
                        { status: OK, payload: '500 Failed to authorize' },
                    ),
                    ours: { status: 500, message: 'cannot be called from a chaincode' },
                },
            ],
        },
        {
            name: 'A policy of a key, set and read by a chaincode',
            fabric: 'Metadata are in the read-write set; reading the policy is a read of the metadata.',
            steps: [
                ...submit('write', { args: ['put', 'cc-p', '1'] }),
                ...submit('policy', { args: ['setPolicy', 'cc-p', POLICY] }),
                call({ args: ['getPolicy', 'cc-p'] }, { status: OK, payload: POLICY }),
                ...submit('too few', { args: ['put', 'cc-p', '2'] }, 'ENDORSEMENT_POLICY_FAILURE'),
                ...submit('enough', { args: ['put', 'cc-p', '2'] }, 'VALID', ['H1', 'H2']),
            ],
        },
        {
            name: 'A chaincode that is not defined',
            fabric: 'Says how to get it.',
            steps: [
                call(
                    { chaincode: 'nowhere', args: ['get'] },
                    {
                        status: 500,
                        message: 'make sure the chaincode nowhere has been successfully defined on channel community',
                    },
                ),
            ],
        },
        {
            name: 'A chaincode that is defined but not installed',
            fabric: 'Has a definition, and nothing to run.',
            steps: [call({ chaincode: 'neighbour', args: ['get'] }, { status: 500, message: 'neighbour' })],
        },
        {
            name: 'A function that the chaincode has not got',
            fabric: 'What the chaincode answers is its own business.',
            steps: [call({ args: ['nothing'] }, { status: 500, message: 'no function nothing' })],
        },
        {
            name: 'An empty key, and a key beyond ASCII',
            fabric: 'Simulates both; keys are UTF-8.',
            steps: [
                call({ args: ['put', '', 'x'] }, { status: OK }),
                ...submit('umlaut', { args: ['put', 'cc-ü', 'ö'] }),
                call({ args: ['get', 'cc-ü'] }, { status: OK, payload: 'ö' }),
            ],
        },
    ],
};
